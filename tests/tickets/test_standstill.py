"""An erasure that cannot go on is told to the manager, and whoever looks at the page sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from desk.audit import Who
from office import Office, at
from somebody import World
from tickets.people import Contact
from tickets.privacy import asked, person, standstill
from tickets.privacy.asked import Erasure
from told import Told
from visitors import browser_of

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock
    from simulator.rest import Rest

STANDS = "has not gone on since Tuesday 09:00. The worker's log says why."


@pytest.fixture
def told(proved: Office, rest: Rest) -> Told:
    proved.clock.until(at("2026-11-24 08:59"))
    made = Told(proved, rest)
    made.news()
    return made


def stuck(office: Office) -> int:
    """One whose message cannot be deleted from the shelf, so that the worker does nothing of it."""

    def ask(session):
        contact = session.query(Contact).order_by(Contact.id).first()
        whom = person.of(session, [f"contact-{contact.id}"])
        secret = office.app.extensions["settings"].secret_key
        return asked.begin(session, whom, Who("Naledi", "here"), "asked", secret, office.now).id

    return office.do(ask)


def test_the_manager_is_told_once_a_day_while_it_stands(told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tickets.privacy.erasure.look", lambda *_: False)
    office = told.office
    office.clock.until(at("2026-11-24 09:00"))
    number = stuck(office)
    assert told.until("2026-11-24 09:55") == []
    ((who, words),) = told.until("2026-11-24 10:35")
    assert who == "naledi"
    assert words.startswith("the erasure of person ")
    assert words.endswith(STANDS)
    assert told.until("2026-11-25 06:59") == []
    assert [name for name, _ in told.until("2026-11-25 08:00")] == ["naledi"]
    office.do(lambda session: setattr(session.get_one(Erasure, number), "erased_at", office.now))
    assert told.until("2026-11-26 08:30") == []


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
