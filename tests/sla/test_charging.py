"""Charging, whatever the card and the work: it adds up, cuts and order change nothing, a slow reference agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charge_dice import a_card, a_case, an_instant, differences, judged
from sla.calendar import BusinessCalendar, Hours
from sla.interval import Interval
from sla.money.charge import Line, charge
from sla.money.correction import balance, corrections
from sla.money.pieces import pieces
from sla.money.rule import CENT
from sla.month import Month
from sla.overtime import State, judge, seconds_by_band, split

dice = st.integers(0, 2**32).map(Random)
several = settings(deadline=None, max_examples=60)
ZONES = ("Africa/Johannesburg", "America/New_York", "Australia/Lord_Howe")
WEEK = tuple(Hours(weekday, 510, 1020) for weekday in range(5))


def figures(line: Line) -> tuple[object, ...]:
    """All but the rows that it was made of."""
    return line.interval, line.state, line.items, line.bands, line.price, line.amount, line.billed_seconds, line.month


@several
@given(dice)
def test_a_reference_that_looks_at_every_second_agrees(dice: Random):
    assert list(differences(*a_case(dice))) == []


@several
@given(dice, st.sampled_from(ZONES))
def test_pieces_are_consecutive_and_add_up_also_where_clocks_change(dice: Random, zone: str):
    start = an_instant(dice)
    length = timedelta(seconds=dice.randrange(3 * 86_400))
    closed = Interval(start, start + timedelta(seconds=dice.randrange(7200), milliseconds=300))
    first, last = start.date() - timedelta(days=2), start.date() + timedelta(days=6)
    calendar = BusinessCalendar(zone=zone, week=WEEK, first=first, last=last, closures=(closed,))
    found = pieces(Interval(start, start + length), a_card(dice), calendar)
    assert all(one.interval.end == two.interval.start for one, two in pairwise(found))
    assert sum(piece.interval.seconds for piece in found) == length.total_seconds()


@several
@given(dice)
def test_bands_and_items_of_a_line_add_up_to_its_seconds(dice: Random):
    for line in charge(judged(*a_case(dice))):
        spans = [
            (one.interval.start.replace(microsecond=0), one.interval.end.replace(microsecond=0))
            for one in line.stretches
        ]
        worked = sum((end - start).total_seconds() for start, end in spans)
        assert sum(line.bands.values()) == sum(item.worked for item in line.items) == worked
        assert all(0 <= item.drawn <= item.worked for item in line.items)


@several
@given(dice)
def test_cutting_the_work_of_a_call_anywhere_changes_nothing(dice: Random):
    work, card, closed = a_case(dice)
    whole = [replace(one, call=one.call or one.source) for one in work]
    cut = [half for one in whole for half in halves(one, dice)]
    assert [figures(line) for line in charge(judged(cut, card, closed))] == [
        figures(line) for line in charge(judged(whole, card, closed))
    ]


def halves(one, dice: Random):
    middle = one.interval.start + (one.interval.end - one.interval.start) * dice.random()
    yield replace(one, interval=Interval(one.interval.start, middle))
    yield replace(one, source=f"{one.source}, second half", interval=Interval(middle, one.interval.end))


@several
@given(dice)
def test_the_order_of_the_rows_changes_nothing(dice: Random):
    work, card, closed = a_case(dice)
    shuffled = dice.sample(work, len(work))
    assert charge(judged(shuffled, card, closed)) == charge(judged(work, card, closed))


@several
@given(dice)
def test_a_line_reckoned_alone_is_what_it_is_among_the_others(dice: Random):
    work, card, closed = a_case(dice)
    for line in charge(judged(work, card, closed)):
        assert charge(judged(work, card, closed), only=line.key) == (line,)
    assert charge(judged(work, card, closed), only="page of nobody") == ()


@several
@given(dice)
def test_amounts_are_whole_cents_and_only_what_is_billable_has_one(dice: Random):
    for line in charge(judged(*a_case(dice))):
        assert line.amount >= 0
        assert line.amount % CENT == 0
        assert line.amount.as_tuple().exponent == -2
        assert line.state is State.BILLABLE or (line.amount, line.billed_seconds) == (0, 0)
        assert line.explanation.count("; the caller ") <= 1
        assert line.explanation.endswith(".")


@several
@given(dice)
def test_every_stretch_is_in_one_line(dice: Random):
    work, card, closed = a_case(dice)
    lines = charge(judged(work, card, closed))
    assert sorted(one.source for line in lines for one in line.stretches) == sorted(one.source for one in work)


@several
@given(dice)
def test_the_verdict_of_a_line_is_that_of_the_worklog_where_the_card_only_speaks_of_bands(dice: Random):
    (one, *_), drawn, _ = a_case(dice)
    drawn = drawn or a_card(dice)
    bands = {band: replace(rule, deducts=None) for band, rule in drawn.bands.items()}
    card = replace(drawn, windows=(), included=timedelta(0), bands=bands)
    (work,) = judged([one], card, [])
    seconds = seconds_by_band(split(one.interval.start, one.interval.end, work.basis.calendar))
    (line,) = charge([work])
    assert (line.state, line.bands) == (judge(seconds, card.terms, one.consent).state, seconds)


@several
@given(dice)
def test_a_line_and_its_corrections_add_up_to_what_is_known_now(dice: Random):
    work, card, closed = a_case(dice)
    december, books = Month.named("2026-12", "Africa/Johannesburg"), list(charge(judged(work, card, closed)))
    for _ in range(3):
        work = [replace(one, consent=dice.choice([True, False, None])) for one in work if dice.random() < 0.8] or work
        known = charge(judged(work, a_card(dice), closed))
        before = {line.corrects or line.key: balance(of(books, line)) for line in books}
        books += corrections(books, known, december, lambda _: "more is known")
        for line in known:
            waits = line.state is State.TO_CHECK
            truth = before.get(line.key, (0, 0)) if waits else (line.billed_seconds, line.amount)
            assert balance(of(books, line)) == truth
        gone = {line.corrects or line.key for line in books} - {line.key for line in known}
        assert all(balance(line for line in books if key in (line.key, line.corrects)) == (0, 0) for key in gone)
        assert corrections(books, known, december, lambda _: "nothing new") == ()


def of(books: list[Line], line: Line) -> list[Line]:
    key = line.corrects or line.key
    return [one for one in books if (one.corrects or one.key) == key]


def test_work_that_is_told_twice_is_refused():
    (one,) = judged(*a_case_of_one())
    with pytest.raises(ValueError, match="the work of page 0 is there twice"):
        charge([one, one])


def a_case_of_one():
    work, card, closed = a_case(Random(1))
    return work[:1], card, closed
