"""Which seconds were work: from the key to the end of the bridge, by the best evidence there is when it is asked."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app import World, create_app
from cast import HARBOUR, PIETER, THANDI
from conftest import LINE, NIGHT, ORIGIN, network_of, settings_for
from databases import let_go
from ivr.call import Leg
from oncall.paging import Page
from simulator.clock import Clock
from simulator.quirks import Quirks
from sla.contract import Contract
from sla.worklog import Work
from tickets import task
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from desk.db import Database
    from simulator.call import Call

LAG = timedelta(seconds=40)  # how much later than the carrier's clock a webhook arrives here


@pytest.fixture
def slow(database_url: str, clock: Clock) -> Iterator[Flask]:
    """The application at the end of a slow line: what it hears, it hears 40 seconds late."""
    made = create_app(settings_for(database_url), World(lambda: clock() + LAG, Random(1)))
    yield made
    let_go(made)


def second(clock: Clock) -> datetime:
    """Now, as a carrier's timestamp has it: in full seconds."""
    return clock().replace(microsecond=0)


def joined(app: Flask, clock: Clock, **quirks: object) -> Call:
    """Harbour Foods, Sunday night, overtime accepted: Thandi has just pressed 1 and the two are joined."""
    network = network_of(app, clock, quirks=Quirks(**quirks))
    for number in (THANDI, PIETER):
        network.handset(number, None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.engineer.answer()
    call.engineer.press("1")
    assert call.transcript[-1] == "~ joins them"
    return call


def post(app: Flask, call: Call, url: str, **fields: str) -> str:
    """A webhook of the caller's leg, written by hand."""
    form = call.leg.params() | fields
    token = app.extensions["settings"].twilio_auth_token.get_secret_value()
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}
    return app.test_client().post(url.removeprefix(ORIGIN), data=form, headers=headers).text


def dial_action(call: Call) -> str:
    """Where the carrier reports how the last Dial went."""
    found = re.findall(r'<Dial[^>]* action="([^"]+)"', "".join(call.documents))
    return urldefrag(unescape(found[-1])).url


def work(app: Flask) -> list[Work]:
    with app.extensions["database"].reading() as session:
        return list(session.scalars(select(Work).order_by(Work.id)))


def pages(app: Flask) -> list[tuple[str | None, bool | None]]:
    with app.extensions["database"].reading() as session:
        return [(page.outcome, page.bridged) for page in session.scalars(select(Page).order_by(Page.id))]


def ticket_of(app: Flask) -> Ticket:
    with app.extensions["database"].reading() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert [event.text for event in ticket.events]  # read while the session is open
        return ticket


def tasks(app: Flask) -> list[str]:
    with app.extensions["database"].reading() as session:
        return [one.what.value for one in task.of(session, session.scalars(select(Ticket)).one())]


# The end of work


def test_the_carrier_s_time_of_the_leg_s_end_beats_the_arrival_of_the_dial_action(slow: Flask, clock: Clock):
    call = joined(slow, clock)
    call.talk(600)
    ended = second(clock)
    call.engineer.hang_up()
    assert [one.ends for one in work(slow)] == [ended]


def test_without_a_status_callback_the_arrival_of_the_dial_action_ends_the_work(slow: Flask, clock: Clock):
    call = joined(slow, clock, callbacks="never")
    call.talk(600)
    arrived = clock() + LAG
    call.engineer.hang_up()
    assert [one.ends for one in work(slow)] == [arrived]


def test_the_end_of_the_caller_s_call_ends_the_work_where_the_leg_s_end_was_lost(slow: Flask, clock: Clock):
    call = joined(slow, clock, callbacks="never")
    call.talk(600)
    call.hang_up()
    assert work(slow) == []
    stamp = "Sun, 22 Nov 2026 00:10:30 +0000"
    post(slow, call, f"{ORIGIN}/voice/status", CallStatus="completed", Timestamp=stamp)
    assert [one.ends for one in work(slow)] == [datetime(2026, 11, 22, 0, 10, 30, tzinfo=UTC)]


