"""Download: what a stranger sent, to be kept by whoever wants it, and opened by no browser as a page of ours."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import send_file

if TYPE_CHECKING:
    from werkzeug import Response

NO_TYPE = "application/octet-stream"  # whatever it says it is
SEALED = {"Content-Security-Policy": "default-src 'none'; sandbox"}  # for a browser that shows it all the same


def sealed(content: bytes, name: str) -> Response:
    """These bytes under a name that is safe already."""
    answer = send_file(BytesIO(content), NO_TYPE, as_attachment=True, download_name=name, conditional=False, etag=False)
    answer.headers.update(SEALED)
    return answer
