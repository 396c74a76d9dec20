"""Letters to customers: what they are written when, in which words, and when nothing is."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DataError

from cast import HARBOUR
from conftest import LINE, network_of
from desk import delivery
from desk.address import Opens
from desk.outbox import Outgoing
from letter_office import ANNA, MAILBOX, SENDER, SIPHO, LetterOffice, mailing_to
from mail_server import FOR_GOOD, Taker, mail_server
from office import at
from simulator.script import play
from tickets.event import BOUNCED
from tickets.mail import letters, owed
from tickets.mail.letter import Letter, LettersSince
from tickets.mail.names import Names
from tickets.people import Contact
from tickets.ticket import Ticket
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from simulator.clock import Clock
    from simulator.rest import Rest

SIPHO_KHUMALO = "Sipho Khumalo"
HOUR = 3600
BY_ITSELF = "it came from a machine, and machines are not answered"


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def office(another: Callable[..., Flask], clock: Clock, taker: Taker) -> Iterator[LetterOffice]:
    clock.until(at("2026-11-24 09:00"))
    with mail_server(taker) as port:
        yield LetterOffice(another(demo=False, **mailing_to(port)), clock, taker)


# What they are told


def test_whoever_writes_gets_the_reference_the_link_and_by_when_they_are_answered(office: LetterOffice):
    number = office.opens(contact=SIPHO_KHUMALO)
    office.tick()
    reference, link = office.printed(number), re.search(r"https://afterhours.example/help/track/(\S+)", office.text())
    assert office.newest["To"] == SIPHO
    assert office.newest["Subject"] == f"[#{reference}] Till down"
    assert office.text().startswith(
        f"Hello Sipho Khumalo,\n\nWe have your message, and opened ticket {reference} for it.\n\n"
        "We answer by Tuesday 24 November at 13:00.\n\n"
    )
    assert "If it is an emergency, please call 087 809 0263, at any hour." in office.text()
    assert f"Please leave [#{reference}] in the subject." in office.text()
    assert "Protea IT Support keeps what you send us" in office.text(), "why we have it (POPIA s 18)"
    assert link
    assert office.app.extensions["links"].ticket_of(Opens.STATE, link[1], office.clock()) == number
    assert office.letters() == [("received", "sent", None)]
    assert office.told(number) == ["the reference was mailed to the customer"]


def test_in_afrikaans_to_whoever_wants_it(office: LetterOffice):
    office.database.write(lambda session: session.execute(update(Contact).values(language="af")))
    office.opens(contact=SIPHO_KHUMALO)
    office.tick()
    assert office.text().startswith("Goeie dag Sipho Khumalo,\n\nOns het u boodskap ontvang")
    assert "Ons antwoord teen Dinsdag 24 November om 13:00." in office.text()
    assert '<html lang="af">' in office.html()


def test_both_languages_say_the_same_things():
    from tickets.mail import wording

    english, afrikaans = wording.words("en"), wording.words("af")
    names = {key: set(re.findall(r"\{\w+\}", text)) for key, text in english.items() if isinstance(text, str)}
    assert names == {key: set(re.findall(r"\{\w+\}", text)) for key, text in afrikaans.items() if isinstance(text, str)}
    assert [len(afrikaans[key]) for key in ("days", "months")] == [7, 12]


def test_an_answer_goes_in_its_own_words_and_is_signed_by_a_first_name_alone(office: LetterOffice):
    number = office.opens(contact=SIPHO_KHUMALO)
    thandi = browser_of(office.app, "thandi")
    page = thandi.get(office.page(number)).text
    assert f"This is mailed to {SIPHO} as it stands" in page
    answer = send(thandi, office, number, "answer", text="Restart the till.\r\n\r\nIf it beeps <again>, ring us: å ☎")
    assert "It goes by mail in a moment." in thandi.get(answer.location).text
    office.tick()
    assert "Hello Sipho Khumalo,\n\nRestart the till.\n\nIf it beeps <again>, ring us: å ☎\n\n" in office.text()
    assert "<p>Restart the till.</p>\n<p>If it beeps &lt;again&gt;, ring us: å ☎</p>" in office.html()
    assert "Thandi, Protea IT Support" in office.text()
    assert "Nkosi" not in office.text()
    assert [kind for kind, _, _ in office.letters()] == ["received", "answer"]


def test_waiting_resolved_and_reopened_are_told_with_our_words(office: LetterOffice):
    number, now = office.opens(contact=SIPHO_KHUMALO), office.clock()
    office.tick()
    for verb, words in (
        (lambda ticket, by: ticket.wait(by, now, "the serial number"), "need something from you:\n\nthe serial number"),
        (lambda ticket, by: ticket.resolve(now, "A new till is there.", by), "is resolved:\n\nA new till is there."),
        (lambda ticket, by: ticket.reopen(now, "it beeps again", by), "is open again, and we go on with it."),
    ):
        office.does(number, verb)
        office.tick()
        assert words in office.text()
        assert "it beeps again" not in office.text(), "that is for us"
    assert [kind for kind, _, _ in office.letters()] == ["received", "waiting", "resolved", "reopened"]


def test_whoever_comes_back_to_what_was_resolved_is_told_that_it_goes_on(office: LetterOffice):
    number = office.opens(contact=SIPHO_KHUMALO)
    office.does(number, lambda ticket, by: ticket.resolve(office.clock(), "done", by))
    office.tick()
    office.does(number, lambda ticket, _: ticket.hear("wrote: it is not", office.clock(), mail=2))
    office.tick()
    assert "is open again" in office.text()
    assert [kind for kind, _, _ in office.letters()] == ["received", "resolved", "reopened"]


def test_whose_ticket_goes_on_as_another_is_told_as_which(office: LetterOffice):
    first, second = office.opens(contact=SIPHO_KHUMALO), office.opens(contact=SIPHO_KHUMALO)
    office.tick()

    def merge(ticket, by) -> None:
        other = ticket._session.get_one(Ticket, first)
        ticket.merge_into(other, office.clock(), "Sipho has the same till twice", by=by)

    office.does(second, merge)
    office.tick()
    assert f"Ticket {office.printed(second)} was about the same thing as {office.printed(first)}" in office.text()
    assert "twice" not in office.text(), "why is for us"
    assert office.newest["Subject"].startswith(f"[#{office.printed(second)}]"), "in the thread that they know"


def test_notes_handing_over_and_priorities_are_nobody_else_s_business(office: LetterOffice):
    number, now = office.opens(contact=SIPHO_KHUMALO), office.clock()
    office.tick()
    office.does(number, lambda ticket, by: ticket.note(by, now, "he is rude"))
    office.does(number, lambda ticket, by: ticket.acknowledge(by, now))
    office.does(number, lambda ticket, by: ticket.answer(by, now, "was put through to the caller", page=7))
    office.tick(HOUR)
    assert len(office.mails) == 1


# Callers


@pytest.fixture
def phone(another: Callable[..., Flask], clock: Clock, taker: Taker, rest: Rest) -> Iterator[LetterOffice]:
    with mail_server(taker) as port:
        yield LetterOffice(another(demo=False, twilio_api=rest.config["BASE"], **mailing_to(port)), clock, taker)


def test_a_caller_whose_address_is_known_gets_the_reference_once_the_call_is_over(phone: LetterOffice, clock: Clock):
    network = network_of(phone.app, clock)
    network.in_order("no-answer")
    call = network.ring(HARBOUR, LINE)
    phone.tick()
    assert phone.letters() == [], "they are on the line, and hear it there"
    play(call, ["2", "1"])
    phone.tick(10)
    letters_ = phone.mails
    assert [mail["Subject"].partition("] ")[2] for mail in letters_] == ["Your call to Protea IT Support"]
    assert phone.letters() == [("received", "sent", None)]


def test_a_caller_who_gives_an_address_later_gets_the_reference_then(office: LetterOffice):
    number = office.opens(None)
    office.tick()
    assert office.letters() == [("received", "withheld", "no address is known")]
    office.does(number, lambda ticket, by: ticket.learn_address(ANNA, by, office.clock()))
    office.tick()
    assert office.letters()[1:] == [("received", "sent", None)]
    assert office.newest["To"] == ANNA


# Strangers


def test_a_stranger_gets_none_of_the_words_that_were_sent_in_their_name(office: LetterOffice):
    """Or anybody could have us send what they like to whom they like."""
    number = office.opens(words="Cheap watches at https://watches.example")
    office.database.write(lambda session: session.execute(update(Ticket).values(subject="Cheap watches!")))
    office.tick()
    assert office.newest["Subject"] == f"[#{office.printed(number)}] Your message to Protea IT Support"
    assert "watches" not in office.taker.raw[0].decode() + office.text() + office.html()
    assert office.text().startswith("Hello,\n")


@pytest.mark.parametrize("subject", ["Re: [#482-913-077] Till down", "AW: RE: Till down", "[# 482 913 077]Till down"])
def test_a_reference_that_stood_in_the_subject_stands_there_no_more(office: LetterOffice, subject: str):
    number = office.opens(contact=SIPHO_KHUMALO)
    office.database.write(lambda session: session.execute(update(Ticket).values(subject=subject)))
    office.tick()
    assert office.newest["Subject"] == f"[#{office.printed(number)}] Till down"


def test_nothing_gets_into_a_letter_by_a_subject_a_name_or_an_answer(office: LetterOffice):
    number = office.opens(contact=SIPHO_KHUMALO)

    def change(session: Session) -> None:
        evil = "x\r\nBcc: thief@elsewhere.example\r\n\r\n<script>alert(1)</script>{reference}\u202e\x01"
        session.execute(update(Ticket).values(subject=evil))
        session.execute(update(Contact).values(name=evil))

    office.database.write(change)
    words = '\x01</p><img src="https://spy.example/x.png">\u2028{company}\n.\nQUIT\n' + "long " * 400
    office.does(number, lambda ticket, by: ticket.answer(by, office.clock(), words, to=SIPHO))
    office.tick()
    assert [to for _, to in office.taker.envelopes if "protea" not in to[0]] == [[SIPHO]] * 2
    for raw, mail in zip(office.taker.raw, office.taker.mails, strict=True):
        assert (mail["Bcc"], len(mail.get_all("Subject"))) == (None, 1)
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 78, "long lines are folded"
        assert b"\x01" not in raw
    assert "<img" not in office.html()
    assert "{company}\n.\nQUIT\nlong long" in office.text()
    assert "Hello x Bcc: thief@elsewhere.example <script>alert(1)</script>{reference},\n" in office.text()
    assert not re.search(r"(?:src|background|url\()", office.html().replace("&lt;img src", ""))


# Headers


def test_only_what_no_person_wrote_is_marked_as_automatic(office: LetterOffice):
    number, now = office.opens(contact=SIPHO_KHUMALO), office.clock()
    office.tick()
    office.does(number, lambda ticket, by: ticket.answer(by, now, "Restart it", to=SIPHO))
    office.does(number, lambda ticket, by: ticket.resolve(now, "Restarted", by))
    office.tick()
    marks = [(mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) for mail in office.mails]
    assert marks == [("auto-replied", "All"), (None, None), ("auto-generated", "All")]
    for mail in office.mails:
        assert (mail["Precedence"], mail["List-Id"]) == (None, None)
        assert mail["X-Loop"] == "line@protea-it.example"
        assert mail["From"] == SENDER


def test_letters_of_a_ticket_and_their_mails_are_one_thread(office: LetterOffice):
    theirs = f"<{'x' * 120}@mail.harbour-foods.example>"
    number = office.opens(contact=SIPHO_KHUMALO, mail=1, message_id=theirs)
    office.tick()
    first = office.newest
    assert (first["In-Reply-To"], first["References"]) == (theirs, theirs), "in one piece, however long"
    office.does(number, lambda ticket, by: ticket.answer(by, office.clock(), "Restart it", to=SIPHO))
    office.tick()
    second = office.newest
    assert second["In-Reply-To"] == theirs
    assert second["References"].split() == [first["Message-ID"], theirs], "what is answered comes last"
    office.does(number, lambda t, _: t.hear("wrote: no", office.clock(), mail=2, message_id="<two@x.example>"))
    office.does(number, lambda ticket, by: ticket.answer(by, office.clock(), "Then wait", to=SIPHO))
    office.tick()
    assert office.newest["References"].split() == [theirs, first["Message-ID"], second["Message-ID"], "<two@x.example>"]


@pytest.mark.parametrize(
    "odd", ["<a@b>\r\nBcc: x@y.example", "<a b@c>", "a@b", "<ä@b.example>", f"<{'a' * 400}@b>", ""]
)
def test_a_message_id_that_no_header_can_hold_is_left_out(office: LetterOffice, odd: str):
    office.opens(contact=SIPHO_KHUMALO, mail=1, message_id=odd)
    office.tick()
    assert (office.newest["In-Reply-To"], office.newest["References"], office.newest["Bcc"]) == (None, None, None)


def test_an_answer_to_a_letter_finds_its_ticket_by_either_name(office: LetterOffice):
    number, names = office.opens(), Names("a secret of forty characters for tests..", "any.example")
    office.tick()
    assert names.ticket_of(office.newest["Message-ID"]) == number
    assert names.ticket_of_address(office.newest["Reply-To"]) == number
    assert office.newest["Reply-To"].startswith(MAILBOX.partition("@")[0] + "+")


def test_without_a_mailbox_nobody_is_asked_to_answer(another: Callable[..., Flask], clock: Clock, taker: Taker):
    with mail_server(taker) as port:
        office = LetterOffice(another(**mailing_to(port) | {"mail_in_addresses": ""}), clock, taker)
        office.opens()
        office.tick()
    assert office.newest["Reply-To"] is None
    assert "answer this mail" not in office.text()


def test_the_plain_text_comes_first_and_the_mail_is_the_same_whenever_it_is_written(office: LetterOffice):
    office.opens()
    office.tick()
    assert [part.get_content_type() for part in office.newest.iter_parts()] == ["text/plain", "text/html"]
    with office.database.reading() as session:
        row = session.scalars(select(Outgoing).where(Outgoing.kind == "letter")).one()
        mails = office.app.extensions["couriers"]["letter"].mails
        assert mails.written(row) == mails.written(row)


# Once


def test_a_letter_is_written_once_however_often_the_worker_looks_or_dies(
    office: LetterOffice, monkeypatch: pytest.MonkeyPatch
):
    office.opens()

    class Killed(BaseException):
        """As `kill -9`: nothing catches it."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    for where in (owed.outbox, delivery):  # before the letter is stored; after the mail server has it
        with monkeypatch.context() as patch:
            patch.setattr(where, "post" if where is owed.outbox else "_finish", die)
            with pytest.raises(Killed):
                office.tick()
    office.tick(300)
    office.tick(300)
    assert office.letters() == [("received", "sent", None)]
    assert len({mail["Message-ID"] for mail in office.mails}) == 1, "what went twice is the same mail"


