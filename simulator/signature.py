"""X-Twilio-Signature, written from TWILIO.md §2.1 and §2.2, apart from the library that checks it."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

Params = dict[str, str]


def signature(token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """Sign a URL and the fields of a form: sorted by name, distinct values sorted, nothing between (§2.1)."""
    message = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), message.encode(), "sha1")).decode()


def signed_url(url: str) -> str:
    """The normal form that Twilio signs for voice: no user, no fragment, and on HTTPS no port (§2.2)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    return urlunsplit(parts._replace(netloc=host, fragment=""))
