"""The worker's tick on one page: an ordered list of jobs, each in transactions of its own, every few seconds.

Nothing outside is touched inside a transaction: what calls out claims first, commits, and writes down afterwards.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bound_contextvars

from desk import chores, delivery
from desk.hooks import lane
from desk.hooks.rounds import look_after_hooks
from ivr import chase, keeper, paging_step, sweep, warning
from ivr.elsewhere import publishing
from oncall import heartbeat, lapsed, office_jobs, rota_jobs
from sla import due, watch
from tickets.mail import courier, intake, letters, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


log = logging.getLogger(__name__)
SECONDS_BETWEEN_TICKS = 2.0
BREATH = 0.12  # seconds, when there is more to do: who waits for SQLite's lock looks for it every 100 ms at most
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


class Turn:
    """What the jobs of one tick work with."""

    def __init__(self, name: str, stopped: Callable[[], bool], held: dict[str, Any]) -> None:
        self.name, self.stopped, self.clock = name, stopped, held["clock"]
        self.database, self.boards = held["patient_database"], held["exchange"].boards
        self.books, self.addresses = held["books"], held["addresses"]
        self.telephone, self.couriers = held["telephone"], held["couriers"]
        self.fetcher, self.dice, self.settings = held["fetcher"], held["exchange"].dice, held["settings"]
        self.intake, self.links, self.names = held["intake"], held["links"], held["names"]
        self.shelf = held["shelf"]
        self.done: Mapping[str, datetime | None] = {}  # when each chore was last done, as this tick began

    def now_and_then(self, name: str, every: timedelta, look: chores.Look) -> None:
        """Do a chore if it is due."""
        at, now = self.done.get(name), self.clock()
        if at is None or at <= now - every:
            chores.do(self.database, name, every, look, self.name, now)


def leave_a_sign_of_life(turn: Turn) -> None:
    def beat(session: Session) -> Mapping[str, datetime | None]:
        chores.beat(session, turn.name, turn.clock())
        return chores.done(session)

    turn.done = turn.database.write(beat)


def page_about_emergencies_that_nobody_has(turn: Turn) -> None:
    pause, mails = turn.settings.paging_pause, bool(turn.settings.mail_host)
    means = paging_step.Means(turn.database, turn.boards, turn.addresses, turn.clock, pause, mails)
    chase.look(means, turn.stopped)


def deliver_what_is_due(turn: Turn) -> bool:
    return delivery.deliver_some(turn.database, turn.couriers, turn.name, turn.clock, turn.stopped)


def ask_about_silent_calls(turn: Turn) -> None:
    sweep.ask(turn.database, turn.boards, turn.telephone, turn.clock, turn.stopped)


def close_calls_nobody_knows_of(turn: Turn) -> None:
    sweep.close_lost(turn.database, turn.boards, turn.clock())


def free_engineers_of_lapsed_rings(turn: Turn) -> None:
    turn.database.write(lambda session: lapsed.release(session, turn.clock()))


def read_mail_that_came_in(turn: Turn) -> bool:
    return intake.take_some(turn.intake, turn.stopped)


def judge_what_is_due(turn: Turn) -> bool:
    with turn.database.reading() as session:
        numbers = due.stale(session, turn.books.current(session), turn.clock())
    if numbers:
        turn.database.write(lambda session: due.renew(session, turn.books.current(session), numbers, turn.clock()))
    return len(numbers) == due.CHUNK


def write_to_customers(turn: Turn) -> bool:
    if courier.KIND not in turn.couriers:  # no mail is sent from here
        return False
    means = letters.Means(turn.database, turn.boards, turn.links, turn.names, turn.settings, turn.clock)
    return letters.look(means, turn.stopped)


def warn_before_time_is_up(turn: Turn) -> None:
    warning.look(turn.database, turn.boards, turn.clock, turn.stopped)


def compute_due_times_anew(turn: Turn) -> None:
    def look(session: Session, now: datetime) -> chores.Job:
        return watch.recompute(session, turn.books.current(session), now)

    turn.now_and_then("recompute", A_DAY, look)


def keep_the_canary(turn: Turn) -> None:
    with turn.database.reading() as session:
        wanted = bool(turn.boards.current(session).lines) and bool(turn.settings.canary_origin)
    keeper.look(turn.database, turn.dice, turn.name, turn.clock(), wanted=wanted)


def say_outside_that_all_is_well(turn: Turn) -> None:
    url, now = turn.settings.heartbeat_url.get_secret_value(), turn.clock()
    if not url or not chores.run(turn.database, "heartbeat", A_MINUTE, lambda *_: None, turn.name, now):
        return
    with turn.database.reading() as session:
        amiss = heartbeat.trouble(session, now)
    if amiss:
        log.warning("no heartbeat, as all is not well: %s", "; ".join(amiss[:5]))
    else:
        heartbeat.beat(url)


def keep_the_other_host_up_to_date(turn: Turn) -> None:
    if not turn.settings.elsewhere_way:
        return
    with turn.database.reading() as session:
        board, now = turn.boards.current(session), turn.clock()
        if publishing.asked_for(session, board, turn.settings, now):
            return
    turn.database.write(lambda session: publishing.look(session, board, turn.settings, now))


def look_whether_mail_is_fetched(turn: Turn) -> None:
    look = lambda session, now: silence.look(session, turn.settings, now)  # noqa: E731 - as chores take it
    turn.now_and_then("mail silence", 5 * A_MINUTE, look)


JOBS: tuple[Callable[[Turn], bool | None], ...] = (
    page_about_emergencies_that_nobody_has,
    deliver_what_is_due,
    ask_about_silent_calls,
    close_calls_nobody_knows_of,
    free_engineers_of_lapsed_rings,
    read_mail_that_came_in,
    judge_what_is_due,
    office_jobs.charge_what_has_changed,
    write_to_customers,
    warn_before_time_is_up,
    rota_jobs.number_what_changed_in_calendars,
    rota_jobs.write_down_who_was_on_duty,
    rota_jobs.let_swaps_expire,
    rota_jobs.read_leave_calendars,
    rota_jobs.ask_who_covers_for_leave,
    rota_jobs.look_whether_everybody_would_be_reached,
    compute_due_times_anew,
    office_jobs.charge_lines_anew,
    keep_the_canary,
    rota_jobs.tell_people_of_the_rota,
    look_after_hooks,
    keep_the_other_host_up_to_date,
    say_outside_that_all_is_well,
    office_jobs.remove_what_was_kept_long_enough,
    office_jobs.erase_whom_somebody_asked_to,
    office_jobs.compact_what_was_erased,
    office_jobs.look_what_is_kept_too_long,
    look_whether_mail_is_fetched,
    office_jobs.hold_our_calls_against_the_carriers,
)


def tick(name: str = "worker", stop: Event | None = None) -> bool:
    """Every job once; one that fails is told of and tried again at the next tick. Whether there is more to do."""
    turn = Turn(name, (stop or Event()).is_set, current_app.extensions)
    try:
        leave_a_sign_of_life(turn)
    except DBAPIError as error:
        log.error("the worker cannot write to the database: %s", error.orig)  # noqa: TRY400 - no news in its traceback
        return False
    more = [_done(job, turn) for job in JOBS]
    return any(more)


def _done(job: Callable[[Turn], bool | None], turn: Turn) -> bool:
    with bound_contextvars(job=job.__name__, worker=turn.name):
        try:
            return bool(job(turn))
        except Exception:
            log.exception("the job %s failed", job.__name__)
            return False


def pause(more: bool) -> float:
    """How long a worker rests after a tick, in seconds."""
    return BREATH if more else SECONDS_BETWEEN_TICKS


@click.command()
def worker() -> None:
    """Do what has to happen later, until told to stop; a stop finishes the work in hand."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    name = f"{socket.gethostname()} {os.getpid()}"
    strangers = lane.walk(current_app.extensions, name, stop)
    log.info("worker %s has started", name)
    while not stop.is_set():
        stop.wait(pause(tick(name, stop)))
    strangers.join()
    log.info("worker %s has stopped", name)
