"""The worker's tick on one page: an ordered list of jobs, each in its own transaction, every few seconds."""

from __future__ import annotations

import logging
import signal
from threading import Event
from typing import TYPE_CHECKING

import click
from flask import current_app
from sqlalchemy import select

from ivr import reports
from ivr.call import unfinished
from ivr.told import LONGEST_CALL
from oncall import paging
from oncall.paging import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import Switchboard

    Job = Callable[[Session, Switchboard, datetime], None]

log = logging.getLogger(__name__)
SECONDS_BETWEEN_TICKS = 2.0


@click.command()
def worker() -> None:
    """Do what has to happen later, until told to stop; a stop finishes the work in hand."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("the worker has started")
    while not stop.is_set():
        tick(current_app.extensions["clock"]())
        stop.wait(SECONDS_BETWEEN_TICKS)
    log.info("the worker has stopped")


def tick(now: datetime) -> None:
    """Every job once; one that fails is told of and tried again at the next tick."""
    database, boards = current_app.extensions["patient_database"], current_app.extensions["exchange"].boards
    for job in JOBS:
        try:
            database.write(lambda session, job=job: job(session, boards.current(session), now))
        except Exception:
            log.exception("the job %s failed", job.__name__)


def release_pages(session: Session, _: Switchboard, now: datetime) -> None:
    """Free the engineers of whose ring no more news came."""
    overdue = session.scalars(select(Page).where(Page.ended_at.is_(None), Page.leased_until <= now))
    for page in paging.release(overdue.all(), now):
        log.warning("released page %s: no news of it since it was rung", page.id)


def close_calls(session: Session, board: Switchboard, now: datetime) -> None:
    """Close the calls whose last callback never came."""
    for call in unfinished(session, now - LONGEST_CALL):
        log.warning("closed call %s: its end was never reported", call.sid)
        reports.lost(session, board, call, now)


JOBS: tuple[Job, ...] = (close_calls, release_pages)
