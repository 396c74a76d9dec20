"""A change of the public holidays: what it does to charge lines is told first, then done."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from billed import Billing
from conftest import LINE
from desk.audit import Entry
from desk.terminal import typist
from sla import charge_effect, holiday_effect
from sla.holidays import PublicHoliday
from visitors import browser_of, post

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask

    from simulator.clock import Clock

OCTOBER = "harbour Fri 30 Oct 10:00 for 30 min accepted"
NOVEMBER = "harbour Tue 24 Nov 10:00 for 30 min accepted"


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    return Billing(shut.extensions["database"], clock, Random(7))


def command(app: Flask, *words: str, said: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["sla", "holidays", *words], input=said)


def effect(billing: Billing, day: date, name: str | None = "Victory") -> list[str]:
    with billing.database.reading() as session:
        return charge_effect.told(holiday_effect.changes(session, day, name, billing.clock()))


def test_on_an_open_month_it_judges_anew_and_says_so_first(billing: Billing):
    billing.works(NOVEMBER)
    billing.charge()
    told = [
        "Harbour Foods, Tuesday 24 November 2026 10:00: R0.00 (none) becomes R760.00 (billable), in 2026-11.",
        "One charge line changes: 2026-11 by R760.00.",
    ]
    assert effect(billing, date(2026, 11, 24)) == told
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour none 0 min R0.00"], "nothing is done yet"
    billing.holiday(date(2026, 11, 24))
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour billable 30 min R760.00"]
    assert effect(billing, date(2026, 11, 24), None)[-1] == "One charge line changes: 2026-11 by -R760.00."


def test_on_a_closed_month_it_makes_a_correction_in_the_open_one_and_says_so_first(billing: Billing):
    billing.works(OCTOBER)
    billing.close("2026-10")
    told = [
        "Harbour Foods, Friday 30 October 2026 10:00: nothing becomes R760.00 (billable), as a correction in 2026-11.",
        "One charge line changes: 2026-11 by R760.00.",
    ]
    assert effect(billing, date(2026, 10, 30)) == told
    billing.holiday(date(2026, 10, 30))
    assert billing.lines("2026-10") == ["Fri 30 Oct 10:00 harbour none 0 min R0.00"]
    assert billing.lines("2026-11") == ["Fri 30 Oct 10:00 harbour billable 30 min R760.00 of 2026-10"]


def test_a_day_on_which_nobody_worked_changes_nothing(billing: Billing):
    billing.works(NOVEMBER)
    billing.charge()
    assert effect(billing, date(2026, 11, 25)) == ["No charge line changes."]


def test_the_command_asks_before_it_does_it(billing: Billing, shut: Flask):
    billing.works(NOVEMBER)
    billing.charge()
    left = command(shut, "add", "2026-11-24", "Victory", said="n\n")
    assert (left.exit_code, "One charge line changes: 2026-11 by R760.00." in left.output) == (1, True)
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour none 0 min R0.00"]
    assert command(shut, "add", "2026-11-24", "Victory", said="y\n").exit_code == 0
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour billable 30 min R760.00"]
    me = typist().name
    assert f"2026-11-24  Tue  Victory ({me})" in command(shut, "list", "--year", "2026").output
    assert command(shut, "withdraw", "2026-11-24", "--yes").exit_code == 0
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour none 0 min R0.00"]
    assert f"Victory ({me}, withdrawn)" in command(shut, "list", "--year", "2026").output
    again = command(shut, "withdraw", "2026-11-24", "--yes")
    assert (again.exit_code, "is no public holiday in the table" in again.output) == (1, True)
    with billing.database.reading() as session:
        told = session.execute(select(Entry.what, Entry.about, Entry.who).order_by(Entry.id.desc()).limit(2)).all()
    assert told == [("holiday withdrawn", "2026-11-24", me), ("holiday declared", "2026-11-24", me)]


def test_a_declared_day_shuts_the_line(shut: Flask):
    def is_open() -> bool:
        with shut.extensions["database"].reading() as session:
            board = shut.extensions["exchange"].boards.current(session)
        return board.lines[LINE].actual.is_open(datetime(2026, 11, 24, 8, tzinfo=UTC))

    assert is_open()
    command(shut, "add", "2026-11-24", "Victory", "--yes")
    assert not is_open()
    command(shut, "withdraw", "2026-11-24", "--yes")
    assert is_open()


def test_seeding_again_adds_what_is_missing_and_leaves_what_staff_decided(billing: Billing, shut: Flask):
    command(shut, "add", "2026-11-24", "Victory", "--yes")
    command(shut, "withdraw", "2026-12-16", "--yes")
    synced, me = command(shut, "sync", "--yes"), typist().name
    assert f"2026-11-24: Victory here by {me}, and unknown to the package" in synced.output
    assert f"2026-12-16: Day of Reconciliation by the package, withdrawn here by {me}" in synced.output
    assert "The table has every holiday that the package knows." in synced.output
    assert f"Day of Reconciliation ({me}, withdrawn)" in command(shut, "list").output


def test_what_is_seeded_later_is_in_the_audit_with_its_days(billing: Billing, shut: Flask):
    with billing.database.writing() as session:
        session.execute(delete(PublicHoliday).where(PublicHoliday.day == date(2026, 12, 16)))
    assert "added 1 public holidays" in command(shut, "sync", "--yes").output
    with billing.database.reading() as session:
        entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.what, entry.who) == ("holidays seeded", typist().name)
    assert entry.detail == {"days": {"2026-12-16": "Day of Reconciliation"}}


def test_the_page_shows_what_would_change_before_it_is_done(billing: Billing, shut: Flask):
    billing.works(NOVEMBER)
    billing.charge()
    bongani, form = browser_of(shut, "bongani"), {"day": "2026-11-24", "name": "Victory", "what": "add"}
    asked = post(bongani, "/billing/holidays", **form)
    assert "R0.00 (none) becomes R760.00 (billable), in 2026-11." in asked.text
    assert "Victory" not in re.sub(r"<form.*?</form>", "", asked.text, flags=re.DOTALL)
    assert post(bongani, "/billing/holidays", **form, sure="yes").location == "/billing/holidays?year=2026&said=kept"
    assert "Victory" in bongani.get("/billing/holidays?year=2026").text
    assert billing.lines() == ["Tue 24 Nov 10:00 harbour billable 30 min R760.00"]


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"day": "soon", "name": "x"}, "A day is such as 2026-11-04."),
        ({"day": "1990-11-04", "name": "x"}, "The table knows the years 1995 to 2060."),
        ({"day": "2026-11-24"}, "Say what the day is called."),
        ({"day": "2026-11-24", "what": "withdraw", "sure": "yes"}, "is no public holiday in the table."),
        ({"day": "2026-11-24", "what": "withdraw"}, "is no public holiday in the table."),
    ],
)
def test_a_change_that_cannot_be_is_refused(shut: Flask, form: dict[str, str], fault: str):
    answer = post(browser_of(shut, "bongani"), "/billing/holidays", **form)
    assert (answer.status_code, fault in answer.text) == (422, True)


def test_a_statement_is_written_and_closed_at_the_terminal(billing: Billing, shut: Flask, clock: Clock):
    billing.works("harbour Sat 31 Oct 10:00 for 20 min accepted")
    run = lambda *words: shut.test_cli_runner().invoke(args=["sla", "statement", "--month", "2026-10", *words])  # noqa: E731
    assert "2026-10, open: 1 lines, 30 min billed, R570.00 excluding VAT, 0 to check" in run().stdout
    refused = run("--close")
    assert (refused.exit_code, "compared with the carrier's list" in refused.output) == (1, True)
    assert "2026-10, closed: 1 lines" in run("--close", "--waive", "no carrier").stdout
    assert '"amount": "570.00"' in run("--format", "json", "--customer", "harbour").stdout
    assert run("--customer", "karoo").stdout.startswith("2026-10, closed: 0 lines")
    assert run("--customer", "nobody").exit_code == run("--engineer", "sipho").exit_code == 1


@pytest.mark.parametrize("year", ["1994", "2061", "20265", "020265", "-2026", "next"])
def test_years_that_the_table_does_not_know_are_not_found(shut: Flask, year: str):
    assert browser_of(shut, "bongani").get(f"/billing/holidays?year={year}").status_code == 404
