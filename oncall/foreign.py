"""Shifts of another product: who is on duty from when to when, each with the line of the file that says so.

Whatever cannot be read is a fault of its line; nothing is guessed. Times without an offset are wall time of the rota.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall.wall import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Fault(NamedTuple):
    """What is wrong, and in which line of the file."""

    line: int
    text: str


class Wanted(NamedTuple):
    """One shift of the file: this engineer at this place (0 rings first) for all of [start, end)."""

    line: int
    engineer: str
    start: datetime
    end: datetime
    place: int = 0


class Unreadable(ValueError):
    """Something in one line that cannot be understood; the text says what."""


@dataclass(frozen=True)
class People:
    """Those who can be on duty: key, name and mail address, in small letters, lead to the key."""

    known: Mapping[str, str]

    @classmethod
    def of(cls, staff: Iterable[tuple[str, str, str | None]]) -> People:
        """From (key, name, mail address); what two people share names neither."""
        found: dict[str, set[str]] = {}
        for key, *more in staff:
            for text in (key, *filter(None, more)):
                found.setdefault(text.casefold(), set()).add(key)
        return cls({text: keys.pop() for text, keys in found.items() if len(keys) == 1})

    def called(self, text: str) -> str:
        """Whose name, mail address or key this is; raises Unreadable if nobody's."""
        key = self.known.get(text.strip().casefold())
        if key is None:
            raise Unreadable(f"nobody here is called {text.strip()!r}")
        return key

    def within(self, text: str) -> str:
        """Whom a sentence names; raises Unreadable unless that is exactly one person."""
        folded = text.casefold()
        keys = {key for name, key in self.known.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)}
        if len(keys) != 1:
            raise Unreadable(f"{text!r} names {'several people' if keys else 'nobody here'}")
        return keys.pop()


def moment(at: datetime | date, zone: str) -> datetime:
    """The instant in UTC; a day begins at midnight, and what has no zone is wall time in this one."""
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day)  # noqa: DTZ001 - wall time
    return instant(at, zone) if at.tzinfo is None else at.astimezone(UTC)


def checked(one: Wanted) -> Wanted:
    """The same; raises Unreadable for a shift that could not be."""
    if one.start >= one.end:
        raise Unreadable("it ends before it begins")
    return one


def twice(wanted: Iterable[Wanted]) -> Iterator[Fault]:
    """Whatever puts two people into one place at a time."""
    last: dict[int, Wanted] = {}
    for one in sorted(wanted, key=lambda one: (one.place, one.start, one.line)):
        before = last.get(one.place)
        if before and one.start < before.end and one.engineer != before.engineer:
            yield Fault(one.line, f"{before.engineer} has the same place at the same time in line {before.line}")
        if before is None or one.end > before.end:
            last[one.place] = one
