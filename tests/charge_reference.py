"""What work costs, found out slowly: second by second, by the clock on the wall and the words of the Act.

It shares no code with sla/ and asks no package for a holiday: rate cards are read as data, every rule is written a
second time in the plainest way there is. Johannesburg is two hours ahead of UTC, all year round.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sla.money.rates import RateCard
    from sla.money.rule import Rule
    from sla.money.stretch import Stretch

AHEAD, DAY = 2 * 3600, 24 * 3600
OPENS, CLOSES = 8 * 3600 + 30 * 60, 17 * 3600
FIXED = [(1, 1), (3, 21), (4, 27), (5, 1), (6, 16), (8, 9), (9, 24), (12, 16), (12, 25), (12, 26)]
DECLARED = [  # Public Holidays Act 36 of 1994, s 2A; of Sunday 2 January 2000 the Monday follows by s 2(1)
    date(1999, 6, 2),
    date(1999, 12, 31),
    date(2000, 1, 2),
    date(2004, 4, 14),
    date(2006, 3, 1),
    date(2008, 5, 2),
    date(2009, 4, 22),
    date(2011, 5, 18),
    date(2011, 12, 27),
    date(2014, 5, 7),
    date(2016, 8, 3),
    date(2016, 12, 27),
    date(2019, 5, 8),
    date(2021, 11, 1),
    date(2022, 12, 27),
    date(2023, 12, 15),
    date(2024, 5, 29),
    date(2026, 11, 4),
]
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def easter(year: int) -> date:
    """Easter Sunday, after Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[date]:
    """Schedule 1, what was declared, and the Monday after each that is a Sunday (s 2(1))."""
    days = {date(year, *day) for day in FIXED} | {day for day in DECLARED if day.year == year}
    days |= {easter(year) - timedelta(days=2), easter(year) + timedelta(days=1)}
    return frozenset(days | {day + timedelta(days=1) for day in days if day.weekday() == 6})


def is_holiday(day: date) -> bool:
    return day in holidays(day.year)


def is_off(day: date) -> bool:
    return is_holiday(day) or day.weekday() > 4


@cache
def kinds(number: int) -> frozenset[str]:
    """What the local day is called in a contract; `number` counts from 1 January 1970."""
    day = date(1970, 1, 1) + timedelta(days=number)
    if is_holiday(day):
        return frozenset({"public_holiday"})
    found = {WEEK[day.weekday()]}
    if is_holiday(day + timedelta(days=1)):
        found.add("holiday_eve")
    ahead, behind = (_holiday_in_days_off(day, step) for step in (1, -1))
    if is_off(day):
        found |= {"among_holidays"} if ahead or behind else set()
    else:
        found |= ({"before_holidays"} if ahead else set()) | ({"after_holidays"} if behind else set())
    return frozenset(found)


def _holiday_in_days_off(day: date, step: int) -> bool:
    day += timedelta(days=step)
    while is_off(day):
        if is_holiday(day):
            return True
        day += timedelta(days=step)
    return False


class Wall:
    """Band and window of any second, under one card and with these closures."""

    def __init__(self, card: RateCard | None, closed: list[tuple[int, int]]) -> None:
        self.windows = card.windows if card else ()
        self.closed = closed if card and card.closures_count else []
        self.days: dict[int, tuple[str, list[tuple[int, int, str]]]] = {}

    def second(self, at: int) -> tuple[str, str]:
        """Of the second that begins at this POSIX time."""
        number, clock = divmod(at + AHEAD, DAY)
        if number not in self.days:
            self.days[number] = self._day(kinds(number))
        band, windows = self.days[number]
        office = band == "weekday_after_hours" and OPENS <= clock < CLOSES
        if office and not any(start <= at < end for start, end in self.closed):
            return "office", ""
        for opens, closes, name in windows:
            if opens <= clock < closes:
                return band, name
        return band, ""

    def _day(self, names: frozenset[str]) -> tuple[str, list[tuple[int, int, str]]]:
        bands = names & {"public_holiday", "saturday", "sunday"} or {"weekday_after_hours"}
        windows = [(one.opens * 60, one.closes * 60, one.name) for one in self.windows if names & set(one.days)]
        return next(iter(bands)), windows


class Cost(NamedTuple):
    """What a call comes to: state, and per kind of hour the seconds worked, paid for by included hours, and billed."""

    state: str
    seconds: dict[tuple[str, str], list[int]]
    price: Fraction | None


