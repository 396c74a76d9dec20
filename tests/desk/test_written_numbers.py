"""Telephone numbers in words: found in every spelling that people, programs and voices use, and nothing else is."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import numbers, written_numbers
from tickets import reference
from tickets.privacy.traces import Traces

HERS = "+27825550201"
SPELLINGS = [
    *(
        "+27825550201",
        "+27 82 555 0201",
        "+27-82-555-0201",
        "+27.82.555.0201",
        "+27 (0)82 555 0201",
        "(+27) 82 555 0201",
    ),
    *("0825550201", "082 555 0201", "082  555  0201", "082-555-0201", "(082) 555 0201", "(082) 555-0201"),
    *("082.555.0201", "082/555/0201", "082_555_0201", "0825 550 201", "0 82 555 0201", "0 8 2 5 5 5 0 2 0 1"),
    *("27825550201", "27 82 555 0201", "0027825550201", "0027 82 555 0201", "00 27 82 555 0201"),
    *("082\u00a0555\u00a00201", "082\u2009555\u20090201", "+27\u202f82\u202f555\u202f0201", "082\u2011555\u20110201"),
    *("082\u2013555\u20130201", "082 555\n0201", "+27\u200b82\u200b555\u200b0201", "+27 82\u00ad555\u00ad0201"),
    *("%2B27825550201", "%2b27825550201", "082%20555%200201", "+27%2082%20555%200201"),
    *("0 8 2, 5 5 5, 0 2 0 1", "plus, 2 7, 8 2, 5 5 5, 0 2 0 1"),
]
NO_NUMBERS = [
    *("482 913 607", "482-913-607", "482913607", "4 8 2, 9 1 3, 6 0 7", "482 913 607 and 912 345 672"),
    *(
        "2026-11-16",
        "16.11.2026 08:30",
        "16 November 2026 08:30",
        "2026-11-16T08:30:00+00:00",
        "2026-11-23 14:13:38.123",
    ),
    *("08:30-17:00", "R 12 500.00", "R12,500.00", "R 1 012 345 678.90", "12 345 678,90"),
    *("INV-2026-000123", "invoice 2026110042", "order 100020003000", "ID 8001015009087", "4111 1111 1111 1111"),
    *("10.0.0.255", "192.168.100.200", "41.0.12.255", "2001:db8::82:5550:201"),
    *(
        "CA0123456789abcdef0123456789abcdef",
        "1 2 3 4 5 6 7 8 9 10",
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "5 to 10, 20 to 30",
    ),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_masked_and_known_as_the_number_it_is(spelling: str):
    text = f"ask {spelling} now"
    assert [(one.raw, one.e164) for one in written_numbers.found(text)] == [(spelling, HERS)]
    assert written_numbers.masked(text) == f"ask {numbers.masked(spelling)} now"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_whoever_looks_for_one_number_alone_knows_the_same_spellings(spelling: str):
    assert Traces([HERS]).out_of(f"ask {spelling} now") == "ask [erased] now"
    assert not Traces(["+27825550202"]).are_in(f"ask {spelling} now")


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_stays_readable(text: str):
    assert written_numbers.masked(f"see {text} now") == f"see {text} now"


def test_no_reference_of_a_ticket_is_taken_for_a_number():
    dice = random.Random(7)
    for _ in range(300):
        one = reference.new(dice)
        text = f"{one}, {reference.printed(one)}, {reference.printed(one).replace('-', ' ')}; {reference.spoken(one)}."
        assert written_numbers.masked(text) == text


@pytest.mark.parametrize("odd", ["+999 1234567", "+27 82 555 02011", "012 000 0000", "+44 20 7946 0958"])
def test_what_looks_like_a_number_is_masked_though_no_register_knows_it(odd: str):
    assert written_numbers.masked(f"ask {odd} now") == f"ask {numbers.masked(odd)} now"


def test_numbers_that_stand_side_by_side_are_each_masked():
    text = "+999 1234567 082 555 0201, +27825550202 2026-11-23 082-555-0203\n482 913 607\n0825550204"
    assert written_numbers.masked(text) == "+99…567 082…201, +27…202 2026-11-23 082…203\n482 913 607\n082…204"


@given(st.text(alphabet="0123456789 +()-.,/\n\u00a0abx", max_size=60))
def test_whatever_stands_there_the_rest_of_the_text_stays(text: str):
    every = written_numbers.found(text)
    assert all(one.raw == text[one.start : one.end] for one in every)
    assert all(before.end <= after.start for before, after in pairwise(every))
    assert written_numbers.replaced(text, lambda one: one.raw) == text


@given(st.integers(600000000, 859999999), st.sampled_from([numbers.shown, numbers.spoken, str]))
def test_every_number_of_ours_is_found_as_we_write_and_say_it(national: int, way: object):
    e164 = f"+27{national}"
    if numbers.caller(e164):
        assert [one.e164 for one in written_numbers.found(f"({way(e164)})")] == [e164]
