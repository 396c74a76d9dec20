"""A form of the rota's pages: what somebody typed, kept as it was typed, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING

from flask import request

from desk import when
from oncall import period
from oncall.refusals import NotAllowed

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = 500  # characters of a reason or a note


@dataclass
class Form:
    """What somebody typed; `faults` say what is wrong, by field, in sentences."""

    zone: str
    faults: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return request.values.get(name, "").strip()

    def short(self, name: str, words: str) -> str:
        """Words that fit; else a fault."""
        if len(self[name]) > LONGEST:
            self.faults[name] = words
        return self[name]

    def instant(self, name: str, words: str) -> datetime | None:
        """A time on the clocks of the rota, in years in which rotas are looked at; else a fault, and None."""
        try:
            found = when.instant(self[name], self.zone)
        except ValueError:
            found = None
        if found and found.year in period.YEARS:
            return found
        self.faults[name] = words
        return None

    def day(self, name: str, words: str) -> date | None:
        """A day, in years in which rotas are looked at; else a fault, and None."""
        try:
            found = date.fromisoformat(self[name])
        except ValueError:
            found = date.min
        if found.year in period.YEARS:
            return found
        self.faults[name] = words
        return None

    def clock(self, name: str, words: str) -> time | None:
        """A time of day; else a fault, and None."""
        try:
            return time.fromisoformat(self[name]).replace(tzinfo=None)
        except ValueError:
            self.faults[name] = words
            return None

    def refuse(self, error: Exception, name: str = "") -> int:
        """Keep the sentence of a refusal; the status that says it."""
        # A KeyError is no refusal: it has no sentence, and nobody meant it.
        if isinstance(error, LookupError) and type(error) is not LookupError:
            raise error
        self.faults[name] = sentence(str(error))
        return 403 if isinstance(error, NotAllowed) else 422


def sentence(words: str) -> str:
    """The words as a sentence of its own."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
