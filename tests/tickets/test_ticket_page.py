"""The page of a ticket: what it tells and to whom, and calling back from it, end to end."""

from __future__ import annotations

import re
from queue import Empty
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR, LERATO, PIETER, STRANGER, THANDI, WITHHELD
from conftest import LINE, network_of
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr.call import Call
from oncall import paging
from oncall.paging import Page
from oncall.worker import tick
from simulator.joined import Joined
from simulator.script import play
from sla.worklog import Work
from tickets.event import Event
from tickets.privacy import access
from tickets.story import chapters
from tickets.ticket import Ticket
from visitors import browser_of, form_token, heart, post, staff_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    import simulator.call
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest

RING_YOU = "We ring you on 082 555 0101 now; press 1, and Harbour Foods is rung."
BUSY = "You are being rung or on a call already."


@pytest.fixture
def desk(another: Callable[..., Flask], rest: Rest) -> Flask:
    """The application as it runs for real, with a carrier."""
    return another(demo=False, twilio_api=rest.config["BASE"])


@pytest.fixture
def network(desk: Flask, clock: Clock) -> Network:
    return network_of(desk, clock)


@pytest.fixture
def joined(rest: Rest, network: Network) -> Joined:
    return Joined(rest.account, network)


@pytest.fixture
def database(desk: Flask) -> Database:
    return desk.extensions["database"]


@pytest.fixture
def message(network: Network, clock: Clock) -> simulator.call.Call:
    """Harbour Foods called in the night and agreed to overtime; nobody took it, and there is a message."""
    return rings(network, clock, HARBOUR, "no-answer")


def rings(network: Network, clock: Clock, caller: str, engineers: str) -> simulator.call.Call:
    network.in_order(engineers)
    call = network.ring(caller, LINE)
    play(call, ["2", "1"])
    assert call.ended
    network.in_order("accept")
    clock.advance(600)
    return call


def newest(database: Database) -> str:
    """The address of the newest ticket."""
    return f"/tickets/{all_of(database, Ticket)[-1].reference}"


def all_of(database: Database, kind: type) -> list:
    with database.reading() as session:
        return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key)))


def change(database: Database, key: str, **values: object) -> None:
    with database.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.key == key)).one()
        for name, value in values.items():
            setattr(staff, name, value)


def press(client: FlaskClient, address: str) -> TestResponse:
    return post(client, f"{address}/call-back")


def placed(rest: Rest) -> list[tuple[str, str]]:
    """Whom the carrier was asked to ring in order to call somebody back, and from which number."""
    notes = [note for note in rest.account.requests if note.method == "POST" and note.path.endswith("/Calls.json")]
    return [(note.form["To"][0], note.form["From"][0]) for note in notes if "picked_up" in note.form["Url"][0]]


def work_off(app: Flask) -> None:
    with app.app_context():
        tick()


def words(answer: TestResponse | FlaskClient, path: str = "") -> str:
    """What a page says, as a person reads it."""
    return heart(answer.get(path).text if path else answer.text)


def has_button(text: str) -> bool:
    return '/call-back"' in text


# What it tells


def of(kind: str, staff_id: int | None = None) -> Event:
    return Event(kind=kind, text=kind, staff_id=staff_id)


def test_many_steps_of_the_machine_in_a_row_are_one_chapter_and_nothing_is_left_out():
    few = [of("opened"), of("page"), of("page"), of("text")]
    people = [of("acknowledged", 1), of("note", 1)]
    many = [of("page"), of("page"), of("text"), of("letter")]
    told = list(chapters([*few, *people, *many, of("resolved", 1)]))
    assert [len(chapter) for chapter in told] == [1, 1, 1, 1, 1, 1, 4, 1]
    assert [one for chapter in told for one in chapter] == [*few, *people, *many, told[-1][0]]