def test_two_workers_write_a_letter_once_and_keep_the_limit_together(office: LetterOffice):
    for number in range(6):
        office.opens(words=f"mail {number}")
    office.clock.advance(61)  # the due times that they tell are waited for no longer
    start = Barrier(4)

    def work() -> None:
        start.wait()
        letters.look(means(office), lambda: False)

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    states = [state for _, state, _ in office.letters()]
    assert (states.count("posted"), states.count("withheld")) == (3, 3)


def means(office: LetterOffice) -> letters.Means:
    held = office.app.extensions
    parts = held["patient_database"], held["exchange"].boards, held["links"], held["names"], held["settings"]
    return letters.Means(*parts, office.clock)


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (KeyError("a word is missing"), "KeyError"),
        (DataError("INSERT", {}, Exception("what no database takes")), "DataError"),
    ],
)
def test_one_letter_that_cannot_be_written_keeps_no_other_back(
    office: LetterOffice, monkeypatch: pytest.MonkeyPatch, fault: Exception, told: str
):
    """Its row says so; a person can look, and ring."""
    broken, whole = office.opens(), office.opens("bongi@elsewhere.example")
    compose = owed.composing.paragraphs

    def stumble(head, matter):
        if matter.reference == office.printed(broken):
            raise fault
        return compose(head, matter)

    monkeypatch.setattr(owed.composing, "paragraphs", stumble)
    office.tick()
    assert office.letters(broken) == [("received", "withheld", f"it could not be written ({told})")]
    assert office.letters(whole) == [("received", "sent", None)]


