"""Standing: where a ticket stands against what was promised, from its timeline, the versions and the instant.

- Nothing is counted up or remembered: the same events and versions give the same standing at any time.
- An answer at the very instant that it is due is in time; a clock is in breach from then on.
- A breach is judged by what was promised when it happened. What comes later (an answer, a lower priority, a pause,
  a joining, the end) does not undo it: it stays in every later standing, next to the due time that holds now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sla import promise as promises
from sla.promise import Promise, awaits_agreement
from sla.targets import Measure, Plan
from sla.timeline import Round, Timeline, What
from sla.trace import sentences

MOVES = frozenset(What) - {What.OPENED, What.ANSWERED}  # what can change when a resolution is due


class State(StrEnum):
    """How it stands."""

    DUE = "due"
    AT_RISK = "at_risk"  # the aim has passed, or three quarters of the time
    PAUSED = "paused"
    TO_AGREE = "to_agree"  # the contract leaves the turnaround to an agreement, and there is none yet
    BREACHED = "breached"
    MET = "met"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Standing:
    """One clock of a ticket, judged; `promise` is None only if a turnaround has to be agreed."""

    measure: Measure
    state: State
    round: Round
    promise: Promise | None
    breached_at: datetime | None

    @property
    def due(self) -> datetime | None:
        """By when; None while the clock is paused, or until a turnaround is agreed."""
        return self.promise.due if self.promise else None

    @property
    def aim(self) -> datetime | None:
        """By when we want it."""
        return self.promise.aim if self.promise else None

    @property
    def warnings(self) -> tuple[datetime, ...]:
        """When its owner is to be warned: at half and at three quarters."""
        return self.promise.warnings if self.promise else ()

    @property
    def runs(self) -> bool:
        """Whether something is still owed."""
        return self.round.end is None

    @property
    def trace(self) -> tuple[str, ...]:
        """How the due time comes about, in sentences."""
        return sentences(self.promise) if self.promise else ("The turnaround is agreed request by request.",)


def standing(measure: Measure, timeline: Timeline, plans: Sequence[Plan], now: datetime) -> Standing | None:
    """The clock of this measure that presses most; None if nothing is promised, or nothing has started yet.

    An open ticket whose first response has none has no promise at all: that is for its keeper to sound the alarm.
    """
    return pressing(found) if (found := standings(measure, timeline, plans, now)) else None


def pressing(clocks: Sequence[Standing]) -> Standing:
    """Of several clocks, at least one, the one that presses most."""
    return min(clocks, key=_pressure)


def standings(measure: Measure, timeline: Timeline, plans: Sequence[Plan], now: datetime) -> tuple[Standing, ...]:
    """Every clock of this measure that has started by `now`, those of joined tickets too."""
    strands = timeline.until(now).strands()
    judged = (_judged(measure, one, strand, plans, now) for strand in strands for one in strand.rounds(measure))
    return tuple(found for found in judged if found)


def _judged(measure: Measure, one: Round, known: Timeline, plans: Sequence[Plan], now: datetime) -> Standing | None:
    end = one.end.at if one.end else now
    promise = promises.pressing(measure, one, known.until(end), plans)
    if promise is None and not awaits_agreement(measure, one, known.until(end), plans):
        return None
    breached_at = next(_breaches(measure, one, known, plans, end), None)
    if breached_at is None and one.end is None and promise and promise.due and promise.due < now:
        breached_at = now  # what happened at this very instant has made it late
    return Standing(measure, _state(one, promise, breached_at, now), one, promise, breached_at)


def _state(one: Round, promise: Promise | None, breached_at: datetime | None, now: datetime) -> State:
    if breached_at:
        return State.BREACHED
    if one.end:
        return State.MET if one.met else State.WITHDRAWN
    if promise is None:
        return State.TO_AGREE
    return _running(promise, now)


def _running(promise: Promise, now: datetime) -> State:
    if promise.due is None:
        return State.PAUSED
    risky = [*promise.warnings[-1:], promise.aim] if promise.aim != promise.due else promise.warnings[-1:]
    return State.AT_RISK if any(now >= at for at in risky if at) else State.DUE


def _breaches(
    measure: Measure, one: Round, known: Timeline, plans: Sequence[Plan], end: datetime
) -> Iterator[datetime]:
    """When it was in breach of what was promised then: between two changes the promise is the same."""
    kinds = MOVES if measure is Measure.RESOLUTION else (What.PRIORITY,)
    moves = {event.at for event in known.events if event.what in kinds and one.start.at < event.at < end}
    for since, until in pairwise(sorted({one.start.at, *moves, end})):
        then = known.until(since)
        round_then = next(found for found in then.rounds(measure) if found.start == one.start)
        promise = None if round_then.end else promises.pressing(measure, round_then, then, plans)
        if promise and promise.due and max(promise.due, since) < until:
            yield max(promise.due, since)


def _pressure(judged: Standing) -> tuple[bool, bool, float]:
    """What runs comes before what is over, and the earliest due time first; of what is over, the latest."""
    if not judged.runs:
        return True, judged.state is not State.BREACHED, -judged.round.start.at.timestamp()
    return False, judged.due is None, judged.due.timestamp() if judged.due else 0.0
