"""What a change would do: who is on duty before and after, hours per person, and what to be warned of.

Arithmetic on plans. A warning is told of a change only if the plan did not have it before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from oncall.wall import said, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from oncall.plan import Plan
    from oncall.shifts import Shift

REST = timedelta(hours=11)  # between two shifts of one person
NOTHING = timedelta(0)
Span = tuple[datetime, datetime]


class Kind(StrEnum):
    """What can be wrong with a plan."""

    GAP = "gap"
    UNVERIFIED = "unverified"
    DEPARTED = "departed"
    UNREACHABLE = "unreachable"
    TWICE = "twice"
    REST = "rest"
    DOUBLE = "double"
    LEAVE = "leave"
    NO_EFFECT = "no effect"
    SUPERSEDED = "superseded"


UNSAFE = frozenset({Kind.GAP, Kind.UNVERIFIED, Kind.DEPARTED, Kind.UNREACHABLE, Kind.TWICE})


@dataclass(frozen=True)
class Hazard:
    """One thing to be warned of, in a sentence; [start, end) is its first time."""

    kind: Kind
    text: str
    start: datetime | None = None
    end: datetime | None = None
    engineer: str | None = None

    @property
    def is_unsafe(self) -> bool:
        """Whether a caller might reach nobody."""
        return self.kind in UNSAFE

    @property
    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        edges = {name: edge and edge.isoformat() for name, edge in (("start", self.start), ("end", self.end))}
        return {"kind": self.kind.value, "text": self.text, "engineer": self.engineer} | edges


class Absence(NamedTuple):
    """Somebody away, [start, end). Why is not said: it may be their health, and colleagues read the warnings."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Crew:
    """What is known of the people: names, who would not be reached and why, and who is away when; all by key."""

    names: Mapping[str, str] = field(default_factory=dict)
    unready: Mapping[str, tuple[Kind, str]] = field(default_factory=dict)
    away: Mapping[str, Sequence[Absence]] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """What people call somebody."""
        return self.names.get(key, key)

    def obstacle(self, key: str) -> tuple[Kind, str] | None:
        """Why somebody would not be reached; whoever is not known has left."""
        return self.unready.get(key) if key in self.names else (Kind.DEPARTED, "has left")


class Hours(NamedTuple):
    """Time on duty before and after a change."""

    before: timedelta
    after: timedelta


@dataclass(frozen=True)
class Effect:
    """A change between two instants: shifts of every lane, hours per person in [start, end), and the warnings."""

    start: datetime
    end: datetime
    before: tuple[Shift, ...]
    after: tuple[Shift, ...]
    hours: Mapping[str, Hours]
    hazards: tuple[Hazard, ...]

    @property
    def seen(self) -> str:
        """A short text for the shifts as they are before: whoever decides by them hands it back."""
        served = [(shift.engineer, shift.start.isoformat(), shift.end.isoformat(), shift.uid) for shift in self.before]
        return sha256(repr(served).encode()).hexdigest()[:16]

    @property
    def moves(self) -> dict[str, timedelta]:
        """How many hours more (or less) each has, where it differs."""
        differing = {who: after - before for who, (before, after) in self.hours.items()}
        return {who: moved for who, moved in differing.items() if moved}


def effect(before: Plan, after: Plan, span: Span, window: Span, crew: Crew, others: Iterable[Plan] = ()) -> Effect:
    """What becomes of the shifts in `span` and of the hours in `window`; `others` are the other rotas."""
    others = tuple(others)
    was, becomes = served(before, *span), served(after, *span)
    hazards = list(new(warnings(before, span, crew, others), warnings(after, span, crew, others)))
    if [_who(shift) for shift in was] == [_who(shift) for shift in becomes]:
        hazards.append(Hazard(Kind.NO_EFFECT, "it changes nothing: nobody's duty becomes another's", *span))
    counts = hours(before, *window), hours(after, *window)
    people = sorted({*counts[0], *counts[1]})
    both = {who: Hours(counts[0].get(who, NOTHING), counts[1].get(who, NOTHING)) for who in people}
    return Effect(*window, was, becomes, both, tuple(hazards))


def _who(shift: Shift) -> tuple[str, str, datetime, datetime]:
    return shift.engineer, shift.duty.lane, shift.start, shift.end


def served(plan: Plan, a: datetime, b: datetime, *, whole: bool = False) -> tuple[Shift, ...]:
    """Return the shifts of every lane that share time with [a, b), in order; cut to that, or whole."""
    found = (shift for lane in plan.lanes(a, b, whole=whole).values() for shift in lane)
    return tuple(sorted(found, key=lambda shift: (shift.start, shift.duty.lane)))


def hours(plan: Plan, a: datetime, b: datetime) -> dict[str, timedelta]:
    """Return how long each is on duty between a and b; two duties at once count once."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for shift in served(plan, a, b):
        spans[shift.engineer].append((shift.start, shift.end))
    return {who: sum((end - start for start, end in united(theirs)), NOTHING) for who, theirs in spans.items()}


def united(spans: Iterable[Span]) -> list[Span]:
    """Return the time that these stretches cover, in order and apart."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def new(before: Iterable[Hazard], after: Iterable[Hazard]) -> Iterator[Hazard]:
    """Yield the warnings that were not there before."""
    known = {(hazard.kind, hazard.engineer, hazard.start, hazard.end) for hazard in before}
    return (each for each in after if (each.kind, each.engineer, each.start, each.end) not in known)


