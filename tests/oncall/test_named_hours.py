"""Hours that the business calendar keeps, and hours that overlap."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from office import at
from oncall.office import outside_office_hours, public_holidays
from oncall.rota import Layer, NamedHours, Rota, Rotation, Turns, Window
from oncall.windows import united
from sla.calendar import BusinessCalendar, Hours, Interval

SA = "Africa/Johannesburg"
DAY = timedelta(days=1)


def office(zone: str = SA, **changed) -> BusinessCalendar:
    week = tuple(Hours(day, 510, 1020) for day in range(5))
    christmas = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
    return BusinessCalendar(
        zone=zone, week=week, first=date(2026, 1, 1), last=date(2026, 12, 31), holidays=christmas, **changed
    )


def standby(*hours: Window | NamedHours, turn_days: int = 7) -> Rota:
    start = datetime.fromisoformat("2026-01-05T08:30")
    return Rota("R", (Layer("L", (Rotation("R", ("Thandi", "Pieter"), start, Turns.every(turn_days), SA, hours),)),))


def test_outside_office_hours_is_all_that_the_office_leaves_out() -> None:
    hours = outside_office_hours(office(), at("2026-12-24T12:00"))
    assert hours.stretches[:2] == (
        (at("2026-12-24T17:00"), at("2026-12-28T08:30")),
        (at("2026-12-28T17:00"), at("2026-12-29T08:30")),
    )
    assert hours.stretches[-1] == (at("2026-12-31T17:00"), at("2027-01-01T00:00"))
    assert hours.until == at("2027-01-01T00:00")


def test_it_begins_at_once_where_the_office_is_closed() -> None:
    night = at("2026-12-24T20:00")
    assert outside_office_hours(office(), night).stretches[0] == (night, at("2026-12-28T08:30"))


def test_the_line_forced_open_or_closed_moves_nobodys_duty() -> None:
    forced = Interval(at("2026-12-21T09:00"), at("2026-12-22T20:00"))
    for changed in ({"closures": (forced,)}, {"openings": (forced,)}):
        assert outside_office_hours(office(**changed), at("2026-12-01")) == outside_office_hours(
            office(), at("2026-12-01")
        )


@pytest.mark.parametrize(("zone", "day"), [(SA, "2026-12-25"), ("Europe/London", "2026-12-25")])
def test_public_holidays_are_local_days_and_two_in_a_row_are_one_stretch(zone: str, day: str) -> None:
    hours = public_holidays(office(zone), at("2026-12-01"))
    assert hours.stretches == ((at(day, zone), at("2026-12-27", zone)),)


def test_a_holiday_that_has_begun_is_still_one() -> None:
    assert len(public_holidays(office(), at("2026-12-26T12:00")).stretches) == 1
    assert public_holidays(office(), at("2026-12-27")).stretches == ()


def test_beyond_what_is_known_nobody_serves() -> None:
    rota = standby(outside_office_hours(office(), at("2026-01-01")))
    assert [gap[:2] for gap in rota.gaps(at("2026-12-31T17:00"), at("2027-01-03"))] == [
        (at("2027-01-01"), at("2027-01-03"))
    ]


def test_a_window_and_a_holiday_that_overlap_are_one_shift() -> None:
    rota = standby(Window.of("Fri 17:00", "Mon 08:30"), public_holidays(office(), at("2026-01-01")))
    [shift] = rota.shifts(at("2026-12-24"), at("2026-12-29"))
    assert shift[1:3] == (at("2026-12-25"), at("2026-12-28T08:30"))
    assert shift.why.endswith("in the hours public holidays and Fri 17:00 to Mon 08:30")


def test_hours_that_never_stop_are_one_shift_a_turn_however_long_the_turn() -> None:
    day_and_night = (outside_office_hours(office(), at("2026-01-01")), Window.of("Mon 00:00", "Sat 00:00"))
    rota = standby(*day_and_night, turn_days=300)
    [shift] = rota.shifts(at("2026-06-01"), at("2026-06-02"), whole=True)
    assert shift[1:3] == (at("2026-01-05T08:30"), at("2026-01-05T08:30") + 300 * DAY)
    assert rota.who(at("2026-06-01"))[0].start == at("2026-01-05T08:30")


def test_windows_are_united_over_sunday_and_in_any_order() -> None:
    windows = (
        Window.of("Mon 00:00", "Mon 08:30"),
        Window.of("Wed 10:00", "Wed 12:00"),
        Window.of("Fri 17:00", "Mon 00:00"),
    )
    assert (
        united(windows)
        == united(windows[::-1])
        == (
            Window.of("Wed 10:00", "Wed 12:00"),
            Window.of("Fri 17:00", "Mon 08:30"),
        )
    )


def test_windows_that_fill_the_week_are_no_restriction() -> None:
    halves = Window.of("Thu 12:00", "Mon 12:00"), Window.of("Mon 11:00", "Thu 13:00")
    assert [window.minutes for window in united(halves)] == [7 * 24 * 60]
    assert standby(*halves).gaps(at("2026-01-05T08:30"), at("2027-01-01")) == ()
    assert len(standby(*halves).shifts(at("2026-01-05T08:30"), at("2026-01-19T08:30"))) == 2


def test_a_window_whose_closing_is_skipped_past_its_opening_does_not_open_that_week() -> None:
    zone = "Europe/London"  # 29 March 2026: 01:00 becomes 02:00, so 01:45 is 02:45, after 02:15
    start = datetime.fromisoformat("2026-01-05T00:00")
    rotation = Rotation("R", ("Thandi",), start, Turns.every(7), zone, (Window.of("Sun 01:45", "Sun 02:15"),))
    rota = Rota("R", (Layer("L", (rotation,)),))
    sundays = (at(f"2026-{day}T00:00", zone) for day in ("03-22", "03-29", "04-05"))
    assert [len(rota.shifts(sunday, sunday + DAY)) for sunday in sundays] == [1, 0, 1]
