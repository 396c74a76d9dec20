"""Spelt names: how a person's name may stand in words, as patterns of small letters.

The whole of it, also with the surname first; and the surname where a title or initials stand before it: *Sister
Adams*, *F. Adams*, *Adams, F.* A given name or a surname alone is a name of too many, and stays for whoever reads to
judge; so does a surname with a title that somebody else has whom we know. Where the title is a word too (*sister*,
*miss*), and with initials, it has to be written as a name is: Anna Long is not in *it took a long time*.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

TITLES = {"dr", "prof", "mr", "mrs", "ms", "mx", "mnr", "mev", "mej", "adv"}
WORDS_TOO = {"me", "miss", "rev", "sr", "sister", "nurse", "suster", "doctor", "professor"}
TITLES |= WORDS_TOO
GAP = r"(?:[\s._+\u00a0\u2010\u2011-]|%20)+"  # between the words of a name; of a file's and in an address as well
DOTS = r"[\s.\u00a0]"
BEFORE = r"(?:[^\W_]|@)"
END = r"(?![^\W_]|@)"
WRITTEN_AS_A_NAME = "()"  # a group that says so: is_capital has to be asked


def words_of(name: str) -> list[str]:
    """The words of a name without titles, in small letters."""
    return [word for word in name.lower().split() if word.rstrip(".") not in TITLES]


def ways(words: Sequence[str], alone: Collection[str]) -> Iterator[str]:
    """The patterns of a name; `alone` are surnames that only they have. One word is a name of too many."""
    if len(words) < 2:
        return
    yield begins(words[0], BEFORE) + GAP + _joined(words[1:]) + END
    yield rf"{begins(words[-1], BEFORE)},\s*{_joined(words[:-1])}(?![^\W_])"
    if words[-1] in alone:
        yield from _titled(words)
        yield from _initialled(words)


def begins(word: str, before: str) -> str:
    """A word before which that does not stand, unless it is the end of what an address writes for a sign (%3A)."""
    first, rest = re.escape(word[0]), re.escape(word[1:])
    return rf"{first}(?:(?<!{before}{first})|(?<=%[0-9a-f][0-9a-f]{first})){rest}"


def is_capital(words: str) -> bool:
    """Whether what was found is written as a name: what begins it and what ends it with capitals."""
    named = [word for word in re.split(r"[\s.,_+\u00a0-]+", words) if word]
    return named[-1][0].isupper() and (named[0][0].isupper() or named[0].lower() in TITLES)


def _titled(words: Sequence[str]) -> Iterator[str]:
    between = "".join(rf"(?:{re.escape(word)}\s+)?" for word in words[1:-1])
    for title in sorted(TITLES):
        written = WRITTEN_AS_A_NAME if title in WORDS_TOO else ""
        yield rf"{begins(title, BEFORE)}{DOTS}{{1,3}}{between}{re.escape(words[-1])}{END}{written}"


def _initialled(words: Sequence[str]) -> Iterator[str]:
    first, last = words[0][0], re.escape(words[-1])
    between = "".join(rf"(?:(?:{re.escape(word)}|{re.escape(word[0])}){DOTS}{{0,3}})?" for word in words[1:-1])
    yield rf"{begins(first, BEFORE)}{DOTS}{{0,3}}{between}(?<={DOTS}){last}{END}{WRITTEN_AS_A_NAME}"
    yield rf"{begins(words[-1], BEFORE)},\s?{re.escape(first)}{END}\.?{WRITTEN_AS_A_NAME}"


def _joined(words: Sequence[str]) -> str:
    return GAP.join(map(re.escape, words))
