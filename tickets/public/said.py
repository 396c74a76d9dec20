"""What was said between a customer and us about one ticket: their words and our answers, never notes.

Of a ticket that goes on as another, what others said there is theirs; what was said under this one stays here, and what
its sender adds goes there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from tickets import inbox
from tickets.event import Event, Kind
from tickets.file import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.ticket import Ticket


@dataclass(frozen=True)
class Said:
    """One thing that was said: by the customer or by us; without words where it was spoken."""

    at: datetime
    theirs: bool
    words: str | None
    files: Sequence[File]


def between_us(session: Session, ticket: Ticket) -> list[Said]:
    """What was said, in order."""
    kept: dict[int, list[File]] = defaultdict(list)
    for one in session.scalars(select(File).where(File.event_id.in_([event.id for event in ticket.events]))):
        kept[one.event_id].append(one)
    found = [Said(event.at, theirs, words, kept[event.id]) for event, theirs, words in _told(ticket)]
    ahead = inbox.survivor(session, ticket)
    return found + [Said(at, True, words, files) for at, words, files in _added(session, ticket, ahead)]


def _told(ticket: Ticket) -> Iterator[tuple[Event, bool, str | None]]:
    for event in ticket.events:
        detail = event.detail
        if event.kind == Kind.ASKED and detail.get("for") in (None, ticket.id):
            yield event, True, _theirs(event)
        elif event.kind == Kind.ANSWERED:
            yield event, False, None if "page" in detail else str(detail.get("words") or event.text)


def _theirs(event: Event) -> str | None:
    """What they wrote, by the web or by mail; nothing of what they said by telephone."""
    if "mail" in event.detail:
        return event.text.removeprefix("wrote: ")
    return event.text if "way" in event.detail else None


def _added(session: Session, ticket: Ticket, ahead: Ticket) -> Iterator[tuple[datetime, str | None, Sequence[File]]]:
    """What they said since it goes on as another ticket, which stands there."""
    if ahead.id == ticket.id:
        return
    asked = select(Event).where(Event.ticket_id == ahead.id, Event.kind == Kind.ASKED).order_by(Event.id)
    for event in session.scalars(asked):
        if event.detail.get("for") == ticket.id:
            yield event.at, _theirs(event), session.scalars(select(File).where(File.event_id == event.id)).all()
