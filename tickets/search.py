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
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement

LONGEST = 100  # characters; nobody types more
BETWEEN = re.compile(r"[\s.,/–-]")  # how people set off the groups of a reference
WRITTEN = re.compile(r"(?<![\d+])(?:\d{9}|\d{3}([\s.,/–-])\d{3}\1\d{3})(?!\d)")  # among other words


def reference_in(words: str) -> str | None:
    """The reference in any form in which it is printed or dictated: 482-913-077, 482 913 077, Ref. 482913077."""
    found = re.fullmatch(rf"\D*(\d{{{LENGTH}}})\D*", bare(words))
    return found[1] if found and is_valid(found[1]) else None


def references_in(text: str) -> list[str]:
    """Those in a sentence, in their order: nine digits, or three groups with the same sign between them."""
    return [digits for one in WRITTEN.finditer(text) if is_valid(digits := bare(one[0]))]


def bare(written: str) -> str:
    """Without what sets off its groups."""
    return BETWEEN.sub("", written)


def matching(words: str) -> ColumnElement[bool]:
    """What is true of the tickets that these words mean; they may mean several things at once."""
    return or_(*_meanings(words[:LONGEST]))


def _meanings(words: str) -> Iterator[ColumnElement[bool]]:
    if reference := reference_in(words):
        yield Ticket.reference == reference
    if number := _number(words):
        contact = select(Contact.id).where(Contact.phone == number)
        yield or_(Ticket.caller == number, Ticket.contact_id.in_(contact))
    yield told(words.split())


def _number(words: str) -> str | None:
    try:
        return numbers.parse(words)
    except numbers.NotANumber:
        return None


def told(words: Sequence[str]) -> ColumnElement[bool]:
    """Every word is found somewhere: in the subject or in a name."""
    return and_(True, *map(_told, words))


def _told(word: str) -> ColumnElement[bool]:
    customer = select(Customer.id).where(Customer.name.icontains(word, autoescape=True))
    contact = select(Contact.id).where(Contact.name.icontains(word, autoescape=True))
    subject = Ticket.subject.icontains(word, autoescape=True)
    return or_(subject, Ticket.customer_id.in_(customer), Ticket.contact_id.in_(contact))
