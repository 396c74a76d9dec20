"""Kept promises: from the tickets outwards, recomputed from their events alone, what must have happened to each.

Nothing here asks the rows that workers write what they should say: who had a ticket when, and which points its clocks
came to, follow from the events and the promises; only then is it compared with pursuits, marks, texts and due times.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.outbox import Outgoing
from desk.staff import Staff
from oncall.paging import Outcome, Page
from oncall.pursuit import Pursuit, Summons, is_wanted
from sla import book, due, history, watch
from sla.mark import Mark, Point
from sla.standing import standings
from sla.targets import Measure
from tickets.event import Event, Kind
from tickets.inbox import UNRESOLVED
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from sla.standing import Standing
    from sla.targets import Plan
    from sla.timeline import Timeline

# Workers look every few seconds, and here they are shot: what came to pass just now may go unnoted.
GRACE = timedelta(seconds=20)
FOUND = timedelta(seconds=60)  # an emergency that came in without a call
HUNTED = timedelta(minutes=5)  # a live call may look for somebody itself, and is waited for when it falls silent
AN_INSTANT = timedelta(microseconds=1)
Key = tuple[int, str, datetime, str]


@dataclass(frozen=True)
class Had:
    """Who has a ticket from an instant on, and whether somebody has to be found for it."""

    at: datetime
    owner: int | None
    open: bool
    wanted: bool


@dataclass
class Life:
    """One ticket, by its events."""

    ticket: Ticket
    events: Sequence[Event]
    staff: dict[str, int]
    states: list[Had] = field(default_factory=list)

    def __post_init__(self) -> None:
        owner, state, priority = None, "open", self.events[0].detail["priority"]
        for event in self.events:
            owner, state = self._moved(event, owner, state)
            priority = event.detail["now"] if event.kind == Kind.PRIORITY else priority
            wanted = priority == "emergency" and owner is None and state == "open"
            now = Had(event.at, owner, state != "over", wanted)
            if not self.states or self.states[-1] != replace(now, at=self.states[-1].at):
                self.states.append(now)

    def _moved(self, event: Event, owner: int | None, state: str) -> tuple[int | None, str]:
        """Who has it after that event, and how it stands."""
        again = "held" if owner else "open"
        match event.kind:
            case "acknowledged":
                return event.staff_id, "held" if state == "open" else state
            case "handed over":
                return self.staff[event.detail["to"]], "held" if state == "open" else state
            case "released":
                return None, "open"
            case Kind.WAITING:
                return owner, "waiting"
            case Kind.RESOLVED | Kind.WITHDRAWN:
                return owner, "over"
            case Kind.RESUMED | Kind.REOPENED:
                return owner, again
            case Kind.ASKED if state == "waiting":
                return owner, again
        return owner, state

    def at(self, instant: datetime) -> Had:
        """How it stood at that instant."""
        place = bisect_right([one.at for one in self.states], instant)
        return self.states[max(place - 1, 0)]

    def spells(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From when until when nobody had the emergency."""
        since: datetime | None = None
        for one in self.states:
            if one.wanted and since is None:
                since = one.at
            elif not one.wanted and since is not None:
                yield since, one.at
                since = None
        if since is not None:
            yield since, now


