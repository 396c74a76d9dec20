"""Turns: hand-offs on the wall, what is refused, and shares that nobody can dispute."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.rota import Rotation, Turns
from oncall.turns import Course, order

WEDNESDAY = datetime.fromisoformat("2026-11-18T12:00")


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (Turns.every(1), "every day"),
        (Turns.every(7), "every 7 days"),
        (Turns.weekly("Fri 17:00", "Mon 08:30"), "Mon 08:30 and Fri 17:00"),
        (Turns.weekly("Mon 08:30", weeks=2), "Mon 08:30, every 2 weeks"),
    ],
)
def test_turns_are_said_as_people_say_them(turns: Turns, said: str) -> None:
    assert str(turns) == said


def test_a_turn_is_counted_from_the_one_in_which_the_start_falls() -> None:
    course = Course(Turns.weekly("Mon 08:30", "Fri 17:00"), WEDNESDAY)
    handoffs = [course.handoff(turn).isoformat(" ", "minutes") for turn in range(3)]
    assert handoffs == ["2026-11-16 08:30", "2026-11-20 17:00", "2026-11-23 08:30"]
    assert [course.turn(course.handoff(turn)) for turn in range(99)] == list(range(99))
    assert [course.turn(course.handoff(turn) - timedelta(seconds=1)) for turn in range(99)] == list(range(-1, 98))


@pytest.mark.parametrize(
    ("fault", "build"),
    [
        ("at least one day", lambda: Turns.every(0)),
        ("whole weeks", lambda: Turns(10, (510,))),
        ("within its cycle", lambda: Turns(7, (7 * 24 * 60,))),
        ("three hours apart", lambda: Turns.weekly("Sun 01:00", "Sun 03:59")),
        ("three hours apart", lambda: Turns.weekly("Mon 00:00", "Sun 22:00")),
        ("three hours apart", lambda: Turns(7, (600, 60))),
        ("name their hand-offs", lambda: Turns.weekly()),
        ("is not in list|tuple.index", lambda: Turns.weekly("Someday 08:30")),
        ("not a time of day", lambda: Turns.weekly("Mon 08:30+05:00")),
        ("does not begin with", lambda: replace(shared(("Thandi",), (50,)), name="+1")),
        ("every member has a share", lambda: shared(("Thandi", "Pieter"), (50,))),
        ("per cent", lambda: shared(("Thandi",), (0,))),
        ("per cent", lambda: shared(("Thandi",), (101,))),
    ],
)
def test_what_has_no_reading_is_refused(fault: str, build) -> None:
    with pytest.raises(ValueError, match=fault):
        build()


def shared(members: tuple[str, ...], shares: tuple[int, ...]) -> Rotation:
    return Rotation("Standby", members, WEDNESDAY, Turns.every(1), "Africa/Johannesburg", shares=shares)


def test_full_posts_come_in_their_order_whatever_the_figure() -> None:
    assert order(("T", "P", "L"), (100, 100, 100)) == order(("T", "P", "L"), (50, 50, 50)) == ("T", "P", "L")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=8).map(tuple))
def test_nobody_is_ever_a_whole_turn_ahead_of_their_share_or_behind_it(shares: tuple[int, ...]) -> None:
    members = tuple("ABCDEFGH"[: len(shares)])
    had: Counter[str] = Counter()
    for turns, who in enumerate(order(members, shares), start=1):
        had[who] += 1
        for member, share in zip(members, shares, strict=True):
            assert abs(had[member] - Fraction(turns * share, sum(shares))) < 1
    assert all(had[one] * shares[0] == had[members[0]] * share for one, share in zip(members, shares, strict=True))
