"""Shifts planned elsewhere, taken over into a rota: the overrides that let these people ring at these times.

Nothing is stretched and no rotation is touched. Where somebody else has the place, they are replaced in that lane for
that time; where nobody has it, somebody is added: first of all, or below the others. Then the rota with all of it is
asked again, and a shift of the file that did not come about is a fault of its line.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.foreign import Fault
from oncall.overrides import Override
from oncall.places import ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from oncall.foreign import Wanted
    from oncall.plan import Plan

Span = tuple["datetime", "datetime"]


def adopted(plan: Plan, wanted: Sequence[Wanted]) -> tuple[list[Override], list[Fault]]:
    """The overrides in the order in which they have to be made, and what could not be had."""
    made: list[Override] = []
    for one in sorted(wanted, key=lambda one: (one.place, one.start)):
        fresh = list(_overrides(plan, one, len(made)))
        plan = plan.changed(*fresh)
        made += fresh
    return made, [fault for one in wanted for fault in _missing(plan, one)]


def ahead(wanted: Iterable[Wanted], now: datetime) -> list[Wanted]:
    """What of the shifts lies ahead: the past is recorded, and stays as it was."""
    return [one._replace(start=max(one.start, now)) for one in wanted if one.end > now]


def _overrides(plan: Plan, one: Wanted, number: int) -> Iterator[Override]:
    held = plan.shifts(one.start, one.end, one.place)
    for shift in held:
        if shift.engineer != one.engineer:
            yield _instead(one, shift.engineer, shift.duty.lane, (shift.start, shift.end))
    for gap in _between((one.start, one.end), [(shift.start, shift.end) for shift in held]):
        for span, doubled in _doubled(plan, gap):
            number += 1
            if doubled:
                yield _instead(one, doubled[0], doubled[1], span)
            else:
                key = f"adopted {number}"
                yield Override("add", one.engineer, *span, key=key, below=one.place > 0)


def _instead(one: Wanted, engineer: str, lane: str, span: Span) -> Override:
    return Override("replace", one.engineer, *span, instead_of=engineer, rotation=lane)


def _doubled(plan: Plan, gap: Span) -> Iterator[tuple[Span, tuple[str, str] | None]]:
    """The gap in pieces, each with whoever has a further lane in it that rings at no place of its own."""
    edges = [gap[0], *plan.edges(*gap), gap[1]]
    for span in pairwise(edges):
        ringing = {duty.lane for duty in plan.who(span[0])}
        lanes = plan.lanes(*span).items()
        spare = ((shift.engineer, lane) for lane, shifts in lanes if lane not in ringing for shift in shifts)
        yield span, next(spare, None)


def _between(whole: Span, held: list[Span]) -> Iterator[Span]:
    """What the others leave of the whole."""
    at = whole[0]
    for start, end in held:
        if at < start:
            yield at, start
        at = end
    if at < whole[1]:
        yield at, whole[1]


def _missing(plan: Plan, one: Wanted) -> Iterator[Fault]:
    held = plan.shifts(one.start, one.end, one.place)
    theirs = [(shift.start, shift.end) for shift in held if shift.engineer == one.engineer]
    for start, _ in list(_between((one.start, one.end), theirs))[:1]:
        there = next((shift.engineer for shift in held if shift.start <= start < shift.end), "nobody")
        when = f"{start.astimezone(ZoneInfo(plan.zone(start))):%Y-%m-%d %H:%M}"
        yield Fault(one.line, f"{one.engineer} cannot be made to ring {ordinal(one.place)}: from {when} {there} would")
