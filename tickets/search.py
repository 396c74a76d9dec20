"""Search: tickets by reference, telephone number, customer, contact or subject, however somebody writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from desk import numbers
from tickets.people import Contact, Customer
from tickets.reference import LENGTH, is_valid
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

LONGEST = 100  # characters; nobody types more
BETWEEN = re.compile(r"[\s.,/–-]")  # how people set off the groups of a reference


def reference_in(words: str) -> str | None:
    """The reference in any form in which it is printed or dictated: 482-913-077, 482 913 077, Ref. 482913077."""
    found = re.fullmatch(rf"\D*(\d{{{LENGTH}}})\D*", BETWEEN.sub("", words))
    return found[1] if found and is_valid(found[1]) else None


def matching(words: str) -> ColumnElement[bool]:
    """What is true of the tickets that these words mean; they may mean several things at once."""
    return or_(*_meanings(words[:LONGEST]))


def _meanings(words: str) -> Iterator[ColumnElement[bool]]:
    if reference := reference_in(words):
        yield Ticket.reference == reference
    if number := _number(words):
        contact = select(Contact.id).where(Contact.phone == number)
        yield or_(Ticket.caller == number, Ticket.contact_id.in_(contact))
    yield and_(*map(_told, words.split()))


def _number(words: str) -> str | None:
    try:
        return numbers.parse(words)
    except numbers.NotANumber:
        return None


def _told(word: str) -> ColumnElement[bool]:
    """One word, in the subject or in a name; every word has to be found somewhere."""
    customer = select(Customer.id).where(Customer.name.icontains(word, autoescape=True))
    contact = select(Contact.id).where(Contact.name.icontains(word, autoescape=True))
    subject = Ticket.subject.icontains(word, autoescape=True)
    return or_(subject, Ticket.customer_id.in_(customer), Ticket.contact_id.in_(contact))
