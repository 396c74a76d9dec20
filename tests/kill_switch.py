"""A gunicorn configuration whose web processes end by `kill -9` when a webhook tells them to, and at which point.

The order travels as a header of one delivery, so it is armed for exactly one webhook and one attempt, and the
application itself stays as it is: `GUNICORN_CMD_ARGS="-c tests/kill_switch.py"` is the whole difference.
"""

from __future__ import annotations

import os
import signal
from threading import local
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

import app

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HEADER = "X-Kill-Switch"
BEFORE_COMMIT, BEFORE_REPLY = "before commit", "before reply"
POINTS = (BEFORE_COMMIT, BEFORE_REPLY)
ENGINES = ("database", "patient_database")

_doom = local()  # what the request of this thread has been told


def on_starting(_: Any) -> None:
    """Import everything and compute the calendars in the master, so that a process that died is replaced in no time."""
    warm = app.create_app()
    with warm.extensions["database"].reading() as session:
        warm.extensions["exchange"].boards.current(session)
    for name in ENGINES:
        warm.extensions[name].engine.dispose()


def post_worker_init(worker: Any) -> None:
    """Put the switch between the server and the application; gunicorn calls this in every process it starts."""
    application = worker.wsgi
    for name in ENGINES:
        event.listen(application.extensions[name].engine, "commit", _committing)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        _doom.point = environ.get("HTTP_" + HEADER.upper().replace("-", "_"))
        reply = application(environ, start_response)
        if _doom.point == BEFORE_REPLY:  # committed, answered, and not a byte of it on the wire
            _die()
        return reply

    worker.wsgi = answer


def _committing(_: object) -> None:
    if getattr(_doom, "point", None) == BEFORE_COMMIT:
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