# Old


def test_what_was_before_there_were_letters_gets_none(office: LetterOffice):
    office.opens()
    with office.database.writing() as session:
        newest = session.scalar(select(letters.Event.id).order_by(letters.Event.id.desc()).limit(1))
        session.execute(update(LettersSince).values(event_id=newest))
    office.opens("new@elsewhere.example")
    office.tick()
    assert [mail["To"] for mail in office.mails] == ["new@elsewhere.example"]


def test_what_is_older_than_a_day_gets_none(office: LetterOffice, clock: Clock):
    office.opens()
    clock.advance(timedelta(days=1, seconds=1).total_seconds())
    office.tick()
    assert office.letters() == []


def test_without_a_mail_server_nothing_is_written(app: Flask, clock: Clock, taker: Taker):
    office = LetterOffice(app, clock, taker)
    office.opens()
    office.tick()
    assert office.letters() == []


# Withheld


@pytest.mark.parametrize("email", ["MAILER-DAEMON@x.example", "noreply@x.example", "do-not-reply+7@x.example"])
def test_an_address_where_nobody_reads_gets_none(office: LetterOffice, email: str):
    number = office.opens(email)
    office.tick()
    assert office.mails == []
    assert office.told(number) == ["the reference was not mailed: nobody reads what is sent to such an address"]


