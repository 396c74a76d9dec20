"""Business hours that change: what was computed by the week before stays, wherever the hours are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk import listing
from desk.audit import Who
from desk.setup.load import load
from desk.setup.sheets import SetUpFaults
from oncall.limits import day_starts
from sla import book, hours, hours_change
from sla.calendar import BusinessCalendar, Hours
from sla.hours import BusinessHours
from sla.interval import Interval

if TYPE_CHECKING:
    from pathlib import Path

    from desk.db import Database

NOW = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
EARLY = [[day, 7 * 60, 12 * 60] for day in range(5)]
DECEMBER = date(2026, 12, 1)
BEFORE, AFTER = (Interval(at, at + timedelta(days=1)) for at in (NOW + timedelta(days=2), NOW + timedelta(days=10)))


def published(database: Database) -> None:
    with database.writing() as session:
        office = session.scalars(select(BusinessHours)).one()
        hours_change.keep_week(office, EARLY, DECEMBER, NOW, "Naledi Dlamini")


def seconds(calendar: BusinessCalendar, span: Interval) -> int:
    return sum(one.seconds for one in calendar.open_hours(span))


def test_the_charged_the_promised_and_the_answered_hours_change_on_the_same_day(database: Database):
    published(database)
    with database.reading() as session:
        office = session.scalars(select(BusinessHours)).one()
        every = (
            office.regular(frozenset()),
            office.charged(frozenset()),
            office.actual(frozenset()),
            office.promised({}).calendar,
        )
    for calendar in every:
        assert (seconds(calendar, BEFORE), seconds(calendar, AFTER)) == (8.5 * 3600, 5 * 3600)


def test_a_month_that_is_closed_keeps_the_weeks_that_it_was_charged_by(database: Database):
    published(database)
    with database.reading() as session:
        office = session.scalars(select(BusinessHours)).one()
        [kept] = hours.snapshot(session)
        assert hours.as_charged(kept, frozenset()) == office.charged(frozenset())
    kept.pop("later")
    assert seconds(hours.as_charged(kept, frozenset()), AFTER) == 8.5 * 3600, "one of before there were any"


def test_promises_are_other_promises_from_then_on(database: Database):
    with database.reading() as session:
        before = book.write(session).terms_of(None)
    published(database)
    with database.reading() as session:
        assert book.write(session).terms_of(None) != before


def test_the_working_day_begins_when_the_office_opens_in_the_week_that_is_kept(database: Database):
    published(database)
    with database.reading() as session:
        calendar = session.scalars(select(BusinessHours)).one().regular(frozenset())
    assert [f"{day_starts(calendar, span.start):%H:%M}" for span in (BEFORE, AFTER)] == ["08:30", "07:00"]


def test_a_file_does_not_change_the_past_of_hours_that_were_published_since(database: Database, tmp_path: Path):
    published(database)
    file = tmp_path / "hours.yaml"
    file.write_text("hours: [{name: Office, zone: Africa/Johannesburg, week: {mon-fri: 08:30-17:00}}]")

    def loaded() -> list[str]:
        return database.write(lambda session: load(session, [file], NOW, Who("a test", "terminal")))

    assert loaded() == [], "the same as before is no change"
    file.write_text(file.read_text().replace("08:30", "07:30"))
    with pytest.raises(SetUpFaults, match="its week is another from 2026-12-01 on; change it on the page"):
        loaded()


def test_the_list_shows_them(database: Database):
    published(database)
    with database.reading() as session:
        assert "from 2026-12-01" in str(listing.table(session, "hours"))


def test_later_weeks_come_in_order():
    week, days = (Hours(0, 480, 1020),), {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    for later in (((DECEMBER, week), (DECEMBER, week)), ((DECEMBER, week), (date(2026, 11, 1), week))):
        with pytest.raises(ValueError, match="in the order of their days"):
            BusinessCalendar(zone="UTC", week=week, later=later, **days)


def test_weeks_of_the_same_day_take_each_others_place(database: Database):
    published(database)
    with database.writing() as session:
        office = session.scalars(select(BusinessHours)).one()
        hours_change.keep_week(office, [[0, 480, 720]], DECEMBER, NOW, "Naledi Dlamini")
    with database.reading() as session:
        office = session.scalars(select(BusinessHours)).one()
        assert [one.week for one in office.later] == [[[0, 480, 720]]]
        assert len(office.weeks) == 2, "the first is kept, and does nothing"
