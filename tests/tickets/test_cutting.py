"""What is too long to be told is cut where a word ends: half an address would be found by nobody again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.mail.cutting import begun

LONG = "x" * 400


@pytest.mark.parametrize(
    ("words", "most", "kept"),
    [
        ("the till is shut", 20, "the till is shut"),
        ("the till is shut", 10, "the till"),
        ("the till is shut", 8, "the till"),
        ("ask fatima.adams@karoo-clinic.example", 20, "ask"),
        ("ask Fatima Adams", 14, "ask Fatima"),
        ("ring 082 555 0201 now", 12, "ring"),
        ("ring +27 (0)82 555 0201", 20, "ring"),
        ("ring 0825550201", 10, "ring"),
        ("3 tills of 4 are shut", 14, "3 tills of"),
        ("fatima.adams@karoo-clinic.example", 10, "fatima.ada"),
        (LONG, 350, "x" * 350),
        (f"{LONG} fatima.adams@karoo-clinic.example", 410, LONG),
        (f"{'x' * 299}@clinic.example", 300, "x" * 299 + "@"),
    ],
)
def test_no_word_and_no_number_is_torn(words: str, most: int, kept: str):
    assert begun(words, most) == kept


@given(st.text(), st.integers(1, 50))
def test_it_is_a_beginning_and_no_longer(words: str, most: int):
    assert words.startswith(begun(words, most))
    assert len(begun(words, most)) <= most
