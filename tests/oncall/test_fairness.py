"""Fair share as a manager adds it up, and what holds for every rota there can be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import at
from oncall.fairness import Ring, Row, Tally, Team, signed, tally, teams, written
from oncall.measures import Calendar, Measure, Stint
from oncall.plan import Edition, Plan
from oncall.reach import reach
from oncall.record import stretches
from oncall.rota import WEEKENDS, Layer, Override, Rotation, Turns, Window

HERE = "Africa/Johannesburg"
MONDAY = datetime(2026, 11, 16, 8, 30)  # noqa: DTZ001 - wall time
HOLIDAYS = frozenset({date(2026, 12, 16), date(2026, 12, 25), date(2026, 12, 26)})
ZONES = (HERE, "Europe/London", "America/New_York", "Australia/Lord_Howe")
CREW = ("Lerato", "Pieter", "Thandi")
HALF = timedelta(minutes=30)


def weekly(name: str, *members: str, zone: str = HERE, shares: tuple[int, ...] = (), **more: object) -> Rotation:
    return Rotation(name, members, MONDAY, Turns.weekly("Mon 08:30"), zone, shares=shares, **more)


def plan(*editions: tuple[str, list[Rotation]], overrides: tuple[Override, ...] = (), zone: str = HERE) -> Plan:
    """Each rotation is a layer of its own; the first rings first."""
    made = [
        Edition(n, at(since, zone), tuple(Layer(one.name, (one,)) for one in rotations), zone)
        for n, (since, rotations) in enumerate(editions, 1)
    ]
    return Plan("Standby", tuple(made), overrides)


def counted(
    by: Plan, start: datetime, end: datetime, rings: list[Ring] | None = None, zone: str = HERE, holidays=HOLIDAYS
) -> Tally:
    stints = [Stint(one.engineer, one.lane, one.place, one.starts, one.ends) for one in stretches(by, start, end)]
    return tally(stints, rings or [], teams(by, start, end), Calendar(start, end, zone, holidays))


def table(told: Tally, *measures: Measure) -> list[str]:
    """Each person as the page has them: what they did, their own share, the difference."""
    return [" | ".join([one.engineer, *(_cell(one, each) for each in measures)]) for one in told.rows]


def _cell(one: Row, measure: Measure) -> str:
    return f"{written(one.done[measure])} of {written(one.share[measure])} {signed(one.more(measure))}"


THREE = plan(("2026-11-16 08:30", [weekly("First", "Thandi", "Pieter", "Lerato")]))


# Weeks that a manager can add up


def test_after_a_whole_round_everybody_has_their_own_share():
    told = counted(THREE, at("2026-11-16 08:30"), at("2026-12-07 08:30"))
    assert table(told, Measure.HOURS, Measure.NIGHTS, Measure.WEEKENDS) == [
        "Lerato | 168 of 168 0 | 7 of 7 0 | 2 of 2 0",
        "Pieter | 168 of 168 0 | 7 of 7 0 | 2 of 2 0",
        "Thandi | 168 of 168 0 | 7 of 7 0 | 2 of 2 0",
    ]


def test_after_four_weeks_of_three_people_one_is_a_week_ahead_of_the_others():
    told = counted(THREE, at("2026-11-16 08:30"), at("2026-12-14 08:30"))
    assert table(told, Measure.HOURS, Measure.NIGHTS) == [
        "Lerato | 168 of 224 −56 | 7 of 9.3 −2.3",
        "Pieter | 168 of 224 −56 | 7 of 9.3 −2.3",
        "Thandi | 336 of 224 +112 | 14 of 9.3 +4.7",
    ]


def test_who_works_half_the_time_has_half_the_share():
    half = plan(("2026-11-16 08:30", [weekly("First", "Thandi", "Pieter", shares=(100, 50))]))
    told = counted(half, at("2026-11-16 08:30"), at("2026-12-07 08:30"))
    assert table(told, Measure.HOURS) == ["Pieter | 168 of 168 0", "Thandi | 336 of 336 0"]


def test_ringing_first_and_ringing_second_are_told_apart_and_added_up():
    both = [weekly("First", "Thandi", "Pieter"), weekly("Second", "Pieter", "Thandi")]
    told = counted(plan(("2026-11-16 08:30", both)), at("2026-11-16 08:30"), at("2026-11-23 08:30"))
    assert table(told, Measure.FIRST, Measure.LATER, Measure.HOURS) == [
        "Pieter | 0 of 84 −84 | 168 of 84 +84 | 168 of 168 0",
        "Thandi | 168 of 84 +84 | 0 of 84 −84 | 168 of 168 0",
    ]


def test_who_has_two_lanes_at_once_is_counted_once():
    same = plan(("2026-11-16 08:30", [weekly("First", "Thandi"), weekly("Second", "Thandi")]))
    told = counted(same, at("2026-11-16 08:30"), at("2026-11-23 08:30"))
    assert table(told, Measure.HOURS, Measure.FIRST, Measure.NIGHTS) == [
        "Thandi | 168 of 168 0 | 168 of 168 0 | 7 of 7 0"
    ]


def test_who_only_covers_has_a_share_of_nothing_and_whoever_is_covered_still_owes_it():
    cover = Override("replace", "Naledi", at("2026-11-21 00:00"), at("2026-11-22 00:00"), "Thandi", key="1")
    told = counted(
        plan(("2026-11-16 08:30", [weekly("First", "Thandi", "Pieter")]), overrides=(cover,)),
        at("2026-11-16 08:30"),
        at("2026-11-30 08:30"),
    )
    assert table(told, Measure.HOURS, Measure.WEEKENDS) == [
        "Naledi | 24 of 0 +24 | 1 of 0 +1",
        "Pieter | 168 of 168 0 | 2 of 2 0",
        "Thandi | 144 of 168 −24 | 1 of 2 −1",
    ]


def test_an_addition_is_shared_by_all_members():
    more = Override("add", "Thandi", at("2026-11-18 00:00"), at("2026-11-18 12:00"), key="1", below=True)
    two = [weekly("First", "Lerato"), weekly("Second", "Pieter")]
    told = counted(
        plan(
            ("2026-11-16 08:30", [*two, weekly("Third", "Thandi", end=MONDAY + timedelta(days=1))]), overrides=(more,)
        ),
        at("2026-11-18 00:00"),
        at("2026-11-18 12:00"),
    )
    assert table(told, Measure.HOURS) == ["Lerato | 12 of 18 −6", "Pieter | 12 of 18 −6", "Thandi | 12 of 0 +12"]


def test_who_joins_or_leaves_is_judged_by_the_time_they_were_in():
    joined = plan(
        ("2026-11-16 08:30", [weekly("First", "Thandi")]),
        ("2026-11-30 08:30", [weekly("First", "Pieter", "Lerato")]),
    )
    told = counted(joined, at("2026-11-16 08:30"), at("2026-12-14 08:30"))
    assert table(told, Measure.HOURS) == ["Lerato | 168 of 168 0", "Pieter | 168 of 168 0", "Thandi | 336 of 336 0"]


def test_who_joins_in_the_middle_of_a_shift_shares_from_then_on():
    joined = plan(
        ("2026-11-16 08:30", [weekly("First", "Thandi")]),
        ("2026-11-20 08:30", [weekly("First", "Thandi", "Pieter")]),
    )
    told = counted(joined, at("2026-11-16 08:30"), at("2026-11-23 08:30"))
    assert table(told, Measure.HOURS) == ["Pieter | 0 of 36 −36", "Thandi | 168 of 132 +36"]


def test_a_rotation_for_weekends_owes_nothing_to_whoever_has_the_weekdays():
    rotations = [
        weekly("Weekdays", "Thandi", hours=(Window.of("Mon 00:00", "Sat 00:00"),)),
        weekly("Weekends", "Pieter", "Lerato", hours=(WEEKENDS,)),
    ]
    told = counted(plan(("2026-11-16 08:30", rotations)), at("2026-11-16 08:30"), at("2026-11-30 08:30"))
    assert table(told, Measure.WEEKENDS) == ["Lerato | 2 of 2 0", "Pieter | 2 of 2 0", "Thandi | 0 of 0 0"]


def test_public_holidays_are_days_and_half_a_day_is_half():
    told = counted(THREE, at("2026-12-16 00:00"), at("2026-12-16 12:00"))
    assert [(one.engineer, written(one.done[Measure.HOLIDAYS])) for one in told.rows if one.done[Measure.HOURS]] == [
        ("Pieter", "0.5")
    ]
    christmas = counted(THREE, at("2026-12-25 00:00"), at("2026-12-27 00:00"))
    assert sum(one.done[Measure.HOLIDAYS] for one in christmas.rows) == 2
    assert sum(one.done[Measure.WEEKENDS] for one in christmas.rows) == 1  # the 26th is a Saturday, too


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/London", "2026-03-28", 6), ("Europe/London", "2026-10-24", 8), ("Europe/London", "2026-06-06", 7)],
)
def test_a_night_on_which_the_clocks_change_is_one_night(zone: str, day: str, hours: int):
    one = Rotation("First", ("Thandi",), datetime(2026, 1, 5, 8, 30), Turns.every(7), zone)  # noqa: DTZ001 - wall
    by = plan(("2026-01-05 08:30", [one]), zone=zone)
    evening = at(f"{day} 23:00", zone)
    told = counted(by, evening, evening + timedelta(hours=hours), zone=zone)
    assert table(told, Measure.HOURS, Measure.NIGHTS) == [f"Thandi | {hours} of {hours} 0 | 1 of 1 0"]


# Calls at night


@pytest.mark.parametrize(
    ("clock", "counts"), [("22:59", 0), ("23:00", 1), ("02:00", 1), ("05:59", 1), ("06:00", 0), ("14:00", 0)]
)
def test_a_call_at_night_is_one_between_eleven_and_six(clock: str, counts: int):
    told = counted(THREE, at("2026-11-16 08:30"), at("2026-12-07 08:30"), [Ring("Thandi", at(f"2026-11-18 {clock}"))])
    thandi = next(one for one in told.rows if one.engineer == "Thandi")
    assert (thandi.done[Measure.CALLS], thandi.share[Measure.CALLS]) == (counts, Fraction(counts, 3))


def test_a_call_to_somebody_who_is_not_on_duty_is_nobody_s_share():
    rings = [Ring("Naledi", at("2026-11-18 02:00")), Ring("Pieter", at("2026-11-18 02:01"))]
    told = counted(THREE, at("2026-11-16 08:30"), at("2026-12-07 08:30"), rings)
    assert told.off_duty == {"Naledi": 1, "Pieter": 1}
    assert all(one.done[Measure.CALLS] == one.share[Measure.CALLS] == 0 for one in told.rows)


# How far it reaches, and how it is written

NOW = at("2026-11-22 02:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("", "2026-08-24 00:00", "2026-11-22 02:00"),
        ("30d", "2026-10-23 00:00", "2026-11-22 02:00"),
        ("365d", "2025-11-22 00:00", "2026-11-22 02:00"),
        ("next28d", "2026-11-22 02:00", "2026-12-20 02:00"),
        ("2026-02", "2026-02-01 00:00", "2026-03-01 00:00"),
    ],
)
def test_a_window_has_a_beginning_and_an_end(text: str, start: str, end: str):
    assert reach(text, HERE, NOW)[:2] == (at(start), at(end))


@pytest.mark.parametrize("text", ["91d", "-30d", "2026-13", "1999-01", "2026-W47", "next", "٣٠d"])
def test_other_windows_there_are_none(text: str):
    with pytest.raises(ValueError, match="month"):
        reach(text, HERE, NOW)


def test_counts_are_written_with_one_decimal_and_a_half_goes_up():
    values = [Fraction(0), Fraction(1, 30), Fraction(1, 20), Fraction(-1, 20), Fraction(-1, 30), Fraction(247, 10)]
    assert [written(value) for value in values] == ["0", "0", "0.1", "-0.1", "0", "24.7"]
    assert [signed(value) for value in values] == ["0", "0", "+0.1", "−0.1", "0", "+24.7"]


# For every rota


@st.composite
def rotations(draw: st.DrawFn, zone: str, name: str) -> Rotation:
    members = tuple(draw(st.lists(st.sampled_from((*CREW, "Naledi")), min_size=1, max_size=4, unique=True)))
    shares = tuple(draw(st.lists(st.integers(1, 100), min_size=len(members), max_size=len(members))))
    start = MONDAY + draw(st.integers(0, 30)) * HALF * 24
    return Rotation(name, members, start, Turns.every(draw(st.integers(1, 9))), zone, shares=shares)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, str]:
    zone = draw(st.sampled_from(ZONES))
    days = [0, *sorted(draw(st.lists(st.integers(1, 60), max_size=2, unique=True)))]
    editions = [
        (str(MONDAY + timedelta(days=n)), [draw(rotations(zone, name)) for name in ("First", "Second")]) for n in days
    ]
    overrides = []
    for n in range(draw(st.integers(0, 3))):
        begins = at(str(MONDAY), zone) + draw(st.integers(0, 2000)) * HALF
        who, whom = draw(st.permutations(CREW))[:2]
        kind = draw(st.sampled_from(("replace", "add", "remove")))
        instead = whom if kind == "replace" else None
        ends = begins + draw(st.integers(1, 400)) * HALF
        overrides.append(Override(kind, who, begins, ends, instead, key=str(n + 1)))
    return plan(*editions, overrides=tuple(overrides), zone=zone), zone


@given(plans(), st.integers(0, 3000), st.integers(1, 2000), st.lists(st.integers(0, 5000), max_size=6))
def test_all_differences_together_are_nothing_and_nobody_serves_two_hours_in_one(
    made: tuple[Plan, str], begins: int, lasts: int, minutes: list[int]
):
    by, zone = made
    start = at(str(MONDAY), zone) + begins * HALF
    end = start + lasts * HALF
    rings = [Ring(CREW[n % 3], start + timedelta(minutes=17 * n)) for n in minutes]
    told = counted(by, start, end, rings, zone)
    for measure in Measure:
        assert sum(one.more(measure) for one in told.rows) == 0
    hours = Fraction(lasts, 2)
    for one in told.rows:
        assert one.done[Measure.HOURS] == one.done[Measure.FIRST] + one.done[Measure.LATER] <= hours
    assert sum(one.done[Measure.FIRST] for one in told.rows) == _covered(by, start, end)


def _covered(by: Plan, start: datetime, end: datetime) -> Fraction:
    lasts = sum((one.end - one.start for one in by.shifts(start, end)), timedelta())
    return Fraction(lasts // timedelta.resolution, timedelta(hours=1) // timedelta.resolution)


@given(st.integers(1, 6), st.integers(0, 20_000), st.integers(1, 20_000))
def test_a_plain_weekly_rotation_is_fair_within_one_turn(people: int, begins: int, lasts: int):
    members = [f"engineer {n}" for n in range(people)]
    by = plan(("2026-11-16 08:30", [weekly("First", *members)]))
    start = at(str(MONDAY)) + begins * HALF
    told = counted(by, start, start + lasts * HALF)
    for one in told.rows:
        assert abs(one.more(Measure.HOURS)) <= 168
        assert abs(one.more(Measure.NIGHTS)) <= 7
        assert abs(one.more(Measure.WEEKENDS)) <= 2


@given(plans(), st.integers(0, 2000), st.integers(2, 1000), st.integers(1, 999))
def test_two_windows_side_by_side_add_up_to_one(made: tuple[Plan, str], begins: int, lasts: int, part: int):
    by, zone = made
    start = at(str(MONDAY), zone) + begins * HALF
    middle, end = start + min(part, lasts - 1) * HALF, start + lasts * HALF
    whole, *halves = (counted(by, *span, zone=zone) for span in ((start, end), (start, middle), (middle, end)))
    for measure in Measure:
        for part_of in ("done", "share"):
            apart = [_of(half, part_of, measure) for half in halves]
            assert _of(whole, part_of, measure) == {
                who: apart[0].get(who, 0) + apart[1].get(who, 0) for who in {*apart[0], *apart[1]}
            }


def _of(told: Tally, part_of: str, measure: Measure) -> dict[str, Fraction]:
    return {one.engineer: getattr(one, part_of)[measure] for one in told.rows}


def test_where_nobody_takes_turns_it_is_the_share_of_whoever_served():
    stint = Stint("Naledi", "+1", 0, at("2026-11-18 00:00"), at("2026-11-18 12:00"))
    calendar = Calendar(at("2026-11-18 00:00"), at("2026-11-19 00:00"), HERE)
    told = tally([stint], [], [Team(calendar.start, {})], calendar)
    assert table(told, Measure.HOURS) == ["Naledi | 12 of 12 0"]
