"""Secrets that we hand out: random, recognisable by their beginning, and stored as digests alone."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from hashlib import sha256


class Kind(StrEnum):
    """What a secret opens; its first characters, so that logs and scanners know one when they see it."""

    VISIT = "ahv"  # nothing: a browser that has not signed in
    SESSION = "ahs"
    PASSWORD_LINK = "ahp"  # noqa: S105 - a prefix, not a password
    API_TOKEN = "aht"  # noqa: S105 - a prefix, not a token
    FEED = "ahf"
    MAILED = "ahm"  # a ticket, to whoever reads the mail


SHAPE = re.compile(rf"\b({'|'.join(Kind)})_[A-Za-z0-9_-]{{20,}}")


def fresh(kind: Kind) -> str:
    """A new secret of 256 random bits."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """What is stored of a secret; it is too random to need a slow hash."""
    return sha256(secret.encode()).hexdigest()
