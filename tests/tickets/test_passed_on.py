"""What is passed on, shared and taken again is of whoever had it then: handed to and erased with nobody else."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR
from desk.audit import Who
from desk.outbox import Outgoing
from desk.staff import Staff
from exports import exported
from ivr.call import Call
from somebody import FATIMA, HER_NUMBER, HERS, NAME, SHORT, World, found
from stored_rows import rows
from tickets.mail.arrival import Arrival
from tickets.mail.letter import Letter
from tickets.people import Contact, Former
from tickets.privacy import asked, erasure, person
from tickets.public import passes
from tickets.public.passes import MailedLink, To
from tickets.ticket import Ticket, open_ticket
from visitor import Visitor
from visitors import browser_of, post

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
NEW_ADDRESS, NEW_NUMBER, NEWER = "fatima.petersen@karoo-clinic.example", "+27825550299", "fatima@karoo-clinic.example"
NOMSA = "Nomsa Mbeki"
NOMSAS = "mark-of-nomsa"  # in what she says


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def changed(world: World, whose: str = NAME, **new: str | None) -> None:
    """A minute later they have something else, and another minute goes by."""
    world.clock.advance(60)
    with world.database.writing() as session:
        contact = session.scalars(select(Contact).where(Contact.name == whose)).one()
        contact.changes(world.clock())
        for name, value in new.items():
            setattr(contact, name, value)
    world.clock.advance(60)


def added(world: World, name: str = NOMSA, **what: str) -> str:
    world.clock.advance(60)
    with world.database.writing() as session:
        contact = Contact(customer_id=1, name=name, **what)
        contact.begins(world.clock())
        session.add(contact)
    world.clock.advance(60)
    return key_of(world, name)


def taken_over(world: World, by: str) -> None:
    """A manager types another's name over hers, and says that it is somebody new."""
    world.clock.advance(60)
    naledi, path = browser_of(world.app, "naledi"), f"/customers/karoo/contacts/{world.key()[8:]}"
    seen = re.search(r'name="seen" value="([^"]*)"', naledi.get(path).text)[1]
    form = {"name": by, "person": "new", "phone": HER_NUMBER, "email": FATIMA, "seen": seen}
    assert post(naledi, path, **form).status_code == 303
    world.clock.advance(60)


def key_of(world: World, name: str) -> str:
    with world.database.reading() as session:
        return f"contact-{session.scalars(select(Contact.id).where(Contact.name == name)).one()}"


def writes(world: World, words: str, sender: str = FATIMA) -> int:
    mail = world.post.comes(f"{words}\n", sender=sender, Message_ID=f"<{words.replace(' ', '-')}-{world.clock():%s}@x>")
    world.clock.advance(60)
    return mail.id


def mails_in(files: dict[str, bytes]) -> set[str]:
    return {name for name in files if name.startswith("mails/")}


def whole(files: dict[str, bytes]) -> bytes:
    return b"\n".join(files.values())


def test_who_gives_up_a_mailbox_that_another_has_at_the_same_time_has_nothing_of_that_time(world: World):
    hers, before = world.key(), mails_in(exported(world))
    nomsa = added(world, email=FATIMA)
    theirs = writes(world, f"{NOMSAS} in a mailbox of both")
    changed(world, email=NEW_ADDRESS)
    alone = writes(world, f"{NOMSAS} alone")
    world.resolved()
    assert mails_in(exported(world, hers)) == before
    assert mails_in(exported(world, nomsa)) == {f"mails/mail-{alone}.eml"}
    assert f"mails/mail-{theirs}.eml" not in before


def test_a_mailbox_that_both_give_up_at_once_is_nobody_s_for_the_time_in_which_both_had_it(world: World):
    hers, before = world.key(), mails_in(exported(world))
    nomsa = added(world, email=FATIMA)
    writes(world, f"{NOMSAS} in a mailbox of both")
    with world.database.writing() as session:
        for number, contact in enumerate(session.scalars(select(Contact).where(Contact.email == FATIMA))):
            contact.changes(world.clock())
            contact.email = f"new-{number}@karoo-clinic.example"
    world.resolved()
    assert (mails_in(exported(world, hers)), mails_in(exported(world, nomsa))) == (before, set())


def test_who_takes_over_by_the_page_has_nothing_of_whoever_left(world: World):
    hers, before = world.key(), mails_in(exported(world))
    taken_over(world, by=NOMSA)
    nomsa, new = key_of(world, NOMSA), writes(world, f"{NOMSAS}: I have it now")
    world.resolved()
    assert mails_in(exported(world, hers)) == before
    files = exported(world, nomsa)
    assert mails_in(files) == {f"mails/mail-{new}.eml"}
    assert found(files.items(), HERS, NAME, SHORT) == []
    world.erased(NALEDI, nomsa)
    assert mails_in(exported(world, hers)) == before


