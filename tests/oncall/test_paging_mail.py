"""Paging by mail: who is called to an emergency, and afterwards who has it, over a real mail server on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE, ORIGIN
from desk.outbox import Outgoing, State
from desk.staff import Staff
from mail_server import FOR_GOOD, FOR_NOW, Taker, mail_server
from night_shift import NightShift
from tickets.people import Customer
from tickets.ticket import Priority, Ticket
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from simulator.clock import Clock
    from simulator.rest import Rest

THANDI, PIETER, NALEDI = (f"{name}@protea-it.example" for name in ("thandi", "pieter", "naledi"))


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def night(another: Callable[..., Flask], clock: Clock, rest: Rest, taker: Taker) -> Iterator[NightShift]:
    with mail_server(taker) as port:
        mail = {"mail_host": "127.0.0.1", "mail_port": port, "mail_from": "line@protea-it.example", "mail_tls": "none"}
        yield NightShift(another(twilio_api=rest.config["BASE"], **mail), clock, rest)


def heads(taker: Taker) -> list[tuple[str, str]]:
    """What colleagues were mailed; the customer has a letter of their own."""
    return [(to, subject) for to, subject, _ in taker.told if to.endswith("@protea-it.example")]


def link(body: str) -> str:
    found = re.search(rf"{ORIGIN}(/have/\S+)", body)
    assert found
    return found[1]


# Who is called


def test_whoever_is_paged_is_mailed_who_needs_help_since_when_and_how_to_take_it(night: NightShift, taker: Taker):
    night.call()
    night.tick(200)
    ((to, subject, body),) = taker.told
    reference = night.printed()
    assert (to, subject) == (THANDI, f"Emergency, nobody has it: Karoo Clinic, ticket {reference}")
    assert body.startswith(
        f"Karoo Clinic, 082 555 0201, has an emergency that nobody has. Ticket {reference}, waiting for 6 minutes.\n\n"
        "They left a message.\n\n"
    )
    assert link(body).startswith("/have/1.1.")
    assert f"{ORIGIN}/tickets/{reference.replace('-', '')}\n" in body
    assert "until 02:21:" in body
    assert night.told("mail") == ["the page sent by mail to Thandi Nkosi"]


def test_a_mail_tells_no_more_than_the_text_and_the_message_only_where_there_is_one(night: NightShift, taker: Taker):
    night.mail(subject="Patient file of J. Smith is gone")
    night.tick()
    ((_, subject, body),) = taker.told
    assert "J. Smith" not in subject + body
    assert "They left no message." in body
    assert "a caller we do not know, no number, has an emergency" in body


def test_each_is_mailed_once_in_a_cycle_however_often_they_are_rung_in_it(night: NightShift, taker: Taker):
    night.mail()
    night.tick()
    for _ in range(6):
        night.unanswered()
        night.tick(2)
    assert night.ordered == ["thandi", "pieter", "naledi"] * 2
    assert [to for to, _ in heads(taker)] == [THANDI, PIETER, NALEDI]
    night.tick(300)
    assert night.ordered[6:] == ["thandi"]
    assert [to for to, _ in heads(taker)][3:] == [THANDI], "in the next cycle with a link that works again"


def test_who_cannot_be_rung_and_who_is_told_that_nobody_can_are_mailed_too(night: NightShift, taker: Taker):
    night.nobody_rings()
    night.mail()
    night.tick()
    assert {to for to, subject in heads(taker) if "nobody has it" in subject} == {THANDI, PIETER}
    assert [to for to, subject in heads(taker) if "nobody can be rung" in subject] == [NALEDI]


def test_without_a_mail_server_nothing_is_written_for_one(app: Flask, clock: Clock, rest: Rest):
    night = NightShift(app, clock, rest)
    night.mail()
    night.tick()
    night.change(lambda ticket, by: ticket.acknowledge(by, clock()), "pieter")
    night.tick(2)
    with night.database.reading() as session:
        assert [row.kind for row in session.scalars(select(Outgoing)) if "mail" in row.kind] == []


def test_who_has_no_mail_address_is_rung_and_texted_alone(night: NightShift, taker: Taker):
    def forget(session) -> None:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().email = None

    night.database.write(forget)
    night.mail()
    night.tick()
    assert (night.ordered, taker.told) == (["thandi"], [])
    assert [who for who, _ in night.texts()] == ["thandi"]


# I have it


def test_a_mail_program_that_follows_the_link_takes_nothing_and_the_button_does(night: NightShift, taker: Taker):
    night.call()
    night.tick()
    browser, there = browser_of(night.app), link(taker.told[0][2])
    assert browser.head(there).status_code == 200
    assert "Nobody has this emergency" in browser.get(there).text
    assert night.ticket() == ("open", None)
    assert post(browser, there).status_code == 303
    assert night.ticket() == ("acknowledged", "thandi")
    assert night.told("acknowledged") == ["Thandi Nkosi has it, by the link that was sent"]


def test_the_link_lasts_a_quarter_of_an_hour(night: NightShift, taker: Taker):
    night.call()
    night.tick()
    browser, there = browser_of(night.app), link(taker.told[0][2])
    night.clock.advance(899)
    assert browser.get(there).status_code == 200
    night.clock.advance(1)
    assert (browser.get(there).status_code, post(browser, there).status_code) == (410, 410)
    assert night.ticket() == ("open", None)


def test_everybody_who_was_mailed_is_mailed_who_has_it(night: NightShift, taker: Taker):
    night.call()
    night.tick()
    night.unanswered()
    night.tick(2)
    night.write("pieter", f"1 {night.code()}")
    night.tick(1)
    night.tick(60)
    reference = night.printed()
    assert heads(taker)[2:] == [(THANDI, f"Pieter Botha has it: Karoo Clinic, ticket {reference}")]
    assert "There is nothing for you to do." in taker.told[-1][2]


def test_everybody_who_was_mailed_is_mailed_that_it_is_over(night: NightShift, taker: Taker):
    night.mail()
    night.tick()
    night.change(lambda ticket, by: ticket.change_priority(Priority.LOW, by, night.clock(), "a test"))
    night.tick(2)
    ((to, subject, body),) = taker.told[1:]
    assert (to, subject.split(":")[0]) == (THANDI, "Nothing to do any more")
    assert "it is no emergency any more." in body


# Mail servers, and what people are called


def test_a_page_that_could_not_go_in_time_wakes_nobody_for_what_somebody_has(night: NightShift, taker: Taker):
    taker.says["MAIL"] = [FOR_NOW]
    night.mail()
    night.tick()
    assert taker.told == []
    night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()), "pieter")
    night.tick(2)
    night.tick(60)
    assert [subject.split(":")[0] for _, subject in heads(taker)] == ["Pieter Botha has it"]
    with night.database.reading() as session:
        row = session.scalars(select(Outgoing).where(Outgoing.key == "summons by mail 1 1 1")).one()
        assert (row.state, row.error) == (State.DROPPED, "somebody has it, or nobody needs to")


def test_a_mail_that_is_refused_stands_on_the_timeline_and_keeps_no_telephone_from_ringing(
    night: NightShift, taker: Taker
):
    taker.says["RCPT"] = FOR_GOOD
    night.mail()
    night.tick()
    assert night.ordered == ["thandi"]
    said = "the page could not be sent by mail to Thandi Nkosi: the mail server says: 550 5.1.1 No such user here"
    assert night.told("mail") == [said]


def test_whatever_a_customer_is_called_a_mail_has_one_receiver_and_one_subject(night: NightShift, taker: Taker):
    def rename(session) -> None:
        customer = session.scalars(select(Customer).where(Customer.name == "Karoo Clinic")).one()
        customer.name = "Karoo\r\nBcc: thief@elsewhere.example\r\n\r\nClinic {reference}"

    night.database.write(rename)
    night.call()
    night.tick()
    (mail,) = taker.mails
    assert taker.envelopes == [("line@protea-it.example", [THANDI])]
    assert (mail["Bcc"], mail.get_all("To"), len(mail.get_all("Subject"))) == (None, [THANDI], 1)
    assert mail["Subject"].startswith("Emergency, nobody has it: Karoo Bcc: thief@elsewhere.example Clinic {reference}")


def test_a_mail_says_whose_line_it_is_and_that_no_person_wrote_it(night: NightShift, taker: Taker):
    night.mail()
    night.tick()
    (mail,) = taker.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n").endswith("-- \nProtea IT Support, 087 809 0263\n")
    assert LINE.endswith("878090263")
    with night.database.reading() as session:
        assert session.get_one(Ticket, 1).owner_id is None
