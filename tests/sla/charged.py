"""What the tests of charges share: rate cards and work as a person would write them, and a story of both.

A story has lines of what is known (`card`, `closed`, `holiday`), of work, and of what it comes to, which begin with
`=` and stand in the order of the work. `now` tells of a change while the month is open, so all of it is charged anew;
`later` of one after it was closed, so there are corrections. Lines that begin with `#` are the reckoning by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

from promised import JOHANNESBURG, NAMES, at, office

from sla.interval import Interval
from sla.money.charge import Line, charge
from sla.money.correction import corrections
from sla.money.presets import PRESETS
from sla.money.rates import RateCard
from sla.money.rule import Rule
from sla.money.stretch import Basis, Judged, Stretch
from sla.money.windows import Day, Window
from sla.month import Month
from sla.overtime import Band, Cover
from sla.phrases import clock, money

BANDS = {band.replace("_", " "): band for band in Band}
CONSENTS = {"accepted": True, "refused": False}
A_BAND = "|".join(BANDS)


def minutes(number: str) -> timedelta:
    return timedelta(minutes=int(number))


def wall_minutes(text: str) -> int:
    hours, minute = text.split(":")
    return int(hours) * 60 + int(minute)


def card(words: str, version: int = 1) -> RateCard:
    """`office hours, R760, steps of 15 min, at least 30 min, sunday x 2.5`, beginning with a preset."""
    preset, *clauses = words.split(", ")
    made = PRESETS[preset](preset, version, *([] if preset == "premium" else [None]))
    prices = [clause for clause in clauses if clause.startswith("R")]
    changes = [CLAUSES[name](*match.groups()) for clause in clauses for name, match in [clause_of(clause)]]
    values = (
        vars(made) | {"bands": dict(made.bands), "windows": ()} | {"rate": Decimal(prices[0][1:]) if prices else None}
    )
    for change in changes:
        change(values)
    return RateCard(**values)


def clause_of(words: str) -> tuple[str, re.Match[str]]:
    return next((pattern, match) for pattern in CLAUSES if (match := re.fullmatch(pattern, words)))


def at_least(length: str, values: dict) -> None:
    """Of everything that is billed, so that the presets' own minimum is gone."""
    values["minimum"] = minutes(length)
    for band, rule in values["bands"].items():
        values["bands"][band] = replace(rule, minimum=None)


def band_changed(band: str, values: dict, **change: object) -> None:
    values["bands"][BANDS[band]] = replace(values["bands"][BANDS[band]], **change)


def not_covered(band: str, rate: str, values: dict) -> None:
    values["bands"][BANDS[band]] = Rule(Cover.NOT_COVERED, Decimal(rate))


def window(name: str, opens: str, closes: str, days: str, multiplier: str, values: dict) -> None:
    rule = Rule(Cover.BILLABLE, multiplier=Decimal(multiplier))
    hours = wall_minutes(opens), wall_minutes(closes)
    values["windows"] += (Window(name, frozenset(map(Day, days.split())), *hours, rule),)


CLAUSES = {
    r"R[\d.]+": lambda: lambda values: None,
    r"steps of (\d+) min": lambda length: lambda values: values.update(increment=minutes(length)),
    r"no minimum": lambda: partial(at_least, "0"),
    r"at least (\d+) min": lambda length: partial(at_least, length),
    rf"({A_BAND}) at least (\d+) min": lambda band, length: partial(band_changed, band, minimum=minutes(length)),
    rf"({A_BAND}) x ([\d.]+)": lambda band, factor: partial(band_changed, band, multiplier=Decimal(factor)),
    rf"({A_BAND}) at R([\d.]+)": lambda band, rate: partial(
        band_changed, band, rate=Decimal(rate), multiplier=Decimal(1)
    ),
    rf"({A_BAND}) deducts ([\d.]+)": lambda band, factor: partial(band_changed, band, deducts=Decimal(factor)),
    rf"({A_BAND}) not covered at R([\d.]+)": lambda band, rate: partial(not_covered, band, rate),
    r"merging within (\d+) min": lambda length: lambda values: values.update(merge=minutes(length)),
    r"(\d+) h a month": lambda number: lambda values: values.update(included=timedelta(hours=int(number))),
    r"closures count": lambda: lambda values: values.update(closures_count=True),
    r"asks nobody": lambda: lambda values: values.update(needs_consent=False),
    r"window ([\w ]+) (\d\d:\d\d)-(\d\d:\d\d) on ([\w ]+) x ([\d.]+)": lambda *said: partial(window, *said),
}
WORK = re.compile(
    r"(?P<start>\w{3} \d+ \w{3}(?: \d{4})? [\d:]+) to (?P<end>[\d:]+)(?: (?P<consent>accepted|refused))?"
    r"(?: (?P<stranger>by a stranger))?(?: ticket (?P<ticket>\d+))?(?: call (?P<call>\w+))?"
)