def test_who_is_erased_with_a_mailbox_and_a_number_that_were_another_s_leaves_that_other_s(world: World):
    hers = world.key()
    changed(world, phone=NEW_NUMBER, email=NEW_ADDRESS)
    nomsa = added(world, phone=HER_NUMBER, email=FATIMA)
    writes(world, f"{NOMSAS}: call me on 082 555 0201")
    world.resolved()
    before = exported(world, hers)
    with world.database.reading() as session:
        posted = set(session.scalars(select(Outgoing.id).where(Outgoing.key.startswith("letter "))))
        senders = session.execute(select(Arrival.id, Arrival.sender)).all()
    assert posted
    world.erased(NALEDI, nomsa)
    after = exported(world, hers)
    assert mails_in(after) == mails_in(before)
    assert [after[name] for name in sorted(mails_in(after))] == [before[name] for name in sorted(mails_in(before))]
    assert told(after) == told(before)
    with world.database.reading() as session:
        assert set(session.scalars(select(Outgoing.id).where(Outgoing.key.startswith("letter ")))) == posted
        still = dict(session.execute(select(Arrival.id, Arrival.sender)).all())
    assert [one for one, sender in senders if still[one] != sender] == [max(still)]
    assert found(rows(world.database), NOMSA, NOMSAS) == []


def told(files: dict[str, bytes]) -> dict[str, object]:
    """All of it but when it was made."""
    return {name: value for name, value in json.loads(files["everything.json"]).items() if name != "made_at"}


def stranger_opens(world: World, **more: str | None) -> int:
    """From a number that was a contact's before."""
    with world.database.writing() as session:
        ticket = open_ticket(session, dice=Random(9), at=world.clock(), subject="Call", caller=HER_NUMBER, **more)
        ticket.hear("my roof leaks", world.clock())
        return ticket.id


def test_a_stranger_who_has_their_number_now_keeps_it_when_they_are_erased(world: World):
    hers = world.key()
    changed(world, phone=NEW_NUMBER)
    number = stranger_opens(world)
    with world.database.reading() as session:
        whom = person.of(session, [hers])
        assert (HER_NUMBER in whom.numbers, HER_NUMBER in whom.beside) == (False, True)
    world.clock.advance(60)
    world.erased(NALEDI, hers)
    with world.database.reading() as session:
        assert session.get_one(Ticket, number).caller == HER_NUMBER
    left = found(rows(world.database), NAME, SHORT, HERS, NEW_NUMBER)
    assert left == []
    with world.database.reading() as session:
        held = session.scalars(select(Ticket.id).where(Ticket.caller == HER_NUMBER)).all()
    assert held == [number]


def test_a_number_that_nobody_used_after_them_goes_wherever_it_stands(world: World):
    changed(world, phone=NEW_NUMBER)
    with world.database.writing() as session:
        session.scalars(select(Ticket).where(Ticket.caller == HARBOUR)).first().tell(
            "note", "Sister Fatima Adams had 082 555 0201", world.clock()
        )
    world.clock.advance(60)
    world.erased(NALEDI)
    assert found(rows(world.database), HER_NUMBER, "082 555 0201") == []


def test_who_asks_for_a_number_that_was_a_contact_s_has_nothing_of_that_contact(world: World):
    hers = world.key()
    changed(world, phone=NEW_NUMBER)
    number = stranger_opens(world)
    world.clock.advance(60)
    world.resolved()
    before = told(exported(world, hers))
    files = told(exported(world, HER_NUMBER))
    with world.database.reading() as session:
        reference = session.get_one(Ticket, number).reference
    assert [one["reference"].replace("-", "") for one in files["tickets"]] == [reference]
    assert HERS.encode() not in whole(exported(world, HER_NUMBER))
    world.erased(NALEDI, HER_NUMBER)
    assert told(exported(world, hers)) == before
    with world.database.reading() as session:
        assert session.get_one(Ticket, number).caller is None


def test_what_they_have_again_was_theirs_in_both_spells_and_not_between(world: World):
    hers, first = world.key(), mails_in(exported(world))
    changed(world, email=NEW_ADDRESS)
    nomsa = added(world, email=FATIMA)
    between = writes(world, f"{NOMSAS} has it")
    changed(world, NOMSA, email="nomsa@karoo-clinic.example")
    changed(world, email=FATIMA)
    again = writes(world, f"{HERS} has it again")
    changed(world, email=NEWER)
    world.resolved()
    with world.database.reading() as session:
        spells = select(Former.value).join(Contact).where(Contact.name == NAME, Former.kind == "email")
        assert list(session.scalars(spells.order_by(Former.id))) == [FATIMA, NEW_ADDRESS, FATIMA]
    assert mails_in(exported(world, hers)) == {*first, f"mails/mail-{again}.eml"}
    assert mails_in(exported(world, nomsa)) == {f"mails/mail-{between}.eml"}


def test_what_somebody_else_wrote_from_a_shared_mailbox_names_no_ticket_of_theirs(world: World):
    """A ticket from a mailbox of an office stands under the first who reads it, whoever wrote."""
    added(world, email=FATIMA)
    world.post.comes(f"{NOMSAS}.\n", From=f"Nomsa van Wyk <{FATIMA}>", Subject=f"{NOMSAS} writes", Message_ID="<n@x>")
    Visitor(world.app).opens(email=FATIMA, what=f"{NOMSAS} by the web", key="form n", name="Nomsa van Wyk")
    world.resolved()
    with world.database.reading() as session:
        assert session.scalars(select(Ticket).where(Ticket.subject.contains(NOMSAS))).first().contact.name == NAME
        assert "Nomsa van Wyk" not in person.of(session, [world.key()]).names
    files = exported(world)
    assert found(files.items(), NOMSAS, "van Wyk") == []


