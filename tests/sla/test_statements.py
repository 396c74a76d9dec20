"""A month of charge lines: charged as facts come in, closed by billing staff, corrected in the next month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from billed import Billing, wall
from desk.audit import Entry
from sla.billing import charger, charging, closing, planning, recharging, reviewing, statement, statements
from sla.billing.charge_line import Account, ChargeLine
from sla.billing.closing import NotYet
from sla.billing.statement import Statement
from sla.billing.statements import Place, Wanted
from sla.contract import Contract
from sla.hours import BusinessHours
from sla.money.rates import RateCard
from sla.money.rule import Rule
from sla.overtime import Band, Cover, State
from sla.reconciliation import Reconciliation
from sla.worklog import Work
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from desk.db import Database
    from simulator.clock import Clock

NIGHT = "harbour Sun 22 Nov 02:00 for 11 min accepted"
NIGHT_LINE = "Sun 22 Nov 02:00 harbour billable 30 min R760.00"
HALLOWEEN = "harbour Sat 31 Oct 10:00 for 20 min accepted"


@pytest.fixture
def billing(database: Database, clock: Clock) -> Billing:
    return Billing(database, clock, Random(7))


# Charging


def test_work_becomes_a_line_by_its_contract(billing: Billing):
    billing.works(NIGHT, "karoo Sun 22 Nov 03:00 for 10 min", "harbour Tue 24 Nov 10:00 for 10 min")
    assert billing.lines() == [
        NIGHT_LINE,
        "Sun 22 Nov 03:00 karoo included 0 min R0.00",
        "Tue 24 Nov 10:00 harbour none 0 min R0.00",
    ]


def test_a_line_tells_everything_that_it_came_from(billing: Billing):
    (source,) = billing.works(NIGHT)
    billing.charge()
    line = billing.line(source)
    assert (line.customer, line.contract, line.contract_version) == ("Harbour Foods", "office-hours cover", 1)
    assert (line.sunday_seconds, line.rate, line.consent) == (660, "1520.00", "pressed 1 at 02:00:41")
    assert (line.engineers, line.versions.keys()) == (["Thandi Nkosi"], {"set_up", "holidays"})
    assert "11 min count as 30 min by the minimum of 30 min" in line.explanation


def test_better_evidence_charges_the_line_anew(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    assert billing.lines() == [NIGHT_LINE]
    with database.writing() as session:
        session.scalars(select(Work).where(Work.source == source)).one().ends = wall("Sun 22 Nov", "02:40")
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour billable 45 min R1 140.00"]


def test_whoever_is_not_known_is_to_check_until_somebody_names_them(billing: Billing, database: Database):
    (source,) = billing.works("nobody Sun 22 Nov 02:00 for 11 min accepted")
    assert billing.lines() == ["Sun 22 Nov 02:00 nobody to check 0 min R0.00"]
    with database.writing() as session:
        harbour = session.scalars(select(Customer).where(Customer.code == "harbour")).one()
        line = session.scalars(select(ChargeLine).where(ChargeLine.source == source)).one()
        reviewing.name(session, line, harbour, billing.who(), "Sipho rang from home", billing.clock())
    assert billing.lines() == [NIGHT_LINE]


def test_a_new_contract_charges_the_days_from_which_it_holds(billing: Billing):
    billing.works(NIGHT, "harbour Sun 8 Nov 02:00 for 11 min accepted")
    billing.charge()
    billing.agree("harbour", date(2026, 11, 15), card={"rate": "1000.00", "increment": "15 min"})
    assert billing.lines() == [
        "Sun 08 Nov 02:00 harbour billable 30 min R760.00",
        "Sun 22 Nov 02:00 harbour billable 30 min R1 000.00",
    ]


def test_a_late_holiday_charges_an_open_month_anew(billing: Billing):
    billing.works("harbour Tue 24 Nov 10:00 for 30 min accepted")
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour none 0 min R0.00"]
    billing.holiday(date(2026, 11, 24))
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour billable 30 min R760.00"]


def test_charging_twice_changes_nothing(billing: Billing, database: Database):
    billing.works(NIGHT, HALLOWEEN)
    billing.charge()
    with database.writing() as session:
        session.execute(update(Account).values(wanted=Account.wanted + 1))
    with database.reading() as session:
        assert not any(
            planning.planned(session, one, billing.clock()).differs for one in session.scalars(select(Account.id))
        )


def test_what_is_marked_while_it_is_charged_is_charged_again(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    with database.reading() as session:
        number = next(one for one in charging.stale(session) if session.get_one(Account, one).month == "2026-11")
        plan = planning.planned(session, number, billing.clock())
    with database.writing() as session:
        session.scalars(select(Work).where(Work.source == source)).one().consent = None
    assert not any(database.write(write) for write in charging._chunks(plan, billing.clock()))
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour to check 0 min R0.00"]


def test_a_call_over_the_end_of_a_month_is_in_the_month_in_which_it_began(billing: Billing):
    billing.works(
        "mill-lane Sat 31 Oct 23:50 for 5 min accepted ticket 1",
        "mill-lane Sun 1 Nov 00:05 for 10 min accepted ticket 1",
    )
    # Saturday 5 min at 1275 = 106.25; Sunday has more, so what the minimum adds is its: 10 + 15 min at 1700 = 708.33
    assert billing.lines("2026-10") == ["Sat 31 Oct 23:50 mill-lane billable 30 min R814.58"]
    assert billing.lines("2026-11") == []


def test_calls_that_merge_day_after_day_are_one_line_however_far_back_it_began(billing: Billing):
    billing.agree("harbour", date(2026, 9, 1), card={"rate": "760.00", "merge": "24 h", "increment": "15 min"})
    days = ["Wed 28 Oct", "Thu 29 Oct", "Fri 30 Oct", "Sat 31 Oct", "Sun 1 Nov", "Mon 2 Nov", "Tue 3 Nov"]
    billing.works(*(f"harbour {day} 20:00 for 10 min accepted ticket 1" for day in days))
    (line,) = billing.lines("2026-10")
    assert line.startswith("Wed 28 Oct 20:00 harbour billable 75 min")
    assert billing.lines("2026-11") == []
    for day in range(4, 22):
        billing.works(f"harbour {date(2026, 11, day):%a} {day} Nov 20:00 for 10 min accepted ticket 1")
        billing.charge()  # each day, as it is: of the last calls none began near the month of their line
    (line,) = billing.lines("2026-10")
    assert line.startswith("Wed 28 Oct 20:00 harbour billable 255 min")
    assert billing.lines("2026-11") == []
    assert recomputed_alarms(billing) == 0


def recomputed_alarms(billing: Billing) -> int:
    """How many customers' months the daily look finds to be other than they should be."""
    with billing.database.reading() as session:
        numbers = session.scalars(select(Account.id)).all()
        return sum(planning.planned(session, number, billing.clock()).differs for number in numbers)


