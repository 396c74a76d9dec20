"""Office jobs: what billing and privacy have the worker do at its ticks (oncall.worker)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ivr import carrier_list, reconcile
from sla.billing import charging, recharging
from tickets.privacy import amiss, compact, erasure, purge

if TYPE_CHECKING:
    from oncall.worker import Turn

A_MINUTE = timedelta(minutes=1)


def charge_what_has_changed(turn: Turn) -> bool:
    return charging.look(turn.database, turn.clock, turn.stopped)


def charge_lines_anew(turn: Turn) -> None:
    turn.now_and_then("recharge", 5 * A_MINUTE, recharging.recompute_some)


def hold_our_calls_against_the_carriers(turn: Turn) -> bool:
    means = carrier_list.Means(turn.database, turn.boards, turn.telephone, turn.dice, turn.clock)
    return reconcile.look(means, turn.stopped)


def remove_what_was_kept_long_enough(turn: Turn) -> bool:
    return purge.look(turn.database, _zone(turn), turn.clock())


def erase_whom_somebody_asked_to(turn: Turn) -> bool:
    return erasure.look(erasure.Tools(turn.database, turn.shelf, turn.clock), turn.stopped)


def compact_what_was_erased(turn: Turn) -> None:
    compact.look(turn.database, _zone(turn), turn.name, turn.clock())


def look_what_is_kept_too_long(turn: Turn) -> None:
    turn.now_and_then("kept too long", 10 * A_MINUTE, amiss.look)


def _zone(turn: Turn) -> str:
    with turn.database.reading() as session:
        line = next(iter(turn.boards.current(session).lines.values()), None)
    return line.zone if line else "UTC"
