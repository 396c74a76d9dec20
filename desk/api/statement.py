"""A month's charge lines by the API: what it takes and gives, and how it is read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from desk.api.cursor import BadParameter, opened, sealed
from desk.api.shapes import Number, Paging
from sla.billing import asked, statement, statements
from sla.billing.statements import Place
from sla.exports.as_json import shape
from sla.hours import own_zone
from sla.month import Month
from sla.overtime import State

if TYPE_CHECKING:
    from desk.api.answers import Reader
    from sla.billing.statements import Wanted

Money = Annotated[str, Field(pattern=r"^-?\d+\.\d\d$", description="Rand, excluding VAT")]
Seconds = Annotated[int, Field(description="Whole seconds; negative where a correction takes something back")]


class LineFilter(Paging):
    """Which lines of the month."""

    customer: Annotated[str, Field(max_length=100, description="Of this customer's code; `-` of nobody known")] = ""
    state: Annotated[State | None, Field(description="Only those in this state")] = None
    engineer: Annotated[str, Field(max_length=100, description="Only this engineer's work, by key")] = ""


class ChargeLine(BaseModel):
    """One charge line: a call, or the calls on one ticket that its contract bills as one."""

    id: int
    month: Annotated[str, Field(description="The month it is billed in")]
    customer_code: str
    customer: Annotated[str, Field(description="Empty where nobody is known")]
    contract: str
    contract_version: int | None
    caller: Number
    contact: str
    reference: Annotated[str, Field(description="The nine digits of its ticket; empty if that is gone")]
    engineers: list[str]
    starts: datetime
    ends: datetime
    source: Annotated[str, Field(description="Its name among the lines of all months")]
    calls: Annotated[int, Field(description="How many stretches of work it is made of")]
    seconds: Seconds
    office: Seconds
    weekday_after_hours: Seconds
    saturday: Seconds
    sunday: Seconds
    public_holiday: Seconds
    holiday: str
    state: State
    billed_seconds: Seconds
    rate: Annotated[str | None, Field(description="By the hour, where all that is billed has one rate")]
    price: Money | None
    amount: Money
    consent: Annotated[str, Field(description="How it is known that the caller accepted overtime rates")]
    explanation: str
    corrects: Annotated[str, Field(description="The `source` of the line of a closed month that it makes good")]
    versions: dict[str, int]
    changed: Annotated[str, Field(description="Who decided about it and why; empty if nobody did")]


class Totals(BaseModel):
    """What all lines that were asked for come to, on this page or not."""

    lines: int
    billed_seconds: int
    amount: Money
    to_check: int


class Statement(BaseModel):
    """A month's charge lines, a page of them, in the order in which the work began."""

    month: str
    zone: str
    standing: Literal["open", "closed"]
    closed_at: datetime | None
    totals: Totals
    items: list[ChargeLine]
    next: Annotated[str | None, Field(description="The address of the next page; null on the last")]


def of(reader: Reader, filters: LineFilter, month: str) -> Statement | None:
    """The lines of that month, which is none if nobody could mean it."""
    zone = own_zone(reader.session)
    try:
        Month.named(month, zone)
    except ValueError:
        return None
    wanted = _wanted(reader, filters, month)
    after = Place(*opened(filters.cursor, int)) if filters.cursor else None
    found = list(statements.rows(reader.session, statements.lines(wanted), zone, after, filters.limit + 1))
    shown, row = found[: filters.limit], statement.of(reader.session, month)
    total = statements.totals(reader.session, wanted)
    return Statement(
        month=month,
        zone=zone,
        standing="closed" if statement.closed(reader.session, month) else "open",
        closed_at=row.closed_at if row else None,
        totals=Totals(**{**total._asdict(), "amount": f"{total.amount:.2f}"}),
        items=[ChargeLine(**shape(one) | {"caller": reader.number(one.caller) or ""}) for one in shown],
        next=sealed(shown[-1].starts, shown[-1].id) if len(found) > len(shown) else None,
    )


def _wanted(reader: Reader, filters: LineFilter, month: str) -> Wanted:
    try:
        return asked.wanted(reader.session, month, filters.customer, filters.state or "", filters.engineer)
    except asked.Nobody as fault:
        raise BadParameter(str(fault)) from fault
