"""The worker's tick on one page: an ordered list of jobs, each in transactions of its own, every few seconds.

Nothing outside is touched inside a transaction: what calls out claims first, commits, and writes down afterwards.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from sqlalchemy import delete, select

from desk import chores, delivery
from desk.outbox import Outgoing, State
from ivr import reports
from ivr.call import unfinished
from ivr.sweep import sweep
from ivr.told import LONGEST_CALL
from oncall import feed, paging
from oncall.paging import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.delivery import Courier
    from ivr.switchboard import Switchboards
    from oncall.paging import Telephone

log = logging.getLogger(__name__)
SECONDS_BETWEEN_TICKS = 2.0
ROWS_IN_A_TICK = 20  # then the other jobs have their turn, and the next tick follows at once
KEPT = timedelta(days=30)  # what was sent, with its number and words


@dataclass(frozen=True)
class Round:
    """What the jobs of one tick work with."""

    name: str
    database: Database
    boards: Switchboards
    telephone: Telephone
    couriers: Mapping[str, Courier]
    clock: Callable[[], datetime]
    stop: Event

    @property
    def now(self) -> datetime:
        """The instant at which a job begins."""
        return self.clock()


@click.command()
def worker() -> None:
    """Do what has to happen later, until told to stop; a stop finishes the work in hand."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    name = f"{socket.gethostname()} {os.getpid()}"
    log.info("worker %s has started", name)
    while not stop.is_set():
        if not tick(name, stop):
            stop.wait(SECONDS_BETWEEN_TICKS)
    log.info("worker %s has stopped", name)


def tick(name: str = "worker", stop: Event | None = None) -> bool:
    """Every job once; one that fails is told of and tried again at the next tick. Whether there is more to do."""
    held = current_app.extensions
    turn = Round(
        name,
        held["patient_database"],
        held["exchange"].boards,
        held["telephone"],
        held["couriers"],
        held["clock"],
        stop or Event(),
    )
    more = [_done(job, turn) for job in JOBS]
    return any(more)


def _done(job: Callable[[Round], object], turn: Round) -> bool:
    try:
        return bool(job(turn))
    except Exception:
        log.exception("the job %s failed", job.__name__)
        return False


def beat(turn: Round) -> None:
    """Leave a sign of life."""
    turn.database.write(lambda session: chores.beat(session, turn.name, turn.now))


def deliver_outbox(turn: Round) -> bool:
    """Take out of the house what is due; whether there may be more."""
    for _ in range(ROWS_IN_A_TICK):
        if turn.stop.is_set() or not delivery.deliver(turn.database, turn.couriers, turn.name, turn.clock):
            return False
    return True


def ask_about_silent_calls(turn: Round) -> None:
    """Ask the carrier what became of calls whose callbacks do not come."""
    sweep(turn.database, turn.boards, turn.telephone, turn.now)


def close_calls(turn: Round) -> None:
    """Close the calls of which the carrier could not be asked either."""
    turn.database.write(lambda session: _close(session, turn.boards, turn.now))


def _close(session: Session, boards: Switchboards, now: datetime) -> None:
    for call in unfinished(session, now - LONGEST_CALL):
        log.warning("closed call %s: its end was never reported", call.sid)
        reports.lost(session, boards.current(session), call, now)


def release_pages(turn: Round) -> None:
    """Free the engineers of whose ring no more news came."""
    turn.database.write(lambda session: _release(session, turn.now))


def _release(session: Session, now: datetime) -> None:
    overdue = session.scalars(select(Page).where(Page.ended_at.is_(None), Page.leased_until <= now))
    for page in paging.release(overdue.all(), now):
        log.warning("released page %s: no news of it since it was rung", page.id)


def number_calendars(turn: Round) -> None:
    """Note which events of the calendars have changed."""
    with turn.database.reading() as session:
        board = turn.boards.current(session)
        stale = feed.stale(session, board.version, turn.now)
        shows = feed.read(session, board.rotas.values(), *feed.sight(turn.now, feed.MARGIN)) if stale else []
    if stale:
        turn.database.write(lambda session: feed.renew(session, board.version, shows, turn.now))


def tidy(turn: Round) -> None:
    """Once a day, by one worker: forget what was sent long ago."""
    chores.run(turn.database, "tidy", timedelta(days=1), forget_sent, turn.name, turn.now)


def forget_sent(session: Session, now: datetime) -> None:
    """Delete the rows of the outbox whose effect is long past; dead ones wait for a person."""
    session.execute(delete(Outgoing).where(Outgoing.state == State.SENT, Outgoing.sent_at < now - KEPT))


JOBS = cast(
    "tuple[Callable[[Round], object], ...]",
    (beat, deliver_outbox, ask_about_silent_calls, close_calls, release_pages, number_calendars, tidy),
)
