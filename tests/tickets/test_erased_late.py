"""What was under way when an erasure began, and is written down while it goes on, does not stay behind."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.audit import Who
from mails.mail import letter
from post import Post
from simulator.clock import Clock
from somebody import FATIMA, HER_NUMBER, SHORT, World, found
from stored_rows import rows
from tickets.mail.letter import Letter
from tickets.privacy import asked, erasure
from tickets.privacy.asked import Erasure
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask


NALEDI = Who("Naledi Dlamini", "127.0.0.1")
MARKS = (SHORT, FATIMA, HER_NUMBER, "082 555 0201", "the till, late")


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def waits(world: World, number: int) -> None:
    """All is done, but for the second look."""
    with pytest.raises(asked.NotYet, match="under way"):
        erasure.go_on(world.tools, number, lambda: False)


def form(world: World, at: datetime) -> None:
    """A form that was sent at that instant, and committed now."""
    with world.database.writing() as session:
        facts = {"subject": "the till, late", "email": FATIMA, "caller": HER_NUMBER, "way": "web", "name": SHORT}
        made = open_ticket(session, dice=Random(7), at=at, **facts)
        made.hear("the till, late", at, way="web", mailbox=FATIMA, name=SHORT)
        made.resolve(at, "done")


def test_a_form_that_is_committed_after_it_began_goes_too(world: World):
    before = world.clock()
    world.clock.advance(1)
    number = world.asked(NALEDI)
    waits(world, number)
    form(world, before)
    assert found(rows(world.database), *MARKS)
    world.goes_on(number)
    assert found(rows(world.database), *MARKS) == []


def test_what_another_says_of_them_and_is_committed_after_it_began_goes_too(world: World):
    before = world.clock()
    world.clock.advance(1)
    number = world.asked(NALEDI)
    waits(world, number)
    with world.database.writing() as session:
        session.scalars(select(Ticket).where(Ticket.contact_id.is_not(None))).first().tell("note", SHORT, before)
    world.goes_on(number)
    assert found(rows(world.database), *MARKS) == []


def test_a_mail_that_came_before_it_began_and_is_read_after_it_is_theirs(world: World):
    """The server had handed it over, and its transaction was not over."""
    before = world.clock()
    world.clock.advance(1)
    number = world.asked(NALEDI)
    waits(world, number)
    said = letter("the till, late\n", From=f"{SHORT} <{FATIMA}>", To="support@afterhours.example")
    Post(world.app, Clock(before)).store(said)
    world.clock.advance(300)
    with pytest.raises(asked.NotYet, match="not been read"):
        erasure.go_on(world.tools, number, lambda: False)
    world.post.settle()
    world.resolved()
    world.goes_on(number)
    assert found(rows(world.database), *MARKS) == []


def test_a_letter_about_a_ticket_of_theirs_that_is_written_meanwhile_goes_too(world: World):
    number = world.asked(NALEDI)
    waits(world, number)
    world.clock.advance(1)
    with world.database.reading() as session:
        theirs = session.scalars(select(asked.Item.number).where(asked.Item.kind == asked.TICKET)).first()
    with world.database.writing() as session:
        about = {"event_id": 1, "ticket_id": theirs, "kind": "resolved", "state": "posted", "automatic": True}
        session.add(Letter(**about, to=FATIMA, address=FATIMA, at=world.clock(), message_id="<x@y>"))
    world.goes_on(number)
    assert found(rows(world.database), FATIMA) == []


def test_nobody_knows_whom_it_was_about_when_it_is_over(world: World):
    number = world.erased(NALEDI)
    with world.database.reading() as session:
        done = session.get_one(Erasure, number)
        assert (done.whom, session.scalars(select(asked.Item)).all()) == (None, [])
        assert (done.counts["contact"], done.counts["arrival"], done.counts["recording"]) == (1, 3, 1)
