"""Lengths as sentences say them."""

from datetime import timedelta

import pytest

from sla.phrases import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (59, "59 s"), (2700, "45 min"), (5400, "1 h 30 min"), (-2700, "-45 min"), (-5400, "-1 h 30 min")],
)
def test_a_length_is_told_in_hours_minutes_and_seconds_also_where_it_is_taken_back(seconds: int, words: str):
    assert duration(timedelta(seconds=seconds)) == words
