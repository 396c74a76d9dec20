"""The rota to the second: its edges, its gaps, clocks that change, and the sentences that explain it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from office import at
from oncall.rota import Duty, Gap, Layer, Override, Rota, Rotation, Turns, Window, joined

SA = "Africa/Johannesburg"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NAMES = ("Thandi", "Pieter", "Lerato")
MONDAY = datetime.fromisoformat("2026-11-16T08:30")


def rotation(
    members: tuple[str, ...] = NAMES,
    turn_days: int = 7,
    windows: tuple[Window, ...] = (),
    start: datetime = MONDAY,
    zone: str = SA,
) -> Rotation:
    return Rotation("Standby", members, start, Turns.every(turn_days), zone, windows)


def rota(*rotations: Rotation, overrides: tuple[Override, ...] = ()) -> Rota:
    named = [replace(each, name=each.name + " below" * n) for n, each in enumerate(rotations)]
    layers = tuple(Layer(f"layer {n}", (each,)) for n, each in enumerate(named, start=1))
    return Rota("Support", layers, overrides)


def demo(*overrides: Override) -> Rota:
    first = Rotation("Standby first", NAMES, MONDAY, Turns.every(7), SA)
    second = Rotation("Standby second", ("Pieter", "Lerato", "Thandi"), MONDAY, Turns.every(7), SA)
    return Rota("Support", (Layer("first", (first,)), Layer("second", (second,))), overrides)


def names(duties: tuple[Duty, ...]) -> list[str]:
    return [duty.engineer for duty in duties]


def replaced(who: str, instead_of: str, start: str, end: str) -> Override:
    return Override("replace", who, at(start), at(end), instead_of)


NIGHTS = tuple(
    Window.of(f"{a} 17:00", f"{b} 08:30") for a, b in (("Mon", "Tue"), ("Tue", "Wed"), ("Wed", "Thu"), ("Thu", "Fri"))
)
WEEKEND = (Window.of("Fri 17:00", "Mon 08:30"),)


def test_rotations_of_one_layer_serve_in_their_order() -> None:
    layer = Layer("all", (replace(rotation(("Lerato",)), name="A"), rotation(("Thandi", "Pieter"))))
    assert names(Rota("Support", (layer,)).who(at("2026-11-24"))) == ["Lerato", "Pieter"]


def test_who_is_listed_twice_counts_where_he_is_higher() -> None:
    [pieter] = rota(rotation(), rotation(("Pieter",))).who(at("2026-11-24"))
    assert (pieter.engineer, pieter.layer) == ("Pieter", "layer 1")


def test_a_year_later_the_same_three() -> None:
    assert names(demo().who(at("2027-11-15T08:30"))) == ["Pieter", "Lerato"]  # 52 weeks on: 52 % 3 = 1


# Edges: half-open, to the second and below


@pytest.mark.parametrize(
    ("local", "before", "after"),
    [
        ("2026-11-16T08:30", [], ["Thandi", "Pieter"]),
        ("2026-11-23T08:30", ["Thandi", "Pieter"], ["Pieter", "Lerato"]),
        ("2026-12-07T08:30", ["Lerato", "Thandi"], ["Thandi", "Pieter"]),
    ],
)
def test_hand_off_to_the_second(local: str, before: list[str], after: list[str]) -> None:
    edge = at(local)
    assert [names(demo().who(t)) for t in (edge - SECOND, edge, edge + SECOND)] == [before, after, after]
    assert names(demo().who(edge - timedelta(microseconds=1))) == before


@pytest.mark.parametrize(
    ("windows", "opens", "closes"),
    [(NIGHTS, "2026-11-16T17:00", "2026-11-17T08:30"), (WEEKEND, "2026-11-20T17:00", "2026-11-23T08:30")],
)
def test_hours_to_the_second(windows: tuple[Window, ...], opens: str, closes: str) -> None:
    plan = rota(rotation(("Thandi",), windows=windows))
    edges = (at(opens) - SECOND, at(opens), at(closes) - SECOND, at(closes))
    assert [names(plan.who(t)) for t in edges] == [[], ["Thandi"], ["Thandi"], []]


def test_override_and_end_to_the_second() -> None:
    cover = replaced("Lerato", "Thandi", "2026-11-18T12:00", "2026-11-18T13:00")
    edges = (cover.start - SECOND, cover.start, cover.end - SECOND, cover.end)
    assert [demo(cover).who(t)[0].engineer for t in edges] == ["Thandi", "Lerato", "Lerato", "Thandi"]
    ending = rota(Rotation("Standby", NAMES, MONDAY, Turns.every(7), SA, end=MONDAY + 2 * DAY))
    assert names(ending.who(at("2026-11-18T08:30") - SECOND)) == ["Thandi"]
    assert names(ending.who(at("2026-11-18T08:30"))) == []
    assert ending.who(at("2026-11-17"))[0].until == at("2026-11-18T08:30")
    assert ending.shifts(at("2026-11-17"), at("2026-11-30"))[0].end == at("2026-11-18T08:30")


def test_all_week_hours_and_a_window_of_nearly_a_week() -> None:
    all_week = rota(rotation(windows=(Window.of("Wed 06:00", "Wed 06:00"),)))
    assert all_week.gaps(at("2026-11-16T08:30"), at("2026-12-14")) == ()
    nearly = rota(rotation(windows=(Window.of("Tue 09:00", "Tue 08:00"),), start=MONDAY - 14 * DAY))
    mornings = (names(nearly.who(at("2026-11-16T08:15") + n * DAY)) for n in range(4))
    assert list(mornings) == [["Pieter"], [], ["Lerato"], ["Lerato"]]


# Shifts and gaps


def test_shifts_of_the_demo() -> None:
    a, b = at("2026-11-18"), at("2026-12-02")
    edges = [a, at("2026-11-23T08:30"), at("2026-11-30T08:30"), b]
    assert [shift[:3] for shift in demo().shifts(a, b)] == list(zip(NAMES, edges, edges[1:], strict=False))
    assert [shift.engineer for shift in demo().shifts(a, b, place=1)] == ["Pieter", "Lerato", "Thandi"]
    assert demo().shifts(a, b, place=2) == ()
    assert demo().gaps(a, b) == ()


def test_joined_shifts_run_on_when_the_same_person_has_the_next_turn() -> None:
    a, b = at("2026-11-18"), at("2027-01-02")
    shifts = rota(rotation(("Thandi",), turn_days=1)).shifts(a, b)
    assert len(shifts) == 46
    assert [shift[:3] for shift in joined(shifts)] == [("Thandi", a, b)]


def test_gaps_between_the_hours() -> None:
    gaps = rota(rotation(windows=NIGHTS + WEEKEND)).gaps(at("2026-11-16"), at("2026-11-18"))
    assert [gap[:2] for gap in gaps] == [
        (at("2026-11-16"), at("2026-11-16T17:00")),
        (at("2026-11-17T08:30"), at("2026-11-17T17:00")),
    ]


def test_an_empty_rota_is_one_gap_and_no_time_is_none() -> None:
    a, b = at("2026-11-16"), at("2026-11-18")
    assert Rota("Empty").gaps(a, b) == (Gap(a, b, ()),)
    assert Rota("Empty").shifts(a, b) == ()
    assert (demo().shifts(b, a), demo().gaps(a, a)) == ((), ())


# Clocks that change


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:30"),  # skipped: 02:30 summer time
        ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30"),  # twice: the first
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30"),  # skipped: 03:30
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),  # twice: the first
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"),  # half an hour skipped: 02:45
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),  # twice: the first
    ],
)
def test_missing_and_ambiguous_wall_times(zone: str, local: str, utc: str) -> None:
    edge = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert at(local, zone) == edge
    plan = rota(rotation(turn_days=1, start=datetime.fromisoformat(local) - 30 * DAY, zone=zone))
    assert [names(plan.who(t)) for t in (edge - SECOND, edge, edge + 2900 * SECOND)] == [
        ["Lerato"],
        ["Thandi"],
        ["Thandi"],
    ]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
def test_hand_off_stays_at_its_wall_time_and_order_all_year(zone: str) -> None:
    plan = rota(rotation(start=datetime.fromisoformat("2026-01-05T08:30"), zone=zone))
    shifts = plan.shifts(at("2026-01-05T08:30", zone), at("2027-01-04T08:30", zone))
    starts = {shift.start.astimezone(ZoneInfo(zone)).strftime("%a %H:%M") for shift in shifts}
    assert starts == {"Mon 08:30"}
    assert [shift.engineer for shift in shifts] == [NAMES[n % 3] for n in range(52)]


@pytest.mark.parametrize(("sunday", "hours"), [("2026-03-29", 38.5), ("2026-10-25", 40.5), ("2026-07-12", 39.5)])
def test_a_window_keeps_its_wall_times_across_the_change(sunday: str, hours: float) -> None:
    plan = rota(rotation(("Thandi",), windows=(Window.of("Sat 17:00", "Mon 08:30"),), zone="Europe/London",
                         start=MONDAY - 400 * DAY))  # fmt: skip
    noon = at(f"{sunday}T12:00", "Europe/London")
    [shift] = joined(plan.shifts(noon - 2 * DAY, noon + 2 * DAY))
    assert f"{shift.end.astimezone(ZoneInfo('Europe/London')):%a %H:%M}" == "Mon 08:30"
    assert shift.end - shift.start == timedelta(hours=hours)


def test_a_window_that_opens_just_before_the_clocks_go_back_over_midnight() -> None:
    windows, zone = (Window.of("Sun 00:00", "Sun 08:00"),), "America/St_Johns"  # in 2010 from 00:01 to 23:01
    plan = rota(rotation(("Thandi",), windows=windows, zone=zone, start=MONDAY - 9999 * DAY))
    opens = at("2010-11-07T00:00", zone)
    saturday_again = opens + timedelta(minutes=30)
    assert f"{saturday_again.astimezone(ZoneInfo(zone)):%a %H:%M}" == "Sat 23:30"
    assert [names(plan.who(t)) for t in (opens - SECOND, opens, saturday_again)] == [
        [],
        ["Thandi"],
        ["Thandi"],
    ]


# Why


WEDNESDAY = at("2026-11-18"), at("2026-11-19T06:00")
TURN = "since Mon 16 Nov 2026 08:30 Africa/Johannesburg, hands off Mon 23 Nov 08:30"
WHY = [
    (demo(), f"Thandi: turn of 'Standby first' {TURN}"),
    (rota(rotation(windows=NIGHTS)),
     f"Thandi: turn of 'Standby' {TURN}, in the hours Tue 17:00 to Wed 08:30"),
    (demo(Override("replace", "Lerato", *WEDNESDAY, "Thandi")),
     f"Lerato: instead of Thandi until Thu 19 Nov 06:00, Thandi's turn of 'Standby first' {TURN}"),
    (demo(Override("add", "Naledi", *WEDNESDAY)),
     "Naledi: added from Wed 18 Nov 2026 00:00 Africa/Johannesburg to Thu 19 Nov 06:00"),
    (rota(overrides=(Override("add", "Naledi", *WEDNESDAY),
                     Override("replace", "Pieter", *WEDNESDAY, "Naledi"))),
     ("Pieter: instead of Naledi until Thu 19 Nov 04:00, "
      "added from Tue 17 Nov 2026 22:00 UTC to Thu 19 Nov 04:00")),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "sentence"), WHY)
def test_why(plan: Rota, sentence: str) -> None:
    assert plan.who(at("2026-11-18T04:00"))[0].why == sentence


# Refused at once rather than misread at night


def test_naive_instants_and_plans_without_a_reading_are_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        demo().who(MONDAY)
    with pytest.raises(ValueError, match="at least one day"):
        rotation(turn_days=0)
    with pytest.raises(ValueError, match="wall time"):
        rotation(start=MONDAY.replace(tzinfo=UTC))
    with pytest.raises(KeyError):
        rotation(zone="Africa/Atlantis")
    with pytest.raises(ValueError, match="after it starts"):
        Override("add", "Thandi", at("2026-11-18"), at("2026-11-18"))
    for instead_of in (None, "Thandi"):
        with pytest.raises(ValueError, match="instead of"):
            Override("replace", "Thandi", at("2026-11-18"), at("2026-11-19"), instead_of)
    with pytest.raises(ValueError, match="instead of"):
        Override("add", "Thandi", at("2026-11-18"), at("2026-11-19"), "Pieter")
