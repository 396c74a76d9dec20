"""Calling back through the line, end to end: the worker has the carrier ring the engineer, who presses 1.

How it sounds stands in tests/calls/call_back_*.txt; here is what the carrier and the clock may do to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from queue import Empty
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR, KAROO, THANDI
from conftest import ACCOUNT, LINE, ORIGIN, network_of
from desk import outbox
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import judging, outgoing
from ivr.call import Call
from ivr.line import Line
from ivr.outgoing import WAIT, CannotCallBack
from oncall.paging import Page
from oncall.worker import tick
from simulator.joined import Joined
from simulator.quirks import Quirks
from simulator.rest_faults import Fault
from simulator.script import play
from simulator.web import Reply
from simulator.webhooks import Hook
from sla.worklog import Work
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    import simulator.call
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest
    from simulator.web import Request, Web

TALK = 300


@pytest.fixture
def joined(rest: Rest, network: Network) -> Joined:
    return Joined(rest.account, network)


@pytest.fixture
def ask(app: Flask, database: Database, clock: Clock) -> Callable[[str], None]:
    """Somebody presses *Call back* on the newest ticket."""

    def press(key: str = "thandi") -> None:
        with database.writing() as session:
            ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
            staff = session.scalars(select(Staff).where(Staff.key == key)).one()
            board = app.extensions["exchange"].boards.current(session)
            outgoing.ask(session, board, ticket, staff.id, clock(), on_line=False)

    return press


@pytest.fixture
def message(network: Network, clock: Clock) -> simulator.call.Call:
    """Harbour Foods has called in the night and agreed to overtime, nobody took it, and there is a message."""
    network.in_order("no-answer")
    call = network.ring(HARBOUR, LINE)
    play(call, ["2", "1"])
    assert call.ended
    network.in_order("accept")
    clock.advance(600)
    return call


def ticked(app: Flask, clock: Clock, seconds: float = 0) -> None:
    clock.advance(seconds)
    with app.app_context():
        tick()


def placed(rest: Rest) -> list[str]:
    """Whom REST was asked to ring, answered or not."""
    notes = [note for note in rest.account.requests if note.method == "POST" and note.path.endswith("/Calls.json")]
    return [note.form["To"][0] for note in notes]


def meets(rest: Rest, fault: Fault) -> None:
    """The next ring meets a fault; texts go their way."""
    rest.faults.concerns = lambda method, path: (method, path[-11:]) == ("POST", "/Calls.json")
    rest.faults.next(fault)


def rung(joined: Joined, *, talk: float = TALK) -> simulator.call.Call:
    """The engineer is rung and presses 1; the customer answers, and they talk."""
    joined.network.handset(THANDI, None)
    joined.network.handset(HARBOUR, "accept")
    call = joined.ring(talk=talk)
    call.answer()
    call.press("1")
    assert call.ended, call.transcript
    return call


def rung_first(network: Network, database: Database, caller: str) -> str:
    """Whose telephone rings for an emergency."""
    call = network.ring(caller, LINE)
    play(call, ["2", "1"], talk=60)
    with database.reading() as session:
        pages = session.scalars(select(Page).where(Page.call_sid == call.sid, Page.outcome != "skipped"))
        return next(page.staff.key for page in pages)


def only(database: Database, kind: type) -> object:
    (found,) = all_of(database, kind)
    return found


def all_of(database: Database, kind: type) -> list:
    with database.reading() as session:
        return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key)))


def told(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Event.text).where(Event.kind.in_(["call back", "answered"]))))


def in_seconds(at: datetime) -> datetime:
    """As the carrier writes times."""
    return at.replace(microsecond=0)


def a_ticket(database: Database, clock: Clock, caller: str | None, reference: str = "280340638") -> None:
    about = {"reference": reference, "subject": "Set up by a test", "opened_at": clock()}
    with database.writing() as session:
        session.add(Ticket(**about, state="open", priority="high", caller=caller))


def page_of(database: Database) -> Page:
    return all_of(database, Page)[-1]


@pytest.mark.usefixtures("message")
def test_from_the_ticket_to_the_worklog(app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask):
    ask()
    assert placed(rest) == [], "nothing leaves the house before the worker has its turn"
    ticked(app, clock)
    assert placed(rest) == [THANDI]
    call = rung(joined)
    assert (call.leg.from_, call.children[0].from_, call.children[0].to) == (LINE, LINE, HARBOUR)
    work, page = only(database, Work), page_of(database)
    assert (work.state, work.sunday_seconds, work.consent) == ("billable", TALK, True)
    assert (page.outcome, page.ended_at) == ("accepted", in_seconds(call.children[0].ended))
    assert "Thandi Nkosi was put through to the customer" in told(database)
    ticked(app, clock, 600)
    assert placed(rest) == [THANDI], "once"


def test_by_ringing_the_line(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, network: Network
):
    network.in_order("accept")
    play(network.ring(HARBOUR, LINE), ["2", "1"], talk=60)
    mine = network.ring(THANDI, LINE)
    mine.press("1")
    mine.press("1", listening=True)
    assert mine.ended
    ticked(app, clock)
    assert placed(rest) == [], "her telephone is still busy with us"
    ticked(app, clock, 2)
    assert placed(rest) == [THANDI]
    rung(joined)
    assert [work.sunday_seconds for work in all_of(database, Work)][-1] == TALK
    assert {ticket.merged_into_id for ticket in all_of(database, Ticket)} == {None, 1}, "her call joined the ticket"
    texts = [row.payload["to"] for row in all_of(database, Outgoing) if row.key.startswith("reference")]
    assert texts == [HARBOUR], "an engineer needs no reference"


def test_an_engineer_who_does_not_hang_up_is_rung_all_the_same(
    app: Flask, clock: Clock, database: Database, rest: Rest, network: Network, joined: Joined
):
    with database.writing() as session:
        session.add(
            Ticket(reference="280340638", state="open", priority="high", subject="x", opened_at=clock(), caller=KAROO)
        )
    silent = network_of(app, clock, quirks=Quirks(callbacks="never"))
    mine = silent.ring(THANDI, LINE)
    play(mine, ["1", "280340638"])
    ticked(app, clock, 10)
    assert placed(rest) == []
    ticked(app, clock, 25)
    assert placed(rest) == [THANDI], "the report of her hanging up was lost"


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize("fault", [Fault.DROPPED_AFTER, Fault.BROKEN_AFTER, Fault.UNAVAILABLE_AFTER])
def test_a_ring_whose_answer_was_lost_is_asked_for_not_repeated(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask, fault: Fault
):
    ask()
    meets(rest, fault)
    ticked(app, clock)
    ticked(app, clock, 31)
    assert placed(rest) == [THANDI]
    rung(joined)
    assert only(database, Work).sunday_seconds == TALK


@pytest.mark.usefixtures("message")
def test_a_leg_of_another_call_is_not_taken_for_the_ring(app: Flask, clock: Clock, rest: Rest, joined: Joined, ask):
    ask()
    meets(rest, Fault.DROPPED)
    ticked(app, clock)
    caller = rest.account.add_call(KAROO, LINE, status="in-progress")
    rest.account.add_call(LINE, THANDI, "outbound-dial", status="in-progress", parent_call_sid=caller.sid)
    ticked(app, clock, 31)
    assert placed(rest) == [THANDI, THANDI], "the first never reached the carrier"


@pytest.mark.usefixtures("message")
def test_a_ring_that_another_row_was_given_is_its_own_again(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask
):
    """The proof of a number was asked for by call too, and its look-up found the call-back instead."""
    ask()
    ticked(app, clock)
    entry = joined.queued.get()
    with database.writing() as session:
        (row,) = [row for row in session.scalars(select(Outgoing)) if row.kind == "ring"]
        row.reference = None
        session.flush()
        outbox.post(session, "another ring", "ring", {**row.payload, "page": 0}, clock()).reference = entry.sid
    joined.queued.put(entry)
    rung(joined)
    rings = {row.key: row for row in all_of(database, Outgoing) if row.kind == "ring"}
    another = rings.pop("another ring")
    assert [row.reference for row in rings.values()] == [entry.sid]
    assert (another.reference, another.state, another.unsure) == (None, "waiting", True)


@pytest.mark.usefixtures("message")
def test_what_the_carrier_refuses_frees_the_engineer_and_says_why(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask
):
    rest.account.may_call = ("+1",)
    ask()
    ticked(app, clock)
    page = page_of(database)
    assert (page.outcome, page.ended_at) == ("failed", clock())
    assert "could not be rung" in told(database)[-1]
    with pytest.raises(Empty):
        joined.ring()
    ask()


def test_nobody_is_rung_after_three_minutes(app: Flask, clock: Clock, database: Database, rest: Rest, ask):
    a_ticket(database, clock, HARBOUR)
    ask()
    ticked(app, clock, 181)
    assert placed(rest) == []
    assert page_of(database).outcome == "failed"


@pytest.mark.usefixtures("message")
def test_an_emergency_skips_nobody_for_longer_than_three_minutes_while_no_worker_runs(
    database: Database, clock: Clock, network: Network, ask
):
    """The ring that was asked for is never placed; whoever asked is rung like anybody else again."""
    ask()
    clock.advance(WAIT.total_seconds() - 60)
    assert rung_first(network, database, KAROO) == "pieter", "she may be rung any moment"
    clock.advance(60)
    assert rung_first(network, database, "+27825550999") == "thandi"


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize("phone", ["+27825550109", None])
def test_whoever_has_an_engineer_s_number_now_learns_nothing(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask, phone: str | None
):
    """The number was changed between the request and the ring."""
    ask()
    ticked(app, clock)
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().phone = phone
    joined.network.handset(THANDI, None)
    call = joined.ring()
    call.answer()
    assert call.ended
    assert "not wanted any more" in call.documents[-1]
    assert "Harbour" not in "".join(call.documents)
    assert page_of(database).ended_at


@pytest.mark.usefixtures("message")
def test_a_number_that_has_become_a_line_of_ours_is_not_rung(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask
):
    ask()
    ticked(app, clock)
    with database.writing() as session:
        session.scalars(select(Line)).one().number = HARBOUR
    joined.network.handset(THANDI, None)
    call = joined.ring()
    call.answer()
    call.press("1")
    assert (call.children, call.ended is not None) == ([], True)
    assert page_of(database).ended_at


@pytest.mark.usefixtures("message")
def test_the_same_engineer_is_not_rung_twice_at_once(app: Flask, database: Database, ask):
    """Two presses at the same moment: one of them is told."""
    barrier, refused = Barrier(2), []

    def press() -> None:
        barrier.wait()
        try:
            ask()
        except CannotCallBack as error:
            refused.append(str(error))

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["you are being rung or on a call already"]
    assert len([page for page in all_of(database, Page) if page.ended_at is None]) == 1


@pytest.mark.usefixtures("message")
def test_a_second_ring_of_the_same_request_finds_it_carried_out(
    app: Flask, clock: Clock, network: Network, joined: Joined, ask
):
    """The one gap of the outbox: a worker stopped for longer than its lease with the bytes half gone."""
    ask()
    ticked(app, clock)
    entry = joined.queued.get()
    joined.queued.put(entry)
    rung(joined)
    network.handset(THANDI, None)
    again = network.call_out(LINE, THANDI, entry.form["Url"][0])
    again.answer()
    assert again.ended
    assert "not wanted any more" in again.documents[-1]


@pytest.mark.usefixtures("message")
def test_of_two_rings_of_one_request_the_first_goes_on_and_the_second_ring_is_not_wanted(
    app: Flask, clock: Clock, joined: Joined, ask
):
    ask()
    ticked(app, clock)
    entry = joined.queued.get()
    joined.queued.put(entry)
    joined.network.handset(THANDI, None)
    first = joined.ring()
    first.answer()
    again = joined.network.call_out(LINE, THANDI, entry.form["Url"][0])
    again.answer()
    assert again.ended
    assert "not wanted any more" in again.documents[-1]
    first.press("1")
    assert [leg.to for leg in first.children] == [HARBOUR]


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize("quirks", Quirks.every(), ids=str)
def test_whatever_the_network_does_the_work_is_the_same(
    app: Flask, clock: Clock, database: Database, rest: Rest, ask, quirks: Quirks
):
    joined = Joined(rest.account, network_of(app, clock, quirks=quirks))
    ask()
    ticked(app, clock)
    call = rung(joined)
    joined.network.deliver_callbacks()
    joined.book(call)
    for _ in range(3):  # where no callback comes, the carrier is asked
        ticked(app, clock, 360)
    assert only(database, Work).sunday_seconds == pytest.approx(TALK, abs=1)
    assert all(call.ended_at for call in all_of(database, Call))
    assert [page.ended_at for page in all_of(database, Page) if page.ended_at is None] == []


@dataclass
class Deaf:
    """On the way to the application: whatever is reported of dialled legs is lost, or only such a status."""

    web: Web
    status: tuple[str, ...] = ("",)

    def send(self, request: Request) -> Reply:
        lost = "/voice/leg?" in request.url and any(word in request.body.decode() for word in self.status)
        return Reply(204, {}, b"") if lost else self.web.send(request)


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize(
    ("lost", "hangs_up", "state", "seconds"),
    [
        (("completed",), "thandi", "billable", TALK),
        (("completed",), "customer", "billable", TALK),
        (("",), "customer", "billable", TALK),  # the Dial action tells how long
        (("",), "thandi", "to_check", 0),  # nobody does
        (("in-progress", "completed"), "thandi", "to_check", 0),  # it rang, and more is not known
    ],
)
def test_work_is_never_lost_with_the_reports_of_the_customer_s_leg(
    app: Flask, clock: Clock, database: Database, rest: Rest, ask, lost, hangs_up, state, seconds
):
    joined = Joined(rest.account, network_of(app, clock))
    joined.network.webhooks.web = Deaf(joined.network.webhooks.web, lost)
    ask()
    ticked(app, clock)
    joined.network.handset(THANDI, None)
    joined.network.handset(HARBOUR, "accept")
    call = joined.ring()
    call.answer()
    call.press("1")
    call.talk(TALK)
    (call if hangs_up == "thandi" else call.engineer).hang_up()
    assert call.ended
    work = only(database, Work)
    assert (work.state, work.sunday_seconds) == (state, pytest.approx(seconds, abs=1))
    joined.book(call)
    ticked(app, clock, 150)
    work = only(database, Work)
    assert (work.state, work.sunday_seconds) == ("billable", pytest.approx(TALK, abs=1)), "the carrier was asked"


@pytest.mark.usefixtures("message")
def test_the_carrier_is_not_asked_about_what_it_has_reported(
    app: Flask, clock: Clock, database: Database, joined: Joined, ask
):
    ask()
    ticked(app, clock)
    rung(joined)
    assert [row.key for row in all_of(database, Outgoing) if row.kind == judging.EVIDENCE] == []


@pytest.mark.usefixtures("message")
def test_a_customer_who_does_not_answer_is_no_work_though_no_report_of_it_came(
    app: Flask, clock: Clock, database: Database, rest: Rest, ask
):
    joined = Joined(rest.account, network_of(app, clock))
    joined.network.webhooks.web = Deaf(joined.network.webhooks.web)
    ask()
    ticked(app, clock)
    joined.network.handset(THANDI, None)
    joined.network.handset(HARBOUR, "no-answer")
    call = joined.ring()
    call.answer()
    call.press("1")
    assert call.ended
    assert all_of(database, Work) == []


@pytest.mark.fails_on_purpose
@pytest.mark.usefixtures("message")
def test_the_fallback_goes_on_with_the_call_back(app: Flask, clock: Clock, joined: Joined, network: Network, ask):
    """The carrier could not have the first document (TWILIO.md §1.3); the fallback gives it."""
    ask()
    ticked(app, clock)
    url = joined.queued.get().form["Url"][0].partition("#")[0]
    form = {"CallSid": "CA" + "1" * 32, "From": LINE, "To": THANDI, "Direction": "outbound-api"}
    broken = {**form, "AccountSid": ACCOUNT, "ErrorUrl": url, "ErrorCode": "11200"}
    (answer,) = network.webhooks.send(Hook("document", f"{ORIGIN}/voice/fallback", broken), clock)
    assert "Call-back to Harbour Foods" in answer.body


@pytest.mark.fails_on_purpose
def test_an_engineer_hears_words_where_nothing_works(clock: Clock, network: Network):
    """Nobody is rung for an engineer who was to call somebody back."""
    form = {"CallSid": "CA" + "1" * 32, "From": LINE, "To": THANDI, "Direction": "outbound-api", "AccountSid": ACCOUNT}
    (answer,) = network.webhooks.send(Hook("document", f"{ORIGIN}/voice/picked_up/0?page=999", form), clock)
    assert "from your own telephone" in answer.body
    assert "<Dial" not in answer.body


@pytest.mark.usefixtures("message")
def test_an_unproved_engineer_is_not_connected_by_caller_id(
    app: Flask, clock: Clock, rest: Rest, network: Network, joined: Joined
):
    """Whoever pretends to ring from Thandi's telephone hears no name, and it is hers that rings."""
    network.in_order("accept")
    play(network.ring(HARBOUR, LINE), ["2", "1"], talk=60)
    pretender = network.ring(THANDI, LINE)
    play(pretender, ["1", "1"])
    assert not any("Harbour" in document for document in pretender.documents)
    assert pretender.children == []
    ticked(app, clock, 5)
    assert placed(rest) == [THANDI]


