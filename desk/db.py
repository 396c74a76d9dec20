"""The database: typed models, UTC instants, SQLite or PostgreSQL by URL, one transaction per piece of work."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import JSON, DateTime, Index, MetaData, create_engine, event, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

try:  # Debian's SQLite and Python's own carry the WAL-reset bug of 3.7.0 to 3.51.2; this wheel brings a mended one
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this machine
    import sqlite3 as sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Dialect, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

log = logging.getLogger(__name__)
Result = TypeVar("Result")
# Another transaction was first. PostgreSQL: unique violation, serialization failure, deadlock, and ours was ended for
# standing still with its locks held; SQLite: a unique index.
CONFLICTS = {"23505", "40001", "40P01", "25P03"}
LOCKED = "55P03"  # PostgreSQL: nobody gave the lock in time
STANDS_STILL = 30.0  # seconds between two statements of a transaction, after which PostgreSQL ends it
LARGEST_NUMBER = 2**31 - 1  # of a row; with a larger one the database answers with an error instead of with no row


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware on both sides, stored in UTC; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: an instant needs its zone")
        utc = value.astimezone(UTC)
        # SQLite keeps text and would drop the offset silently; a plain datetime also keeps pendulum's type out.
        plain = datetime(*utc.timetuple()[:6], utc.microsecond, tzinfo=UTC)
        return plain.replace(tzinfo=None) if dialect.name == "sqlite" else plain

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """From SQLite's text in one step: in a file of a million lines it is two million times read."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


class Base(DeclarativeBase):
    """The base of every stored thing; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this name from the class
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def index_of_given(table: str, column: str) -> Index:
    """An index of those rows alone that refer to something: enough for whoever deletes what they refer to."""
    given = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=given, postgresql_where=given)


class SetUp:
    """Mix-in for what a Switchboard is built from; a change to any such row raises the set-up version."""


class SetUpVersion(Base):
    """The one row that counts changes to the set-up."""

    __tablename__ = "set_up_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


@event.listens_for(Session, "before_flush")
def _raise_version(session: Session, *_: object) -> None:
    come_or_gone = any(isinstance(one, SetUp) for one in (*session.new, *session.deleted))
    if come_or_gone or any(isinstance(one, SetUp) and session.is_modified(one) for one in session.dirty):
        raised = update(SetUpVersion).values(version=SetUpVersion.version + 1)
        session.execute(raised, execution_options={"synchronize_session": False})


_SET_UP_VERSION = select(SetUpVersion.version)  # written once: every webhook and each job of a tick asks


def set_up_version(session: Session) -> int:
    """How often the set-up has changed; equal numbers mean equal Switchboards."""
    return session.scalars(_SET_UP_VERSION).one()


def hold_set_up(session: Session, *, alone: bool = False) -> None:
    """Until the transaction ends nobody else changes the set-up; `alone`: nor holds it."""
    session.execute(select(SetUpVersion.version).with_for_update(read=not alone))


class Database:
    """One engine and its two kinds of transaction: `reading` never takes SQLite's write lock, `writing` does.

    `wait` is how long, in seconds, a statement may wait for a lock: 2 for the web, where a caller is listening. A
    process that stands still (`still`, in seconds) in the middle of a transaction loses its locks, not everybody else
    their calls; SQLite knows no such limit, and has one machine.
    """

    def __init__(self, url: str, wait: float = 2.0, still: float = STANDS_STILL) -> None:
        on_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, wait) if on_sqlite else _postgresql(url, wait, still)
        # SQLite reads from one snapshot as it is; PostgreSQL has to be told.
        self._writing = self.engine.execution_options(writes=True)
        self._snapshots = self.engine if on_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose reads agree with each other; nothing it changes is kept."""
        with Session(self._snapshots) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end and keeps nothing after an error; it locks with its first statement."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], Result], tries: int = 6) -> Result:
        """Do `work` in one transaction; when another transaction got in between, start it afresh.

        The unique indexes decide races (one visit per webhook, one open page per engineer): the loser begins
        again and finds what the winner stored. `work` must therefore touch nothing but its session.
        """
        for left in reversed(range(tries)):
            try:
                with self.writing() as session:
                    return work(session)
            except DBAPIError as error:
                if not left or not _conflict(error):
                    raise
                log.info("another transaction was first, starting again: %s", type(error.orig).__name__)
        raise AssertionError("unreachable: the last try returns or raises")

    def note(self, work: Callable[[Session], object]) -> None:
        """`write`, but what is noted is not worth a failure: without the lock in time it is let go."""
        try:
            self.write(work)
        except OperationalError as error:
            log.info("not noted: %s", type(error.orig).__name__)


def is_locked(error: Exception) -> bool:
    """Whether somebody else holds the lock, or the database is away: what failed may be done later."""
    if not isinstance(error, DBAPIError):
        return False
    said = getattr(error.orig, "sqlstate", None)
    return said == LOCKED or error.connection_invalidated or "database is locked" in str(error.orig)


def _conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in CONFLICTS or "UNIQUE constraint" in str(error.orig)


def _postgresql(url: str, wait: float, still: float) -> Engine:
    lock, idle = int(wait * 1000), int(still * 1000)
    limits = {"lock_timeout": lock, "statement_timeout": 2 * lock, "idle_in_transaction_session_timeout": idle}
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text goes to the log, and callers' names and numbers do not
        connect_args={
            "connect_timeout": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )


def _sqlite(url: str, wait: float) -> Engine:
    if (path := make_url(url).database) and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=sqlite, hide_parameters=True, connect_args={"timeout": wait})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own transaction control begins late and loses updates between processes; we begin ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
