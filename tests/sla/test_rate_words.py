"""What a contract says of an hour, in words: they are read, told again, and refused with a sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from charged import card

from sla.money import rate_words
from sla.money.rule import Rule
from sla.money.windows import Day
from sla.overtime import Band, Cover

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("included", Rule(Cover.INCLUDED)),
        ("not covered", Rule(Cover.NOT_COVERED)),
        ("not_covered x 2", Rule(Cover.NOT_COVERED, multiplier=Decimal(2))),
        ("billable x 1.50,  at least 30 min", Rule(Cover.BILLABLE, multiplier=Decimal("1.5"), minimum=HALF_AN_HOUR)),
        ("billable at R1 250.50", Rule(Cover.BILLABLE, rate=Decimal("1250.50"))),
        ("billable at 950, at least 0 min", Rule(Cover.BILLABLE, rate=Decimal(950), minimum=timedelta(0))),
        ("billable, deducts 1.5", Rule(Cover.BILLABLE, deducts=Decimal("1.5"))),
    ],
)
def test_a_rule_is_read_and_told_in_words_that_are_read_again(words: str, rule: Rule):
    assert rate_words.rule(words) == rule == rate_words.rule(rate_words.told(rule))


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("billabel", "'billabel' is no rule of a rate card: say 'included',"),
        ("billable x 1,5", "'billable x 1,5' is no rule of a rate card"),
        ("billable, once", "'once' says nothing that a rate card knows"),
        ("billable x 15", "a multiplier is more than nothing and at most 10, not 15"),
        ("billable x 1..5", "'1..5' is no number such as 760 or 1.5"),
        ("billable at R9.505", "a rate is in whole cents, not 9.505"),
        ("included x 2", "what is included has no rate, multiplier, minimum or deduction"),
        ("billable, at least half an hour", "'half an hour' is no length such as 15 min or 1 h 30 min"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(words: str, refusal: str):
    with pytest.raises(ValueError, match=re.escape(refusal)):
        rate_words.rule(words)


def test_a_window_has_hours_and_kinds_of_day():
    evening = rate_words.window("evening", "17:00-20:00 on weekdays and holiday eve, billable x 1.25")
    assert evening.days == {*list(Day)[:5], Day.HOLIDAY_EVE}
    assert (evening.opens, evening.closes, evening.rule.multiplier) == (1020, 1200, Decimal("1.25"))
    assert rate_words.told_window(evening) == "17:00-20:00 on weekdays and holiday eve, billable x 1.25"


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("evenings", "'evenings' is no window: say '17:00-20:00 on weekdays, billable x 1.25'"),
        ("17:00-20:00 on feast, billable", "'feast' is no kind of day; there are weekdays, monday,"),
        ("17:70-20:00 on monday, billable", "'17:70-20:00 on monday, billable' is no window: hours are such as"),
        ("20:00-17:00 on monday, billable", "window evening begins before it ends"),
    ],
)
def test_a_window_that_cannot_be_is_refused(words: str, refusal: str):
    with pytest.raises(ValueError, match=re.escape(refusal)):
        rate_words.window("evening", words)


CARDS = [
    "office hours, R760, steps of 15 min, at least 30 min, merging within 20 min",
    "ad hoc, R760.50, sunday at R1500, public holiday not covered at R2000, asks nobody",
    "office hours, R760, 2 h a month, saturday deducts 1.5, closures count",
    "office hours, R760, window evening 17:00-20:00 on monday friday x 1.25, window eve 17:00-24:00 on holiday_eve x 2",
    "premium",
    "ad hoc",
]


@pytest.mark.parametrize("words", CARDS)
def test_a_card_is_written_in_words_that_make_it_again(words: str):
    one = card(words)
    bands, said = rate_words.written(one)
    assert rate_words.read(one.name, one.version, bands, said, one.needs_consent) == one


def test_bands_as_they_were_written_before_they_had_prices_are_read():
    bands = {band.value: "not_covered" for band in Band}
    assert rate_words.read("old", 1, bands, {}, True).terms.bands[Band.SUNDAY] is Cover.NOT_COVERED
    assert not rate_words.read("old", 1, bands, {}, True).priced
