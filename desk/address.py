"""Addresses that open one thing for a while, signed by us: who holds one needs no account, and can open nothing else.

What stands in them is no secret; the tag over it is what cannot be made up. Small letters, digits and dots alone, and
none of the dots at the end, so that a telephone takes the whole of it for a link.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr

TAG = 20  # characters: 100 bits
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Opens(StrEnum):
    """What an address opens; one made for something else does not."""

    TICKET = "have"  # what: the ticket and the engineer
    MESSAGE = "message"  # what: the recording
    SENT = "sent"  # what: the ticket that was just sent
    PROMPT = "prompt"  # what: the sound of a recorded prompt
    STATE = "state"  # what: the ticket of which no more than the state is told


class Addresses:
    """Makes and reads them."""

    def __init__(self, secret: SecretStr, origin: str) -> None:
        self.origin = origin
        self._key = sha256(b"address:" + secret.get_secret_value().encode()).digest()

    def make(self, opens: Opens, *what: str | int, until: datetime) -> str:
        """What stands in the address: the parts, the second in which it ends, and the tag."""
        body = ".".join([*map(str, what), f"{(until - EPOCH) // timedelta(seconds=1):x}"])
        return f"{body}.{self._tag(opens, body)}"

    def read(self, opens: Opens, text: str, now: datetime) -> list[str] | None:
        """The parts again; None if it is none of ours, was made for something else, or is over."""
        body, _, tag = text.rpartition(".")
        if not hmac.compare_digest(tag.encode(), self._tag(opens, body).encode()):
            return None
        *what, until = body.split(".")
        return what if now < EPOCH + timedelta(seconds=int(until, 16)) else None

    def _tag(self, opens: Opens, body: str) -> str:
        tag = hmac.digest(self._key, f"{opens} {body}".encode(), "sha256")
        return b32encode(tag).decode().lower()[:TAG]
