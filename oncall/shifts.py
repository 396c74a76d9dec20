"""Who is on duty and why: at one instant (a duty), between two (a shift), and when nobody is (a gap)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oncall.overrides import Override
    from oncall.windows import Hours


class ShiftId(NamedTuple):
    """What stays the same of a planned shift, whoever serves it: its rotation and when the plan has it begin.

    It outlives a change of people, overrides and the numbering of turns; a hand-off or hours moved make another.
    """

    rotation: str
    start: datetime

    def __str__(self) -> str:
        """As a stable text."""
        return f"{self.rotation}@{self.start:%Y%m%dT%H%M%SZ}"

    def piece(self, start: datetime) -> str:
        """A stable text for the piece of it that begins then; of the first, the shift's own."""
        return str(self) if start == self.start else f"{self}/{start:%Y%m%dT%H%M%SZ}"


class Duty(NamedTuple):
    """One person on call, and what put them there; layer and rotation are empty and turn is None if added."""

    engineer: str
    turn_of: str  # the engineer the plan names
    layer: str
    rotation: str
    turn: int | None
    since: datetime  # the turn, or the time added
    until: datetime
    start: datetime  # the planned shift: what of the turn lies in one stretch of the hours
    end: datetime
    zone: str  # speaks the times; never decides
    hours: tuple[Hours, ...] = ()
    override: Override | None = None
    added: str = ""  # the key of the addition that made this duty

    @property
    def lane(self) -> str:
        """Where it is drawn and counted: its rotation, or the addition that made it."""
        return self.rotation or f"+{self.added}"

    @property
    def shift(self) -> ShiftId:
        """Which planned shift this belongs to; an addition is one of its own."""
        return ShiftId(self.lane, self.start)

    @property
    def why(self) -> str:
        """Say in one plain sentence why this person is on call."""
        since = f"{said(self.since, self.zone, '%Y ')} {self.zone}"
        until = said(self.until, self.zone)
        cover = ""
        if self.override and self.override.kind == "replace":
            ends = said(self.override.end, self.zone)
            cover = f"instead of {self.override.instead_of} until {ends}, "
        if not self.rotation:
            return f"{self.engineer}: {cover}added from {since} to {until}"
        turn = "turn" if self.engineer == self.turn_of else f"{self.turn_of}'s turn"
        hours = f", in the hours {' and '.join(map(str, self.hours))}" if self.hours else ""
        return f"{self.engineer}: {cover}{turn} of '{self.rotation}' since {since}, hands off {until}{hours}"


class Shift(NamedTuple):
    """One person's unbroken time on duty, [start, end), within one planned shift."""

    engineer: str
    start: datetime
    end: datetime
    duty: Duty

    @property
    def id(self) -> ShiftId:
        """The planned shift that this is, or is a part of."""
        return self.duty.shift

    @property
    def uid(self) -> str:
        """A stable text for this piece, if it was asked for whole: of the piece that begins the shift, the shift's."""
        return self.id.piece(self.start)

    @property
    def why(self) -> str:
        """Say in one plain sentence why this person is on duty."""
        return self.duty.why


class Gap(NamedTuple):
    """Time in which nobody is on call, and why, a sentence for every rotation, as it stands at the start."""

    start: datetime
    end: datetime
    why: tuple[str, ...]


def joined(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """Return the shifts with those of one person that touch as one: "until when" rather than "which"."""
    found: list[Shift] = []
    for shift in shifts:
        if found and found[-1].engineer == shift.engineer and found[-1].end == shift.start:
            found[-1] = found[-1]._replace(end=shift.end)
        else:
            found.append(shift)
    return tuple(found)
