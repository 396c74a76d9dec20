"""Moving a past into the database of an installation: everything in one transaction, or nothing at all.

It goes only where nobody has lived yet: the demo's set-up may be there and what a worker writes by itself, but no
ticket, no mail, no change of the rota, no work. What belongs to the door (passwords, sessions, tokens) stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, delete, func, insert, select, update

import desk.models  # noqa: F401 - the whole metadata
from desk.chores import Pulse
from desk.db import Base
from desk.door.attempts import Attempts
from desk.door.links import PasswordLink
from desk.door.passwords import Credential
from desk.door.sessions import SignIn
from desk.door.tokens import ApiToken
from desk.staff import Staff
from ivr.line import Line
from oncall.cover import CoverRequest
from oncall.leave import Leave
from oncall.roster import OverrideRecord, Version
from oncall.swap import Swap
from sla.billing.statement import Statement
from sla.hours import Closure
from sla.worklog import Work
from tickets.canary import KEY as CANARY
from tickets.canary import nobody_s
from tickets.mail.arrival import Arrival
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table
    from sqlalchemy.orm import Session

    from desk.db import Database

AT_ONCE = 500  # rows
LIVED: dict[str, tuple[type[Base], tuple[Any, ...]]] = {
    "tickets": (Ticket, (nobody_s(),)),
    "mails": (Arrival, ()),
    "stretches of work": (Work, ()),
    "closed months": (Statement, ()),
    "changes of shifts": (OverrideRecord, ()),
    "changes of a rota": (Version, (Version.number > 1,)),
    "swaps": (Swap, ()),
    "requests to cover": (CoverRequest, ()),
    "leave": (Leave, ()),
    "closures": (Closure, ()),
}
DOOR = {one.__tablename__ for one in (PasswordLink, Credential, SignIn, ApiToken)}
STAYS = DOOR | {Pulse.__tablename__, Attempts.__tablename__}


class SomebodyLives(Exception):
    """This is no place for a past that is made up; the text says what is there, and how to begin anew."""


def check(there: Session, past: Session) -> None:
    """Raises SomebodyLives unless there is nothing but the demo company in that database."""
    found = [f"{name}: {number}" for name, number in _lived(there) if number]
    for name, key in (("colleagues", Staff.key), ("customers", Customer.code), ("lines", Line.number)):
        strangers = set(there.scalars(select(key))) - set(past.scalars(select(key))) - {CANARY}
        found += [f"{name} of its own: {len(strangers)}"] if strangers else []
    if found:
        raise SomebodyLives(
            f"There is something in this database already ({', '.join(found)}). A history goes only into a database of "
            "the demo company in which nothing has happened yet. To begin anew, name another database in DATABASE_URL, "
            "or put this one aside, and run the same command again. Nothing was changed."
        )
    if _ids(there) - _ids(past):
        raise SomebodyLives("The demo company was set up in another order here. Begin with a new database.")


def move(there: Database, past: Database, told: Callable[[Session], object]) -> int:
    """Everything that was written in the past, instead of what is there, and what is `told` of it; how many rows."""
    with past.reading() as source:

        def work(session: Session) -> int:
            check(session, source)
            rows = _moved(session.connection(), source)
            session.expire_all()
            told(session)
            return rows

        return there.write(work)


def _lived(session: Session) -> Iterator[tuple[str, int]]:
    for name, (model, conditions) in LIVED.items():
        yield name, session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _ids(session: Session) -> set[tuple[str, int]]:
    people = session.execute(select(Staff.key, Staff.id).where(Staff.key != CANARY))
    return {(key, number) for key, number in people}


def _moved(there: Connection, source: Session) -> int:
    """Below the session: what keeps its rows for ever, as the audit does, is not written by anybody here either."""
    door = [table for table in Base.metadata.sorted_tables if table.name in DOOR]
    stays = {table: [dict(row) for row in there.execute(select(table)).mappings()] for table in door}
    tables = [table for table in Base.metadata.sorted_tables if table.name not in STAYS]
    for table in reversed([*tables, *door]):
        there.execute(delete(table))
    rows = sum(_copied(there, source, table) for table in tables)
    for table, kept in stays.items():
        _inserted(there, table, kept)
    if there.dialect.name == "postgresql":
        _count_on(there, tables)
    return rows


def _copied(there: Connection, source: Session, table: Table) -> int:
    """A table in chunks; what refers to a row of its own table does so once all of them are there."""
    rows = [dict(row) for row in source.execute(select(table).order_by(*table.primary_key.columns)).mappings()]
    own = [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    _inserted(there, table, [row | dict.fromkeys(own) for row in rows])
    for row in rows:
        if refers := {name: row[name] for name in own if row[name] is not None}:
            there.execute(update(table).where(table.c.id == row["id"]).values(refers))
    return len(rows)


def _inserted(there: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        there.execute(insert(table), rows[start : start + AT_ONCE])


def _count_on(there: Connection, tables: list[Table]) -> None:
    """PostgreSQL counts rows by sequences, which know nothing of rows that brought their numbers along."""
    for table in tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            newest = there.execute(select(func.max(column))).scalar()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            there.execute(select(func.setval(sequence, newest or 1, newest is not None)))
