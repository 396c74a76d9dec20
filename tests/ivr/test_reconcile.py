"""The carrier's list of calls held against ours: what either lacks is found, and entered once."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from billed import Billing
from cast import HARBOUR, KAROO, LERATO, ROBOT, STRANGER, THANDI
from conftest import LINE, network_of
from desk.staff import Staff
from ivr import carrier, discrepancies, outgoing, reconcile, unrecorded
from ivr.carrier_call import CarrierCall
from ivr.carrier_list import Means
from ivr.line import BlockedNumber
from office import at
from oncall import duty_work
from oncall.worker import tick
from simulator.joined import Joined
from simulator.rest_faults import Fault
from simulator.script import play
from sla import reconciliation
from sla.month import Month
from sla.reconciliation import Reconciliation, reconciled
from sla.worklog import Work
from tickets.event import Event
from tickets.mail import owing
from tickets.ticket import Ticket
from visitors import browser_of, post

if TYPE_CHECKING:
    from flask import Flask

    import simulator.call
    from office import Office
    from simulator.rest import Rest
    from simulator.rest_records import Call as Entry

NOVEMBER = Month.named("2026-11", "Africa/Johannesburg")


class Books:
    """Our office and the carrier's account, and somebody of billing who compares the two."""

    def __init__(self, office: Office, rest: Rest) -> None:
        self.office, self.rest, self.joined = office, rest, Joined(rest.account, network_of(office.app, office.clock))

    def rings(self, caller: str = HARBOUR, keys: tuple[str, ...] = ("2", "1")) -> simulator.call.Call:
        """A call that both have; an engineer takes it."""
        self.joined.network.handset(THANDI, "accept")
        call = self.joined.network.ring(caller, LINE)
        play(call, list(keys))
        self.joined.network.deliver_callbacks()
        self.joined.book(call)
        for leg in (call, *call.children):
            self.rest.account.calls[leg.sid].price = "-0.00850"
        return call

    def has(
        self, when: str, seconds: int = 0, caller: str = HARBOUR, to: str = LINE, direction: str = "inbound",
        parent: str | None = None,
    ) -> Entry:  # fmt: skip
        """A call that the carrier alone has."""
        entry = self.rest.account.add_call(caller, to, direction, parent_call_sid=parent)
        entry.start_time = entry.answer_time = at(when)
        entry.end_time, entry.status = at(when) + timedelta(seconds=seconds), "completed"
        entry.price = "-0.00850"
        return entry

    def ask(self) -> None:
        def asked(session: Any) -> None:
            bongani = session.scalars(select(Staff).where(Staff.key == "bongani")).one()
            reconcile.ask(session, NOVEMBER, bongani, self.office.now)

        self.office.do(asked)

    def steps(self, number: int = 100) -> int:
        """So many steps of a worker at most; how many there were."""
        held = self.office.app.extensions
        boards, dice = held["exchange"].boards, held["exchange"].dice
        means = Means(held["patient_database"], boards, held["telephone"], dice, self.office.clock)
        for done in range(number):
            if not reconcile.look(means, lambda: False):
                return done
        return number

    def compare(self) -> Reconciliation:
        """All of it, after the month."""
        self.office.clock.until(at("2026-12-03 09:00"))
        self.ask()
        self.steps()
        return self.result()

    def result(self) -> Reconciliation:
        with self.office.database.reading() as session:
            return session.get_one(Reconciliation, "2026-11")

    def all_of(self, kind: type) -> list[Any]:
        with self.office.database.reading() as session:
            return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key)))  # type: ignore[attr-defined]


@pytest.fixture
def books(office: Office, rest: Rest) -> Books:
    return Books(office, rest)


def day(result: Reconciliation, name: str) -> dict[str, Any]:
    return next(one for one in result.days if one["day"] == name)


def found(result: Reconciliation) -> list[tuple[str, str]]:
    return [(one["kind"], one["sid"]) for one in result.findings]


def test_a_call_that_both_have_is_no_finding_and_its_cost_is_added_up(books: Books):
    call = books.rings()
    for sid, price in ((call.sid, "-0.00850"), (call.children[0].sid, "-0.09000")):
        books.rest.account.calls[sid].price = price
    result = books.compare()
    assert found(result) == []
    sunday = day(result, "2026-11-22")
    assert (sunday["carrier"], sunday["ours"], sunday["micros"], sunday["unpriced"]) == (2, 2, 98_500, 0)
    assert len(result.days) == 30


