"""Finding: whom a manager means who looks for somebody's data by a number, an address, a name or a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from desk import numbers, typed
from tickets.people import Contact, Customer, Former

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

CONTACT = re.compile(r"contact-(\d{1,9})")
LONGEST = 200  # characters of what somebody looks for
MOST = 20  # people to choose from


@dataclass(frozen=True)
class Found:
    """Somebody to choose: the key by which they are asked for, and what they are called."""

    key: str
    name: str
    customer: str | None = None


def look_for(session: Session, words: str) -> list[Found]:
    """Whom these words may mean: a contact by number, address, name or key, or a number or address by itself.

    Also one that a contact had before: somebody else may have it by now.
    """
    words = typed.line(words, LONGEST)
    key = key_of(words)
    if key is None:
        return [_found(one, customer) for one, customer in session.execute(_called(words))] if words else []
    now, before = (session.execute(_contacts().where(one).limit(MOST)).all() for one in (has(key), _had(key)))
    itself = [] if now or CONTACT.fullmatch(key) else [Found(key, key)]
    return [*dict.fromkeys(_found(one, customer) for one, customer in [*now, *before]), *itself]


def key_of(words: str) -> str | None:
    """The key, number or address that these words are; None of a name."""
    words = words.strip()
    if CONTACT.fullmatch(words.lower()):
        return words.lower()
    if re.fullmatch(r"[^@\s]{1,100}@[^@\s]{1,150}", words):
        return words.lower()
    try:
        return numbers.parse(words)
    except numbers.NotANumber:
        return None


def _found(contact: Contact, customer: str) -> Found:
    return Found(f"contact-{contact.id}", contact.name, customer)


def _contacts() -> Select[Contact, str]:
    return select(Contact, Customer.name).join(Customer, Customer.id == Contact.customer_id).order_by(Contact.name)


def _called(words: str) -> Select[Contact, str]:
    """Those in whose name every word stands, or in one that they had."""
    now, before = (
        and_(*(column.icontains(word, autoescape=True) for word in words.split()))
        for column in (Contact.name, Former.value)
    )
    formerly = select(Former.contact_id).where(Former.kind == "name", before)
    return _contacts().where(or_(now, Contact.id.in_(formerly))).limit(MOST)


def has(key: str) -> ColumnElement[bool]:
    """What is true of the contact who has that key, number or address now."""
    if found := CONTACT.fullmatch(key):
        return Contact.id == int(found[1])
    return func.lower(Contact.email) == key if "@" in key else Contact.phone == key


def _had(key: str) -> ColumnElement[bool]:
    """Who had it, and has something else now."""
    return Contact.id.in_(select(Former.contact_id).where(func.lower(Former.value) == key, Former.kind != "name"))