@pytest.mark.parametrize("stamp", ["", "half past two", None])
def test_a_report_without_a_readable_time_counts_from_its_arrival(app: Flask, clock: Clock, stamp: str | None):
    call = joined(app, clock, callbacks="never")
    call.talk(600)
    call.hang_up()
    said = {} if stamp is None else {"Timestamp": stamp}
    post(app, call, f"{ORIGIN}/voice/status", CallStatus="completed", **said)
    assert [one.ends for one in work(app)] == [clock()]


def test_later_and_better_evidence_judges_again_in_the_same_row(slow: Flask, clock: Clock):
    call = joined(slow, clock, callbacks="late")
    call.talk(600)
    arrived, ended = clock() + LAG, second(clock)
    call.engineer.hang_up()
    (first,) = work(slow)
    call.network.deliver_callbacks()
    (better,) = work(slow)
    assert (first.ends, better.ends, first.id) == (arrived, ended, better.id)
    assert first.sunday_seconds - better.sunday_seconds == LAG.seconds


def test_work_begins_when_the_key_arrives_not_when_the_telephone_was_answered(app: Flask, clock: Clock):
    network = network_of(app, clock)
    network.handset(THANDI, None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.engineer.answer()
    call.engineer.silence()
    clock.advance(3)
    call.engineer.press("1")
    with app.extensions["database"].reading() as session:
        accepted = session.scalars(select(Page.accepted_at)).one()
    call.talk(60)
    call.hang_up()
    assert [one.starts for one in work(app)] == [accepted]
    assert call.children[0].answered
    assert accepted - call.children[0].answered > timedelta(seconds=14)


# Accepted is not yet connected


def test_an_acceptance_that_was_never_bridged_rings_the_next_engineer(app: Flask, clock: Clock):
    call = joined(app, clock)
    answer = post(app, call, dial_action(call), DialCallStatus="completed", DialBridged="false", DialCallDuration="9")
    assert PIETER in answer
    assert pages(app) == [("accepted", False), (None, None)]
    ticket = ticket_of(app)
    assert (ticket.state, ticket.owner_id) == ("open", None)
    released = "Thandi Nkosi accepted, but the line broke before they were joined"
    assert released in [event.text for event in ticket.events]
    assert work(app) == []


def test_work_that_turns_out_never_to_have_been_bridged_comes_to_nothing(app: Flask, clock: Clock):
    """The leg's end was reported first and looked like work; then the carrier denied the bridge."""
    call = joined(app, clock, callbacks="late")
    clock.advance(30)
    call.end_leg(call.children[0], "answered", "completed")
    call.network.deliver_callbacks()
    assert [one.state for one in work(app)] == ["billable"]
    post(app, call, dial_action(call), DialCallStatus="completed", DialBridged="false")
    (nothing,) = work(app)
    assert (nothing.state, nothing.sunday_seconds, nothing.starts) == ("none", 0, nothing.ends)
    assert nothing.explanation == "No overtime: nobody was connected, so there is nothing to bill."


def test_who_turns_out_after_the_call_never_to_have_been_joined_is_to_be_called_back(app: Flask, clock: Clock):
    call = joined(app, clock, callbacks="never")
    call.talk(30)
    call.hang_up()
    post(app, call, f"{ORIGIN}/voice/status", CallStatus="completed")
    assert tasks(app) == []
    for _ in range(2):  # however often it is delivered
        post(app, call, dial_action(call), DialCallStatus="completed", DialBridged="false")
    assert tasks(app) == ["call_back"]
    assert [event.kind for event in ticket_of(app).events].count("missed") == 1


@pytest.mark.parametrize("status", ["completed", "answered", "no-answer", "canceled"])
def test_where_the_carrier_does_not_speak_of_a_bridge_our_own_record_decides(app: Flask, clock: Clock, status: str):
    """An engineer who pressed nothing is not connected, one who pressed 1 is, whatever the leg is said to have been."""
    unusual = {"dial_bridged": "absent", "declined_whisper_status": status}
    network = network_of(app, clock, quirks=Quirks(**unusual))
    network.handset(THANDI, "silent")
    network.handset(PIETER, None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.engineer.answer()
    call.engineer.press("1")
    call.talk(60)
    call.engineer.hang_up()
    assert pages(app) == [("unaccepted", None), ("accepted", None)]
    assert [one.state for one in work(app)] == ["billable"]
    assert "Your reference is" in call.transcript[-2]


# Callbacks


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("callbacks", ["late", "shuffled"])
def test_callbacks_in_any_order_keep_the_result(app: Flask, clock: Clock, callbacks: str, seed: int):
    network = network_of(app, clock, quirks=Quirks(callbacks=callbacks), seed=seed)
    network.handset(THANDI, "busy")
    network.handset(PIETER, None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.engineer.answer()
    call.engineer.press("1")
    call.talk(600)
    ended = second(clock)
    call.hang_up()
    network.deliver_callbacks()
    assert pages(app) == [("busy", False), ("accepted", None)]
    assert [(one.state, one.ends) for one in work(app)] == [("billable", ended)]


REPORTS = [  # reports in the order of their arrival: (status, sequence number); what is believed, and when it ended
    ("in order", [("initiated", 0), ("ringing", 1), ("in-progress", 2), ("completed", 3)], "completed", 3),
    ("the last first", [("completed", 3), ("ringing", 1), ("in-progress", 2)], "completed", 0),
    ("a repeated one", [("ringing", 1), ("ringing", 1), ("busy", 2), ("busy", 2)], "busy", 2),
    ("an older one late", [("in-progress", 2), ("ringing", 1)], "in-progress", None),
    ("nothing leaves the end", [("no-answer", 2), ("completed", 3)], "no-answer", 0),
]


@pytest.mark.parametrize(("case", "reports", "status", "ended"), REPORTS, ids=[row[0] for row in REPORTS])
def test_a_leg_believes_the_newest_report_and_never_leaves_its_end(
    case: str, reports: list[tuple[str, int]], status: str, ended: int | None
):
    leg = Leg(sid="CA1", call_sid="CA0", status="", sequence=-1)
    for place, (said, sequence) in enumerate(reports):
        leg.report(said, sequence, NIGHT + timedelta(seconds=place))
    expected = None if ended is None else NIGHT + timedelta(seconds=ended)
    assert (leg.status, leg.ended_at) == (status, expected), case


# The contract


def new_contract(database: Database, since: date, cover: str) -> None:
    """Harbour Foods has a new contract from that day on: every band like this."""
    with database.writing() as session:
        first = session.scalars(select(Contract).join(Customer).where(Customer.code == "harbour")).one()
        bands = dict.fromkeys(first.bands, cover)
        more = {"version": 2, "valid_from": since, "name": "a new contract", "needs_consent": True}
        session.add(Contract(customer_id=first.customer_id, bands=bands, **more))


@pytest.mark.parametrize(
    ("begins", "version", "state"),
    [
        pytest.param(datetime(2026, 11, 21, 21, 55, tzinfo=UTC), 1, "billable", id="begun before midnight"),
        pytest.param(datetime(2026, 11, 21, 22, 1, tzinfo=UTC), 2, "included", id="begun after midnight"),
    ],
)
def test_the_contract_in_force_when_the_work_begins_judges_all_of_it(
    database_url: str, begins: datetime, version: int, state: str
):
    """The contract changes on Sunday, local time, while the UTC date is still Saturday's."""
    clock = Clock(begins)
    app = create_app(settings_for(database_url), World(clock, Random(1)))
    new_contract(app.extensions["database"], date(2026, 11, 22), "included")
    network = network_of(app, clock, talk=600)
    network.in_order("accept")
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    if call.waiting:  # the notice, under the first contract
        call.press("1")
    (one,) = work(app)
    assert (one.contract_version, one.state) == (version, state)
    assert one.sunday_seconds > 0
    assert (one.saturday_seconds > 0) == (version == 1)
    let_go(app)


def test_a_contract_signed_in_mid_call_with_effect_from_today_changes_later_judgements(
    app: Flask, clock: Clock, database: Database
):
    """What is in force is asked when the work is judged, and the row keeps which version it was."""
    call = joined(app, clock)
    call.talk(60)
    new_contract(database, date(2026, 11, 22), "not_covered")
    call.hang_up()
    (one,) = work(app)
    assert (one.contract_version, one.state) == (2, "billable")
    assert one.explanation.endswith("the caller accepted overtime rates.")
