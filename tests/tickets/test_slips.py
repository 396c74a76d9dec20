"""What was mistyped and put right: a stranger's address or number that a contact had for a while, and no longer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.audit import Who
from desk.staff import Staff
from exports import exported
from somebody import FATIMA, HER_NUMBER, NAME, World, found
from stored_rows import rows
from tickets.people import Contact
from tickets.privacy import person
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
PAULAS_NUMBER, PAULAS = "+27825550999", "paula.private@example.org"
BEFORE, WITHIN, AFTER = "said-before-the-slip", "said-within-the-slip", "said-after-the-slip"


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def writes(world: World, words: str) -> None:
    world.post.comes(f"{words}\n", sender=PAULAS, Message_ID=f"<{words}@x>")
    world.clock.advance(3600)


def rings(world: World, words: str, contact: int | None = None) -> None:
    facts = {"subject": "Call", "caller": PAULAS_NUMBER, "contact_id": contact}
    with world.database.writing() as session:
        ticket = open_ticket(session, dice=Random(words), at=world.clock(), **facts)
        session.flush()
        ticket.hear(words, world.clock())
    world.clock.advance(3600)


def learns(world: World, address: str) -> None:
    """An engineer notes it on a ticket of Fatima's."""
    world.clock.advance(60)
    with world.database.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.contact_id == int(world.key()[8:]))).first()
        ticket.learn_address(address, session.scalars(select(Staff).where(Staff.key == "thandi")).one(), world.clock())
    world.clock.advance(60)


def typed(world: World, number: str) -> None:
    world.clock.advance(60)
    with world.database.writing() as session:
        contact = session.scalars(select(Contact).where(Contact.name == NAME)).one()
        contact.changes(world.clock())
        contact.phone = number
    world.clock.advance(60)


def said_in(world: World, key: str) -> list[str]:
    whole = b"\n".join(exported(world, key).values())
    return [one for one in (BEFORE, WITHIN, AFTER) if one.encode() in whole]


def test_a_stranger_s_address_on_a_contact_by_a_slip_is_the_stranger_s_before_and_after_it(world: World):
    writes(world, BEFORE)
    learns(world, PAULAS)
    writes(world, WITHIN)
    learns(world, FATIMA)
    writes(world, AFTER)
    world.resolved()
    assert said_in(world, world.key()) == [WITHIN]
    assert said_in(world, PAULAS) == [BEFORE, AFTER]
    with world.database.reading() as session:
        assert [PAULAS in person.of(session, [one]).beside for one in (world.key(), PAULAS)] == [True, True]
    world.erased(NALEDI, PAULAS)
    assert found(rows(world.database), BEFORE, AFTER) == []


def test_a_stranger_s_number_on_a_contact_by_a_slip_is_the_stranger_s_before_and_after_it(world: World):
    rings(world, BEFORE)
    typed(world, PAULAS_NUMBER)
    rings(world, WITHIN, int(world.key()[8:]))
    typed(world, HER_NUMBER)
    rings(world, AFTER)
    world.resolved()
    assert said_in(world, world.key()) == [WITHIN]
    assert said_in(world, PAULAS_NUMBER) == [BEFORE, AFTER]
    world.erased(NALEDI)
    assert {text for _, text in found(rows(world.database), BEFORE, WITHIN, AFTER)} == {BEFORE, AFTER}


def test_an_address_noted_on_a_ticket_of_an_unknown_caller_gives_the_ticket_to_nobody_else(world: World):
    rings(world, BEFORE)
    with world.database.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.caller == PAULAS_NUMBER)).one()
        thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
        ticket.learn_address("another@example.org", thandi, world.clock())
    world.clock.advance(60)
    world.resolved()
    assert said_in(world, "another@example.org") == []
    world.erased(NALEDI, "another@example.org")
    assert found(rows(world.database), BEFORE) != []
