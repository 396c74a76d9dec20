"""Entry words: what an entry of the audit says, as people read it.

An entry keeps instants, days and references as programs write them, so that it means the same for ever. A page tells
them as every other page does: on the clocks of the line, and in threes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from desk.frame import of_day, written
from tickets.reference import is_valid, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d|Z)"
TOLD = re.compile(rf"(?<![\w-])(?:{INSTANT}|\d{{4}}-\d\d-\d\d|\d{{4}}-\d\d|\d{{9}})(?![\w-])")
UNSAID: tuple[object, ...] = ("", None, 0, [], {})  # what was not so is not told; False is


class EntryWords:
    """The words of entries on the clocks of `zone`; `lasting` says a number of seconds."""

    def __init__(self, zone: str, now: datetime, lasting: Callable[[timedelta], str]) -> None:
        self._zone, self._now, self._lasting = zone, now, lasting

    def plain(self, text: str) -> str:
        """The same words, with what stands in them for programs said for people."""
        return TOLD.sub(lambda found: self._said(found[0]), text)

    def facts(self, detail: Mapping[str, object]) -> Iterator[tuple[str, str | list[str]]]:
        """Each thing that is known beside: its name, and one text or several."""
        for name, value in detail.items():
            if value in UNSAID and value is not False:
                continue
            if name.endswith("seconds") and isinstance(value, int):
                yield name.removesuffix("seconds").replace("_", " ").strip() or "time", self._time(value)
            else:
                yield name.replace("_", " "), self._value(value)

    def _value(self, value: object) -> str | list[str]:
        if isinstance(value, Mapping):
            return [f"{name}: {self._line(one)}" for name, one in self.facts(value)]
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._line(self._value(one)) for one in value]
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else self.plain(str(value))

    def _line(self, said: str | list[str]) -> str:
        return said if isinstance(said, str) else ", ".join(said)

    def _time(self, seconds: int) -> str:
        return self._lasting(timedelta(seconds=seconds))

    def _said(self, text: str) -> str:
        """An instant, a day, a month or a reference; what only looks like one stays."""
        if text.isdecimal():
            return printed(text) if is_valid(text) else text
        try:
            if "T" in text:
                return written(datetime.fromisoformat(text), self._zone, self._now)
            if len(text) == len("2026-11"):
                return f"{date.fromisoformat(f'{text}-01'):%B %Y}"
            return of_day(date.fromisoformat(text), self._zone, self._now)
        except ValueError:
            return text