def test_of_a_call_that_we_place_the_ringing_is_not_counted(books: Books):
    books.rings()
    office = books.office
    office.clock.advance(600)
    with office.database.writing() as session:
        ticket, board = session.scalars(select(Ticket)).one(), office.app.extensions["exchange"].boards.current(session)
        outgoing.ask(session, board, ticket, office.staff(session, "thandi").id, office.now, on_line=False)
    office.tick()
    books.joined.network.handset(THANDI, None)
    books.joined.network.handset(HARBOUR, "accept")
    call = books.joined.ring(talk=300)
    office.clock.advance(20)  # it rings
    call.answer()
    call.press("1")
    books.joined.network.deliver_callbacks()
    books.joined.book(call)
    for leg in (call, *call.children):
        books.rest.account.calls[leg.sid].price = "-0.00850"
    assert found(books.compare()) == []


def test_a_call_that_we_miss_becomes_a_ticket_and_work_to_check(books: Books):
    lost = books.has("2026-11-14 03:00", 700)
    books.has("2026-11-14 03:00", 660, LINE, THANDI, "outbound-dial", lost.sid)
    result = books.compare()
    (ticket,), (work,) = books.all_of(Ticket), books.all_of(Work)
    assert found(result) == [("missing here", lost.sid)]
    assert result.findings[0]["ticket_id"] == ticket.id
    assert (ticket.caller, ticket.subject) == (HARBOUR, "Call from Harbour Foods that we have no record of")
    assert (work.source, work.state, work.ticket_id) == (f"carrier {lost.sid}", "to_check", ticket.id)
    assert (work.starts, work.ends) == (at("2026-11-14 03:00"), at("2026-11-14 03:11"))
    assert work.explanation.startswith("The carrier lists this call of 11 min 40 s, 11 min of them with Thandi Nkosi")
    assert work.saturday_seconds == 660


def test_nobody_is_written_to_weeks_later_as_if_they_had_just_rung(books: Books):
    books.has("2026-11-14 03:00", 700)
    books.compare()
    with books.office.database.reading() as session:
        (number,) = session.scalars(owing.owed(books.office.now + timedelta(minutes=2))).all()
        assert session.get_one(Event, number).detail["automatic"]  # which letters go by (tickets/mail/letters.py)


def test_nobody_s_work_stands_without_a_length_under_whoever_asked(books: Books):
    lost = books.has("2026-11-14 03:00", 40, STRANGER)
    books.compare()
    (work,), (ticket,) = books.all_of(Work), books.all_of(Ticket)
    bongani = next(one for one in books.all_of(Staff) if one.key == "bongani")
    assert (work.source, work.staff_id, work.starts) == (f"carrier {lost.sid}", bongani.id, work.ends)
    assert (work.state, work.customer_id, ticket.caller) == ("to_check", None, STRANGER)
    with books.office.database.reading() as session:
        assert duty_work.call_outs(session, NOVEMBER.span.start, NOVEMBER.span.end, books.office.now) == {}


def test_compared_twice_it_is_entered_once(books: Books):
    books.has("2026-11-14 03:00", 700)
    books.compare()
    first = books.result().done_at
    books.office.clock.advance(3600)
    result = books.compare()
    assert len(books.all_of(Ticket)) == len(books.all_of(Work)) == 1
    assert len(result.findings) == 1
    assert first < result.done_at


def test_a_worker_killed_before_it_wrote_down_how_far_it_was_enters_nothing_twice(books: Books):
    books.has("2026-11-14 03:00", 700)
    books.office.clock.until(at("2026-12-03 09:00"))
    books.ask()
    books.steps(16)
    assert len(books.all_of(Ticket)) == 1

    def killed(session: Any) -> None:
        row = session.get_one(Reconciliation, "2026-11")
        row.next_day, row.leased_until = date(2026, 11, 14), books.office.now + reconcile.LEASE

    books.office.do(killed)
    assert books.steps() == 0  # it is still the killed one's
    books.office.clock.advance(reconcile.LEASE.total_seconds())
    books.steps()
    assert len(books.all_of(Ticket)) == len(books.all_of(Work)) == 1
    assert books.result().done_at


def test_a_call_that_the_carrier_does_not_know_is_told(books: Books):
    call = books.rings()
    for sid in (call.sid, call.children[0].sid):
        del books.rest.account.calls[sid]
    assert set(found(books.compare())) == {("unknown there", call.sid), ("unknown there", call.children[0].sid)}


@pytest.mark.parametrize(("longer", "findings"), [(2, 0), (4, 1)])
def test_lengths_may_differ_by_two_seconds(books: Books, longer: int, findings: int):
    call = books.rings()
    entry = books.rest.account.calls[call.children[0].sid]
    entry.end_time += timedelta(seconds=longer)
    result = books.compare()
    assert len(result.findings) == findings
    assert day(result, "2026-11-22")["findings"] == findings