@pytest.mark.usefixtures("message")
def test_the_page_tells_who_called_when_what_happened_and_who_was_rung(desk: Flask, database: Database):
    said = words(browser_of(desk, "thandi"), newest(database))
    assert "Call from Harbour Foods" in said
    assert "▲ emergency" in said
    assert "Contact Sipho Khumalo Called from +27…202 Mail address sipho.khumalo@harbour-foods.example" in said
    assert "Has it nobody Opened Sun 22 Nov 02:00" in said
    assert "Rang Thandi Nkosi: no answer Rang Pieter Botha: no answer Rang Naledi Dlamini: no answer" in said
    assert "The caller accepted overtime rates." in said
    assert "No work yet." in said


@pytest.mark.usefixtures("message")
def test_the_timeline_is_in_plain_words_and_its_latest_entry_comes_last(desk: Flask, database: Database):
    said = words(browser_of(desk, "thandi"), newest(database)).partition("What happened")[2]
    told = ["Opened: Call from", "Rings Thandi Nkosi", "Thandi Nkosi: no answer", "The caller left a message of 8 s"]
    assert sorted(told, key=said.index) == told
    assert "no-answer" not in said
    assert "ended at" not in said


def test_work_is_told_with_its_verdict_and_the_reason(desk: Flask, network: Network, clock: Clock, database: Database):
    rings(network, clock, HARBOUR, "accept")
    said = words(browser_of(desk, "bongani"), newest(database))
    assert re.search(r"Thandi Nkosi Sun 22 Nov 02:00 · 10 min \d s \+ billable Billable: 10 min", said)
    assert "contract office-hours cover, version 1, bills work on a Sunday; the caller accepted" in said
    assert "Has it Thandi Nkosi" in said


def test_times_are_those_of_the_line(desk: Flask, network: Network, clock: Clock, database: Database):
    rings(network, clock, HARBOUR, "accept")
    page = browser_of(desk, "thandi").get(newest(database)).text
    assert '<time datetime="2026-11-22T00:00:00+00:00">Sun 22 Nov 02:00</time>' in page


def test_a_caller_who_hides_the_number_is_told_as_one(desk: Flask, network: Network, clock: Clock, database: Database):
    rings(network, clock, WITHHELD, "accept")
    said = words(browser_of(desk, "thandi"), newest(database))
    assert "Called from a withheld number" in said
    assert "Customer not known" in said


def test_what_is_told_by_others_is_only_text(desk: Flask, network: Network, clock: Clock, database: Database):
    rings(network, clock, HARBOUR, "accept")
    with database.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.subject = "<b>down</b>"
        ticket.hear("wrote: <script>alert(1)</script>", clock())
    page = browser_of(desk, "thandi").get(newest(database)).text
    assert "<b>down" not in page
    assert "<script>" not in page
    assert "The caller wrote: &lt;script&gt;" in page


# Who sees a number


def sees(client: FlaskClient, path: str) -> bool:
    """Whether the caller's number stands there in full; where it does not, it is masked wherever it stands."""
    said = words(client, path)
    full = "082 555 0999" in said
    assert ("+27…999" in said or "082…999" in said) != full
    assert full or not re.search(r"555 ?0(999|101)", said)
    return full


@pytest.mark.parametrize(
    ("key", "there", "then"), [("thandi", True, 303), ("naledi", False, 303), ("bongani", False, 403)]
)
def test_the_caller_s_number_is_masked_but_for_who_has_the_ticket_or_asks_to_see_it(
    desk: Flask, network: Network, clock: Clock, database: Database, key: str, there: bool, then: int
):
    """Everywhere: where it stands by itself, in the subject of a stranger's ticket, in the timeline, and on Today."""
    rings(network, clock, STRANGER, "accept")  # Thandi takes it
    work_off(desk)  # the timeline tells whom the reference was sent to
    client, page = browser_of(desk, key), newest(database)
    assert sees(client, page) == there
    assert post(client, f"{page}/numbers").status_code == then
    assert sees(client, page) == (then == 303)
    assert not sees(client, "/")
    clock.advance(access.SHOWN_FOR.total_seconds() + 60)
    assert sees(browser_of(desk, key), page) == there
    with database.reading() as session:
        noted = [(row.who, row.what, row.about) for row in access.newest(session, 9)]
    theirs, asked = ("Thandi Nkosi", "number", "as whoever has the ticket"), ("Naledi Dlamini", "number", "asked for")
    assert sorted(noted) == {"thandi": sorted([theirs, ("Thandi Nkosi", "number", "asked for"), theirs])}.get(
        key, [asked] if key == "naledi" else []
    )


