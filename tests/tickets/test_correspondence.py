"""A ticket by web, its letters, and the answers to them: from the form to the mail server and back, with every part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from letter_office import LetterOffice, mailing_to
from mail_server import Taker, mail_server
from mails.mail import letter
from office import at
from post import SIPHO, Post
from tickets.mail.arrival import State, Way
from visitor import ANN, Visitor
from visitor import ticket as ticket_of
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from flask import Flask

    from simulator.clock import Clock
    from tickets.mail.arrival import Arrival


@pytest.fixture
def office(another: Callable[..., Flask], clock: Clock) -> Iterator[LetterOffice]:
    clock.until(at("2026-11-24 09:00"))
    taker = Taker()
    with mail_server(taker) as port:
        yield LetterOffice(another(demo=False, **mailing_to(port)), clock, taker)


@pytest.fixture
def inbox(office: LetterOffice) -> Post:
    """Where mails to us come in."""
    return Post(office.app, office.clock)


@pytest.fixture
def ann(office: LetterOffice) -> Visitor:
    return Visitor(office.app)


def answer_to(mail: EmailMessage, words: str, number: int, **headers: object) -> bytes:
    """What a person's mailer makes of *Reply*."""
    quoted = "".join(f"> {line}\n" for line in mail.get_body(("plain",)).get_content().splitlines())  # type: ignore[union-attr]
    said = {"From": f"Ann Jacobs <{ANN}>", "To": mail["Reply-To"], "Subject": f"Re: {mail['Subject']}"}
    said |= {"In-Reply-To": mail["Message-ID"], "Message-ID": f"<answer-{number}@shop.example>"}
    return letter(f"{words}\n\nOn Tuesday you wrote:\n{quoted}", **said | headers)


def comes(inbox: Post, office: LetterOffice, raw: bytes) -> Arrival:
    """The mail server has it, and the worker comes to it."""
    number = inbox.store(raw, Way.LMTP)
    office.tick()
    return inbox.arrival(number)


def test_a_form_a_receipt_an_answer_ours_and_theirs_are_one_ticket(office: LetterOffice, inbox: Post, ann: Visitor):
    reference = ann.opens(what="The till is down")
    number = ticket_of(office.app, reference).id
    office.tick()
    (receipt,) = office.mails
    assert (receipt["To"], receipt["Subject"][:14]) == (ANN, f"[#{office.printed(number)}]")
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert comes(inbox, office, answer_to(receipt, "It is the one at the back.", 1)).ticket_id == number

    thandi = browser_of(office.app, "thandi")
    page = thandi.get(office.page(number)).text
    assert "It is the one at the back." in page
    assert "On Tuesday you wrote" not in page, "what they quote is a click away"
    assert "/help/track/" not in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    sent = post(thandi, f"{office.page(number)}/do/answer", seen=seen[1], text="Switch it off and on.")
    assert sent.status_code == 303, sent.text
    office.tick(60)
    assert len(office.mails) == 2, "the receipt goes once, and an answer is answered by no machine"
    answer = office.newest
    assert "Switch it off and on." in office.text()
    assert answer["In-Reply-To"] == "<answer-1@shop.example>"
    assert receipt["Message-ID"] in answer["References"]
    assert answer["Auto-Submitted"] is None, "a person wrote it"

    came = comes(inbox, office, answer_to(answer, "That has helped.", 2))
    assert (came.state, came.ticket_id) == (State.THREADED, number)
    said = [text for kind, text in inbox.told(number, "asked", "answered")]
    assert [text.removeprefix("wrote: ") for text in said] == [
        "The till is down", "It is the one at the back.", "Switch it off and on.", "That has helped."
    ]  # fmt: skip
    assert inbox.tickets() == 1
    assert len(office.mails) == 2


