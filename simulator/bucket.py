"""S3-compatible object storage, as far as files are put into a bucket, looked for and deleted; signatures are checked.

`create_bucket(name, key, secret, region)` is a WSGI application with `files` (path: type and bytes). The signature is
that of AWS Signature Version 4 (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), computed
here from that page alone; the age of a request is not looked at.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, Response, request

SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/,]+)/s3/aws4_request, *"
    r"SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})"
)


class Bucket(Flask):
    """One bucket and the one key that may use it; `refusing` is answered to everything instead."""

    def __init__(self, name: str, key: str, secret: str, region: str) -> None:
        super().__init__("simulator.bucket", static_folder=None)
        self.bucket, self.key, self.secret, self.region = name, key, secret, region
        self.files: dict[str, tuple[str, bytes]] = {}
        self.refusing: Response | None = None
        self.before_request(self.check)
        for method, view in (("PUT", self.keep), ("GET", self.give), ("DELETE", self.remove)):  # GET answers HEAD too
            self.add_url_rule(f"/{name}/<path:path>", method, view, methods=[method])

    def check(self) -> Response | None:
        if self.refusing:
            return self.refusing
        found = SIGNED.fullmatch(request.headers.get("Authorization", ""))
        digest = request.headers.get("X-Amz-Content-Sha256", "")
        if not found or (found[1], found[3]) != (self.key, self.region):
            return error(403, "InvalidAccessKeyId")
        if digest != hashlib.sha256(request.get_data()).hexdigest():
            return error(400, "XAmzContentSHA256Mismatch")
        path = request.environ["RAW_URI"].partition("?")[0] if "RAW_URI" in request.environ else quote(request.path)
        headers = {name: request.headers.get(name, "") for name in found[4].split(";")}
        if not hmac.compare_digest(found[5], signature(self.secret, found[3], request.method, path, headers, digest)):
            return error(403, "SignatureDoesNotMatch")
        return None

    def keep(self, path: str) -> Response:
        self.files[path] = (request.content_type or "binary/octet-stream", request.get_data())
        return Response(status=200)

    def give(self, path: str) -> Response:
        if path not in self.files:
            return error(404, "NoSuchKey")
        kind, body = self.files[path]
        return Response(body, content_type=kind)

    def remove(self, path: str) -> Response:
        self.files.pop(path, None)
        return Response(status=204)


def signature(secret: str, region: str, method: str, path: str, headers: Mapping[str, str], digest: str) -> str:
    """The signature of a request without a query; `headers` are the signed ones, named in lower case."""
    canonical = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in sorted(headers.items()))
    whole = "\n".join([method, path, "", canonical, ";".join(sorted(headers)), digest])
    at = headers["x-amz-date"]
    scope = [at[:8], region, "s3", "aws4_request"]
    text = "\n".join(["AWS4-HMAC-SHA256", at, "/".join(scope), hashlib.sha256(whole.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in [*scope, text]:
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def error(status: int, code: str) -> Response:
    return Response(f"<Error><Code>{code}</Code></Error>", status, content_type="application/xml")
