"""The public-holiday table as it is seeded, against the Act itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from charge_reference import holidays
from sla.holidays import FIRST_YEAR, PublicHoliday, in_force, seed


def test_the_seed_is_what_the_act_and_its_proclamations_say():
    engine, years = create_engine("sqlite://"), range(FIRST_YEAR, 2031)
    PublicHoliday.metadata.create_all(engine)
    with Session(engine) as session:
        seed(session, datetime(2026, 11, 23, tzinfo=UTC))
        session.flush()
        seeded = {day for day in in_force(session) if day.year in years}
    engine.dispose()
    assert seeded == {day for year in years for day in holidays(year)}
    assert {date(2000, 1, 3), date(2026, 8, 9), date(2026, 8, 10), date(2026, 11, 4)} <= seeded
