"""Reviewing: billing staff decide about a charge line, or name the customer of work that has none.

A decision is a row of its own, and is laid over the line whenever it is charged; of a closed month it becomes a
correction in the open one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from desk import typed
from desk.audit import What, tell
from sla.billing import charger
from sla.billing.charge_line import Account, Review
from sla.billing.marking import mark
from sla.hours import own_zone
from sla.money.decision import Decision, decided, worked
from sla.money.reason import Reason
from sla.month import Month
from sla.worklog import Work

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from desk.audit import Who
    from sla.billing.charge_line import ChargeLine
    from sla.overtime import State
    from tickets.people import Customer

LONGEST_REASON = 500


class Gone(LookupError):
    """Nothing of that work is billed by itself any more."""


class Looked(NamedTuple):
    """What a line is charged by, and the count of reasons to charge it anew that this heeds."""

    found: charger.Charged
    wanted: int


def look(session: Session, line: ChargeLine) -> Looked:
    """Look before the database is held to be written: of a customer with much work it takes seconds. Raises Gone."""
    return Looked(_found(session, line), session.scalars(_wanted(line)).one())


def decide(
    session: Session,
    line: ChargeLine,
    who: Who,
    reason: str,
    now: datetime,
    state: State | None,
    seconds: int | None,
    looked: Looked | None = None,
) -> Review:
    """Another state, other billed seconds or both, and why; the line is charged anew. Raises ValueError, Gone."""
    found = _still(session, line, looked)
    words = typed.line(reason, LONGEST_REASON)
    decision = Decision(who.name, words, state, seconds, worked(found.bare))
    decided(found.bare, found.card, decision)  # refuses what nobody can price
    row = Review(
        account=line.account,
        source=found.line.key,
        of_month=line.of_month,
        at=now,
        who=who.name,
        reason=decision.reason,
        state=state.value if state else None,
        seconds=seconds,
        worked=decision.worked,
        was={"state": line.state, "billed_seconds": line.billed_seconds, "amount_cents": line.amount_cents},
    )
    session.add(row)
    why = Reason(f"{who.name} decided: {decision.reason}", source=found.line.key)
    mark(session, line.account, line.of_month, why)
    tell(session, who, What.LINE_DECIDED, f"{line.reference} {line.month}", now, reason=decision.reason, was=row.was)
    return row


def name(
    session: Session,
    line: ChargeLine,
    customer: Customer,
    who: Who,
    reason: str,
    now: datetime,
    looked: Looked | None = None,
) -> None:
    """Whose work it was; it is charged by their contract. Raises ValueError where it is somebody's, Gone."""
    words = typed.line(reason, LONGEST_REASON)
    if not words:
        raise ValueError("a change needs a reason")
    if line.account:
        raise ValueError(f"this is work for {line.customer}")
    found = _still(session, line, looked)
    sources = [one.source for one in found.line.stretches]
    for work in session.scalars(select(Work).where(Work.source.in_(sources))):
        work.customer_id = customer.id
    tell(session, who, What.WORK_NAMED, f"{line.reference} {customer.name}", now, reason=words)


def of(session: Session, line: ChargeLine) -> list[Review]:
    """What was decided about a line, the newest first."""
    about = (Review.account == line.account, Review.source == (line.corrects or line.source))
    return list(session.scalars(select(Review).where(*about).order_by(Review.id.desc())))


def _still(session: Session, line: ChargeLine, looked: Looked | None) -> charger.Charged:
    """What was looked at, or what it is now where something came in between; from here on nothing can."""
    wanted = session.scalars(_wanted(line).with_for_update()).one()
    return looked.found if looked and looked.wanted == wanted else _found(session, line)


def _wanted(line: ChargeLine) -> Select[int]:
    return select(Account.wanted).where(Account.account == line.account, Account.month == line.of_month)


def _found(session: Session, line: ChargeLine) -> charger.Charged:
    month = Month.named(line.of_month, own_zone(session))
    for one in charger.lines(session, line.account, month, only=line.corrects or line.source):
        return one
    raise Gone(f"nothing of {line.reference} is billed by itself any more")
