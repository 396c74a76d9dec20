"""Webhooks as a bad network delivers them: twice, at once, late, shuffled, lost; and answers that differ by carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from cast import HARBOUR, KAROO, LERATO, NALEDI, PIETER, STRANGER, THANDI
from conftest import LINE, network_of
from ivr.call import Call, Visit
from oncall.paging import Page
from oncall.worker import tick
from simulator.quirks import Quirks
from simulator.script import play
from sla.worklog import Work
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

TWICE = [Quirks(twice="after"), Quirks(twice="parallel")]


def all_of(database: Database, kind: type) -> list:
    with database.reading() as session:
        return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key)))


def emergency(network: Network, caller: str = HARBOUR, keys: tuple[str, ...] = ("2", "1")) -> object:
    call = network.ring(caller, LINE)
    play(call, keys)
    network.deliver_callbacks()
    return call


@pytest.mark.parametrize("quirks", [*Quirks.every()], ids=str)
def test_an_emergency_passes_under_every_open_question(app: Flask, clock: Clock, database: Database, quirks: Quirks):
    """Each open question of TWILIO.md §8, and each way a webhook can travel: voicemail first, then a person."""
    network = network_of(app, clock, quirks=quirks)
    network.handset(THANDI, "voicemail")
    network.handset(PIETER, "accept")
    call = emergency(network)
    assert call.ended
    assert [page.accepted_at is not None for page in all_of(database, Page)] == [False, True]
    assert [ticket.priority for ticket in all_of(database, Ticket)] == ["emergency"]
    assert [ticket.state for ticket in all_of(database, Ticket)] == ["acknowledged"]
    assert "~ joins them" in call.transcript


@pytest.mark.parametrize("quirks", TWICE, ids=str)
def test_every_webhook_twice_changes_nothing(app: Flask, clock: Clock, database: Database, quirks: Quirks):
    network = network_of(app, clock, quirks=quirks)
    network.handset(THANDI, "decline")
    network.handset(PIETER, "accept")
    emergency(network)
    assert len(all_of(database, Call)) == len(all_of(database, Ticket)) == len(all_of(database, Work)) == 1
    assert [page.outcome for page in all_of(database, Page)] == ["declined", "accepted"]
    assert network.clashes == []


def test_a_second_delivery_gets_the_stored_answer_also_after_the_set_up_changed(
    app: Flask, clock: Clock, database: Database
):
    """A visit is answered from its row: a second delivery of a ring rings the same engineer, not the next."""
    network = network_of(app, clock, quirks=Quirks(twice="after"))
    network.handset(THANDI, "no-answer")
    network.handset(PIETER, "accept")
    emergency(network, KAROO, ("2",))
    assert [page.outcome for page in all_of(database, Page)] == ["no-answer", "accepted"]


@pytest.mark.parametrize("callbacks", ["late", "shuffled", "never"])
def test_status_callbacks_in_any_order_come_to_the_same(app: Flask, clock: Clock, database: Database, callbacks: str):
    network = network_of(app, clock, quirks=Quirks(callbacks=callbacks, dial_action_after_hangup=True))
    network.handset(THANDI, "accept")
    emergency(network)
    (work,) = all_of(database, Work)
    assert work.state == "billable"
    assert 600 <= work.sunday_seconds <= 606


def test_two_callers_at_once_never_ring_the_same_telephone(network: Network, database: Database):
    for number in (THANDI, PIETER, NALEDI):
        network.handset(number, None)
    first, second = network.ring(KAROO, LINE), network.ring(HARBOUR, LINE)
    first.press("2")
    second.press("2")
    second.press("1")
    assert [first.children[-1].to, second.children[-1].to] == [THANDI, PIETER]
    first.engineer.answer()
    first.engineer.press("1")
    second.engineer.let_ring()
    assert second.children[-1].to == NALEDI, "Thandi is talking to Karoo Clinic"
    assert network.clashes == []
    skipped = [page.reason for page in all_of(database, Page) if page.outcome == "skipped"]
    assert skipped == ["is on another call"]


def test_an_engineer_is_free_again_when_the_call_is_over(network: Network, database: Database):
    network.handset(THANDI, "accept")
    emergency(network, KAROO, ("2",))
    assert emergency(network, HARBOUR).children[-1].to == THANDI


def test_a_lost_last_callback_frees_the_engineer_after_the_lease(app: Flask, clock: Clock, database: Database):
    """Nothing was heard of the ring, nor of the call's end: the lease runs out, the sweep closes the call."""
    network = network_of(app, clock, quirks=Quirks(callbacks="never"))
    network.handset(THANDI, None)
    call = network.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    assert [page.ended_at for page in all_of(database, Page)] == [None]
    clock.advance(5 * 3600)
    with app.app_context():
        tick()
    assert [page.outcome for page in all_of(database, Page) if page.call_sid == call.sid] == ["no-answer"]
    assert all(call.ended_at for call in all_of(database, Call))


def test_work_whose_end_was_never_reported_is_left_to_billing_staff(app: Flask, clock: Clock, database: Database):
    network = network_of(app, clock, quirks=Quirks(callbacks="never"))
    network.handset(THANDI, "accept")
    emergency(network)
    assert all_of(database, Work) == []
    clock.advance(5 * 3600)
    with app.app_context():
        tick()
    (work,) = all_of(database, Work)
    assert (work.state, work.explanation[:33]) == ("to_check", "The carrier never reported the en")


def test_a_page_whose_lease_ran_out_does_not_wait_for_the_worker(app: Flask, clock: Clock):
    network = network_of(app, clock, quirks=Quirks(callbacks="never"))
    network.handset(THANDI, None)
    lost = network.ring(KAROO, LINE)
    lost.press("2")
    lost.hang_up()
    clock.advance(181)
    again = network.ring(STRANGER, LINE)
    again.press("2")
    again.press("1")
    assert again.children[-1].to == THANDI


def test_a_key_pressed_after_the_caller_left_is_accepted_and_not_connected(network: Network, database: Database):
    """The engineer is told, has the ticket, and nothing is billed."""
    network.handset(THANDI, None)
    call = network.ring(KAROO, LINE)
    call.press("2")
    call.engineer.answer()
    call.hang_up(crossing_key="1")
    assert any("The caller has hung up." in request.body for request in call.requests)
    assert [page.outcome for page in all_of(database, Page)] == ["accepted"]
    (ticket,) = all_of(database, Ticket)
    assert (ticket.state, all_of(database, Work)) == ("acknowledged", [])


def test_only_one_visit_is_stored_for_each_webhook(app: Flask, clock: Clock, database: Database):
    network = network_of(app, clock, quirks=Quirks(twice="parallel"))
    network.handset(THANDI, "accept")
    call = emergency(network)
    with database.reading() as session:
        visits = session.scalar(select(func.count()).select_from(Visit).where(Visit.sid == call.sid))
    assert visits == 3  # arrival, 2, 1; the caller hung up, so the end of the ring is not asked about


def test_lerato_is_rung_in_the_office_hunt_first(network: Network, clock: Clock):
    clock.advance(56 * 3600)  # Tuesday 10:00
    network.handset(LERATO, "accept")
    call = emergency(network, KAROO, ("1",))
    assert call.children[0].to == LERATO
