"""Times as people type them, read by pendulum into plain datetimes."""

from __future__ import annotations

from datetime import UTC, datetime

import pendulum
from pendulum.parsing.exceptions import ParserError


def instant(text: str, zone: str) -> datetime:
    """An instant in UTC; without an offset it is wall time in `zone`. Raises ValueError with a sentence."""
    try:
        # pendulum also takes the word "now", and would read the clock for it.
        parsed = None if text.strip().lower() == "now" else pendulum.parse(text, tz=zone)
    except (ParserError, ValueError, OverflowError):
        parsed = None
    if not isinstance(parsed, pendulum.DateTime):
        raise ValueError(f"{text!r} is not a time such as 2026-11-22T02:00")  # noqa: TRY004 - the text is at fault
    try:
        return datetime.fromisoformat(parsed.isoformat()).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the calendar") from None
