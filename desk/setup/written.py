"""Values as people write them in set-up files, and the types that read them.

`mon-fri: 08:30-17:00`, `082 555 0101`, `thandi, pieter`, `turn: weekly`, `Fri 17:00 to Mon 08:30`. Every
refusal is a sentence that quotes the text and, where it helps, shows one that is right.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from desk import numbers, retention
from ivr.prompts import languages
from ivr.recorded import TAG
from oncall import draft, rota
from sla import clauses
from sla.money import rate_words
from sla.money.rule import check_rate
from sla.phrases import duration
from sla.targets import ByAgreement, Measure
from tickets.mail import wording
from tickets.ticket import Priority

if TYPE_CHECKING:
    from decimal import Decimal

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TURNS = {"daily": 1, "weekly": 7, "fortnightly": 14}
YEARS = range(1995, 2061)  # as far as the business calendars reach
Span = tuple[int, int]
Hours = dict[tuple[int, ...], list[Span]]


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", text := text.lower()):
        raise ValueError(f"{text!r} is not a short name: letters, digits and hyphens, a letter first")
    return text


def _diallable(number: str) -> str:
    if not numbers.may_dial(number):
        raise ValueError(f"{numbers.shown(number)!r} costs by the minute and is never dialled")
    return number


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise ValueError(f"{text!r} is not an email address")
    return text


@cache
def _zones() -> set[str]:
    return available_timezones()


def _zone(text: str) -> str:
    if text not in _zones():
        raise ValueError(f"there is no time zone {text!r}; one is Africa/Johannesburg")
    return text


def _wall(text: object) -> datetime:
    try:
        wall = datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 2026-11-16T08:30") from None
    if wall.tzinfo:
        raise ValueError(f"{text!r} names an offset; it is local time, and the zone is said elsewhere")
    if wall.year not in YEARS:
        raise ValueError(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    return wall


def _listed(value: object) -> object:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


def _language(text: str) -> str:
    """A language of ours, or one that may have been added; whether it was is looked up when it is stored."""
    if text not in languages() and not TAG.fullmatch(text):
        raise ValueError(f"there are no prompts in {text!r}, only in {', '.join(languages())}")
    return text


def _told_in(text: str) -> str:
    if text not in (*languages(), *wording.languages()) and not TAG.fullmatch(text):
        raise ValueError(f"there are neither prompts nor letters in {text!r}, only in {', '.join(wording.languages())}")
    return text


def _turn(value: object) -> object:
    text = str(value).strip().lower()
    days = re.fullmatch(r"(\d{1,4})(?: days?)?", text)
    if not days and text not in TURNS:
        raise ValueError(f"{text!r} is not a turn: write daily, weekly, fortnightly or a number of days")
    return int(days[1]) if days else TURNS[text]


def _rota_hours(value: object) -> str:
    text = str(value).strip()
    try:
        return draft.check_hours(text)
    except ValueError:
        names = ", ".join((draft.AT_WEEKENDS, *draft.NAMED))
        raise ValueError(f"{text!r} is not weekly hours such as Fri 17:00 to Mon 08:30, nor {names}") from None


def _handoff(value: object) -> str:
    text = str(value).strip().title()
    try:
        rota.Turns.weekly(text)
    except ValueError:
        raise ValueError(f"{value!r} is not a weekday and time such as Mon 08:30") from None
    return text


def _weekdays(value: object) -> tuple[int, ...]:
    found: list[int] = []
    for part in str(value).lower().split(","):
        first, _, last = part.partition("-")
        start, end = _weekday(first), _weekday(last or first)
        found += [(start + n) % 7 for n in range((end - start) % 7 + 1)]
    return tuple(found)


def _weekday(text: str) -> int:
    for number, day in enumerate(DAYS):
        if text.strip() in (day, day[:3]):
            return number
    raise ValueError(f"{text.strip()!r} is not a day such as mon, or mon-fri")


def _spans(value: object) -> list[Span]:
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return [_span(str(part)) for part in parts if str(part).strip() not in ("", "closed")]


def _span(text: str) -> Span:
    found = re.fullmatch(r"(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)", text.strip())
    if not found:
        raise ValueError(f"{text!r} is not hours such as 08:30-17:00")
    h1, m1, h2, m2 = map(int, found.groups())
    opens, closes = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or closes > 24 * 60:
        raise ValueError(f"{text!r} is not hours such as 08:30-17:00")
    if opens >= closes:
        raise ValueError(f"{text!r} ends before it begins; hours over midnight are two, split at 24:00")
    return opens, closes


def _night(value: object) -> object:
    if isinstance(value, tuple):  # what holds where a file leaves it out
        return value
    found = re.fullmatch(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)", str(value).strip())
    try:
        h1, m1, h2, m2 = map(int, found.groups()) if found else (24, 0, 0, 0)
        begins, ends = time(h1, m1), time(h2, m2)
    except ValueError:
        raise ValueError(f"{value!r} is not a night such as 18:00-06:00") from None
    if begins == ends:
        raise ValueError(f"{value!r} is a night without an end")
    return begins, ends


def _each_day_once(value: object) -> object:
    # Two keys that mean the same days would else become one, and the first hours vanish.
    days = [_read_days(key) for key in value] if isinstance(value, dict) else []
    if twice := [key for number, key in enumerate(days) if key and key in days[:number]]:
        raise ValueError(f"{DAYS[twice[0][0]].title()}: given twice")
    return value


def _read_days(key: object) -> tuple[int, ...]:
    try:
        return _weekdays(key)
    except ValueError:
        return ()  # the key itself is refused, with its own line


def _plain(text: str) -> str:
    if any(unicodedata.category(letter) == "Cc" for letter in text if letter not in "\t\r\n"):
        raise ValueError("it holds control characters")
    return " ".join(text.split())


def _clause(value: object) -> str:
    return str(clauses.read(str(value)))


def _targets(given: dict[Priority, dict[Measure, str]]) -> dict[Priority, dict[Measure, str]]:
    for priority, said in given.items():
        for measure, words in said.items():
            if measure != Measure.RESOLUTION and isinstance(clauses.read(words).promise, ByAgreement):
                raise ValueError(f"{priority}: only a resolution can be left to an agreement, no {measure}")
    return given


def _rule(value: object) -> str:
    # An underscore and plain words, as bands were written before they had prices.
    return rate_words.told(rate_words.rule(str(value))).replace("not covered", "not_covered", 1)


def _length(value: object) -> str:
    return duration(rate_words.length(str(value)))


def _rate(value: object) -> str:
    return f"{_money(str(value)):.2f}"


def _money(words: str) -> Decimal:
    amount = rate_words.money(words)
    check_rate(amount)
    return amount


def _windows(given: object) -> list[list[str]]:
    """Names and words, in their order: of two that fit, the first holds."""
    if not isinstance(given, dict):
        raise ValueError("it is no table such as evening: 17:00-20:00 on weekdays, billable x 1.25")  # noqa: TRY004 - pydantic
    return [[name, rate_words.told_window(rate_words.window(str(name), str(words)))] for name, words in given.items()]


def _retention(given: dict[retention.Kind, str]) -> dict[str, str]:
    return {str(kind): retention.written(term) for kind, term in retention.agreed(given).items()}


def _agreed(value: object) -> object:
    if value not in (known := [rule.kind.value for rule in retention.RULES.values() if rule.is_agreed]):
        raise ValueError(f"{value!r} is nothing that a contract says it of; there are {', '.join(known)}")
    return value


def _since(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"{day} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    return day


def _dates(given: dict[date, list[Span]]) -> dict[date, list[Span]]:
    if outside := [day for day in given if day.year not in YEARS]:
        raise ValueError(f"{outside[0]} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    return given


def _week(given: Hours) -> Hours:
    named = [day for days in given for day in days]
    if twice := [day.title() for number, day in enumerate(DAYS) if named.count(number) > 1]:
        raise ValueError(f"{', '.join(twice)}: given twice")
    if not any(given.values()):
        raise ValueError("there are no open hours at all")
    return given


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Key = Annotated[str, AfterValidator(_key)]
Phone = Annotated[str, AfterValidator(numbers.parse)]
Diallable = Annotated[Phone, AfterValidator(_diallable)]
Email = Annotated[str, AfterValidator(_email)]
Zone = Annotated[str, AfterValidator(_zone)]
Wall = Annotated[datetime, BeforeValidator(_wall)]
Keys = Annotated[list[Key], BeforeValidator(_listed)]
Language = Annotated[str, AfterValidator(_language)]
ToldIn = Annotated[str, AfterValidator(_told_in)]  # a person: by letter, and on a line that speaks it
Languages = Annotated[list[Language], BeforeValidator(_listed), Field(min_length=1)]
Weekdays = Annotated[tuple[int, ...], BeforeValidator(_weekdays)]
Spans = Annotated[list[Span], BeforeValidator(_spans)]
Week = Annotated[dict[Weekdays, Spans], BeforeValidator(_each_day_once), AfterValidator(_week)]
Since = Annotated[date, AfterValidator(_since)]
Dates = Annotated[dict[date, Spans], AfterValidator(_dates)]
Clause = Annotated[str, BeforeValidator(_clause)]
Targets = Annotated[dict[Priority, dict[Measure, Clause]], AfterValidator(_targets)]
Agreed = Annotated[retention.Kind, BeforeValidator(_agreed)]
Retention = Annotated[dict[Agreed, str], AfterValidator(_retention)]
RuleWords = Annotated[str, BeforeValidator(_rule)]
Length = Annotated[str, BeforeValidator(_length)]
Rate = Annotated[str, BeforeValidator(_rate)]
Windows = Annotated[list[list[str]], BeforeValidator(_windows)]
Night = Annotated[tuple[time, time], BeforeValidator(_night)]
Turn = Annotated[int, BeforeValidator(_turn), Field(ge=1)]
RotaHours = Annotated[str, BeforeValidator(_rota_hours)]
Handoff = Annotated[str, BeforeValidator(_handoff)]
Handoffs = Annotated[list[Handoff], BeforeValidator(_listed)]
Share = Annotated[int, Field(ge=1, le=100)]
Shares = Annotated[list[Share], BeforeValidator(_listed)]
Ring = Annotated[int, Field(ge=5, le=120)]
