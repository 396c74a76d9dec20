"""Scans: a person's number, address and name in what others said and sent, looked for in all of it.

The rows are looked through without a lock; only where something stands is anything written, and what is written is
made from the row as it is then.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw, State
from tickets.mail.received import read
from tickets.privacy import rewriting
from tickets.privacy.pieces import ROWS, Found, Inside, among, beyond
from tickets.privacy.places import PLACES
from tickets.privacy.traces import ERASED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from tickets.privacy.asked import Erasure

AT_ONCE = 2000  # rows that are looked through in a piece
FEW = 10  # of mails or files, which may be large
# By which column a row is known to be of the time before; what has none changes seldom, and is looked through whole.
SINCE = {
    "event": "at",
    "letter": "at",
    "visit": "at",
    "audit": "at",
    "page": "rang_at",
    "outbox": "made_at",
    "ticket": "opened_at",
    "arrival": "received_at",
}


class Words(Inside):
    """The words of one table, whoever's they are."""

    def __init__(self, table: Table) -> None:
        self.table, self.name = table, f"mentions in {table.name}"
        self.columns = [table.c[name] for name in sorted(PLACES[table.name].words)]
        self.width = len(table.primary_key)

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next rows in which they are named."""
        traces, keys = erasure.person.traces, []
        query = select(*self.table.primary_key, *self.columns).order_by(*self.table.primary_key).limit(AT_ONCE)
        if since := SINCE.get(self.table.name):
            query = query.where(self.table.c[since] <= erasure.begun_at)
        rows = session.execute(query.where(beyond(self.table, erasure.after)) if erasure.after else query).all()
        for row in rows:
            key, words = list(row[: self.width]), list(row[self.width :])
            if traces.out_of_all(words) != words:
                keys.append(key)
            if len(keys) == ROWS:
                return Found(keys, key)
        return Found(keys, list(rows[-1][: self.width]) if len(rows) == AT_ONCE else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """The same words without them. The audit too: by its table, for by its class nobody may change it."""
        traces = erasure.person.traces
        for key in keys:
            here = among(self.table, [key])
            row = session.execute(select(*self.columns).where(here)).one_or_none()
            if row:
                without = {
                    column.name: self._without(column.name, traces.out_of_all(said))
                    for column, said in zip(self.columns, row, strict=True)
                }
                session.execute(update(self.table).where(here).values(without))
        return len(keys)

    def _without(self, column: str, said: Any) -> Any:
        """What was nothing but them is emptied: a number or an address is no field for words."""
        return PLACES[self.table.name].theirs.get(column, said) if said == ERASED else said


class Mails(Inside):
    """The bytes of others' mails, which say it in any code: each is read, and written anew where they are in it."""

    name = "mails of others"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next few that have to be written anew, and how."""
        traces = erasure.person.traces
        query = select(Raw.arrival_id, Raw.content).join(Arrival, Arrival.id == Raw.arrival_id)
        before = Arrival.received_at <= erasure.begun_at, Arrival.state != State.STORED
        query = query.where(Raw.arrival_id > next(iter(erasure.after), 0), *before)
        rows = session.execute(query.order_by(Raw.arrival_id).limit(FEW)).all()
        session.rollback()  # reading large mails takes its time, and PostgreSQL ends transactions that stand still
        keys = [(number, rewriting.without(raw, traces)) for number, raw in rows if rewriting.names(raw, traces)]
        return Found(keys, [rows[-1][0]] if len(rows) == FEW else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """What its writer said otherwise stays."""
        for number, content in keys:
            raw, row = session.get(Raw, number), session.get_one(Arrival, number)
            if raw:
                raw.content, row.size, row.sha256 = content, len(content), sha256(content).hexdigest()
                row.facts = row.facts | {
                    "files": [asdict(file) for file in read(content).files],
                    "faults": [rewriting.NOTE],
                }
        return len(keys)


class Files(Inside):
    """Files of others, as far as they can be read without opening them: crosses where they are named."""

    name = "files of others"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Those of the next few in which they are named."""
        traces = erasure.person.traces
        query = select(File.id, File.content).join(Event, Event.id == File.event_id)
        query = query.where(File.id > next(iter(erasure.after), 0), Event.at <= erasure.begun_at)
        rows = session.execute(query.order_by(File.id).limit(FEW)).all()
        session.rollback()
        keys = [(number, traces.out_of_bytes(said)) for number, said in rows if traces.are_in_bytes(said)]
        return Found(keys, [rows[-1][0]] if len(rows) == FEW else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Everything else in them stays where it is."""
        for number, content in keys:
            changed = update(File).where(File.id == number).values(content=content, sha256=sha256(content).hexdigest())
            session.execute(changed)
        return len(keys)
