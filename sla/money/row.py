"""Row: one charge line as staff read it, in plain values, the same for page, files, API and command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal


class Row(NamedTuple):
    """A charge line. Money is in rand excluding VAT, durations are whole seconds.

    `id` is the stored line, `month` its local month ("2026-11"), `source` its name among the lines of all months.
    `caller` is a number in E.164, or "". `starts` and `ends` are aware, on the office's clocks. `calls` is how many
    stretches were merged. `office` to `public_holiday` are the seconds worked in each band, `holiday` the name of the
    day. `rate` is by the hour, where all its billed seconds have one. `price` is what it would cost if it were billed.
    `consent` is the evidence in words, `corrects` the source of the line that this one makes good, `changed` who
    changed what and why, "" if nobody did.
    """

    id: int
    month: str
    customer_code: str
    customer: str
    contract: str
    contract_version: int | None
    caller: str
    contact: str
    reference: str
    engineers: tuple[str, ...]
    starts: datetime
    ends: datetime
    source: str
    calls: int
    seconds: int
    office: int
    weekday_after_hours: int
    saturday: int
    sunday: int
    public_holiday: int
    holiday: str
    state: str
    billed_seconds: int
    rate: Decimal | None
    price: Decimal | None
    amount: Decimal
    consent: str
    explanation: str
    corrects: str
    versions: Mapping[str, int]
    changed: str