class Kept:
    """Everything that was promised, against everything that was done, at the instant at which all workers stopped."""

    def __init__(self, session: Session, now: datetime, opened: set[int]) -> None:
        self.session, self.now, self.opened = session, now, opened
        self.book = book.write(session)
        tickets = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        self.shelf = history.read(session, [ticket.id for ticket in tickets])
        staff = {one.key: one.id for one in session.scalars(select(Staff))}
        self.lives = {one.id: Life(one, self.shelf.told[one.id], staff) for one in tickets}
        self.pursuits = session.scalars(select(Pursuit).order_by(Pursuit.id)).all()
        self.marks = session.scalars(select(Mark).order_by(Mark.id)).all()
        self.keys = set(session.scalars(select(Outgoing.key)))
        self.summoned: dict[int, list[int]] = defaultdict(list)
        for one in session.scalars(select(Summons)):
            self.summoned[one.pursuit_id].append(one.staff_id)
        self.paged: dict[int, list[Page]] = defaultdict(list)
        pages = select(Page).where(Page.pursuit_id.is_not(None), Page.outcome.is_distinct_from(Outcome.SKIPPED))
        for page in session.scalars(pages.order_by(Page.id)):
            self.paged[page.pursuit_id or 0].append(page)
        # A clock that stops, or is breached, before anybody has come to it needs no warning any more. How long that may
        # take, while workers lie dead, the marks themselves say: what could be seen for longer was overlooked.
        self.slowest = max([GRACE, *(mark.noted_at - mark.at for mark in self.marks)])
        self.said: dict[str, list[str]] = defaultdict(list)  # what is wrong, and where
        self.counted: Counter[str] = Counter()
        self.lateness: dict[str, list[float]] = defaultdict(list)

    def faults(self) -> dict[str, int]:
        """What must be nothing."""
        for name in FAULTS:
            self.said[name] = []
        for life in self.lives.values():
            self._record(life)
            self._found(life)
            self._clocks(life)
        for pursued in self.pursuits:
            self._pursued(pursued)
        for mark in self.marks:
            self._warned(mark)
        self._due()
        return {name: len(said) for name, said in self.said.items()}

    def figures(self) -> dict[str, int | str]:
        """How much there was to overlook, and how late the latest was."""
        texts = Counter(key.split()[0] for key in self.keys)
        pages = [page for pages in self.paged.values() for page in pages]
        noted = Counter(mark.point for mark in self.marks)
        return {
            "emergencies that nobody had": sum(bool(list(life.spells(self.now))) for life in self.lives.values()),
            "pursuits": len(self.pursuits),
            "of which in a second cycle or later": sum(one.cycle > 1 for one in self.pursuits),
            "rings of pursuits": len(pages),
            "told who has it": texts["taken"],
            "told that it is over": texts["over"],
            **{f"marks: {point}": noted[point] for point in Point},
            **dict(sorted(self.counted.items())),
            **{name: f"{max(seconds):.0f} s" for name, seconds in self.lateness.items() if seconds},
        }

    # Emergencies

    def _record(self, life: Life) -> None:
        ticket, last = life.ticket, life.states[-1]
        if (ticket.owner_id, ticket.is_open, is_wanted(ticket)) != (last.owner, last.open, last.wanted):
            self._wrong("tickets that are not what their events say", f"ticket {ticket.id}: {last}")

    def _found(self, life: Life) -> None:
        """Whoever waits longer than a live call may take is pursued, until somebody has it."""
        number = life.ticket.id
        theirs = [one for one in self.pursuits if one.ticket_id == number]
        patience = FOUND if number in self.opened else HUNTED
        for since, until in life.spells(self.now):
            begun = [one for one in theirs if one.begun_at < until and (one.ended_at or self.now) > since]
            if not begun and until - since > patience:
                self._wrong("emergencies lost", f"ticket {number}, nobody had it from {since} to {until}")
            if number in self.opened and begun:
                self.lateness["the latest beginning of a pursuit"].append((begun[0].begun_at - since).total_seconds())
        if life.states[-1].wanted and not any(one.ended_at is None for one in theirs):
            self._wrong("emergencies lost", f"ticket {number} is nobody's, and nobody is looked for")
        elif life.states[-1].wanted:
            self._wrong("emergencies that nobody has yet", f"ticket {number}")

    def _pursued(self, pursued: Pursuit) -> None:
        pages, life = self.paged[pursued.id], self.lives[pursued.ticket_id]
        for page, following in pairwise(pages):
            if page.ended_at is None or following.rang_at < page.ended_at - timedelta(seconds=1):
                self._wrong("telephones rung at once about one ticket", f"pages {page.id} and {following.id}")
        if pursued.ended_at is None:
            if not life.states[-1].wanted:
                self._wrong("pursuits without an end", f"pursuit {pursued.id}")
            return
        stood = life.at(pursued.ended_at)
        if stood.wanted:  # an instant is taken before the lock is waited for: who has it may have said so later
            stood = life.at(pursued.ended_at + GRACE)
        if stood.wanted:
            self._wrong("pursuits given up", f"pursuit {pursued.id}: {pursued.outcome}")
        late = [page.id for page in pages if page.rang_at > pursued.ended_at]
        if late:
            self._wrong("engineers rung after somebody had it", f"pages {late}")
        for staff in self.summoned[pursued.id]:
            self._told(pursued, staff, stood.owner if stood.open else None, over=not stood.open or stood.owner is None)

    def _told(self, pursued: Pursuit, staff: int, owner: int | None, *, over: bool) -> None:
        """Everybody who was called learns once who has it, except who has it."""
        found = [kind for kind in ("taken", "over") if f"{kind} {pursued.id} {staff}" in self.keys]
        if found != ([] if staff == owner else ["over" if over else "taken"]):
            self._wrong("called, and not told once who has it", f"pursuit {pursued.id}, staff {staff}: {found}")

    # Clocks

    def _clocks(self, life: Life) -> None:
        """What an unhurried worker would have noted, against what was noted."""
        number = life.ticket.id
        timeline, plans = self.shelf.timeline(life.ticket), self.book.plans_of(life.ticket.customer_id)
        known = {_key(mark): mark for mark in self.marks if mark.ticket_id == number}
        points = _points(number, timeline, plans, self.now)
        for key, (at, until) in points.items():
            breach = key[3] == Point.BREACH
            if key in known:
                if known[key].at != at:
                    self._wrong("marks of another instant", f"{key}: {known[key].at}, not {at}")
                kind = "breach" if breach else "warning"
                self.lateness[f"the latest note of a {kind}"].append((known[key].noted_at - at).total_seconds())
            elif until - at > (GRACE if breach else self.slowest):
                self._wrong("breaches unmarked" if breach else "warnings missed", f"{key} at {at}")
            else:
                self.counted["points that were overtaken before a worker could come"] += 1
        by_telephone = any("page" in event.detail for event in life.events if event.kind == Kind.ANSWERED)
        for key in known.keys() - points.keys():
            if not by_telephone:  # the carrier may tell of an answer later than it was given
                self._wrong("marks of nothing", str(key))

    def _warned(self, mark: Mark) -> None:
        """Whoever has to know was told once, or nobody had to be told any more."""
        name = f"mark {mark.id} of ticket {mark.ticket_id}, {mark.measure} {mark.point}"
        life = self.lives[mark.ticket_id]
        told = {int(key.split()[2]) for key in self.keys if key.startswith(f"mark {mark.id} ")}
        events = [one for one in life.events if one.kind == "warned" and one.detail.get("mark") == mark.id]
        if mark.told_at is None:
            if mark.noted_at < self.now - GRACE:
                self._wrong("warnings missed", f"{name} was never looked at")
            return
        if len(events) != bool(told):
            self._wrong("warnings told twice, or not as the ticket says", f"{name}: {len(events)} of {told}")
        if not told:
            why = self._needless(mark, life)
            if why:
                self.counted[f"not told, as {why}"] += 1
            else:
                self._wrong("warnings missed", f"{name} was told nobody")
            return
        self.counted["marks told"] += 1
        self.lateness["the latest telling of a mark"].append((mark.told_at - mark.noted_at).total_seconds())
        owners = {life.at(mark.told_at).owner, life.at(mark.told_at + GRACE).owner}
        if None not in owners and not owners & told:
            self._wrong("warnings that passed the owner by", name)

    def _needless(self, mark: Mark, life: Life) -> str:
        """Why nobody had to be told at that time; empty if somebody had."""
        assert mark.told_at
        around = [mark.told_at - GRACE, mark.told_at, mark.told_at + GRACE]
        alike = [one for one in self.marks if (one.ticket_id, one.measure) == (mark.ticket_id, mark.measure)]
        if any(one.at > mark.at and one.noted_at <= around[-1] for one in alike):
            return "a later point says more"
        if any(life.at(at).wanted for at in around):
            return "people are paged"
        timeline, plans = self.shelf.timeline(life.ticket), self.book.plans_of(life.ticket.customer_id)
        runs = [any(one.runs for one in standings(Measure(mark.measure), timeline, plans, at)) for at in around]
        return "" if all(runs) and all(life.at(at).open for at in around) else "its clock has stopped"

    def _due(self) -> None:
        """The rows of due times, and the watchdog's own opinion."""
        numbers = [life.ticket.id for life in self.lives.values() if life.ticket.state in UNRESOLVED]
        for number in due.stale(self.session, self.book, self.now - GRACE):
            self._wrong("due times not renewed", f"ticket {number}")
        for one in watch.findings(self.session, self.now):
            self._wrong("findings of the watchdog", f"ticket {one.ticket.id}: {one.why}")
        for one in watch.differences(self.session, self.book, numbers, self.now):
            self._wrong("due times that differ from a recomputation", f"ticket {one.ticket.id}")

    def _wrong(self, name: str, what: str) -> None:
        self.said[name].append(what)


