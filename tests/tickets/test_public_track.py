"""A visitor asks how a ticket stands: the state for whoever names it, the rest for whoever reads its mail."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from cast import HARBOUR
from desk.staff import Staff
from office import Office
from tickets import reference as references
from tickets.event import BOUNCED, Event
from tickets.people import Contact
from tickets.ticket import Ticket, open_ticket
from visitor import ANN, FATIMA, MAILS, PNG, SIPHO, Queries, Visitor, link_in, mails, ticket, told
from visitors import browser_of, form_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.clock import Clock

QUARTER = timedelta(minutes=15, seconds=1)


@pytest.fixture
def web(another: Callable[..., Flask]) -> Flask:
    """The application with a mail server."""
    return another(demo=False, **MAILS)


@pytest.fixture
def ann(web: Flask) -> Visitor:
    return Visitor(web)


@pytest.fixture
def mine(ann: Visitor) -> str:
    """Ann's ticket."""
    return ann.opens()


def does(app: Flask, reference: str, verb: Callable[[Ticket, Staff], object]) -> None:
    """What Thandi does to a ticket."""

    def work(session: Session) -> None:
        thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
        verb(session.scalars(select(Ticket).where(Ticket.reference == reference)).one(), thandi)

    app.extensions["database"].write(work)


def state_of(visitor: Visitor, reference: str, contact: str = ANN) -> str:
    answer = visitor.tracks(reference, contact)
    assert answer.status_code == 303, answer.text
    return visitor.get(answer.location).text


def link_for(app: Flask, visitor: Visitor, reference: str, contact: str = ANN) -> str:
    """Have a link mailed; what stands in the mail."""
    assert visitor.post(visitor.tracks(reference, contact).location).status_code == 303
    return link_in(mails(app)[-1])


@pytest.fixture
def read(web: Flask, ann: Visitor, mine: str) -> str:
    """The link to Ann's ticket, which she has opened."""
    link = link_for(web, ann, mine)
    ann.follows(link)
    return link


# The state alone


@pytest.mark.parametrize("typed", ["{}", "{0[0]}{0[1]}{0[2]}-x", " {} ", "[#{}]"])
def test_whoever_names_a_ticket_and_its_address_is_told_how_it_stands_and_no_more(web, ann, mine, typed: str, clock):
    typed = references.printed(mine) if "x" in typed else typed.format(mine)
    clock.until(clock() + timedelta(minutes=9))
    does(web, mine, lambda it, thandi: it.acknowledge(thandi, clock()))
    does(web, mine, lambda it, thandi: it.note(thandi, clock() + timedelta(minutes=5), "a difficult one"))
    page = state_of(ann, typed, " ANN@Shop.Example ")
    assert "Somebody works on it" in page
    assert 'datetime="2026-11-22T00:09:00+00:00"' in page
    for word in ("till", "Thandi", "difficult", "Jacobs", ANN):
        assert word not in page


@pytest.mark.parametrize("number", ["+27825550202", "082 555 0202", "0825550202"])
def test_a_caller_names_their_number(web: Flask, ann: Visitor, clock: Clock, number: str):
    def called(session: Session) -> str:
        return open_ticket(session, dice=Random(3), at=clock(), subject="Call", caller=HARBOUR).reference

    assert "nobody works on it" in state_of(ann, web.extensions["database"].write(called), number)


def test_a_contact_s_address_and_number_are_the_ticket_s(web: Flask, ann: Visitor, clock: Clock):
    def called(session: Session) -> str:
        sipho = session.scalars(select(Contact).where(Contact.email == SIPHO)).one()
        return open_ticket(session, dice=Random(3), at=clock(), subject="Call", contact_id=sipho.id).reference

    reference = web.extensions["database"].write(called)
    for contact in (SIPHO, HARBOUR):
        assert "nobody works on it" in state_of(ann, reference, contact)


def test_a_ticket_that_is_not_there_and_one_of_somebody_else_s_get_the_same_answer_by_the_same_work(web, ann, mine):
    theirs, nobody_s = ann.opens(email=FATIMA), references.new(Random(9))
    ann.tracks(mine, "x@y.example")  # what is made once is made
    token, seen = form_token(ann.client), []
    for reference, contact in (
        (nobody_s, ANN), (nobody_s, FATIMA), (theirs, ANN), (mine, FATIMA), (theirs, SIPHO), (mine, "x@y.example"),
        (mine, "082 555 0202"), (mine, "no number"),
    ):  # fmt: skip
        with Queries(web) as asked:
            fields = {"form_token": token, "reference": reference, "contact": contact}
            answer = ann.client.post("/help/track", data=fields, environ_overrides={"REMOTE_ADDR": "192.0.2.77"})
        page = answer.text.replace(reference, "").replace(contact, "")
        seen.append((answer.status_code, page, [words.split(" ")[0] for words in asked]))
    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == 422


