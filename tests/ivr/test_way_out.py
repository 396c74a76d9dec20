"""Whatever fails, the caller hears an apology and is put through to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from cast import HARBOUR, KAROO, NALEDI, PIETER, ROBOT, THANDI
from conftest import LINE, ORIGIN, network_of
from desk.staff import Staff
from simulator.quirks import Quirks

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

pytestmark = pytest.mark.fails_on_purpose


@pytest.fixture
def broken(network: Network, database: Database) -> Network:
    """A line that has answered calls before, and then loses a table."""
    network.ring(HARBOUR, LINE).hang_up()
    break_the_database(database)
    return network


def break_the_database(database: Database) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE visit"))


def test_a_failing_database_rings_whoever_is_on_duty_and_then_the_next(broken: Network):
    broken.handset(THANDI, "voicemail")
    broken.handset(PIETER, "busy")
    broken.handset(NALEDI, "accept")
    call = broken.ring(HARBOUR, LINE, talk=60)
    assert [leg.to for leg in call.children] == [THANDI, PIETER, NALEDI]
    assert call.transcript[0].startswith("> I am sorry, something is out of order here.")
    assert "~ joins them" in call.transcript
    assert call.ended
    assert not [error for error in call.errors if "15003" not in error]


def test_when_everybody_was_rung_the_caller_is_told(broken: Network):
    broken.in_order("no-answer")
    call = broken.ring(HARBOUR, LINE)
    assert call.ended
    assert call.transcript[-2].startswith("> I am sorry, something is out of order here and nobody can be reached.")


def test_a_failure_in_the_whisper_still_lets_the_engineer_take_the_call(network: Network, database: Database):
    network.handset(THANDI, None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    break_the_database(database)
    call.engineer.answer()
    assert "    > A caller on the support line needs you." in "\n".join(call.transcript)
    call.engineer.press("1")
    assert "~ joins them" in call.transcript


@pytest.mark.parametrize("quirks", [*Quirks.every()], ids=str)
def test_the_way_out_passes_under_every_open_question(app: Flask, clock: Clock, database: Database, quirks: Quirks):
    network = network_of(app, clock, quirks=quirks)
    break_the_database(database)
    network.handset(THANDI, "voicemail")
    network.handset(PIETER, "accept")
    call = network.ring(HARBOUR, LINE, talk=60)
    assert call.transcript.count("~ joins them") == 1
    assert [leg.to for leg in call.children] == [THANDI, PIETER]


def test_whoever_was_tried_already_is_not_rung_again(network: Network, database: Database):
    network.handset(THANDI, "decline")
    network.handset(PIETER, None)
    call = network.ring(KAROO, LINE)
    call.press("2")
    break_the_database(database)
    call.engineer.let_ring()
    assert [leg.to for leg in call.children] == [THANDI, PIETER, NALEDI]


def test_nobody_is_woken_for_a_caller_who_refused(network: Network, database: Database):
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("2")
    break_the_database(database)
    call.speak(8)
    assert (call.ended, call.children) == (True, [])


def test_nobody_is_woken_for_a_silent_stranger(network: Network, database: Database):
    call = network.ring(ROBOT, LINE)
    break_the_database(database)
    call.silence()
    assert (call.ended, call.children) == (True, [])


def test_a_number_that_costs_by_the_minute_is_not_rung_here_either(network: Network, database: Database):
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().phone = "+27862123456"
    network.in_order("no-answer")
    network.ring(HARBOUR, LINE).hang_up()
    break_the_database(database)
    call = network.ring(HARBOUR, LINE)
    assert [leg.to for leg in call.children] == [PIETER, NALEDI]


def test_a_call_before_any_set_up_was_read_ends_in_words(broken: Network, database: Database):
    """Nothing is known, not even whom to ring: an apology, and no silence."""
    network = broken
    network.connect_number("+27878090299", f"{ORIGIN}/voice/incoming")
    call = network.ring(HARBOUR, "+27878090299")
    assert call.ended
    assert call.transcript[0].startswith("> I am sorry")


def test_a_report_that_cannot_be_stored_is_asked_for_again(broken: Network, database: Database):
    """Nobody listens to a report, so it may fail: the carrier then sends it again (TWILIO.md §1.2)."""
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("ALTER TABLE call RENAME TO lost"))
    broken.in_order("no-answer")
    call = broken.ring(HARBOUR, LINE)
    assert call.ended
    assert {error.partition(" (")[0] for error in call.errors} == {"15003 answered 503"}
