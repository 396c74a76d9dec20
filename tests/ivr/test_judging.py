"""What a call is told and judged by is what it is charged by: the rate card with its windows, and what was pressed."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from billed import Billing
from cast import HARBOUR, STRANGER
from conftest import LINE
from simulator.script import play
from sla.billing.charge_line import ChargeLine
from sla.hours import BusinessHours, Closure
from sla.worklog import Work

if TYPE_CHECKING:
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

FIRST = date(2026, 11, 1)
NOTICE = "overtime"


@pytest.fixture
def billing(database: Database, clock: Clock) -> Billing:
    return Billing(database, clock, Random(7))


def rings(network: Network, caller: str, keys: list[str]) -> str:
    """An emergency that the first engineer takes and talks about for eleven minutes; what was said."""
    network.in_order("accept")
    call = network.ring(caller, LINE)
    play(call, keys, talk=660)
    network.deliver_callbacks()
    return "\n".join(call.transcript)


def only(database: Database, model: type) -> object:
    with database.reading() as session:
        return session.scalars(select(model)).one()


def test_a_window_in_which_work_is_included_asks_nobody(network: Network, billing: Billing, database: Database):
    windows = [["nights", "00:00-06:00 on sunday, included"]]
    billing.agree("harbour", FIRST, card={"rate": "760.00", "increment": "15 min", "windows": windows})
    said = rings(network, HARBOUR, ["2"])
    assert NOTICE not in said
    work = only(database, Work)
    assert (work.state, work.consent, work.evidence) == ("included", None, "")
    assert "includes work on a Sunday (nights)" in work.explanation
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour included 0 min R0.00"]


def test_a_closure_that_a_contract_counts_is_told_and_charged(
    network: Network, billing: Billing, database: Database, clock: Clock
):
    billing.agree("harbour", FIRST, card={"rate": "760.00", "increment": "15 min", "closures_count": True})
    with database.writing() as session:
        office = session.scalars(select(BusinessHours)).one()
        span = {"starts": billing.month().span.start, "ends": billing.month().span.end}
        session.add(Closure(hours_id=office.id, reason="the whole month", **span))
    clock.advance(56 * 3600)  # Tuesday 10:00
    assert NOTICE in rings(network, HARBOUR, ["2", "1"])
    assert only(database, Work).state == "billable"
    (line,) = billing.lines()
    assert line.startswith("Tue 24 Nov 10:00 harbour billable 30 min")


def test_what_was_pressed_and_when_stands_on_the_line(network: Network, billing: Billing, database: Database):
    rings(network, HARBOUR, ["2", "1"])
    work = only(database, Work)
    assert work.evidence.startswith("pressed 1 at 02:00:")
    assert work.call.startswith("CA")
    billing.charge()
    line = only(database, ChargeLine)
    assert (line.consent, line.amount_cents, line.reference != "") == (work.evidence, 76000, True)
    assert line.caller == HARBOUR


def test_silence_is_evidence_too_and_a_stranger_is_to_check(network: Network, billing: Billing, database: Database):
    rings(network, STRANGER, ["2", "-", "-"])
    assert only(database, Work).evidence.startswith("pressed no key at 02:0")
    (line,) = billing.lines()
    assert line.startswith("Sun 22 Nov 02:0")
    assert "nobody to check 0 min R0.00" in line
