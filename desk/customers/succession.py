"""Succession: the version of a contract that follows from a day on: looked at, agreed, and withdrawn before it begins.

A start in a closed month is refused: what was billed then was billed by what was agreed then. Of one in the past of an
open month it is told before yes what is charged anew, and how many tickets that came in since are judged by it. What
was told is what is agreed to: whoever says yes to something that would mean another thing by now is told it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from desk.audit import What, tell
from desk.customers import comparing, entries
from desk.customers.entries import Overtaken, Problem, Refused
from desk.db import hold_set_up
from desk.setup.forms import ContractForm
from sla import charge_effect, contract, contract_effect, queue
from sla.billing import statement
from sla.contract_words import Terms, changes, sentences
from sla.hours import NoHours, own_day, own_zone
from sla.money import rate_words
from sla.month import Month
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.customers.comparing import Call
    from desk.customers.entries import Typed
    from sla.contract import Contract
    from sla.contract_words import Change, Sentence
    from tickets.people import Customer


@dataclass(frozen=True)
class Look:
    """What agreeing to it would mean.

    `before` is the version that holds until then, `until` the last day before another that is known follows; `anew`
    what is judged again where it begins in the past.
    """

    since: date
    said: Sequence[Sentence]
    differs: Sequence[Change]
    calls: Sequence[Call]
    before: Contract | None
    until: date | None
    anew: Sequence[str] = field(default_factory=tuple)

    @property
    def shown(self) -> str:
        """What a page keeps of what it has shown: where it would mean another thing, it is another."""
        before = self.before.version if self.before else None
        told = (self.since, self.said, self.differs, self.calls, before, self.until, self.anew)
        return sha256(repr(told).encode()).hexdigest()[:16]


def stamp(session: Session, customer: Customer) -> str:
    """What a form keeps of the versions that there were when it was opened: each change makes it another."""
    live = len(contract.of_customer(session, customer.id))
    return f"{contract.next_version(session, customer.id)}.{live}"


def look(session: Session, customer: Customer, typed: Typed, seen: str, who: Who, now: datetime) -> Look:
    """What would be other, of which nothing is written; raises Overtaken, and Refused for what cannot be."""
    if stamp(session, customer) != seen:
        raise Overtaken
    since, terms = _terms(session, customer, typed)
    refuse_closed(session, since)
    before, until = _beside(session, customer, since)
    differs = _differing(Terms.of(before) if before else None, terms)
    entries.rehearse(session, typed, now, who)
    try:
        calls = comparing.calls(session, customer.id, before.rates if before else None, terms.card, since, until)
        has_begun = since <= own_day(session, now)
        anew = _anew(session, customer, since, until, terms, now) if has_begun else ()
    except NoHours as fault:
        raise Refused([Problem("", str(fault))]) from None
    return Look(since, sentences(terms), differs, calls, before, until, anew)


def is_agreed(session: Session, customer: Customer, typed: Typed, seen: str) -> bool:
    """Whether this is what has come of that state: the same form was sent twice."""
    since, terms = _terms(session, customer, typed)
    number, _, _ = seen.partition(".")
    found = (one for one in contract.of_customer(session, customer.id) if str(one.version) == number)
    return any(
        one.valid_from == since and Terms.of(one) == replace(terms, card=replace(terms.card, version=one.version))
        for one in found
    )


def agree(session: Session, customer: Customer, typed: Typed, seen: str, who: Who, now: datetime) -> date:
    """Put it in force from its day on, and say so in the audit; raises Refused or Overtaken, and returns the day.

    Who sends it twice at once has agreed to it once. The customer is held.
    """
    since, terms = _terms(session, customer, typed)
    if stamp(session, customer) != seen:
        if is_agreed(session, customer, typed, seen):
            return since
        raise Overtaken
    if since <= own_day(session, now):
        hold_set_up(session, alone=True)  # nobody closes any month from then on meanwhile
    refuse_closed(session, since)
    before, _ = _beside(session, customer, since)
    differs = _differing(Terms.of(before) if before else None, terms)
    version = contract.next_version(session, customer.id)
    entries.keep(session, typed, now, who)
    told = [f"{one.what}: {one.was or '–'} → {one.now or '–'}" for one in differs]
    about = {"version": version, "valid_from": since.isoformat(), "changes": told}
    tell(session, who, What.CONTRACT_AGREED, customer.code, now, **about)
    return since


def withdraw(session: Session, customer: Customer, version: int, who: Who, now: datetime) -> bool:
    """Take a version back before it begins; False if there is none. Raises ValueError for one that has begun."""
    if any(one.version == version for one in contract.withdrawn(session, customer.id)):
        return True  # pressed twice
    found = next((one for one in contract.of_customer(session, customer.id) if one.version == version), None)
    if found is None:
        return False
    about = {"version": version, "valid_from": found.valid_from.isoformat()}
    contract.withdraw(session, found, own_day(session, now), who, now)
    tell(session, who, What.CONTRACT_WITHDRAWN, customer.code, now, **about)
    return True


def _terms(session: Session, customer: Customer, typed: Typed) -> tuple[date, Terms]:
    """From when on, and what; as the version that it would be."""
    form = entries.read(typed)
    assert isinstance(form, ContractForm)  # noqa: S101 - what a draft is read as
    version = contract.next_version(session, customer.id)
    card = rate_words.read(form.name, version, form.bands, form.card, form.needs_consent)
    return form.valid_from, Terms(card, form.promises, {str(kind): term for kind, term in form.retention.items()})


def refuse_closed(session: Session, since: date) -> None:
    """Raise Refused for a start in a month that is closed."""
    last = statement.last_closed(session)
    if last is not None and f"{since:%Y-%m}" <= last:
        first = Month.named(last, own_zone(session)).beside(1)
        raise Refused([Problem("valid_from", f"months to {last} are closed: begin on {first} or later")])


def _beside(session: Session, customer: Customer, since: date) -> tuple[Contract | None, date | None]:
    """The version that holds on that day now, and the last day before the next one."""
    terms = contract.terms_of(contract.of_customer(session, customer.id))
    before = next((term.contract for term in terms if term.holds(since)), None)
    if before and before.valid_from == since:
        told = (
            f"version {before.version} begins on that day already, and a contract is never edited: choose another day"
        )
        raise Refused([Problem("valid_from", told)])
    later = [term.contract.valid_from for term in terms if not term.begun(since)]
    return before, min(later) - contract.A_DAY if later else None


def _differing(old: Terms | None, new: Terms) -> list[Change]:
    found = changes(old, new) if old else []
    if old and not found:
        raise Refused([Problem("", "nothing would be other: these are the terms that hold then already")])
    return found


def _anew(
    session: Session, customer: Customer, since: date, until: date | None, terms: Terms, now: datetime
) -> list[str]:
    """What is judged again because it begins in the past; what is resolved stays as it was judged (sla.due)."""
    came = [Ticket.customer_id == customer.id, Ticket.opened_at >= _midnight(session, since), queue.unresolved()]
    if until:
        came.append(Ticket.opened_at < _midnight(session, until + contract.A_DAY))
    number = session.scalar(select(func.count(Ticket.id)).where(*came))
    due = f"Tickets that came in on its days and are not resolved are judged by it: {number}."
    found = contract_effect.changes(session, customer.id, since, terms.card, now)
    return [due, *charge_effect.told(found)]


def _midnight(session: Session, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(own_zone(session))).astimezone(UTC)
