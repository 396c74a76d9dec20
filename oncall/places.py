"""Whole rotas laid out by place: every shift with the place at which its person rings."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol

from oncall.shifts import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oncall.shifts import Shift, ShiftId

HORIZON = timedelta(days=15)  # further ahead nobody looks for the next hand-off
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


class Asked(Protocol):
    """A rota that can be asked for its shifts: as it stands, or through its versions."""

    @property
    def name(self) -> str:
        """Which rota."""

    def shifts(self, a: datetime, b: datetime, place: int = 0, *, whole: bool = False) -> tuple[Shift, ...]:
        """Return who holds a place."""


class Placed(NamedTuple):
    """One person's unbroken time at one place of a rota, [start, end); place 0 rings first, 1 second."""

    rota: str
    place: int
    engineer: str
    start: datetime
    end: datetime
    rotation: str  # empty for an addition
    layer: str
    turn_of: str
    why: str
    shift: ShiftId

    @property
    def uid(self) -> str:
        """A stable text, if it was asked for whole: no other at any place or of any rota has it."""
        return f"{self.rota}: {self.shift.piece(self.start)}"

    @property
    def rings(self) -> str:
        """When they ring, in words."""
        return f"rings {ordinal(self.place)}"


def ordinal(place: int) -> str:
    """The place in words, counted from first."""
    return ORDINALS[place] if place < len(ORDINALS) else f"as number {place + 1}"


def placed(rota: Asked, a: datetime, b: datetime, *, whole: bool = False) -> Iterator[Placed]:
    """Yield everybody's shifts between a and b, place by place; `whole` as in `Rota.shifts`."""
    for place in count():
        shifts = rota.shifts(a, b, place, whole=whole)
        if not shifts:  # places are filled from the first on, so nobody stands at any later one either
            return
        yield from (_placed(rota.name, place, shift) for shift in shifts)


def until(rota: Asked, at: datetime, place: int, horizon: timedelta = HORIZON) -> datetime | None:
    """Until when whoever holds a place keeps it; None if that is further off than the horizon."""
    shift = joined(rota.shifts(at, at + horizon, place))[0]
    return shift.end if shift.end < at + horizon else None


def _placed(rota: str, place: int, shift: Shift) -> Placed:
    duty = shift.duty
    return Placed(
        rota,
        place,
        shift.engineer,
        shift.start,
        shift.end,
        duty.rotation,
        duty.layer,
        duty.turn_of,
        shift.why,
        shift.id,
    )
