"""What somebody was called and had before is theirs too: handed over with the rest, and erased with it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from desk.audit import Who
from desk.setup import load
from desk.staff import Staff
from exports import exported
from somebody import FATIMA, HER_NUMBER, HERS, NAME, World, found
from stored_rows import rows
from tickets.people import Contact, Former
from tickets.privacy import finding
from tickets.ticket import Ticket
from visitors import browser_of, post

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
NEW_NAME, NEW_ADDRESS, NEW_NUMBER = "Fatima Petersen", "fatima.petersen@karoo-clinic.example", "+27825550299"
OLD = (NAME, "Fatima Adams", FATIMA, HER_NUMBER, "082 555 0201", "(082) 555-0201")
SET_UP = """
contacts:
  - customer: karoo
    name: {name}
    phone: "{phone}"
"""


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def changed(world: World, **new: str) -> None:
    world.clock.advance(60)
    with world.database.writing() as session:
        contact = session.get_one(Contact, int(world.key()[8:]))
        contact.changes(world.clock())
        for name, value in new.items():
            setattr(contact, name, value)


def added(world: World, name: str, **what: str) -> None:
    with world.database.writing() as session:
        contact = Contact(customer_id=1, name=name, **what)
        contact.begins(world.clock())
        session.add(contact)


def known_by(world: World, *names: str) -> list[str]:
    with world.database.reading() as session:
        return [one.key for name in names for one in finding.look_for(session, name)]


def test_a_former_name_number_and_address_are_erased_with_the_rest(world: World):
    key = world.key()
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS)
    changed(world, name=NEW_NAME)
    assert len(found(rows(world.database), *OLD)) > 20
    world.erased(NALEDI, key)
    world.post.settle()
    assert found(rows(world.database), *OLD, NEW_NAME, NEW_ADDRESS, NEW_NUMBER) == []


def test_a_contact_who_is_changed_on_the_pages_leaves_when_they_had_what(world: World):
    naledi, path = browser_of(world.app, "naledi"), f"/customers/karoo/contacts/{world.key()[8:]}"
    world.clock.advance(60)
    before = re.search(r'name="seen" value="([^"]*)"', naledi.get(path).text)[1]
    form = {"name": NEW_NAME, "person": "same", "phone": NEW_NUMBER, "email": NEW_ADDRESS, "seen": before}
    assert post(naledi, path, **form).status_code == 303
    with world.database.reading() as session:
        left = {(one.kind, one.value, one.until) for one in session.scalars(select(Former))}
        contact = session.get_one(Contact, int(path.rpartition("/")[2]))
        now = world.clock()
        assert (contact.phone_since, contact.email_since) == (now, now)
    assert left == {("name", NAME, now), ("phone", HER_NUMBER, now), ("email", FATIMA, now)}


def test_a_contact_who_is_added_on_the_pages_has_what_they_have_since_then(world: World):
    naledi = browser_of(world.app, "naledi")
    world.clock.advance(60)
    form = {"name": "Nomsa Mbeki", "phone": NEW_NUMBER}
    assert post(naledi, "/customers/karoo/contacts", **form).status_code == 303
    with world.database.reading() as session:
        contact = session.scalars(select(Contact).where(Contact.phone == NEW_NUMBER)).one()
        assert (contact.phone_since, contact.email_since) == (world.clock(), None)


def test_what_came_under_a_former_address_and_number_is_handed_over(world: World):
    before, key = exported(world, world.key()), world.key()
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS, name=NEW_NAME)
    after = exported(world, key)
    assert {name for name in before if name.startswith(("mails/", "files/", "messages/"))} == {
        name for name in after if name.startswith(("mails/", "files/", "messages/"))
    }
    formerly = json.loads(after["everything.json"])["known_as"]["formerly"]
    assert {(one["what"], one["was"]) for one in formerly} == {
        ("name", NAME),
        ("phone", HER_NUMBER),
        ("email", FATIMA),
    }


def test_they_are_found_by_what_they_had_before(world: World):
    key = world.key()
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS, name=NEW_NAME)
    assert known_by(world, "Sister Adams", "petersen", NEW_NUMBER) == [key] * 3
    assert known_by(world, "082 555 0201", FATIMA) == [key, HER_NUMBER, key, FATIMA]


def test_an_address_that_somebody_of_ours_learns_leaves_the_former_one_known(world: World):
    with world.database.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.contact_id == int(world.key()[8:]))).first()
        ticket.learn_address(NEW_ADDRESS, ticket.owner or _thandi(session), world.clock())
    with world.database.reading() as session:
        row = session.scalars(select(Former)).one()
        assert (row.kind, row.value, row.until) == ("email", FATIMA, world.clock())
    world.erased(NALEDI)
    assert found(rows(world.database), *OLD, NEW_ADDRESS) == []


def _thandi(session: Session) -> Staff:
    return session.scalars(select(Staff).where(Staff.key == "thandi")).one()


def test_a_set_up_file_leaves_the_former_number_known(world: World, tmp_path: Path):
    said = SET_UP.format(name=NAME, phone=NEW_NUMBER)
    _load(world, tmp_path, said)
    _load(world, tmp_path, said)
    with world.database.reading() as session:
        row = session.scalars(select(Former)).one()
        assert (row.kind, row.value, row.until) == ("phone", HER_NUMBER, world.clock())
    world.erased(NALEDI)
    assert found(rows(world.database), *OLD, NEW_NUMBER) == []


def _load(world: World, folder: Path, said: str) -> None:
    (folder / "contacts.yaml").write_text(said)
    with world.database.writing() as session:
        load.load(session, [folder / "contacts.yaml"], world.clock())


def test_who_has_a_number_and_a_mailbox_after_them_is_not_handed_what_was_theirs(world: World):
    hers, before = world.key(), exported(world, world.key())
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS)
    added(world, "Nomsa Mbeki", phone=HER_NUMBER, email=FATIMA)
    world.clock.advance(60)
    mine = world.post.comes("It is Nomsa now.\n", sender=FATIMA, Message_ID="<nomsa@x.example>")
    world.resolved()
    nomsas = exported(world, key_of(world, "Nomsa Mbeki"))
    assert [name for name in nomsas if name.startswith("mails/")] == [f"mails/mail-{mine.id}.eml"]
    assert json.loads(nomsas["everything.json"])["calls"] == []
    assert set(exported(world, hers)) == set(before)


def test_who_had_a_mailbox_before_another_is_erased_with_what_came_from_it_then(world: World):
    hers = world.key()
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS)
    added(world, "Nomsa Mbeki", phone=HER_NUMBER, email=FATIMA)
    world.clock.advance(60)
    mine = world.post.comes("It is Nomsa now.\n", sender=FATIMA, Message_ID="<nomsa@x.example>")
    world.resolved()
    world.erased(NALEDI, hers)
    left = found(rows(world.database), NAME, "Fatima Adams", HERS, NEW_ADDRESS, NEW_NUMBER)
    assert left == [("arrival_raw", HERS)] * len(left)  # of his mail, which answers the name that hers had
    assert world.post.arrival(mine.id).sender == FATIMA


def test_who_is_given_the_number_of_another_contact_has_none_of_their_calls(world: World):
    """Also where nobody knows since when: each call says whose it was."""
    with world.database.writing() as session:
        fatima = session.scalars(select(Contact).where(Contact.name == NAME)).one()
        sipho = session.scalars(select(Contact).where(Contact.name == "Sipho Khumalo")).one()
        his, fatima.phone = sipho.phone, None
        session.flush()
        sipho.phone = HER_NUMBER
        session.flush()
        fatima.phone = his
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Former)) == 2
    calls = json.loads(exported(world, key_of(world, "Sipho Khumalo"))["everything.json"])["calls"]
    assert [one["number"] for one in calls] == ["+27825550202"]


def key_of(world: World, name: str) -> str:
    with world.database.reading() as session:
        return f"contact-{session.scalars(select(Contact.id).where(Contact.name == name)).one()}"