@pytest.mark.parametrize("wrong", ["", "12345678", "123456789", "1234567890", "abc", "' OR 1=1 --", "٤٨٢٩١٣٠٧٧"])
def test_what_cannot_be_a_reference_is_told_so_without_looking(web: Flask, ann: Visitor, wrong: str):
    token = form_token(ann.client)
    ann.get("/help/track")
    with Queries(web) as asked:
        answer = ann.client.post("/help/track", data={"form_token": token, "reference": wrong, "contact": ANN})
    assert (answer.status_code, "nine digits of the reference" in answer.text) == (422, True)
    assert not [words for words in asked if "ticket" in words]


def test_a_link_to_the_state_is_good_for_that_ticket_and_for_nothing_else(web: Flask, ann: Visitor, mine: str, clock):
    link = ann.tracks(mine).location
    hidden = link.split("/")[-1].split(".")[0]
    for other in (f"{int(hidden, 16) ^ 3:08x}", "00000001", "1", "mask", "-1", ""):
        assert ann.get(link.replace(hidden, other)).status_code in (404, 410)
    assert ann.get(link.replace("/track/", "/sent/")).status_code == 410
    clock.until(clock() + timedelta(hours=1))
    assert ann.get(link).status_code == 410


def test_links_do_not_tell_how_many_tickets_there_are(ann: Visitor, clock: Clock):
    hidden = set()
    for n in range(4):
        clock.until(clock() + timedelta(seconds=7))
        hidden.add(int(ann.sends(what=f"{n}").location.split("/")[-1].split(".")[0], 16))
    assert min(hidden) > 1000
    assert max(abs(one - other) for one in hidden for other in hidden) > 1_000_000


# Guessing


def wrong(visitor: Visitor, times: int) -> list[int]:
    dice = Random(5)
    return [visitor.tracks(references.new(dice), f"{n}@shop.example").status_code for n in range(times)]


def test_after_ten_guesses_a_source_is_told_to_ring_also_by_another_process(web, another, ann, mine, clock: Clock):
    assert wrong(ann, 10) == [422] * 10
    elsewhere = Visitor(another(demo=False, **MAILS), ann.place)
    answer = elsewhere.tracks(mine)
    assert (answer.status_code, "087 809 0263" in answer.text) == (429, True)
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert Visitor(web, "203.0.113.1").tracks(mine).status_code == 303
    clock.until(clock() + QUARTER)
    assert ann.tracks(mine).status_code == 303


def test_who_is_right_may_look_as_often_as_they_like(ann: Visitor, mine: str, clock: Clock):
    for _ in range(25):
        clock.until(clock() + timedelta(seconds=3))
        assert ann.tracks(mine).status_code == 303


@pytest.mark.parametrize("of", ["reference", "contact"])
def test_many_sources_together_guess_no_more_about_one_ticket_or_one_person(web: Flask, mine: str, of: str):
    dice, statuses = Random(5), []
    for n in range(33):
        visitor = Visitor(web, f"203.0.113.{n}")
        guess = (mine, f"{n}@shop.example") if of == "reference" else (references.new(dice), ANN)
        statuses.append(visitor.tracks(*guess).status_code)
    assert statuses == [422] * 30 + [429] * 3