def test_whoever_shows_an_engineer_s_number_has_it_rung_six_times_an_hour_at_most(
    app: Flask, clock: Clock, database: Database, rest: Rest, network: Network, joined: Joined
):
    a_ticket(database, clock, KAROO)
    joined.network.handset(THANDI, "no-answer")
    for _ in range(8):
        play(network.ring(THANDI, LINE), ["1", "280340638"])
        ticked(app, clock, 5)
        while joined.queued.qsize():
            joined.ring()
        clock.advance(60)
    assert placed(rest) == [THANDI] * 6
    assert "too often" in told(database)[-1]
    clock.advance(3600)
    play(network.ring(THANDI, LINE), ["1", "280340638"])
    ticked(app, clock, 5)
    assert len(placed(rest)) == 7


@pytest.mark.usefixtures("message")
def test_the_consent_of_a_ticket_goes_on_with_it_when_it_is_merged(
    app: Flask, clock: Clock, database: Database, rest: Rest, joined: Joined, ask
):
    """The call that said yes still names the ticket that it opened."""
    a_ticket(database, clock, HARBOUR, "572401113")
    with database.writing() as session:
        first, last = session.scalars(select(Ticket).order_by(Ticket.id))
        first.merge_into(last, clock(), "the same fault")
    ask()
    ticked(app, clock)
    rung(joined)
    assert only(database, Work).consent is True


@pytest.mark.parametrize(
    ("key", "caller", "why"),
    [
        ("thandi", None, "the ticket has no number that can be rung"),
        ("thandi", "+27862000000", "the ticket has no number that can be rung"),
        ("thandi", THANDI, "the ticket's number is your own"),
        ("thandi", LINE, "the ticket has no number that can be rung"),
        ("bongani", HARBOUR, "you have no number that can be rung"),
    ],
)
def test_who_cannot_be_called_back(app: Flask, clock: Clock, database: Database, ask, key, caller, why):
    a_ticket(database, clock, caller)
    with pytest.raises(CannotCallBack, match=why):
        ask(key)
    assert all_of(database, Page) == []


@pytest.mark.usefixtures("message")
def test_work_that_nobody_ever_reported_is_left_to_billing_staff(
    app: Flask, clock: Clock, database: Database, rest: Rest, ask
):
    """Every callback is lost and the carrier has forgotten the call."""
    joined = Joined(rest.account, network_of(app, clock, quirks=Quirks(callbacks="never")))
    ask()
    ticked(app, clock)
    rung(joined)
    rest.account.calls.clear()
    clock.advance(timedelta(hours=5).total_seconds())
    ticked(app, clock)
    assert only(database, Work).state == "to_check"
