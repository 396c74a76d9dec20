"""Twilio's lists: filters by value and by date, newest first, in pages that follow each other by token."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from simulator.rest_records import Call, Form, Json, Message, Number, Record, Recording, one
from simulator.rest_refusals import Refused


@dataclass(frozen=True)
class Listing:
    """Which parameters filter a list and on what; `upto_includes`: "X<" takes in the day or second itself."""

    key: str
    values: dict[str, str]
    dates: dict[str, str]
    upto_includes: bool = True


# "StartTime<": "started before this date" [OAI]; "DateSent<", "DateCreated<": "on and before" [OAI].
LISTINGS: dict[type[Record], Listing] = {
    Call: Listing(
        "calls",
        {"To": "to", "From": "from_", "Status": "status", "ParentCallSid": "parent_call_sid"},
        {"StartTime": "start_time", "EndTime": "end_time"},
        upto_includes=False,
    ),
    Message: Listing("messages", {"To": "to", "From": "from_"}, {"DateSent": "date_sent"}),
    Recording: Listing("recordings", {"CallSid": "call_sid"}, {"DateCreated": "date_created"}),
    Number: Listing("incoming_phone_numbers", {}, {}),
}

Test = Callable[[Record], bool]


def span(text: str, *, whole_days: bool) -> tuple[datetime, datetime]:
    """The day or the second that a filter names, half-open, in UTC."""
    try:
        at = datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        raise Refused(20001, text) from None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    if not whole_days and len(text) > 10:
        return at, at + timedelta(seconds=1)
    day = at.replace(hour=0, minute=0, second=0)
    return day, day + timedelta(days=1)


def dated(attribute: str, start: datetime | None, end: datetime | None) -> Test:
    """Within [start, end); what has no such date yet (a queued call, an unsent text) is not listed."""

    def test(record: Record) -> bool:
        at: datetime | None = getattr(record, attribute)
        return at is not None and (start is None or at >= start) and (end is None or at < end)

    return test


def equal(attribute: str, value: str) -> Test:
    return lambda record: getattr(record, attribute) == value


def like(pattern: str) -> Test:
    """Part of a number, `*` for any digit [OAI ListIncomingPhoneNumber]."""
    digits = re.compile(re.escape(pattern.lstrip("+")).replace(r"\*", r"\d"))
    return lambda record: isinstance(record, Number) and bool(digits.search(record.phone_number))


def tests(listing: Listing, query: Form, *, whole_days: bool) -> list[Test]:
    found = [equal(attribute, value) for name, attribute in listing.values.items() if (value := one(query, name))]
    if "PhoneNumber" in query and listing.key == "incoming_phone_numbers":
        found.append(like(query["PhoneNumber"][-1]))
    for name, attribute in listing.dates.items():
        if text := one(query, name):
            found.append(dated(attribute, *span(text, whole_days=whole_days)))
        if text := one(query, f"{name}>"):
            found.append(dated(attribute, span(text, whole_days=whole_days)[0], None))
        if text := one(query, f"{name}<"):
            found.append(dated(attribute, None, span(text, whole_days=whole_days)[listing.upto_includes]))
    return found


def whole(query: Form, name: str, default: int, low: int, high: int) -> int:
    text = one(query, name)
    if text is not None and not (text.isascii() and text.isdigit()):
        raise Refused(20001, name)
    return min(max(int(text or default), low), high)


def window(records: Sequence[Record], token: str | None, size: int) -> tuple[list[Record], bool, bool]:
    """One page (`PA…` after that record, `PB…` before it) and whether there is one before and one after."""
    first = 0
    if token:
        serial = int(token[2:]) if re.fullmatch(r"P[AB]\d+", token) else -1
        newer = sum(record.serial > serial for record in records)
        same = any(record.serial == serial for record in records)
        first = newer + same if token[1] == "A" else max(0, newer - size)
    return list(records[first : first + size]), first > 0, first + size < len(records)


def listed(kind: type[Record], kept: Iterable[Record], query: Form, path: str, *, whole_days: bool) -> Json:
    """Twilio's list JSON of what the query asks for."""
    wanted = tests(LISTINGS[kind], query, whole_days=whole_days)
    found = [record for record in kept if all(test(record) for test in wanted)]
    found.sort(key=lambda record: record.serial, reverse=True)
    return page(found, query, path, key=LISTINGS[kind].key)


def page(records: Sequence[Record], query: Form, path: str, *, key: str) -> Json:
    """The records of one page and where the pages beside it are."""
    size = whole(query, "PageSize", 50, 1, 1000)
    number = whole(query, "Page", 0, 0, 10**6)
    shown, before, after = window(records, one(query, "PageToken"), size)
    kept = {name: values for name, values in query.items() if name not in {"Page", "PageSize", "PageToken"}}

    def uri(page_number: int, token: str | None) -> str:
        paging = {"PageSize": [str(size)], "Page": [str(page_number)]} | ({"PageToken": [token]} if token else {})
        return f"{path}?{urlencode(kept | paging, doseq=True)}"

    return {
        "first_page_uri": uri(0, None),
        "next_page_uri": uri(number + 1, f"PA{shown[-1].serial}") if after and shown else None,
        "previous_page_uri": uri(max(0, number - 1), f"PB{shown[0].serial}") if before and shown else None,
        "uri": uri(number, one(query, "PageToken")),
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": max(0, number * size + len(shown) - 1),
        key: [record.json() for record in shown],
    }
