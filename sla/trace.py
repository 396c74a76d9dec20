"""Trace: how a due time comes about, in sentences that an engineer or the customer can read."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sla import phrases
from sla.clock import Pause
from sla.interval import NOTHING
from sla.ledger import Entry, entries
from sla.promise import Promise
from sla.targets import Measure
from sla.timeline import Agreement, What

TOLD = 8  # so many lines are told one by one; of more, the middle is summed up
FIRST, LAST = 5, 2

_CAUSES = {
    What.OPENED: "Received",
    What.ASKED: "The customer wrote or called",
    What.REOPENED: "Reopened",
    What.PRIORITY: "Raised",
    What.AGREED: "Agreed",
}
OWED = {
    Measure.FIRST_RESPONSE: "a first response",
    Measure.NEXT_RESPONSE: "an answer",
    Measure.RESOLUTION: "a resolution",
}


def sentences(promise: Promise) -> tuple[str, ...]:
    """What it started with, what is promised, what was counted on which day, and what comes of it."""
    return (_started(promise), _promised(promise), *_counted(promise), _result(promise))


def _started(promise: Promise) -> str:
    return f"{_CAUSES[promise.cause.what]} on {_moment(promise, promise.clock.start)}, priority {promise.priority}."


def _promised(promise: Promise) -> str:
    owed, what = OWED[promise.measure], promise.what
    if isinstance(what, Agreement):
        return f"Agreement {what.version}, by {what.by} with {what.customer}: {owed} by {_moment(promise, what.until)}."
    source = f"{promise.plan.name}, version {promise.plan.version}"
    return f"{source}: {owed} {what}, counted {promise.hours.said}."


def _result(promise: Promise) -> str:
    if promise.due is None:
        run = promise.clock.run(promise.clock.pauses[-1].start)
        left = promise.lengths[1] - run
        return f"The clock stands still with {phrases.duration(left)} left: {promise.clock.pauses[-1].why}."
    due = f"Due on {_moment(promise, promise.due)}."
    if promise.aim is None or promise.aim == promise.due:
        return due
    return f"Aim: {_moment(promise, promise.aim)}. {due}"


def overdue(promise: Promise, since: datetime) -> str:
    """That it was not kept, and since when."""
    return f"{OWED[promise.measure]} was due on {_moment(promise, since)}"


def _counted(promise: Promise) -> Iterator[str]:
    if isinstance(promise.what, Agreement):  # an instant, so only what moved it
        ended = ((pause, pause.end) for pause in promise.clock.pauses if pause.end)
        yield from (_paused(promise, pause, end) for pause, end in ended if end > promise.clock.start)
        return
    book = entries(promise)
    middle = book[FIRST:-LAST] if len(book) > TOLD else []
    for number, entry in enumerate(book):
        if entry not in middle:
            yield entry.text
        elif number == FIRST:
            yield _summed_up(middle)


def _paused(promise: Promise, pause: Pause, end: datetime) -> str:
    return f"From {_moment(promise, pause.start)} to {_moment(promise, end)}: {pause.why}, not counted."


def _summed_up(middle: list[Entry]) -> str:
    return f"From then to {phrases.day(middle[-1].last)}: {phrases.duration(sum((e.length for e in middle), NOTHING))}."


def _moment(promise: Promise, at: datetime) -> str:
    return phrases.moment(at.astimezone(ZoneInfo(promise.clock.calendar.zone)))
