"""What a line would do at an instant: open or closed, until when, and who rings in which order.

The answers are those of the call itself: the line's calendar, and its policies walked by `choose`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr import spoken
from oncall.escalation import OnCall
from oncall.places import until
from sla.overtime import Band, band_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ivr.switchboard import LineSetUp, Switchboard
    from oncall.escalation import Choice, Policy


@dataclass(frozen=True)
class Ringer:
    """Somebody who would be rung and why, until when the rota has them; None if it names no end in the horizon."""

    key: str
    name: str
    until: datetime | None
    why: str


@dataclass(frozen=True)
class Outlook:
    """One line at one instant."""

    line: LineSetUp
    at: datetime
    is_open: bool
    changes: datetime | None  # closes if open, opens if closed; None if the calendar knows no such time
    is_holiday: bool
    band: Band
    emergency: tuple[Ringer, ...]
    support: tuple[Ringer, ...]

    @property
    def spoken_opening(self) -> str:
        """The next opening as the line says it; empty while open."""
        closed = self.changes and not self.is_open
        return spoken.opening(self.changes, self.at, self.line.zone) if closed and self.changes else ""


def outlook(board: Switchboard, line: LineSetUp, at: datetime) -> Outlook:
    """What this line would do at that instant; raises OutsideTable where its calendar ends."""
    is_open = line.actual.is_open(at)
    return Outlook(
        line=line,
        at=at,
        is_open=is_open,
        changes=line.actual.closes_at(at) if is_open else line.actual.next_opening(at),
        is_holiday=line.actual.is_holiday(at),
        band=band_at(at, line.regular),
        emergency=tuple(_order(board, line.policy, at)),
        support=tuple(_order(board, line.hunt, at)),
    )


def _order(board: Switchboard, policy: Policy, at: datetime) -> Iterator[Ringer]:
    for choice in board.in_order(policy, at):
        key = choice.ring or ""
        why = board.why(policy, choice, at)
        yield Ringer(key, board.engineers[key].name, _until(board, policy, choice, at), why)


def _until(board: Switchboard, policy: Policy, choice: Choice, at: datetime) -> datetime | None:
    on_duty = board.on_duty(at)
    for target in policy.steps[choice.step or 0]:
        if isinstance(target, OnCall) and on_duty(target) == choice.ring:
            return until(board.rotas[target.rota], at, target.place)
    return None