@pytest.mark.parametrize("email", [MAILBOX, "Support+abc@protea-it.example", "line@protea-it.example"])
def test_our_own_address_gets_none(office: LetterOffice, email: str):
    office.opens(email)
    office.tick()
    assert office.letters() == [("received", "withheld", "it is an address of ours")]


def test_a_machine_s_mail_is_not_answered_by_ours_but_by_people_it_is(office: LetterOffice):
    number, now = office.opens(mail=1, automatic="auto_reply: Auto-Submitted"), office.clock()
    office.tick()
    assert office.letters() == [("received", "withheld", BY_ITSELF)]
    assert office.told(number) == [f"the reference was not mailed: {BY_ITSELF}"]
    office.does(number, lambda ticket, by: ticket.answer(by, now, "Your disk is full", to=ANNA))
    office.does(number, lambda ticket, by: ticket.resolve(now, "It was cleaned", by))
    office.tick()
    assert office.letters()[1:] == [("answer", "sent", None), ("resolved", "withheld", BY_ITSELF)]


def test_a_machine_that_opens_what_was_resolved_is_not_told_so(office: LetterOffice):
    number = office.opens()
    office.does(number, lambda ticket, by: ticket.resolve(office.clock(), "done", by))
    office.tick()
    office.does(number, lambda ticket, _: ticket.hear("wrote: I am away", office.clock(), mail=2, automatic=True))
    office.tick()
    assert office.letters()[2:] == [("reopened", "withheld", BY_ITSELF)]


