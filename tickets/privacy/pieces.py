"""Pieces: how a person's own rows are erased, a few hundred at a time; `after` is the key of the last that was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import LargeBinary, and_, delete, func, or_, select, tuple_, update

from desk import outbox
from desk.db import SetUp, SetUpVersion
from desk.outbox import Outgoing, State
from ivr.call import Call
from ivr.recordings import DISCARD, KIND, WITHIN, Recording
from sla.billing.charge_line import ChargeLine
from sla.billing.statement import Statement
from tickets.event import Event
from tickets.people import Contact, Former
from tickets.privacy import belongings, tenure
from tickets.privacy.asked import Erasure, Item, NotYet, held
from tickets.privacy.places import PLACES, facts_of
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

    from desk.db import Base
    from ivr.shelf import Shelf

ROWS = 500  # that one transaction deletes: a caller's webhook waits two seconds for SQLite's lock at most
BYTES = 16 * 1024 * 1024  # and as many of mails and files
READ = 0.1  # of a turn's thousand, for each row of the outbox that is looked through
SENDING = "something about them is being sent at this moment"
SOUNDS = 5  # at once: each may be a request to a bucket


@dataclass(frozen=True)
class Found:
    """What to do now, by key; and the key to go on after, empty at the end of the step."""

    keys: Sequence[Any] = ()
    after: list[Any] = field(default_factory=list)
    read: int = 0  # bytes or rows that had to be looked through for it, as thousandths of a turn (erasure.TURN)


class Step(Protocol):
    """One kind of thing to do: looked for without a lock, done outside, and then here."""

    name: str

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """What is to be done next; raises NotYet."""

    def outside(self, shelf: Shelf, found: Found) -> None:
        """What has to be done outside the database, before; it may be done again."""

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Do it; how many."""


class Inside:
    """A step that concerns the database alone."""

    def outside(self, shelf: Shelf, found: Found) -> None:
        """Nothing."""


