"""An archive: tickets of every age and kind with all that can hang on them, and what by the rules has to be left.

What has to be left is worked out here row by row in plain Python, from what was put in, and not by asking the database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.hooks.endpoint import Endpoint
from desk.hooks.happening import Attempt, Delivery, Happening
from desk.outbox import Outgoing
from desk.outbox import State as Row
from desk.retention import Kind, usual
from desk.staff import Staff
from ivr.call import Call, Leg, Visit
from ivr.line import Line
from ivr.recordings import Recording
from oncall.paging import Page
from oncall.pursuit import Pursuit, Summons
from sla.due import Due
from sla.mark import Mark
from sla.worklog import Work
from tickets.event import Event
from tickets.event import Kind as Told
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.arrival import State as Came
from tickets.mail.letter import Letter
from tickets.people import Customer
from tickets.public.passes import MailedLink
from tickets.ticket import State, Ticket, open_ticket

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy.orm import Session

    from desk.db import Base

DAY = timedelta(days=1)
TABLES: tuple[type[Base], ...] = (
    *(Ticket, Event, Due, Mark, Letter, Pursuit, Summons, MailedLink, Recording, Raw, Arrival, File),
    *(Work, Call, Visit, Leg, Page, Outgoing, Happening, Delivery, Attempt),
)
AGREED = (Kind.RECORDINGS, Kind.RAW_MAILS, Kind.FILES, Kind.CALLS, Kind.TICKETS)


def keys(session: Session) -> dict[str, set[Any]]:
    """What is there, by table."""
    found = {}
    for table in TABLES:
        columns = list(table.__table__.primary_key)
        found[table.__tablename__] = {tuple(row) for row in session.execute(select(*columns))}
    return found


@dataclass
class Paper:
    """A ticket as it was put in; `last` is when something happened to it, `children` the ages of what hangs on it."""

    number: int
    customer: str | None
    resolved: bool
    last: datetime
    into: Paper | None = None
    joined: list[Paper] = field(default_factory=list)
    things: dict[Kind, list[tuple[Any, datetime | None]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def family(self) -> list[Paper]:
        """It, and all that joined it."""
        return [self, *(paper for one in self.joined for paper in one.family)]

    @property
    def top(self) -> Paper:
        return self.into.top if self.into else self


class Archive:
    """Puts papers in, and says what has to be left of them."""

    def __init__(self, session: Session, dice: Random, now: datetime, agreed: dict[str, dict[Kind, timedelta]]) -> None:
        self.session, self.dice, self.now, self.agreed = session, dice, now, agreed
        self.papers: list[Paper] = []
        self.customers = {one.name: one.id for one in session.scalars(select(Customer))}
        self.staff = session.scalars(select(Staff.id).where(Staff.key == "thandi")).one()
        self.line = session.scalars(select(Line.id)).first()
        self.serial = 0

    def term(self, kind: Kind, customer: str | None) -> timedelta:
        return self.agreed.get(customer or "", {}).get(kind, usual(kind))

    def instant(self, kind: Kind, customer: str | None) -> datetime:
        """About as long ago as its term: shortly before or after, or at any other time."""
        term = self.term(kind, customer)
        ages = (term - DAY, term + DAY, term + timedelta(minutes=1), term - timedelta(minutes=1), term * 2, 40 * DAY)
        return self.now - self.dice.choice((*ages, term * self.dice.random() * 1.5))

    def fill(self, number: int) -> None:
        """So many tickets of every kind."""
        for _ in range(number):
            self.paper()
        self.merge()
        self.session.flush()
        self.rows_of_nobody()

    def paper(self) -> Paper:
        dice, customer = self.dice, self.dice.choice([None, *self.customers])
        last = self.instant(Kind.TICKETS, customer)
        resolved = dice.random() < 0.8
        ticket = open_ticket(
            self.session, dice=dice, at=last - DAY, subject="Till", customer_id=self.customers.get(customer or "")
        )
        if resolved:
            ticket.resolve(last, "done")
        else:
            ticket.hear("still broken", last)
        ticket.moves = ticket.judged = 0
        self.session.flush()
        mine = Paper(ticket.id, customer, resolved, last)
        self.papers.append(mine)
        self.hang(mine)
        for add in (self.recording, self.mail, self.file, self.call, self.ring, self.work):
            if dice.random() < 0.25:
                add(mine)
        return mine

    def merge(self) -> None:
        """Some joined others, also along several."""
        for one in self.papers:
            other = self.dice.choice(self.papers)
            if self.dice.random() < 0.3 and other.top is not one and one.resolved and not one.into:
                one.into = other
                other.joined.append(one)
                self.session.get_one(Ticket, one.number).merged_into_id = other.number

    def hang(self, paper: Paper) -> None:
        """What goes with the ticket and has no term of its own."""
        about = {"ticket_id": paper.number}
        event = self.session.scalars(select(Event).where(Event.ticket_id == paper.number)).first()
        assert event
        facts = {"kind": "received", "at": event.at, "automatic": True, "state": "sent", "event_id": event.id}
        self.session.add(Letter(**about, **facts))
        self.session.add(
            Due(**about, measure="resolution", state="met", runs=False, trace=[], terms="", judged_at=event.at)
        )
        mark = {"measure": "resolution", "since": event.at, "point": "breach", "noted_at": event.at}
        self.session.add(Mark(**about, **mark, at=event.at, trace=[]))
        pursuit = Pursuit(**about, policy="Standby", begun_at=event.at, next_at=event.at, ended_at=event.at)
        self.session.add(pursuit)
        self.session.flush()
        self.session.add(Summons(pursuit_id=pursuit.id, staff_id=self.staff, code="123", at=event.at))
        link = {"digest": self.name("link"), "opens": "read", "mailbox": "a@b.example"}
        self.session.add(MailedLink(**about, **link, expires_at=self.now + DAY))

    def name(self, what: str) -> str:
        self.serial += 1
        return f"{what}{self.serial:06}"

    def recording(self, paper: Paper) -> None:
        at, call = self.instant(Kind.RECORDINGS, paper.customer), self.call(paper)
        sid = self.name("RE")
        facts = {"url": "", "seconds": 9, "status": "completed", "file": f"{sid}.mp3", "kept_at": at}
        self.session.add(Recording(sid=sid, call_sid=call, ticket_id=paper.number, taken_at=at, **facts))
        paper.things[Kind.RECORDINGS].append((sid, at))

    def mail(self, paper: Paper) -> None:
        at, name = self.instant(Kind.RAW_MAILS, paper.customer), self.name("mail")
        row = Arrival(received_at=at, way="imap", sha256=name, name=name, size=5, state=Came.THREADED)
        row.ticket_id = paper.number
        self.session.add(row)
        self.session.flush()
        self.session.add(Raw(arrival_id=row.id, content=b"Hello"))
        paper.things[Kind.RAW_MAILS].append((row.id, at))

    def file(self, paper: Paper) -> None:
        at = min(self.instant(Kind.FILES, paper.customer), paper.last)
        event = Event(ticket_id=paper.number, at=at, kind=Told.ASKED, text="see this", detail={})
        self.session.add(event)
        self.session.flush()
        row = File(ticket_id=paper.number, event_id=event.id, name="a.png", type="image/png", size=1, sha256="0")
        row.content = b"x"
        self.session.add(row)
        self.session.flush()
        paper.things[Kind.FILES].append((row.id, at))

    def call(self, paper: Paper) -> str:
        at, sid = self.instant(Kind.CALLS, paper.customer), self.name("CA")
        ended = at if self.dice.random() < 0.9 else None
        ids = {"ticket_id": paper.number, "opened_ticket_id": paper.number, "line_id": self.line}
        self.session.add(Call(sid=sid, **ids, language="en", started_at=at, last_heard_at=self.now, ended_at=ended))
        visit = {"step": "incoming", "heard": "", "path": [], "said": ["Hello"], "carried": "", "facts": {}}
        self.session.flush()
        self.session.add_all(Visit(sid=sid, number=n, call_sid=sid, at=at, **visit) for n in range(2))
        self.session.add(Leg(sid=f"{sid}1", call_sid=sid, status="completed", sequence=1, ended_at=at))
        paper.things[Kind.CALLS].append((sid, ended))
        return sid

    def ring(self, paper: Paper) -> int:
        at = self.instant(Kind.RINGS, None)
        row = Page(ticket_id=paper.number, staff_id=self.staff, rang_at=at, leased_until=at, ended_at=at)
        row.outcome = "no-answer"
        self.session.add(row)
        self.session.flush()
        paper.things[Kind.RINGS].append((row.id, at))
        return row.id

    def work(self, paper: Paper) -> None:
        at = self.instant(Kind.WORK, None)
        bands = ("office", "weekday_after_hours", "saturday", "sunday", "public_holiday")
        facts = {"versions": {}, "state": "billable", "explanation": "", "judged_at": at} | {
            f"{band}_seconds": 60 for band in bands
        }
        row = Work(source=self.name("page "), ticket_id=paper.number, staff_id=self.staff, **facts)
        row.starts, row.ends = at - timedelta(minutes=5), at
        self.session.add(row)
        self.session.flush()
        paper.things[Kind.WORK].append((row.id, at))

    def rows_of_nobody(self) -> None:
        """Mails that moved nothing, and rows of the outbox."""
        self.noted, self.rows = [], []
        for _ in range(40):
            at, name = self.instant(Kind.SUPPRESSED, None), self.name("bounce")
            row = Arrival(received_at=at, way="imap", sha256=name, name=name, size=5, state=Came.SUPPRESSED)
            self.session.add(row)
            self.session.flush()
            self.session.add(Raw(arrival_id=row.id, content=b"Bounced"))
            self.noted.append((row.id, at))
        for _ in range(60):
            state = self.dice.choice([Row.SENT, Row.DROPPED, Row.DEAD])
            at = self.instant(Kind.DEAD if state == Row.DEAD else Kind.SENT, None)
            whole = {"kind": "text", "payload": {"to": "+27825550202"}, "made_at": at, "due_at": at, "sent_at": at}
            out = Outgoing(key=self.name("row"), state=state, expires_at=at, **whole)
            self.session.add(out)
            self.session.flush()
            self.rows.append((out.id, state, at))
        self.hooks()

    def hooks(self) -> None:
        """What a program was told, and what it answered."""
        self.told = []
        wants = {"url": "https://hooks.example/in", "types": [], "full": False, "emergencies": False, "salt": "x"}
        program = Endpoint(way="webhook", name="Board", made_at=self.now, made_by_id=self.staff, **wants)
        self.session.add(program)
        for _ in range(30):
            at, name = self.instant(Kind.HOOKS, None), self.name("msg")
            told = Happening(uid=name, type="call.ended", at=at, facts={})
            delivery = Delivery(happening=told, endpoint=program, row=name)
            delivery.attempts = [Attempt(at=at, took_ms=1, status=500, answer="no")]
            self.session.add(delivery)
            self.session.flush()
            self.told.append((told.id, at))

    # What has to be left

    def left(self, open_since: datetime) -> dict[str, set[Any]]:
        """The numbers of what has to be there after this night; `open_since`: work of then may still be billed."""
        held = {paper.number for paper in self.papers if self._holds(paper, open_since)}
        held |= {one.number for paper in self.papers if paper.number in held for one in paper.family}
        left: dict[str, set[Any]] = defaultdict(set)
        stays: dict[int, bool] = {}
        for paper in self.papers:
            gone = self._gone(paper, held)
            for kind, things in paper.things.items():
                left[kind] |= {key for key, _ in things if key not in gone[kind]}
            things = any(key not in gone[kind] for kind, found in paper.things.items() for key, _ in found)
            over = paper.last < self.now - self.term(Kind.TICKETS, paper.customer)
            stays[paper.number] = things or not over or not paper.resolved or paper.number in held
        for paper in self.papers:
            if any(stays[one.number] for one in paper.top.family):
                left[Kind.TICKETS].add(paper.number)
        left[Kind.SUPPRESSED] = {key for key, at in self.noted if at >= self.now - usual(Kind.SUPPRESSED)}
        for key, state, at in self.rows:
            if at >= self.now - usual(Kind.DEAD if state == Row.DEAD else Kind.SENT):
                left[Kind.SENT].add(key)
        left[Kind.HOOKS] = {key for key, at in self.told if at >= self.now - usual(Kind.HOOKS)}
        return left

    def _holds(self, paper: Paper, open_since: datetime) -> bool:
        billed = any(at and at >= open_since for _, at in paper.things[Kind.WORK])
        return not paper.resolved or billed or any(at is None for _, at in paper.things[Kind.CALLS])

    def _gone(self, paper: Paper, held: set[int]) -> dict[Kind, set[Any]]:
        gone: dict[Kind, set[Any]] = defaultdict(set)
        if paper.number in held:
            return gone
        for kind in (Kind.RECORDINGS, Kind.RAW_MAILS, Kind.FILES, Kind.WORK):
            customer = paper.customer if kind in AGREED else None
            gone[kind] = {key for key, at in paper.things[kind] if at < self.now - self.term(kind, customer)}
        if all(key in gone[Kind.WORK] for key, _ in paper.things[Kind.WORK]):
            sounds = {key for key, _ in paper.things[Kind.RECORDINGS]} - gone[Kind.RECORDINGS]
            with_sound = {self.session.get_one(Recording, sid).call_sid for sid in sounds}
            over = self.now - self.term(Kind.CALLS, paper.customer)
            gone[Kind.CALLS] = {key for key, at in paper.things[Kind.CALLS] if at < over and key not in with_sound}
            gone[Kind.RINGS] = {key for key, at in paper.things[Kind.RINGS] if at < self.now - usual(Kind.RINGS)}
        return gone


NAMES = {
    Kind.RECORDINGS: Recording,
    Kind.RAW_MAILS: Raw,
    Kind.FILES: File,
    Kind.WORK: Work,
    Kind.CALLS: Call,
    Kind.RINGS: Page,
    Kind.TICKETS: Ticket,
    Kind.HOOKS: Happening,
}


def there(session: Session, archive: Archive) -> dict[str, set[Any]]:
    """What is there, in the words of `Archive.left`."""
    found: dict[str, set[Any]] = defaultdict(set)
    for kind, table in NAMES.items():
        (column,) = table.__table__.primary_key
        found[kind] = set(session.scalars(select(column)))
    noted = {key for key, _ in archive.noted}
    found[Kind.SUPPRESSED] = noted & set(session.scalars(select(Arrival.id)))
    found[Kind.RAW_MAILS] -= noted
    found[Kind.SENT] = {key for key, *_ in archive.rows} & set(session.scalars(select(Outgoing.id)))
    return found


def orphans(session: Session) -> dict[str, int]:
    """Rows whose ticket or call is gone; foreign keys refuse them where the database heeds them."""
    tickets, calls = set(session.scalars(select(Ticket.id))), set(session.scalars(select(Call.sid)))
    lost = {}
    for table in (Event, Due, Mark, Letter, Pursuit, MailedLink):
        lost[table.__tablename__] = len(set(session.scalars(select(table.ticket_id))) - tickets)
    for table in (Visit, Leg):
        lost[table.__tablename__] = len(set(session.scalars(select(table.call_sid))) - calls)
    lost["hook_attempt"] = len(
        set(session.scalars(select(Attempt.delivery_id))) - set(session.scalars(select(Delivery.id)))
    )
    return {name: number for name, number in lost.items() if number}


__all__ = ["Archive", "State", "keys", "orphans", "there"]
