"""Slips: a number or an address that a contact was given by mistake and that was never theirs.

What was led to them by it alone is let go of: it is its owner's again, as if nobody had known them. Whose customer a
ticket is stays as it is, for it may be billed: whoever works on it moves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select, update

from ivr.call import Call
from tickets.people import PASSED_ON, Former
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from tickets.people import Contact


class Had(NamedTuple):
    """What a contact had by mistake, as what, and since when, if anybody said."""

    kind: str
    value: str
    since: datetime | None


def had(contact: Contact) -> list[Had]:
    """All that they have now, any of which may turn out to be a slip."""
    those = ((kind, getattr(contact, kind), getattr(contact, f"{kind}_since")) for kind in PASSED_ON)
    return [Had(kind, value, since) for kind, value, since in those if value]


def let_go(session: Session, contact: Contact, slips: Iterable[Had], theirs: Iterable[Had]) -> None:
    """What came by a slip since they had it is led to them no more, but for what came by anything of theirs too."""
    formerly = select(Former.value).where(Former.contact_id == contact.id, Former.kind != "name")
    own = {one.lower() for one in (*session.scalars(formerly), *(one.value for one in theirs))}
    for one in slips:
        if one.kind == "phone":
            calls = update(Call).where(Call.contact_id == contact.id, Call.caller == one.value)
            session.execute(calls.where(*_since(Call.started_at, one)).values(contact_id=None))
        tickets = update(Ticket).where(Ticket.contact_id == contact.id, *_since(Ticket.opened_at, one))
        session.execute(tickets.where(*_by_it_alone(one, own - {one.value.lower()})).values(contact_id=None))


def _by_it_alone(slip: Had, own: set[str]) -> Iterator[ColumnElement[bool]]:
    email = func.lower(Ticket.email)
    by, other = (Ticket.caller, email) if slip.kind == "phone" else (email, Ticket.caller)
    yield by == slip.value.lower()
    yield or_(other.is_(None), other.not_in(own))


def _since(column: Any, slip: Had) -> Iterator[ColumnElement[bool]]:
    if slip.since is not None:
        yield column >= slip.since
