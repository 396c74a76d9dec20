"""Targets: what each version of a contract promises, by priority and measure, and in whose hours it is counted.

- A range has two ends: the aim, and the breach. Where only one is said, it is both.
- "The next business day" ends with the closing of the first business day after the local day of receipt, whatever
  the hour of receipt: Monday 07:00 is due on Tuesday at 17:00, and so is Monday 16:59.
- What is agreed request by request has no computed end: `ByAgreement` says that somebody has to agree one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sla.calendar import BusinessCalendar
from sla.interval import NOTHING
from sla.phrases import duration

PRIORITIES = ("emergency", "high", "normal", "low")  # the most urgent first


class Measure(StrEnum):
    """What is measured."""

    FIRST_RESPONSE = "first_response"  # until a person has answered; never pauses
    NEXT_RESPONSE = "next_response"  # from what the customer says later until it is answered; never pauses
    RESOLUTION = "resolution"  # pauses while we wait for the customer, and while it is held to be resolved


@dataclass(frozen=True)
class OpenHours:
    """The hours in which a promise is counted, with the holidays' names for the trace."""

    said: str  # "in office hours", "round the clock"
    calendar: BusinessCalendar
    holidays: Mapping[date, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.calendar.ever_opens:
            raise ValueError(f"nothing is open {self.said}, so nothing would ever be due")


@dataclass(frozen=True)
class Within:
    """So much open time until the breach, and until the aim if that is earlier."""

    breach: timedelta
    aim: timedelta | None = None

    def __post_init__(self) -> None:
        if not NOTHING < (self.aim or self.breach) <= self.breach:
            raise ValueError(f"an aim lies between nothing and the breach, not at {self.aim} of {self.breach}")

    def lengths(self, _start: datetime, _calendar: BusinessCalendar) -> tuple[timedelta, timedelta]:
        """The open time until the aim, and until the breach."""
        return self.aim or self.breach, self.breach

    def __str__(self) -> str:
        return f"within {duration(self.breach)}" + (f", aiming at {duration(self.aim)}" if self.aim else "")


@dataclass(frozen=True)
class NextBusinessDay:
    """The closing time of the `number`th business day after the local day of receipt."""

    number: int = 1

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"business days are counted from 1, not {self.number}")

    def lengths(self, start: datetime, calendar: BusinessCalendar) -> tuple[timedelta, timedelta]:
        """The open time until then, which is aim and breach."""
        length = calendar.open_between(start, calendar.business_day(start, self.number).end)
        return length, length

    def __str__(self) -> str:
        return "by the end of the next business day" if self.number == 1 else f"within {self.number} business days"


@dataclass(frozen=True)
class ByAgreement:
    """Nothing until somebody agrees an instant with the customer."""

    def __str__(self) -> str:
        return "by agreement"


Counted = Within | NextBusinessDay


@dataclass(frozen=True)
class Target:
    """One promise of a contract."""

    promise: Counted | ByAgreement
    hours: OpenHours


@dataclass(frozen=True)
class Plan:
    """What one version of a contract promises to whatever comes in from `since` on.

    `hours` are the contract's own, in which agreed turnarounds are counted.
    """

    name: str
    version: int
    since: datetime
    hours: OpenHours
    targets: Mapping[tuple[str, Measure], Target]

    def __post_init__(self) -> None:
        if unknown := sorted({priority for priority, _ in self.targets} - set(PRIORITIES)):
            raise ValueError(f"{self.name}, version {self.version}, has targets for unknown {', '.join(unknown)}")
        for (priority, measure), target in self.targets.items():
            if measure is not Measure.RESOLUTION and isinstance(target.promise, ByAgreement):
                raise ValueError(f"{self.name} leaves the {measure} of {priority} tickets open; only turnaround can be")


def in_force(plans: Iterable[Plan], at: datetime) -> Plan | None:
    """The version that had begun last at that instant."""
    return max((p for p in plans if p.since <= at), key=lambda plan: (plan.since, plan.version), default=None)


def house(office: OpenHours, always: OpenHours, since: datetime) -> Plan:
    """What the company promises where a contract says nothing else (ARCHITECTURE, defaults)."""
    hour, first = timedelta(hours=1), Measure.FIRST_RESPONSE
    return Plan(
        name="House promise",
        version=1,
        since=since,
        hours=office,
        targets={
            ("emergency", first): Target(Within(hour), always),
            ("high", first): Target(Within(2 * hour, aim=hour), office),
            ("normal", first): Target(Within(4 * hour, aim=2 * hour), office),
            ("low", first): Target(NextBusinessDay(), office),
            ("low", Measure.RESOLUTION): Target(ByAgreement(), office),
        },
    )
