"""Compact: what was erased is written over in the files of the database too, where old pages may still hold it.

SQLite copies what there is into new pages and empties its log; PostgreSQL writes each table and its indexes anew. Both
keep everybody else from writing meanwhile, so a worker does it while nobody is on the line, and only where the database
is small; else whoever runs the installation does, at an hour of theirs. PostgreSQL's log
of changes (WAL), archives of it and backups go on holding what was, for as long as they are kept.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from ivr.call import Call
from tickets.privacy.asked import Erasure

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from desk.db import Database

log = logging.getLogger(__name__)
LARGEST = 64 * 1024 * 1024  # bytes that a worker compacts by itself
PATIENCE = 5  # seconds for locks


class Busy(Exception):
    """Somebody else is at the database; it goes on as it was."""


def waiting(session: Session) -> list[int]:
    """The erasures whose traces may still be in the files."""
    ended = select(Erasure.id).where(Erasure.erased_at.is_not(None), Erasure.compacted_at.is_(None))
    return list(session.scalars(ended.order_by(Erasure.id)))


def look(database: Database, now: datetime) -> None:
    """A worker's turn: do it if something waits for it, nobody is on the line and the database is small."""
    with database.reading() as session:
        if not waiting(session) or _is_live(session) or size(session) > LARGEST:
            return
    try:
        compact(database, now)
    except Busy as error:
        log.info("the database is not compacted yet: %s", error)


def compact(database: Database, now: datetime) -> int:
    """Do it, however long it takes; for how many erasures it was. Raises Busy."""
    with database.reading() as session:
        numbers = waiting(session)
    try:
        _sqlite(database.engine) if database.engine.dialect.name == "sqlite" else _postgresql(database.engine)
    except DBAPIError as error:
        raise Busy(type(error).__name__) from error
    done = update(Erasure).where(Erasure.id.in_(numbers)).values(compacted_at=now)
    database.write(lambda session: session.execute(done))
    return len(numbers)


def size(session: Session) -> int:
    """Bytes of the database."""
    if session.get_bind().dialect.name == "sqlite":
        pages, each = session.scalar(text("PRAGMA page_count")), session.scalar(text("PRAGMA page_size"))
        return int(pages or 0) * int(each or 0)
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _is_live(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Call).where(Call.ended_at.is_(None))))


def _sqlite(engine: Engine) -> None:
    """Outside of any transaction, which SQLAlchemy would begin; a reader keeps the log from being emptied."""
    connection = engine.raw_connection()
    try:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
        connection.execute("VACUUM")
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except engine.dialect.loaded_dbapi.OperationalError as error:
        raise Busy(str(error)) from error
    finally:
        connection.invalidate()  # its patience was another
        connection.close()
    if busy:
        raise Busy("somebody is reading")


def _postgresql(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"SET lock_timeout = '{PATIENCE}s'"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM FULL"))
        finally:
            connection.invalidate()
