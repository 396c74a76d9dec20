"""The course of a ticket: what becomes of it until it is resolved, step by step, each at its time.

A course is a generator: it yields the instant at which it goes on. Most first answers come in time; some are late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr.acknowledging import How
from ivr.past import callers, engineers, words
from oncall import pursuit
from tickets import inbox
from tickets.reference import printed
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

    from ivr.past.stage import Stage
    from ivr.past.words import Request
    from ivr.past.writers import Post, Writer
    from simulator.handset import BehaviourName

    Course = Iterator[datetime]

ZONE = ZoneInfo("Africa/Johannesburg")
HANDS = ("thandi", "pieter", "lerato")
# Open minutes until somebody takes it, by how urgent it is: usually, and one time in so many later than promised.
SOON = {"emergency": 4, "high": 20, "normal": 45, "low": 150}
LATE = {"emergency": 75, "high": 150, "normal": 290, "low": 900}
IS_LATE = {"emergency": 0.03, "high": 0.07, "normal": 0.05, "low": 0.04}
TRIES = 4  # of the worker to reach somebody, before whoever wakes first takes it


@dataclass
class Ways:
    """What a course has to go on."""

    on: Stage
    post: Post
    dice: Random

    def in_office(self, minutes: float) -> datetime:
        """After so many open minutes from now."""
        calendar = self.on.board.lines[self.on.line].regular
        return calendar.after(self.on.clock(), timedelta(minutes=round(minutes, 1)))

    def soon(self, minutes: float) -> datetime:
        """After so many minutes, whatever the hour."""
        return self.on.clock() + timedelta(minutes=round(minutes, 1))

    def chance(self, share: float) -> bool:
        """Whether it is so this time."""
        return self.dice.random() < share

    def colleague(self) -> str:
        """Whoever sits next to the telephone."""
        return self.dice.choices(HANDS, (3, 3, 4))[0]

    def duty(self) -> str:
        """Who is on standby now."""
        (plan,) = self.on.board.rotas.values()
        duties = plan.who(self.on.clock())
        return duties[0].engineer if duties else "naledi"


def of_emergency(ways: Ways, number: int, request: Request) -> Course:
    """Somebody has it at once, or is paged until somebody has; then it is mended, at whatever hour."""
    on = ways.on
    yield from _until_taken(ways, number)
    key = engineers.owner(on, number) or ways.duty()
    yield ways.soon(ways.dice.uniform(4, 18))
    if engineers.has_missed_call(on, number) and not engineers.calls_back(on, number, key, ways.dice.uniform(90, 900)):
        yield ways.soon(2)
    engineers.presses(on, number, key, "answer", text=request.answer)
    began = on.clock()
    yield ways.soon(ways.dice.uniform(20, 140))
    if ways.chance(0.4):
        done = f"Remote work: {request.subject.lower()}"
        engineers.enters(on, number, key, (began, on.clock()), done, consent=ways.chance(0.85))
    if ways.chance(0.25):
        engineers.presses(on, number, key, "note", text=words.said("notes", ways.dice))
    engineers.resolves(on, number, key, request.resolved, request.subject)
    yield from _afterwards(ways, number, key, request, None)


def of_request(ways: Ways, number: int, request: Request, priority: str, writer: Writer | None) -> Course:
    """Anything that can wait for the office: taken, answered, perhaps waited for, resolved."""
    on, late = ways.on, ways.chance(IS_LATE[priority])
    minutes = LATE[priority] if late else SOON[priority] * ways.dice.uniform(0.2, 1.4)
    yield ways.in_office(minutes)
    if not engineers.is_open(on, number):
        return
    key = engineers.owner(on, number) or ways.colleague()
    engineers.presses(on, number, key, "have")
    yield from _merged(ways, number, key)
    if priority == Priority.LOW:
        until = ways.in_office(60 * ways.dice.uniform(14, 30)).astimezone(ZONE)
        _agrees(ways, number, key, until, writer)
    yield ways.in_office(ways.dice.uniform(2, 15))
    engineers.names(on, number, key, request.subject)  # a ticket of the line; others are called so already
    yield from _answered(ways, number, key, request)
    yield from _waited(ways, number, key, request, writer)
    if ways.chance(0.05):
        key = _handed_over(ways, number, key)
    yield ways.in_office(SOON[priority] * ways.dice.uniform(0.5, 5 if priority == Priority.LOW else 14))
    if ways.chance(0.3):
        _entered(ways, number, key, request)
    engineers.resolves(on, number, key, request.resolved)
    yield from _afterwards(ways, number, key, request, writer)


def _until_taken(ways: Ways, number: int) -> Course:
    """The worker pages; whoever is rung takes it by a key, a text, the link or the page."""
    on = ways.on
    for tries in range(TRIES):
        if engineers.owner(on, number) or not engineers.is_open(on, number):
            return
        on.works("between")
        mood: BehaviourName = "accept" if ways.chance(0.4) else "no-answer"
        callers.takes_rings(on, [mood], 60)
        if not engineers.owner(on, number) and tries and ways.chance(0.5):
            yield ways.soon(ways.dice.uniform(0.5, 3))
            break
        yield ways.soon(ways.dice.uniform(1, 6))
    if engineers.owner(on, number) is None and engineers.is_open(on, number):
        engineers.takes_by(on, number, _called(ways, number), ways.dice.choice((How.TEXT, How.LINK, How.PAGE)))


def _called(ways: Ways, number: int) -> str:
    """Somebody who was called to it, else who is on standby."""
    with ways.on.database.reading() as session:
        found = pursuit.running(session, inbox.survivor(session, session.get_one(Ticket, number)))
        keys = [each.staff.key for each in found.summoned] if found else []
    return ways.dice.choice(keys) if keys else ways.duty()


def _answered(ways: Ways, number: int, key: str, request: Request) -> Course:
    """By telephone where somebody rang in vain, else in writing."""
    if engineers.has_missed_call(ways.on, number) and ways.chance(0.8):
        engineers.calls_back(ways.on, number, key, ways.dice.uniform(60, 800))
        yield ways.in_office(1)
    engineers.presses(ways.on, number, key, "answer", text=request.answer)
    if ways.chance(0.15):
        engineers.presses(ways.on, number, key, "note", text=words.said("notes", ways.dice))


def _waited(ways: Ways, number: int, key: str, request: Request, writer: Writer | None) -> Course:
    """Perhaps nothing can be done until the customer has done something."""
    if not ways.chance(0.25):
        return
    yield ways.in_office(5)
    engineers.presses(ways.on, number, key, "wait", text=request.waits)
    yield ways.in_office(ways.dice.uniform(60, 900))
    if writer and ways.chance(0.8):
        ways.post.answer(writer, number, words.said("replies", ways.dice))
    else:
        engineers.presses(ways.on, number, key, "resume", text="Rang them: it is done")


def _merged(ways: Ways, number: int, key: str) -> Course:
    """Now and then it is about the same as another open ticket of theirs."""
    other = _another(ways, number) if ways.chance(0.12) else None
    if other:
        yield ways.in_office(3)
        engineers.presses(ways.on, number, key, "merge", into=other, text="the same trouble at the other desk")


def _another(ways: Ways, number: int) -> str | None:
    with ways.on.database.reading() as session:
        ticket = session.get_one(Ticket, number)
        theirs = inbox.unresolved().where(Ticket.customer_id == ticket.customer_id, Ticket.id != number)
        found = session.scalars(theirs.order_by(Ticket.id.desc())).first() if ticket.customer_id else None
        return printed(found.reference) if found else None


def _agrees(ways: Ways, number: int, key: str, until: datetime, writer: Writer | None) -> None:
    whom = writer.name if writer else "whoever rang"
    engineers.presses(ways.on, number, key, "agree", until=f"{until:%Y-%m-%dT%H:%M}", customer=whom)


def _handed_over(ways: Ways, number: int, key: str) -> str:
    to = ways.dice.choice([one for one in HANDS if one != key])
    done = engineers.presses(ways.on, number, key, "hand-over", to=to, text="I am with another customer until four")
    return to if done else key


def _entered(ways: Ways, number: int, key: str, request: Request) -> None:
    """What was done since an hour ago, at most: it is never more than what has passed."""
    ends = ways.on.clock()
    starts = ends - timedelta(minutes=5 * ways.dice.randint(2, 12))
    engineers.enters(ways.on, number, key, (starts, ends), request.resolved, consent=True)


def _afterwards(ways: Ways, number: int, key: str, request: Request, writer: Writer | None) -> Course:
    """Now and then it was not over after all."""
    if not ways.chance(0.07):
        return
    yield ways.in_office(ways.dice.uniform(60, 700))
    if writer:
        ways.post.answer(writer, number, words.said("thanks", ways.dice))
    else:
        engineers.presses(ways.on, number, key, "reopen", text=words.said("thanks", ways.dice))
    yield ways.in_office(ways.dice.uniform(5, 30))
    engineers.presses(ways.on, number, key, "answer", text=request.answer)
    yield ways.in_office(ways.dice.uniform(30, 200))
    engineers.resolves(ways.on, number, key, request.resolved)
