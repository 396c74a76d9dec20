"""People: customers and contacts added and changed by whoever looks after them, as a set-up file would.

A file tells contacts apart by customer and name, so one that is renamed here is renamed before it is put in.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.audit import What, tell
from desk.customers import entries, register, slips
from desk.customers.entries import Overtaken, Problem, Refused, Typed
from desk.setup.forms import ContactForm, CustomerForm
from tickets.people import PASSED_ON, Contact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from tickets.people import Customer

OF_A_CONTACT = ("name", "phone", "email", "language")
SAME, NEW = "same", "new"  # whose another name is: the contact's own, or a successor's
Fields = dict[str, str]


def add_customer(session: Session, fields: Mapping[str, str], who: Who, now: datetime) -> str:
    """A customer who is new; returns the short name. Raises Refused, also for one that there is."""
    typed = Typed("customers", _said(fields, "code", "name"), _fields("code", "name"))
    form = entries.read(typed)
    assert isinstance(form, CustomerForm)  # noqa: S101 - the section says so
    code = form.code
    if register.find(session, code):
        raise Refused([Problem("code", f"{code!r} is a customer already")])
    entries.keep(session, typed, now, who)
    tell(session, who, What.CUSTOMER_ADDED, code, now)
    return code


def rename(session: Session, customer: Customer, fields: Mapping[str, str], who: Who, now: datetime) -> None:
    """Call a customer otherwise; raises Refused, or Overtaken if somebody else did meanwhile."""
    if customer.name != fields.get("seen", ""):
        raise Overtaken
    values = {"code": customer.code, **_said(fields, "name")}
    if entries.keep(session, Typed("customers", values, {("name",): "called"}), now, who):
        tell(session, who, What.CUSTOMER_CHANGED, customer.code, now, name=fields["name"])


def add_contact(session: Session, customer: Customer, fields: Mapping[str, str], who: Who, now: datetime) -> None:
    """Somebody new who rings and writes for them; raises Refused, also for a name that there is."""
    typed = _contact(customer, fields)
    _refuse_same_name(session, customer, _name(typed))
    entries.keep(session, typed, now, who)
    tell(session, who, What.CONTACT_ADDED, customer.code, now)


def change_contact(
    session: Session, customer: Customer, row: Contact, fields: Mapping[str, str], who: Who, now: datetime
) -> None:
    """What is known of a contact becomes this, or a successor of theirs is added; raises Refused or Overtaken."""
    if stamp(row) != fields.get("seen", ""):
        raise Overtaken
    typed = _contact(customer, fields)
    if (name := _name(typed)) != row.name:
        _refuse_same_name(session, customer, name)
    if _is_successor(name != row.name, fields.get("person", "")):
        if fields.get("slip"):
            raise Refused(
                [Problem("slip", "somebody new takes over only what was theirs: put the mistake right first")]
            )
        _succeed(session, customer, row, typed, who, now)
    else:
        _change(session, customer, row, typed, who, now, slip=bool(fields.get("slip")))


def contact(session: Session, customer: Customer, number: int) -> Contact | None:
    """The contact of that number, if it is theirs."""
    found = session.get(Contact, number)
    return found if found and found.customer_id == customer.id else None


def of_contact(row: Contact) -> Fields:
    """As it stands in a form."""
    return {field: getattr(row, field) or "" for field in OF_A_CONTACT}


def stamp(row: Contact) -> str:
    """What a form keeps of how a contact was when it was opened, without saying it."""
    return sha256("\0".join(of_contact(row).values()).encode()).hexdigest()[:16]


def _is_successor(is_called_otherwise: bool, person: str) -> bool:
    """Whether somebody else is meant; only who writes a name knows whose it is, so without their word it is refused."""
    if is_called_otherwise and person not in (SAME, NEW):
        raise Refused([Problem("person", "say whether this is the same person or somebody new")])
    if person == NEW and not is_called_otherwise:
        raise Refused([Problem("name", "write what the new person is called")])
    return person == NEW


def _change(
    session: Session, customer: Customer, row: Contact, typed: Typed, who: Who, now: datetime, *, slip: bool
) -> None:
    was, had = of_contact(row), slips.had(row)
    row.never_had(PASSED_ON if slip else ())
    if (name := _name(typed)) != row.name:
        row.changes(now)
        row.name = name
        session.flush()
    entries.keep(session, typed, now, who)
    if slip:
        _let_go(session, row, had)
    _tell_what_differs(session, customer, row, was, who, now)


def _let_go(session: Session, row: Contact, had: Sequence[slips.Had]) -> None:
    """Of what they had before; raises Refused where nothing was put right."""
    session.flush()
    now_has = slips.had(row)
    still = {(one.kind, one.value) for one in now_has}
    wrong = [one for one in had if (one.kind, one.value) not in still]
    if not wrong:
        raise Refused([Problem("slip", "change the number or the address that was a mistake")])
    slips.let_go(session, row, wrong, now_has)


def _succeed(session: Session, customer: Customer, row: Contact, typed: Typed, who: Who, now: datetime) -> None:
    """From that instant the number and the mailbox are the new one's; what came by them before stays the former's."""
    was = of_contact(row)
    row.changes(now)
    row.phone = row.email = None
    session.flush()  # a number is one contact's at a time
    entries.keep(session, typed, now, who)
    _tell_what_differs(session, customer, row, was, who, now)
    tell(session, who, What.CONTACT_ADDED, customer.code, now)


def _tell_what_differs(
    session: Session, customer: Customer, row: Contact, was: Fields, who: Who, now: datetime
) -> None:
    now_is = of_contact(row)
    if differing := [field for field in OF_A_CONTACT if was[field] != now_is[field]]:
        tell(session, who, What.CONTACT_CHANGED, customer.code, now, contact=row.id, fields=differing)


def _contact(customer: Customer, fields: Mapping[str, str]) -> Typed:
    # A field that is empty in the form is to be empty, not left as it is.
    emptied = {field: fields.get(field) or None for field in OF_A_CONTACT[1:]}
    values = {"customer": customer.code, **_said(fields, "name"), **emptied}
    return Typed("contacts", values, _fields(*OF_A_CONTACT))


def _name(typed: Typed) -> str:
    form = entries.read(typed)
    assert isinstance(form, ContactForm)  # noqa: S101 - the section says so
    return form.name


def _refuse_same_name(session: Session, customer: Customer, name: str) -> None:
    theirs = select(Contact.id).where(Contact.customer_id == customer.id, Contact.name == name)
    if session.scalar(theirs.limit(1)):
        raise Refused([Problem("name", f"{name} is a contact of {customer.name} already")])


def _said(fields: Mapping[str, str], *names: str) -> Fields:
    return {name: fields[name] for name in names if fields.get(name)}


def _fields(*names: str) -> dict[tuple[str | int, ...], str]:
    return {(name,): name for name in names}
