"""The rota as a manager reads it, its exact edges, and a slow and obvious resolver beside the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.rota import DAYS, Duty, Gap, Layer, Override, Rota, Rotation, Turns, Window, instant, joined

SA = "Africa/Johannesburg"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NAMES = ("Thandi", "Pieter", "Lerato")
MONDAY = datetime.fromisoformat("2026-11-16T08:30")


def at(text: str, zone: str = SA) -> datetime:
    return instant(datetime.fromisoformat(text), zone)


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


def spans(gaps: tuple[Gap, ...]) -> list[tuple[datetime, datetime]]:
    return [gap[:2] for gap in gaps]


def names(duties: tuple[Duty, ...]) -> list[str]:
    return [duty.engineer for duty in duties]


def drawn(plan: Rota, days: int, clock: str, zone: str = SA) -> str:
    """One mark a day from Monday 16 November 2026: everybody on call then, highest first, by initial."""
    instants = (instant(datetime.fromisoformat(f"2026-11-16T{clock}") + n * DAY, zone) for n in range(days))
    return " ".join("".join(name[0] for name in names(plan.who(t))) or "-" for t in instants)


def replaced(who: str, instead_of: str, start: str, end: str) -> Override:
    return Override("replace", who, at(start), at(end), instead_of)


NIGHTS = tuple(
    Window.of(f"{a} 17:00", f"{b} 08:30") for a, b in (("Mon", "Tue"), ("Tue", "Wed"), ("Wed", "Thu"), ("Thu", "Fri"))
)
WEEKEND = (Window.of("Fri 17:00", "Mon 08:30"),)
OFFICE = tuple(Window.of(f"{day} 08:30", f"{day} 17:00") for day in DAYS[:5])

#        plan                                             clock    M T W T F S S   M T W T F S S
TABLE = [
    ("the demo, rings first and second", demo(), "12:00", "TP TP TP TP TP TP TP PL PL PL PL PL PL PL"),
    ("before the hand-off", demo(), "08:29", "- TP TP TP TP TP TP TP PL PL PL PL PL PL"),
    ("daily", rota(rotation(turn_days=1)), "12:00", "T P L T P L T P L T P L T P"),
    ("every three days", rota(rotation(turn_days=3)), "12:00", "T T T P P P L L L T T T P P"),
    ("weekday nights by day", rota(rotation(windows=NIGHTS)), "12:00", "- - - - - - - - - - - - - -"),
    ("weekday nights by night", rota(rotation(windows=NIGHTS)), "20:00", "T T T T - - - P P P P - - -"),
    ("weekday nights at dawn", rota(rotation(windows=NIGHTS)), "05:00", "- T T T T - - - P P P P - -"),
    ("weekends at noon", rota(rotation(windows=WEEKEND)), "12:00", "- - - - - T T - - - - - P P"),
    ("weekends at dawn", rota(rotation(windows=WEEKEND)), "05:00", "- - - - - T T T - - - - P P"),
    ("office days, turning daily", rota(rotation(turn_days=1, windows=OFFICE)), "12:00",
     "T P L T P - - P L T P L - -"),
    ("nights over a 24-hour layer", rota(rotation(windows=NIGHTS), rotation(("Naledi",))), "20:00",
     "TN TN TN TN N N N PN PN PN PN N N N"),
    ("one person, both layers: once", rota(rotation(), rotation(("Pieter",))), "12:00",
     "TP TP TP TP TP TP TP P P P P P P P"),
    ("nobody at all", Rota("Empty"), "12:00", "- - - - - - - - - - - - - -"),
    ("a rotation without people", rota(rotation(())), "12:00", "- - - - - - - - - - - - - -"),
    ("Lerato for Thandi, Wed to Fri", demo(replaced("Lerato", "Thandi", "2026-11-18", "2026-11-20")), "12:00",
     "TP TP LP LP TP TP TP PL PL PL PL PL PL PL"),
    ("Naledi for Thandi all fortnight: only in her duty",
     rota(rotation(), overrides=(replaced("Naledi", "Thandi", "2026-11-01", "2026-12-01"),)), "12:00",
     "N N N N N N N P P P P P P P"),
    ("Thandi and Pieter change places",
     demo(replaced("Pieter", "Thandi", "2026-11-17", "2026-11-19"),
          replaced("Thandi", "Pieter", "2026-11-17", "2026-11-19")), "12:00",
     "TP PT PT TP TP TP TP PL PL PL PL PL PL PL"),
    ("the later cover wins",
     demo(replaced("Naledi", "Thandi", "2026-11-17", "2026-11-20"),
          replaced("Lerato", "Thandi", "2026-11-18", "2026-11-19")), "12:00",
     "TP NP LP NP TP TP TP PL PL PL PL PL PL PL"),
    ("cover for the one who covers",
     demo(replaced("Lerato", "Thandi", "2026-11-17", "2026-11-20"),
          replaced("Naledi", "Lerato", "2026-11-18", "2026-11-19")), "12:00",
     "TP LP NP LP TP TP TP PL PL PL PL PL PL PL"),
    ("given back",
     demo(replaced("Lerato", "Thandi", "2026-11-17", "2026-11-20"),
          replaced("Thandi", "Lerato", "2026-11-18", "2026-11-19")), "12:00",
     "TP LP TP LP TP TP TP PL PL PL PL PL PL PL"),
    ("Naledi added on top", demo(Override("add", "Naledi", at("2026-11-17"), at("2026-11-19"))), "12:00",
     "TP NTP NTP TP TP TP TP PL PL PL PL PL PL PL"),
    ("two added: the later on top",
     demo(Override("add", "Naledi", at("2026-11-17"), at("2026-11-19")),
          Override("add", "Lerato", at("2026-11-18"), at("2026-11-20"))), "12:00",
     "TP NTP LNTP LTP TP TP TP PL PL PL PL PL PL PL"),
    ("Pieter added moves up", demo(Override("add", "Pieter", at("2026-11-17"), at("2026-11-18"))), "12:00",
     "TP PT TP TP TP TP TP PL PL PL PL PL PL PL"),
    ("Thandi taken out", demo(Override("remove", "Thandi", at("2026-11-17"), at("2026-11-18"))), "12:00",
     "TP P TP TP TP TP TP PL PL PL PL PL PL PL"),
    ("taken out, then covered",
     demo(Override("remove", "Thandi", at("2026-11-17"), at("2026-11-20")),
          replaced("Lerato", "Thandi", "2026-11-18", "2026-11-19")), "12:00",
     "TP P LP P TP TP TP PL PL PL PL PL PL PL"),
    ("covered, then the cover taken out",
     demo(replaced("Lerato", "Thandi", "2026-11-17", "2026-11-20"),
          Override("remove", "Lerato", at("2026-11-18"), at("2026-11-19"))), "12:00",
     "TP LP P LP TP TP TP PL PL PL PL PL PL PL"),
    ("added, then taken out, then added",
     rota(overrides=(Override("add", "Naledi", at("2026-11-16"), at("2026-11-20")),
                     Override("remove", "Naledi", at("2026-11-17"), at("2026-11-20")),
                     Override("add", "Naledi", at("2026-11-19"), at("2026-11-20")))), "12:00",
     "N - - N - - - - - - - - - -"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "clock", "days"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(plan: Rota, clock: str, days: str) -> None:
    assert drawn(plan, 14, clock) == days


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
    assert drawn(all_week, 14, "12:00") == "T T T T T T T P P P P P P P"
    nearly = rota(rotation(windows=(Window.of("Tue 09:00", "Tue 08:00"),), start=MONDAY - 14 * DAY))
    assert drawn(nearly, 8, "08:15") == "P - L L L L L L"


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


# The slow and obvious resolver


def slow_instant(local: datetime, zone: str) -> datetime:
    """Every offset in use around that day is tried; the earliest that reads as `local` is it."""
    around = [(local + n * DAY).replace(tzinfo=UTC) for n in (-1, 1)]
    offsets = [t.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for t in around]
    read = [(local - offset).replace(tzinfo=UTC) for offset in offsets]
    exact = [t for t in read if t.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local]
    return min(exact) if exact else read[0]


def slow_turn(plan: Rotation, t: datetime) -> str | None:
    """Walk the hand-offs one by one from the first to t."""
    local, turn = plan.start, -1
    while slow_instant(local, plan.zone) <= t:
        local, turn = local + plan.turns.days * DAY, turn + 1
    ended = plan.end is not None and slow_instant(plan.end, plan.zone) <= t
    return plan.members[turn % len(plan.members)] if turn >= 0 and plan.members and not ended else None


def slow_open(plan: Rotation, t: datetime) -> bool:
    """Lay every window on each of the weeks around t."""
    monday = datetime.combine(t, time()) - (t.weekday() + 21) * DAY
    for week in (monday + n * 7 * DAY for n in range(6)):
        for window in plan.hours:
            closes = window.closes + (7 * 24 * 60 if window.closes <= window.opens else 0)
            start, end = (week + timedelta(minutes=minute) for minute in (window.opens, closes))
            if slow_instant(start, plan.zone) <= t < slow_instant(end, plan.zone):
                return True
    return not plan.hours


def slow_who(plan: Rota, t: datetime) -> list[str]:
    chairs: list[list[str]] = []  # of each place everybody who ever had it, the one who has it last
    for layer in plan.layers:
        for each in layer.rotations:
            turn = slow_turn(each, t)
            if turn and slow_open(each, t):
                chairs.append([turn])
    now = [override for override in plan.overrides if override.start <= t < override.end]
    sitting = {chair[0] for chair in chairs} | {o.engineer for o in now if o.kind == "add"}
    for o in now:
        if o.kind == "add":
            chairs.insert(0, [o.engineer])
        for chair in chairs:
            if o.kind == "remove" and chair[-1] == o.engineer:
                chair.append("")
            own_place_meant = o.engineer == chair[0] and o.instead_of in sitting
            if o.kind == "replace" and o.instead_of in chair and not own_place_meant:
                chair.append(o.engineer)
    return list(dict.fromkeys(chair[-1] for chair in chairs if chair[-1]))


ZONES = st.sampled_from([SA, "Europe/London", "America/New_York", "Australia/Lord_Howe"])
CHANGES = [  # the eve of a clock change in one of the zones, and a plain week
    datetime.fromisoformat(f"2026-{day}") for day in ("03-07", "03-28", "04-04", "10-03", "10-24", "10-31", "07-11")
]
CLOCKS = st.sampled_from([0, 60, 90, 105, 120, 135, 150, 510, 1020, 1410])  # minutes; mostly where clocks jump
PEOPLE = st.lists(st.sampled_from("TPLNB"), max_size=4, unique=True).map(tuple)
MINUTES = st.builds(lambda day, clock: day * 24 * 60 + clock, st.integers(0, 6), CLOCKS)


@st.composite
def rotations(draw: st.DrawFn, near: datetime) -> Rotation:
    start = near - draw(st.integers(-3, 40)) * DAY + timedelta(minutes=draw(CLOCKS))
    end = draw(st.none() | st.integers(1, 60).map(lambda days: start + days * DAY))
    windows = draw(st.lists(st.builds(Window, MINUTES, MINUTES), max_size=3).map(tuple))
    return Rotation("R", draw(PEOPLE), start, Turns.every(draw(st.integers(1, 8))), draw(ZONES), windows, end)


@st.composite
def overrides(draw: st.DrawFn, near: datetime) -> Override:
    start = near.replace(tzinfo=UTC) + timedelta(minutes=30 * draw(st.integers(-96, 96)))
    end = start + timedelta(minutes=30 * draw(st.integers(1, 96)))
    kind = draw(st.sampled_from(("replace", "replace", "add", "remove")))
    who, whom = draw(st.permutations("TPLNB"))[:2]
    return Override(kind, who, start, end, whom if kind == "replace" else None)


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime, datetime]:
    near = draw(st.sampled_from(CHANGES))
    layer = st.builds(Layer, st.just("L"), st.lists(rotations(near), max_size=2).map(tuple))
    layers = draw(st.lists(layer, min_size=1, max_size=3).map(tuple))
    changes = draw(st.lists(overrides(near), max_size=4).map(tuple))
    a = near.replace(tzinfo=UTC) - draw(st.integers(0, 3 * 24 * 60)) * timedelta(minutes=1)
    names = count()
    layers = tuple(
        replace(layer, rotations=tuple(replace(each, name=f"R{next(names)}") for each in layer.rotations))
        for layer in layers
    )
    return Rota("Support", layers, changes), a, a + draw(st.integers(1, 7 * 24 * 60)) * timedelta(minutes=1)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(rotas(), st.integers(0, 2))
def test_against_the_slow_resolver(case: tuple[Rota, datetime, datetime], place: int) -> None:
    plan, a, b = case
    shifts = plan.shifts(a, b, place)
    holder = {t: shift.engineer for shift in shifts for t in (shift.start, shift.end - SECOND)}
    edges = {edge for shift in shifts for edge in (shift.start, shift.end)} | {a, b}
    random = {a + (b - a) * n / 8 for n in range(8)}
    for t in random | {edge + n * SECOND for edge in edges for n in (-1, 0, 1)}:
        who = names(plan.who(t))
        assert who == slow_who(plan, t)
        if t in holder:
            assert who[place] == holder[t]
        if a <= t < b and not any(shift.start <= t < shift.end for shift in shifts):
            assert len(who) <= place


@settings(max_examples=120, deadline=None, derandomize=True)
@given(rotas())
def test_shifts_and_gaps_tile_the_time(case: tuple[Rota, datetime, datetime]) -> None:
    plan, a, b = case
    tiles = sorted([shift[1:3] for shift in plan.shifts(a, b)] + [gap[:2] for gap in plan.gaps(a, b)])
    assert [tiles[0][0], tiles[-1][1]] == [a, b]
    assert all(one[1] == two[0] for one, two in pairwise(tiles))
    assert all(start < end for start, end in tiles)
    for one, two in pairwise(joined(plan.shifts(a, b))):
        assert one.end < two.start or one.engineer != two.engineer


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rotas())
def test_replacing_never_changes_when_somebody_is_on_call(case: tuple[Rota, datetime, datetime]) -> None:
    plan, a, b = case
    covers = tuple(override for override in plan.overrides if override.kind == "replace")
    assert spans(Rota("R", plan.layers, covers).gaps(a, b)) == spans(Rota("R", plan.layers).gaps(a, b))
