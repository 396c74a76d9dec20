"""Text in cells, numbers in digits: the same in every locale, and nothing of it is run or changed by a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from desk.cells import safe

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal

UNSEEN = re.compile(
    r"[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what XML 1.0 cannot hold, and DEL
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
# What spreadsheets take for a number, a date, a time or a truth, in one language or another: 007, 2/3, 1e5, MAR1.
TAKEN = re.compile(
    rf"[\d\s.,:;/%()+\-]*\d[\d\s.,:;/%()+\-]*(e[+\-]?\d+)?|\d*[\s./\-]?({MONTHS})[a-z]*[\s./\-]*\d*|true|false",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"\d{3}-\d{3}-\d{3}")  # as printed; no spreadsheet takes that for anything
LONGEST_TAKEN = 60  # characters; what is longer is read, not reckoned with


def plain(text: str) -> str:
    """The text on one line, without what cannot be seen; as a workbook holds it."""
    return text if _is_plain(text) else _made_plain(text)


def cell(text: str) -> str:
    """The text as a cell of a CSV."""
    # As _is_plain, in one look: most cells are such, and a call for each would take a third more of a file's time.
    if not text or (text.isascii() and text.isprintable() and text[0].isalnum() and text[-1] != " "):
        return text
    return safe(_made_plain(text))


def are_cells(texts: Collection[str]) -> bool:
    """Whether each of them is the cell of a CSV as it stands; one look at them all, which may say no too often."""
    whole = "".join(texts)
    if not (whole.isascii() and whole.isprintable()):
        return False
    first = "".join([text[:1] for text in texts])
    return (not first or first.isalnum()) and " " not in [text[-1:] for text in texts]


def kept(text: str) -> str:
    """The text as a cell of a CSV that a spreadsheet leaves as it is: it makes 7 of 007, and a day of MAR1."""
    found = cell(text)
    taken = len(found) <= LONGEST_TAKEN and TAKEN.fullmatch(found) and not REFERENCE.fullmatch(found)
    return f"'{found}" if taken else found


def _is_plain(text: str) -> bool:
    """Whether nothing in it needs a look, as in nearly every cell."""
    return text.isascii() and text.isprintable() and text[:1] != " " and text[-1:] != " "


def _made_plain(text: str) -> str:
    text = UNSEEN.sub("", " ".join(text.splitlines())).strip()
    while text and unicodedata.category(text[0])[0] in "CZ":  # what nobody sees, before what a spreadsheet would run
        text = text[1:]
    return text


def phone(number: str) -> str:
    """A telephone number as an address: +27… would be a formula, and without the plus a sum with an exponent."""
    return f"tel:{plain(number)}" if number.startswith("+") else cell(number)


def money(amount: Decimal | None) -> str:
    """Digits and a point, two at least after it, and no sign of thousands: 1234.50, -570.00."""
    if amount is None:
        return ""
    if not amount:
        return "0.00"
    digits = f"{amount:f}"
    cents = len(digits.partition(".")[2])
    if cents == 2:
        return digits
    return f"{amount:.2f}" if cents < 2 else _shortest(digits)


def _shortest(digits: str) -> str:
    whole, _, cents = digits.partition(".")
    return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"


@lru_cache(maxsize=4096)
def duration(seconds: int) -> str:
    """hh:mm:ss, with more than 24 hours where there are more, and a sign before what is taken back."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours:02}:{minutes:02}:{rest:02}"
