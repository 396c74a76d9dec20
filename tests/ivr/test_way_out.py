"""Whatever fails, the caller hears an apology and is put through to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from cast import HARBOUR, NALEDI, PIETER, THANDI
from conftest import LINE, ORIGIN

if TYPE_CHECKING:
    from desk.db import Database
    from simulator.network import Network

pytestmark = pytest.mark.fails_on_purpose


@pytest.fixture
def broken(network: Network, database: Database) -> Network:
    """A line that has answered calls before, and then loses a table."""
    network.ring(HARBOUR, LINE).hang_up()
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE visit"))
    return network


def test_a_failing_database_rings_whoever_is_on_duty_and_then_the_next(broken: Network):
    broken.handset(THANDI, "voicemail")
    broken.handset(PIETER, "busy")
    broken.handset(NALEDI, "accept")
    call = broken.ring(HARBOUR, LINE, talk=60)
    assert [leg.to for leg in call.children] == [THANDI, PIETER, NALEDI]
    assert call.transcript[0].startswith("> I am sorry, something is out of order here.")
    assert "~ joins them" in call.transcript
    assert call.ended
    assert call.errors == []


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
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE visit"))
    call.engineer.answer()
    assert "    > A caller on the support line needs you." in "\n".join(call.transcript)
    call.engineer.press("1")
    assert "~ joins them" in call.transcript


def test_a_call_before_any_set_up_was_read_ends_in_words(broken: Network, database: Database):
    """Nothing is known, not even whom to ring: an apology, and no silence."""
    network = broken
    network.connect_number("+27878090299", f"{ORIGIN}/voice/incoming")
    call = network.ring(HARBOUR, "+27878090299")
    assert call.ended
    assert call.transcript[0].startswith("> I am sorry")


def test_a_report_that_cannot_be_stored_is_no_error_to_the_carrier(broken: Network, database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE leg"))
    broken.in_order("no-answer")
    call = broken.ring(HARBOUR, LINE)
    assert call.ended
    assert call.errors == []
