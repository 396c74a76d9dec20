"""Contract words: what a version of a contract says, in sentences, and in which of them two versions differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from desk.retention import RULES, Kind
from sla.money import rate_words
from sla.money.rates import NOTHING
from sla.overtime import Band, Cover
from sla.phrases import duration, money
from sla.targets import PRIORITIES, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from sla.contract import Contract
    from sla.money.rates import RateCard
    from sla.money.rule import Rule

HOUSE = "as the house promises"
MEASURES = {
    Measure.FIRST_RESPONSE: "first answer",
    Measure.NEXT_RESPONSE: "next answer",
    Measure.RESOLUTION: "resolution",
}


@dataclass(frozen=True)
class Terms:
    """What a version says: of each hour, of each priority and measure, and of what is kept."""

    card: RateCard
    promises: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retention: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, contract: Contract) -> Terms:
        """Those of a stored version."""
        return cls(contract.rates, contract.targets or {}, contract.retention or {})


class Sentence(NamedTuple):
    """One thing that a contract speaks of, and what it says."""

    what: str
    text: str


class Change(NamedTuple):
    """One thing of which another version says something else; "" where one of them says nothing."""

    what: str
    was: str
    now: str


def sentences(terms: Terms) -> list[Sentence]:
    """All that it says, and what holds where it is silent."""
    said = [one for one in _promises(terms) if one.text != HOUSE]
    rest = Sentence("Other targets" if said else "Targets", HOUSE)
    return [*_hours(terms.card), *_counting(terms.card), *said, rest, *_kept(terms)]


def changes(old: Terms, new: Terms) -> list[Change]:
    """In what they differ, in the order of the sentences."""
    was, now = (dict([*_hours(of.card), *_counting(of.card), *_promises(of), *_kept(of)]) for of in (old, new))
    return [
        Change(what, was.get(what, ""), now.get(what, "")) for what in {**now, **was} if was.get(what) != now.get(what)
    ]


def _hours(card: RateCard) -> Iterator[Sentence]:
    yield Sentence("Name", card.name)
    for band in Band:
        yield Sentence(_title(band), _rule(card.bands[band], card.rate))
    for window in card.windows:
        when = rate_words.told_window(window).removesuffix(rate_words.told(window.rule))
        yield Sentence(f"Window {window.name}", when + _rule(window.rule, card.rate))


def _rule(rule: Rule, rate: Decimal | None) -> str:
    """Its words, with what an hour comes to where they only say a factor."""
    words = rate_words.told(rule)
    hourly = rule.hourly(rate)
    if rule.cover is Cover.INCLUDED or hourly is None or rule.rate is not None:
        return words
    first, *rest = words.split(", ")
    return ", ".join([f"{first} ({money(hourly)} an hour)", *rest])


def _counting(card: RateCard) -> Iterator[Sentence]:
    unpriced = "none is agreed: what would be billed is for billing staff to check"
    yield Sentence("Rate", f"{money(card.rate)} an hour, excluding VAT" if card.rate is not None else unpriced)
    yield Sentence("Steps", f"billed in steps of {duration(card.increment)}")
    least = duration(card.minimum) if card.minimum > NOTHING else "none"
    yield Sentence("Minimum", f"{least}, where an hour does not say its own; {_once(card)}")
    yield Sentence("Included hours", f"{duration(card.included)} a month" if card.included else "none")
    asked = "callers are told of overtime rates and asked" if card.needs_consent else "nobody is asked"
    yield Sentence("Consent", asked)
    closed = "are not office hours" if card.closures_count else "change nothing"
    yield Sentence("Closures", f"hours in which the company is closed {closed}")


def _once(card: RateCard) -> str:
    if card.merge is None:
        return "once for each call"
    return f"once for calls on one ticket of which each begins within {duration(card.merge)} of the one before"


def _promises(terms: Terms) -> Iterator[Sentence]:
    for priority in PRIORITIES:
        for measure, name in MEASURES.items():
            said = terms.promises.get(priority, {}).get(measure.value, HOUSE)
            yield Sentence(f"{priority.title()}, {name}", said)


def _kept(terms: Terms) -> Iterator[Sentence]:
    for kind, term in sorted(terms.retention.items()):
        yield Sentence(f"Kept: {RULES[Kind(kind)].what}", term)


def _title(band: Band) -> str:
    if band is Band.OFFICE:
        return "Office hours"
    return band.replace("_", " ").capitalize()
