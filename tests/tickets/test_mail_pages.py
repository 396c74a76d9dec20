"""The pages of mail: everything that came in can be seen, had as it came, and made a ticket of; none of it acts."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from mails import giants
from mails.mail import file, html, letter, parted, text
from post import ANNA, OURS, SIPHO, STRANGER, Post
from tickets.mail.arrival import State
from tickets.ticket import Ticket
from visitors import browser_of
from visitors import post as send

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock
    from tickets.mail.arrival import Arrival

AWAY = {"Auto_Submitted": "auto-replied", "Subject": "Away"}
EVIL = b"<script>alert(1)</script>"


@pytest.fixture
def post(another: Callable[..., Flask], clock: Clock) -> Post:
    return Post(another(mail_in_addresses=OURS, demo=False), clock)


@pytest.fixture
def thandi(post: Post) -> FlaskClient:
    return browser_of(post.app, "thandi")


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_list_tells_what_came_of_each_mail(post: Post, thandi: FlaskClient):
    first = post.comes(Subject="Till")
    post.comes("Back on Monday.\n", sender=ANNA, **AWAY)
    post.store(letter(Message_ID="<x@x.example>"))
    page = words(thandi.get("/mail").text)
    for told in ("3 mails", "not read yet", "a new ticket", "noted only", "by a machine", SIPHO, "Till"):
        assert told in page
    assert f'href="/tickets/{post.ticket_of(first).reference}"' in thandi.get("/mail").text


@pytest.mark.parametrize(
    ("asked", "count"),
    [("state=suppressed", 1), ("state=ticket", 2), ("state=nonsense", 3), ("q=FOURIE", 1), ("q=Door", 1), ("q=%25", 0)],
)
def test_the_list_is_filtered(post: Post, thandi: FlaskClient, asked: str, count: int):
    post.comes(Subject="Till")
    post.comes(Subject="Door", sender=STRANGER)
    post.comes("Back on Monday.\n", sender=ANNA, **AWAY)
    page = words(thandi.get(f"/mail?{asked}").text)
    assert (f"{count} mail" in page) if count else ("No mail is like that" in page)


def test_the_mails_of_a_ticket_are_found_by_its_reference(post: Post, thandi: FlaskClient):
    reference = post.ticket_of(post.comes(Subject="Till")).reference
    post.comes(Subject="Door")
    assert "1 mail" in words(thandi.get(f"/mail?q={reference}").text)


def test_the_list_has_pages(post: Post, thandi: FlaskClient):
    for number in range(51):
        post.store(letter(Message_ID=f"<{number}@x.example>"))
    assert "1 to 50" in words(thandi.get("/mail").text)
    assert "51 to 51" in words(thandi.get("/mail?page=2").text)
    assert thandi.get("/mail?page=99999999").status_code == 200


def test_a_mail_is_shown_as_text_and_nothing_in_it_acts(post: Post, thandi: FlaskClient):
    raw = parted("alternative", html(f"<p>Till</p>{EVIL.decode()}<img src=x onerror=alert(1)>"), Subject=EVIL.decode())
    page = thandi.get(f"/mail/{post.settled(raw).id}")
    assert EVIL.decode() not in page.text
    assert "onerror" not in page.text
    assert "Till" in page.text


def test_what_is_quoted_is_there_for_whoever_opens_it(post: Post, thandi: FlaskClient):
    mail = post.comes("Yes.\n\nOn Mon, 23 Nov 2026 at 10:00, Support wrote:\n> Is it on?\n")
    page = words(thandi.get(f"/mail/{mail.id}").text)
    assert "The whole text, with what it quotes" in page
    assert "Is it on?" in page


def test_the_bytes_come_back_as_they_came_and_only_as_a_download(post: Post, thandi: FlaskClient):
    raw = letter(EVIL + b"\x00\xff\r\n", "text/html")
    answer = thandi.get(f"/mail/{post.settled(raw).id}/raw.eml")
    assert answer.data == raw
    is_sealed(answer)


def is_sealed(answer: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    assert headers["Content-Disposition"].startswith("attachment; filename")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "no-store"


def with_files() -> bytes:
    page = file("../../evil\r\nX: y.html", EVIL, "text/html")
    return parted("mixed", text("Two files.\n"), page, file("café.pdf", b"%PDF", "application/pdf"))


def test_files_come_as_downloads_under_safe_names(post: Post, thandi: FlaskClient):
    mail = post.settled(with_files())
    one, two = (thandi.get(f"/mail/{mail.id}/files/{number}") for number in (1, 2))
    assert (one.data, two.data) == (EVIL, b"%PDF")
    for answer in (one, two):
        is_sealed(answer)
        assert not {"/", "\\"} & set(answer.headers["Content-Disposition"])
    assert thandi.get(f"/mail/{mail.id}/files/3").status_code == 404
    assert thandi.get(f"/mail/{mail.id}/files/0").status_code == 404


def test_a_ticket_shows_its_mails_with_their_files(post: Post, thandi: FlaskClient):
    mail = post.settled(with_files())
    address = f"/tickets/{post.ticket_of(mail).reference}"
    page = thandi.get(address).text
    assert f'href="/mail/{mail.id}/files/2"' in page
    assert "The customer wrote: Two files." in words(page)
    for_billing = browser_of(post.app, "bongani").get(address).text
    assert "café.pdf" in for_billing
    assert "/mail/" not in for_billing


def test_what_was_only_noted_becomes_a_ticket_when_somebody_says_so_and_once(post: Post, thandi: FlaskClient):
    mail = post.comes("The till is broken. I am away.\n", sender=ANNA, **AWAY)
    assert "Make a ticket of it all the same" in thandi.get(f"/mail/{mail.id}").text
    answers = [send(thandi, f"/mail/{mail.id}/ticket") for _ in range(2)]
    made = post.arrival(mail.id)
    assert (made.state, made.why) == (State.TICKET, "Thandi Nkosi made a ticket of it")
    assert {answer.location for answer in answers} == {f"/tickets/{post.ticket_of(made).reference}"}
    assert post.ticket_of(made).customer.name == "Mill Lane Books"
    assert post.tickets() == 1


def test_a_note_on_a_ticket_that_becomes_one_is_linked_with_it(post: Post, thandi: FlaskClient):
    first = post.comes().ticket_id
    mail = post.comes("Really, it burns.\n", In_Reply_To=post.names.message_id(first, "x"), **AWAY)
    send(thandi, f"/mail/{mail.id}/ticket")
    assert post.arrival(mail.id).ticket_id != first
    assert len(post.told(first, "linked")) == 1


@pytest.mark.fails_on_purpose
def test_a_mail_that_cannot_be_read_still_has_its_page(post: Post, thandi: FlaskClient, clock: Clock):
    number = aside(post, clock)
    page = words(thandi.get(f"/mail/{number}").text)
    assert "cannot be read" in page
    assert thandi.get(f"/mail/{number}/raw.eml").data == letter()
    reference = post.ticket_of(post.arrival(number)).reference
    assert "are kept as they came" in words(thandi.get(f"/tickets/{reference}").text)


def aside(post: Post, clock: Clock) -> int:
    """A mail that stopped whoever read it, three times."""
    number = post.store(letter())
    with post.database.writing() as session:
        session.get_one(type(post.arrival(number)), number).tries = 3
    post.settle()
    return number


def test_a_giant_is_not_read_while_somebody_waits(post: Post, thandi: FlaskClient):
    mail: Arrival = post.settled(giants.made("ten megabytes of text").raw)
    page = words(thandi.get(f"/mail/{mail.id}").text)
    assert "too large to be shown" in page
    assert "10.0 MB" in page


def test_a_task_says_that_a_letter_came_back(post: Post, thandi: FlaskClient):
    ticket = post.comes(sender=STRANGER)
    with post.database.writing() as session:
        session.get_one(Ticket, ticket.ticket_id).tell("bounced", "it came back", post.clock(), address=STRANGER)
    page = words(thandi.get(f"/tickets/{post.ticket_of(ticket).reference}").text)
    assert "Get a mail address A letter to the one that is known came back." in page
    typed = {"seen": 99, "email": "right@stranger.example"}
    seen = re.search(r'name="seen" value="(\d+)"', thandi.get(f"/tickets/{post.ticket_of(ticket).reference}").text)
    assert seen
    send(thandi, f"/tickets/{post.ticket_of(ticket).reference}/do/address", **(typed | {"seen": seen[1]}))
    assert "Get a mail address" not in words(thandi.get(f"/tickets/{post.ticket_of(ticket).reference}").text)
