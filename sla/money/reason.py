"""Reason: why a closed month is charged anew, and which of its lines that can have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sla.money.charge import Line

EVE = timedelta(days=1)  # windows hold on the eve of a holiday, and work goes on over midnight
SOMETHING = "something is known now that was not then"
OTHERS = "other work of that month counts otherwise now"


@dataclass(frozen=True)
class Reason:
    """One, in half a sentence; it concerns work from a day on, of these tickets or in these sources, or any."""

    text: str
    since: date | None = None
    tickets: tuple[int, ...] = ()
    source: str = ""

    @property
    def is_of_some(self) -> bool:
        """Whether it concerns some work alone; by it others change at most as they share included hours with that."""
        return bool(self.tickets or self.source)

    def concerns(self, line: Line) -> bool:
        """Whether it can have changed this line."""
        if self.since and _last_day(line) < self.since - EVE:
            return False
        if self.source and self.source not in {one.source for one in line.stretches}:
            return False
        return not self.tickets or any(one.ticket_id in self.tickets for one in line.stretches)


def telling(reasons: Sequence[Reason]) -> Callable[[Line], str]:
    """What tells of a line why it is another: what concerns it and nothing else."""

    def why(line: Line) -> str:
        mine = [one for one in reasons if one.concerns(line)]
        told = [one.text for one in mine if one.is_of_some] or [one.text for one in mine]
        return "; ".join(dict.fromkeys(told)) or (OTHERS if reasons else SOMETHING)

    return why


def _last_day(line: Line) -> date:
    return line.interval.end.astimezone(ZoneInfo(line.month.zone)).date()