FAULTS = (
    "emergencies lost",
    "emergencies that nobody has yet",
    "pursuits given up",
    "pursuits without an end",
    "telephones rung at once about one ticket",
    "engineers rung after somebody had it",
    "called, and not told once who has it",
    "breaches unmarked",
    "warnings missed",
    "warnings told twice, or not as the ticket says",
    "warnings that passed the owner by",
    "marks of nothing",
    "marks of another instant",
    "due times not renewed",
    "due times that differ from a recomputation",
    "findings of the watchdog",
    "tickets that are not what their events say",
)


def _key(mark: Mark) -> Key:
    return mark.ticket_id, mark.measure, mark.since, mark.point


def _points(
    number: int, timeline: Timeline, plans: Sequence[Plan], now: datetime
) -> dict[Key, tuple[datetime, datetime]]:
    """Every point that was reached: when, and until when it could be seen."""
    found: dict[Key, tuple[datetime, datetime]] = {}
    for look in sorted(_looks(timeline, plans, now)):
        for clock in _clocks(timeline, plans, look):
            if clock.breached_at:
                since, reached = clock.round.start.at, [(Point.BREACH, clock.breached_at)]
            elif clock.runs and clock.promise:
                points = zip((Point.HALF, Point.THREE_QUARTERS), clock.warnings, strict=False)
                since, reached = clock.promise.clock.start, [(point, at) for point, at in points if at <= look]
            else:
                continue
            found |= {(number, clock.measure.value, since, point.value): (at, look) for point, at in reached}
    return found


def _looks(timeline: Timeline, plans: Sequence[Plan], now: datetime) -> set[datetime]:
    """Between two events nothing changes but the time: so just before each, at each, and when time brings something."""
    opened, *later = [event.at for event in timeline.events]
    looks = {opened, now, *later, *(at - AN_INSTANT for at in later if at > opened)}
    for look in list(looks):
        for clock in _clocks(timeline, plans, look):
            if clock.promise:
                looks |= {at for at in (*clock.warnings, clock.due) if at and look < at < now}
    return looks


def _clocks(timeline: Timeline, plans: Sequence[Plan], look: datetime) -> Iterator[Standing]:
    return (clock for measure in Measure for clock in standings(measure, timeline, plans, look))