def test_their_own_subject_is_handed_over(world: World):
    subjects = {one["subject"] for one in told(exported(world))["tickets"]}
    assert any(HERS in one for one in subjects)
    assert "[what somebody else said]" not in subjects


def test_a_contact_who_is_changed_between_two_pieces_is_erased_all_the_same(world: World):
    number = world.asked(NALEDI)
    world.clock.advance(300)
    with world.database.reading() as session:
        one = session.get_one(asked.Erasure, number)
    while one.step != "contact":
        erasure.go_on(world.tools, number, lambda: False, most=1)
        with world.database.reading() as session:
            one = session.get_one(asked.Erasure, number)
    changed(world, phone=NEW_NUMBER)
    world.goes_on(number)
    with world.database.reading() as session:
        assert session.get_one(asked.Erasure, number).erased_at
        assert session.scalars(select(Former)).all() == []


def test_letters_and_links_to_an_address_with_a_plus_are_theirs_and_those_of_another_are_not(world: World):
    hers, his = "office+fatima@karoo-clinic.example", "office+nomsa@karoo-clinic.example"
    changed(world, email=hers)
    nomsa = added(world, email=his)
    with world.database.writing() as session:
        about = session.scalars(select(Ticket).where(Ticket.caller == HARBOUR)).first()
        for address in (hers, his):
            event = about.tell("note", "a letter", world.clock())
            session.flush()
            facts = {"kind": "answer", "at": world.clock(), "automatic": False, "state": "sent"}
            session.add(
                Letter(
                    event_id=event.id, ticket_id=about.id, to=address, address="office@karoo-clinic.example", **facts
                )
            )
            passes.make(session, about.id, To.READ, address, world.clock())
    letters = {who: [one["to"] for one in told(exported(world, who))["letters"]] for who in (world.key(), nomsa)}
    assert (hers in letters[world.key()], his in letters[world.key()]) == (True, False)
    assert letters[nomsa] == [his]
    world.clock.advance(60)
    world.erased(NALEDI, nomsa)
    with world.database.reading() as session:
        office = Letter.address == "office@karoo-clinic.example"
        assert list(session.scalars(select(Letter.to).where(office))) == [hers]
        assert list(session.scalars(select(MailedLink.mailbox).where(MailedLink.ticket_id == about.id))) == [hers]


def test_links_that_were_mailed_in_their_time_alone_go(world: World):
    changed(world, email=NEW_ADDRESS)
    nomsa = added(world, email=FATIMA)
    with world.database.writing() as session:
        about = session.scalars(select(Ticket).where(Ticket.caller == HARBOUR)).first()
        passes.make(session, about.id, To.READ, FATIMA, world.clock())
        new = set(session.scalars(select(MailedLink.digest).where(MailedLink.ticket_id == about.id)))
        hers = set(session.scalars(select(MailedLink.digest).where(MailedLink.mailbox == FATIMA))) - new
    assert hers
    world.clock.advance(60)
    world.erased(NALEDI, nomsa)
    with world.database.reading() as session:
        left = set(session.scalars(select(MailedLink.digest)))
    assert (hers <= left, new & left) == (True, set())


def test_a_call_with_a_contact_is_that_contact_s_whatever_number_it_came_from(world: World):
    """Whom we called back for a colleague of theirs, on the number of that colleague."""
    sipho = key_of(world, "Sipho Khumalo")
    with world.database.writing() as session:
        call = session.scalars(select(Call).where(Call.caller == HER_NUMBER).order_by(Call.started_at)).first()
        call.contact_id, sid = int(sipho[8:]), call.sid
    hers = told(exported(world))["calls"]
    assert len(hers) == 1
    assert len(told(exported(world, sipho))["calls"]) == 2
    world.erased(NALEDI)
    with world.database.reading() as session:
        call = session.get_one(Call, sid)
        assert (call.contact_id, call.caller) == (int(sipho[8:]), None)


def test_a_contact_who_is_a_colleague_too_has_no_mails_by_that_mailbox_alone(world: World):
    with world.database.writing() as session:
        thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
        thandi.phone, thandi.email, hers = HER_NUMBER, FATIMA, thandi.id
    files = exported(world)
    assert mails_in(files) == set()
    assert [one["number"] for one in told(files)["calls"]] == [HER_NUMBER, HER_NUMBER]
    world.erased(NALEDI)
    with world.database.reading() as session:
        thandi = session.get_one(Staff, hers)
        assert (thandi.phone, thandi.email) == (HER_NUMBER, FATIMA)
        assert session.scalars(select(Contact).where(Contact.name == NAME)).all() == []
        assert session.scalars(select(Call.contact_id).where(Call.caller == HER_NUMBER)).all() == []