def until(start: datetime, end: str) -> datetime:
    """The next time the clock on the wall says so; the same minute is no time at all."""
    local = start.astimezone(ZoneInfo(JOHANNESBURG))
    hours, minute, *second = map(int, end.split(":"))
    found = local.replace(hour=hours, minute=minute, second=second[0] if second else 0)
    return start + ((found - local) if found >= local else found + timedelta(days=1) - local)


@dataclass
class Story:
    """What is known so far, and the lines that it makes."""

    cards: list[tuple[date, RateCard]] = field(default_factory=list)
    closures: tuple[Interval, ...] = ()
    holidays: dict[date, str] = field(default_factory=lambda: dict(NAMES))
    work: dict[datetime, Stretch] = field(default_factory=dict)
    books: list[Line] = field(default_factory=list)
    shown: list[Line] = field(default_factory=list)
    numbers: count = field(default_factory=count)

    def hear(self, line: str) -> None:
        """One line of what is known, or of work."""
        first, _, rest = line.partition(" ")
        if first == "card":
            since, words = re.fullmatch(r"(?:from (\w{3} \d+ \w{3}(?: \d{4})?) )?(.*)", rest).groups()
            self.cards.append((day(since) if since else date.min, card(words, len(self.cards) + 1)))
        elif first == "closed":
            self.closures += (interval(rest),)
        elif first == "holiday":
            self.holidays[day(rest)] = "declared late"
        else:
            self._works(line)

    def _works(self, line: str) -> None:
        said = WORK.fullmatch(line)
        span = interval(line)
        before = self.work.get(span.start)
        self.work[span.start] = Stretch(
            source=before.source if before else f"page {next(self.numbers)}",
            ticket_id=int(said["ticket"] or 1),
            staff_id=1,
            customer_id=None if said["stranger"] else 7,
            interval=span,
            consent=CONSENTS.get(said["consent"]),
            call=said["call"] or "",
        )

    def judged(self) -> list[Judged]:
        """The work with what it is charged by."""
        calendar = office(self.holidays, closures=self.closures)
        return [
            Judged(one, Basis(calendar, self._card(one), {"holidays": len(self.holidays)}))
            for one in self.work.values()
        ]

    def _card(self, one: Stretch) -> RateCard | None:
        local = one.interval.start.astimezone(ZoneInfo(JOHANNESBURG)).date()
        in_force = [card for since, card in self.cards if since <= local]
        return None if one.customer_id is None else in_force[-1]

    def close(self) -> None:
        """The books of this month are closed with what is known."""
        self.books = self.books or list(charge(self.judged()))

    def correct(self) -> list[Line]:
        """What the month after has to make good."""
        month = Month.named("2026-12", JOHANNESBURG)
        made = corrections(self.books, charge(self.judged()), month, lambda _: "more is known")
        self.books += made
        return list(made)


def day(text: str) -> date:
    return at(f"{text} 12:00").date()


def interval(text: str) -> Interval:
    said = WORK.match(text)
    start = at(said["start"])
    return Interval(start, until(start, said["end"]))


def shortly(line: Line, *, month: bool) -> str:
    """`16:45 billable 30 min R570.00`."""
    start = clock(line.interval.start.astimezone(ZoneInfo(JOHANNESBURG)))
    words = [start, line.state.replace("_", " ")]
    if line.amount or line.billed_seconds:
        words += [f"{line.billed_seconds // 60} min", money(line.amount).replace(" ", "")]
    elif line.price is not None and line.state == "to_check":
        words.append(f"{money(line.price)} if billed")
    return " ".join([*words, *([f"in {line.month.name}"] if month else []), *(["correction"] if line.corrects else [])])
