"""Random rotas: the slow and obvious resolver finds the same people, and what must never change does not.

`python -m bench.rota_oracle` runs the comparison as often as one likes.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.rota import Layer, Rota, Rotation, Turns, joined
from rota_dice import MINUTES, ZONES, rotas
from rota_oracle import differences, names

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
Case = tuple[Rota, datetime, datetime]


@pytest.fixture(params=["UTC", "America/St_Johns", "Pacific/Auckland"])
def process_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the whole process live somewhere else."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.usefixtures("process_zone")
def test_at_every_edge_and_between_the_oracle_finds_the_same_people() -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(rotas())
    def found_alike(case: Case) -> None:
        rota, a, b = case
        assert differences(rota, a, b, 60, Random(b.timestamp())) == []

    found_alike()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rotas(), st.integers(0, 2))
def test_shifts_tell_what_who_tells(case: Case, place: int) -> None:
    rota, a, b = case
    shifts = rota.shifts(a, b, place)
    for t in (a + (b - a) * n / 20 for n in range(20)):
        held = [shift.engineer for shift in shifts if shift.start <= t < shift.end]
        assert held == names(rota.who(t))[place : place + 1]
    for shift in shifts:
        assert a <= shift.start < shift.end <= b
        assert shift.duty.start <= shift.start < shift.end <= shift.duty.end


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rotas())
def test_shifts_and_gaps_tile_the_time(case: Case) -> None:
    rota, a, b = case
    tiles = sorted([shift[1:3] for shift in rota.shifts(a, b)] + [gap[:2] for gap in rota.gaps(a, b)])
    assert [tiles[0][0], tiles[-1][1]] == [a, b]
    assert all(one[1] == two[0] for one, two in pairwise(tiles))
    for one, two in pairwise(joined(rota.shifts(a, b))):
        assert one.end < two.start or one.engineer != two.engineer


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rotas())
def test_replacing_changes_who_serves_and_never_when(case: Case) -> None:
    rota, a, b = case
    covers = tuple(override for override in rota.overrides if override.kind == "replace")
    covered = replace(rota, overrides=covers)
    assert [gap[:2] for gap in covered.gaps(a, b)] == [gap[:2] for gap in rota.planned.gaps(a, b)]
    plan = rota.planned.lanes(a, b)
    for lane, shifts in covered.lanes(a, b).items():
        assert [shift[1:3] for shift in once(shifts)] == [shift[1:3] for shift in once(plan[lane])]


def once(shifts):
    """The shifts as the plan has them, whoever serves which part."""
    whole = []
    for shift in shifts:
        if whole and whole[-1].id == shift.id and whole[-1].end == shift.start:
            whole[-1] = whole[-1]._replace(end=shift.end)
        else:
            whole.append(shift)
    return whole


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rotas(), st.integers(1, 60))
def test_whole_shifts_do_not_move_with_the_day_of_asking(case: Case, hours: int) -> None:
    rota, a, b = case
    later = a + (b - a) * hours / 61
    early, late = (rota.shifts(start, b, whole=True) for start in (a, later))
    assert late == tuple(shift for shift in early if shift.end > later)
    assert len({shift.uid for shift in early}) == len(early)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rotas(), st.integers(0, 9))
def test_two_values_of_the_same_rota_agree_in_whatever_order_they_are_asked(case: Case, n: int) -> None:
    rota, a, b = case
    rota.who(a + (b - a) * n / 9)  # one week is known before the others
    assert rota.shifts(a, b + 30 * DAY) == replace(rota).shifts(a, b + 30 * DAY)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ZONES, MINUTES, st.integers(1, 9), st.integers(1, 5))
def test_turns_follow_each_other_without_a_break_in_order_and_fairly_all_year(
    zone: str, minute: int, days: int, people: int
) -> None:
    start = datetime.fromisoformat("2026-01-05") + timedelta(minutes=minute)
    members = tuple("TPLNB"[:people])
    year = Rota("R", (Layer("L", (Rotation("R", members, start, Turns.every(days), zone),)),))
    begins = start.replace(tzinfo=ZoneInfo(zone))
    shifts = year.shifts(begins, begins + 365 * DAY)
    assert all(one.end == two.start for one, two in pairwise(shifts))
    assert [shift.engineer for shift in shifts] == [members[n % people] for n in range(len(shifts))]
    had = [sum(shift.engineer == member for shift in shifts) for member in members]
    assert max(had) - min(had) <= 1
