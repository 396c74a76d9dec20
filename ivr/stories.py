"""Ready calls for the Try-a-call page, told with whoever this installation has: times, callers, stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk import numbers
from ivr.outlook import outlook
from sla.overtime import Band, Cover, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ivr.outlook import Outlook
    from ivr.switchboard import LineSetUp, Switchboard

STRANGER, WITHHELD = "+27825550999", "withheld"  # the number is kept free for the demonstration
SUNDAY, TUESDAY = 6, 1
MOST_CALLERS = 100  # in the list; any other number can be put into the address


@dataclass(frozen=True)
class Person:
    """Somebody who may call: the number, and as whom the line knows it."""

    number: str
    customer: str = ""
    contract: str = ""

    @property
    def shown(self) -> str:
        """The number as people write it."""
        return numbers.shown(self.number) if self.number != WITHHELD else ""


@dataclass(frozen=True)
class Story:
    """A ready call: its key (the page has its words), who calls, local time, moves, and the verdict it ends with."""

    key: str
    caller: str
    at: str
    moves: str
    ends: State


def presets(line: LineSetUp, now: datetime) -> dict[str, str]:
    """Times worth trying, as local wall time: the coming Sunday night, Tuesday morning, public holiday."""
    today = now.astimezone(ZoneInfo(line.zone)).date()
    holiday = min((day for day in line.regular.holidays if day >= today), default=None)
    times = {"sunday": _wall(_coming(today, SUNDAY), 2), "tuesday": _wall(_coming(today, TUESDAY), 10)}
    return times | ({"holiday": _wall(holiday, 11)} if holiday else {})


def people(board: Switchboard, line: LineSetUp, at: datetime) -> list[Person]:
    """The directory by customer, with the contract of that day."""
    known = sorted(board.directory.items(), key=lambda entry: (entry[1].customer, entry[0]))[:MOST_CALLERS]
    return [person(board, line, at, number) for number, _ in known]


def person(board: Switchboard, line: LineSetUp, at: datetime, number: str) -> Person:
    """As whom the line knows a number."""
    caller = board.directory.get(number)
    if caller is None:
        return Person(number)
    card = board.card(caller.customer_id, line, at)
    return Person(number, caller.customer, card.name if card else "")


def stories(board: Switchboard, line: LineSetUp, now: datetime) -> list[Story]:
    """The stories that can be told here; one that needs a contract which nobody has is left out."""
    return list(_told(board, line, presets(line, now)))


def _told(board: Switchboard, line: LineSetUp, times: dict[str, str]) -> Iterator[Story]:
    sunday, tuesday, holiday = times["sunday"], times["tuesday"], times.get("holiday")
    billable = _somebody(board, line, sunday, Band.SUNDAY, Cover.BILLABLE)
    included = _somebody(board, line, sunday, Band.SUNDAY, Cover.INCLUDED)
    if billable:
        yield Story("night", billable, sunday, "2,1,v,es,es,a,e1,t600,h", State.BILLABLE)
    if included:
        yield Story("included", included, sunday, "2,a,e1,t600,h", State.INCLUDED)
    yield Story("stranger", STRANGER, sunday, "2,1,a,e1,t600,h", State.TO_CHECK)
    nobody = ",".join(["1", *("n" for _ in _at(board, line, tuesday).support), "1", "r8"])
    yield Story("office", billable or included or STRANGER, tuesday, nobody, State.NONE)
    if billable and holiday:
        yield Story("holiday", billable, holiday, "2,1,a,e1,t600,h", State.BILLABLE)
    if billable:
        yield Story("silence", billable, sunday, "s,s,s,s,s,a,e1,t600,h", State.TO_CHECK)


def _somebody(board: Switchboard, line: LineSetUp, when: str, band: Band, cover: Cover) -> str | None:
    """The first number whose contract says this of the band and, if it bills, not of office hours as well."""
    at = local(when, line.zone)
    for number, caller in sorted(board.directory.items()):
        card = board.card(caller.customer_id, line, at)
        if card and card.bands[band].cover == cover and card.bands[Band.OFFICE].cover == Cover.INCLUDED:
            return number
    return None


def _at(board: Switchboard, line: LineSetUp, when: str) -> Outlook:
    return outlook(board, line, local(when, line.zone))


def local(when: str, zone: str) -> datetime:
    """The instant of a wall time; raises ValueError, or OverflowError at the edge of all dates."""
    return datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _coming(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _wall(day: date, hour: int) -> str:
    return f"{datetime.combine(day, time(hour)):%Y-%m-%dT%H:%M}"
