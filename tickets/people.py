"""Customers, and their contacts who ring, write and are written to; and what contacts were called and had before.

Whoever changes a contact, by whatever way, leaves what they had before in `former`: what came under a former name,
number or address is still theirs, and without it nobody could hand it over or erase it. It goes with the contact.

Numbers and mailboxes are given up, passed on, shared and taken again. Each time that somebody had one is a spell of its
own, with its beginning and its end, so that what came by it can be told apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, event, func, inspect, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.db import Base, SetUp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

NAMED_BY = ("name", "phone", "email")
PASSED_ON = ("phone", "email")


class Customer(SetUp, Base):
    """A company that we look after."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Contact(SetUp, Base):
    """A person at a customer; the number (E.164) is how a call finds the customer.

    `phone_since` and `email_since` are when they were first known to have these; None: nobody said.
    """

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(active_history=True)
    phone: Mapped[str | None] = mapped_column(unique=True, active_history=True)
    email: Mapped[str | None] = mapped_column(active_history=True)
    language: Mapped[str | None]
    phone_since: Mapped[datetime | None]
    email_since: Mapped[datetime | None]

    def begins(self, at: datetime) -> None:
        """They are new, and what they have is known to be theirs since that instant."""
        self.phone_since = at if self.phone else None
        self.email_since = at if self.email else None

    def changes(self, at: datetime) -> None:
        """What is changed of them from here on was theirs until that instant."""
        inspect(self).info["at"] = at

    def never_had(self, kinds: Collection[str]) -> None:
        """What they have of these was a mistake: no spell of theirs is left of it when it is changed."""
        inspect(self).info["never"] = frozenset(kinds)


class Former(Base):
    """A spell in which a contact had a name, number or address (`kind`, as the contact's column).

    None: nobody said since or until when; of names nobody does since when. Without a contact it was somebody's who was
    erased: of what others have too it is kept that it was not theirs alone.
    """

    __tablename__ = "former"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]


@event.listens_for(Session, "before_flush")
def _keep_former(session: Session, *_: object) -> None:
    changed = [one for one in session.dirty if isinstance(one, Contact) and session.is_modified(one)]
    for one in changed:
        at = inspect(one).info.get("at")
        session.add_all(list(_given_up(one, at)))
        for kind in PASSED_ON:
            if inspect(one).attrs[kind].history.has_changes():
                setattr(one, f"{kind}_since", at if getattr(one, kind) else None)


def _given_up(contact: Contact, at: datetime | None) -> Iterator[Former]:
    attributes, never = inspect(contact).attrs, inspect(contact).info.get("never", ())
    for kind in NAMED_BY:
        if kind in never:
            continue
        since = getattr(contact, f"{kind}_since") if kind in PASSED_ON else None
        for value in filter(None, attributes[kind].history.deleted or ()):
            yield Former(contact_id=contact.id, kind=kind, value=value, since=since, until=at)


def reading(session: Session, address: str) -> list[Contact]:
    """The contacts who read the mail of that address; in an office that may be several."""
    theirs = select(Contact).where(func.lower(Contact.email) == address.lower())
    return list(session.scalars(theirs.order_by(Contact.id)))


def one_of(readers: list[Contact]) -> Contact | None:
    """Under whom a ticket of theirs stands: the first; nobody where they are of several customers."""
    return readers[0] if len({one.customer_id for one in readers}) == 1 else None


def known_as(session: Session, name: str) -> Customer:
    """The customer of that name or code; raises LookupError."""
    found = session.scalars(select(Customer).where(or_(Customer.name == name, Customer.code == name))).first()
    if found is None:
        raise LookupError(f"There is no customer {name!r}.")
    return found