class Ledger:
    """The calls of one customer, by month."""

    def __init__(self, closed: list[tuple[int, int]]) -> None:
        self.closed = closed
        self.gone: dict[str, Decimal] = defaultdict(Decimal)  # in seconds of included hours, by month

    def cost(self, stretches: list[Stretch], card: RateCard | None) -> Cost:
        """What is billed as one call."""
        start = min(one.interval.start for one in stretches).replace(tzinfo=UTC)
        month = f"{datetime.fromtimestamp(start.timestamp() + AHEAD, UTC):%Y-%m}"
        wall = Wall(card, self.closed)
        kinds = {one.source: [wall.second(at) for at in _seconds(one)] for one in stretches}
        clock = [pair for one in stretches for pair in zip(_seconds(one), kinds[one.source], strict=True)]
        takes = {kind: rule(kind, card).deducts for _, kind in clock} if card and card.included else {}
        seconds: dict[tuple[str, str], list[int]] = {}
        for _, kind in sorted(clock):
            worked = seconds.setdefault(kind, [0, 0, 0])
            worked[0] += 1
            if takes.get(kind) and self.gone[month] + takes[kind] <= card.included.total_seconds():
                worked[1] += 1
                self.gone[month] += takes[kind]
        states = {_state(kind, card, one) for one in stretches for kind in set(kinds[one.source])}
        price = _bill(seconds, card) if card else None
        return Cost(_settled(states, seconds, price), seconds, price)


def rule(kind: tuple[str, str], card: RateCard) -> Rule:
    return next((window.rule for window in card.windows if window.name == kind[1]), None) or card.bands[kind[0]]


def _seconds(one: Stretch) -> range:
    return range(*(int(end.replace(microsecond=0).timestamp()) for end in (one.interval.start, one.interval.end)))


def _state(kind: tuple[str, str], card: RateCard | None, one: Stretch) -> str:
    if card is None:
        return "to_check"
    cover = rule(kind, card).cover
    if cover == "included":
        return "none" if kind[0] == "office" else "included"
    if one.consent or (cover == "billable" and (kind[0] == "office" or not card.needs_consent)):
        return "billable"
    return "to_check"


def _settled(states: set[str], seconds: dict[tuple[str, str], list[int]], price: Fraction | None) -> str:
    state = next((word for word in ("to_check", "billable", "included", "none") if word in states), "none")
    if state == "billable" and price is None:
        return "to_check"
    return "included" if state == "billable" and not any(one[2] for one in seconds.values()) else state


def _bill(seconds: dict[tuple[str, str], list[int]], card: RateCard) -> Fraction | None:
    """Fills in what is billed; the price to the cent, None if a rate is missing."""
    open_ = {k: worked - paid for k, (worked, paid, _) in seconds.items() if rule(k, card).cover != "included"}
    left = sum(open_.values())
    if not left:
        return Fraction(0)
    minimums = [
        card.minimum if (own := rule(k, card).minimum) is None else own for k, number in open_.items() if number
    ]
    whole = max(left, int(max(minimums).total_seconds()) - sum(one[1] for one in seconds.values()))
    step = int(card.increment.total_seconds())
    while whole % step:
        whole += 1
    most = next(k for k in open_ if open_[k] == max(open_.values()))
    price = Fraction(0)
    for kind, number in open_.items():
        seconds[kind][2] = number + (whole - left if kind == most else 0)
        hourly = _hourly(rule(kind, card), card)
        if hourly is None:
            return None
        price += seconds[kind][2] * hourly / 3600
    return Fraction(int(price * 100 + Fraction(1, 2)), 100)


def _hourly(one: Rule, card: RateCard) -> Fraction | None:
    if one.rate is not None:
        return Fraction(one.rate)
    return None if card.rate is None else Fraction(card.rate) * Fraction(one.multiplier)


def as_one(work: Iterable[Stretch], card: RateCard | None) -> list[list[Stretch]]:
    """Which stretches are one call, for one customer under one contract, in the order in which they begin."""
    single: dict[str, list[Stretch]] = defaultdict(list)
    for one in sorted(work, key=lambda one: (one.interval.start, one.source)):
        single[f"call {one.call}" if one.call else one.source].append(one)
    found: list[list[Stretch]] = []
    for call in single.values():
        mates = [other for other in found if other[0].ticket_id == call[0].ticket_id and _lasts(other)]
        merges = mates and card and card.merge is not None and _lasts(call)
        if merges and call[0].interval.start - max(one.interval.end for one in mates[-1]) <= card.merge:
            mates[-1] += call
        else:
            found.append(call)
    return found


def _lasts(call: list[Stretch]) -> bool:
    return max(one.interval.end for one in call) > call[0].interval.start
