"""A person's export contains everything about them, and nothing about others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from exports import exported
from somebody import FATIMA, HER_FILE, HER_NUMBER, HERS, HIS, HIS_FILE, NAME, SIPHO, SOUND, World, found
from tickets.event import Event
from tickets.mail.arrival import Arrival
from tickets.people import Contact
from tickets.privacy.export import Maker
from tickets.ticket import Ticket
from visitor import Visitor

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

OTHERS = (HIS, SIPHO, "Sipho", "Khumalo", "082 555 0202", "+27825550202", "Nkosi", "Botha", "Mokoena", "Dlamini")
OTHERS += ("@protea-it.example", "+2782555010", "his-1", "Harbour Foods")


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def of(files: dict[str, bytes]) -> dict[str, list[dict[str, object]]]:
    return json.loads(files["everything.json"])


def test_everything_of_theirs_is_in_it(world: World):
    files = exported(world)
    told = of(files)
    with world.database.reading() as session:
        tickets = session.scalars(
            select(Ticket).where(Ticket.contact_id == int(world.key()[8:])).order_by(Ticket.id)
        ).all()
        assert [len(one["what_happened"]) for one in told["tickets"]] == [len(one.events) for one in tickets]
        mails = session.scalars(select(Arrival.id).where(Arrival.sender == FATIMA)).all()
    assert told["known_as"]["contacts"] == [
        {"name": NAME, "phone": HER_NUMBER, "email": FATIMA, "language": None, "company": "Karoo Clinic"}
    ]
    assert {f"mails/mail-{number}.eml" for number in mails} == {name for name in files if name.startswith("mails/")}
    assert len(mails) == 3
    assert [content for name, content in files.items() if name.startswith("messages/")] == [SOUND]
    assert [name.rpartition("-")[0] for name in files if name.startswith("files/")] == ["files/1-mark-of"]
    assert [one["number"] for one in told["calls"]] == [HER_NUMBER, HER_NUMBER]
    assert len(told["work"]) == 1
    assert any(f"{HERS}: ask me." in one["words"] for one in told["said_on_tickets_of_others"])


def test_nothing_of_others_is_in_it(world: World):
    files = exported(world)
    own = {name: content for name, content in files.items() if not name.startswith(("mails/", "files/"))}
    for name, content in own.items():
        assert [one for one in OTHERS if one.lower().encode() in content.lower()] == [], name
    with world.database.reading() as session:
        events = {one.text for one in session.scalars(select(Event)) if HIS in one.text}
    assert events
    assert any(
        one["words"] == "[what somebody else said]"
        for ticket in of(files)["tickets"]
        for one in ticket["what_happened"]
    )


def test_messages_are_fetched_from_the_shelf_when_the_database_is_free_again(world: World):
    """Else whoever asks for an export of a far shelf would hold a transaction open for as long as that takes."""
    pool = world.database.engine.pool
    held: list[int] = []

    class Far:
        def fetch(self, name: str) -> bytes:
            held.append(pool.checkedout())
            return SOUND

    before = pool.checkedout()
    maker = Maker(Far(), ("support@afterhours.example",), "Protea IT")
    with world.app.test_request_context():
        maker.zip(world.database.reading(), (world.key(),), world.clock()).close()
    assert held
    assert set(held) == {before}


@pytest.fixture
def both(world: World) -> World:
    return world.merged()


def contents(files: dict[str, bytes]) -> list[bytes]:
    return [content for name, content in files.items() if name.startswith("files/")]


def test_a_file_that_somebody_else_sent_on_their_ticket_is_named_and_not_handed_over(both: World):
    files = exported(both)
    assert HIS_FILE not in contents(files)
    told = [one for ticket in of(files)["tickets"] for event in ticket["what_happened"] for one in event["files"]]
    assert {"type": "text/plain", "bytes": len(HIS_FILE), "sent_by": "somebody else, or it is not known who"} in [
        {name: value for name, value in one.items() if name != "number"} for one in told
    ]
    assert found([("everything", files["everything.json"])], HIS, "door.txt") == []


def test_a_file_that_they_sent_on_a_ticket_of_others_is_handed_over(both: World):
    files = exported(both)
    assert HER_FILE in contents(files)
    (said,) = [one for one in of(files)["said_on_tickets_of_others"] if "by a link" in one["words"]]
    assert (said["words"], said["files"][0]["name"]) == (f"{HER_FILE.decode()}, by a link", "till.txt")


def test_a_file_from_a_mailbox_that_two_people_read_is_handed_to_neither(world: World):
    with world.database.writing() as session:
        session.add(Contact(customer_id=1, name="Nomsa Mbeki", email=FATIMA))
    Visitor(world.app).opens([("list.txt", b"whose?")], email=FATIMA, what="a list", key="form e", name="Us")
    files = exported(world)
    assert b"whose?" not in contents(files)
    assert "or it is not known who" in files["everything.json"].decode()
    assert exported(world, key_of(world, "Nomsa Mbeki"))["everything.json"].count(b"whose?") == 0


def key_of(world: World, name: str) -> str:
    with world.database.reading() as session:
        return f"contact-{session.scalars(select(Contact.id).where(Contact.name == name)).one()}"