def test_a_leg_of_no_call_that_anybody_knows_is_told(books: Books):
    orphan = books.has("2026-11-14 03:00", 60, LINE, THANDI, "outbound-dial")
    result = books.compare()
    assert found(result) == [("no parent", orphan.sid)]
    assert books.all_of(Ticket) == []


def test_a_price_may_come_later(books: Books):
    call = books.rings()
    for sid in (call.sid, call.children[0].sid):
        books.rest.account.calls[sid].price = None
    result = books.compare()
    assert day(result, "2026-11-22")["unpriced"] == 2
    assert set(found(result)) == {("no price", call.sid), ("no price", call.children[0].sid)}
    for sid in (call.sid, call.children[0].sid):
        books.rest.account.calls[sid].price = "-0.01"
    books.office.clock.advance(86400)
    result = books.compare()
    sunday = day(result, "2026-11-22")
    assert (found(result), sunday["unpriced"], sunday["micros"]) == ([], 0, 20_000)


def test_a_price_that_became_another_is_told_with_what_it_was(books: Books):
    call = books.rings()
    books.compare()
    books.rest.account.calls[call.sid].price = "-0.02"
    books.office.clock.advance(86400)
    (one,) = books.compare().findings
    assert (one["kind"], one["sid"], one["first_cost"], one["cost"]) == ("another price", call.sid, 8_500, 20_000)
    books.office.clock.advance(86400)
    assert found(books.compare()) == [("another price", call.sid)], "it stays told"


def test_a_price_in_other_money_is_told_and_not_added_up(books: Books, shut: Flask):
    call = books.rings()
    entry = books.rest.account.calls[call.sid]
    entry.price, entry.price_unit = "-0.15", "ZAR"
    result = books.compare()
    sunday = day(result, "2026-11-22")
    assert (found(result), sunday["micros"], sunday["foreign"]) == ([("other money", call.sid)], 8_500, 1)
    page = browser_of(shut, "bongani").get("/billing/reconciliation?month=2026-11").text
    assert "its price is in other money" in page
    assert "0.1500 ZAR" in page


def test_what_one_side_lacks_stands_before_what_only_costs_something_else(books: Books):
    books.has("2026-11-14 03:00", 60).price = None
    lost = books.has("2026-11-15 03:00", 60)
    assert [kind for kind, _ in found(books.compare())] == ["missing here", "missing here", "no price"]
    assert lost.sid in {sid for _, sid in found(books.result())}


@pytest.mark.parametrize("price", ["free", "", "NaN", "-1e99", "-Infinity", "-0,0085"])
def test_an_odd_price_is_none_and_holds_up_nothing(books: Books, price: str):
    call = books.rings()
    books.rest.account.calls[call.sid].price = price
    result = books.compare()
    assert (result.failed, found(result)) == (None, [("no price", call.sid)])
    assert day(result, "2026-11-22")["micros"] == 8_500


@pytest.mark.parametrize("length", ["eleven minutes", "1e3", "-660", "9" * 20, "6.6e2"])
def test_an_odd_length_is_the_time_from_its_start_to_its_end(
    books: Books, monkeypatch: pytest.MonkeyPatch, length: str
):
    lost = books.has("2026-11-14 03:00", 660)
    monkeypatch.setattr(lost, "duration", lambda: length)
    books.compare()
    (entry,) = books.all_of(CarrierCall)
    assert (entry.sid, entry.seconds) == (lost.sid, 660)


def test_a_list_that_shifts_between_its_pages_has_a_call_twice_and_we_once(books: Books):
    lost = books.has("2026-11-14 03:00", 700)
    books.rest.account.calls["and once more"] = lost
    result = books.compare()
    assert found(result) == [("missing here", lost.sid)]
    assert day(result, "2026-11-14")["carrier"] == len(books.all_of(Ticket)) == len(books.all_of(Work)) == 1


def test_a_call_of_two_days_on_the_carrier_s_clock_is_counted_once(books: Books):
    """Asked for a day it may well list the calls of the days beside it."""
    late = books.has("2026-11-15 01:59", 300)  # ends after midnight in UTC
    result = books.compare()
    assert found(result) == [("missing here", late.sid)]
    assert [day(result, name)["carrier"] for name in ("2026-11-14", "2026-11-15", "2026-11-16")] == [0, 1, 0]


