"""History: a ticket's events as the Timeline that its clocks go by, with those of the tickets that joined it.

What an event means is said by its kind (tickets.event.Kind), never by its words. A carrier's clock may be behind
ours: what it dates before the opening of the ticket happened at the opening.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from sla.timeline import Agreement, Happened, Joined, Timeline, What
from tickets import inbox
from tickets.event import Event, Kind
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

PLAIN = {
    Kind.ANSWERED: What.ANSWERED,
    Kind.ASKED: What.ASKED,
    Kind.WAITING: What.WAITING,
    Kind.RESUMED: What.RESUMED,
    Kind.RESOLVED: What.RESOLVED,
    Kind.REOPENED: What.REOPENED,
    Kind.WITHDRAWN: What.WITHDRAWN,
}
TURNS = frozenset({Kind.WAITING, Kind.RESUMED, Kind.RESOLVED, Kind.REOPENED, Kind.WITHDRAWN})


@dataclass(frozen=True)
class Shelf:
    """What is known of some tickets, read at once; each is put in order when it is asked for."""

    tickets: dict[str, Ticket]
    told: dict[int, list[Event]]

    def timeline(self, ticket: Ticket, until: datetime | None = None) -> Timeline:
        """Its timeline; ValueError if what was told makes no sense."""
        events = self.told.get(ticket.id, [])
        happened = sorted(_happened(ticket, events), key=lambda one: one.at)
        known = [one for one in happened if until is None or one.at <= until]
        return Timeline(tuple(known), tuple(self._joined(ticket, events)))

    def _joined(self, ticket: Ticket, events: Sequence[Event]) -> Iterator[Joined]:
        for event in events:
            other = self.tickets.get(event.detail.get("reference", "")) if event.kind == Kind.JOINED else None
            if other and event.detail.get("owed", True):
                at = max(event.at, ticket.opened_at, other.opened_at)
                own = self.timeline(other, at)
                yield Joined(at, Timeline(_without_the_end(own.events), own.joined))


def read(session: Session, numbers: Collection[int]) -> Shelf:
    """Read these tickets and those that joined them: two queries, however many they are."""
    whole = inbox.wholes(numbers)
    tickets = session.scalars(select(Ticket).where(Ticket.id.in_(whole)))
    told: dict[int, list[Event]] = defaultdict(list)
    for event in session.scalars(select(Event).where(Event.ticket_id.in_(whole)).order_by(Event.id)):
        told[event.ticket_id].append(event)
    return Shelf({one.reference: one for one in tickets}, told)


def of(session: Session, ticket: Ticket) -> Timeline:
    """The timeline of one ticket."""
    return read(session, [ticket.id]).timeline(ticket)


def _without_the_end(events: tuple[Happened, ...]) -> tuple[Happened, ...]:
    return events[:-1] if events[-1].what is What.WITHDRAWN else events


def _happened(ticket: Ticket, events: Sequence[Event]) -> Iterator[Happened]:
    denied = {event.detail.get("page") for event in events if event.kind == Kind.NOT_ANSWERED}
    agreed, stands = 0, ticket.opened_at  # since when it stands as it does: a clock set back changes no order of that
    yield Happened(ticket.opened_at, What.OPENED, priority=_first_priority(ticket, events))
    for event in events:
        at = max(event.at, stands if event.kind in TURNS else ticket.opened_at)
        stands = at if event.kind in TURNS else stands
        if event.kind == Kind.PRIORITY:
            yield Happened(at, What.PRIORITY, priority=event.detail["now"])
        elif event.kind == Kind.AGREED:
            agreed += 1
            yield Happened(at, What.AGREED, agreement=_agreement(event, agreed))
        elif event.kind in PLAIN and not (event.kind == Kind.ANSWERED and event.detail.get("page", 0) in denied):
            yield Happened(at, PLAIN[Kind(event.kind)])


def _first_priority(ticket: Ticket, events: Sequence[Event]) -> str:
    changes = (event.detail["was"] for event in events if event.kind == Kind.PRIORITY)
    return str(next(changes, ticket.priority))


def _agreement(event: Event, number: int) -> Agreement:
    detail = event.detail
    return Agreement(datetime.fromisoformat(detail["until"]), detail["ours"], detail["customer"], number)
