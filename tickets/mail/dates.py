"""When a mail says it was sent; mailers of 1899 and 9999 are not believed."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST, LAST = 1990, 2100  # years
LENGTH = 100  # characters


def sent_at(text: str, faults: list[str]) -> datetime | None:
    """The instant in UTC; of a time without a zone the zone is taken to be UTC."""
    if not text:
        return None
    try:
        said = parsedate_to_datetime(text[:LENGTH])
        instant = (said.replace(tzinfo=UTC) if said.tzinfo is None else said).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        faults.append("its date cannot be read")
        return None
    if not FIRST <= instant.year < LAST:
        faults.append("its date cannot be right")
        return None
    return instant
