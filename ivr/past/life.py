"""Living: one thing after another, from the morning of the first day until now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from desk.outbox import Outgoing, State
from ivr.past import callers, course, days, duties, engineers, months, words
from ivr.past.course import Ways
from ivr.past.writers import Post, Writer
from sla.due import Due
from tickets import inbox
from tickets.people import Contact
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ivr.past.stage import Stage
    from simulator.handset import BehaviourName

ZONE = ZoneInfo("Africa/Johannesburg")
LEAVES_OFF = timedelta(minutes=50)  # before now: a call that has begun is over by then
AT_LEAST = timedelta(minutes=4)  # between two looks of the worker, where nothing else happens
PHONED = {"support": ((Priority.NORMAL, 6), (Priority.HIGH, 2), (Priority.LOW, 1))}
WRITTEN = ((Priority.NORMAL, 10), (Priority.HIGH, 4), (Priority.LOW, 4))


@dataclass
class Life:
    """What is still to happen, in order."""

    on: Stage
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        self.dice = Random(f"past until {self.ends.astimezone(ZONE).date()}")  # noqa: S311 - the same every time
        self.ways = Ways(self.on, Post(self.on), self.dice)
        self.ahead: list[tuple[datetime, int, Iterator[datetime]]] = []
        self.numbers = count()
        with self.on.database.reading() as session:
            known = select(Contact).order_by(Contact.id)
            self.people = [(one.phone or "anonymous", one.name, one.email) for one in session.scalars(known)]

    @property
    def seconds(self) -> int:
        """How long it is."""
        return int((self.ends - self.begins).total_seconds())

    def live(self, passed: Callable[[int], object]) -> None:
        """Let it all happen; `passed` hears how many seconds have gone by since it last heard."""
        for story in (self._days(), self._nights(), self._duties(), self._months()):
            self._goes_on(story)
        at = self.begins
        while self.ahead and self.ahead[0][0] < self.ends - LEAVES_OFF:
            due, _, story = heappop(self.ahead)
            self._until(due)
            self._goes_on(story)
            self._between()
            passed(max(int((due - at).total_seconds()), 0))
            at = max(due, at)
        self._leave_off()
        passed(self.seconds)

    def _goes_on(self, story: Iterator[datetime]) -> None:
        at = next(story, None)
        if at is not None:
            heappush(self.ahead, (at.astimezone(UTC), next(self.numbers), story))

    def _until(self, at: datetime) -> None:
        """Time passes, and the worker looks whenever something is due."""
        while (due := self._next_look()) and due < at:
            self.on.clock.until(max(due, self.on.clock() + AT_LEAST))
            if self.on.clock() >= at:
                break
            self._between()
        self.on.clock.until(at)

    def _between(self) -> None:
        """The worker looks; the telephones that it has rung are taken, or not."""
        self.on.works("between")
        mood: BehaviourName = "accept" if self.ways.chance(0.5) else "no-answer"
        if callers.takes_rings(self.on, [mood], self.dice.uniform(60, 300)):
            self.on.works("between")

    def _next_look(self) -> datetime | None:
        with self.on.database.reading() as session:
            found = (
                session.scalar(select(func.min(Due.look_at))),
                session.scalar(select(func.min(Outgoing.due_at)).where(Outgoing.state == State.WAITING)),
            )
        return min(filter(None, found), default=None)

    def _leave_off(self) -> None:
        """Nobody sleeps through an emergency when the present begins, and nothing waits that is due."""
        self._until(self.ends)
        with self.on.database.reading() as session:
            wanted = inbox.unresolved().where(Ticket.priority == Priority.EMERGENCY, Ticket.owner_id.is_(None))
            numbers = [one.id for one in session.scalars(wanted)]
        for number in numbers:
            engineers.presses(self.on, number, self.ways.duty(), "have")
        for kind in ("between", "night", "week", "between"):
            self.on.works(kind)

    # Stories

    def _days(self) -> Iterator[datetime]:
        """Who rings and writes, day by day."""
        line = self.on.board.lines[self.on.line]
        day = self.begins.astimezone(ZONE).date()
        while day <= self.ends.astimezone(ZONE).date():
            works = line.regular.is_open(datetime.combine(day, time(12), ZONE))
            for one in days.of_day(day, ZONE, len(self.people), works=works):
                if one.at > self.begins:
                    yield one.at
                    self._happens(one)
            day += timedelta(days=1)

    def _nights(self) -> Iterator[datetime]:
        """What the worker does once a night, and in the morning."""
        day = self.begins.astimezone(ZONE).date() + timedelta(days=1)
        while True:
            yield datetime.combine(day, time(3), ZONE)
            self.on.works("night")
            if not day.weekday():
                self.on.works("week")
            yield datetime.combine(day, time(8), ZONE)
            self.on.works("morning")
            day += timedelta(days=1)

    def _duties(self) -> Iterator[datetime]:
        return duties.happen(self.on, self.begins, self.ends)

    def _months(self) -> Iterator[datetime]:
        return months.happen(self.on, self.dice, self.begins, self.ends)

    # What happens

    def _happens(self, one: days.Happening) -> None:
        dice = Random(one.seed)  # noqa: S311 - the same every time
        phone, writer = self._who(one, dice)
        if one.kind in ("mail", "form") and writer:
            self._written(one.kind, writer, dice)
        else:
            known = writer if one.who is not None else None  # a stranger on the telephone has no address
            self._rings(one.kind if one.kind in callers.KEYS else "support", phone, known, dice)

    def _who(self, one: days.Happening, dice: Random) -> tuple[str, Writer | None]:
        if one.who is None:
            number = f"+278255509{dice.randrange(10, 99)}"
            return (number if dice.random() < 0.85 else "anonymous"), _stranger(dice)
        phone, name, email = self.people[one.who]
        return phone, Writer(name, email) if email else None

    def _written(self, kind: str, writer: Writer, dice: Random) -> None:
        priority = _chosen(WRITTEN, dice)
        request = words.request(priority, dice)
        if kind == "form":
            number = self.ways.post.form(writer, request, priority)
        else:
            number, priority = self.ways.post.mail(writer, request.subject, request.what), Priority.NORMAL
        if number:
            self._goes_on(course.of_request(self.ways, number, request, priority, writer))

    def _rings(self, kind: str, phone: str, writer: Writer | None, dice: Random) -> None:
        is_open = self.on.board.lines[self.on.line].regular.is_open(self.on.clock())
        number = callers.rings(self.on, phone, callers.caller(kind, dice, is_open=is_open))
        with self.on.database.reading() as session:
            ticket = inbox.survivor(session, session.get_one(Ticket, number))
            number, priority = ticket.id, Priority(ticket.priority)
            is_new, is_open = ticket.opened_at > self.on.clock() - LEAVES_OFF, ticket.is_open
            nobody_s = ticket.owner_id is None
        if not is_open or not (is_new or (priority == Priority.EMERGENCY and nobody_s)):
            return  # nobody asked for anything, or it is about an older one, which has its course already
        if priority == Priority.EMERGENCY:
            self._goes_on(course.of_emergency(self.ways, number, words.request(priority, dice)))
        else:
            self._goes_on(self._sorted(number, priority, writer, dice))

    def _sorted(self, number: int, priority: Priority, writer: Writer | None, dice: Random) -> Iterator[datetime]:
        """Whoever takes it hears how urgent it is; then it takes its course."""
        wanted = _chosen(PHONED["support"], dice)
        if priority == Priority.NORMAL and wanted != priority:
            yield self.ways.in_office(dice.uniform(3, 15))
            key = engineers.owner(self.on, number) or self.ways.colleague()
            why = "nobody there can work" if wanted == Priority.HIGH else "it has time"
            engineers.presses(self.on, number, key, "priority", priority=wanted, text=why)
            priority = wanted
        yield from course.of_request(self.ways, number, words.request(priority, dice), priority, writer)


def _chosen(weighted: tuple[tuple[Priority, int], ...], dice: Random) -> Priority:
    return dice.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]


def _stranger(dice: Random) -> Writer | None:
    names = ("Nomsa Khoza", "Werner Vorster", "Aisha Patel", "Kagiso Molefe", "Emma Jacobs")
    name = dice.choice(names)
    return Writer(name, f"{name.lower().replace(' ', '.')}@example.org")
