"""Rate cards: what makes one, what is refused and in which words, and what the caller of an hour is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from charged import card
from promised import at, office

from sla.money.pieces import rule_at
from sla.money.presets import PRESETS, ad_hoc, office_hours, premium
from sla.money.rates import RateCard
from sla.money.rule import Rule
from sla.money.vat import rate, tax
from sla.money.windows import Day, Window
from sla.overtime import Band, Cover

INCLUDED, BILLABLE, NOT_COVERED = Cover
R760 = Decimal(760)
MINUTE = timedelta(minutes=1)
CARD = office_hours("Daytime", 3, R760)
EVENING = Window("evening", frozenset({Day.TUESDAY}), 1020, 1200, Rule(BILLABLE))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"bands": {Band.OFFICE: Rule(INCLUDED)}},
            "leaves out weekday after hours, saturday, sunday and public holiday",
        ),
        ({"rate": Decimal(0)}, "a rate is more than nothing, not 0"),
        ({"rate": Decimal(-760)}, "a rate is more than nothing, not -760"),
        ({"rate": Decimal("760.005")}, "a rate is in whole cents, not 760.005"),
        ({"rate": Decimal("NaN")}, "a rate is a number, not NaN"),
        ({"increment": 7 * MINUTE}, "steps of 7 min do not make an hour: say 6, 15 or 30 min"),
        ({"increment": timedelta(0)}, "steps of 0 min do not make an hour"),
        ({"increment": 120 * MINUTE}, "steps of 2 h do not make an hour"),
        ({"increment": 20 * MINUTE}, "a minimum of 30 min is not made of steps of 20 min"),
        ({"minimum": 20 * MINUTE}, "a minimum of 20 min is not made of steps of 15 min"),
        ({"minimum": -MINUTE}, "a minimum lasts from nothing to 24 hours"),
        ({"minimum": timedelta(hours=25)}, "a minimum lasts from nothing to 24 hours"),
        ({"minimum": timedelta(seconds=90)}, "a minimum is in whole minutes, not 1 min 30 s"),
        ({"merge": -MINUTE}, "a merge window lasts from nothing to 24 hours"),
        ({"included": timedelta(hours=2)}, "2 h a month are included, but no work is deducted from them"),
        ({"included": timedelta(hours=745)}, "a month has from none to 744 included hours"),
        ({"windows": (EVENING, EVENING)}, "two windows are called evening"),
        (
            {"windows": (EVENING, replace(EVENING, name="early", closes=1140))},
            "window early never holds: what comes before it takes all of its hours",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_impossible_card_is_refused_in_a_sentence(change: dict, fault: str):
    with pytest.raises(ValueError, match=r"contract Daytime, version 3: ") as refused:
        replace(CARD, **change)
    assert fault in str(refused.value)


def test_a_card_that_has_prices_has_one_for_all_that_it_bills():
    bands = CARD.bands | {Band.SUNDAY: Rule(BILLABLE, Decimal(1200))}
    with pytest.raises(ValueError, match="bills weekday after hours, but says no rate for it"):
        replace(CARD, rate=None, bands=bands)


def test_hours_are_deducted_only_where_there_are_some():
    bands = CARD.bands | {Band.SUNDAY: Rule(BILLABLE, deducts=Decimal(2))}
    with pytest.raises(ValueError, match="sunday would deduct from included hours, and there are none"):
        replace(CARD, bands=bands)
    assert replace(CARD, bands=bands, included=timedelta(hours=1)).included


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"cover": INCLUDED, "rate": R760}, "what is included has no rate, multiplier, minimum or deduction"),
        ({"cover": INCLUDED, "multiplier": Decimal(2)}, "what is included has no rate"),
        ({"cover": NOT_COVERED, "deducts": Decimal(1)}, "included hours cannot pay for what is not covered"),
        ({"cover": BILLABLE, "rate": R760, "multiplier": Decimal(2)}, "a rate of its own or a multiplier"),
        ({"cover": BILLABLE, "multiplier": Decimal(0)}, "a multiplier is more than nothing and at most 10, not 0"),
        ({"cover": BILLABLE, "multiplier": Decimal(15)}, "a multiplier is more than nothing and at most 10, not 15"),
        ({"cover": BILLABLE, "deducts": Decimal(-1)}, "a deduction factor is more than nothing"),
        ({"cover": BILLABLE, "minimum": -MINUTE}, "a minimum lasts from nothing to 24 hours"),
    ],
)
def test_an_impossible_rule_is_refused(rule: dict, fault: str):
    with pytest.raises(ValueError, match=fault):
        Rule(**rule)


@pytest.mark.parametrize("what", ["rate", "multiplier", "deducts"])
def test_money_and_factors_are_never_floats(what: str):
    with pytest.raises(TypeError, match=r"is a Decimal, not 1\.5: a float cannot hold every cent"):
        Rule(BILLABLE, **{what: 1.5})
    with pytest.raises(TypeError, match=r"is a Decimal, not 760\.0"):
        office_hours("Daytime", 1, 760.0)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": " "}, "a window needs a name"),
        ({"days": frozenset()}, "window evening is on no day"),
        ({"closes": 1020}, "window evening begins before it ends"),
        ({"closes": 1441}, "window evening begins before it ends, within minutes 0 to 1440 of a day"),
    ],
)
def test_an_impossible_window_is_refused(change: dict, fault: str):
    with pytest.raises(ValueError, match=fault):
        replace(EVENING, **change)


def test_presets_say_what_their_names_say():
    covers = {
        name: [preset(name, 1, R760) if preset is not premium else premium(name, 1)] for name, preset in PRESETS.items()
    }
    said = {name: [one.terms.bands[band] for band in Band] for name, (one,) in covers.items()}
    assert said == {
        "premium": [INCLUDED] * 5,
        "office hours": [INCLUDED] + [BILLABLE] * 4,
        "ad hoc": [BILLABLE] * 5,
    }
    assert ad_hoc("ad hoc", 1, None).priced is False


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("Tue 17 Nov 16:59:59", Decimal(760)),
        ("Tue 17 Nov 17:00", Decimal(1140)),
        ("Tue 17 Nov 19:59:59", Decimal(1140)),
        ("Tue 17 Nov 20:00", Decimal(1520)),
        ("Wed 4 Nov 18:00", Decimal(1900)),  # declared for the local elections
        ("Tue 15 Dec 18:00", Decimal(2280)),  # the eve of a holiday comes before the evening
    ],
)
def test_what_an_hour_costs_that_begins_now(when: str, expected: Decimal):
    days = "monday tuesday wednesday thursday friday"
    words = "ad hoc, R760, no minimum, weekday after hours x 2, public holiday x 2.5"
    rates = card(f"{words}, window eve 17:00-24:00 on holiday_eve x 3, window evening 17:00-20:00 on {days} x 1.5")
    assert rule_at(at(when), rates, office()).hourly(rates.rate) == expected


def test_vat_is_reckoned_on_the_line():
    on = date(2026, 11, 17)
    assert (tax(Decimal("570.00"), on), tax(Decimal("30.09"), on)) == (Decimal("85.50"), Decimal("4.51"))
    assert sum(tax(Decimal("10.03"), on) for _ in range(3)) == Decimal("4.50")
    assert (rate(date(2018, 3, 31)), rate(date(2018, 4, 1))) == (Decimal("0.14"), Decimal("0.15"))
    with pytest.raises(LookupError, match="no VAT rate is known for 1990-01-01"):
        rate(date(1990, 1, 1))


def test_a_card_is_not_tied_to_the_order_in_which_its_bands_are_said():
    assert RateCard("Daytime", 3, dict(reversed(CARD.bands.items())), rate=R760, increment=15 * MINUTE) == CARD
