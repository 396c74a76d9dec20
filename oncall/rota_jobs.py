"""Rota jobs: what the rota has the worker do at its ticks: records, calendars, swaps, leave, notices."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from oncall import cover, feed, leave_calendars, readiness, record, swaps, telling
from oncall.notices import House

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk import chores
    from ivr.switchboard import Switchboard
    from oncall.worker import Turn

A_MINUTE = timedelta(minutes=1)
CALENDARS_IN_A_TICK = 3  # somebody else's server may take its time


def number_what_changed_in_calendars(turn: Turn) -> None:
    with turn.database.reading() as session:
        board, now = turn.boards.current(session), turn.clock()
        stale = feed.is_stale(session, board.version, now)
        shows = feed.read(session, board.rotas, *feed.sight(now, feed.MARGIN)) if stale else []
    if stale:
        turn.database.write(lambda session: feed.number(session, board.version, shows, now))


def write_down_who_was_on_duty(turn: Turn) -> None:
    turn.now_and_then("record shifts", A_MINUTE, record.look)


def let_swaps_expire(turn: Turn) -> None:
    turn.now_and_then("expire swaps", A_MINUTE, lambda *_: swaps.expire)


def read_leave_calendars(turn: Turn) -> None:
    for _ in range(CALENDARS_IN_A_TICK):
        if turn.stopped() or not leave_calendars.read_due(turn.database, turn.fetcher, turn.clock):
            return


def ask_who_covers_for_leave(turn: Turn) -> None:
    turn.now_and_then("cover requests", 5 * A_MINUTE, cover.look)


def look_whether_everybody_would_be_reached(turn: Turn) -> None:
    turn.now_and_then("readiness", 10 * A_MINUTE, readiness.look_nightly)


def tell_people_of_the_rota(turn: Turn) -> None:
    look = partial(_look_what_to_tell, turn)
    turn.now_and_then("notices", A_MINUTE, look)


def _look_what_to_tell(turn: Turn, session: Session, now: datetime) -> chores.Job:
    board = turn.boards.current(session)
    house = _house(turn, board)
    ahead = telling.foresee(session, house, board.rotas, now) if house else None

    def tell(session: Session, now: datetime) -> None:
        newest = turn.boards.current(session)
        if house := _house(turn, newest):
            telling.look(session, house, newest.rotas, now, ahead if newest.version == board.version else None)

    return tell


def _house(turn: Turn, board: Switchboard) -> House | None:
    line, settings = next(iter(board.lines.values()), None), turn.settings
    if line is None:
        return None
    return House(line.company, line.number, line.zone, settings.public_url, bool(settings.mail_host))