def test_a_form_under_a_customer_s_address_puts_no_words_into_our_letters_to_them(office: LetterOffice, ann: Visitor):
    number = ticket_of(office.app, ann.opens(what="Pay at evil.example\nToday.", email=SIPHO)).id
    office.tick()
    (receipt,) = office.mails
    assert receipt["To"] == SIPHO
    assert receipt["Subject"].startswith(f"[#{office.printed(number)}] Your message to")
    assert "evil" not in office.text() + office.html()


@pytest.mark.parametrize("lost", ["To", "In-Reply-To"])
def test_either_name_of_ours_leads_an_answer_to_its_ticket(office: LetterOffice, inbox: Post, ann: Visitor, lost: str):
    number = ticket_of(office.app, ann.opens()).id
    office.tick()
    others = {"To": "support@protea-it.example"} if lost == "To" else {"In-Reply-To": None}
    raw = answer_to(office.newest, "It beeps", 1, Subject="It beeps", From="nomsa@elsewhere.example", **others)
    assert comes(inbox, office, raw).ticket_id == number


def test_who_writes_by_mail_is_answered_once_and_the_link_shows_what_was_said(
    office: LetterOffice, inbox: Post, ann: Visitor
):
    came = comes(inbox, office, letter("The till is down", From=f"Ann Jacobs <{ANN}>", To="support@protea-it.example"))
    assert came.ticket_id
    page = browser_of(office.app, "thandi").get(office.page(came.ticket_id)).text
    assert "<dt>Came by</dt><dd>mail, under the name Ann Jacobs" in page
    assert "sender not verified" not in page, "no more than of any mail"
    receipt = office.newest
    assert (receipt["To"], receipt["In-Reply-To"]) == (ANN, "<till-1@harbour.example>")
    link = re.search(r"https://afterhours\.example(/help/track/\S+)", office.text())
    assert link
    assert "nobody works on it" in ann.get(link[1]).text
    office.tick(60)
    assert len(office.mails) == 1


def test_an_answer_by_machine_to_a_letter_is_noted_and_answered_by_nobody(
    office: LetterOffice, inbox: Post, ann: Visitor
):
    number = ticket_of(office.app, ann.opens()).id
    office.tick()
    came = comes(inbox, office, answer_to(office.newest, "I am away.", 1, Auto_Submitted="auto-replied"))
    assert (came.state, came.ticket_id) == (State.SUPPRESSED, number)
    office.tick(60)
    assert len(office.mails) == 1
    assert inbox.told(number, "machine") == [("machine", "I am away.")]


def test_a_letter_that_comes_back_keeps_the_next_from_going_until_somebody_says_the_address_is_right(
    office: LetterOffice, inbox: Post, ann: Visitor
):
    number = ticket_of(office.app, ann.opens()).id
    office.tick()
    name = office.newest["Message-ID"]
    words = f"Your message to {ANN} could not be delivered: no such user\n\nMessage-ID: {name}\n"
    raw = letter(words, From="MAILER-DAEMON@shop.example", Subject="Undelivered mail", X_Failed_Recipients=ANN)
    assert comes(inbox, office, raw).ticket_id == number
    office.does(number, lambda ticket, by: ticket.resolve(office.clock(), "done", by))
    office.tick(60)
    assert len(office.mails) == 1
    assert office.letters(number)[-1] == ("resolved", "withheld", "mail to this address came back")
    page = browser_of(office.app, "thandi").get(office.page(number)).text
    assert f"Mail to {ANN} came back." in page


def test_an_answer_to_a_mail_that_the_public_pages_sent_finds_the_ticket(
    office: LetterOffice, inbox: Post, ann: Visitor
):
    number = ticket_of(office.app, ann.opens(bad="stopped", emergency="1", accept="1")).id
    office.tick()
    (asked,) = [mail for mail in office.mails if mail["Subject"].startswith("Please ring")]
    assert asked["Auto-Submitted"] == "auto-generated"
    assert comes(inbox, office, answer_to(asked, "I cannot ring.", 1)).ticket_id == number
    bare = answer_to(asked, "Nor later.", 2, To="support@protea-it.example")
    assert comes(inbox, office, bare).ticket_id == number
