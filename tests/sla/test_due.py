"""What each ticket needs by when: known to the worker within a tick, and what has come to pass stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from office import at
from sla import due, holidays
from sla.contract import Contract
from sla.due import Due
from sla.targets import Measure
from ticket_desk import TicketDesk
from tickets.people import Customer
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from office import Office

FIRST, NEXT, RESOLUTION = Measure
FRIDAY = "2026-11-27 16:30"


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    return TicketDesk(office)


def test_a_ticket_that_comes_in_is_due_within_a_tick_and_says_why(desk: TicketDesk):
    number = desk.opens(FRIDAY, "high")
    assert desk.row(number) == ("due", "2026-11-30 10:00")
    assert desk.trace(number)[-1] == "Aim: Monday 30 November 2026 at 09:00. Due on Monday 30 November 2026 at 10:00."
    assert desk.row(number, RESOLUTION) is None, "nothing is promised, so nothing is due"


def test_an_answer_meets_the_first_response_and_what_the_customer_says_later_is_owed_the_next(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    assert desk.row(number) == ("met", "2026-11-24 11:00")
    assert desk.row(number, NEXT) is None
    desk.does("2026-11-24 10:00", number, lambda ticket, _, now: ticket.hear("still broken", now))
    assert desk.row(number, NEXT) == ("due", "2026-11-24 12:00")


def test_a_note_to_colleagues_is_no_answer(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.note(thandi, now, "I will ring them"))
    assert desk.row(number) == ("due", "2026-11-24 13:00")


def test_whoever_has_a_ticket_has_not_answered_it_yet(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.acknowledge(thandi, now))
    assert desk.row(number) == ("due", "2026-11-24 13:00")


def test_waiting_for_the_customer_stops_the_resolution_and_never_a_response(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-26 17:00")
    desk.does("2026-11-24 10:00", number, lambda ticket, thandi, now: ticket.wait(thandi, now, "which till is it?"))
    assert desk.row(number, RESOLUTION) == ("paused", None)
    assert desk.row(number) == ("at_risk", "2026-11-24 11:00")
    desk.does("2026-11-24 12:00", number, lambda ticket, _, now: ticket.hear("the left one", now))
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-27 10:30"), "two open hours later"


def test_a_breach_is_noted_once_and_told_and_stays(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.at("2026-11-24 13:00")
    assert desk.row(number) == ("at_risk", "2026-11-24 13:00"), "at the due instant it is still in time"
    for when in ("2026-11-24 13:01", "2026-11-24 13:02", "2026-11-24 18:00"):
        desk.at(when)
    assert desk.row(number) == ("breached", "2026-11-24 13:00")
    assert desk.marks(number)[-1] == (FIRST, "breach", "2026-11-24 13:00")
    assert desk.told(number, "breach") == ["a first response was due on Tuesday 24 November 2026 at 13:00"]
    desk.does("2026-11-25 09:00", number, lambda ticket, _, now: ticket.resolve(now, "a new till"))
    assert desk.row(number) == ("breached", "2026-11-24 13:00"), "to resolve it does not wipe it out"
    assert len(desk.told(number, "breach")) == 1


def test_an_owner_can_be_warned_at_half_and_at_three_quarters_of_the_open_time(desk: TicketDesk):
    number = desk.opens(FRIDAY)
    desk.at("2026-11-30 08:30")
    assert desk.marks(number) == []
    desk.at("2026-11-30 10:00")
    assert desk.marks(number) == [(FIRST, "half", "2026-11-30 10:00")]
    desk.at("2026-11-30 11:05")
    assert desk.marks(number)[1:] == [(FIRST, "three_quarters", "2026-11-30 11:00")]


def test_nobody_is_warned_of_what_was_answered(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    desk.does("2026-11-24 16:00", number, lambda ticket, thandi, now: ticket.note(thandi, now, "a new till is coming"))
    assert desk.marks(number) == []


def test_a_worker_that_was_away_notes_all_that_came_to_pass(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.at("2026-11-26 09:00")
    assert desk.marks(number) == [(FIRST, "breach", "2026-11-24 13:00")]


def test_a_holiday_declared_today_moves_what_is_open_and_leaves_what_is_closed(desk: TicketDesk):
    still_open, closed = desk.opens(FRIDAY), desk.opens(FRIDAY)
    desk.does("2026-11-27 16:40", closed, lambda ticket, _, now: ticket.resolve(now, "done"))
    before = desk.trace(closed)
    day = date(2026, 11, 30)
    desk.office.do(lambda session: holidays.add(session, day, "Day of Mourning", "gazette", desk.office.now))
    desk.office.tick()
    assert desk.row(still_open) == ("due", "2026-12-01 12:00")
    assert "Monday 30 November: closed, Day of Mourning." in " ".join(desk.trace(still_open))
    assert desk.row(closed) == ("met", "2026-11-30 12:00")
    assert desk.trace(closed) == before


def test_a_breach_that_a_late_holiday_excuses_is_still_a_fact(desk: TicketDesk):
    number = desk.opens(FRIDAY)
    desk.at("2026-11-30 14:00")
    assert desk.row(number) == ("breached", "2026-11-30 12:00")
    desk.office.do(
        lambda session: holidays.add(session, date(2026, 11, 30), "Day of Mourning", "gazette", desk.office.now)
    )
    desk.office.tick()
    assert desk.row(number) == ("due", "2026-12-01 12:00")
    assert desk.marks(number)[-1] == (FIRST, "breach", "2026-11-30 12:00")


def test_only_the_customers_whose_contract_changes_are_judged_anew(desk: TicketDesk):
    harbour, karoo = desk.opens("2026-11-24 09:00"), desk.opens("2026-11-24 09:00", of="Karoo Clinic")
    seen = _judged_at(desk, harbour), _judged_at(desk, karoo)

    def publish(session: Session) -> None:
        of = session.scalars(select(Customer.id).where(Customer.name == "Harbour Foods")).one()
        old = session.scalars(select(Contract).where(Contract.customer_id == of)).one()
        targets = {"normal": {"first_response": "within 1 h"}}
        more = {"version": 2, "valid_from": date(2026, 11, 24), "name": "better cover", "targets": targets}
        session.add(Contract(customer_id=of, bands=old.bands, **more))

    desk.office.do(publish)
    desk.at("2026-11-24 09:05")
    assert desk.row(harbour) == ("due", "2026-11-24 10:00"), "a contract of that morning, put in late"
    assert desk.row(karoo) == ("due", "2026-11-24 13:00")
    assert (_judged_at(desk, harbour) > seen[0], _judged_at(desk, karoo)) == (True, seen[1])


def test_a_merged_ticket_keeps_its_earlier_deadline_on_the_one_that_goes_on(desk: TicketDesk):
    first, second = desk.opens("2026-11-24 09:00"), desk.opens("2026-11-24 10:00")
    desk.does(
        "2026-11-24 10:10", first, lambda ticket, thandi, now: ticket.merge_into(_other(ticket, second), now, "x")
    )
    assert desk.row(first) == ("withdrawn", "2026-11-24 13:00")
    assert desk.row(second) == ("due", "2026-11-24 13:00")


def test_who_only_asked_how_it_stands_is_owed_nothing_more(desk: TicketDesk):
    first, second = desk.opens("2026-11-24 09:00", "high"), desk.opens("2026-11-24 10:00")
    ask = "the caller asked about it"
    desk.does(
        "2026-11-24 10:10",
        first,
        lambda ticket, _, now: ticket.merge_into(_other(ticket, second), now, ask, owed=False),
    )
    assert desk.row(second) == ("due", "2026-11-24 14:00")


def test_a_customer_who_comes_back_opens_it_again(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    desk.does("2026-11-24 10:00", number, lambda ticket, _, now: ticket.resolve(now, "rebooted"))
    desk.does("2026-11-25 10:00", number, lambda ticket, _, now: ticket.hear("down again", now))
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-27 17:00"), "what passed while it was closed is not counted"


def test_one_ticket_that_cannot_be_judged_does_not_hold_up_the_others(
    desk: TicketDesk, caplog: pytest.LogCaptureFixture
):
    def garble(session: Session) -> None:
        ticket = open_ticket(session, dice=desk.dice, at=desk.office.now, subject="Odd")
        ticket.tell("priority", "normal to shocking", desk.office.now, was="normal", now="shocking")

    desk.office.do(garble)
    number = desk.opens("2026-11-24 09:00")
    odd = number - 1
    assert desk.row(odd) == ("faulty", None)
    assert "there is no priority 'shocking'" in desk.trace(odd)[0]
    assert desk.row(number) == ("due", "2026-11-24 13:00")
    assert f"ticket {odd} cannot be judged" in caplog.text
    caplog.clear()


def test_an_emergency_is_answered_when_the_engineer_presses_the_key(desk: TicketDesk, proved: Office):
    proved.clock.until(at("2026-11-29 02:00"))
    proved.network.in_order("accept")
    call = proved.network.ring("+27825550201", "+27878090263")
    call.press("2")
    proved.tick()
    (number,) = _numbers(desk)
    state, by = desk.row(number)
    assert (state, by[:13]) == ("met", "2026-11-29 03")
    call.hang_up()
    proved.tick()
    assert desk.row(number)[0] == "met"


def test_two_workers_at_once_note_a_breach_once(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.office.clock.until(at("2026-11-24 14:00"))
    books = desk.office.app.extensions["books"]
    with desk.office.database.reading() as session:
        book = books.current(session)
    for _ in range(2):  # both had found it stale before either wrote
        desk.office.do(lambda session: due.renew(session, book, [number], desk.office.now))
    assert [point for _, point, _ in desk.marks(number)].count("breach") == 1
    assert len(desk.told(number, "breach")) == 1


def _other(ticket: Ticket, number: int) -> Ticket:
    return ticket._session.get_one(Ticket, number)


def _judged_at(desk: TicketDesk, number: int) -> datetime:
    with desk.office.database.reading() as session:
        return session.scalars(select(Due.judged_at).where(Due.ticket_id == number, Due.measure == FIRST)).one()


def _numbers(desk: TicketDesk) -> list[int]:
    with desk.office.database.reading() as session:
        return list(session.scalars(select(Ticket.id)))


def test_a_change_that_makes_a_ticket_late_at_that_very_instant_is_a_breach_at_once(desk: TicketDesk):
    """Its contract promises the next response to high tickets alone, so nothing was owed until it became one."""
    number = desk.opens("2026-11-24 09:00", "emergency", "Karoo Clinic")
    desk.does("2026-11-24 09:05", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    desk.does("2026-11-24 09:10", number, lambda ticket, _, now: ticket.hear("still broken", now))
    assert desk.row(number, NEXT) is None
    high = Priority.HIGH
    desk.does("2026-11-24 12:00", number, lambda ticket, by, now: ticket.change_priority(high, by, now, "one till"))
    assert desk.row(number, NEXT) == ("breached", "2026-11-24 11:10")
    assert desk.marks(number) == [(NEXT, "breach", "2026-11-24 12:00")]
    desk.at("2026-11-24 12:30")
    assert desk.marks(number) == [(NEXT, "breach", "2026-11-24 12:00")]


def test_a_ticket_whose_opener_s_clock_is_ahead_of_the_worker_s_is_judged_all_the_same(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.office.do(lambda session: _opened_at(session, number, at("2026-11-24 09:00:02")))
    desk.office.tick()
    assert desk.row(number) == ("due", "2026-11-24 13:00")


def test_what_was_told_by_a_clock_that_is_ahead_starts_its_clock_too(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    ahead = timedelta(seconds=1)
    desk.does("2026-11-24 10:00", number, lambda ticket, _, now: ticket.hear("still broken", now + ahead))
    assert desk.row(number, NEXT) == ("due", "2026-11-24 12:00")


@pytest.mark.fails_on_purpose
def test_a_ticket_that_cannot_be_judged_is_not_tried_at_every_tick_because_terms_have_changed(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "emergency", "Karoo Clinic")
    desk.office.do(lambda session: holidays.add(session, date(2026, 12, 1), "Election day", "gazette", desk.office.now))
    books = desk.office.app.extensions["books"]
    with desk.office.database.reading() as session:
        book = books.current(session)
    desk.office.do(lambda session: _odd(session, number))
    with desk.office.database.writing() as session:
        due.renew(session, book, [number], desk.office.now)
    with desk.office.database.reading() as session:
        assert due.stale(session, book, desk.office.now) == []


def _opened_at(session: Session, number: int, when: datetime) -> None:
    ticket = session.get_one(Ticket, number)
    ticket.opened_at, ticket.judged = when, -1


def _odd(session: Session, number: int) -> None:
    ticket = session.get_one(Ticket, number)
    ticket.tell("agreed", "agreed with nobody knows whom", ticket.opened_at)


def test_a_clock_that_was_set_back_changes_no_order_of_what_a_ticket_went_through(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    ahead = timedelta(minutes=4)
    desk.does("2026-11-24 10:00", number, lambda ticket, thandi, now: ticket.resolve(now + ahead, "mended", thandi))
    desk.does("2026-11-24 10:01", number, lambda ticket, thandi, now: ticket.reopen(now, "it is not", thandi))
    desk.does("2026-11-24 10:05", number, lambda ticket, _, now: ticket.hear("still broken", now))
    assert desk.row(number, NEXT) == ("due", "2026-11-24 12:05")
