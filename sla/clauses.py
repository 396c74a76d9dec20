"""Clauses: what a contract promises, as it is written in set-up files and shown on pages.

within 2 h, aim 1 h
30 min, round the clock
next business day
3 business days, in Head office hours
by agreement
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from sla.phrases import duration
from sla.targets import ByAgreement, NextBusinessDay, Within

_LENGTH = r"(?=\d)(?:\d+ ?h)? ?(?:\d+ ?min)?"
_HOURS = re.compile(r",? (?:(?P<always>round the clock)|in (?P<name>\S.*?) hours)$")
_WITHIN = re.compile(rf"(?:within )?(?P<breach>{_LENGTH})(?:, aim(?:ing at)? (?P<aim>{_LENGTH}))?")
_DAYS = re.compile(r"(?:by the end of the )?next business day|(?:within )?(?P<number>\d{1,3}) business days")
_PARTS = re.compile(r"(?:(?P<h>\d+) ?h)? ?(?:(?P<min>\d+) ?min)?")
LONGEST = timedelta(days=366)  # of open time; a larger number is a slip of the hand


@dataclass(frozen=True)
class Clause:
    """One promise, and the hours in which it is counted: their name, ALWAYS, or none if the house decides."""

    promise: Within | NextBusinessDay | ByAgreement
    hours: str | None = None

    def __str__(self) -> str:
        if self.hours is None:
            return str(self.promise)
        return f"{self.promise}, {self.hours if self.hours == ALWAYS else f'in {self.hours} hours'}"


ALWAYS = "round the clock"


def read(words: str) -> Clause:
    """The clause that these words say; raises ValueError with what could be said instead."""
    said = " ".join(words.split())
    if found := _HOURS.search(said):
        return Clause(_promise(said[: found.start()]), found["name"] or ALWAYS)
    return Clause(_promise(said))


def _promise(said: str) -> Within | NextBusinessDay | ByAgreement:
    if said == "by agreement":
        return ByAgreement()
    if found := _DAYS.fullmatch(said):
        return NextBusinessDay(int(found["number"] or 1))
    if found := _WITHIN.fullmatch(said):
        return Within(_length(found["breach"]), _length(found["aim"]) if found["aim"] else None)
    raise ValueError(f"{said[:40]!r} is no promise: say '2 h, aim 1 h', 'next business day' or 'by agreement'")


def _length(said: str) -> timedelta:
    found = _PARTS.fullmatch(said.strip())
    parts = {name: int(number[:9]) for name, number in found.groupdict("0").items()} if found else {}
    length = timedelta(hours=parts.get("h", 0), minutes=parts.get("min", 0))
    if length > LONGEST:
        raise ValueError(f"{duration(length)} of open time is over a year")
    return length
