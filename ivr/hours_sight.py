"""Hours as the page shows them: what is heard when, what is to come, and what a change would do before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ivr.announcement import Announcement, announce
from ivr.greeting import Heard, greeting
from ivr.switchboard import saying, trying
from sla import holidays, hours_change, hours_effect
from sla.calendar import OutsideTable
from sla.hours import BusinessHours
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from ivr.hours_form import Wanted
    from ivr.switchboard import LineSetUp, Switchboard

DAYS_SHOWN = 14
STRETCHES_HEARD = 3  # whose greetings are written out; of more the first ones say what the others do
AN_INSTANT = timedelta(minutes=1)


@dataclass(frozen=True)
class Hearing:
    """What the caller of a line hears at an instant, and what they would hear as things are now."""

    line: LineSetUp
    now: Heard
    until_now: Heard | None = None

    @property
    def differs(self) -> bool:
        """Whether a change is heard."""
        return self.until_now is not None and self.until_now.words != self.now.words


@dataclass(frozen=True)
class Day:
    """A day as a caller meets it: when it is open, and why it is not as on other such days."""

    day: date
    open_: tuple[Interval, ...]
    why: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What a change would do; `stamp` names the state of the hours that it was tried on."""

    effect: hours_effect.Effect
    hearings: tuple[Hearing, ...]
    stamp: str
    moves_promises: bool


def look(session: Session, board: Switchboard, hours: BusinessHours, wanted: Wanted, now: datetime) -> Look:
    """Try a change on a copy; raises ValueError or LookupError for what cannot be."""
    after = hours_change.copied(hours)
    wanted.does(after)
    told = hours_effect.effect(session, hours, after, wanted.span, now)
    changed = trying(board, after, frozenset(holidays.in_force(session)))
    said = says(wanted, hours, changed, now)
    unsaid = [one.value for one in gone_with(session, wanted)]
    changed = saying(changed, [(one.line_id, one.value) for one in said], unsaid)
    instants = [] if wanted.listen is None else [wanted.listen]
    instants += _instants([one.interval for one in told.stretches] or [wanted.span], said, now)
    heard = tuple(hearings(changed, hours, instants, before=board))
    return Look(told, heard, hours_change.stamp(hours), bool(told.moved))


def says(wanted: Wanted, hours: BusinessHours, board: Switchboard, now: datetime) -> list[Announcement]:
    """The announcements that go with a closure, one for each line that keeps these hours; not stored yet."""
    if not wanted.says:
        return []
    starts, ends = wanted.says_from or now, wanted.span.end
    return [
        announce(line.id, {one: wanted.says.get(one, "") for one in line.languages}, starts, ends, now, "")
        for line in board.lines.values()
        if line.hours_id == hours.id
    ]


def gone_with(session: Session, wanted: Wanted) -> list[Announcement]:
    """The announcements that were made with a closure, where that is ended."""
    theirs = select(Announcement).where(Announcement.closure_id == wanted.ends_closure)
    return list(session.scalars(theirs)) if wanted.ends_closure else []


def hearings(
    board: Switchboard, hours: BusinessHours, instants: Sequence[datetime], before: Switchboard | None = None
) -> Iterator[Hearing]:
    """What is heard at each of these instants on every line that keeps the hours, in each of its languages."""
    for at in instants:
        for number, line in board.lines.items():
            if line.hours_id == hours.id:
                for language in line.languages:
                    now = greeting(board, line, language, at)
                    was = greeting(before, before.lines[number], language, at) if before else None
                    yield Hearing(line, now, was)


def days(hours: BusinessHours, table: dict[date, str], first: date) -> Iterator[Day]:
    """The next days as the system sees them, and why those are as they are that are not like others."""
    calendar = hours.actual(frozenset(table))
    for on in (first + timedelta(days=n) for n in range(DAYS_SHOWN)):
        try:
            span = calendar.day(on)
            yield Day(on, calendar.open_hours(span), tuple(_why(hours, table, on, span)))
        except OutsideTable:
            return


def holidays_to_come(table: dict[date, str], first: date) -> list[tuple[date, str]]:
    """The next public holidays."""
    return sorted((day, name) for day, name in table.items() if first <= day < first + timedelta(days=92))


def stored(session: Session, number: int) -> BusinessHours | None:
    """The hours of that number, or the company's own."""
    query = select(BusinessHours).order_by(BusinessHours.id)
    return session.scalars(query.where(BusinessHours.id == number) if number else query).first()


def _instants(stretches: Sequence[Interval], said: list[Announcement], now: datetime) -> list[datetime]:
    """Where to listen: when it begins to be otherwise and when that ends, and when something more is said."""
    found = [at for one in stretches[:STRETCHES_HEARD] for at in (one.start, one.end)]
    return sorted({max(at, now) for at in (*found, *(one.starts for one in said[:1]))})


def _why(hours: BusinessHours, table: dict[date, str], on: date, span: Interval) -> Iterator[str]:
    if on.isoformat() in (hours.dates or {}):
        yield "other hours on this date"
    elif on in table:
        yield table[on]
    for closure in hours.closures:
        if Interval(closure.starts, closure.ends).overlap(span):
            yield closure.reason
    for switch in hours.switches:
        if not switch.interval_is_empty and switch.interval.overlap(span):
            yield f"forced {switch.state}: {switch.reason}"
