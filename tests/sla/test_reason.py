"""Why a line of a closed month is another: what concerns it, and nothing that only stands beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from charged import Story

from sla.money.charge import charge
from sla.money.reason import OTHERS, SOMETHING, Reason, telling

if TYPE_CHECKING:
    from sla.money.charge import Line

HOLIDAY = Reason("Monday 12 October 2026 is a public holiday", since=date(2026, 10, 12), until=date(2026, 10, 12))


def line(day: int) -> Line:
    """A line of that day of October, of ticket 7."""
    story = Story()
    story.hear("card office hours, R760")
    story.hear(f"{date(2026, 10, day):%a} {day} Oct 20:00 to 20:30 accepted ticket 7")
    (made,) = charge(story.judged())
    return replace(made, stretches=tuple(replace(one, source="call 1") for one in made.stretches))


@pytest.mark.parametrize(
    ("day", "told"), [(2, OTHERS), (10, OTHERS), (11, HOLIDAY.text), (12, HOLIDAY.text), (30, HOLIDAY.text)]
)
def test_a_holiday_concerns_work_from_its_eve_on(day: int, told: str):
    assert telling([HOLIDAY])(line(day)) == told


def test_what_is_said_of_the_work_itself_is_told_alone():
    mine, other = Reason("we decided", source="call 1"), Reason("they decided", source="call 2")
    merged, apart = Reason("merged", tickets=(7, 8)), Reason("merged elsewhere", tickets=(9,))
    assert telling([HOLIDAY, mine, other])(line(20)) == "we decided"
    assert telling([other, apart, merged, mine])(line(20)) == "merged; we decided"
    assert telling([HOLIDAY, other])(line(20)) == HOLIDAY.text
    assert telling([HOLIDAY, mine])(line(12)) == f"{HOLIDAY.text}; we decided"
    contract = Reason("another contract holds", since=date(2026, 10, 15))
    assert telling([contract, mine])(line(20)) == "another contract holds; we decided"


def test_where_nothing_concerns_it_other_work_does_and_without_any_reason_something():
    assert telling([Reason("they decided", source="call 2")])(line(20)) == OTHERS
    assert telling([])(line(20)) == SOMETHING
    assert telling([Reason("of a time when nobody said what it concerns")])(line(1)).startswith("of a time")
