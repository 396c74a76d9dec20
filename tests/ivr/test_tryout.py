"""Try a call: every address is a whole call, whatever stands in it."""

from __future__ import annotations

import json
import re
import shlex
from html import unescape
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from cast import HARBOUR, KAROO, STRANGER, THANDI, WITHHELD
from conftest import LINE, NIGHT
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import as_command
from ivr.stories import stories
from oncall.paging import Page
from sla.overtime import State
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from desk.db import Database

SUNDAY, TUESDAY = "2026-11-22T02:00", "2026-11-24T10:00"
ENDS = {
    State.BILLABLE: "Billable: ",
    State.INCLUDED: "Included: ",
    State.TO_CHECK: "To check: ",
    State.NONE: "No overtime: ",
}


def view(client: FlaskClient, moves: str | None, caller: str = HARBOUR, at: str = SUNDAY, **more: str) -> TestResponse:
    made = {} if moves is None else {"m": moves}
    return client.get("/try?" + urlencode({"from": caller, "at": at, **made, **more}))


def offered(text: str) -> list[str]:
    """The moves whose buttons are enabled, each the whole call up to it."""
    buttons = re.findall(r'<button[^>]*name="m"[^>]*>', text)
    return [
        unescape(found[1]) for one in buttons if "disabled" not in one and (found := re.search('value="(.+?)"', one))
    ]


