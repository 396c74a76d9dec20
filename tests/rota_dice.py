"""Random rotas: odd hours, odd hand-offs, four zones, and most of it where clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from hypothesis import strategies as st

from oncall.rota import Layer, NamedHours, Override, Rota, Rotation, Turns, Window

DAY = timedelta(days=1)
T = TypeVar("T")


def number(*choices: int) -> st.SearchStrategy[int]:
    """Draw one of these, evenly: Hypothesis itself likes few and small, and a rota with nobody in it shows little."""
    return st.sampled_from(choices)


ZONES = st.sampled_from(["Africa/Johannesburg", "Europe/London", "America/New_York", "Australia/Lord_Howe"])
CHANGES = [  # the eve of a clock change in one of the zones, and a plain week
    datetime.fromisoformat(f"2026-{day}") for day in ("03-07", "03-28", "04-04", "10-03", "10-24", "10-31", "07-11")
]
CLOCKS = st.sampled_from([0, 60, 90, 105, 120, 135, 150, 510, 1020, 1410])  # minutes; mostly where clocks jump
PEOPLE = st.builds(lambda number, who: tuple(who[:number]), number(0, 1, 2, 3, 3, 4, 5), st.permutations("TPLNB"))
MINUTES = st.builds(lambda day, clock: day * 24 * 60 + clock, st.integers(0, 6), CLOCKS)
WINDOWS = st.builds(Window, MINUTES, MINUTES)


@st.composite
def several(draw: st.DrawFn, one: st.SearchStrategy[T], *numbers: int) -> tuple[T, ...]:
    """Draw so many of them, or so many."""
    return tuple(draw(one) for _ in range(draw(number(*numbers))))


@st.composite
def named_hours(draw: st.DrawFn, near: datetime) -> NamedHours:
    """Hours that somebody else keeps: up to five stretches of up to five days, apart, some touching nothing."""
    at, stretches = near.replace(tzinfo=UTC) - 20 * DAY, []
    for _ in range(draw(number(0, 1, 3, 5))):
        start = at + timedelta(minutes=30 * draw(st.integers(1, 400)))
        at = start + timedelta(minutes=30 * draw(st.integers(1, 240)))
        stretches.append((start, at))
    return NamedHours("named", tuple(stretches), at)


@st.composite
def weekdays(draw: st.DrawFn) -> Turns:
    """Hand-offs at up to four times of one or two weeks."""
    weeks = draw(st.sampled_from((1, 1, 2)))
    days = sorted(draw(st.permutations(range(7 * weeks)))[: draw(number(1, 2, 3, 4))])
    clocks = draw(st.lists(CLOCKS, min_size=len(days), max_size=len(days)))
    handoffs = [day * 24 * 60 + clock for day, clock in zip(days, clocks, strict=True)]
    apart = [one for n, one in enumerate(handoffs) if one - handoffs[n - 1] >= 180 or n == 0]
    if len(apart) > 1 and apart[0] + weeks * 7 * 24 * 60 - apart[-1] < 180:
        apart.pop()
    return Turns(7 * weeks, tuple(apart))


@st.composite
def rotations(draw: st.DrawFn, near: datetime) -> Rotation:
    """One rotation that starts up to forty days before, or shortly after."""
    start = near - draw(st.integers(-3, 40)) * DAY + timedelta(minutes=draw(CLOCKS))
    end = draw(st.none() | st.integers(1, 60).map(lambda days: start + days * DAY))
    members = draw(PEOPLE)
    share = st.sampled_from((100, 100, 80, 50, 33))
    return Rotation(
        name="R",
        members=members,
        start=start,
        turns=draw(st.integers(1, 8).map(Turns.every) | weekdays()),
        zone=draw(ZONES),
        hours=draw(several(WINDOWS | WINDOWS | named_hours(near), 0, 0, 1, 2, 3)),
        end=end,
        advance=draw(st.sampled_from(("calendar", "served"))),
        shares=draw(st.just(()) | st.tuples(*[share] * len(members))),
    )


@st.composite
def overrides(draw: st.DrawFn, near: datetime, lanes: list[str]) -> Override:
    """One change of up to two days, of the whole rota or of one lane."""
    start = near.replace(tzinfo=UTC) + timedelta(minutes=30 * draw(st.integers(-96, 96)))
    end = start + timedelta(minutes=30 * draw(st.integers(1, 96)))
    kind = draw(st.sampled_from(("replace", "replace", "add", "remove")))
    who, whom = draw(st.permutations("TPLNB"))[:2]
    if kind == "add":
        return Override(kind, who, start, end, below=draw(st.booleans()))
    lane = draw(st.sampled_from(["", "", *lanes]))
    return Override(kind, who, start, end, whom if kind == "replace" else None, rotation=lane)


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime, datetime]:
    """A whole rota, and two instants between which to ask it."""
    near, names = draw(st.sampled_from(CHANGES)), count()
    drawn = draw(several(several(rotations(near), 1, 1, 0, 2), 1, 2, 2, 3))
    layers = [tuple(replace(each, name=f"R{next(names)}") for each in layer) for layer in drawn]
    lanes = [each.name for layer in layers for each in layer] + ["+0", "+1"]
    changes = draw(several(overrides(near, lanes), 0, 1, 2, 4, 6))
    a = near.replace(tzinfo=UTC) - draw(st.integers(0, 3 * 24 * 60)) * timedelta(minutes=1)
    rota = Rota(
        "Support",
        tuple(Layer(f"layer {n}", layer) for n, layer in enumerate(layers, start=1)),
        tuple(replace(change, key=str(n)) for n, change in enumerate(changes)),
    )
    return rota, a, a + draw(st.integers(1, 7 * 24 * 60)) * timedelta(minutes=1)
