"""Customers, and their contacts who ring, write and are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Customer(SetUp, Base):
    """A company that we look after."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Contact(SetUp, Base):
    """A person at a customer; the number (E.164) is how a call finds the customer."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]
    language: Mapped[str | None]


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