def follow(client: FlaskClient, address: str) -> tuple[str, list[str]]:
    """Press "Next step" until there is none; the page at the end, and the moves that were made."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}
    text = client.get(address).text
    while found := re.search(r'name="m" value="([^"]*)" data-next', text):
        asked["m"] = unescape(found[1])
        text = client.get("/try?" + urlencode(asked)).text
    return text, asked["m"].split(",")


# Stories


def test_every_story_ends_as_it_says(app: Flask, client: FlaskClient, database: Database):
    with database.reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    told = stories(board, board.lines[LINE], NIGHT)
    assert [one.key for one in told] == ["night", "included", "stranger", "office", "holiday", "silence"]
    links = re.findall(r'<li><a href="(/try[^"]+)"', client.get("/try").text)
    for story, link in zip(told, links, strict=True):
        text, steps = follow(client, unescape(link))
        assert steps == story.moves.split(","), story.key
        assert ENDS[story.ends] in text, story.key
        assert "Call ended" in text, story.key
        assert 'class="note"' not in text, story.key


def test_the_night_emergency(client: FlaskClient):
    text = view(client, "2,1,v,es,es,a,e1,t600,h").text
    for words in (
        "Thandi Nkosi: nobody pressed 1",
        "Pieter Botha: accepted",
        "accepted by the caller",
        "on a Sunday",
        "603",
        "Your contract charges work at this hour",
        "they talk for 600 s",
    ):
        assert words in text


def test_the_contract_that_includes_the_night(client: FlaskClient):
    text = view(client, "2,a,e1,t600,h", caller=KAROO).text
    assert "Your contract charges" not in text
    assert ENDS[State.INCLUDED] in text


def test_a_message_when_nobody_answers(client: FlaskClient):
    text = view(client, "1,n,n,1,r8", at=TUESDAY).text
    assert "left a message of 8 s" in text
    assert "Lerato Mokoena: no answer" in text


# What is offered


def test_only_what_fits_the_moment_is_enabled(client: FlaskClient):
    assert offered(view(client, "").text) == [*"123456789*0#", "s", "h"]
    assert offered(view(client, "2,1").text) == [f"2,1,{move}" for move in "habnvf"]
    keys = [f"e{sign}" for sign in "123456789*0#"]
    assert offered(view(client, "2,1,a").text) == [f"2,1,a,{move}" for move in ("h", *keys, "es", "eh")]
    assert offered(view(client, "2,1,a,e1").text) == [f"2,1,a,e1,{move}" for move in ("t60", "t600", "h", "eh")]
    assert offered(view(client, "h").text) == []


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_enabled_does_something(client: FlaskClient, seed: int):
    chance, moves = Random(seed), ""
    caller, at = chance.choice([HARBOUR, KAROO, STRANGER, WITHHELD]), chance.choice([SUNDAY, TUESDAY])
    for _ in range(12):
        answer = view(client, moves, caller, at)
        assert answer.status_code == 200
        assert 'class="note"' not in answer.text, moves
        assert "out of order" not in answer.text, moves
        if not (choices := offered(answer.text)):
            break
        moves = chance.choice(choices)


def test_a_reference_is_keyed_in_whole(client: FlaskClient):
    text = view(client, "3", caller=STRANGER, at=TUESDAY).text
    assert "nine digits" in text
    assert 'name="keys"' in text
    assert not {"1", "9", "#"} & {move.removeprefix("3,") for move in offered(text)}
    answer = view(client, "3", caller=STRANGER, at=TUESDAY, keys="482 913-075")
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query)["m"] == ["3,k482913075"]
    assert "We do not find that reference." in client.get(answer.location).text


def test_a_reference_that_is_open_is_offered(client: FlaskClient):
    text = view(client, "3", caller=STRANGER, at=TUESDAY).text
    (mine,) = [move for move in offered(text) if ",k" in move]
    assert "open, and nobody has taken it yet" in view(client, mine, caller=STRANGER, at=TUESDAY).text


# Addresses


def test_an_address_is_always_the_same_call(client: FlaskClient):
    texts = (view(client, "2,1,a,e1,t600,h").text for _ in range(2))
    first, second = (re.sub(r"\d+\.\d ms", "", text) for text in texts)  # how long this machine took over it
    assert first == second
    assert re.search(r"\d{3}-\d{3}-\d{3}", first)


def test_a_rehearsal_leaves_nothing_behind(client: FlaskClient, database: Database):
    view(client, "2,1,a,e1,t600,h")
    with database.reading() as session:
        assert session.query(Ticket).count() == 0


def module(name: str) -> str:
    return f'<script src="/static/{name}.js" type="module">'


@pytest.mark.parametrize(
    "moves",
    [
        "<script>alert(1)</script>",
        "a,e1,t600,eh",
        "2,1,a,e1,t99999999999999,t0,t-1,r8,h,h,1,a",
        "k,kk,k1a,r,t,e,e12,e#,é,\x01,２",
        "," * 300,
        "9" * 5000,
        "k" + "*" * 20 + "," + "s," * 30,
        "h," * 250,
        "1,n,n,1,r601,r600",
        "3,k999999999,k999999999,k999999999,k999999999,k999999999,k999999999",
        "2,1," + "f," * 12,
        "2,1," + "a,e5," * 9 + "es,es,v,eh,b,n,f",
    ],
)
def test_hostile_moves_are_a_call_all_the_same(client: FlaskClient, moves: str):
    answer = view(client, moves)
    assert answer.status_code == 200
    assert re.findall(r"<script[^>]*>", answer.text) == [
        module("find"),
        module("try"),
    ]  # the frame's, and the page's own
    assert "What came out" in answer.text


def test_moves_that_do_nothing_are_told_and_dropped(client: FlaskClient):
    text = view(client, "a,2,zz,1").text
    assert "2 moves of this address did nothing" in text
    assert "<code>zz</code>" in text
    assert "2,1,a" in offered(text)


def test_no_more_moves_than_two_hundred(client: FlaskClient):
    text = view(client, "2,1,a,e1," + "t1," * 230).text
    assert "34 moves of this address did nothing" in text


@pytest.mark.parametrize(
    "at",
    [
        "now",
        "2026-13-01T00:00",
        "2026-02-30T00:00",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "1989-01-01T00:00",
        "2060-12-31T12:00",
        "P1Y",
        "<b>",
        "2026-11-22",
        "9" * 5000,
    ],
)
def test_a_time_that_cannot_be_is_refused_and_kept(client: FlaskClient, at: str):
    answer = view(client, "2", at=at)
    assert answer.status_code == 422
    assert "is not a time such as" in answer.text
    assert unescape(answer.text).count(at[:30])
    assert "<b></b>" not in answer.text
    assert "Conversation" not in answer.text


@pytest.mark.parametrize("caller", ["12", "+", "<b>", "+27", "nobody", "9" * 5000, "+99999999999"])
def test_a_number_that_cannot_call_is_refused_and_kept(client: FlaskClient, caller: str):
    answer = view(client, "2", caller=caller)
    assert answer.status_code == 422
    assert "is not a telephone number that can call" in answer.text


def test_an_unknown_line_is_refused(client: FlaskClient):
    answer = view(client, "2", line="+27878090264")
    assert answer.status_code == 422
    assert "is no line of ours" in answer.text
    assert view(client, "2", line=LINE).status_code == 200


def test_a_plus_that_became_a_space_is_a_plus(client: FlaskClient):
    answer = client.get(f"/try?from={HARBOUR}&at={SUNDAY}&m=")
    assert answer.status_code == 200
    assert "<b>Harbour Foods</b>" in answer.text


def test_a_number_of_nobody_may_call_too(client: FlaskClient):
    text = view(client, "2,1,a", caller="+442083661177").text
    assert "a caller we do not know" in text
    assert "+44 20 8366 1177" in text


# What came of it, and how


def test_a_story_that_is_left_is_a_call_of_ones_own(client: FlaskClient):
    assert "Step 2 of 3" in view(client, "2", plan="2,1,a").text
    text = view(client, "3", plan="2,1,a").text
    assert "Step" not in text
    assert 'name="plan"' not in text


def test_it_says_why_each_of_them_rang(client: FlaskClient):
    text = view(client, "2,1,v,es,es,a,e1,t600,h").text
    assert re.findall("why it rang (.+?)<", text) == ["Thandi Nkosi", "Pieter Botha"]
    assert "First" in text.split("why it rang Thandi Nkosi")[1].split("</details>")[0]


def test_it_shows_the_work_and_by_when_what_was_due(client: FlaskClient):
    text = view(client, "2,1,a,e1,t600,h").text
    assert re.search(r"<dt>Work</dt>\s*<dd><time[^>]*>Sun 22 Nov 02:00</time>, 602 s <span[^>]*>pressed 1 at", text)
    assert re.search(r"First response:\s*<time[^>]*>Sun 22 Nov 03:00</time>.*?Met", text, re.DOTALL)


def test_every_webhook_is_shown_with_its_answer_to_be_read(client: FlaskClient):
    text = unescape(view(client, "2,1,a,e1,t600,h").text)
    assert "<b>POST</b> <code>/voice/incoming</code>" in text
    assert "<dt>From</dt><dd>+27825550202</dd>" in text
    assert '\n  <Gather input="dtmf"' in text
    assert "leg of the engineer" in text
    assert "Trouble" not in text


def test_what_is_said_names_its_language(client: FlaskClient):
    assert '<span class="words" lang="en-ZA">You have reached Protea IT Support.' in view(client, "").text


def test_a_call_can_be_taken_along_as_a_file(client: FlaskClient):
    answer = view(client, "2,1,a,e1,t600,h", file="json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="call.json"'
    kept = answer.get_json()
    assert kept["moves"] == ["2", "1", "a", "e1", "t600", "h"]
    assert kept["transcript"][0].startswith("> You have reached Protea IT Support.")
    assert kept["webhooks"][0]["path"] == "/voice/incoming"
    assert kept["webhooks"][0]["answer"].startswith("<Response>")
    assert kept["verdict"]["state"] == State.BILLABLE
    assert client.get(kept["link"]).status_code == 200


def test_the_command_of_a_story_is_the_same_call(app: Flask, client: FlaskClient, database: Database):
    with database.reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    for story in stories(board, board.lines[LINE], NIGHT):
        kept = view(client, story.moves, story.caller, story.at, file="json").get_json()
        words = shlex.split(as_command.simulate(story.caller, LINE, story.at, story.moves.split(",")))
        told = app.test_cli_runner().invoke(args=[*words[3:], "--json"])
        assert told.exit_code == 0, told.output
        again = json.loads(told.output)
        for name in ("rang", "consent", "connected_to"):
            assert again[name] == kept[name], story.key
        assert again["verdict"]["state"] == kept["verdict"]["state"], story.key


# The chooser


def test_any_number_may_be_typed(client: FlaskClient):
    text = view(client, "", number="+44 20 8366 1177").text
    assert "a caller we do not know" in view(client, "2,1,a", number="+44 20 8366 1177").text
    assert 'value="+442083661177"' in text
    answer = view(client, "", number="12")
    assert answer.status_code == 422
    assert 'name="number" autocomplete="off" maxlength="40" value="12"' in answer.text


def test_the_chooser_says_what_the_system_thinks(client: FlaskClient):
    night = view(client, None).text
    assert "Mon 23 Nov 08:30" in night
    assert "Thandi Nkosi" in night
    assert "Everything said and pressed shows up here" in night
    day = view(client, None, at="2026-12-16T11:00").text
    assert "public holiday" in day
    assert "Public holiday" in day


def test_a_preset_sets_the_time_and_keeps_the_caller(client: FlaskClient):
    text = view(client, None, caller=KAROO, preset=TUESDAY).text
    assert f'value="{TUESDAY}"' in text
    assert re.search(rf'value="\{KAROO}" selected', text)


def test_without_a_time_it_is_now(client: FlaskClient):
    assert f'name="at" value="{SUNDAY}"' in client.get("/try").text


def test_an_engineer_rehearses_a_call_back_and_nobody_is_rung(app: Flask, client: FlaskClient, database: Database):
    """Her own newest ticket is offered, as on the real line, though it is not of her number."""
    with database.writing() as session:
        ticket = Ticket(reference="280340638", state="open", priority="high", subject="x", opened_at=NIGHT)
        ticket.caller = HARBOUR
        session.add(ticket)
        ticket.acknowledge(session.scalars(select(Staff).where(Staff.phone == THANDI)).one(), NIGHT)
    text = unescape(view(client, "1,1", THANDI).text)
    assert "Your newest ticket ends in 6 3 8" in text
    assert "We ring you on your own telephone at once" in text
    assert "082 555 0101; from here nobody is rung." in text
    with database.reading() as session:
        assert session.scalars(select(Outgoing)).all() == []
        assert session.scalars(select(Page)).all() == []
