"""Rate words: what a contract says of each kind of hour, as it is written in set-up files and shown on pages.

included
billable
billable x 1.5, at least 30 min
billable at R950, deducts 1.5
not covered
17:00-20:00 on weekdays and holiday eve, billable x 1.25

A refusal is a ValueError whose sentence quotes the words and, where it helps, shows some that are right.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sla.money.rates import NOTHING, RateCard
from sla.money.rule import A_MINUTE, ONCE, Rule
from sla.money.windows import Day, Window
from sla.overtime import Band, Cover
from sla.phrases import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WEEKDAYS = tuple(Day)[:5]
SUCH = "say 'included', 'billable x 1.5, at least 30 min' or 'not covered'"
_COVER = re.compile(r"(included|billable|not[ _]covered)(?: (?:x ?([\d.]+)|at (R?[\d ]*\.?\d*)))?", re.IGNORECASE)
_LENGTH = re.compile(r"(?=\d)(?:(\d{1,4}) ?h)? ?(?:(\d{1,6}) ?min)?")
_WINDOW = re.compile(r"(\d\d?):(\d\d) ?[-–] ?(\d\d?):(\d\d) on ([\w ]+), (.+)")
_LENGTHS = {"increment": A_MINUTE, "minimum": NOTHING, "merge": None, "included": NOTHING}  # what holds if unsaid


def rule(words: str) -> Rule:
    """The rule that these words say."""
    first, *clauses = " ".join(words.split()).split(", ")
    found = _COVER.fullmatch(first)
    if not found:
        raise ValueError(f"{first[:40]!r} is no rule of a rate card: {SUCH}")
    values: dict[str, Any] = {"cover": Cover(found[1].lower().replace(" ", "_"))}
    if found[2]:
        values["multiplier"] = number(found[2])
    if found[3]:
        values["rate"] = money(found[3])
    for clause in clauses:
        values |= _clause(clause)
    return Rule(**values)


def told(one: Rule) -> str:
    """A rule in words, of which `rule` makes it again; equal rules are told in equal words."""
    cover = one.cover.replace("_", " ")
    if one.rate is not None:
        cover += f" at R{one.rate:.2f}"
    elif one.multiplier != ONCE:
        cover += f" x {_plain(one.multiplier)}"
    least = [f"at least {duration(one.minimum)}"] if one.minimum is not None else []
    return ", ".join([cover, *least, *([f"deducts {_plain(one.deducts)}"] if one.deducts is not None else [])])


def window(name: str, words: str) -> Window:
    """The window that these words say."""
    found = _WINDOW.fullmatch(" ".join(words.split()))
    if not found:
        raise ValueError(f"{words[:60]!r} is no window: say '17:00-20:00 on weekdays, billable x 1.25'")
    h1, m1, h2, m2 = map(int, found.groups()[:4])
    if m1 > 59 or m2 > 59:
        raise ValueError(f"{words[:60]!r} is no window: hours are such as 17:00-20:00")
    return Window(name, frozenset(_days(found[5])), h1 * 60 + m1, h2 * 60 + m2, rule(found[6]))


def told_window(one: Window) -> str:
    """A window in words, without its name."""
    days = [day for day in Day if day in one.days]
    weekdays = ["weekdays"] if one.days.issuperset(WEEKDAYS) else []
    names = weekdays + [day.replace("_", " ") for day in days if not (weekdays and day in WEEKDAYS)]
    return f"{_clock(one.opens)}-{_clock(one.closes)} on {' and '.join(names)}, {told(one.rule)}"


def length(words: str) -> timedelta:
    """15 min, 2 h or 1 h 30 min."""
    found = _LENGTH.fullmatch(" ".join(str(words).split()))
    if not found:
        raise ValueError(f"{str(words)[:20]!r} is no length such as 15 min or 1 h 30 min")
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def money(words: str) -> Decimal:
    """R760, 760 or 1 250.50."""
    return number(re.sub("^[Rr]", "", str(words).replace(" ", "")))


def number(words: str) -> Decimal:
    """A number with a decimal point."""
    try:
        found = Decimal(str(words))
    except InvalidOperation:
        raise ValueError(f"{str(words)[:20]!r} is no number such as 760 or 1.5") from None
    if not found.is_finite():
        raise ValueError(f"{str(words)[:20]!r} is no number such as 760 or 1.5")
    return found


def read(name: str, version: int, bands: Mapping[str, str], said: Mapping[str, Any], needs_consent: bool) -> RateCard:
    """The rate card of these words; `said` has rate, lengths, windows and whether closures count, where they are."""
    lengths = {what: length(said[what]) for what in _LENGTHS if what in said}
    return RateCard(
        name,
        version,
        {Band(band): rule(words) for band, words in bands.items()},
        windows=tuple(window(*one) for one in said.get("windows", ())),
        rate=money(said["rate"]) if "rate" in said else None,
        closures_count=bool(said.get("closures_count")),
        needs_consent=needs_consent,
        **lengths,
    )


def written(card: RateCard) -> tuple[dict[str, str], dict[str, Any]]:
    """The words of which `read` makes this card again: of its bands, and what else it says."""
    lengths = {what: getattr(card, what) for what in _LENGTHS}
    said: dict[str, Any] = {what: duration(span) for what, span in lengths.items() if span != _LENGTHS[what]}
    if card.rate is not None:
        said["rate"] = f"{card.rate:.2f}"
    if card.windows:
        said["windows"] = [[one.name, told_window(one)] for one in card.windows]
    if card.closures_count:
        said["closures_count"] = True
    return {band.value: told(card.bands[band]).replace("not covered", "not_covered") for band in Band}, said


def _clause(clause: str) -> dict[str, Any]:
    if clause.startswith("deducts "):
        return {"deducts": number(clause.removeprefix("deducts "))}
    if clause.startswith("at least "):
        return {"minimum": length(clause.removeprefix("at least "))}
    raise ValueError(f"{clause[:40]!r} says nothing that a rate card knows: {SUCH}")


def _days(words: str) -> Iterable[Day]:
    for name in words.split(" and "):
        if name.strip() == "weekdays":
            yield from WEEKDAYS
        elif name.strip().replace(" ", "_") in list(Day):
            yield Day(name.strip().replace(" ", "_"))
        else:
            known = ", ".join(day.replace("_", " ") for day in Day)
            raise ValueError(f"{name.strip()[:30]!r} is no kind of day; there are weekdays, {known}")


def _plain(factor: Decimal) -> str:
    return f"{factor.normalize():f}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
