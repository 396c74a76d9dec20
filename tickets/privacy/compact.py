"""Compact: what was erased is written over in the files of the database too, where old pages may still hold it.

SQLite copies what there is into new pages, and then empties its log into them; PostgreSQL writes each table and its
indexes anew. Both keep everybody else from writing meanwhile, so a worker does it in the quiet night, while nobody is
on the line, and only where the database is small; else whoever runs the installation does, at an hour of theirs. It
waits for a lock for less time than a caller's webhook does, and tries again hours later: a reader who stays keeps
SQLite's log from being emptied, and everybody else waits while one waits for them. PostgreSQL's log of changes (WAL),
archives of it and backups go on holding what was, for as long as they are kept.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from desk import chores
from ivr.call import Call
from oncall import night
from tickets.privacy.asked import Erasure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from desk.db import Database

log = logging.getLogger(__name__)
LARGEST = 64 * 1024 * 1024  # bytes that a worker compacts by itself
PATIENCE = 500  # milliseconds for a lock: who waits behind it waits as long, and a caller's webhook two seconds at most
BETWEEN = timedelta(hours=2)  # a try and the next
WITHIN = timedelta(days=3)  # nights enough


class Busy(Exception):
    """Somebody else is at the database; it goes on as it was."""


def waiting(session: Session) -> list[int]:
    """The erasures whose traces may still be in the files."""
    ended = select(Erasure.id).where(Erasure.erased_at.is_not(None), Erasure.compacted_at.is_(None))
    return list(session.scalars(ended.order_by(Erasure.id)))


def look(database: Database, zone: str, worker: str, now: datetime) -> None:
    """A worker's turn: do it if something waits for it, people sleep, nobody is on the line, and it is not too much."""
    if not night.is_night(now, zone):
        return
    with database.reading() as session:
        too_much = _unwritten(session) and size(session) > LARGEST
        if not waiting(session) or too_much or _is_live(session):
            return
    if not chores.run(database, "compact", BETWEEN, lambda *_: None, worker, now):
        return
    try:
        compact(database, now)
    except Busy as error:
        log.info("the database is not compacted yet: %s", error)


def compact(database: Database, now: datetime) -> int:
    """Do what is left of it, or all if nothing waits, however long it takes; for how many erasures. Raises Busy."""
    with database.reading() as session:
        numbers, unwritten = waiting(session), _unwritten(session)
    engine = database.engine
    try:
        if unwritten or not numbers:
            _rewrite(engine)
            _note(database, unwritten, rewritten_at=now)
        if engine.dialect.name == "sqlite":
            _empty_log(engine)
    except DBAPIError as error:
        raise Busy(type(error.orig).__name__) from error
    _note(database, numbers, compacted_at=now)
    return len(numbers)


def overdue(session: Session, now: datetime) -> datetime | None:
    """Since when something that was erased is in the files, if for longer than a few nights."""
    since = session.scalar(select(func.min(Erasure.erased_at)).where(Erasure.compacted_at.is_(None)))
    return since if since and since < now - WITHIN else None


def size(session: Session) -> int:
    """Bytes of the database."""
    if session.get_bind().dialect.name == "sqlite":
        pages, each = session.scalar(text("PRAGMA page_count")), session.scalar(text("PRAGMA page_size"))
        return int(pages or 0) * int(each or 0)
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _is_live(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Call).where(Call.ended_at.is_(None))))


def _unwritten(session: Session) -> list[int]:
    """Those for which the database has not been written anew either."""
    query = select(Erasure.id).where(Erasure.id.in_(waiting(session)), Erasure.rewritten_at.is_(None))
    return list(session.scalars(query))


def _note(database: Database, numbers: Sequence[int], **values: datetime) -> None:
    if numbers:
        database.write(lambda session: session.execute(update(Erasure).where(Erasure.id.in_(numbers)).values(values)))


def _rewrite(engine: Engine) -> None:
    """Outside of any transaction, which SQLAlchemy would begin."""
    if engine.dialect.name == "sqlite":
        with _impatient(engine) as connection:
            connection.execute("VACUUM")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"SET lock_timeout = {PATIENCE}"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM FULL"))
        finally:
            connection.invalidate()


def _empty_log(engine: Engine) -> None:
    """Most of it without a lock; then what is left, which a reader who is still in it prevents."""
    with _impatient(engine) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Busy("somebody is reading")


@contextmanager
def _impatient(engine: Engine) -> Iterator[Any]:
    """SQLite's own connection, which waits shortly for a lock. Raises Busy."""
    connection = engine.raw_connection()
    try:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE}")
        yield connection
    except engine.dialect.loaded_dbapi.OperationalError as error:
        raise Busy(str(error)) from error
    finally:
        connection.invalidate()  # its patience was another
        connection.close()
