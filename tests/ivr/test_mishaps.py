"""Mishaps at the worst moment: one webhook fails, a report overtakes a key, a clock is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app import World, create_app
from cast import HARBOUR, KAROO, PIETER, ROBOT, STRANGER, THANDI
from conftest import LINE, network_of
from databases import let_go
from desk.staff import Staff
from ivr.call import Call, Visit
from oncall.paging import Page
from oncall.worker import tick
from simulator.quirks import Quirks
from simulator.webhooks import Hook
from sla.worklog import Work
from tickets.people import Contact
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboard
    from simulator.clock import Clock
    from simulator.network import Network


@contextmanager
def out_of_order(database: Database) -> Iterator[None]:
    """The database cannot store a visit for a moment."""
    rename(database, "visit", "visit_away")
    yield
    rename(database, "visit_away", "visit")


def rename(database: Database, old: str, new: str) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def only(database: Database, kind: type):
    with database.reading() as session:
        return session.scalars(select(kind)).one()


@pytest.mark.fails_on_purpose
def test_a_whisper_that_could_not_be_stored_is_believed_by_its_bridge(network: Network, database: Database):
    """The engineer pressed 1 in the way out's whisper: the talk is theirs, to be checked, and nobody else is woken."""
    network.handset(THANDI, None)
    network.handset(PIETER, "accept")
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    with out_of_order(database):
        call.engineer.answer()
    call.engineer.press("1")
    call.talk(600)
    call.engineer.hang_up()
    assert [leg.to for leg in call.children] == [THANDI]
    assert (only(database, Work).state, only(database, Ticket).state) == ("to_check", "acknowledged")
    assert only(database, Page).outcome == "accepted"


def test_whoever_is_erased_in_the_instant_of_their_call_is_answered_as_a_stranger(
    app: Flask, network: Network, database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Between the look at the version and what is stored: the call is kept, and nothing names them."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("nobody comes between: the transaction that answers holds the lock from its first statement")
    boards, erased = app.extensions["exchange"].boards, []
    newest = boards.newest

    def overtaken(session: Session) -> Switchboard:
        board = newest(session)
        if not erased:
            with database.writing() as other:
                erased.append(other.scalars(select(Contact).where(Contact.phone == KAROO)).one())
                other.delete(erased[0])
        return board

    app.extensions["exchange"].renew()
    monkeypatch.setattr(boards, "newest", overtaken)
    network.ring(KAROO, LINE)
    assert erased
    assert any(only(database, Visit).said)
    kept = only(database, Call)
    assert (kept.contact_id, kept.customer_id, kept.caller) == (None, None, KAROO)
    assert only(database, Ticket).contact_id is None


@pytest.mark.fails_on_purpose
def test_after_a_talk_whose_end_could_not_be_stored_nobody_else_is_rung(network: Network, database: Database):
    network.handset(THANDI, "accept")
    call = network.ring(KAROO, LINE)
    call.press("2")
    call.talk(600)
    with out_of_order(database):
        call.engineer.hang_up()
    assert (call.ended, len(call.children)) == (True, 1)


@pytest.mark.fails_on_purpose
def test_a_stranger_whom_the_way_out_helped_is_no_silent_one(network: Network, database: Database):
    network.handset(THANDI, "accept")
    call = network.ring(STRANGER, LINE)
    with out_of_order(database):
        call.press("2")
    call.talk(600)
    call.hang_up()
    assert only(database, Ticket).state == "open"


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize(("caller", "keys"), [(HARBOUR, ["2", "2"]), (ROBOT, [])])
def test_the_fallback_wakes_nobody_who_is_not_wanted(
    app: Flask, clock: Clock, database: Database, caller: str, keys: list[str]
):
    """Neither for a caller who refused overtime rates nor for one who never pressed a key."""
    network = network_of(app, clock)
    call = network.ring(caller, LINE)
    for key in keys:
        call.press(key)
    asked = next(one for one in reversed(call.requests) if "/status" not in one.url)
    action = asked.body.partition('action="')[2].partition('"')[0].replace("&amp;", "&").partition("#")[0]
    with out_of_order(database):
        form = {**asked.params, "ErrorUrl": action, "ErrorCode": "11200", "Digits": ""}
        answer = deliver(network, "https://afterhours.example/voice/fallback", form)
    assert "<Dial" not in answer
    call.hang_up()


def deliver(network: Network, url: str, form: dict[str, str]) -> str:
    (exchange,) = network.webhooks.send(Hook("document", url, form), network.clock)
    return exchange.body


def test_a_key_that_the_end_of_the_call_overtook_reopens_the_ticket(network: Network, database: Database):
    call = network.ring(STRANGER, LINE)
    menu = call.requests[-1]
    call.hang_up()
    assert only(database, Ticket).state == "resolved"
    action = menu.body.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    deliver(network, action, {**menu.params, "Digits": "2"})
    assert (only(database, Ticket).state, only(database, Ticket).priority) == ("open", "high")


def test_an_offered_ticket_that_was_resolved_meanwhile_takes_no_emergency_with_it(
    app: Flask, network: Network, database: Database, clock: Clock
):
    with database.writing() as session:
        offered = open_ticket(session, dice=app.extensions["exchange"].dice, at=clock(), subject="x", caller=KAROO)
        number = offered.id
    clock.advance(60)
    call = network.ring(KAROO, LINE)
    call.press("3")
    with database.writing() as session:
        session.get_one(Ticket, number).resolve(clock(), "done")
    network.in_order("no-answer")
    call.press("1")
    call.press("2")
    call.hang_up()
    with database.reading() as session:
        states = {one.priority: one.state for one in session.scalars(select(Ticket))}
    assert states == {"normal": "resolved", "emergency": "open"}


def test_work_without_any_report_waits_for_billing_staff_also_when_the_worker_ticks_all_the_time(
    app: Flask, clock: Clock, database: Database
):
    network = network_of(app, clock, quirks=Quirks(callbacks="never"))
    network.handset(THANDI, "accept")
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.talk(600)
    call.hang_up()
    with app.app_context():
        for _ in range(40):
            clock.advance(600)
            tick()
    assert only(database, Work).state == "to_check"


def test_a_clock_ahead_of_the_carrier_s_makes_nothing_free(app: Flask, clock: Clock, database: Database):
    """By the carrier's clock the talk was over before ours says that it began."""
    ahead = create_app(app.extensions["settings"], World(lambda: clock() + timedelta(seconds=40), Random(1)))
    network = network_of(ahead, clock)
    network.handset(THANDI, "accept")
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.talk(10)
    call.hang_up()
    assert only(database, Work).state == "to_check"
    let_go(ahead)


def test_one_telephone_of_two_colleagues_is_rung_once(network: Network, database: Database):
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.key == "pieter")).one().phone = THANDI
    network.in_order("accept")
    first, second = network.ring(KAROO, LINE), network.ring(HARBOUR, LINE)
    first.press("2")
    second.press("2")
    second.press("1")
    assert network.clashes == []


@pytest.mark.fails_on_purpose
def test_a_step_of_the_other_leg_is_refused_and_helped(network: Network):
    call = network.ring(HARBOUR, LINE)
    action = call.requests[-1].body.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    answer = deliver(network, action.replace("/main_menu/", "/take/"), {**call.requests[-1].params, "Digits": "1"})
    assert "You have it" not in answer