def test_a_number_that_is_shown_can_be_dialled_from_the_page(
    desk: Flask, network: Network, clock: Clock, database: Database
):
    rings(network, clock, STRANGER, "accept")
    assert 'href="tel:+27825550999"' in browser_of(desk, "thandi").get(newest(database)).text
    assert "+27825550999" not in browser_of(desk, "pieter").get(newest(database)).text


# Which address


@pytest.mark.usefixtures("message")
def test_the_reference_as_it_is_printed_leads_to_the_ticket(desk: Flask, database: Database):
    client, address = browser_of(desk, "thandi"), newest(database)
    digits = address[-9:]
    answer = client.get(f"/tickets/{digits[:3]}-{digits[3:6]}-{digits[6:]}")
    assert (answer.status_code, answer.location) == (301, address)


@pytest.mark.usefixtures("message")
def test_a_reference_that_nobody_has_leads_nowhere(desk: Flask, database: Database):
    digits, client = newest(database)[-9:], browser_of(desk, "thandi")
    slip = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    for other in (slip, "572572578", digits[:8], digits + "0", "x", "1" * 400, "٣" * 9, f"{digits[:6]}-{digits[6:]}"):
        answer = client.get(f"/tickets/{other}")
        assert answer.status_code == 404
        assert "There is no such page" in answer.text
        assert post(client, f"/tickets/{other}/call-back").status_code == 404


@pytest.mark.usefixtures("message")
def test_today_leads_to_each_ticket(desk: Flask, database: Database):
    address = newest(database)
    assert f'<a href="{address}">' in browser_of(desk, "bongani").get("/").text


def test_a_ticket_that_was_merged_leads_to_the_one_that_goes_on_and_back(
    desk: Flask, network: Network, clock: Clock, database: Database, rest: Rest
):
    rings(network, clock, HARBOUR, "no-answer")
    first = newest(database)
    rings(network, clock, HARBOUR, "no-answer")
    second, client = newest(database), browser_of(desk, "lerato")
    merged = client.get(second)
    assert f'This ticket goes on as <a class="reference" href="{first}">' in merged.text
    assert not has_button(merged.text)
    assert "Call back from the ticket that goes on." in merged.text
    assert f'href="{second}"' in client.get(first).text
    assert press(client, second).status_code == 303, "a page that was open before the merge"
    assert "We ring you on 082 555 0103 now" in words(client, second)
    assert "We ring you on 082 555 0103 now" in words(client, first)


# Calling back


@pytest.mark.usefixtures("message")
def test_an_engineer_calls_back_from_the_page_and_the_page_tells_how_it_went(
    desk: Flask, database: Database, clock: Clock, rest: Rest, joined: Joined
):
    client, address = browser_of(desk, "thandi"), newest(database)
    assert "Call back +27…202 We ring you on 082 555 0101; press 1, and Harbour Foods is rung." in words(
        client, address
    )
    answer = press(client, address)
    assert (answer.status_code, answer.location) == (303, address)
    assert RING_YOU in words(client, address)
    work_off(desk)
    assert placed(rest) == [(THANDI, LINE)]

    joined.network.handset(THANDI, None)
    joined.network.handset(HARBOUR, None)
    call = joined.ring()
    assert RING_YOU in words(client, address)
    call.answer()
    call.press("1")
    assert (call.children[0].from_, call.children[0].to) == (LINE, HARBOUR)
    assert "You pressed 1, and Harbour Foods is being rung." in words(client, address)
    call.engineer.answer()
    assert "You are talking with Harbour Foods." in words(client, address)
    assert BUSY not in words(client, address)
    call.talk(300)
    call.hang_up()

    said = words(client, address)
    assert "Call-back by Thandi Nkosi Sun 22 Nov" in said
    assert re.search(r"\+ billable Billable: 5 min( \d s)? on a Sunday", said)
    assert "Thandi Nkosi was put through to the customer" in said
    assert has_button(client.get(address).text), "and again, if she wants"
    work_off(desk)
    assert placed(rest) == [(THANDI, LINE)], "once"


