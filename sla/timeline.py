"""Timeline: what happened to a ticket, as far as clocks start, stop or stand still by it.

The same event whatever the channel: an answer is an answer by telephone, mail or page. Which events of a ticket
count as what is for its keeper to say; here is what follows from them.

- `opened` starts the first response; `answered` meets it (a bridged call is an answer), and so does `resolved`.
- `asked` is anything the customer says. Before the first answer it starts nothing new; after it, it starts a next
  response unless one is owed already. It also ends our waiting for the customer.
- `waiting` and `resolved` make the resolution stand still until `resumed` or `reopened`; no response ever does.
- `withdrawn` (abandoned, or merged into another ticket) ends every clock without meeting it; should the customer
  come back all the same, the first response starts anew.
- A ticket that joined this one keeps its own deadlines here: its clocks run on by what happens from then on, and
  the earlier deadline counts. A call that only asked how things stand owes nothing and is not listed among them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla.clock import Pause
from sla.targets import PRIORITIES, Measure


class What(StrEnum):
    """What may happen."""

    OPENED = "opened"
    PRIORITY = "priority"
    ANSWERED = "answered"
    ASKED = "asked"
    WAITING = "waiting"
    RESUMED = "resumed"
    AGREED = "agreed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


ENDS = (What.RESOLVED, What.WITHDRAWN)
ANSWERS = (What.ANSWERED, *ENDS)
COMES_BACK = (What.OPENED, What.REOPENED, What.ASKED)
WAITING, HELD_RESOLVED = "waiting for the customer", "held to be resolved"


@dataclass(frozen=True)
class Agreement:
    """A turnaround promised for this ticket: until when, agreed by whom and with whom, and the how manieth it is."""

    until: datetime
    by: str
    customer: str
    version: int


@dataclass(frozen=True)
class Happened:
    """One event; `opened` and `priority` say the priority from then on, `agreed` the agreement."""

    at: datetime
    what: What
    priority: str | None = None
    agreement: Agreement | None = None

    def __post_init__(self) -> None:
        if (self.what in (What.OPENED, What.PRIORITY)) != (self.priority is not None):
            raise ValueError(f"{self.what} at {self.at} says {self.priority or 'no priority'}")
        if self.priority is not None and self.priority not in PRIORITIES:
            raise ValueError(f"there is no priority {self.priority!r}, only {', '.join(PRIORITIES)}")
        if (self.what is What.AGREED) != (self.agreement is not None):
            raise ValueError(f"{self.what} at {self.at} says {self.agreement or 'no agreement'}")
        if self.agreement and self.agreement.until <= self.at:
            raise ValueError(f"a turnaround until {self.agreement.until} cannot be agreed at {self.at}")


@dataclass(frozen=True)
class Round:
    """One clock of a measure: when it started and by what, and when and by what it ended."""

    start: Happened
    end: Happened | None
    pauses: tuple[Pause, ...] = ()

    @property
    def met(self) -> bool:
        """Whether it ended as it should."""
        return self.end is not None and self.end.what is not What.WITHDRAWN


@dataclass(frozen=True)
class Timeline:
    """The events of a ticket in their order, and the tickets that joined it."""

    events: tuple[Happened, ...]
    joined: "tuple[Joined, ...]" = ()

    def __post_init__(self) -> None:
        if [event.what for event in self.events[:1]] != [What.OPENED]:
            raise ValueError("a timeline begins with the opening of the ticket")
        if any(one.at > two.at for one, two in zip(self.events, self.events[1:], strict=False)):
            raise ValueError(f"the events from {self.events[0].at} on are not in their order")
        if any(not other.timeline.events[-1].at <= other.at >= self.events[0].at for other in self.joined):
            raise ValueError("a ticket joins one that is there, and its own timeline ends there")

    @property
    def over(self) -> bool:
        """Whether it is resolved or withdrawn."""
        turns = [event.what for event in self.events if event.what in (*ENDS, What.REOPENED)]
        return bool(turns) and turns[-1] != What.REOPENED

    def until(self, at: datetime) -> "Timeline":
        """As it was known at that instant; `at` is not before the opening."""
        joined = tuple(other for other in self.joined if other.at <= at)
        return Timeline(tuple(event for event in self.events if event.at <= at), joined)

    def strands(self) -> "Iterator[Timeline]":
        """Itself, and for each ticket that joined it with something owed, that one's events and then its own."""
        yield Timeline(self.events)
        for other in self.joined:
            yield from (self._continuing(strand, other.at) for strand in other.timeline.strands() if not strand.over)

    def rounds(self, measure: Measure) -> tuple[Round, ...]:
        """The clocks of a measure, one after another."""
        if measure is Measure.RESOLUTION:
            return (self._resolution(),)
        first = tuple(_first(self.events))
        return first if measure is Measure.FIRST_RESPONSE else tuple(_next(self.events, first[-1]))

    def _resolution(self) -> Round:
        pauses, since, over = [], None, None
        for event in self.events:
            resumes = event.what is What.REOPENED or (event.what in (What.RESUMED, What.ASKED) and not over)
            if since and resumes:
                pauses.append(Pause(since.at, event.at, _why(since)))
            if resumes:
                since = over = None
            elif event.what in ENDS:
                since, over = since or event, over or event
            elif event.what is What.WAITING:
                since = since or event
        if since and since is not over:
            pauses.append(Pause(since.at, None, _why(since)))
        return Round(self.events[0], over, tuple(pauses))

    def _continuing(self, strand: "Timeline", at: datetime) -> "Timeline":
        waits = self.until(at).rounds(Measure.RESOLUTION)[0].pauses
        ours = What.WAITING if waits and waits[-1].end is None else What.RESUMED
        later = (event for event in self.events if event.at > at and event.what is not What.OPENED)
        return Timeline((*strand.events, Happened(at, ours), *later))


@dataclass(frozen=True)
class Joined:
    """A ticket merged into this one at an instant, with its own timeline up to then, the merging left out."""

    at: datetime
    timeline: Timeline


def _why(since: Happened) -> str:
    return WAITING if since.what is What.WAITING else HELD_RESOLVED


def _first(events: Iterable[Happened]) -> Iterator[Round]:
    start, met = None, False
    for event in events:
        if start and event.what in ANSWERS:
            yield (done := Round(start, event))
            start, met = None, done.met
        elif not start and not met and event.what in COMES_BACK:
            start = event
    if start:
        yield Round(start, None)


def _next(events: tuple[Happened, ...], first: Round) -> Iterator[Round]:
    start = None
    answered = events.index(first.end) + 1 if first.end and first.met else len(events)
    for event in events[answered:]:
        if start and event.what in ANSWERS:
            yield Round(start, event)
            start = None
        elif not start and event.what is What.ASKED:
            start = event
    if start:
        yield Round(start, None)