def test_networks_of_sixth_version_are_one_source(web: Flask):
    statuses = [
        Visitor(web, f"2001:db8::{n}").tracks(references.new(Random(n)), "x@y.example").status_code for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2


def test_who_owns_thousands_of_networks_of_sixth_version_does_not_use_up_what_is_there_for_all(web: Flask):
    def tried(place: str, number: int) -> int:
        return Visitor(web, place).tracks(references.new(Random(number)), f"{number}@y.example").status_code

    assert [tried(f"2001:db8:1:{n:x}::1", n) for n in range(52)] == [422] * 50 + [429] * 2
    assert tried("2001:db8:2::1", 52) == 422


# The link that is mailed


def test_the_link_opens_once_in_one_browser_and_looking_does_not_use_it_up(web: Flask, ann: Visitor, mine: str):
    link = link_for(web, ann, mine)
    assert mails(web)[-1]["to"] == ANN
    for _ in range(2):
        assert Visitor(web).client.head(link).status_code == 200
        assert "since noon" not in Visitor(web).get(link).text
    assert "since noon" in ann.follows(link)
    assert "since noon" in ann.get(link).text
    thief = Visitor(web)
    for answer in (thief.get(link), thief.post(link), thief.post(f"{link}/message", words="Hi")):
        assert answer.status_code == 410
    assert told(web, mine, "asked") == ["The till is down\nsince noon"]


def test_a_link_lasts_for_half_an_hour(web: Flask, ann: Visitor, mine: str, clock: Clock):
    link = link_for(web, ann, mine)
    clock.until(clock() + timedelta(minutes=30))
    assert ann.get(link).status_code == 410
    assert ann.post(link).status_code == 410


def test_the_mail_goes_to_the_address_of_the_ticket_and_not_to_whoever_asks(web: Flask, ann: Visitor, mine: str, clock):
    reference = ann.opens(email=FATIMA, phone="082 555 0199")
    link_for(web, Visitor(web, "203.0.113.1"), reference, "082 555 0199")
    assert [mail["to"] for mail in mails(web)] == [FATIMA]


def test_the_mail_is_in_the_language_of_whoever_reads_it_and_also_html(web: Flask, ann: Visitor):
    in_afrikaans = update(Contact).where(Contact.email == FATIMA).values(language="af")
    web.extensions["database"].write(lambda session: session.execute(in_afrikaans))
    reference = ann.opens(email=FATIMA)
    link, mail = link_for(web, ann, reference, FATIMA), mails(web)[-1]
    assert mail["subject"] == f"U kaartjie {references.printed(reference)}"
    assert "sonder hierdie e-pos kan niemand iets doen nie" in mail["body"]
    assert f'href="https://afterhours.example{link}"' in mail["html"]
    assert '<html lang="af">' in mail["html"]


def test_an_address_from_which_mail_came_back_gets_none_and_the_page_does_not_tell(web: Flask, ann: Visitor, mine: str):
    page = ann.post(ann.tracks(mine).location)
    before = len(mails(web))
    does(web, mine, lambda one, _: one.tell(BOUNCED, "it came back", one.opened_at, address=ANN))
    again = ann.post(ann.tracks(mine).location)
    assert (again.status_code, again.location == page.location, len(mails(web))) == (303, True, before)


def test_nobody_s_mailbox_is_filled(web: Flask, ann: Visitor, mine: str, clock: Clock):
    def asked(times: int) -> list[int]:
        found = []
        for n in range(times):
            visitor = Visitor(web, f"203.0.113.{n}")
            found.append(visitor.post(visitor.tracks(mine).location).status_code)
        return found

    assert asked(4) == [303, 303, 303, 429]
    for _ in range(5):
        clock.until(clock() + QUARTER)
        asked(4)
    assert len(mails(web)) == 10  # of a day


def test_whoever_opens_it_has_shown_that_they_read_the_mail_of_that_address(web: Flask, ann: Visitor, mine: str):
    engineer = browser_of(web, "thandi")
    assert "sender not verified" in engineer.get(f"/tickets/{mine}").text
    ann.follows(link_for(web, ann, mine))
    assert "sender not verified" not in engineer.get(f"/tickets/{mine}").text


# What was said


def test_what_was_said_is_shown_and_never_a_note(web: Flask, ann: Visitor, mine: str, read: str, clock: Clock):
    does(web, mine, lambda it, thandi: it.answer(thandi, clock(), "We are on our way.", noted=True))
    does(web, mine, lambda it, thandi: it.note(thandi, clock(), "They never pay."))
    does(web, mine, lambda it, thandi: it.resolve(clock(), "turned it off and on", thandi))
    page = ann.get(read).text
    assert "We are on our way." in page
    assert "Protea IT Support, " in page
    for word in ("never pay", "Thandi", "Nkosi", "off and on"):
        assert word not in page


def test_what_came_by_mail_is_shown_and_a_call_only_as_a_call(
    web: Flask, ann: Visitor, mine: str, read: str, clock: Clock
):
    does(web, mine, lambda it, _: it.hear("wrote: It smokes.", clock(), mail=7))
    does(web, mine, lambda it, _: it.hear("wants to be called back on 082 555 0199", clock()))
    does(web, mine, lambda it, thandi: it.answer(thandi, clock(), "Thandi Nkosi was put through", page=3))
    page = ann.get(read).text
    for words in (">It smokes.<", ">You rang us.<", ">We spoke with you.<"):
        assert words in page
    assert "Nkosi" not in page


def test_a_message_is_heard_and_opens_again_what_was_resolved(
    web: Flask, ann: Visitor, mine: str, read: str, clock: Clock
):
    does(web, mine, lambda it, thandi: it.resolve(clock(), "done", thandi))
    answer = ann.post(f"{read}/message", [("screen.png", PNG)], words="Not yet:\n<b>still</b> down")
    page = ann.get(answer.location).text
    assert "We have your message" in page
    assert "&lt;b&gt;still&lt;/b&gt; down" in page
    assert "screen.png" in page
    assert ticket(web, mine).state == "open"
    sheet = browser_of(web, "thandi").get(f"/tickets/{mine}").text
    assert "&lt;b&gt;still&lt;/b&gt; down" in sheet
    assert f"/tickets/{mine}/files/1" in sheet


def test_a_message_that_is_sent_twice_is_said_once_and_said_again_later_twice(
    web: Flask, ann: Visitor, mine: str, read: str
):
    seen = ann.get(read).text.split('name="seen" value="')[1].split('"')[0]
    for _ in range(2):
        assert ann.post(f"{read}/message", words="Thank you", seen=seen).status_code == 303
    assert told(web, mine, "asked")[1:] == ["Thank you"]
    seen = ann.get(read).text.split('name="seen" value="')[1].split('"')[0]
    ann.post(f"{read}/message", words="Thank you", seen=seen)
    assert told(web, mine, "asked")[1:] == ["Thank you"] * 2


def test_an_empty_or_disguised_message_is_refused_with_its_words(web: Flask, ann: Visitor, mine: str, read: str):
    assert ann.post(f"{read}/message", words=" ").status_code == 422
    answer = ann.post(f"{read}/message", [("a.pdf", b"MZ")], words="See this")
    assert (answer.status_code, "See this</textarea>" in answer.text) == (422, True)
    assert len(told(web, mine, "asked")) == 1


def test_a_message_that_comes_too_late_is_shown_again_so_that_it_is_not_lost(ann: Visitor, read: str, clock: Clock):
    clock.until(clock() + timedelta(hours=2, seconds=1))
    answer = ann.post(f"{read}/message", words="A long story")
    assert (answer.status_code, "A long story</textarea>" in answer.text) == (410, True)


def test_of_a_ticket_that_goes_on_as_another_each_sees_what_they_said_themselves(web, ann, mine, read, clock: Clock):
    theirs = ann.opens(email=FATIMA, what="Our secret")

    def merge(session: Session) -> None:
        into, one = (session.scalars(select(Ticket).where(Ticket.reference == it)).one() for it in (theirs, mine))
        one.merge_into(into, clock(), "the same")

    web.extensions["database"].write(merge)
    ann.post(f"{read}/message", words="Any news?")
    page = ann.get(read).text
    assert "Any news?" in page
    assert "Our secret" not in page
    assert "goes on together" in page
    assert told(web, theirs, "asked")[-1] == "Any news?"
    fatima = Visitor(web, "203.0.113.5")
    their_page = fatima.follows(link_for(web, fatima, theirs, FATIMA))
    assert "Our secret" in their_page
    assert "Any news?" not in their_page


def test_twenty_messages_a_quarter_of_an_hour_are_enough(web: Flask, ann: Visitor, mine: str, read: str, clock: Clock):
    answers = []
    for n in range(21):
        clock.until(clock() + timedelta(seconds=4))
        answers.append(ann.post(f"{read}/message", words=f"It is message {n}"))
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert "It is message 20" in answers[-1].text, "what is not taken is still there to be read out or sent later"


def test_the_worker_judges_what_came_by_the_web_as_anything_else(web: Flask, ann: Visitor, clock: Clock):
    reference = ann.opens(email=FATIMA)
    Office(web, clock).tick()
    assert "4 h" in browser_of(web, "thandi").get(f"/tickets/{reference}").text


def test_no_secret_of_a_link_is_stored(web: Flask, ann: Visitor, read: str):
    secret = read.rpartition("/")[2]
    with web.extensions["database"].reading() as session:
        assert secret not in repr([one.detail for one in session.scalars(select(Event))])
        rows = session.connection().exec_driver_sql("SELECT digest, used_by FROM mailed_link").all()
    assert secret not in repr(rows)