def test_a_merge_window_of_more_than_a_day_is_refused():
    """By it is reckoned how far back charging a month has to look (charger.BEFORE)."""
    bands = {band: Rule(Cover.BILLABLE) for band in Band}
    with pytest.raises(ValueError, match="a merge window lasts from nothing to 24 hours"):
        RateCard("long", 1, bands, merge=charger.BEFORE / 2 + timedelta(minutes=1))


def moved(billing: Billing, source: str, minutes: int) -> None:
    """Better evidence: it began and ended at other times."""
    with billing.database.writing() as session:
        work = session.scalars(select(Work).where(Work.source == source)).one()
        work.starts, work.ends = (at + timedelta(minutes=minutes) for at in (work.starts, work.ends))


@pytest.mark.parametrize(("began", "moves"), [("Sun 1 Nov 00:01", -2), ("Sat 31 Oct 23:59", 2)])
def test_work_that_began_in_another_month_after_all_is_billed_there_alone(billing: Billing, began: str, moves: int):
    (source,) = billing.works(f"harbour {began} for 30 min accepted")
    billing.charge()
    moved(billing, source, moves)
    billing.charge()
    assert [one.of_month for one in all_lines(billing)] == ["2026-10" if moves < 0 else "2026-11"]


def test_work_that_was_billed_in_the_month_before_is_credited_and_billed_where_it_began(billing: Billing):
    (source,) = billing.works("harbour Sat 31 Oct 23:59 for 30 min accepted")
    billing.close("2026-10")
    moved(billing, source, 2)
    assert billing.lines("2026-11") == [
        "Sat 31 Oct 23:59 harbour none -30 min -R753.67 of 2026-10",
        "Sun 01 Nov 00:01 harbour billable 30 min R760.00",
    ]
    billing.close("2026-11")
    moved(billing, source, -2)  # and back again, with both months closed
    assert billing.lines("2026-12") == [
        "Sat 31 Oct 23:59 harbour billable 30 min R753.67 of 2026-10",
        "Sun 01 Nov 00:01 harbour none -30 min -R760.00 of 2026-11",
    ]


