"""Draft: the form of a version of a contract, from terms to fields, and from fields to what a set-up file would say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from desk.customers.entries import Problem, Refused, Typed
from desk.retention import RULES
from sla.contract_words import MEASURES, Terms
from sla.money import rate_words
from sla.money.presets import PRESETS
from sla.money.rates import NOTHING
from sla.money.rule import ONCE
from sla.overtime import Band, Cover
from sla.phrases import duration
from sla.targets import PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from desk.setup.sheets import Path
    from sla.money.rates import RateCard
    from sla.money.rule import Rule

Fields = dict[str, str]
PLAIN = ("name", "valid_from", "rate", "increment", "minimum", "merge", "included")
TICKS = ("needs_consent", "closures_count")
OF_A_RULE = ("cover", "price", "least", "deducts")
SPARE = 2  # empty rows of windows on the form
WINDOW = re.compile(r"window-([0-9]{1,3})-(?:name|words)")
KINDS = tuple(kind for kind, rule in RULES.items() if rule.is_agreed)
COVERS = {cover.value: cover.replace("_", " ") for cover in Cover}
NO_PRICE = "say x 1.5 for so many times the rate, or R950 for a rate of its own"


def of_terms(terms: Terms, since: date) -> Fields:
    """The form filled in with these terms."""
    card = terms.card
    fields = {"name": card.name, "valid_from": since.isoformat(), **_counting(card)}
    for band in Band:
        fields |= {f"{band}-{part}": words for part, words in _of_rule(card.bands[band]).items()}
    for number, window in enumerate(card.windows):
        fields |= {f"window-{number}-name": window.name, f"window-{number}-words": rate_words.told_window(window)}
    fields |= {f"{priority}-{name}": said for priority, of in terms.promises.items() for name, said in of.items()}
    return fields | {f"keeps-{kind}": term for kind, term in terms.retention.items()}


def of_preset(name: str, since: date) -> Fields:
    """The form filled in with a preset, which has no rate and promises what the house does."""
    return of_terms(Terms(PRESETS[name](name, 0)), since)


def of_form(form: Mapping[str, str], longest: int) -> Fields:
    """What was typed, as far as it is of this form."""
    return {name: " ".join(form[name].split())[:longest] for name in names(rows(form)) if form.get(name, "").strip()}


def names(windows: int) -> Iterator[str]:
    """Every field that a form has with so many rows of windows."""
    yield from (*PLAIN, *TICKS)
    yield from (f"{band}-{part}" for band in Band for part in OF_A_RULE)
    yield from (f"window-{number}-{part}" for number in range(windows) for part in ("name", "words"))
    yield from (f"{priority}-{measure}" for priority in PRIORITIES for measure in MEASURES)
    yield from (f"keeps-{kind}" for kind in KINDS)


def rows(fields: Mapping[str, str]) -> int:
    """How many rows of windows are in use, as far as the last in which something stands."""
    return max((int(found[1]) + 1 for name in fields if fields[name] and (found := WINDOW.fullmatch(name))), default=0)


def typed(customer: str, fields: Fields) -> Typed:
    """The version as an entry of a set-up file; raises Refused for what no file could say."""
    values: dict[str, Any] = {"customer": customer} | {name: fields[name] for name in PLAIN if name in fields}
    paths: dict[Path, str] = {(name,): name for name in (*PLAIN, *TICKS)}
    values |= {name: "yes" if name in fields else "no" for name in TICKS}
    values |= {band.value: _rule(fields, band) for band in Band}
    paths |= {(band.value,): f"{band}-cover" for band in Band}
    values["windows"] = _windows(fields)
    paths[("windows",)] = "window-0-name"
    values["targets"] = _targets(fields)
    paths |= {("targets", one, str(what)): f"{one}-{what}" for one in PRIORITIES for what in MEASURES}
    values["retention"] = {str(kind): fields[f"keeps-{kind}"] for kind in KINDS if f"keeps-{kind}" in fields}
    paths[("retention",)] = f"keeps-{KINDS[0]}"
    return Typed("contracts", values, paths)


def _counting(card: RateCard) -> Fields:
    said = {"rate": f"R{card.rate:.2f}" if card.rate is not None else "", "increment": duration(card.increment)}
    said["minimum"] = duration(card.minimum) if card.minimum > NOTHING else ""
    said["merge"] = duration(card.merge) if card.merge is not None else ""
    said["included"] = duration(card.included) if card.included else ""
    ticks = {name: "yes" for name in TICKS if getattr(card, name)}
    return {name: words for name, words in said.items() if words} | ticks


def _of_rule(rule: Rule) -> Fields:
    factor = f"x {rule.multiplier.normalize():f}" if rule.multiplier != ONCE else ""
    return {
        "cover": rule.cover.value,
        "price": f"R{rule.rate:.2f}" if rule.rate is not None else factor,
        "least": duration(rule.minimum) if rule.minimum is not None else "",
        "deducts": f"{rule.deducts.normalize():f}" if rule.deducts is not None else "",
    }


def _rule(fields: Fields, band: Band) -> str:
    cover, price, least, deducts = (fields.get(f"{band}-{part}", "") for part in OF_A_RULE)
    clauses = [f"at least {least}"] if least else []
    return ", ".join([cover + _price(price, f"{band}-price"), *clauses, *([f"deducts {deducts}"] if deducts else [])])


def _price(words: str, field: str) -> str:
    """A bare number might be meant as either, and the difference is a fortune."""
    if not words:
        return ""
    if words[0] in "xX×":
        return f" x {words[1:].strip()}"
    if words[0] in "rR":
        return f" at {words}"
    raise Refused([Problem(field, f"{words!r} is no price: {NO_PRICE}")])


def _window(fields: Fields, number: int) -> tuple[str, str]:
    return fields.get(f"window-{number}-name", ""), fields.get(f"window-{number}-words", "")


def _windows(fields: Fields) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in range(rows(fields)):
        name, words = _window(fields, number)
        if not (name or words):
            continue
        if name in found:  # a file would say so of its line; a form is not read as a file
            raise Refused([Problem(f"window-{number}-name", f"two windows are called {name}")])
        if not name:
            raise Refused([Problem(f"window-{number}-name", "a window needs a name, which the statement tells")])
        _check_window(number, name, words)
        found[name] = words
    return found


def _check_window(number: int, name: str, words: str) -> None:
    """Here it is known in which row it stands; of a file it is known that it is one of the windows."""
    try:
        rate_words.window(name, words)
    except ValueError as fault:
        raise Refused([Problem(f"window-{number}-words", str(fault))]) from None


def _targets(fields: Fields) -> dict[str, dict[str, str]]:
    said = {one: {str(what): fields.get(f"{one}-{what}", "") for what in MEASURES} for one in PRIORITIES}
    kept = {one: {what: words for what, words in of.items() if words} for one, of in said.items()}
    return {one: of for one, of in kept.items() if of}
