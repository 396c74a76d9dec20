"""Who is on call at an instant, and who holds a place between two instants.

A rota is layers of rotations and the overrides on top. What they mean is ruled where they are:

- wall.py: local times that the clocks skip or show twice;
- turns.py, served.py: hand-offs, whose turn it is, and what advances it;
- windows.py: the hours of a rotation; rotation.py: the shifts that turns and hours make;
- overrides.py: who is in for whom; shifts.py: what a shift is known by, and the sentences that explain.

Everything is half-open: at the very second of the hand-off the next person has it. Time is resolved in weeks, each
when somebody asks about it, and kept with the value: an instant and a year are read from the same weeks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from oncall.overrides import Override, added_by, removed
from oncall.rotation import Rotation
from oncall.shifts import Duty, Gap, Shift, ShiftId, joined
from oncall.turns import Turns
from oncall.wall import DAYS, instant, said, utc
from oncall.weeks import Part, Weeks, unbroken
from oncall.windows import WEEKENDS, NamedHours, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "DAYS",
    "WEEKENDS",
    "Duty",
    "Gap",
    "Layer",
    "NamedHours",
    "Override",
    "Rota",
    "Rotation",
    "Shift",
    "ShiftId",
    "Turns",
    "Window",
    "instant",
    "joined",
]


@dataclass(frozen=True)
class Layer:
    """Rotations of one rank: all of them are on duty, in their order, before any lower layer."""

    name: str
    rotations: tuple[Rotation, ...]


@dataclass(frozen=True)
class Rota:
    """The whole plan: layers, the highest first, and the overrides in the order in which they were made."""

    name: str
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two rotations that a shift could not tell apart."""
        names = Counter(rotation.name for layer in self.layers for rotation in layer.rotations)
        if names and names.most_common(1)[0][1] > 1:
            raise ValueError(f"two rotations are called {names.most_common(1)[0][0]!r}")

    def who(self, t: datetime) -> tuple[Duty, ...]:
        """Return everybody on call at t, highest first and nobody twice: [0] rings first, [1] second."""
        return self._weeks.at(utc(t)).places

    def shifts(self, a: datetime, b: datetime, place: int = 0, *, whole: bool = False) -> tuple[Shift, ...]:
        """Return who holds a place (0 rings first) between a and b; a shift ends where the planned one does.

        Shifts are cut to [a, b), or those that share time with it are told `whole`: a feed asks for these, so that
        nothing moves with the day of asking.
        """
        return tuple(self._runs(a, b, lambda part: part.places[place : place + 1], whole))

    def lanes(self, a: datetime, b: datetime, *, whole: bool = False) -> dict[str, tuple[Shift, ...]]:
        """Return who really serves each rotation and addition (by "+" and its key) between a and b, at any place."""
        found: dict[str, list[Shift]] = {rotation.name: [] for rotation, _ in self._rotations}
        for shift in self._runs(a, b, lambda part: part.seats, whole):
            found.setdefault(shift.duty.lane, []).append(shift)
        return {lane: tuple(shifts) for lane, shifts in found.items()}

    def gaps(self, a: datetime, b: datetime) -> tuple[Gap, ...]:
        """Return the stretches between a and b in which nobody is on call."""
        a, b = utc(a), utc(b)
        empty: list[list[datetime]] = []
        for part in self._weeks.between(a, b):
            if not part.places and empty and empty[-1][1] == part.start:
                empty[-1][1] = part.end
            elif not part.places:
                empty.append([part.start, part.end])
        return tuple(Gap(max(start, a), min(end, b), self.explain(max(start, a))) for start, end in empty)

    def explain(self, t: datetime) -> tuple[str, ...]:
        """Return the trace of one instant: a sentence for every place, then for every rotation that has nobody."""
        t = utc(t)
        part = self._weeks.at(t)
        manned = {duty.rotation for duty in part.seats}
        silent = [(rotation, layer) for rotation, layer in self._rotations if rotation.name not in manned]
        return (*(duty.why for duty in part.places), *self._silence(silent, t))

    def shift(self, id_: ShiftId) -> Duty | None:
        """Return the shift that the plan has under this identity, or None if it has been edited away."""
        duties = (
            rotation.duty(id_.start, layer) for rotation, layer in self._rotations if rotation.name == id_.rotation
        )
        added = (added_by(each, self._zone) for each in self.overrides if each.kind == "add")
        return next((duty for duty in (*duties, *added) if duty and duty.shift == id_), None)

    @cached_property
    def planned(self) -> Rota:
        """The same rota without its overrides."""
        return replace(self, overrides=())

    def _runs(self, a: datetime, b: datetime, chosen: Callable[[Part], Sequence[Duty]], whole: bool) -> list[Shift]:
        a, b = utc(a), utc(b)
        if a >= b:
            return []
        first, last = self._around(a, b, chosen) if whole else (a, b)
        shifts = unbroken(self._weeks.between(first, last), chosen)
        return [_cut(shift, first, last) for shift in shifts if shift.start < b and a < shift.end]

    def _around(self, a: datetime, b: datetime, chosen: Callable[[Part], Sequence[Duty]]) -> tuple[datetime, datetime]:
        """From when to when the planned shifts at both ends last."""
        begun = (duty.start for duty in chosen(self._weeks.at(a)))
        ending = (duty.end for duty in chosen(self._weeks.at(b - timedelta.resolution)))
        return min([a, *begun]), max([b, *ending])

    def _silence(self, silent: Sequence[tuple[Rotation, str]], t: datetime) -> Iterator[str]:
        planned = [duty for rotation, layer in self._rotations if (duty := rotation.duty(t, layer))]
        empty = removed(planned, [each for each in self.overrides if each.start <= t < each.end], self._zone)
        for rotation, _ in silent:
            if removal := empty.get(rotation.name):
                yield f"'{rotation.name}': {removal.engineer} is taken out until {said(removal.end, rotation.zone)}"
            else:
                yield rotation.silence(t)

    @cached_property
    def _weeks(self) -> Weeks:
        return Weeks(self._rotations, self.overrides, self._zone)

    @cached_property
    def _rotations(self) -> tuple[tuple[Rotation, str], ...]:
        return tuple((rotation, layer.name) for layer in self.layers for rotation in layer.rotations)

    @cached_property
    def _zone(self) -> str:
        return next((rotation.zone for rotation, _ in self._rotations), "UTC")


def _cut(shift: Shift, a: datetime, b: datetime) -> Shift:
    if a <= shift.start and shift.end <= b:
        return shift
    return shift._replace(start=max(shift.start, a), end=min(shift.end, b))
