"""Folding: words as they are compared: small letters without accents, plain digits and apostrophes.

Telephones write O'Brien with another apostrophe than keyboards do, a Mac's file names put an accent behind its letter,
and who is in a hurry leaves it out. `folded` is as long as what it is made of: a place in the one is one in the other;
`bare` leaves out what has no width, and says where each sign stood.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

APOSTROPHES = "\u2018\u2019\u02bc\u02b9\u2032\u00b4`\uff07"
ACCENTED = 0x2000  # behind that come scripts in which a mark makes another letter
WIDE = range(0xFF01, 0xFF5F)  # Latin letters and digits as wide as Chinese ones
# Accents of their own, and what has no width, but between digits: there two numbers may meet.
NOTHING = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
LEFT_OUT = re.compile(rf"[\u0300-\u036f]|(?<!\d)[{NOTHING}]|[{NOTHING}](?!\d)")
LONG = 100_000  # signs; in more of them nothing is left out, for it takes its time


def folded(words: str) -> str:
    """The words in small letters, as long as they were."""
    return (words if words.isascii() else words.translate(_table())).lower()


def bare(words: str) -> tuple[str, list[int] | None]:
    """Folded words without what has no width, and where each of their signs stood; None if each is where it was."""
    small = folded(words)
    if words.isascii() or len(words) > LONG or not LEFT_OUT.search(small):
        return small, None
    out = {found.start() for found in LEFT_OUT.finditer(small)}
    places = [at for at in range(len(small)) if at not in out]
    return "".join(small[at] for at in places), [*places, len(small)]


def plain(words: str) -> str:
    """Folded words without what has no width: what is looked for."""
    return bare(words)[0]


@cache
def _table() -> str:
    """For every sign what it is compared as."""
    return "".join(map(_sign, map(chr, range(0x10000))))


def _sign(one: str) -> str:
    if one in APOSTROPHES:
        return "'"
    if one.isdecimal():
        return str(unicodedata.decimal(one))
    if ord(one) in WIDE or (ord(one) < ACCENTED and one.isalpha()):
        apart = unicodedata.normalize("NFKD", one)
        return apart[0] if all(map(unicodedata.combining, apart[1:])) else one
    return one
