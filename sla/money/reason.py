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
    """One, in half a sentence; it concerns work from a day on, until another, of these tickets, of a source, or any."""

    text: str
    since: date | None = None
    until: date | None = None
    tickets: tuple[int, ...] = ()
    source: str = ""

    def came_before(self, line: Line) -> bool:
        """Whether it can have changed this line at least by what is left of the month's included hours."""
        return not self.since or _days(line)[1] >= self.since - EVE

    def concerns(self, line: Line) -> bool:
        """Whether it can have changed this line by itself."""
        if not self.came_before(line) or (self.until and _days(line)[0] > self.until + EVE):
            return False
        if self.source and self.source not in {one.source for one in line.stretches}:
            return False
        return not self.tickets or any(one.ticket_id in self.tickets for one in line.stretches)


def telling(reasons: Sequence[Reason]) -> Callable[[Line], str]:
    """What tells of a line why it is another: what concerns it and nothing else."""

    def why(line: Line) -> str:
        mine = [one.text for one in reasons if one.concerns(line)]
        told = mine or [one.text for one in reasons if one.until and one.came_before(line)]
        return "; ".join(dict.fromkeys(told)) or (OTHERS if reasons else SOMETHING)

    return why


def _days(line: Line) -> tuple[date, date]:
    """The local days on which it begins and ends."""
    zone = ZoneInfo(line.month.zone)
    return line.interval.start.astimezone(zone).date(), line.interval.end.astimezone(zone).date()
