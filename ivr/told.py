"""What the carrier's forms tell, read with tolerance: a field that makes no sense counts as one that is absent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from oncall.paging import LONGEST_BRIDGE

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CALL = LONGEST_BRIDGE + timedelta(minutes=30)
MOST_DIGITS = 9


def stamp(form: Mapping[str, str], now: datetime) -> datetime:
    """The carrier's time of an event (RFC 2822), or its arrival where there is none that can be true."""
    try:
        read = parsedate_to_datetime(form["Timestamp"])
        told = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)  # "-0000" is read as naive
    except (KeyError, ValueError, OverflowError):
        return now
    return told if abs(told - now) <= LONGEST_CALL else now  # no call lasts longer, and no clock of ours is so wrong


def number(form: Mapping[str, str], name: str) -> int:
    """A count, or 0."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 0


def bridged(form: Mapping[str, str]) -> bool | None:
    """Whether the two were joined; None if the carrier does not say (TWILIO.md §1.6)."""
    return {"true": True, "false": False}.get(form.get("DialBridged", "").lower())
