"""Scans: a person's number, address and name in what others said and sent, looked for in all of it.

The rows are looked through without a lock; only where something stands is anything written, and what is written is
made from the row as it is then: mails and files, which take their time, before, and they are asked whether they are
still what was read.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, null, select, update

from sla.billing.charge_line import ChargeLine
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw, State
from tickets.mail.received import read
from tickets.privacy import rewriting
from tickets.privacy.asked import NotYet
from tickets.privacy.pieces import ROWS, Found, Inside, among, beyond, forget_files
from tickets.privacy.places import PLACES
from tickets.privacy.traces import ERASED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Table
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from tickets.privacy.asked import Erasure
    from tickets.privacy.traces import Traces

AT_ONCE = 2000  # rows that are looked through in a piece
FEW = 10  # of mails or files
LARGE = 512 * 1024  # bytes of these in a piece, unless a single one is larger
ROW, MAIL_BYTE, FILE_BYTE = 0.05, 1 / 4096, 1 / 16384  # of a turn's thousand, for each that is looked through
CHANGED = "it was changed at the same time"
LATE = timedelta(days=7)  # how much older than the erasure what is written down after it has begun may be
# By which column a row is known to be of the time before; what has none changes seldom, and is looked through whole.
SINCE = {
    "event": "at",
    "letter": "at",
    "visit": "at",
    "audit": "at",
    "page": "rang_at",
    "outbox": "made_at",
    "ticket": "opened_at",
    "call": "started_at",
    "arrival": "received_at",
}


# By which column it is known when words were said, where a number or an address was theirs for a time alone; what has
# none is said now.
SAID = SINCE | {
    "due": "started_at",
    "mark": "noted_at",
    "work": "starts",
    "charge_line": "starts",
    "review": "at",
    "statement": "closed_at",
    "reopening": "asked_at",
    "canary": "laid_at",
    "contract": "made_at",
    "withdrawn_contract": "withdrawn_at",
    "erasure": "begun_at",
    "access": "at",
    "purge_night": "began_at",
    "hook_attempt": "at",
    "announcement": "made_at",
    "prompt": "changed_at",
    "closure": "starts",
    "switch": "since",
    "api_token": "made_at",
    "rota_version": "published_at",
    "rota_override": "made_at",
    "served_shift": "starts",
    "leave": "starts",
    "cover_request": "asked_at",
    "swap": "asked_at",
    "duty_rules": "made_at",
    "readiness_report": "at",
    "trouble": "since",
}


class Words(Inside):
    """The words of one table, whoever's they are; `late`: of the days before the erasure alone, once more."""

    def __init__(self, table: Table, *, late: bool = False) -> None:
        self.table, self.name, self.late = table, f"mentions in {table.name}", late
        self.columns = [table.c[name] for name in sorted(PLACES[table.name].words)]
        when = SAID.get(table.name)
        self.said: ColumnElement[Any] = table.c[when] if when else null()
        self.width = len(table.primary_key)

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next rows in which they are named."""
        person, keys = erasure.person, []
        query = select(*self.table.primary_key, self.said, *self.columns)
        query = query.order_by(*self.table.primary_key).limit(AT_ONCE)
        if since := SINCE.get(self.table.name):
            query = query.where(_in_time(self.table.c[since], erasure, late=self.late))
        rows = session.execute(query.where(beyond(self.table, erasure.after)) if erasure.after else query).all()
        for row in rows:
            key, at, words = list(row[: self.width]), row[self.width], list(row[self.width + 1 :])
            if person.traces_at(at or erasure.begun_at).out_of_all(words) != words:
                keys.append(key)
            if len(keys) == ROWS:
                return Found(keys, key, round(ROW * len(rows)))
        return Found(keys, list(rows[-1][: self.width]) if len(rows) == AT_ONCE else [], round(ROW * len(rows)))

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """The same words without them. The audit too: by its table, for by its class nobody may change it."""
        person = erasure.person
        for key in keys:
            here = among(self.table, [key])
            row = session.execute(select(self.said, *self.columns).where(here)).one_or_none()
            if row:
                traces = person.traces_at(row[0] or erasure.begun_at)
                without = {
                    column.name: self._without(column.name, traces.out_of_all(said))
                    for column, said in zip(self.columns, row[1:], strict=True)
                }
                session.execute(update(self.table).where(here).values(without))
        if keys and self.table is ChargeLine.__table__:
            forget_files(session, [number for (number,) in keys])
        return len(keys)

    def _without(self, column: str, said: Any) -> Any:
        """What was nothing but them is emptied: a number or an address is no field for words."""
        return PLACES[self.table.name].theirs.get(column, said) if said == ERASED else said


class Mails(Inside):
    """The bytes of others' mails, which say it in any code: each is read, and written anew where they are in it."""

    name = "mails of others"

    def __init__(self, *, late: bool = False) -> None:
        self.late = late

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next few that have to be written anew, and how; all is read and made before anything locks."""
        person = erasure.person
        before = _in_time(Arrival.received_at, erasure, late=self.late), Arrival.state != State.STORED
        query = select(Arrival.id, Arrival.size).join(Raw, Raw.arrival_id == Arrival.id).where(*before)
        few, size, more = _few(session, query.where(Arrival.id > next(iter(erasure.after), 0)), Arrival.id)
        whole = select(Arrival.id, Arrival.sha256, Raw.content, Arrival.received_at)
        whole = whole.join(Raw, Raw.arrival_id == Arrival.id).where(Arrival.id.in_(few)).order_by(Arrival.id)
        rows = session.execute(whole).all()
        session.rollback()  # reading large mails takes its time, and PostgreSQL ends transactions that stand still
        named = ((number, was, raw, person.traces_at(at)) for number, was, raw, at in rows)
        keys = [(number, was, *_anew(raw, of)) for number, was, raw, of in named if rewriting.names(raw, of)]
        return Found(keys, [few[-1]] if more else [], round(MAIL_BYTE * size))

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """What its writer said otherwise stays. Raises NotYet where it is not as it was read: it is read again."""
        for number, was, content, files in keys:
            row = session.scalars(select(Arrival).where(Arrival.id == number).with_for_update()).one_or_none()
            if row is None:
                continue
            if row.sha256 != was:
                raise NotYet(CHANGED)
            row.size, row.sha256 = len(content), sha256(content).hexdigest()
            row.facts = row.facts | {"files": files, "faults": [rewriting.NOTE]}
            session.execute(update(Raw).where(Raw.arrival_id == number).values(content=content))
        return len(keys)


class Files(Inside):
    """Files of others, as far as they can be read without opening them: crosses where they are named."""

    name = "files of others"

    def __init__(self, *, late: bool = False) -> None:
        self.late = late

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next few in which they are named."""
        person = erasure.person
        query = select(File.id, File.size).join(Event, Event.id == File.event_id)
        query = query.where(_in_time(Event.at, erasure, late=self.late))
        few, size, more = _few(session, query.where(File.id > next(iter(erasure.after), 0)), File.id)
        whole = select(File.id, File.sha256, File.content, Event.at).join(Event, Event.id == File.event_id)
        rows = session.execute(whole.where(File.id.in_(few)).order_by(File.id)).all()
        session.rollback()
        named = ((number, was, said, person.traces_at(at)) for number, was, said, at in rows)
        keys = [(number, was, of.out_of_bytes(said)) for number, was, said, of in named if of.are_in_bytes(said)]
        return Found(keys, [few[-1]] if more else [], round(FILE_BYTE * size))

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Everything else in them stays where it is. Raises NotYet where one is not as it was read."""
        for number, was, content in keys:
            row = session.scalars(select(File).where(File.id == number).with_for_update()).one_or_none()
            if row is None:
                continue
            if row.sha256 != was:
                raise NotYet(CHANGED)
            row.content, row.sha256 = content, sha256(content).hexdigest()
        return len(keys)


def _in_time(column: SQLColumnExpression[datetime], erasure: Erasure, *, late: bool) -> ColumnElement[bool]:
    """Whether it is of the time before; of that only the last days, where it is looked for once more."""
    before = column <= erasure.begun_at
    return and_(before, column > erasure.begun_at - LATE) if late else before


def _few(session: Session, sizes: Select[int, int], key: InstrumentedAttribute[int]) -> tuple[list[int], int, bool]:
    """The next that are looked at together: a few small ones or one large one; their bytes, and whether more come."""
    rows = session.execute(sizes.order_by(key).limit(FEW)).all()
    few: list[int] = []
    whole = 0
    for number, size in rows:
        if few and whole + size > LARGE:
            break
        few.append(number)
        whole += size
    return few, whole, len(few) < len(rows) or len(rows) == FEW


def _anew(raw: bytes, traces: Traces) -> tuple[bytes, list[dict[str, Any]]]:
    """The mail without them, and what there is to say of its files."""
    content = rewriting.without(raw, traces)
    return content, [asdict(file) for file in read(content).files]
