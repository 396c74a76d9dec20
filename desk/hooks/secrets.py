"""Signing secrets and signatures, as the Standard Webhooks specification has them (§ Signature scheme, symmetric).

A secret is made from SECRET_KEY and a salt, so that none is stored; a new salt is a new secret.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

PREFIX = "whsec_"
VERSION = "v1"


class Secrets:
    """Makes the secrets of endpoints."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = sha256(b"webhook:" + secret.get_secret_value().encode()).digest()

    def of(self, salt: str) -> str:
        """The secret of that salt: 256 bits, in the form that receivers' libraries take."""
        return PREFIX + b64encode(hmac.digest(self._key, salt.encode(), "sha256")).decode()


def salt() -> str:
    """A new one."""
    return token_hex(16)


def signatures(secrets: Iterable[str], name: str, timestamp: int, body: str) -> str:
    """The header for that message at that second (Unix time): one signature for every secret."""
    return " ".join(f"{VERSION},{_signature(each, name, timestamp, body)}" for each in secrets)


def _signature(secret: str, name: str, timestamp: int, body: str) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, f"{name}.{timestamp}.{body}".encode(), "sha256")).decode()