def test_a_list_that_breaks_off_in_the_middle_is_read_again_from_its_beginning(
    books: Books, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(carrier, "PAGE", 2)
    for _ in range(5):
        books.has("2026-11-14 03:00", 60)
    books.office.clock.until(at("2026-12-03 09:00"))
    books.ask()
    books.steps(15)  # up to the day itself
    books.rest.faults.next(None)
    books.rest.faults.next(None, Fault.UNAVAILABLE)
    assert books.steps() == 0
    assert books.all_of(CarrierCall) == [], "half a day is not stored"
    books.office.clock.advance(reconcile.AGAIN.total_seconds())
    books.steps()
    assert len(books.all_of(CarrierCall)) == len(books.all_of(Ticket)) == 5


def test_it_asks_as_often_of_many_calls_as_of_few(books: Books):
    def asked() -> int:
        queries = []
        event.listen(books.office.database.engine, "before_cursor_execute", listener := lambda *_: queries.append(1))
        with books.office.database.reading() as session:
            discrepancies.compare(session, NOVEMBER, books.office.now)
            unrecorded.without_work(session, NOVEMBER.span, books.office.now)
        event.remove(books.office.database.engine, "before_cursor_execute", listener)
        return len(queries)

    def calls(number: int) -> None:
        sids = [books.rings().sid for _ in range(number)]
        for sid in sids[::2]:
            del books.rest.account.calls[sid]  # of which the carrier knows a leg
        for _ in range(number):
            books.has("2026-11-14 03:00", 60, LINE, THANDI, "outbound-dial", "CA" + "0" * 32)
            books.has("2026-11-14 03:00", 60, LINE, THANDI, "outbound-api")

    calls(2)
    books.compare()
    few = asked()
    calls(6)
    books.office.clock.advance(86400)
    books.compare()
    assert asked() == few


def test_a_long_list_comes_in_pages(books: Books, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(carrier, "PAGE", 2)
    sids = [books.has("2026-11-14 03:00", 60, LINE, THANDI, "outbound-dial").sid for _ in range(5)]
    assert {sid for _, sid in found(books.compare())} == set(sids)
    assert day(books.result(), "2026-11-14")["carrier"] == 5


def test_a_month_is_that_of_our_clocks_and_not_of_greenwich(books: Books):
    first = books.has("2026-11-01 00:30")
    books.has("2026-10-31 23:30")
    last = books.has("2026-11-30 23:30")
    books.has("2026-12-01 00:30")
    result = books.compare()
    assert [sid for _, sid in found(result)] == [first.sid, last.sid]
    assert [day(result, name)["carrier"] for name in ("2026-11-01", "2026-11-30")] == [1, 1]
    assert len(books.all_of(Ticket)) == len(books.all_of(Work)) == 2


def test_a_carrier_that_does_not_answer_is_asked_again_and_the_page_says_why(books: Books):
    books.has("2026-11-14 03:00", 60)
    books.office.clock.until(at("2026-12-03 09:00"))
    books.ask()
    books.rest.faults.next(None, Fault.UNAVAILABLE)
    assert books.steps() == 1
    assert books.result().failed
    assert books.steps() == 0
    books.office.clock.advance(reconcile.AGAIN.total_seconds())
    books.steps()
    result = books.result()
    assert (result.failed, len(result.findings)) == (None, 1)


def test_whoever_was_turned_away_and_whoever_rang_another_number_is_no_call_of_ours(books: Books):
    books.office.do(lambda session: session.add(BlockedNumber(number=ROBOT, reason="sales")))
    books.has("2026-11-14 03:00", 0, ROBOT)
    books.has("2026-11-14 03:00", 60, KAROO, "+27878099999")
    books.compare()
    assert books.all_of(Ticket) == []
    assert [one.to for one in books.rest.account.calls.values() if one.sid in _kept(books)] == [LINE]


def _kept(books: Books) -> set[str]:
    return {one.sid for one in books.all_of(CarrierCall)}


def test_a_call_of_this_hour_may_yet_be_told_of(books: Books):
    books.has("2026-11-22 01:30", 60)
    books.ask()
    books.steps()
    assert books.all_of(Ticket) == []


def test_a_call_that_we_placed_counts_if_somebody_was_joined_in_it(books: Books):
    rung = books.has("2026-11-14 03:00", 20, LINE, LERATO, "outbound-api")
    joined = books.has("2026-11-15 03:00", 300, LINE, THANDI, "outbound-api")
    books.has("2026-11-15 03:01", 240, LINE, KAROO, "outbound-dial", joined.sid)
    result = books.compare()
    (work,) = books.all_of(Work)
    assert {sid for _, sid in found(result)} == {rung.sid, joined.sid}
    assert work.source == f"carrier {joined.sid}"
    assert work.staff_id == next(one.id for one in books.all_of(Staff) if one.key == "thandi")


def test_a_month_is_reconciled_only_once_it_is_over(books: Books):
    books.ask()
    books.steps()
    with books.office.database.reading() as session:
        assert reconciliation.of(session, NOVEMBER).done_at is not None
        assert reconciled(session, NOVEMBER) is None
    result = books.compare()
    with books.office.database.reading() as session:
        assert reconciled(session, NOVEMBER) == result.done_at


def test_asked_again_meanwhile_it_goes_on_and_does_not_begin_anew(books: Books):
    books.office.clock.until(at("2026-12-03 09:00"))
    books.ask()
    books.steps(3)
    before = books.result().next_day
    books.ask()
    assert books.result().next_day == before


def test_a_month_that_has_not_begun_is_refused(books: Books):
    with pytest.raises(reconcile.OutOfReach, match="2027-01 has not begun"):
        books.office.do(
            lambda session: reconcile.ask(
                session, Month.named("2027-01", NOVEMBER.zone), session.scalars(select(Staff)).first(), books.office.now
            )
        )


def test_a_month_of_which_our_calls_may_be_gone_is_refused(books: Books):
    books.office.clock.until(at("2027-11-02 00:00"))
    with pytest.raises(reconcile.OutOfReach, match="more than a year ago"):
        books.ask()


def test_what_was_rung_before_we_began_to_answer_is_told_and_no_ticket(books: Books):
    early = books.has("2026-11-14 03:00", 60)
    books.rings()
    result = books.compare()
    assert found(result) == [("missing here", early.sid)]
    assert [ticket.subject for ticket in books.all_of(Ticket)] == ["Call from Harbour Foods"]


def test_the_worker_does_it_step_by_step(books: Books):
    books.office.clock.until(at("2026-12-03 09:00"))
    books.ask()
    with books.office.app.app_context():
        assert tick()
    assert books.result().next_day == date(2026, 10, 31)


def told(books: Books, *arguments: str) -> str:
    result = books.office.app.test_cli_runner().invoke(args=["ivr", "reconcile", "--month", "2026-11", *arguments])
    return result.output.strip()


def test_a_terminal_has_it_done_and_says_how_it_stands(books: Books):
    lost = books.has("2026-11-14 03:00", 60)
    books.office.clock.until(at("2026-12-03 09:00"))
    assert told(books) == "2026-11: nobody has asked for it; say --by WHO."
    assert told(books, "--by", "nobody") == "Error: nobody is called 'nobody'"
    assert told(books, "--by", "bongani") == "2026-11: the worker has the carrier asked, for 2026-10-30."
    books.steps()
    assert told(books).splitlines() == [
        "2026-11: as of 2026-12-03 07:00 UTC 1 calls do not agree.",
        f"  2026-11-14T01:00:00+00:00 {lost.sid}: missing here",
    ]


def test_the_page_shows_what_does_not_agree_and_what_the_carrier_takes_beside_what_is_billed(books: Books, shut: Flask):
    lost = books.has("2026-11-14 03:00", 60)
    lost.price = "-0.0985"
    bongani = browser_of(shut, "bongani")
    assert "Nobody has asked the carrier" in bongani.get("/billing/reconciliation?month=2026-11").text
    assert post(bongani, "/billing/reconciliation", month="2026-11").status_code == 303
    assert "goes on" in bongani.get("/billing/reconciliation?month=2026-11").text
    books.compare()
    (ticket,) = books.all_of(Ticket)
    billing = Billing(shut.extensions["database"], books.office.clock, Random(7))
    billing.works("harbour Sat 14 Nov 10:00 for 20 min accepted")
    billing.charge()
    shown = browser_of(shut, "bongani").get("/billing/reconciliation?month=2026-11").text  # eleven days later
    assert "we have no record of it" in shown
    assert f'href="/tickets/{ticket.reference}"' in shown
    assert ">0.0985<" in shown
    assert ">R570.00<" in shown
    assert "Sat 14 Nov 03:00" in shown


def test_a_month_that_is_none_or_has_not_begun_is_refused_on_the_page(shut: Flask):
    naledi = browser_of(shut, "naledi")
    assert naledi.get("/billing/reconciliation?month=2026-13").status_code == 404
    answer = post(naledi, "/billing/reconciliation", month="2027-01")
    assert (answer.status_code, "2027-01 has not begun" in answer.text) == (422, True)
