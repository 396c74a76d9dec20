"""Temporary changes: who is in for whom, who comes on top, who is taken out.

- They act in their order, so the later one wins, and only within duty that exists: cover never stretches a shift
  and never fills a gap.
- A replacement acts on whoever has or had the duty: after "Pieter for Thandi", both "Lerato for Thandi" and "Lerato
  for Pieter" mean Lerato. Two people on duty who replace each other change places.
- Who is removed leaves the place empty, unless a later one fills it.
- One that names a lane (a rotation, or an addition by "+" and its key) acts there alone, so a swap of one shift
  leaves the other duties of both people as they are.
- Leave is none of this: it changes nothing, it only warns whoever plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oncall.shifts import Duty
from oncall.wall import utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Override:
    """A temporary change, [start, end): in for somebody within their duty, added on top, or taken out.

    `rotation` limits a replacement or removal to one lane; `key` is its stable identity, by which a feed knows
    an addition again; `below` lets an added person ring after everybody instead of before.
    """

    kind: Literal["replace", "add", "remove"]
    engineer: str
    start: datetime
    end: datetime
    instead_of: str | None = None
    rotation: str = ""
    key: str = ""
    below: bool = False

    def __post_init__(self) -> None:
        """Refuse what could never act as meant."""
        for edge in ("start", "end"):
            object.__setattr__(self, edge, utc(getattr(self, edge)))
        if self.start >= self.end:
            raise ValueError("an override must end after it starts")
        if (self.kind == "replace") != (self.instead_of is not None) or self.instead_of == self.engineer:
            raise ValueError("a replacement, and nothing else, names another person whom it is instead of")
        if self.kind == "add" and self.rotation:
            raise ValueError("an addition belongs to no rotation")
        if self.kind != "add" and self.below:
            raise ValueError("only an addition can ring below the others")

    def concerns(self, duty: Duty) -> bool:
        """Say whether this duty is one it may change."""
        return self.rotation in ("", duty.lane)


Place = tuple[Duty, "Sequence[Override]"]  # a duty, and the overrides made after it came about
Outcome = tuple[Duty, Override | None]  # whoever has the duty, or last had it, and the removal that leaves it empty


def seated(planned: Sequence[Duty], active: Sequence[Override], zone: str) -> tuple[Duty, ...]:
    """Return who really has each duty while these overrides are active, in the order of ringing."""
    return tuple(duty for duty, removal in _outcome(planned, active, zone) if not removal)


def removed(planned: Sequence[Duty], active: Sequence[Override], zone: str) -> dict[str, Override]:
    """Return the lanes that these overrides leave empty, each with the removal that does it."""
    return {duty.lane: removal for duty, removal in _outcome(planned, active, zone) if removal}


def _outcome(planned: Sequence[Duty], active: Sequence[Override], zone: str) -> list[Outcome]:
    above: list[Place] = []
    below: list[Place] = []
    for later, override in enumerate(active, start=1):
        if override.kind == "add":
            (below if override.below else above).append((added_by(override, zone), active[later:]))
    places = [*reversed(above), *((duty, active) for duty in planned), *below]
    return [_held(place, places) for place in places]


def added_by(override: Override, zone: str) -> Duty:
    """Return the duty that an addition makes; the zone speaks its times."""
    who, start, end = override.engineer, override.start, override.end
    return Duty(who, who, "", "", None, start, end, start, end, zone, override=override, added=override.key)


def _held(place: Place, places: Sequence[Place]) -> Outcome:
    duty, overrides = place
    held_by, taken = [duty.engineer], duty
    removal: Override | None = None
    for override in overrides:
        if not override.concerns(duty):
            continue
        if override.kind == "remove" and override.engineer == taken.engineer:
            removal = override
        elif override.kind == "replace" and override.instead_of in held_by and not _changes(override, duty, places):
            held_by.append(override.engineer)
            taken, removal = duty._replace(engineer=override.engineer, override=override), None
    return taken, removal


def _changes(override: Override, duty: Duty, places: Sequence[Place]) -> bool:
    # After "Pieter for Thandi", "Thandi for Pieter" means Pieter's own place if he has one.
    if override.engineer != duty.engineer:
        return False
    return any(other.engineer == override.instead_of for other, _ in places if override.concerns(other))
