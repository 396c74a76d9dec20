"""Cursor: where a long list goes on, sealed but not secret; and parameters that cannot be meant so."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from desk.db import LARGEST_NUMBER

CURSOR = "cursor: take it from `next` of the answer before, as it stands there"


class BadParameter(ValueError):
    """A parameter that cannot be meant so; the text says which and why."""


class BadCursor(BadParameter):
    """The cursor is none of ours."""


def sealed(at: datetime, key: object) -> str:
    """The place of the row with that instant and key."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode().rstrip("=")


def opened(cursor: str, kind: type) -> tuple[datetime, Any]:
    """The instant and the key, which is of that type; raises BadCursor."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        since = datetime.fromisoformat(at)
    except (ValueError, TypeError, RecursionError):
        raise BadCursor(CURSOR) from None
    # A key that no row can have the database would answer with an error of its own.
    possible = key <= LARGEST_NUMBER if isinstance(key, int) else str(key).isprintable()
    if since.tzinfo is None or type(key) is not kind or not possible:
        raise BadCursor(CURSOR)
    return since, key
