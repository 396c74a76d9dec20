"""Names that somebody shares with what is no other person: a company of one, and what the line says to callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.audit import Who
from ivr.announcement import Announcement
from ivr.line import Line
from somebody import World, found
from stored_rows import rows
from tickets.people import Contact, Customer
from tickets.privacy import person

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
TRADER, THEIR_ADDRESS = "Nomsa Mbeki", "nomsa@mbeki.example"
SIGNED = "Emergency Cables"


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def trader(world: World, called: str, *contacts: str) -> str:
    """A company of that name, with these contacts; the key of the first."""
    with world.database.writing() as session:
        company = Customer(code="trader", name=called)
        session.add(company)
        session.flush()
        those = [Contact(customer_id=company.id, name=name) for name in contacts]
        those[0].email = THEIR_ADDRESS
        session.add_all(those)
        session.flush()
        return f"contact-{those[0].id}"


def names(world: World, key: str) -> tuple[str, ...]:
    with world.database.reading() as session:
        return person.of(session, [key]).names


def test_a_company_of_one_is_called_as_that_one_is_and_its_name_is_erased_where_it_is_said(world: World):
    key = trader(world, TRADER.upper(), TRADER)
    assert names(world, key) == (TRADER,)
    world.post.comes(f"It is {TRADER} here\n", sender=THEIR_ADDRESS, Message_ID="<trader@x>")
    world.resolved()
    world.erased(NALEDI, key)
    assert {where for where, _ in found(rows(world.database), TRADER)} == {"customer"}, "who they are to the books"


def test_a_company_is_not_one_person_while_somebody_else_is_there(world: World):
    assert names(world, trader(world, TRADER, TRADER, "Themba Mbeki")) == ()


def test_a_name_that_the_line_announces_is_nobody_s(world: World, clock: Clock):
    world.post.comes("hello\n", sender=f"{SIGNED} <{THEIR_ADDRESS}>", Message_ID="<signed@x>")
    world.resolved()
    assert names(world, THEIR_ADDRESS) == (SIGNED,)
    with world.database.writing() as session:
        line = session.scalars(select(Line.id)).first()
        words = {"en-ZA": f"Technicians of {SIGNED} are on their way."}
        told = Announcement(
            line_id=line, texts=words, starts=clock(), ends=None, who="naledi", made_at=clock(), ended_by=""
        )
        session.add(told)
    assert names(world, THEIR_ADDRESS) == ()
