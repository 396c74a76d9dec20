"""Spelt names: how a person's name may stand in words, as patterns of folded ones (folding.py).

The whole of it, also with the surname first; a hyphen in it may be a space, or be left out. And the surname where a
title or initials stand before it: *Sister Adams*, *F. Adams*, *Adams, F.* A given name or a surname alone is a name of
too many, and stays for whoever reads to judge; so does a surname with a title that somebody else has whom we know.
Where the title is a word too (*sister*, *miss*), and with initials, it has to be written as a name is: Anna Long is
not in *it took a long time*.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

TITLES = {"dr", "prof", "mr", "mrs", "ms", "mx", "mnr", "mev", "mej", "adv"}
WORDS_TOO = {"me", "miss", "rev", "sr", "sister", "nurse", "suster", "doctor", "professor"}
TITLES |= WORDS_TOO
AFTER = {"jr", "jnr", "snr", "ii", "iii", "md", "phd", "esq"}
ASIDE = re.compile(r"\([^)]*\)|[\"“”]")
GAP = r"(?:[\s._+\u00a0\u2010\u2011-]|%20)+"  # between the words of a name; of a file's and in an address as well
HYPHEN = r"[\s\u2010\u2011-]?"
DOTS = r"[\s.\u00a0]"
BEFORE = r"(?:[^\W_]|@)"
END = r"(?![^\W_]|@)"
WRITTEN_AS_A_NAME = "()"  # a group that says so: is_capital has to be asked


def words_of(name: str) -> list[str]:
    """The words of a name without titles, in small letters, the surname last.

    Mail programs write *Adams, Fatima (Karoo Clinic)* for her whom a form knows as Fatima Adams.
    """
    plain = ASIDE.sub(" ", unicodedata.normalize("NFC", name).lower())
    last, _, first = plain.partition(",")
    turned = f"{first} {last}" if set(first.replace(".", "").split()) - AFTER else last
    return [word for word in turned.split() if word.rstrip(".") not in TITLES | AFTER]


def ways(words: Sequence[str], alone: Collection[str]) -> Iterator[str]:
    """The patterns of a name; `alone` are surnames that only they have. One word is a name of too many."""
    if len(words) < 2:
        return
    yield _joined(words, BEFORE) + END
    for at in range(1, len(words)):
        last, first = _joined(words[at:], BEFORE), _joined(words[:at])
        yield rf"{last}\s*,\s*{first}(?![^\W_])"
        yield f"{last}{GAP}{first}{END}{WRITTEN_AS_A_NAME}"  # nobody is in *so long Anna*
    if words[-1] in alone:
        yield from _titled(words)
        yield from _initialled(words)


def begins(word: str, before: str) -> str:
    """A word before which that does not stand, unless it is the end of what an address writes for a sign (%3A)."""
    first, rest = re.escape(word[0]), _written(word[1:])
    return rf"{first}(?:(?<!{before}{first})|(?<=%[0-9a-f][0-9a-f]{first})){rest}"


def is_capital(words: str) -> bool:
    """Whether what was found is written as a name: what begins it and what ends it with capitals."""
    named = [word for word in re.split(r"[\s.,_+\u00a0-]+", words) if word]
    return named[-1][0].isupper() and (named[0][0].isupper() or named[0].lower() in TITLES)


def _titled(words: Sequence[str]) -> Iterator[str]:
    between = "".join(rf"(?:{re.escape(word)}\s+)?" for word in words[1:-1])
    for title in sorted(TITLES):
        written = WRITTEN_AS_A_NAME if title in WORDS_TOO else ""
        yield rf"{begins(title, BEFORE)}{DOTS}{{1,3}}{between}{_written(words[-1])}{END}{written}"


def _initialled(words: Sequence[str]) -> Iterator[str]:
    first, last = re.escape(words[0][0]), _written(words[-1])
    between = "".join(rf"(?:(?:{re.escape(word)}|{re.escape(word[0])}){DOTS}{{0,3}})?" for word in words[1:-1])
    yield rf"{begins(first, BEFORE)}{DOTS}{{0,3}}{between}(?<={DOTS}){last}{END}{WRITTEN_AS_A_NAME}"
    yield rf"{begins(words[-1], BEFORE)},\s?{first}{END}\.?{WRITTEN_AS_A_NAME}"


def _joined(words: Sequence[str], before: str = "") -> str:
    first = begins(words[0], before) if before else _written(words[0])
    return GAP.join([first, *map(_written, words[1:])])


def _written(word: str) -> str:
    return HYPHEN.join(map(re.escape, re.split("[\u2010\u2011-]", word)))