def test_mails_of_one_sender_are_answered_once_in_an_hour(office: LetterOffice):
    for email in (ANNA.upper(), ANNA.replace("@", "+shop@")):  # one mailbox, however it is written
        office.opens(email, mail=1)
    number = office.opens(ANNA, mail=1)
    office.tick()
    why = "a mail of theirs was answered by itself within the hour"
    assert office.letters() == [("received", "sent", None), *[("received", "withheld", why)] * 2]
    page = browser_of(office.app, "bongani").get(office.page(number)).text
    assert why in page
    office.opens(ANNA, mail=1)
    office.tick(HOUR)
    assert office.letters()[3:] == [("received", "sent", None)]


def test_the_web_page_and_the_telephone_promise_a_letter_and_it_goes_three_times_an_hour(office: LetterOffice):
    for _ in range(4):
        office.opens(ANNA)
    office.opens("bongi@elsewhere.example")
    office.tick()
    states = [state for _, state, _ in office.letters()]
    assert states == ["sent", "sent", "sent", "withheld", "sent"]


def test_ten_automatic_letters_a_day_are_enough_for_anybody(office: LetterOffice):
    for n in range(12):
        office.opens(ANNA.replace("@", f"+{n}@"))
        office.tick(HOUR)
    assert [state for _, state, _ in office.letters()].count("sent") == 10
    assert office.letters()[-1] == ("received", "withheld", "they had ten automatic letters within a day")


def test_people_of_ours_are_never_limited(office: LetterOffice):
    number, now = office.opens(), office.clock()
    office.tick()
    for _ in range(12):
        office.does(number, lambda ticket, by: ticket.answer(by, now, "Try again", to=ANNA))
    for _ in range(4):
        office.does(number, lambda ticket, by: ticket.wait(by, now, "the serial number"))
        office.does(number, lambda ticket, by: ticket.resume(by, now, "found"))
    office.tick()
    office.tick()
    kinds = [kind for kind, state, _ in office.letters() if state == "sent"]
    assert kinds == ["received", *["answer"] * 12, *["waiting"] * 4]


