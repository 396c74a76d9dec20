"""The page of a person's rights: for managers alone, noted each time, and nobody's number stands in an address."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from cast import KAROO
from desk.audit import Entry
from somebody import FATIMA, NAME, World
from tickets.people import Contact
from tickets.privacy.asked import Erasure
from tickets.ticket import Ticket
from visitors import browser_of, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

PAGE = "/privacy/person"


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


@pytest.fixture
def naledi(world: World) -> FlaskClient:
    return browser_of(world.app, "naledi")


def told(world: World) -> list[tuple[str, str]]:
    with world.database.reading() as session:
        kinds = ("person looked up", "person exported", "erasure begun", "person erased")
        return [(one.what, one.who) for one in session.scalars(select(Entry).order_by(Entry.id)) if one.what in kinds]


@pytest.mark.parametrize("words", ["082 555 0201", KAROO, FATIMA.upper(), NAME, "adams", "contact-1"])
def test_somebody_is_found_however_they_are_named(world: World, naledi: FlaskClient, words: str):
    shown = post(naledi, PAGE, q=words)
    assert f"What is kept of {NAME}" in shown.text
    assert told(world) == [("person looked up", "Naledi Dlamini")]


def test_whoever_is_nobody_is_not_found(naledi: FlaskClient):
    answer = post(naledi, PAGE, q="somebody else")
    assert (answer.status_code, "Nobody is known by that." in answer.text) == (422, True)


def test_the_export_is_handed_over_and_noted(world: World, naledi: FlaskClient):
    with post(naledi, f"{PAGE}/export", who=world.key()) as answer:
        assert "everything.json" in ZipFile(BytesIO(answer.data)).namelist()
    assert told(world) == [("person exported", "Naledi Dlamini")]


def test_a_worker_erases_whom_a_manager_asks_to_be_erased(world: World, naledi: FlaskClient):
    asked = post(naledi, f"{PAGE}/erasure", who=world.key(), why="She rang on Monday", sure="1")
    assert (asked.status_code, asked.location) == (303, f"{PAGE}?said=begun")
    world.clock.advance(300)  # what was under way is over
    for _ in range(20):
        world.ticked()
    with world.database.reading() as session:
        done = session.scalars(select(Erasure)).one()
        assert done.erased_at
        assert done.compacted_at
        assert session.scalars(select(Contact).where(Contact.name == NAME)).first() is None
    assert told(world) == [("erasure begun", "Naledi Dlamini"), ("person erased", "Naledi Dlamini")]
    assert "She rang on Monday" in naledi.get(PAGE).text


def test_it_is_not_begun_without_a_reason_and_a_look(world: World, naledi: FlaskClient):
    for fields in ({"why": "She rang"}, {"sure": "1"}):
        assert post(naledi, f"{PAGE}/erasure", who=world.key(), **fields).status_code == 422
    assert ("erasure begun", "Naledi Dlamini") not in told(world)


def test_while_something_is_open_it_is_refused_with_what_that_is(world: World, naledi: FlaskClient):
    with world.database.writing() as session:
        goes_on = Ticket.caller == KAROO, Ticket.merged_into_id.is_(None)
        ticket = session.scalars(select(Ticket).where(*goes_on).order_by(Ticket.id)).first()
        ticket.reopen(world.clock(), "not over")
        reference = f"{ticket.reference[:3]}-{ticket.reference[3:6]}-{ticket.reference[6:]}"
    answer = post(naledi, f"{PAGE}/erasure", who=world.key(), why="She rang", sure="1")
    assert (answer.status_code, f"Still open: {reference}" in answer.text) == (409, True)
    again = post(naledi, f"{PAGE}/erasure", who=world.key(), why="She rang", sure="1", close="1")
    assert again.status_code == 303
