"""Written numbers: telephone numbers where they stand in words, however people, programs and voices write them.

Looked for by the library (PhoneNumberMatcher), which knows what is a number, and a reference, a date or an amount is
none; then, with a plus or in the groups of home, also what no register knows: it may be one that a typing error made.
`spelled` is the other half: the pattern of one number that is known, for whoever looks for that one alone.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher

from desk import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Place = tuple[int, int, str | None]

# What stands between the digits of a number: spaces of every width, also of none, brackets, points, dashes, and what
# an address writes for a space.
SIGNS = r" \t\r\n\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\ufeff()\[\].,:'|*~/_\u2010-\u2015\u2212-"
BETWEEN = rf"(?:[{SIGNS}]|%20|&nbsp;|&#\w{{1,5}};){{0,6}}"
ABROAD = ("+", "(+", "%2b", "00", "plus", "(")  # before the country's code
ENOUGH = re.compile(r"(?:\d\D{0,4}){6}\d")  # digits, to be worth looking
CODED = re.compile("%2B|%20", re.IGNORECASE)
SPOKEN = re.compile(r"(?<![\w,.-])(?:plus, |(?=0))\d(?: \d){1,4}(?:, \d(?: \d){1,4}){1,5}(?![\w.-])")  # numbers.spoken
GROUP = r"[ .\u2010-\u2015-]?"
# What no register knows.
HOME = re.compile(rf"(?<![\w.-])0[1-9]\d{GROUP}\d{{3}}{GROUP}\d{{4}}(?![\w-])")
PLUS = re.compile(rf"\+[1-9](?:{GROUP}\d){{6,14}}(?!\d)")


@dataclass(frozen=True)
class Written:
    """A number in a text: from where to where it stands, as what, and in E.164, if it is any that exists."""

    start: int
    end: int
    raw: str
    e164: str | None


def found(text: str) -> list[Written]:
    """Every number in it, in order; none overlaps another."""
    if not ENOUGH.search(text):
        return []
    plain, every = _plain(text), []
    for look in (_spoken, _matched, _of_home, _with_a_plus):
        for begin, end, e164 in look(plain):
            start = begin - 2 if text[begin] in "Bb" else begin  # %2B, of which the last sign was made the plus
            every.append(Written(start, end, text[start:end], e164))
            plain = plain[:start] + ";" * (end - start) + plain[end:]
    return sorted(every, key=lambda one: one.start)


def replaced(text: str, by: Callable[[Written], str]) -> str:
    """The text with something else in the place of each."""
    for one in reversed(found(text)):
        text = text[: one.start] + by(one) + text[one.end :]
    return text


def masked(text: str) -> str:
    """A text with every number in it masked."""
    return replaced(text, lambda one: numbers.masked(one.raw))


def spelled(e164: str) -> list[str]:
    """Patterns of that number in small letters; each begins with a sign of its own, with no digit or plus before it."""
    parsed = phonenumbers.parse(e164)
    country = str(parsed.country_code)
    rest = BETWEEN.join(digits(e164)) + r"(?!\d)"
    abroad = rf"{BETWEEN}(?:\(?0\)?{BETWEEN})?{rest}"
    heads = [rf"{_first(head)}{BETWEEN}{BETWEEN.join(country)}{abroad}" for head in ABROAD]
    bare = _first(country[0]) + "".join(BETWEEN + one for one in country[1:]) + abroad
    return [*heads, bare, *(rf"{_first(head)}{BETWEEN}{rest}" for head in ("0", "(0"))]


def digits(e164: str) -> str:
    """Those that stand in every spelling of it."""
    return phonenumbers.national_significant_number(phonenumbers.parse(e164))


def _first(head: str) -> str:
    """An address may have before it what it writes for a space (%20)."""
    first, rest = re.escape(head[0]), re.escape(head[1:])
    return rf"{first}(?:(?<![\d+]{first})|(?<=%[0-9a-f][0-9a-f]{first})){rest}"


def _plain(text: str) -> str:
    """As long as it was, with plain spaces; addresses say a space or a plus by three signs."""
    text = CODED.sub(lambda found: "  +" if found[0][2] in "Bb" else "   ", text)
    return text if text.isascii() and "_" not in text and "\n" not in text else "".join(map(_sign, text))


def _sign(one: str) -> str:
    odd = one in "_\t\r\n" or (not one.isascii() and unicodedata.category(one) in ("Zs", "Zl", "Zp", "Cf"))
    return " " if odd else one


def _spoken(plain: str) -> Iterator[Place]:
    for one in SPOKEN.finditer(plain):
        try:
            e164 = numbers.parse(re.sub(r"[ ,]", "", one[0]).replace("plus", "+"))
        except numbers.NotANumber:
            continue
        yield one.start(), one.end(), e164


def _matched(plain: str) -> Iterator[Place]:
    for one in PhoneNumberMatcher(plain, numbers.REGION, max_tries=sys.maxsize):
        e164 = phonenumbers.format_number(one.number, PhoneNumberFormat.E164)
        if numbers.caller(e164):
            yield one.start, one.end, e164


def _of_home(plain: str) -> Iterator[Place]:
    return ((one.start(), one.end(), None) for one in HOME.finditer(plain))


def _with_a_plus(plain: str) -> Iterator[Place]:
    return ((one.start(), one.end(), None) for one in PLUS.finditer(plain))
