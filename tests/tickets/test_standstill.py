"""An erasure that cannot go on: whoever looks at the page sees it, besides managers who are told (test_troubles)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.audit import Who
from somebody import World
from tickets.privacy import standstill
from tickets.privacy.asked import Erasure
from visitors import browser_of

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock


def test_the_page_says_which_stands_still(app: Flask, clock: Clock):
    world = World(app, clock).lived()
    number = world.asked(Who("Naledi Dlamini", "127.0.0.1"))
    naledi = browser_of(app, "naledi")
    assert "stands still" not in naledi.get("/privacy/person").text
    clock.advance(standstill.STILL / timedelta(seconds=1) + 1)
    assert "stands still" in naledi.get("/privacy/person").text
    with world.database.writing() as session:
        session.get_one(Erasure, number).moved_at = clock()
    assert "stands still" not in naledi.get("/privacy/person").text
