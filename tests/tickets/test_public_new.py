"""A visitor opens a ticket on the web: nothing is lost, and no stranger calls anybody out."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from desk.outbox import Outgoing
from ivr import outgoing
from office import Office
from oncall.pursuit import Pursuit
from tickets.file import File
from tickets.public.form import BODY, FILE, Reading
from tickets.ticket import Ticket
from visitor import (
    ANN,
    FATIMA,
    MAILS,
    PNG,
    SIPHO,
    WRITTEN,
    Queries,
    Visitor,
    fields_of,
    link_in,
    mails,
    ticket,
    tickets,
    told,
)
from visitors import browser_of, form_token, staff_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from simulator.clock import Clock

EMERGENCY = {"bad": "stopped", "emergency": "1", "accept": "1"}


@pytest.fixture
def web(another: Callable[..., Flask]) -> Flask:
    """The application with a mail server."""
    return another(demo=False, **MAILS)


@pytest.fixture
def ann(web: Flask) -> Visitor:
    return Visitor(web)


def pursued(app: Flask) -> int:
    with app.extensions["database"].reading() as session:
        return len(session.scalars(select(Pursuit)).all())


@pytest.mark.parametrize(("bad", "priority"), [("stopped", "high"), ("partly", "normal"), ("question", "low")])
def test_what_a_visitor_sends_is_a_ticket_at_once(web: Flask, ann: Visitor, bad: str, priority: str):
    made = ticket(web, ann.opens(bad=bad, phone="082 555 0199", email=" Ann@SHOP.example "))
    assert (made.priority, made.subject, made.state) == (priority, "The till is down", "open")
    assert (made.email, made.caller, made.customer_id) == ("Ann@shop.example", "+27825550199", None)
    assert told(web, made.reference, "asked") == ["The till is down\nsince noon"]


def test_the_page_after_it_says_the_reference_by_when_we_answer_and_a_link_to_see_how_it_stands(ann: Visitor):
    page = ann.get(ann.sends().location).text
    assert "We answer by" in page
    assert 'datetime="2026-11-23T10:30:00+00:00"' in page  # normal: four office hours after 08:30 on Monday
    link = page.split('class="link" href="https://afterhours.example')[1].split('"')[0]
    state = ann.get(link).text
    assert "nobody works on it yet" in state
    assert "till" not in state


def test_engineers_see_where_it_came_from_and_that_nobody_has_shown_that_the_address_is_theirs(
    web: Flask, ann: Visitor
):
    reference = ann.opens(email=FATIMA)
    page = browser_of(web, "thandi").get(f"/tickets/{reference}").text
    for words in ("Karoo Clinic", "sender not verified", "the web form", "under the name Ann Jacobs", "since noon"):
        assert words in page


def test_what_is_wrong_is_told_on_top_with_a_way_there_and_everything_typed_is_kept(web: Flask, ann: Visitor):
    typed = {
        "what": '<b>Till</b> & "more"',
        "name": "",
        "email": "ann@",
        "phone": "12",
        "bad": "worst",
        "emergency": "1",
    }
    answer = ann.sends(files=[("a.png", PNG)], **typed)
    assert answer.status_code == 422
    page = answer.text
    for name in ("bad-stopped", "name", "email", "phone", "accept"):
        assert f'href="#{name}"' in page
        assert f'id="{name}"' in page
    assert 'role="alert" tabindex="-1" autofocus' in page
    assert "&lt;b&gt;Till&lt;/b&gt; &amp; &#34;more&#34;</textarea>" in page
    assert dict(fields_of(page))["email"] == "ann@"
    assert "The files have to be chosen again" in page
    assert tickets(web) == []


@pytest.mark.parametrize(
    "email",
    [
        "a@b",
        "x y@shop.example",
        "ann@shop.example\r\nBcc: all@shop.example",
        "ann@shop.example, eve@evil.example",
        "@",
        "ann@[127.0.0.1]",
        "änn@shop.example",
        "a@" + "b" * 300 + ".example",
    ],
)
def test_an_address_that_no_mail_can_go_to_alone_is_refused(web: Flask, ann: Visitor, email: str):
    assert ann.sends(email=email).status_code == 422
    assert tickets(web) == []


@pytest.mark.parametrize("phone", ["0861 123 456", "+1 900 555 0199", "087 809 0263", "911", "abc"])
def test_a_number_that_we_would_not_ring_is_refused(ann: Visitor, phone: str):
    assert "#phone" in ann.sends(phone=phone).text


def test_ends_of_lines_in_a_name_or_a_title_reach_no_header(web: Flask, ann: Visitor):
    reference = ann.opens(name="Ann\r\nBcc: all@shop.example", what="Till\r\nX: y", email=FATIMA, **EMERGENCY)
    assert ticket(web, reference).subject == "Till"
    assert all("\n" not in mail["subject"] and "Ann" not in mail["body"] + mail["subject"] for mail in mails(web))


def test_a_field_that_people_do_not_see_gives_a_machine_away_and_loses_nobody_s_words(web: Flask, ann: Visitor):
    answer = ann.sends(website="https://spam.example")
    assert (answer.status_code, tickets(web)) == (422, [])
    assert "The till is down" in answer.text
    assert dict(fields_of(answer.text))["website"] == ""


def test_without_the_token_of_the_form_nothing_is_stored_and_the_words_stay(web: Flask, ann: Visitor):
    answer = ann.client.post("/help/new", data=WRITTEN)
    assert (answer.status_code, tickets(web)) == (400, [])
    assert "since noon" in answer.text


# An emergency


def test_an_emergency_needs_the_tick_that_it_may_be_charged(web: Flask, ann: Visitor):
    answer = ann.sends(email=FATIMA, **EMERGENCY | {"accept": ""})
    assert answer.status_code == 422
    assert "#accept" in answer.text
    assert tickets(web) == []


def test_who_is_known_and_who_is_not_see_the_same_page_after_the_same_work(web: Flask):
    seen = []
    Visitor(web).opens(what="so that what is made once is made")
    for place, email in (("198.51.100.7", "a@shop.example"), ("198.51.100.8", FATIMA)):
        visitor = Visitor(web, place)
        visitor.get("/help/new")
        token = form_token(visitor.client)
        with Queries(web) as asked:
            fields = {**WRITTEN, **EMERGENCY, "email": email, "form_token": token}
            sent = visitor.client.post("/help/new", data=fields, environ_overrides={"REMOTE_ADDR": place})
            page = visitor.get(sent.location).text
        number = page.split('class="reference">')[1][:11]
        sealed = page.split("/help/track/")[1].split('"')[0]
        seen.append((page.replace(number, "").replace(sealed, "").replace(email, ""), sorted(asked)))
    assert seen[0] == seen[1]
    assert "Please ring now" in seen[0][0]


def test_an_emergency_from_the_web_pages_nobody_by_itself(web: Flask, ann: Visitor, clock: Clock):
    for email in (ANN, FATIMA):
        assert ticket(web, ann.opens(email=email, **EMERGENCY)).priority == "high"
    Office(web, clock).tick()
    assert pursued(web) == 0


def test_who_is_not_known_is_asked_by_mail_to_ring(web: Flask, ann: Visitor):
    ann.opens(**EMERGENCY)
    (mail,) = mails(web)
    assert mail["to"] == ANN
    assert "087 809 0263" in mail["body"]
    assert "/help/confirm/" not in mail["body"]


def test_whoever_reads_the_mail_of_a_known_address_has_the_engineer_paged(web: Flask, ann: Visitor, clock: Clock):
    reference = ann.opens(email=FATIMA.upper(), **EMERGENCY)
    link = link_in(mails(web)[0])
    fatima = Visitor(web, "203.0.113.9")
    assert "Page the engineer on standby" in fatima.get(link).text
    assert "being paged" in fatima.follows(link)
    Office(web, clock).tick()
    assert (ticket(web, reference).priority, pursued(web)) == ("emergency", 1)
    page = browser_of(web, "thandi").get(f"/tickets/{reference}").text
    assert "sender not verified" not in page


def test_a_program_that_looks_at_the_links_of_a_mail_pages_nobody(web: Flask, ann: Visitor, clock: Clock):
    reference = ann.opens(email=FATIMA, **EMERGENCY)
    link = link_in(mails(web)[0])
    for _ in range(3):
        assert Visitor(web).client.get(link).status_code == 200
        assert Visitor(web).client.head(link).status_code == 200
    assert ticket(web, reference).priority == "high"


def test_the_button_works_once_and_not_in_another_browser_or_after_half_an_hour(web: Flask, ann: Visitor, clock: Clock):
    first = ann.opens(email=FATIMA, **EMERGENCY)
    second = ann.opens(email=FATIMA, **EMERGENCY | {"what": "Another"})
    links = [link_in(mail) for mail in mails(web)]
    ann.follows(links[0])
    assert ann.post(links[0]).status_code == 303
    assert told(web, first, "asked", "priority") == [
        "The till is down\nsince noon",
        "The sender confirmed by mail that this is an emergency, and asks for the engineer on standby.",
        "high to emergency: confirmed by mail",
    ]
    assert Visitor(web).post(links[0]).status_code == 410
    clock.until(clock() + timedelta(minutes=31))
    assert Visitor(web).get(links[1]).status_code == 410
    assert Visitor(web).post(links[1]).status_code == 410
    assert ticket(web, second).priority == "high"


def test_a_link_that_only_reads_pages_nobody(web: Flask, ann: Visitor):
    ann.opens(**EMERGENCY)
    link = link_in(mails(web)[0])
    assert link.startswith("/help/ticket/")
    assert ann.post(link.replace("/ticket/", "/confirm/")).status_code == 410


def test_an_emergency_cannot_be_used_to_fill_somebody_s_mailbox(web: Flask):
    for number in range(8):
        Visitor(web, f"198.51.100.{number}").sends(what=f"{number}", email=FATIMA, **EMERGENCY)
    assert len(tickets(web)) == 8
    assert len(mails(web)) == 3


def test_what_was_confirmed_counts_as_consent_when_the_engineer_calls_back(web: Flask, ann: Visitor, clock: Clock):
    number = ticket(web, ann.opens(email=SIPHO, **EMERGENCY)).id

    def begun(sid: str) -> bool | None:
        with web.extensions["database"].writing() as session:
            board, made = web.extensions["exchange"].boards.current(session), session.get_one(Ticket, number)
            page = outgoing.ask(session, board, made, staff_id(web, "thandi"), clock(), on_line=False)
            consent = outgoing.begin(session, board, page.id, sid, clock()).consent
            page.close("failed", clock())
            return consent

    assert begun("CA1") is None
    ann.follows(link_in(mails(web)[0]))
    assert begun("CA2") is True


def test_without_a_mail_server_an_emergency_is_asked_to_ring_and_nothing_waits_to_be_sent(shut: Flask):
    Visitor(shut).opens(email=FATIMA, **EMERGENCY)
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Outgoing)).all() == []


# Twice


def test_a_form_that_is_sent_twice_shows_the_first_ticket(web: Flask, ann: Visitor):
    assert ann.opens(files=[("a.png", PNG)]) == ann.opens(files=[("a.png", PNG)])
    assert len(tickets(web)) == 1


@pytest.mark.parametrize("other", [{"what": "Another"}, {"key": "another form"}, {"name": "Anna"}, {"bad": "stopped"}])
def test_a_form_that_was_changed_is_another_ticket(web: Flask, ann: Visitor, other: dict[str, str]):
    ann.opens()
    ann.opens(**other)
    assert len(tickets(web)) == 2


def test_another_file_is_another_ticket(web: Flask, ann: Visitor):
    ann.opens(files=[("a.png", PNG)])
    ann.opens(files=[("a.png", PNG + b"x")])
    assert len(tickets(web)) == 2


def test_of_the_same_form_at_the_same_moment_there_is_one_ticket(web: Flask):
    visitors, start, answers = [Visitor(web) for _ in range(4)], Barrier(4), []

    def send(visitor: Visitor, token: str) -> None:
        start.wait()
        answer = visitor.client.post("/help/new", data={**WRITTEN, **EMERGENCY, "email": FATIMA, "form_token": token})
        answers.append((answer.status_code, answer.location))

    threads = [Thread(target=send, args=(one, form_token(one.client))) for one in visitors]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {status for status, _ in answers} == {303}
    assert len({location for _, location in answers}) == 1
    assert (len(tickets(web)), len(mails(web))) == (1, 1)


# Files


def files_of(app: Flask) -> list[tuple[str, str, int]]:
    with app.extensions["database"].reading() as session:
        return [(one.name, one.type, one.size) for one in session.scalars(select(File).order_by(File.id))]


def test_files_are_kept_as_they_came_and_are_downloads_that_no_browser_opens(web: Flask, ann: Visitor):
    reference = ann.opens(files=[("screen.png", PNG), ("a list.csv", b"a,b\n=1+1,2\n")])
    assert files_of(web) == [("screen.png", "image/png", 48), ("a list.csv", "text/csv", 11)]
    engineer = browser_of(web, "thandi")
    page = engineer.get(f"/tickets/{reference}").text
    assert "a list.csv" in page
    answer = engineer.get(f"/tickets/{reference}/files/1")
    assert answer.data == PNG
    assert answer.headers["Content-Disposition"] == "attachment; filename=screen.png"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/octet-stream", "no-store")


def test_files_are_for_those_who_work_on_the_ticket_and_under_that_ticket_alone(web: Flask, ann: Visitor):
    reference, other = ann.opens(files=[("screen.png", PNG)]), ann.opens(what="Another")
    assert browser_of(web, "bongani").get(f"/tickets/{reference}/files/1").status_code == 403
    assert browser_of(web).get(f"/tickets/{reference}/files/1").status_code == 303
    assert browser_of(web, "thandi").get(f"/tickets/{other}/files/1").status_code == 404
    assert browser_of(web, "thandi").get(f"/tickets/{reference}/files/2").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf", b"MZ\x90\x00\x03\x00\x00\x00"), ("photo.jpg", b"<html><script>alert(1)</script>"),
        ("photo.png", b"\xff\xd8\xff\xe0JFIF"), ("notes.txt", b"\x7fELF\x02\x01\x01\x00"),
        ("report.docx", b"%PDF-1.7"), ("page.html", b"<h1>Hi</h1>"), ("picture.svg", b"<svg onload='x'/>"),
        ("setup.exe", b"MZ"), ("run.sh", b"#!/bin/sh"), ("photo.png.exe", PNG), ("photo.png\x00.exe", PNG),
        ("noending", b"text"),
        ("macro.docm", b"PK\x03\x04"), ("a.pdf", b""), ("cod\u202egpj.exe", PNG), ("x.png ", b"GIF89a"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_or_of_a_kind_that_we_do_not_take_is_refused(
    web: Flask, ann: Visitor, name: str, content: bytes
):
    answer = ann.sends(files=[(name, content)])
    assert answer.status_code == 422
    assert "#files" in answer.text
    assert (tickets(web), files_of(web)) == ([], [])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../etc/passwd.txt", "passwd.txt"), ("C:\\Windows\\a.txt", "a.txt"), ("/a/b/../c.txt", "c.txt"),
        ("..\\..\\a.txt", "a.txt"), ("con.txt", "_con.txt"), ('a"; filename="b.txt', "a_; filename=_b.txt"),
        ("a\r\nX-Evil: 1.txt", "a X-Evil_ 1.txt"), ("<img src=x>.txt", "_img src=x_.txt"),
        ("%2e%2e%2fa.txt", "%2e%2e%2fa.txt"),
        ("x" * 300 + ".txt", "x" * 146 + ".txt"), ("täxt.txt", "täxt.txt"), ("\u202etxt.a.txt", "txt.a.txt"),
    ],
)  # fmt: skip
def test_a_name_leads_nowhere(web: Flask, ann: Visitor, sent: str, kept: str):
    (named,) = Reading({}).files([FileStorage(BytesIO(b"text"), filename=sent)])
    assert named.name == kept
    reference = ann.opens(files=[(kept, b"text")])
    header = browser_of(web, "thandi").get(f"/tickets/{reference}/files/1").headers["Content-Disposition"]
    assert header.startswith("attachment; filename")
    assert not set("\r\n/\\") & set(header)


def test_too_many_or_too_large_files_are_refused_with_what_fits_and_the_words_stay(web: Flask, ann: Visitor):
    large = PNG + bytes(FILE)
    for files, said in (
        ([(f"{n}.png", PNG) for n in range(6)], "5 can be sent at once"),
        ([("large.png", large)], "large.png is too large: 5 MB at most"),
        ([(f"{n}.png", large[:FILE]) for n in range(3)], "too large together: 10 MB at most"),
    ):
        answer = ann.sends(files=files)
        assert (answer.status_code, said in answer.text, "since noon" in answer.text) == (422, True, True)
    assert tickets(web) == []


def test_what_is_far_too_large_is_not_even_read(web: Flask, ann: Visitor):
    answer = ann.sends(files=[("large.png", bytes(BODY))])
    assert (answer.status_code, "Go back" in answer.text, "087 809 0263" in answer.text) == (413, True, True)
    assert tickets(web) == []


def test_the_same_files_reach_the_engineer_of_the_ticket_that_theirs_was_merged_into(
    web: Flask, ann: Visitor, clock: Clock
):
    first, second = ann.opens(files=[("screen.png", PNG)]), ann.opens(what="Another")
    with web.extensions["database"].writing() as session:
        into = session.get_one(Ticket, ticket(web, second).id)
        session.get_one(Ticket, ticket(web, first).id).merge_into(into, clock(), "the same")
    assert browser_of(web, "thandi").get(f"/tickets/{second}/files/1").data == PNG
