"""What the carrier lists, in our words: calls, texts, recordings, numbers; and how long it asks us to wait."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ivr.provision import Number
from oncall.paging import Listed, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable

WEBHOOKS = ("voice_url", "voice_fallback_url", "voice_fallback_method", "status_callback", "sms_url")
MICROS = 10**6
DEAREST = 10**6  # of whatever money: more is no price of a call
LONGEST = timedelta(days=7)  # of a call: more is no length
LONGEST_PAUSE = timedelta(hours=1)  # whatever an answer says, somebody waits for what was not sent


def seen(one: Any) -> Seen:
    """A call or a text."""
    ended, seconds = getattr(one, "end_time", None), int(getattr(one, "duration", None) or 0)
    return Seen(one.sid, one.to, one.status, one.date_created, ended, seconds, getattr(one, "body", "") or "")


def since(listed: Iterable[Any], start: datetime) -> list[Seen]:
    """What was made from then on, the oldest first; it is listed newest first, so an older one ends the search."""
    found: list[Seen] = []
    for one in listed:
        if one.date_created and one.date_created < start:
            break
        found.append(seen(one))
    return found[::-1]


def booked(one: Any) -> Listed:
    """A call or leg as it is charged; one entry that is odd must not hold up a month of others.

    A price that cannot be read is none yet; a length that cannot is the time from its start to its end.
    """
    return Listed(
        sid=one.sid,
        parent=one.parent_call_sid or None,
        from_=getattr(one, "_from", "") or "",
        to=one.to or "",
        direction=one.direction or "",
        status=one.status or "",
        started_at=one.start_time.astimezone(UTC),
        seconds=_seconds(one),
        cost=_cost(getattr(one, "price", None)),
        unit=one.price_unit or "",
    )


def _cost(price: Any) -> int | None:
    """Millionths; a price is negative there, as money that goes."""
    try:
        amount = -Decimal(str(price).strip())
    except InvalidOperation:  # None too
        return None
    return round(amount * MICROS) if amount.is_finite() and abs(amount) <= DEAREST else None


def _seconds(one: Any) -> int:
    text = str(one.duration or 0)
    if text.isascii() and text.isdecimal() and len(text) < 7:
        return int(text)
    span = one.end_time - one.start_time if isinstance(one.end_time, datetime) else timedelta(0)
    return round(max(timedelta(0), min(span, LONGEST)).total_seconds())


def begun(listed: Iterable[Any], day: date) -> list[Listed]:
    """Those that began on that day in UTC; the list may well give those of the days beside it too."""
    found = (booked(one) for one in listed if one.sid and isinstance(one.start_time, datetime))
    return sorted((one for one in found if one.started_at.date() == day), key=lambda one: (one.started_at, one.sid))


def number(one: Any) -> Number:
    """A number of ours."""
    return Number(
        sid=one.sid,
        e164=one.phone_number,
        voice=bool(one.capabilities.get("voice")),
        sms=bool(one.capabilities.get("sms")),
        urls={name: value for name in WEBHOOKS if (value := getattr(one, name))},
    )


def instant(header: str | None) -> datetime | None:
    """The time in a header; None where there is none, or nothing that is one."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None


def pause(header: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks us to wait: seconds or a date, an hour at most (RFC 9110 §10.2.3)."""
    if header and header.strip().isascii() and header.strip().isdigit():
        return min(timedelta(seconds=min(int(header), 10**6)), LONGEST_PAUSE)
    at = instant(header)
    return min(max(at - now, timedelta(0)), LONGEST_PAUSE) if at else None
