"""Health: whether this process answers, and whether all is well, for whoever asks from outside.

`/healthz` looks at nothing but the process: a load balancer goes by it. `/readyz` looks at the database, the
Switchboard, the workers and what they are there for, the other host, and answers 503 with what is amiss: a watcher
goes by it. A balancer must not: a line whose worker stands still answers its callers all the same, and would be taken
away from them.

Decision: both are open, as whoever watches has no account. So neither names a ticket, a person or a number.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, current_app, g, jsonify
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from desk import chores
from desk.outbox import State
from ivr.elsewhere import publishing
from oncall import heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flask import Response
    from sqlalchemy.orm import Session

health = Blueprint("health", __name__)
LAG = timedelta(minutes=1)  # a worker ticks every two seconds
SOON = timedelta(minutes=10)  # in which a worker tells the other host of a change


class Look(NamedTuple):
    """One thing that was looked at, and how it stands in half a sentence."""

    name: str
    well: bool
    told: str


@health.get("/healthz")
def alive() -> Response:
    """This process answers."""
    answer = current_app.response_class("ok\n", mimetype="text/plain")
    answer.cache_control.no_store = True
    return answer


@health.get("/readyz")
def ready() -> Response:
    """Whether all is well, thing by thing; 503 where it is not."""
    looks = list(_looks(g.now))
    well = all(look.well for look in looks)
    answer = jsonify(ready=well, checks={look.name: {"well": look.well, "told": look.told} for look in looks})
    answer.status_code = 200 if well else 503
    answer.cache_control.no_store = True
    return answer


def _looks(now: datetime) -> Iterator[Look]:
    held = current_app.extensions
    try:
        with held["database"].reading() as session:
            board = held["exchange"].boards.current(session)
            found = [*_worker(session, now), *_work(session, now)]
            if held["settings"].elsewhere_way:
                found.append(_elsewhere(session, now))
    except (DBAPIError, NoConnection) as error:
        yield Look("database", False, f"it does not answer ({type(error).__name__})")
        return
    yield Look("database", True, "answers")
    yield Look("switchboard", bool(board.lines), f"of version {board.version}" if board.lines else "has no line")
    yield from found


def _worker(session: Session, now: datetime) -> Iterator[Look]:
    pulses = chores.pulses(session)
    lag = now - pulses[0].ticked_at if pulses else None
    if lag is None:
        yield Look("worker", False, "none has ever run, or none for a day")
    else:
        yield Look("worker", lag <= LAG, f"ticked {max(0, round(lag.total_seconds()))} s ago")


def _work(session: Session, now: datetime) -> Iterator[Look]:
    amiss = heartbeat.trouble(session, now)
    yield Look("work", not amiss, f"overdue: {len(amiss)}" if amiss else "nothing is overdue")


def _elsewhere(session: Session, now: datetime) -> Look:
    held = current_app.extensions
    row = publishing.asked_for(session, held["exchange"].boards.current(session), held["settings"], now)
    if row and row.state == State.SENT:
        return Look("elsewhere", True, "the other host knows who is on duty")
    waits = row is not None and now - row.made_at <= SOON
    return Look("elsewhere", waits, "the other host is being told" if waits else "the other host has not been told")
