"""Tasks: what is left to do for the people of a ticket: call back who rang and reached nobody, get an address.

Computed from events and records whenever it is asked for, never stored. A call is missed until a person of ours has
answered since it began, by whatever way; that somebody has the ticket answers nothing. An address is missing on a
ticket that came by telephone until one is known, of the contact or of the ticket itself. What is resolved has no
tasks; what goes on as another ticket has its tasks there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from tickets import inbox
from tickets.event import CALL, Event, Kind
from tickets.mail import addressee
from tickets.people import Contact
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import CTE, ColumnElement, Exists, Select, Subquery
    from sqlalchemy.orm import Session

MISSED_CALL: ColumnElement[str] = literal_column(f"'{Kind.MISSED}'")  # as `ix_event_missed` has it


class What(StrEnum):
    """What has to be done."""

    CALL_BACK = "call_back"
    ADDRESS = "address"


@dataclass(frozen=True)
class Task:
    """Something to do for the people of a ticket; of a call-back: whom (None: withheld), when they rang, and more."""

    what: What
    number: str | None = None
    rang: tuple[datetime, ...] = ()
    left_message: bool = False
    doubtful: bool = False  # an address is known, and a letter to it came back


def of(session: Session, ticket: Ticket) -> list[Task]:
    """The tasks of one ticket."""
    return of_all(session, [ticket.id])[ticket.id]


def of_all(session: Session, numbers: Collection[int]) -> Mapping[int, list[Task]]:
    """The tasks of these tickets, by their number; four queries, however many they are."""
    found: dict[int, list[Task]] = defaultdict(list)
    if not numbers:
        return found
    missed: dict[int, list[Event]] = defaultdict(list)
    for root, event in session.execute(_missed(_parts(numbers)).order_by(Event.at, Event.id)):
        missed[root].append(event)
    heard = _with_message(session, [event.ticket_id for events in missed.values() for event in events])
    for root, events in missed.items():
        found[root].append(_call_back(events, heard))
    doubted = set(session.scalars(select(Ticket.id).where(Ticket.id.in_(numbers), in_doubt())))
    for root in session.scalars(select(Ticket.id).where(Ticket.id.in_(numbers), no_address())):
        found[root].append(Task(What.ADDRESS, doubtful=root in doubted))
    return found


def there_are() -> ColumnElement[bool]:
    """What is true of a ticket that has tasks."""
    is_open = Ticket.state.in_(inbox.UNRESOLVED)  # said here too, so that nothing else is looked at
    return and_(is_open, or_(Ticket.id.in_(select(_missed(_parts()).subquery().c.root)), no_address()))


def pressing(size: int) -> Select[Ticket]:
    """Tickets with tasks, who has waited longest for a call first."""
    first = _first(_parts())
    query = (
        select(Ticket).outerjoin(first, first.c.root == Ticket.id).where(or_(first.c.root.is_not(None), no_address()))
    )
    return query.order_by(first.c.at.is_(None), first.c.at, Ticket.opened_at, Ticket.id).limit(size)


def count(session: Session) -> int:
    """How many tickets have tasks."""
    return session.scalar(select(func.count(Ticket.id)).where(there_are())) or 0


def lacks_address(session: Session, ticket: Ticket) -> bool:
    """Whether nobody knows where to write to about this ticket."""
    return session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, no_address())) is not None


def no_address() -> ColumnElement[bool]:
    """It is not resolved, and came by telephone with no address that is known, or the one that is known is in doubt."""
    phoned = exists().where(Event.ticket_id == Ticket.id, Event.kind == CALL)
    known = exists().where(Contact.id == Ticket.contact_id, func.coalesce(Contact.email, "") != "")
    return and_(Ticket.state.in_(inbox.UNRESOLVED), or_(and_(Ticket.email.is_(None), ~known, phoned), in_doubt()))


def in_doubt() -> ColumnElement[bool]:
    """A letter to the address at which its people are written to came back."""
    contact = exists().where(Contact.id == Ticket.contact_id, func.coalesce(Contact.email, "") != "")
    theirs = exists().where(Contact.id == Ticket.contact_id, addressee.bounced(Contact.email))
    return or_(theirs, and_(~contact, addressee.bounced(Ticket.email)))


def _parts(numbers: Collection[int] | None = None) -> CTE:
    """Each ticket that is not resolved as `root`, beside itself and all that go on as it as `part`."""
    roots = select(Ticket.id.label("root"), Ticket.id.label("part")).where(Ticket.state.in_(inbox.UNRESOLVED))
    found = (roots.where(Ticket.id.in_(numbers)) if numbers is not None else roots).cte(recursive=True)
    return found.union(select(found.c.root, Ticket.id).join(found, Ticket.merged_into_id == found.c.part))


def _missed(parts: CTE) -> Select[int, Event]:
    """The calls that nobody has answered since."""
    calls = select(parts.c.root, Event).join(Event, Event.ticket_id == parts.c.part)
    return calls.where(Event.kind == MISSED_CALL, ~_answered(parts))


def _answered(parts: CTE) -> Exists:
    """Whether somebody has answered on the same ticket since a call began; an answer that was none does not count."""
    whole, answer, denial = parts.alias(), aliased(Event), aliased(Event)
    same_page = denial.detail["page"].as_integer() == answer.detail["page"].as_integer()
    denied = exists().where(denial.ticket_id == answer.ticket_id, denial.kind == Kind.NOT_ANSWERED, same_page)
    told = select(answer.id).join(whole, whole.c.part == answer.ticket_id).where(whole.c.root == parts.c.root)
    return told.where(answer.kind == Kind.ANSWERED, answer.at >= Event.at, ~denied).exists()


def _first(parts: CTE) -> Subquery:
    missed = _missed(parts).subquery()
    return select(missed.c.root, func.min(missed.c.at).label("at")).group_by(missed.c.root).subquery()


def _call_back(events: Sequence[Event], heard: Collection[str]) -> Task:
    """One task, however often they rang: to the number that rang last."""
    rang = tuple(event.at for event in events)
    left = any(event.detail.get("call") in heard for event in events)
    return Task(What.CALL_BACK, events[-1].detail.get("caller"), rang, left)


def _with_message(session: Session, tickets: Collection[int]) -> set[str]:
    """The calls about these tickets in which a message was left."""
    told = select(Event.detail).where(Event.ticket_id.in_(tickets), Event.kind == Kind.ASKED)
    return {detail["call"] for detail in session.scalars(told) if "recording" in detail and "call" in detail}
