"""Month: a month of the office's calendar, as addresses and commands name it: 2026-11."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla.interval import Interval

if TYPE_CHECKING:
    from typing import Self

YEARS = range(1995, 2061)
WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True)
class Month:
    """A month and the zone whose clocks it goes by."""

    first: date
    zone: str

    @classmethod
    def named(cls, text: str, zone: str) -> Self:
        """The month of that name; raises ValueError with what could be said instead."""
        found = WRITTEN.fullmatch(text)
        if not found or int(found[1]) not in YEARS or not 1 <= int(found[2]) <= 12:
            raise ValueError(f"{text[:20]!r} is not a month such as 2026-11")
        return cls(date(int(found[1]), int(found[2]), 1), zone)

    @classmethod
    def of(cls, at: datetime, zone: str) -> Self:
        """The month in which that instant lies."""
        return cls(at.astimezone(ZoneInfo(zone)).date().replace(day=1), zone)

    @property
    def name(self) -> str:
        """2026-11."""
        return f"{self.first:%Y-%m}"

    @property
    def span(self) -> Interval:
        """From its first midnight to that of the next."""
        return Interval(self._midnight(self.first), self._midnight(self.beside(1)))

    def beside(self, months: int) -> date:
        """The first day of the month so many on."""
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + months, 12)
        return date(year, month + 1, 1)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)
