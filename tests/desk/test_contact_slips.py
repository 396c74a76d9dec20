"""A number or an address that was never a contact's: put right with a tick, nothing of its owner stays with them."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE, network_of
from ivr.call import Call
from tickets.people import Contact, Former
from tickets.ticket import Ticket, open_ticket
from visitors import browser_of, plain, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

SIPHO = "/customers/harbour/contacts/2"
HIS = {"name": "Sipho Khumalo", "phone": "+27825550202", "email": "sipho.khumalo@harbour-foods.example"}
PAULAS = {"phone": "+27825550999", "email": "paula.private@example.org"}


@pytest.fixture
def naledi(app: Flask) -> FlaskClient:
    return browser_of(app, "naledi")


def keeps(client: FlaskClient, clock: Clock, **typed: str) -> tuple[int, str]:
    clock.advance(60)
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(SIPHO).text)[1]
    answer = post(client, SIPHO, **HIS | {"seen": seen} | typed)
    clock.advance(60)
    return answer.status_code, answer.text


def comes(app: Flask, clock: Clock, subject: str, **by: str) -> None:
    """Something that is led to Sipho by what he has."""
    with app.extensions["database"].writing() as session:
        open_ticket(session, subject=subject, dice=Random(subject), at=clock(), contact_id=2, customer_id=2, **by)


def with_him(app: Flask) -> set[str]:
    with app.extensions["database"].reading() as session:
        return set(session.scalars(select(Ticket.subject).where(Ticket.contact_id == 2)))


@pytest.mark.parametrize("kind", ["phone", "email"])
@pytest.mark.parametrize("slip", ["yes", ""])
def test_what_came_by_a_slip_alone_is_let_go_and_no_spell_is_left(
    app: Flask, naledi: FlaskClient, clock: Clock, kind: str, slip: str
):
    by = "caller" if kind == "phone" else "email"
    other = {"email": HIS["email"]} if kind == "phone" else {"caller": HIS["phone"]}
    assert keeps(naledi, clock, **{kind: PAULAS[kind]})[0] == 303
    comes(app, clock, "hers", **{by: PAULAS[kind]})
    comes(app, clock, "by both", **{by: PAULAS[kind]} | other)
    comes(app, clock, "his", **other)
    assert keeps(naledi, clock, slip=slip)[0] == 303
    assert with_him(app) >= {"by both", "his"}
    assert ("hers" in with_him(app)) is (not slip)
    with app.extensions["database"].reading() as session:
        left = set(session.scalars(select(Former.value).where(Former.contact_id == 2)))
        assert getattr(session.get_one(Contact, 2), kind) == HIS[kind]
    assert (PAULAS[kind] in left) is (not slip)


def test_a_call_by_the_slip_is_its_owner_s_and_one_from_before_it_stays_as_it_was(
    app: Flask, naledi: FlaskClient, clock: Clock
):
    rings = network_of(app, clock).ring
    rings(HIS["phone"], LINE).hang_up()
    keeps(naledi, clock, phone=PAULAS["phone"])
    rings(PAULAS["phone"], LINE).hang_up()
    keeps(naledi, clock, slip="yes")
    with app.extensions["database"].reading() as session:
        led = {caller: contact for caller, contact in session.execute(select(Call.caller, Call.contact_id))}  # noqa: C416
        hers = session.scalars(select(Ticket).where(Ticket.caller == PAULAS["phone"])).one()
        assert (hers.contact_id, hers.customer_id) == (None, 2)
    assert led == {HIS["phone"]: 2, PAULAS["phone"]: None}


@pytest.mark.parametrize("typed", [{"slip": "yes"}, {"slip": "yes", "name": "Zanele Dube", "person": "new"}])
def test_a_tick_where_nothing_was_put_right_is_refused_and_stays(
    app: Flask, naledi: FlaskClient, clock: Clock, typed: dict[str, str]
):
    status, page = keeps(naledi, clock, **typed)
    assert (status, "Mistake: " in plain(page)) == (422, True)
    assert re.search(r'name="slip"[^>]* checked', page)
    with app.extensions["database"].reading() as session:
        assert session.get_one(Contact, 2).phone == HIS["phone"]