class Own(Inside):
    """Rows of one table that are theirs: emptied, or gone."""

    def __init__(self, model: type[Base]) -> None:
        self.model = model
        self.table: Table = model.__table__  # type: ignore[assignment]
        self.name, self.place = self.table.name, PLACES[self.table.name]

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """The next of them."""
        theirs = belongings.rows(held(erasure), erasure.person, erasure.begun_at)[self.model]
        keys = next_keys(session, self.table, erasure.after, theirs)
        some = keys[: self._fitting(session, keys)]
        return Found(some, some[-1] if len(keys) == ROWS or len(some) < len(keys) else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Whatever they are, there is nothing left in them to be found."""
        if not keys:
            return 0
        self._let_go(session, erasure, keys)
        if issubclass(self.model, SetUp):
            session.execute(update(SetUpVersion).values(version=SetUpVersion.version + 1))
        if self.place.goes:
            session.execute(delete(self.table).where(among(self.table, keys)))
        elif self.model is Event:
            self._facts_alone(session, keys)
        else:
            session.execute(update(self.table).where(among(self.table, keys)).values(self._emptied()))
        return len(keys)

    def _fitting(self, session: Session, keys: Sequence[Any]) -> int:
        """How many of these are at most so many bytes; one at least."""
        large = next((column for column in self.table.c if isinstance(column.type, LargeBinary)), None)
        if large is None or not keys:
            return len(keys)
        here = select(func.length(large)).where(among(self.table, keys)).order_by(*self.table.primary_key)
        sizes = accumulate(size or 0 for size in session.scalars(here))
        return max(1, len([size for size in sizes if size <= BYTES]))

    def _emptied(self) -> dict[str, Any]:
        emptied = dict(self.place.theirs)
        if self.model is Ticket:  # its due times are judged anew: the reasons quoted what was agreed, and with whom
            emptied["moves"] = Ticket.moves + 1
        return emptied

    def _facts_alone(self, session: Session, keys: Sequence[Any]) -> None:
        for number, detail in session.execute(select(Event.id, Event.detail).where(among(self.table, keys))).all():
            emptied = {**self.place.theirs, "detail": facts_of(detail)}
            session.execute(update(self.table).where(self.table.c.id == number).values(emptied))

    def _let_go(self, session: Session, erasure: Erasure, keys: Sequence[Any]) -> None:
        """Who called or wrote since the erasure began did so as this contact; they begin afresh."""
        numbers = [number for number, *_ in keys]
        if self.model is ChargeLine:
            forget_files(session, numbers)
        if self.model in (Former, Contact):  # whom somebody may have changed since what they had before went
            tenure.outlive(session, erasure.person.contacts, erasure.begun_at, gone=self.model is Contact)
        if self.model is Contact:
            for other in (Ticket.__table__, Call.__table__):
                session.execute(update(other).where(other.c.contact_id.in_(numbers)).values(contact_id=None))  # type: ignore[arg-type]


class Sounds:
    """Messages that they left: off the shelf first, then out of the table, and at the carrier by the outbox."""

    name = "recording"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """The next ones, with the name of the file."""
        theirs = belongings.rows(held(erasure), erasure.person)[Recording]
        query = select(Recording.sid, Recording.file).where(theirs, Recording.sid > next(iter(erasure.after), ""))
        found = [tuple(row) for row in session.execute(query.order_by(Recording.sid).limit(SOUNDS))]
        return Found(found, [found[-1][0]] if len(found) == SOUNDS else [], 150 * len(found))

    def outside(self, shelf: Shelf, found: Found) -> None:
        """The sound itself; one that was fetched, but not noted before somebody died, has the same name."""
        for sid, file in found.keys:
            shelf.remove(file or f"{sid}.mp3")

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Nobody fetches it any more, and the carrier is told to delete it, once more if need be."""
        for sid, _ in keys:
            fetches = update(Outgoing).where(Outgoing.key == f"{KIND} {sid}", Outgoing.state != State.SENT)
            session.execute(fetches.values(state=State.DROPPED, error="erased"))
            outbox.post(session, f"erase {sid}", DISCARD, {"sid": sid}, now, lasts=WITHIN)
            emptied = update(Recording.__table__).where(Recording.sid == sid)  # type: ignore[arg-type]
            session.execute(emptied.values(dict(PLACES["recording"].theirs)))
        return len(keys)


class Posted(Inside):
    """What goes out to them, or tells colleagues of them; what is being sent at the moment is waited for."""

    name = "outbox"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next rows: a month of it is many, and each is looked through."""
        here = Outgoing.id > next(iter(erasure.after), 0)
        some = session.scalars(select(Outgoing.id).where(here).order_by(Outgoing.id).limit(ROWS)).all()
        if not some:
            return Found()
        within = Outgoing.id.between(some[0], some[-1])
        theirs = list(belongings.posted(session, held(erasure), erasure.person, erasure.begun_at, within))
        if any(row.state == State.SENDING and (row.leased_until or now) > now for row in theirs):
            raise NotYet(SENDING)
        after = [some[-1]] if len(some) == ROWS else []
        return Found([[row.id] for row in theirs], after, round(READ * len(some)))

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Gone. Raises NotYet where somebody has begun to send it since: it is looked at again."""
        if not keys:
            return 0
        here = Outgoing.id.in_([number for (number,) in keys])
        leaves = and_(Outgoing.state == State.SENDING, Outgoing.leased_until > now)
        if session.scalar(select(Outgoing.id).where(here, leaves).limit(1)):
            raise NotYet(SENDING)
        return int(session.execute(delete(Outgoing).where(here)).rowcount)  # type: ignore[attr-defined]


class Forgotten(Inside):
    """What was found in the beginning, at the end."""

    name = "found"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """The next rows of it."""
        query = select(Item.id).where(Item.erasure_id == erasure.id).order_by(Item.id).limit(ROWS)
        keys = [[number] for number in session.scalars(query)]
        return Found(keys, [0] if len(keys) == ROWS else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Gone; nobody counts that."""
        session.execute(delete(Item).where(Item.id.in_([number for (number,) in keys])))
        return 0


def forget_files(session: Session, lines: Sequence[int]) -> None:
    """Files of a closed month had the number and the name of who called, and will be others from now on."""
    months = select(ChargeLine.month).where(ChargeLine.id.in_(lines))
    session.execute(update(Statement).where(Statement.month.in_(months)).values(files=[]))


def next_keys(session: Session, table: Table, after: Sequence[Any], *where: ColumnElement[bool]) -> list[list[Any]]:
    """The next primary keys of a table, in their order."""
    columns = list(table.primary_key)
    query = select(*columns).where(*where).order_by(*columns).limit(ROWS)
    if after:
        query = query.where(beyond(table, after))
    return [list(row) for row in session.execute(query)]


def beyond(table: Table, after: Sequence[Any]) -> ColumnElement[bool]:
    """Whatever comes after that key."""
    past: ColumnElement[bool] = tuple_(*table.primary_key) > tuple_(*after)
    return past if len(after) > 1 else next(iter(table.primary_key)) > after[0]


def among(table: Table, keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """The rows of these keys."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return or_(*(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys))
