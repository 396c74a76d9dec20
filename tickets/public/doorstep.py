"""Doorstep: what is looked at before anything of a public form is read: who sends how much, and how large it is.

Counted in memory, for a flood must not even reach the database; what is exact is counted there (bounds.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, request

from desk.door import attempts, browser
from desk.door.throttle import Throttle
from tickets.public.form import BODY

if TYPE_CHECKING:
    from flask import Response

FORMS = ("asking", "tracking", "adding")  # blueprints
WITH_FILES = ("asking.send", "adding.say")
A_MINUTE = timedelta(minutes=1)
FROM_ONE, FROM_ALL = 30, 600  # forms in a minute, in each process


class Doorstep:
    """The counters of one process."""

    def __init__(self) -> None:
        self.one, self.all = Throttle(FROM_ONE, A_MINUTE), Throttle(FROM_ALL, A_MINUTE)


def look() -> Response | None:
    """Let a form in, and let it be as large as its files; 429 for whoever sends too many."""
    if request.blueprint not in FORMS or request.method != "POST":
        return None
    counters = cast("Doorstep", current_app.extensions["doorstep"])
    if counters.one.wait(attempts.address(browser.place()), g.now) or counters.all.wait("all", g.now):
        abort(429)
    if request.endpoint in WITH_FILES:
        request.max_content_length = BODY
    return None
