"""What the API takes and gives, as models: they make the answers and describe them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from tickets.ticket import Priority, State

Number = Annotated[
    str | None, Field(description="A telephone number, E.164; masked unless the token has `numbers:read`")
]
Reference = Annotated[str, Field(pattern="^[1-9][0-9]{8}$", description="The nine digits of a ticket")]


class Paging(BaseModel):
    """Which part of a long list."""

    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=200, description="How many at most")] = 50
    cursor: Annotated[str, Field(max_length=200, description="Where to go on: `next` of the answer before")] = ""


class TicketFilter(Paging):
    """Which tickets."""

    state: Annotated[State | None, Field(description="Only those in this state")] = None


class Nothing(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid")


class Call(BaseModel):
    """A call on one of our lines: somebody rang us, an engineer called somebody back, or one was paged."""

    sid: Annotated[str, Field(description="The carrier's name for it")]
    direction: Annotated[
        Literal["incoming", "call-back", "page"],
        Field(
            description="In a call-back an engineer was rung first; `caller` is whom they called back. By a page an "
            "engineer was told of an emergency that nobody had"
        ),
    ]
    line: Annotated[str, Field(description="Our number, that was called or that was shown")]
    caller: Number
    customer: str | None
    ticket: Reference
    language: str
    started_at: datetime
    ended_at: datetime | None
    consent: Annotated[bool | None, Field(description="To overtime rates; null if never asked or never answered")]


class Ring(BaseModel):
    """One ring of one engineer in a call."""

    engineer: str
    rang_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    reason: str | None


class WholeCall(Call):
    """A call with where it went and who was rung."""

    steps: Annotated[list[str], Field(description="The steps of the call, in order")]
    rings: list[Ring]


class Calls(BaseModel):
    """A page of calls, the latest first."""

    items: list[Call]
    next: Annotated[str | None, Field(description="The address of the next page; null at the end")]


class Ticket(BaseModel):
    """One request for help."""

    reference: Reference
    state: State
    priority: Priority
    subject: str
    caller: Number
    customer: str | None
    contact: str | None
    owner: Annotated[str | None, Field(description="The engineer who has it")]
    opened_at: datetime
    tasks: Annotated[
        list[Literal["call_back", "address"]],
        Field(description="What is left to do for the caller: call them back, get a mail address of theirs"),
    ]
    merged_into: Annotated[str | None, Field(description="The reference of the ticket that goes on for this one")]


class Event(BaseModel):
    """One thing that happened to a ticket."""

    at: datetime
    kind: str
    text: str


class WholeTicket(Ticket):
    """A ticket with its timeline."""

    timeline: list[Event]


class Tickets(BaseModel):
    """A page of tickets, the latest first."""

    items: list[Ticket]
    next: Annotated[str | None, Field(description="The address of the next page; null at the end")]


def _no_count(text: object) -> object:
    """Pydantic would take a bare number for seconds since 1970, and answer about another time than was meant."""
    if isinstance(text, str) and re.fullmatch(r"\s*[-+]?[\d.]+\s*", text):
        raise ValueError("is written with date, time and offset, as in 2026-11-20T16:30:00+02:00")
    return text


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_no_count), AfterValidator(_utc)]


class Moment(BaseModel):
    """Which instant."""

    model_config = ConfigDict(extra="forbid")
    at: Annotated[Instant | None, Field(description="Another instant than now, with its offset")] = None


class Span(BaseModel):
    """Which stretch of time, and of which rota."""

    model_config = ConfigDict(extra="forbid")
    since: Annotated[Instant | None, Field(alias="from", description="From when on; now unless said")] = None
    until: Annotated[
        Instant | None, Field(alias="to", description="Until when, 400 days at most; 60 days on unless said")
    ] = None
    rota: Annotated[str | None, Field(max_length=200, description="This rota alone")] = None


class Ringer(BaseModel):
    """Somebody who would be rung."""

    key: str
    name: str
    until: Annotated[datetime | None, Field(description="When the rota hands over; null if it names no end")]
    dial: Annotated[str | None, Field(description="Their number; null unless the token has `oncall:dial`")]
    why: Annotated[str, Field(description="What puts them there, in a sentence")]


class LineNow(BaseModel):
    """A line as it stands now."""

    line: str
    company: str
    zone: str
    is_open: bool
    changes_at: Annotated[datetime | None, Field(description="When it closes if open, opens if closed")]
    emergency: Annotated[list[Ringer], Field(description="Who rings for an emergency, in order")]
    support: Annotated[list[Ringer], Field(description="Who rings for support in office hours, in order")]


Place = Annotated[int, Field(ge=0, description="0 rings first, 1 second")]


class OnDuty(BaseModel):
    """Somebody on call."""

    place: Place
    key: str
    name: str
    rotation: Annotated[str, Field(description="Empty for somebody who was added")]
    why: str


class RotaNow(BaseModel):
    """A rota at one instant."""

    rota: str
    on_duty: Annotated[list[OnDuty], Field(description="Who is on call, in the order of ringing")]
    trace: Annotated[list[str], Field(description="A sentence for every place, then for every rotation with nobody")]


class OnCallNow(BaseModel):
    """Every line as it stands at an instant: the same answer as on the pages and in the call."""

    at: datetime
    lines: list[LineNow]
    rotas: list[RotaNow]


class Shift(BaseModel):
    """One person's unbroken time at one place of a rota."""

    rota: str
    place: Place
    key: str
    name: str
    starts: datetime
    ends: datetime
    rotation: Annotated[str, Field(description="Empty for an addition")]
    layer: str
    why: str


class Shifts(BaseModel):
    """Who really rings between two instants, cut to them; in the order of time."""

    since: datetime
    until: datetime
    items: list[Shift]


class Gap(BaseModel):
    """Time in which nobody rings."""

    rota: str
    starts: datetime
    ends: datetime
    why: Annotated[list[str], Field(description="A sentence for every rotation, as it stands at the start")]


class Gaps(BaseModel):
    """When nobody rings between two instants, in the order of time."""

    since: datetime
    until: datetime
    items: list[Gap]


class DutyMonth(BaseModel):
    """Which month."""

    model_config = ConfigDict(extra="forbid")
    month: Annotated[str, Field(max_length=7, description="Such as 2026-11; without it the one that runs")] = ""
    record: Annotated[str, Field(max_length=20, description="Only facts of this kind")] = ""


class DutyFact(BaseModel):
    """One row of a month of duty; lengths are whole seconds, and what a kind of fact has not is null."""

    record: Annotated[
        str, Field(description="total, standby, offer, call-out, credited, layer, warning or note: what it tells")
    ]
    engineer: str | None = None
    key: str | None = None
    rota: str | None = None
    layer: str | None = None
    rotation: str | None = None
    what: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    seconds: int | None = None
    after_hours_seconds: int | None = None
    office_seconds: int | None = None
    weekday_after_hours_seconds: int | None = None
    saturday_seconds: int | None = None
    sunday_seconds: int | None = None
    public_holiday_seconds: int | None = None
    night_seconds: int | None = None
    deep_night_seconds: int | None = None
    count: int | None = None
    result: str | None = None
    on_standby: str | None = None
    ticket: str | None = None
    turn_of: str | None = None
    why: str | None = None


class Duty(BaseModel):
    """The facts of a month for payroll, up to an instant; never what customers are billed."""

    month: str
    zone: str
    until: datetime
    items: list[DutyFact]
