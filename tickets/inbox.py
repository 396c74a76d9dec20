"""Which tickets: the lists as select statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, or_, select

from tickets.ticket import Priority, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

UNRESOLVED = (State.OPEN, State.ACKNOWLEDGED, State.WAITING)


def by_reference(reference: str) -> Select[Ticket]:
    """The ticket of that reference."""
    return select(Ticket).where(Ticket.reference == reference)


def unresolved() -> Select[Ticket]:
    """Everything that somebody still has to do something about, newest first."""
    return select(Ticket).where(Ticket.state.in_(UNRESOLVED)).order_by(Ticket.opened_at.desc(), Ticket.id.desc())


def unresolved_of(caller: str | None, customer_id: int | None) -> Select[Ticket]:
    """Unresolved tickets of this number or of its customer, newest first; nothing for a withheld stranger."""
    theirs = []
    if caller:
        theirs.append(Ticket.caller == caller)
    if customer_id:
        theirs.append(Ticket.customer_id == customer_id)
    return unresolved().where(or_(*theirs) if theirs else Ticket.id.is_(None))


def newest(session: Session, tickets: Select[Ticket], apart_from: int | None = None) -> Ticket | None:
    """The first of a list, leaving out one ticket."""
    others = tickets.where(Ticket.id != apart_from) if apart_from else tickets
    return session.scalars(others.limit(1)).first()


def emergencies(tickets: Select[Ticket]) -> Select[Ticket]:
    """Those of a list that are emergencies."""
    return tickets.where(Ticket.priority == Priority.EMERGENCY)


def joined(ticket: Ticket) -> Select[Ticket]:
    """The tickets that go on as this one, in the order in which they were opened."""
    return select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.opened_at, Ticket.id)


def whole(ticket: Ticket) -> Select[int]:
    """The number of a ticket and of all that were merged into it."""
    return wholes([ticket.id])


def wholes(numbers: Collection[int]) -> Select[int]:
    """The numbers of these tickets and of all that were merged into them, also along several merges."""
    found = select(Ticket.id).where(Ticket.id.in_(numbers)).cte("wholes", recursive=True)
    found = found.union(select(Ticket.id).join(found, Ticket.merged_into_id == found.c.id))
    return select(found.c.id)


def ahead(numbers: Select[int]) -> Select[int]:
    """The numbers of all as which these tickets go on or once went on, along their merges."""
    onto = Ticket.merged_into_id
    found = select(onto.label("id")).where(Ticket.id.in_(numbers), onto.is_not(None)).cte("ahead", recursive=True)
    found = found.union(select(onto).join(found, Ticket.id == found.c.id).where(onto.is_not(None)))
    return select(found.c.id)


def merged(session: Session, among: Select[int]) -> dict[int, int]:
    """Of these tickets those that were merged, and the one that goes on for each, along its merges."""
    onto = Ticket.merged_into_id
    first = select(Ticket.id.label("id"), onto.label("onto")).where(Ticket.id.in_(among), onto.is_not(None))
    along = first.cte("along", recursive=True)
    along = along.union(select(along.c.id, onto).join(along, Ticket.id == along.c.onto).where(onto.is_not(None)))
    goes_on = select(along.c.id, along.c.onto).join(Ticket, Ticket.id == along.c.onto).where(onto.is_(None))
    return dict(session.execute(goes_on).all())


def survivor(session: Session, ticket: Ticket) -> Ticket:
    """The ticket that goes on for this one, along its merges."""
    seen: Sequence[int] = ()
    while ticket.merged_into_id and ticket.merged_into_id not in seen:
        seen = (*seen, ticket.id)
        ticket = session.get_one(Ticket, ticket.merged_into_id)
    return ticket
