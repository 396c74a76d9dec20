"""A strip: shifts and gaps as blocks along a period, in per cent of its width, and as entries of a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from oncall.overrides import Override
    from oncall.period import Day, Period
    from oncall.record import Served
    from oncall.shifts import Gap, Shift, ShiftId

TOO_NARROW = 3.0  # per cent; a finger does not find it, the list of days offers the same


@dataclass(frozen=True)
class Stretch:
    """Time, [start, end), in which one engineer is on duty, or nobody; `shift` says which planned shift it is of."""

    engineer: str | None
    start: datetime
    end: datetime
    shift: ShiftId | None = None
    turn_of: str | None = None
    override: str = ""  # the key of the override that put them there
    takes_out: bool = False  # of a change: they are not on duty then

    @property
    def is_gap(self) -> bool:
        """Whether nobody rings."""
        return self.engineer is None

    def cut(self, start: datetime, end: datetime) -> Stretch:
        """What of it lies between two instants."""
        return replace(self, start=max(self.start, start), end=min(self.end, end))

    def within(self, start: datetime, end: datetime) -> bool:
        """Whether it shares time with [start, end)."""
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Block:
    """A stretch as it is drawn: where it begins and how wide it is, in per cent of the strip."""

    stretch: Stretch
    left: float
    width: float

    @property
    def is_wide(self) -> bool:
        """Whether a finger finds it."""
        return self.width >= TOO_NARROW


def of_shift(shift: Shift) -> Stretch:
    """The stretch of a planned or coming shift."""
    key = shift.duty.override.key if shift.duty.override else ""
    return Stretch(shift.engineer, shift.start, shift.end, shift.id, shift.duty.turn_of, key)


def of_served(served: Served) -> Stretch:
    """The stretch of a recorded shift."""
    key = str(served.override_id) if served.override_id else ""
    return Stretch(served.engineer, served.starts, served.ends, served.shift, served.turn_of, key)


def of_gap(gap: Gap) -> Stretch:
    """The stretch in which nobody rings."""
    return Stretch(None, gap.start, gap.end)


def of_override(override: Override) -> Stretch:
    """When an override acts."""
    return Stretch(
        override.engineer,
        override.start,
        override.end,
        turn_of=override.instead_of,
        override=override.key,
        takes_out=override.kind == "remove",
    )


def unbroken(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Pieces of one shift of one person that touch or overlap as one, in order."""
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.start, one.end)):
        last = found[-1] if found else None
        if last and (last.engineer, last.shift) == (one.engineer, one.shift) and one.start <= last.end:
            found[-1] = replace(last, end=max(last.end, one.end), override=last.override or one.override)
        else:
            found.append(one)
    return found


def blocks(stretches: Iterable[Stretch], period: Period) -> list[Block]:
    """Every stretch that is seen in the period, drawn."""
    seen = [one for one in stretches if one.within(period.start, period.end)]
    edges = [(period.part(one.start), period.part(one.end)) for one in seen]
    return [Block(one, left, round(right - left, 3)) for one, (left, right) in zip(seen, edges, strict=True)]


def tracks(stretches: Iterable[Stretch]) -> list[list[Stretch]]:
    """The stretches in as many rows as it takes for none to lie over another."""
    rows: list[list[Stretch]] = []
    for one in sorted(stretches, key=lambda one: (one.start, one.end)):
        row = next((row for row in rows if row[-1].end <= one.start), None)
        if row is None:
            rows.append(row := [])
        row.append(one)
    return rows


def on_day(stretches: Sequence[Stretch], day: Day) -> list[Stretch]:
    """What of the stretches lies in a day, in order."""
    theirs = [one.cut(day.start, day.end) for one in stretches if one.within(day.start, day.end)]
    return sorted(theirs, key=lambda one: one.start)


def next_change(stretches: Sequence[Stretch], now: datetime) -> Stretch | None:
    """The next stretch with which somebody else, or nobody, is on duty."""
    ahead = [one for one in stretches if one.end > now]
    for one, following in pairwise(ahead):
        if following.engineer != one.engineer or following.start > one.end:
            return following if following.start == one.end else Stretch(None, one.end, following.start)
    return None
