"""Customers and their contacts for programs: read, and added by the same words and checks as on their pages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from desk import numbers
from desk.api.cursor import BadParameter
from desk.api.shapes import Number
from desk.customers import people, register
from desk.door.tokens import Scope
from sla.hours import own_zone

if TYPE_CHECKING:
    from collections.abc import Collection

    from desk.api.answers import Reader
    from desk.api.writer import Writer
    from desk.customers.register import Listed
    from sla.contract import Contract as StoredContract
    from tickets.people import Contact as StoredContact

Line = Annotated[str, Field(max_length=1000, pattern="^[^\\x00-\\x1f\\x7f]*$")]


class CustomerFilter(BaseModel):
    """Which customers."""

    model_config = ConfigDict(extra="forbid")
    q: Annotated[str, Field(max_length=100, description="Words of their name, or a contact's name or number")] = ""
    skip: Annotated[int, Field(ge=0, le=1_000_000, description="How many to leave out at the beginning")] = 0


class NewContact(BaseModel):
    """Somebody who rings and writes for a customer, as on the page and in a set-up file."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    phone: Annotated[Line, Field(description="As people write it; one that has no land is of South Africa")] = ""
    email: Line = ""
    language: Annotated[Line, Field(description="Such as af; without it as the line has it")] = ""


class NewCustomer(BaseModel):
    """A customer."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[Line, Field(description="A short name in small letters, for good")]
    name: Line


class Contact(BaseModel):
    """Somebody who rings and writes for a customer."""

    name: str
    phone: Number
    email: str | None
    language: str | None


class ContractVersion(BaseModel):
    """One version of a contract."""

    version: int
    name: str
    valid_from: date


class Customer(BaseModel):
    """A customer, the contract of today and those to come."""

    code: str
    name: str
    contract: ContractVersion | None
    to_come: list[ContractVersion]
    open_tickets: int


class WholeCustomer(Customer):
    """The same with contacts."""

    contacts: list[Contact]


class Customers(BaseModel):
    """Fifty of them at most, by name; `total` is of all that were meant."""

    items: list[Customer]
    total: int


def listed(reader: Reader, asked: CustomerFilter) -> Customers:
    """Those that are meant."""
    if "\0" in asked.q:
        raise BadParameter("q: a search has no control characters")
    day = reader.now.astimezone(ZoneInfo(own_zone(reader.session))).date()
    rows, total = register.page(reader.session, asked.q, day, asked.skip)
    return Customers(items=[Customer(**_customer(one)) for one in rows], total=total)


def one(reader: Reader, _: BaseModel, code: str) -> WholeCustomer | None:
    """One customer, or None."""
    found = register.find(reader.session, code) if "\0" not in code else None
    if found is None:
        return None
    day = reader.now.astimezone(ZoneInfo(own_zone(reader.session))).date()
    whole = register.listed(reader.session, found, day)
    contacts = [_contact(one, reader.scopes) for one in register.contacts(reader.session, found)]
    return WholeCustomer(**_customer(whole), contacts=contacts)


def add(writer: Writer, asked: NewCustomer) -> WholeCustomer | None:
    """A customer more."""
    code = people.add_customer(writer.session, asked.model_dump(), writer.who, writer.now)
    return one(writer.reader, asked, code)


def add_contact(writer: Writer, asked: NewContact, code: str) -> WholeCustomer | None:
    """A contact more; None if there is no such customer."""
    found = register.find(writer.session, code) if "\0" not in code else None
    if found is None:
        return None
    people.add_contact(writer.session, found, asked.model_dump(), writer.who, writer.now)
    writer.session.flush()
    return one(writer.reader, asked, code)


def _customer(row: Listed) -> dict[str, object]:
    return {
        "code": row.customer.code,
        "name": row.customer.name,
        "contract": _version(row.now) if row.now else None,
        "to_come": [_version(one) for one in row.to_come],
        "open_tickets": row.tickets,
    }


def _version(row: StoredContract) -> ContractVersion:
    return ContractVersion(version=row.version, name=row.name, valid_from=row.valid_from)


def _contact(row: StoredContact, scopes: Collection[str]) -> Contact:
    whole = Scope.NUMBERS_READ in scopes
    phone = (row.phone if whole else numbers.masked(row.phone)) if row.phone else None
    return Contact(name=row.name, phone=phone, email=row.email, language=row.language)