def warnings(plan: Plan, span: Span, crew: Crew, others: Sequence[Plan] = ()) -> list[Hazard]:
    """Return everything there is to be warned of between two instants."""
    a, b = map(utc, span)
    shifts = served(plan, a, b)
    near = served(plan, a - REST, b + REST, whole=True)
    elsewhere = [shift for other in others for shift in served(other, a - REST, b + REST, whole=True)]
    return [
        *gaps(plan, a, b),
        *unready(shifts, crew),
        *twice(shifts, crew),
        *_double(shifts, elsewhere, crew),
        *_rest([*near, *elsewhere], (a, b), crew),
        *_away(shifts, crew),
    ]


def gaps(plan: Plan, a: datetime, b: datetime) -> Iterator[Hazard]:
    """Yield when nobody rings though somebody should."""
    for gap in plan.gaps(a, b):
        zone = plan.zone(gap.start)
        text = f"nobody rings for {plan.name!r} from {said(gap.start, zone)} to {said(gap.end, zone)}"
        yield Hazard(Kind.GAP, text, gap.start, gap.end)


def unready(shifts: Iterable[Shift], crew: Crew) -> Iterator[Hazard]:
    """Yield who would not be reached, each once, with their first shift."""
    for who, shift in {shift.engineer: shift for shift in sorted(shifts, key=_start, reverse=True)}.items():
        if obstacle := crew.obstacle(who):
            kind, why = obstacle
            text = f"{crew.name(who)} {why}, and is on duty from {said(shift.start, shift.duty.zone)}"
            yield Hazard(kind, text, shift.start, shift.end, who)


def twice(shifts: Iterable[Shift], crew: Crew) -> Iterator[Hazard]:
    """Yield who holds two places of one rota at once: there is nobody behind them."""
    for one, other in _overlapping(shifts):
        start, end = max(one.start, other.start), min(one.end, other.end)
        text = f"{crew.name(one.engineer)} is first and second at once from {_span(start, end, one.duty.zone)}"
        yield Hazard(Kind.TWICE, text, start, end, one.engineer)


def _double(shifts: Iterable[Shift], elsewhere: Sequence[Shift], crew: Crew) -> Iterator[Hazard]:
    for shift in shifts:
        for other in elsewhere:
            start, end = max(shift.start, other.start), min(shift.end, other.end)
            if other.engineer == shift.engineer and start < end:
                where = f"{shift.duty.rotation or 'an addition'!r} and {other.duty.rotation or 'an addition'!r}"
                when = _span(start, end, shift.duty.zone)
                text = f"{crew.name(shift.engineer)} is on duty for {where} at once from {when}"
                yield Hazard(Kind.DOUBLE, text, start, end, shift.engineer)


def _rest(shifts: Iterable[Shift], span: Span, crew: Crew) -> Iterator[Hazard]:
    for one, next_ in _following(shifts):
        pause = next_.start - one.end
        touches = one.start < span[1] and span[0] < next_.end  # either shift may be the changed one
        same_turn = one.duty.rotation and _turn(one) == _turn(next_)
        if touches and NOTHING <= pause < REST and not same_turn:
            rests = f"{pause.total_seconds() / 3600:g} h of rest" if pause else "no rest"
            text = f"{crew.name(one.engineer)} has {rests} between {_shift(one)} and {_shift(next_)}"
            yield Hazard(Kind.REST, text, one.end, next_.start, one.engineer)


def _away(shifts: Iterable[Shift], crew: Crew) -> Iterator[Hazard]:
    for shift in shifts:
        for absence in crew.away.get(shift.engineer, ()):
            start, end = max(shift.start, absence.start), min(shift.end, absence.end)
            if start < end:
                text = f"{crew.name(shift.engineer)} is away from {_span(start, end, shift.duty.zone)}"
                yield Hazard(Kind.LEAVE, text, start, end, shift.engineer)


def _overlapping(shifts: Iterable[Shift]) -> Iterator[tuple[Shift, Shift]]:
    for theirs in _by_engineer(shifts).values():
        for one, other in combinations(theirs, 2):
            if one.duty.lane != other.duty.lane and one.start < other.end and other.start < one.end:
                yield one, other


def _following(shifts: Iterable[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Each shift, and the next of the same person that begins when it has ended."""
    for theirs in _by_engineer(shifts).values():
        last = theirs[0]
        for shift in theirs[1:]:
            if shift.start >= last.end:
                yield last, shift
            last = max(last, shift, key=_end)


def _by_engineer(shifts: Iterable[Shift]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=_start):
        found[shift.engineer].append(shift)
    return found


def _turn(shift: Shift) -> tuple[str, datetime, datetime]:
    return shift.duty.rotation, shift.duty.since, shift.duty.until


def _shift(shift: Shift) -> str:
    name = shift.duty.rotation or "an addition"
    return f"{name!r} {said(shift.start, shift.duty.zone)} to {said(shift.end, shift.duty.zone)}"


def _span(start: datetime, end: datetime, zone: str) -> str:
    return f"{said(start, zone)} to {said(end, zone)}"


def _start(shift: Shift) -> datetime:
    return shift.start


def _end(shift: Shift) -> datetime:
    return shift.end