@pytest.mark.usefixtures("message")
def test_a_manager_with_a_telephone_calls_back_too(desk: Flask, database: Database, rest: Rest):
    assert press(browser_of(desk, "naledi"), newest(database)).status_code == 303
    work_off(desk)
    assert [to for to, _ in placed(rest)] == ["+27825550104"]


@pytest.mark.usefixtures("message")
def test_pressed_twice_rings_once_and_answers_the_same(desk: Flask, database: Database, rest: Rest):
    client, address = browser_of(desk, "thandi"), newest(database)
    first, second = press(client, address), press(client, address)
    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, address)
    work_off(desk)
    assert placed(rest) == [(THANDI, LINE)]
    page = client.get(address).text
    assert not has_button(page)
    assert RING_YOU in words(client, address)


@pytest.mark.usefixtures("message")
def test_pressed_twice_at_the_same_moment_rings_once(desk: Flask, database: Database, rest: Rest):
    address, start, answers = newest(database), Barrier(4), []

    def pressed(client: FlaskClient, token: str) -> None:
        start.wait()
        answers.append(client.post(f"{address}/call-back", data={"form_token": token}).status_code)

    browsers = [browser_of(desk, "thandi") for _ in range(4)]
    threads = [Thread(target=pressed, args=(one, form_token(one))) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 4
    work_off(desk)
    assert placed(rest) == [(THANDI, LINE)]
    assert [row.kind for row in all_of(database, Outgoing) if row.kind == "ring"] == ["ring"]


@pytest.mark.usefixtures("message")
def test_everybody_sees_who_is_calling_back(desk: Flask, database: Database, rest: Rest):
    address = newest(database)
    press(browser_of(desk, "thandi"), address)
    for key in ("pieter", "bongani"):
        assert "Thandi Nkosi is being rung, to call Harbour Foods back. since Sun 22 Nov" in words(
            browser_of(desk, key), address
        )


@pytest.mark.usefixtures("message")
def test_a_ring_for_a_caller_who_waits_is_no_call_back(
    desk: Flask, database: Database, network: Network, joined: Joined
):
    address = newest(database)
    network.handset(THANDI, None)
    waiting = network.ring(HARBOUR, LINE)
    waiting.press("2")
    waiting.press("1")
    said = words(browser_of(desk, "thandi"), address)
    assert "We ring you" not in said
    assert BUSY in said
    waiting.hang_up()


# Where nothing can be rung, the page says why


@pytest.mark.usefixtures("message")
def test_an_engineer_on_another_call_is_told_so_kindly_and_nothing_rings(
    desk: Flask, database: Database, clock: Clock, rest: Rest, network: Network
):
    address, client = newest(database), browser_of(desk, "thandi")
    with database.writing() as session:
        other = Ticket(reference="572572578", state="open", priority="high", subject="x", opened_at=clock())
        session.add(other)
        session.flush()
        paging.ring(
            session, ticket_id=other.id, staff_id=staff_id(desk, "thandi"), call_sid="CAx", at=clock(), ring_seconds=20
        )
    before = client.get(address).text
    assert BUSY in before
    assert not has_button(before)
    answer = press(client, address)
    assert answer.status_code == 409
    assert f"No call-back was made. {BUSY}" in words(answer)
    assert "Call from Harbour Foods" in answer.text
    assert "What happened" in answer.text
    work_off(desk)
    assert placed(rest) == []
    clock.advance(181)
    assert has_button(client.get(address).text), "the lease of that ring is over"
    assert press(client, address).status_code == 303


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize("phone", [None, LINE, "+27862345678"], ids=["none", "a line of ours", "a premium number"])
def test_an_engineer_without_a_number_is_told_so(desk: Flask, database: Database, rest: Rest, phone: str | None):
    change(database, "lerato", phone=phone)
    client, address = browser_of(desk, "lerato"), newest(database)
    page = client.get(address).text
    assert "You have no number that can be rung." in page
    assert not has_button(page)
    answer = press(client, address)
    assert answer.status_code == 409
    assert "No call-back was made. You have no number that can be rung." in words(answer)
    assert all_of(database, Page)[-1].outcome is not None


def test_a_ticket_without_a_number_says_so(desk: Flask, network: Network, clock: Clock, database: Database, rest: Rest):
    rings(network, clock, WITHHELD, "no-answer")
    client, address = browser_of(desk, "lerato"), newest(database)
    page = client.get(address).text
    assert "The ticket has no number that can be rung." in page
    assert not has_button(page)
    assert press(client, address).status_code == 409


def test_nobody_is_rung_to_call_themselves(desk: Flask, network: Network, clock: Clock, database: Database, rest: Rest):
    mine = network.ring(PIETER, LINE)
    mine.press("2")  # as any caller
    play(mine, ["1", "1"])
    client, address = browser_of(desk, "pieter"), newest(database)
    assert "The ticket’s number is your own." in client.get(address).text
    assert press(client, address).status_code == 409


@pytest.mark.usefixtures("message")
def test_billing_staff_read_and_do_not_ring(desk: Flask, database: Database, rest: Rest):
    client, address = browser_of(desk, "bongani"), newest(database)
    page = client.get(address)
    assert page.status_code == 200
    assert "Engineers and managers call back." in page.text
    assert not has_button(page.text)
    assert press(client, address).status_code == 403
    work_off(desk)
    assert placed(rest) == []


@pytest.mark.usefixtures("message")
def test_in_a_demonstration_nobody_has_a_telephone_to_ring(
    another: Callable[..., Flask], database: Database, rest: Rest
):
    client, address = browser_of(another(demo=True, twilio_api=rest.config["BASE"])), newest(database)
    page = client.get(address).text
    assert "there is no telephone of yours to ring" in page
    assert f'href="/sign-in?next={address}"' in page
    assert not has_button(page)
    answer = press(client, address)
    assert answer.status_code == 403
    assert "In a demonstration nobody has an account" in answer.text


@pytest.mark.usefixtures("message")
def test_another_site_s_form_rings_nobody(desk: Flask, database: Database, rest: Rest):
    client, address = browser_of(desk, "thandi"), newest(database)
    form_token(client)
    for token in ("", "0" * 64, form_token(browser_of(desk, "pieter"))):
        assert client.post(f"{address}/call-back", data={"form_token": token}).status_code == 400
    assert client.get(f"{address}/call-back").status_code == 405
    assert not [row for row in all_of(database, Outgoing) if row.kind == "ring"]


@pytest.mark.usefixtures("message")
def test_who_is_not_signed_in_sees_no_ticket_and_rings_nobody(desk: Flask, database: Database):
    client, address = browser_of(desk), newest(database)
    assert client.get(address).location == f"/sign-in?next={address}"
    assert press(client, address).location == "/sign-in"
    assert not [row for row in all_of(database, Outgoing) if row.kind == "ring"]


@pytest.mark.usefixtures("message")
def test_a_ring_that_the_carrier_refuses_is_told_and_frees_the_engineer(
    desk: Flask, database: Database, rest: Rest, joined: Joined
):
    client, address = browser_of(desk, "lerato"), newest(database)
    rest.account.may_call = ("+1",)
    press(client, address)
    work_off(desk)
    said = words(client, address)
    assert "Lerato Mokoena could not be rung:" in said
    assert has_button(client.get(address).text)
    with pytest.raises(Empty):
        joined.ring()
    assert [call.caller for call in all_of(database, Call)] == [HARBOUR]
    assert all_of(database, Work) == []
    assert LERATO
