"""The seal on what the carrier carries for us: state in an action URL, signed, in [A-Za-z0-9_-] alone.

Any other character in a query may be written differently by the time it comes back, and the carrier's signature
over the URL would no longer fit (TWILIO.md §2.4).
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING

from ivr.steps import Carried

if TYPE_CHECKING:
    from pydantic import SecretStr

TAG = 22  # characters: 128 bits in base64 without padding


class BrokenSeal(ValueError):
    """The state was not written by us, or not for this leg."""


class Seal:
    """Signs what is carried, for one call alone."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = sha256(b"carried:" + secret.get_secret_value().encode()).digest()

    def close(self, sid: str, carried: Carried) -> str:
        """The state as it may stand in a URL of that call."""
        body = _text(json.dumps(asdict(carried), separators=(",", ":")).encode())
        return self._tag(sid, body) + body

    def open(self, sid: str, sealed: str) -> Carried:
        """The state again; raises BrokenSeal."""
        tag, body = sealed[:TAG], sealed[TAG:]
        if not hmac.compare_digest(tag.encode(), self._tag(sid, body).encode()):
            raise BrokenSeal("the carried state is not ours")
        carried = Carried(**json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
        carried.tried = [(mark[0], mark[1], mark[2]) for mark in carried.tried]
        return carried

    def _tag(self, sid: str, body: str) -> str:
        return _text(hmac.digest(self._key, f"{sid}.{body}".encode(), "sha256"))[:TAG]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
