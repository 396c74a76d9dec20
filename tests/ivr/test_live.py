"""The calls that go on, as Today tells of them, and what browsers are sent when something about them changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cast import HARBOUR, LERATO, STRANGER, THANDI
from conftest import LINE
from ivr import live
from simulator.script import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network


@pytest.fixture
def going_on(client: FlaskClient) -> Callable[[], str]:
    """What Today says of the calls that go on, in words alone."""

    def read() -> str:
        section = client.get("/").text.partition('<section class="card live"')[2].partition("</section>")[0]
        return " ".join(re.sub("<[^>]*>", " ", section.partition(">")[2]).split())

    return read


def test_with_nobody_on_the_line_it_says_so(going_on: Callable[[], str]):
    assert going_on() == "No call goes on"


def test_a_caller_is_followed_from_the_menu_to_the_person_who_helps(
    network: Network, going_on: Callable[[], str], clock: Clock
):
    clock.until(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))  # Monday 10:00
    network.handset(LERATO, None)
    call = network.ring(HARBOUR, LINE)
    assert "One call goes on" in going_on()
    assert going_on().endswith("Harbour Foods hears the menu")
    call.press("1")
    assert going_on().endswith("Harbour Foods we ring Lerato Mokoena")
    call.engineer.answer()
    call.engineer.press("1")
    assert going_on().endswith("Harbour Foods talks to Lerato Mokoena")
    call.hang_up()
    assert going_on() == "No call goes on"


def test_an_emergency_is_marked_and_a_number_masked(network: Network, going_on: Callable[[], str]):
    network.handset(THANDI, None)
    call = network.ring(STRANGER, LINE)
    call.press("2")
    assert going_on().endswith("hears that overtime may be charged")
    call.press("1")
    assert going_on().endswith("emergency we ring Thandi Nkosi")
    assert STRANGER not in going_on()


def test_the_longest_call_stands_first(network: Network, going_on: Callable[[], str], clock: Clock):
    network.ring(HARBOUR, LINE)
    clock.advance(5)
    network.ring(STRANGER, LINE)
    assert going_on().startswith("2 calls go on")
    assert going_on().index("Harbour") < going_on().rindex("hears the menu")


def test_a_call_of_which_nothing_was_heard_is_not_live_for_ever(network: Network, database: Database, clock: Clock):
    network.ring(HARBOUR, LINE)
    with database.reading() as session:
        assert len(live.calls(session, clock())) == 1
        assert live.calls(session, clock() + timedelta(hours=4)) == []


def test_a_browser_is_sent_the_calls_only_when_something_has_changed(network: Network, client: FlaskClient):
    address = re.search(r'hx-get="([^"]+)"', client.get("/").text)
    assert address
    assert client.get(address[1]).status_code == 204
    call = network.ring(HARBOUR, LINE)
    changed = client.get(address[1])
    assert changed.status_code == 200
    assert "hears the menu" in changed.text
    assert "<html" not in changed.text
    fresh = re.search(r'hx-get="([^"]+)"', changed.text)
    assert fresh
    assert client.get(fresh[1]).status_code == 204
    play(call, ["1", "1"])
    assert client.get(fresh[1]).status_code == 200
