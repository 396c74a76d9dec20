"""Chores: named jobs that are done every so often, by one worker of any number; and the pulse of each worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from desk.db import Database

    Job = Callable[[Session, datetime], object]
    Look = Callable[[Session, datetime], Job]

LEASE = timedelta(minutes=5)
FORGOTTEN = timedelta(days=1)  # a worker without a pulse for so long was taken away on purpose


class Chore(Base):
    """When a named job was last done, and who is at it."""

    __tablename__ = "chore"
    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime | None]
    worker: Mapped[str | None]
    leased_until: Mapped[datetime | None]


class Pulse(Base):
    """The last tick of a worker; the gap to now is its lag."""

    __tablename__ = "pulse"
    worker: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    ticked_at: Mapped[datetime]


def run(database: Database, name: str, every: timedelta, job: Job, worker: str, now: datetime) -> bool:
    """Do a job if it is due; after an outage once, however often it was missed. What it stores is stored once."""
    return look_and_run(database, name, every, lambda *_: job, worker, now)


def look_and_run(database: Database, name: str, every: timedelta, look: Look, worker: str, now: datetime) -> bool:
    """The same for what has much to compute: `look` does that in a reading session, and returns the job that writes.

    That job holds no rows of the reading session, and makes sure that what it was computed from is still so.
    """
    with database.reading() as session:  # every few seconds, by every worker: who only looks takes no lock
        done_at = session.scalar(select(Chore.done_at).where(Chore.name == name))
    return (done_at is None or done_at <= now - every) and do(database, name, every, look, worker, now)


def do(database: Database, name: str, every: timedelta, look: Look, worker: str, now: datetime) -> bool:
    """The same for who has seen that it is due; whoever comes second does nothing."""
    if not database.write(lambda session: _claim(session, name, every, worker, now)):
        return False
    with database.reading() as session:
        job = look(session, now)

    def work(session: Session) -> None:
        mine = update(Chore).where(Chore.name == name, Chore.worker == worker, Chore.leased_until > now)
        if session.execute(mine.values(done_at=now, worker=None, leased_until=None)).rowcount:  # type: ignore[attr-defined]
            job(session, now)

    database.write(work)
    return True


def _claim(session: Session, name: str, every: timedelta, worker: str, now: datetime) -> bool:
    with_it = {"worker": worker, "leased_until": now + LEASE}
    due = or_(Chore.done_at.is_(None), Chore.done_at <= now - every)
    free = or_(Chore.leased_until.is_(None), Chore.leased_until <= now)
    claim = update(Chore).where(Chore.name == name, due, free).values(with_it)
    if session.execute(claim, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
        return True
    if session.get(Chore, name):
        return False
    session.add(Chore(name=name, **with_it))
    session.flush()  # another may have been first: then this transaction begins again, and finds that
    return True


def done(session: Session) -> dict[str, datetime | None]:
    """When each was last done: a tick looks once, and at no chore by itself that is not due."""
    return dict(session.execute(select(Chore.name, Chore.done_at)).all())


def beat(session: Session, worker: str, now: datetime) -> None:
    """This worker is alive."""
    pulse = session.get(Pulse, worker) or Pulse(worker=worker, started_at=now)
    pulse.ticked_at = now
    session.add(pulse)
    session.execute(delete(Pulse).where(Pulse.ticked_at < now - FORGOTTEN))


def pulses(session: Session) -> Sequence[Pulse]:
    """Every worker, the liveliest first."""
    return session.scalars(select(Pulse).order_by(Pulse.ticked_at.desc())).all()