def test_what_was_abandoned_gets_none(office: LetterOffice):
    number = office.opens()
    office.does(number, lambda ticket, _: ticket.abandon(office.clock(), "they hung up"))
    office.tick()
    assert office.letters() == [("received", "withheld", "nobody wants it answered here")]
    assert office.told(number) == [], "that is no news"


# Bounces


def test_an_address_that_bounced_gets_none_until_somebody_types_it_again(office: LetterOffice):
    number = office.opens()
    office.tick()
    office.does(number, lambda t, _: t.tell(BOUNCED, "a mail came back", office.clock(), address=ANNA.upper()))
    other = office.opens()
    office.tick()
    assert office.letters(other) == [("received", "withheld", "mail to this address came back")]
    thandi = browser_of(office.app, "thandi")
    page = thandi.get(office.page(other)).text
    assert f"Mail to {ANNA} came back." in page
    assert "It is not sent" in page
    answer = send(thandi, office, other, "answer", text="Restart it")
    assert "It was not sent." in thandi.get(answer.location).text
    assert send(thandi, office, other, "address", email=ANNA).status_code == 303
    office.tick()
    assert office.letters(other)[1:] == [("received", "sent", None)]
    assert f"This is mailed to {ANNA} as it stands" in thandi.get(office.page(other)).text


def test_an_address_that_is_known_and_good_is_not_typed_anew(office: LetterOffice):
    number = office.opens()
    refused = send(browser_of(office.app, "thandi"), office, number, "address", email="other@elsewhere.example")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("says", "bounced"),
    [("550 5.1.1 No such user here", True), ("554 5.7.1 Message refused as spam", False), ("550 No", False)],
)
def test_a_mail_server_that_knows_no_such_mailbox_has_said_so(
    office: LetterOffice, taker: Taker, says: str, bounced: bool
):
    taker.says["RCPT"] = says
    number = office.opens()
    office.tick()
    ((_, state, why),) = office.letters()
    assert (state, why) == ("failed", f"the mail server says: {says}")
    assert bool(office.told(number, BOUNCED)) == bounced
    assert office.told(number) == [f"the reference could not be mailed: the mail server says: {says}"]
    taker.says.clear()
    second = office.opens()
    office.tick()
    assert office.letters(second)[0][1] == ("withheld" if bounced else "sent")


# The page


def test_an_answer_without_an_address_is_noted_only_and_says_so(office: LetterOffice):
    number, thandi = office.opens(None), browser_of(office.app, "thandi")
    page = thandi.get(office.page(number)).text
    assert "No mail address is known. This is noted on the ticket and stops the clock. It is not sent" in page
    answer = send(thandi, office, number, "answer", text="I rang them")
    assert "It was not sent." in thandi.get(answer.location).text
    office.tick()
    assert [kind for kind, _, _ in office.letters()] == ["received"]


def test_the_page_tells_what_was_sent_to_whom_when(office: LetterOffice, taker: Taker):
    number, bongani = office.opens(), browser_of(office.app, "bongani")
    office.tick()
    taker.says["RCPT"] = FOR_GOOD
    office.does(number, lambda ticket, by: ticket.resolve(office.clock(), "done", by))
    office.tick()
    said = words(bongani.get(office.page(number)).text)
    assert f"The reference {ANNA} ✓ Sent Tue 24 Nov 09:00" in said
    assert f"That it is resolved {ANNA} ✗ Not delivered the mail server says: 550" in said


def test_whoever_types_words_for_the_customer_is_told_that_they_go_out(office: LetterOffice):
    page = browser_of(office.app, "thandi").get(office.page(office.opens())).text
    assert page.count(f"The customer is mailed these words, to {ANNA}.") == 2


def send(client: FlaskClient, office: LetterOffice, number: int, verb: str, **typed: str):
    path = office.page(number)
    seen = re.search(r'name="seen" value="(\d+)"', client.get(path).text)
    assert seen
    return post(client, f"{path}/do/{verb}", seen=seen[1], **typed)


def words(text: str) -> str:
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_a_letter_is_kept_after_the_outbox_has_forgotten_its_mail(office: LetterOffice, clock: Clock):
    office.opens()
    office.tick()
    office.tick(31 * 24 * HOUR)
    with office.database.reading() as session:
        assert session.scalars(select(Outgoing).where(Outgoing.kind == "letter")).all() == []
        assert session.scalars(select(Letter)).one().sent_at is not None
