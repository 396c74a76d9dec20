"""Promise: one target counted from one instant: its aim, when it is due, and when to warn.

- A ticket that becomes more urgent is promised the new target from that moment on, and what it was promised before
  stands beside it: whichever is due first counts. So nobody is late for an urgency that nobody told them of, and
  urgency never buys time.
- One that becomes less urgent counts as if it had been so from the beginning; the more urgent promise falls away.
- The version of the contract in force when the counting begins decides. A version that comes later changes nothing
  that runs; one that is put in for the past does, because everything is computed anew from the versions.
- An agreed turnaround takes the place of what was promised before it; the latest agreement counts. If the clock
  pauses before its end it moves on by the open time that was lost, and it never becomes earlier than agreed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sla.clock import Clock
from sla.interval import NOTHING
from sla.targets import PRIORITIES, ByAgreement, Counted, Measure, OpenHours, Plan, Target, in_force
from sla.timeline import Agreement, Happened, Round, Timeline, What

WARNED_AT = (0.5, 0.75)  # the shares of its time after which its owner is warned


@dataclass(frozen=True)
class Promise:
    """What is promised and from when on; `due` and `aim` are None as long as the clock stands still before them."""

    measure: Measure
    plan: Plan
    hours: OpenHours
    what: Counted | Agreement
    priority: str
    cause: Happened
    clock: Clock

    @cached_property
    def due(self) -> datetime | None:
        """The last instant at which it is kept."""
        if isinstance(self.what, Agreement):
            return self._agreed_end(self.what)
        return self.clock.after(self.lengths[1])

    @cached_property
    def aim(self) -> datetime | None:
        """The earlier end of a range; the same as `due` where there is no range."""
        aim, breach = self.lengths
        return self.clock.after(aim) if aim < breach else self.due

    @cached_property
    def lengths(self) -> tuple[timedelta, timedelta]:
        """The running time until the aim, and until the breach."""
        if isinstance(self.what, Agreement):
            length = self.clock.calendar.open_between(self.clock.start, self.what.until)
            return length, length
        return self.what.lengths(self.clock.start, self.clock.calendar)

    @cached_property
    def warnings(self) -> tuple[datetime, ...]:
        """When half and three quarters of the time are used up, counted back from `due` in open time."""
        if self.due is None:
            return ()
        total, start = self.clock.run(self.due), self.clock.start
        if total == NOTHING:  # agreed for a night or a weekend
            return tuple(start + share * (self.due - start) for share in WARNED_AT)
        return tuple(self.clock.before(self.due, (1 - share) * total) for share in WARNED_AT)

    def _agreed_end(self, agreed: Agreement) -> datetime | None:
        if not any(pause.start < agreed.until for pause in self.clock.pauses):
            return agreed.until
        end = self.clock.after(self.lengths[1])
        return end and max(end, agreed.until)


def pressing(measure: Measure, one: Round, known: Timeline, plans: Sequence[Plan]) -> Promise | None:
    """Of all that is promised for this round, by what is known, what is due first; None if nothing is."""
    return min(_promises(measure, one, known, plans), key=_urgency, default=None)


def awaits_agreement(measure: Measure, one: Round, known: Timeline, plans: Sequence[Plan]) -> bool:
    """Whether the contract leaves the turnaround of this ticket to an agreement."""
    since, priority = _held(one, known)[-1]
    target = _target(plans, since.at, priority, measure)
    return target is not None and isinstance(target[1].promise, ByAgreement)


def _urgency(promise: Promise) -> tuple[bool, datetime, timedelta]:
    due = promise.due
    left = NOTHING if due else promise.lengths[1] - promise.clock.run(promise.clock.pauses[-1].start)
    return due is None, due or promise.clock.start, left


def _promises(measure: Measure, one: Round, known: Timeline, plans: Sequence[Plan]) -> Iterator[Promise]:
    agreed = _latest_agreement(known) if measure is Measure.RESOLUTION else None
    if agreed and (promise := _agreed(measure, agreed, one, known, plans)):
        yield promise
    for cause, priority in _held(one, known):
        if agreed and cause.at <= agreed.at:
            continue
        if (found := _target(plans, cause.at, priority, measure)) and not isinstance(found[1].promise, ByAgreement):
            plan, target = found
            clock = Clock(cause.at, target.hours.calendar, one.pauses)
            yield Promise(measure, plan, target.hours, found[1].promise, priority, cause, clock)


def _agreed(measure: Measure, event: Happened, one: Round, known: Timeline, plans: Sequence[Plan]) -> Promise | None:
    plan, priority = in_force(plans, one.start.at), _held(one, known)[-1][1]
    if plan is None or event.agreement is None:
        return None
    target = plan.targets.get((priority, measure))
    hours = target.hours if target else plan.hours
    clock = Clock(event.at, hours.calendar, one.pauses)
    return Promise(measure, plan, hours, event.agreement, priority, event, clock)


def _latest_agreement(known: Timeline) -> Happened | None:
    return next((event for event in reversed(known.events) if event.what is What.AGREED), None)


def _held(one: Round, known: Timeline) -> list[tuple[Happened, str]]:
    """Since when, in this round, the ticket has been at least as urgent as each priority that counts now.

    Going through the events, a more urgent priority comes on top of the others, and a less urgent one takes the
    place of all that were more urgent, from the first of them on.
    """
    held: list[tuple[Happened, str]] = []
    for event in known.events:
        if event.priority is None:
            continue
        if event.at <= one.start.at:
            held = [(one.start, event.priority)]
            continue
        since = event
        while held and PRIORITIES.index(held[-1][1]) <= PRIORITIES.index(event.priority):
            since = held.pop()[0]
        held.append((since, event.priority))
    return held


def _target(plans: Sequence[Plan], at: datetime, priority: str, measure: Measure) -> tuple[Plan, Target] | None:
    plan = in_force(plans, at)
    target = plan.targets.get((priority, measure)) if plan else None
    return (plan, target) if plan and target else None
