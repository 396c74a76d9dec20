"""Employment: colleagues are added, changed, leave and come back.

What is refused, each in a sentence: to leave the desk without a manager who can come in, callers without whoever is to
answer them, or a ticket with somebody who is not there. A leaver keeps nothing that opens anything, and stays in every
record; who comes back proves their number anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, or_, select, update

from desk import audit, numbers
from desk.audit import What
from desk.door import links, sessions
from desk.door.passwords import Credential
from desk.mailing import is_address
from desk.staff import Role, Staff, free_key
from ivr.line import Line
from oncall import offboarding, paging
from oncall.subscriptions import Subscription
from oncall.verification import Verification
from tickets.inbox import UNRESOLVED
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who

LONGEST = 60


class Barred(Exception):
    """It cannot be, with a sentence; `field` is what to change in a form, `by` what has to be settled before."""

    def __init__(self, words: str, field: str = "", by: str = "") -> None:
        super().__init__(words)
        self.field, self.by = field, by


@dataclass(frozen=True)
class Particulars:
    """What is noted of a colleague."""

    name: str
    role: Role
    email: str | None = None
    phone: str | None = None

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Particulars:
        """As they stand in a form; raises Barred."""
        name, email, phone = (form.get(field, "").strip() for field in ("name", "email", "phone"))
        if not name or len(name) > LONGEST or not name.isprintable():
            raise Barred(f"Type a name of at most {LONGEST} characters.", "name")
        if form.get("role") not in list(Role):
            raise Barred("Choose what they do here.", "role")
        if email and not (is_address(email) and email.isascii()):
            raise Barred("This is no mail address.", "email")
        return cls(name, Role(form["role"]), email or None, _phone(phone) if phone else None)


def add(session: Session, given: Particulars, who: Who, now: datetime) -> Staff:
    """A new colleague; raises Barred."""
    _distinct(session, given)
    staff = Staff(key=free_key(session, given.name), active=True)
    _note(staff, given)
    session.add(staff)
    session.flush()
    audit.tell(session, who, What.PERSON_ADDED, staff.name, now, role=staff.role)
    return staff


def change(session: Session, staff: Staff, given: Particulars, who: Who, now: datetime) -> None:
    """Something else is noted of a colleague from now on; raises Barred."""
    _distinct(session, given, staff)
    if staff.role == Role.MANAGER and (given.role != Role.MANAGER or not given.email):
        _somebody_manages(session, staff, "role" if given.role != Role.MANAGER else "email")
    if given.role == Role.BILLING and staff.role != Role.BILLING:
        _off_the_rotas(session, staff, now, "role")
    if staff.phone and not given.phone:
        _off_the_rotas(session, staff, now, "phone")
    was = {field: getattr(staff, field) for field in ("name", "role", "email", "phone")}
    _note(staff, given)
    if staff.email != was["email"]:
        links.close(session, staff.id, now)  # they may have gone to the address before
    # Which number it was is nobody's business; that it is another one is.
    changed = {field: old or "none" for field, old in was.items() if old != getattr(staff, field)}
    if changed:
        told = {f"{field} until now": "another" if field == "phone" else old for field, old in changed.items()}
        audit.tell(session, who, What.PERSON_CHANGED, staff.name, now, **told)


def leave(session: Session, staff: Staff, who: Who, now: datetime) -> None:
    """Somebody does not work here any more; raises Barred."""
    if staff.id == who.staff_id:
        raise Barred("You would sign yourself out for good. Another manager does this.")
    if staff.role == Role.MANAGER:
        _somebody_manages(session, staff)
    _off_the_rotas(session, staff, now)
    if has := open_tickets(session, staff):
        raise Barred(f"{staff.name} still has {has} open {'ticket' if has == 1 else 'tickets'}.", by="tickets")
    if staff.id in paging.busy(session, now):
        raise Barred(f"{staff.name} is being rung or on a call just now. Try again in a moment.")
    staff.active = False
    ended = _nothing_opens(session, staff, now)
    audit.tell(session, who, What.PERSON_LEFT, staff.name, now, sessions_ended=ended)


def come_back(session: Session, staff: Staff, who: Who, now: datetime) -> None:
    """Somebody who had left works here again; raises Barred if their address or number is a colleague's by now."""
    _distinct(session, Particulars(staff.name, Role(staff.role), staff.email, staff.phone), staff)
    staff.active = True
    audit.tell(session, who, What.PERSON_BACK, staff.name, now)


def open_tickets(session: Session, staff: Staff) -> int:
    """How many tickets somebody has that are not resolved."""
    theirs = select(func.count(Ticket.id)).where(Ticket.owner_id == staff.id, Ticket.state.in_(UNRESOLVED))
    return session.scalars(theirs).one()


def _phone(typed: str) -> str:
    try:
        number = numbers.parse(typed)
    except numbers.NotANumber:
        raise Barred("This is no telephone number.", "phone") from None
    if not numbers.may_dial(number):
        raise Barred("This number cannot be rung from here: it costs by the minute, or does not exist.", "phone")
    return number


def _note(staff: Staff, given: Particulars) -> None:
    staff.name, staff.role, staff.email, staff.phone = given.name, given.role, given.email, given.phone


def _distinct(session: Session, given: Particulars, staff: Staff | None = None) -> None:
    """Nobody who works here has the same name, address or number; a line that rings itself rings nobody."""
    here = select(Staff.name).where(Staff.active, Staff.id != (staff.id if staff else 0)).limit(1)
    if session.scalars(here.where(func.lower(Staff.name) == given.name.lower())).first():
        raise Barred(f"There is a {given.name} here already.", "name")
    if given.email and (other := session.scalars(here.where(func.lower(Staff.email) == given.email.lower())).first()):
        raise Barred(f"{other} has this address already; it would not tell them apart.", "email")
    if given.phone and (other := session.scalars(here.where(Staff.phone == given.phone)).first()):
        raise Barred(f"{other} has this number already.", "phone")
    if given.phone and session.scalars(select(Line.id).where(Line.number == given.phone)).first():
        raise Barred("This is the number of a line.", "phone")


def _somebody_manages(session: Session, but: Staff, field: str = "") -> None:
    """Another manager can come in; of two who take it from each other at once, the later one sees it."""
    managers = select(Staff.id).where(Staff.active, Staff.role == Role.MANAGER).order_by(Staff.id).with_for_update()
    session.scalars(managers).all()
    came = exists().where(sessions.SignIn.staff_id == Staff.id)  # by whatever way
    can = or_(exists().where(Credential.staff_id == Staff.id), came)
    others = select(Staff.id).where(Staff.active, Staff.role == Role.MANAGER, Staff.id != but.id, Staff.email != "")
    if session.scalars(others.where(can).limit(1)).first() is None:
        raise Barred(f"{but.name} is the last manager who can come in. Let another one sign in first.", field)


def _off_the_rotas(session: Session, staff: Staff, now: datetime, field: str = "") -> None:
    held = offboarding.held(session, staff, now)
    if held.rotations or held.shifts:
        raise Barred(f"{staff.name} is still on the rotas: hand that on first.", field, by="rotas")


def _nothing_opens(session: Session, staff: Staff, now: datetime) -> int:
    """Take away whatever let them in or proved something; how many sessions that ended."""
    links.close(session, staff.id, now)
    for kept in (Credential, Verification):
        session.execute(delete(kept).where(kept.staff_id == staff.id))
    theirs = update(Subscription).where(Subscription.staff_id == staff.id, Subscription.revoked_at.is_(None))
    session.execute(theirs.values(revoked_at=now))
    return sessions.end(session, staff.id, now)