@pytest.mark.fails_on_purpose
def test_what_cannot_be_charged_of_one_customer_holds_up_nobody_else(
    billing: Billing, database: Database, caplog: pytest.LogCaptureFixture
):
    billing.works("mill-lane Sun 22 Nov 01:00 for 20 min accepted", NIGHT)
    with database.writing() as session:
        mill_lane = session.scalars(select(Customer.id).where(Customer.code == "mill-lane")).one()
        theirs = update(Contract).where(Contract.customer_id == mill_lane)
        session.execute(theirs.values(card={"rate": "none that anybody can read"}))
    assert billing.lines() == [NIGHT_LINE]
    assert "could not be charged" in caplog.text
    with pytest.raises(NotYet, match="everything is charged"):
        billing.close("2026-11")


def test_the_database_lets_no_work_be_billed_twice(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    billing.charge()
    again = {column.key: getattr(billing.line(source), column.key) for column in ChargeLine.__table__.columns}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(ChargeLine(**{**again, "id": None, "month": "2026-12"}))


# Review


def decide(billing: Billing, source: str, state: State | None, minutes: int | None, why: str = "as agreed") -> None:
    with billing.database.writing() as session:
        line = session.scalars(select(ChargeLine).where(ChargeLine.source == source)).first()
        assert line
        seconds = None if minutes is None else minutes * 60
        reviewing.decide(session, line, billing.who(), why, billing.clock(), state, seconds)


def test_minutes_that_billing_staff_change_are_billed_at_the_rate_of_the_line(billing: Billing):
    (source,) = billing.works(NIGHT)
    billing.charge()
    decide(billing, source, None, 15)
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour billable 15 min R380.00"]
    line = billing.line(source)
    assert line.changed == "Bongani Zulu: as agreed"
    assert "30 min become 15 min, R760.00 become R380.00, because as agreed" in line.explanation


def test_a_decision_outlives_what_is_charged_anew(billing: Billing):
    (source,) = billing.works("harbour Tue 24 Nov 20:00 for 30 min")
    billing.charge()
    decide(billing, source, State.INCLUDED, None)
    billing.holiday(date(2026, 11, 24))
    assert billing.lines() == ["Tue 24 Nov 20:00 harbour included 0 min R0.00"]


def test_a_decision_about_other_work_than_there_is_opens_the_line_again(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    billing.charge()
    decide(billing, source, State.INCLUDED, None)
    with database.writing() as session:
        session.scalars(select(Work).where(Work.source == source)).one().ends = wall("Sun 22 Nov", "03:00")
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour to check 0 min R0.00"]
    assert "decided about 11 min of work, and it is 1 h now" in billing.line(source).explanation


def test_a_decision_about_a_call_that_goes_on_with_an_earlier_one_now_opens_it_again(billing: Billing):
    (source,) = billing.works("mill-lane Sun 22 Nov 02:00 for 20 min accepted ticket 1")
    billing.charge()
    decide(billing, source, State.INCLUDED, None)
    billing.works("mill-lane Sun 22 Nov 01:45 for 10 min accepted ticket 1")
    assert billing.lines() == ["Sun 22 Nov 01:45 mill-lane to check 0 min R0.00"]


@pytest.mark.parametrize("between", [False, True])
def test_a_decision_is_about_the_work_as_it_is_when_it_is_written(billing: Billing, database: Database, between: bool):
    (source,) = billing.works(NIGHT)
    billing.charge()
    with database.reading() as session:
        looked = reviewing.look(session, billing.line(source))
    if between:
        with database.writing() as session:
            session.scalars(select(Work).where(Work.source == source)).one().ends = wall("Sun 22 Nov", "02:30")
    read: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: read.append(said[2]))
    with database.writing() as session:
        row = reviewing.decide(
            session, billing.line(source), billing.who(), "agreed", billing.clock(), None, 900, looked
        )
    # While callers wait for the database a customer's month is charged only if what was looked at has changed.
    charged = any("FROM work" in statement for statement in read)
    assert (row.worked, charged) == ((1800, True) if between else (660, False))


def test_nothing_is_decided_without_a_reason_or_a_price(billing: Billing):
    (source,) = billing.works("nobody Sun 22 Nov 02:00 for 11 min accepted")
    billing.charge()
    for state, minutes, why, refusal in (
        (State.INCLUDED, None, " ", "a change needs a reason"),
        (State.BILLABLE, None, "they pay", "no contract says what this costs"),
        (State.INCLUDED, 15, "they pay", "only what is billable has billed minutes"),
        (None, None, "they pay", "say another state"),
    ):
        with pytest.raises(ValueError, match=refusal):
            decide(billing, source, state, minutes, why)


# Closing


def test_a_closed_month_stays_as_it_is_and_later_facts_are_corrected_in_the_next(billing: Billing):
    billing.works("harbour Fri 30 Oct 10:00 for 30 min accepted", HALLOWEEN)
    billing.close("2026-10")
    before = billing.lines("2026-10")
    billing.holiday(date(2026, 10, 30), "Victory")
    assert billing.lines("2026-10") == before == [
        "Fri 30 Oct 10:00 harbour none 0 min R0.00",
        "Sat 31 Oct 10:00 harbour billable 30 min R570.00",
    ]  # fmt: skip
    assert billing.lines("2026-11") == ["Fri 30 Oct 10:00 harbour billable 30 min R760.00 of 2026-10"]
    billing.charge()
    (line,) = (one for one in all_lines(billing) if one.corrects)
    assert "because Friday 30 October 2026 is a public holiday (Victory)" in line.explanation


def test_a_correction_tells_what_has_changed_that_line_and_nothing_else(billing: Billing):
    (early, _, late) = billing.works(
        "harbour Fri 2 Oct 20:00 for 30 min accepted", HALLOWEEN, "harbour Fri 30 Oct 10:00 for 30 min accepted"
    )
    billing.close("2026-10")
    billing.holiday(date(2026, 10, 30), "Victory")
    decide(billing, early, State.INCLUDED, None, "our own fault")
    billing.charge()
    told = {line.corrects: line.explanation.partition(": ")[0] for line in all_lines(billing) if line.corrects}
    assert told.keys() == {early, late}
    assert told[early].endswith("because Bongani Zulu decided")
    assert told[late].endswith("because Friday 30 October 2026 is a public holiday (Victory)")


def all_lines(billing: Billing) -> list[ChargeLine]:
    with billing.database.reading() as session:
        return list(session.scalars(select(ChargeLine).order_by(ChargeLine.id)))


def test_a_correction_that_is_not_true_any_more_goes_again(billing: Billing):
    (source,) = billing.works(HALLOWEEN)
    billing.close("2026-10")
    decide(billing, source, None, 60)
    assert billing.lines("2026-11") == ["Sat 31 Oct 10:00 harbour billable 30 min R570.00 of 2026-10"]
    decide(billing, source, None, 30)
    assert billing.lines("2026-11") == []


def test_a_closed_correction_is_corrected_from_there_and_the_sum_is_the_truth(billing: Billing):
    (source,) = billing.works(HALLOWEEN)
    billing.close("2026-10")
    decide(billing, source, None, 60)
    billing.close("2026-11")
    decide(billing, source, None, 15)
    assert billing.lines("2026-12") == ["Sat 31 Oct 10:00 harbour billable -45 min -R855.00 of 2026-10"]
    assert sum(one.amount_cents for one in all_lines(billing)) == 28500


def test_work_that_comes_in_late_is_billed_in_the_open_month(billing: Billing):
    billing.works(HALLOWEEN)
    billing.close("2026-10")
    billing.works("harbour Thu 29 Oct 20:00 for 30 min accepted")
    assert billing.lines("2026-11") == ["Thu 29 Oct 20:00 harbour billable 30 min R570.00 of 2026-10"]


def test_hours_that_the_office_keeps_later_change_no_closed_month(billing: Billing, database: Database):
    billing.works("harbour Fri 30 Oct 17:30 for 30 min accepted", "harbour Tue 24 Nov 17:30 for 30 min accepted")
    billing.close("2026-10")
    with database.writing() as session:
        session.scalars(select(BusinessHours)).one().week = [[day, 480, 1080] for day in range(5)]
        session.execute(update(Account).values(wanted=Account.wanted + 1))
    assert billing.lines("2026-10") == ["Fri 30 Oct 17:30 harbour billable 30 min R570.00"]
    assert billing.lines("2026-11") == ["Tue 24 Nov 17:30 harbour none 0 min R0.00"]


@pytest.mark.parametrize(
    ("works", "month", "why"),
    [
        ((HALLOWEEN,), "2026-11", "the month is over"),
        (("harbour Tue 29 Sep 20:00 for 30 min accepted", HALLOWEEN), "2026-10", "all months before it are closed"),
        (("nobody Sat 31 Oct 10:00 for 20 min",), "2026-10", "nothing is left to check"),
    ],
)
def test_a_month_is_not_closed_over_what_is_open(billing: Billing, works: tuple[str, ...], month: str, why: str):
    billing.works(*works)
    billing.charge()
    with pytest.raises(NotYet, match=why), billing.database.writing() as session:
        closing.close(session, billing.month(month), "Protea IT", billing.who(), billing.clock(), "not compared")


def test_a_month_is_not_closed_before_everything_is_charged_and_compared(billing: Billing):
    billing.works(HALLOWEEN)
    with pytest.raises(NotYet, match="everything is charged"), billing.database.writing() as session:
        closing.close(session, billing.month("2026-10"), "Protea IT", billing.who(), billing.clock(), "not compared")
    billing.charge()
    with pytest.raises(NotYet, match="compared with the carrier"), billing.database.writing() as session:
        closing.close(session, billing.month("2026-10"), "Protea IT", billing.who(), billing.clock())
    with billing.database.writing() as session:
        asked = {"asked_at": billing.clock(), "asked_by": 1, "done_at": billing.clock(), "days": [], "findings": []}
        session.add(Reconciliation(month="2026-10", **asked))
        session.flush()
        row = closing.close(session, billing.month("2026-10"), "Protea IT", billing.who(), billing.clock())
    assert row.totals == {"lines": 1, "billed_seconds": 1800, "amount": "570.00"}


def test_calls_on_tickets_that_are_merged_count_as_calls_on_one(billing: Billing):
    """Whoever rings twice is billed the minimum once, also if nobody saw at first that it was about the same."""
    billing.works(
        "mill-lane Sun 22 Nov 02:00 for 5 min accepted ticket 1",
        "mill-lane Sun 22 Nov 02:10 for 5 min accepted ticket 2",
    )
    apart = billing.lines()
    assert len(apart) == 2
    with billing.database.writing() as session:
        first, second = session.scalars(select(Ticket).where(Ticket.subject.like("story%")).order_by(Ticket.id))
        second.merge_into(first, billing.clock(), "the same till")
    assert billing.lines() == apart[:1]


def test_opening_a_month_again_takes_two_people(billing: Billing):
    (source,) = billing.works(HALLOWEEN)
    billing.close("2026-10")
    decide(billing, source, None, 60)
    billing.charge()
    with billing.database.writing() as session:
        month, bongani = billing.month("2026-10"), billing.who()
        row = closing.ask_to_reopen(session, month, bongani, "a contract was missing", billing.clock())
    with pytest.raises(NotYet, match="a second person has to agree"), billing.database.writing() as session:
        closing.decide(session, session.merge(row), billing.who(), billing.clock(), agreed=True)
    with billing.database.writing() as session:
        closing.decide(session, session.merge(row), billing.who("naledi"), billing.clock(), agreed=True)
    assert billing.lines("2026-10") == ["Sat 31 Oct 10:00 harbour billable 60 min R1 140.00"]
    assert billing.lines("2026-11") == []
    with billing.database.reading() as session:
        told = session.scalars(select(Entry.what).order_by(Entry.id)).all()
        assert told[-4:] == ["month closed", "charge line decided", "reopening asked", "month reopened"]


def test_a_month_that_is_opened_again_keeps_the_hours_that_it_was_closed_with(billing: Billing, database: Database):
    billing.works("harbour Fri 30 Oct 17:30 for 30 min accepted")
    billing.close("2026-10")
    with database.writing() as session:
        session.scalars(select(BusinessHours)).one().week = [[day, 480, 1080] for day in range(5)]
        row = closing.ask_to_reopen(session, billing.month("2026-10"), billing.who(), "a mistake", billing.clock())
        closing.decide(session, row, billing.who("naledi"), billing.clock(), agreed=True)
    assert billing.lines("2026-10") == ["Fri 30 Oct 17:30 harbour billable 30 min R570.00"]


def open_again(billing: Billing, month: str) -> None:
    with billing.database.writing() as session:
        row = closing.ask_to_reopen(session, billing.month(month), billing.who(), "a mistake", billing.clock())
        closing.decide(session, row, billing.who("naledi"), billing.clock(), agreed=True)


def test_a_line_that_was_corrected_in_two_months_is_corrected_in_the_one_that_is_opened_again(billing: Billing):
    (source,) = billing.works("harbour Tue 29 Sep 20:00 for 30 min accepted")
    billing.close("2026-09")
    decide(billing, source, None, 60)
    billing.close("2026-10")
    decide(billing, source, None, 15)
    assert billing.lines("2026-11") == ["Tue 29 Sep 20:00 harbour billable -45 min -R855.00 of 2026-09"]
    open_again(billing, "2026-10")
    assert billing.lines("2026-10") == ["Tue 29 Sep 20:00 harbour billable -15 min -R285.00 of 2026-09"]
    assert billing.lines("2026-11") == []
    assert sum(one.amount_cents for one in all_lines(billing)) == 28500


def test_only_the_month_that_was_closed_last_is_opened_again(billing: Billing):
    billing.works(HALLOWEEN, NIGHT)
    billing.close("2026-10"), billing.close("2026-11")
    with pytest.raises(NotYet, match="not the month that was closed last"), billing.database.writing() as session:
        closing.ask_to_reopen(session, billing.month("2026-10"), billing.who(), "why not", billing.clock())


# Every day


@pytest.mark.fails_on_purpose
def test_a_line_that_is_not_what_it_should_be_is_put_right_and_told(
    billing: Billing, database: Database, caplog: pytest.LogCaptureFixture
):
    billing.works(NIGHT, HALLOWEEN)
    billing.charge()
    for sabotaged in (0, 1):
        with database.writing() as session:
            session.execute(update(ChargeLine).where(ChargeLine.month == "2026-11").values(amount_cents=1))
            session.execute(update(ChargeLine).values(versions={}))  # another version of the set-up is no difference
        with database.reading() as session:
            put_right = recharging.recompute(session, billing.clock())
        database.write(lambda session, job=put_right: job(session, billing.clock()))
        assert len(caplog.records) == sabotaged + 1
        assert billing.lines() == [NIGHT_LINE]


def test_in_a_day_every_line_has_had_its_turn(billing: Billing, database: Database, clock: Clock):
    billing.works(NIGHT, "karoo Sun 22 Nov 03:00 for 10 min", "mill-lane Sun 22 Nov 04:00 for 5 min accepted")
    billing.charge()
    with database.writing() as session:
        session.execute(update(ChargeLine).values(engineers=["Somebody else"]))
    for _ in range(24 * 12):
        clock.advance(300)
        with database.reading() as session:
            put_right = recharging.recompute_some(session, clock())
        database.write(lambda session, job=put_right: job(session, clock()))
    billing.charge()
    assert {name for line in all_lines(billing) for name in line.engineers} == {"Thandi Nkosi"}


def test_a_customer_of_another_name_is_no_alarm(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    billing.charge()
    with database.writing() as session:
        session.scalars(select(Customer).where(Customer.code == "harbour")).one().name = "Harbour Fisheries"
    with database.reading() as session:
        put_right = recharging.recompute(session, billing.clock())
    database.write(lambda session: put_right(session, billing.clock()))
    billing.charge()
    assert billing.line(source).customer == "Harbour Fisheries"


def test_the_purge_keeps_the_work_of_every_month_that_is_not_closed(billing: Billing, database: Database):
    now = wall("Mon 23 Nov")
    with database.reading() as session:
        assert statement.open_since(session, now) == datetime(2026, 9, 30, tzinfo=UTC)
    billing.works("harbour Thu 30 Apr 20:00 for 30 min accepted")
    billing.close("2026-04")
    with database.reading() as session:
        assert statement.open_since(session, now) == datetime(2026, 4, 30, tzinfo=UTC)
        assert statement.open_since(session, wall("Tue 23 Nov", year=2027)) == datetime(2026, 10, 31, tzinfo=UTC)


def test_a_file_of_a_closed_month_is_the_same_again_or_it_is_told(billing: Billing, database: Database):
    billing.works(HALLOWEEN)
    billing.charge()
    for sha in ("a1", "b2"):  # of an open month nothing is promised
        database.write(lambda session, sha=sha: closing.note_file(session, "2026-10", "overtime.csv", sha, rows=1))
    billing.close("2026-10")
    for _ in range(2):
        database.write(lambda session: closing.note_file(session, "2026-10", "overtime.csv", "b2", rows=1))
    with pytest.raises(closing.Differs, match="had the SHA-256 b2"), database.writing() as session:
        closing.note_file(session, "2026-10", "overtime.csv", "c3", rows=1)
    with database.reading() as session:
        (file,) = session.scalars(select(Statement.files).where(Statement.month == "2026-10")).one()
    assert file == {"name": "overtime.csv", "sha256": "b2", "rows": 1}


# The one query


def test_pages_of_rows_are_the_rows(billing: Billing, database: Database):
    billing.works(*(f"harbour Sun 22 Nov {hour:02}:00 for 5 min accepted" for hour in range(7)), NIGHT)
    billing.charge()
    query = statements.lines(Wanted("2026-11"))
    with database.reading() as session:
        whole = list(statements.rows(session, query, "Africa/Johannesburg"))
        found, place = [], None
        while page := list(statements.rows(session, query, "Africa/Johannesburg", place, limit=3)):
            found += page
            place = Place(page[-1].starts, page[-1].id)
    assert (found, len(whole)) == (whole, 8)


def test_a_month_of_more_rows_than_are_in_memory_is_read_to_its_end(billing: Billing, database: Database):
    (source,) = billing.works(NIGHT)
    billing.charge()
    one = {
        column.key: getattr(billing.line(source), column.key)
        for column in ChargeLine.__table__.columns
        if column.key != "id"
    }
    with database.writing() as session:
        session.execute(
            insert(ChargeLine), [{**one, "source": f"page {n}"} for n in range(5000, 5000 + 2 * statements.AT_ONCE)]
        )
    with database.reading() as session:
        found = list(statements.rows(session, statements.lines(Wanted("2026-11")), "Africa/Johannesburg"))
    assert len({row.source for row in found}) == 2 * statements.AT_ONCE + 1


def test_totals_are_of_what_is_filtered(billing: Billing, database: Database):
    billing.works(NIGHT, "nobody Sun 22 Nov 04:00 for 5 min", "karoo Sun 22 Nov 05:00 for 5 min")
    billing.charge()
    with database.reading() as session:
        total = statements.totals(session, Wanted("2026-11"))
        assert (total.lines, total.billed_seconds, str(total.amount), total.to_check) == (3, 1800, "760.00", 1)
        thandi = session.scalar(select(func.min(Work.staff_id)))
        for wanted, number in (
            (Wanted("2026-11", account=0), 1),
            (Wanted("2026-11", state=State.INCLUDED), 1),
            (Wanted("2026-11", staff_id=thandi), 3),
            (Wanted("2026-11", staff_id=99), 0),
            (Wanted("2026-10"), 0),
        ):
            assert statements.totals(session, wanted).lines == number, wanted


def test_a_statement_is_kept_by_month(billing: Billing, database: Database):
    billing.works(HALLOWEEN)
    billing.close("2026-10")
    with database.reading() as session:
        row = session.scalars(select(Statement).where(Statement.month == "2026-10")).one()
    assert (row.closed_by, row.checks[-1]["waived"]) == ("Bongani Zulu", "no carrier in this test")
    assert row.hours[0]["week"][0] == [0, 510, 1020]
