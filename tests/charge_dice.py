"""Rate cards and work by the dice, over 2015 to 2030, and more often than chance has it around public holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import holidays

from charge_reference import Ledger, as_one
from sla.calendar import BusinessCalendar, Hours
from sla.interval import Interval
from sla.money.charge import charge
from sla.money.rates import RateCard
from sla.money.rule import Rule
from sla.money.stretch import Basis, Judged, Stretch
from sla.money.windows import Day, Window
from sla.overtime import Band, Cover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

YEARS = range(2015, 2031)
FREE = frozenset(holidays.country_holidays("ZA", years=range(2014, 2032)))
OFFICE = BusinessCalendar(
    zone="Africa/Johannesburg",
    week=tuple(Hours(weekday, 510, 1020) for weekday in range(5)),
    holidays=FREE,
    first=date(2014, 1, 1),
    last=date(2031, 12, 31),
)
SPECIAL = sorted(day for day in FREE if day.year in YEARS)
STEPS = (1, 6, 15, 30)
A_MONTH = timedelta(days=31)


def a_rule(dice: Random, step: int, *, included: bool) -> Rule:
    cover = dice.choice(list(Cover))
    if cover is Cover.INCLUDED:
        return Rule(cover)
    own = dice.random() < 0.2
    return Rule(
        cover,
        rate=Decimal(dice.randrange(1, 200_000)) / 100 if own else None,
        multiplier=Decimal(1) if own else Decimal(dice.choice(["0.75", "1", "1.5", "2", "2.5"])),
        minimum=dice.choice([None, None, timedelta(minutes=step * dice.randrange(5))]),
        deducts=Decimal(dice.choice(["0.5", "1", "1.5", "2"])) if included and cover is Cover.BILLABLE else None,
    )


def a_card(dice: Random) -> RateCard:
    step, included = dice.choice(STEPS), dice.random() < 0.5
    bands = {band: a_rule(dice, step, included=included) for band in Band}
    if included:
        bands[Band.SUNDAY] = Rule(Cover.BILLABLE, deducts=Decimal(2))
    windows = tuple(
        a_window(dice, name, step, included=included) for name in ["early", "late", "special"][: dice.randrange(4)]
    )
    try:
        return RateCard(
            "Dice",
            dice.randrange(1, 99),
            bands,
            windows,
            rate=Decimal(dice.randrange(1, 200_000)) / 100,
            increment=timedelta(minutes=step),
            minimum=timedelta(minutes=step * dice.randrange(5)),
            merge=dice.choice([None, timedelta(0), timedelta(minutes=20), timedelta(hours=2)]),
            included=timedelta(minutes=dice.randrange(1, 300)) if included else timedelta(0),
            closures_count=dice.random() < 0.5,
            needs_consent=dice.random() < 0.7,
        )
    except ValueError:  # a window behind others
        return a_card(dice)


def a_window(dice: Random, name: str, step: int, *, included: bool) -> Window:
    opens, closes = sorted(dice.sample(range(0, 1441, 30), 2))
    days = frozenset(dice.sample(list(Day), dice.randrange(1, 6)))
    return Window(name, days, opens, closes, a_rule(dice, step, included=included))


def an_instant(dice: Random) -> datetime:
    """Any second of the years; every other time within two days of a public holiday."""
    if dice.random() < 0.5:
        around = datetime.combine(dice.choice(SPECIAL), time(), UTC)
        return around + timedelta(seconds=dice.randrange(-2 * 86_400, 3 * 86_400))
    return datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(len(YEARS) * 365 * 86_400))


def a_length(dice: Random) -> timedelta:
    longest = dice.choices([1, 1800, 7200, 36 * 3600], [4, 40, 20, 1])[0]
    return timedelta(seconds=dice.randrange(longest + 1), microseconds=dice.choice([0, 0, 250_000, 999_999]))


def some_work(dice: Random) -> list[Stretch]:
    """One to four stretches for a customer, not far from each other."""
    start, made = an_instant(dice), []
    for number in range(dice.choice([1, 1, 1, 2, 3, 4])):
        end = start + a_length(dice)
        made.append(
            Stretch(
                source=f"page {number}",
                ticket_id=dice.choice([1, 1, 2]),
                staff_id=1,
                customer_id=7,
                interval=Interval(start, end),
                consent=dice.choice([True, True, None, False]),
            )
        )
        start = dice.choice([start, end]) + timedelta(seconds=dice.choice([0, 1, 600, 1200, 1201, 7200, 90_000]))
    if len(made) > 2 and dice.random() < 0.3:  # two of them are one call
        made[0], made[-1] = (replace(one, call="A", ticket_id=1) for one in (made[0], made[-1]))
    return made


def a_case(dice: Random) -> tuple[list[Stretch], RateCard | None, list[Interval]]:
    """Work, what it is charged by, and the company's closures."""
    work = some_work(dice)
    closed = [
        Interval(start, start + a_length(dice)) for one in work for start in [one.interval.start - a_length(dice)]
    ]
    return work, None if dice.random() < 0.05 else a_card(dice), closed


def judged(work: list[Stretch], card: RateCard | None, closed: list[Interval]) -> list[Judged]:
    # A short calendar is quickly made; days off before and after it are fewer than that.
    around = [day for one in work for day in (one.interval.start.date(), one.interval.end.date())]
    reach = {"first": min(around) - A_MONTH, "last": max(around) + A_MONTH}
    basis = Basis(replace(OFFICE, closures=tuple(closed), **reach), card)
    return [Judged(one, basis) for one in work]


def differences(work: list[Stretch], card: RateCard | None, closed: list[Interval]) -> Iterator[str]:
    """What the lines say and the reference does not, or the other way round."""
    seconds = [(_posix(one.start), _posix(one.end)) for one in closed]
    ledger = Ledger(seconds)
    slow = [(tuple(one.source for one in call), ledger.cost(call, card)) for call in as_one(work, card)]
    quick = [(tuple(one.source for one in line.stretches), line) for line in charge(judged(work, card, closed))]
    if [set(names) for names, _ in slow] != [set(names) for names, _ in quick]:
        yield f"one call: {[names for names, _ in slow]} but {[names for names, _ in quick]}"
        return
    for (names, cost), (_, line) in zip(slow, quick, strict=True):
        items = {tuple(map(str, item.kind)): [item.worked, item.drawn, item.billed] for item in line.items}
        if (line.state, items, line.price) != (cost.state, cost.seconds, cost.price):
            yield f"{names}: {cost} but {line.state}, {items}, {line.price}"


def _posix(at: datetime) -> int:
    return int(at.replace(microsecond=0).timestamp())
