"""A rota through time: its versions, each in force from an instant on, under one set of overrides.

It is asked what a Rota is asked, and answers for every instant from the version in force then.

- In force is the newest version whose time has come; so one that is published for an earlier instant than another
  still to come replaces that other too. Before the first version there is nothing to be untrue to: it holds then too.
- A shift that the next version leaves as it was goes on over the change: the same person under the same identity.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from oncall.rota import Gap, Rota
from oncall.wall import FOREVER, utc
from oncall.windows import Opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from oncall.overrides import Override
    from oncall.rota import Layer
    from oncall.shifts import Duty, Shift, ShiftId
    from oncall.windows import Hours

ALL_TIME = datetime.min.replace(tzinfo=FOREVER.tzinfo)


@dataclass(frozen=True)
class Edition:
    """One version of a rota; `covers` are the hours in which somebody has to be on duty, none: always."""

    number: int
    since: datetime
    layers: tuple[Layer, ...]
    zone: str
    covers: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Versions in the order in which they were published, and the overrides in theirs."""

    name: str
    editions: tuple[Edition, ...] = ()
    overrides: tuple[Override, ...] = ()

    def who(self, t: datetime) -> tuple[Duty, ...]:
        """Return everybody on call at t, highest first and nobody twice: [0] rings first, [1] second."""
        return self.at(t).who(t)

    def explain(self, t: datetime) -> tuple[str, ...]:
        """Return the trace of one instant."""
        return self.at(t).explain(t)

    def shifts(self, a: datetime, b: datetime, place: int = 0, *, whole: bool = False) -> tuple[Shift, ...]:
        """Return who holds a place (0 rings first) between a and b; cut to [a, b), or `whole`."""
        return tuple(self._shifts(a, b, lambda rota, a, b: rota.shifts(a, b, place), whole))

    def lanes(self, a: datetime, b: datetime, *, whole: bool = False) -> dict[str, tuple[Shift, ...]]:
        """Return who really serves each rotation and addition (by "+" and its key) between a and b."""
        names = dict.fromkeys(name for rota, a_, b_ in self._parts(a, b) for name in rota.lanes(a_, b_))
        return {name: tuple(self._shifts(a, b, _lane(name), whole)) for name in names}

    def gaps(self, a: datetime, b: datetime) -> tuple[Gap, ...]:
        """Return the stretches between a and b in which somebody should be on call and nobody is."""
        found: list[Gap] = []
        for gap in self._gaps(utc(a), utc(b)):
            if found and found[-1].end == gap.start:
                found[-1] = found[-1]._replace(end=gap.end)
            else:
                found.append(gap)
        return tuple(found)

    def shift(self, id_: ShiftId) -> Duty | None:
        """Return the planned shift of this identity as the version in force at its start has it, or None."""
        return self.at(id_.start).shift(id_)

    @cached_property
    def planned(self) -> Plan:
        """The same without its overrides."""
        return replace(self, overrides=())

    def edition(self, t: datetime) -> Edition:
        """Return the version in force at t; number 0, which says nothing, if there is none at all."""
        return self._sequence[max(bisect_right(self._since, utc(t)) - 1, 0)]

    def at(self, t: datetime) -> Rota:
        """Return the rota in force at t, with the overrides."""
        return self._rota(self.edition(t))

    def zone(self, t: datetime) -> str:
        """Return the zone in which the version in force at t is written."""
        return self.edition(t).zone

    def people(self, since: datetime) -> set[str]:
        """Return everybody whom the versions and overrides in force at an instant or later name."""
        layers = (layer for edition, _, end in self._in_force if end > since for layer in edition.layers)
        members = {member for layer in layers for rotation in layer.rotations for member in rotation.members}
        return members | {each.engineer for each in self.overrides if each.kind != "remove" and each.end > since}

    @cached_property
    def members(self) -> frozenset[str]:
        """Everybody who takes turns in the newest version."""
        layers = self.editions[-1].layers if self.editions else ()
        return frozenset(key for layer in layers for rotation in layer.rotations for key in rotation.members)

    def following(self, edition: Edition) -> Plan:
        """Return what holds once this version is published too."""
        return replace(self, editions=(*self.editions, edition))

    def changed(self, *more: Override, without: Iterable[str] = ()) -> Plan:
        """Return the same with further overrides, and without those of these keys."""
        gone = set(without)
        return replace(self, overrides=(*(each for each in self.overrides if each.key not in gone), *more))

    @property
    def superseded(self) -> tuple[int, ...]:
        """The versions that never come into force, because a newer one was published for an earlier instant."""
        kept = {edition.number for edition in self._sequence}
        return tuple(edition.number for edition in self.editions if edition.number not in kept)

    def edges(self, a: datetime, b: datetime) -> tuple[datetime, ...]:
        """Return the instants between a and b, neither of them, at which anything changes, in order."""
        shifts = (shift for lane in self.lanes(a, b).values() for shift in lane)
        found = {edge for shift in shifts for edge in (shift.start, shift.end)}
        return tuple(sorted(edge for edge in found if utc(a) < edge < utc(b)))

    def _shifts(
        self, a: datetime, b: datetime, asked: Callable[[Rota, datetime, datetime], tuple[Shift, ...]], whole: bool
    ) -> Iterator[Shift]:
        a, b = utc(a), utc(b)
        found = self._joined(a, b, asked)
        if whole and found:
            first, last = min(a, *(each.duty.start for each in found)), max(b, *(each.duty.end for each in found))
            found = self._joined(first, last, asked)
        return (each for each in found if each.start < b and a < each.end)

    def _joined(
        self, a: datetime, b: datetime, asked: Callable[[Rota, datetime, datetime], tuple[Shift, ...]]
    ) -> list[Shift]:
        found: list[Shift] = []
        for rota, start, end in self._parts(a, b):
            for shift in asked(rota, start, end):
                if found and _goes_on(found[-1], shift):
                    found[-1] = found[-1]._replace(end=shift.end)
                else:
                    found.append(shift)
        return found

    def _parts(self, a: datetime, b: datetime) -> Iterator[tuple[Rota, datetime, datetime]]:
        """Who answers for which part of [a, b)."""
        a, b = utc(a), utc(b)
        for edition, start, end in self._in_force:
            if start < b and a < end:
                yield self._rota(edition), max(a, start), min(b, end)

    def _gaps(self, a: datetime, b: datetime) -> Iterator[Gap]:
        for edition, start, end in self._in_force:
            first, last = max(a, start), min(b, end)
            if first >= last:
                continue
            wanted = Opening(edition.covers, edition.zone)
            for gap in self._rota(edition).gaps(first, last):
                if not edition.covers:
                    yield gap
                    continue
                for each in wanted.between(gap.start, gap.end, gap.start, gap.end):
                    begins = max(gap.start, each.start)
                    yield Gap(begins, min(gap.end, each.end), self._rota(edition).explain(begins))

    @property
    def _in_force(self) -> Iterator[tuple[Edition, datetime, datetime]]:
        ends = [*self._since[1:], FOREVER]
        begins = [ALL_TIME, *self._since[1:]]
        return zip(self._sequence, begins, ends, strict=True)

    @cached_property
    def _sequence(self) -> tuple[Edition, ...]:
        """The versions that come into force, in order."""
        found: list[Edition] = []
        for edition in self.editions:
            while len(found) > 1 and edition.since <= found[-1].since:  # the first has all time before it
                found.pop()
            found.append(edition)
        return tuple(found) or (Edition(0, ALL_TIME, (), "UTC"),)

    @cached_property
    def _since(self) -> list[datetime]:
        return [edition.since for edition in self._sequence]

    def _rota(self, edition: Edition) -> Rota:
        if edition.number not in self._rotas:
            self._rotas[edition.number] = Rota(self.name, edition.layers, self.overrides)
        return self._rotas[edition.number]

    @cached_property
    def _rotas(self) -> dict[int, Rota]:
        return {}


def _lane(name: str) -> Callable[[Rota, datetime, datetime], tuple[Shift, ...]]:
    return lambda rota, a, b: rota.lanes(a, b).get(name, ())


def _goes_on(before: Shift, after: Shift) -> bool:
    same = (before.engineer, before.id, before.duty.end) == (after.engineer, after.id, after.duty.end)
    return same and before.end == after.start and timedelta(0) < after.end - before.start
