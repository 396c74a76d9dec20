"""Calls that have gone silent: the carrier is asked, and its word is applied like the callback that never came."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR, KAROO, PIETER, THANDI
from conftest import LINE, network_of
from ivr.call import Call
from ivr.recordings import Recording
from oncall.paging import Page
from oncall.worker import tick
from simulator.quirks import Quirks
from simulator.rest_faults import Fault
from simulator.script import play
from sla.worklog import Work

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask

    import simulator.call
    import simulator.rest_records
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest


@pytest.fixture
def silent(app: Flask, clock: Clock) -> Network:
    """A network that loses every callback."""
    return network_of(app, clock, quirks=Quirks(callbacks="never"))


def all_of(database: Database, kind: type) -> list:
    with database.reading() as session:
        return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key)))


def book(rest: Rest, call: simulator.call.Call) -> None:
    """The carrier's own books of a call: what its REST API answers."""
    for leg in (call.leg, *call.children):
        parent = leg.parent.sid if leg.parent else None
        kept = rest.account.add_call(leg.from_, leg.to, leg.direction, parent_call_sid=parent)
        del rest.account.calls[kept.sid]
        kept.sid, kept.status = leg.sid, leg.status
        kept.date_created, kept.end_time = leg.started, leg.ended
        rest.account.calls[leg.sid] = kept


def in_seconds(at: datetime) -> datetime:
    """As the carrier writes times."""
    return at.replace(microsecond=0)


def an_untold_message(silent: Network, rest: Rest) -> simulator.rest_records.Recording:
    """Nobody takes the call, and the caller leaves a message of which no report comes."""
    silent.in_order(["decline"])
    call = silent.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    book(rest, call)
    return rest.account.add_recording(call.sid, 12)


def ticked(app: Flask, clock: Clock, minutes: float) -> None:
    clock.advance(60 * minutes)
    with app.app_context():
        tick()


def asked(rest: Rest) -> int:
    return sum(note.method == "GET" for note in rest.account.requests)


def test_work_ends_when_the_carrier_says_it_did(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    silent.handset(THANDI, "accept")
    call = silent.ring(HARBOUR, LINE)
    play(call, ["2", "1"])
    over = in_seconds(call.leg.ended)
    book(rest, call)
    assert (all_of(database, Work), all_of(database, Page)[0].ended_at) == ([], None)
    ticked(app, clock, 3)
    (work,), (page,), (stored,) = all_of(database, Work), all_of(database, Page), all_of(database, Call)
    assert (work.state, work.ends, work.starts) == ("billable", over, page.accepted_at)
    assert (page.outcome, page.ended_at, stored.ended_at) == ("accepted", over, over)


def test_an_engineer_whose_ring_was_cut_is_free_within_minutes(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    silent.handset(THANDI, None)
    call = silent.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    book(rest, call)
    ticked(app, clock, 2.1)
    (page,) = all_of(database, Page)
    assert (page.outcome, page.ended_at) == ("no-answer", in_seconds(call.children[0].ended))
    ticked(app, clock, 1)
    told = {message.to for message in rest.account.messages.values() if "your reference" in message.body}
    assert told == {KAROO}, "the reference, late but sent"


def test_a_call_that_goes_on_is_left_alone_and_asked_about_now_and_then(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    silent.handset(THANDI, None)
    call = silent.ring(KAROO, LINE)
    call.press("2")
    call.engineer.answer()
    call.engineer.press("1")
    book(rest, call)
    for leg in rest.account.calls.values():
        leg.status = "in-progress"
    for _ in range(20):
        ticked(app, clock, 0.5)
    assert asked(rest) == 4, "after 2 and after 7 minutes, the call and its legs"
    assert [page.ended_at for page in all_of(database, Page)] == [None]
    assert [stored.ended_at for stored in all_of(database, Call)] == [None]


def test_a_leg_that_is_over_frees_its_engineer_while_the_call_goes_on(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    """The Dial action is lost as well, so nothing tells that the two have parted."""
    silent.handset(THANDI, None)
    call = silent.ring(KAROO, LINE)
    call.press("2")
    call.engineer.answer()
    call.engineer.press("1")
    clock.advance(60)
    book(rest, call)
    leg = rest.account.calls[call.children[0].sid]
    leg.status, leg.end_time = "completed", clock()
    ticked(app, clock, 2.5)
    (page,), (work,) = all_of(database, Page), all_of(database, Work)
    assert (page.outcome, work.starts, work.ends) == ("accepted", page.accepted_at, in_seconds(leg.end_time))


def test_a_callback_that_comes_after_all_changes_nothing(app: Flask, clock: Clock, database: Database, rest: Rest):
    network = network_of(app, clock, quirks=Quirks(callbacks="late"))
    network.handset(THANDI, "accept")
    call = network.ring(HARBOUR, LINE)
    play(call, ["2", "1"])
    book(rest, call)
    ticked(app, clock, 3)
    before = [(work.starts, work.ends, work.state) for work in all_of(database, Work)]
    network.deliver_callbacks()
    assert [(work.starts, work.ends, work.state) for work in all_of(database, Work)] == before
    assert len(before) == 1


def test_a_message_of_which_nobody_told_is_found(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    sound = an_untold_message(silent, rest)
    ticked(app, clock, 3)
    ticked(app, clock, 0.1)
    (kept,) = all_of(database, Recording)
    assert (kept.sid, kept.seconds, kept.file) == (sound.sid, 12, f"{sound.sid}.mp3")


def test_a_carrier_that_does_not_answer_is_asked_again(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    silent.handset(THANDI, "accept")
    call = silent.ring(HARBOUR, LINE)
    play(call, ["2", "1"])
    book(rest, call)
    rest.faults.fractions = {Fault.UNAVAILABLE: 1.0}
    ticked(app, clock, 3)
    assert all_of(database, Work) == []
    rest.faults.fractions = {}
    ticked(app, clock, 0.25)
    assert all_of(database, Work) == [], "it has half a minute to recover"
    ticked(app, clock, 0.5)
    assert [work.state for work in all_of(database, Work)] == ["billable"]


def two_silent_calls(clock: Clock, silent: Network, rest: Rest) -> tuple[str, str]:
    """Both are over, and nobody has told."""
    sids = []
    for caller, engineer in ((KAROO, THANDI), (HARBOUR, PIETER)):
        silent.handset(engineer, "accept")
        call = silent.ring(caller, LINE)
        play(call, ["2", "1"])
        book(rest, call)
        clock.advance(1)
        sids.append(call.sid)
    return sids[0], sids[1]


def ended(database: Database) -> dict[str, bool]:
    return {call.sid: call.ended_at is not None for call in all_of(database, Call)}


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize("minutes", [3, 300], ids=["asked about", "closed unasked"])
def test_a_call_at_which_something_fails_does_not_hold_up_the_others(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest, minutes: int
):
    """The first one is in a language of which the prompts have gone."""
    first, second = two_silent_calls(clock, silent, rest)
    with database.writing() as session:
        session.get_one(Call, first).language = "nowhere"
        session.get_one(Call, first).last_heard_at -= timedelta(seconds=60)
    if minutes > 3:
        rest.faults.fractions = {Fault.UNAVAILABLE: 1.0}
    ticked(app, clock, minutes)
    assert ended(database) == {first: False, second: True}


def test_a_carrier_that_does_not_answer_is_left_alone_for_a_tick(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    """With every question timing out, the worker's other jobs would wait for minutes."""
    two_silent_calls(clock, silent, rest)
    rest.faults.concerns = lambda _, path: "/Calls" in path
    rest.faults.fractions = {Fault.UNAVAILABLE: 1.0}
    ticked(app, clock, 3)
    assert asked(rest) == 2, "one call and its legs"


def test_a_stop_leaves_the_rest_to_others(app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest):
    two_silent_calls(clock, silent, rest)
    stop = Event()
    rest.faults.stall = lambda method, *_: stop.set() if method == "GET" else None
    clock.advance(180)
    with app.app_context():
        tick("a", stop)
    assert sorted(ended(database).values()) == [False, True]
    stop.clear()
    with app.app_context():
        tick("b")
    assert list(ended(database).values()) == [True, True]


def test_a_call_does_not_end_without_its_messages(
    app: Flask, clock: Clock, silent: Network, database: Database, rest: Rest
):
    """Once it has ended nobody would ask again, and the message would stay with the carrier, unheard."""
    sound = an_untold_message(silent, rest)
    rest.faults.concerns = lambda _, path: path.endswith("/Recordings.json")
    rest.faults.next(Fault.UNAVAILABLE)
    ticked(app, clock, 3)
    assert (list(ended(database).values()), all_of(database, Recording)) == ([False], [])
    ticked(app, clock, 5)
    assert (list(ended(database).values()), [one.sid for one in all_of(database, Recording)]) == ([True], [sound.sid])
