"""Reconcile: the worker asks the carrier for its calls of a month, day by day, and holds ours against them.

Asked for by a page or a command (`ask`), done in steps (`look`): each asks for one day in UTC outside any transaction,
stores it, and is told in the row, so whoever comes next goes on there. A local month begins and ends within days of
UTC, so one more day is asked for on each side.

A call to one of our lines that we have no record of becomes a ticket, once (`carrier_call.ticket_id`), in the
transaction that stores it; and a row in the worklog that billing staff check, by its source once. So does a call that
we placed if somebody was joined in it. Calls from blocked numbers were turned away and are none of these, nor is a
call that ended within the last hour: its webhooks may yet be on their way, or in the journal. What the carrier has of
the time before our first call was somebody else's to answer; it is told, and no ticket.
"""

from __future__ import annotations

import logging
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select, update

from desk.answer import Failed
from ivr import carrier_list, discrepancies, unrecorded
from sla import reconciliation
from sla.hours import own_zone
from sla.month import Month
from sla.reconciliation import Reconciliation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from ivr.carrier_list import Means
    from ivr.finding import Compared
    from oncall.paging import Telephone

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)  # for a day's calls, however many pages
AGAIN = timedelta(minutes=2)  # after a question that the carrier did not answer
A_DAY = timedelta(days=1)
A_YEAR = timedelta(days=365)  # a contract may have our calls removed after that (desk/retention.py)


class OutOfReach(ValueError):
    """The month has not begun, or is so long ago that calls of ours are gone."""


class Claim(NamedTuple):
    """One step that is ours until the lease ends; without a day all is told, and the two are held together."""

    month: str
    day: date | None
    until: datetime


def ask(session: Session, month: Month, by: Staff, now: datetime) -> Reconciliation:
    """Have a month reconciled, or once more; while that is under way, asking again changes nothing.

    Raises OutOfReach for a month that has not begun, or of which calls of ours may have been removed by now.
    """
    if month.span.start > now:
        raise OutOfReach(f"{month.name} has not begun")
    if month.span.start < now - A_YEAR:
        raise OutOfReach(f"{month.name} is more than a year ago: calls of ours may have been removed since")
    found = reconciliation.of(session, month) or Reconciliation(month=month.name, days=[], findings=[])
    if found.asked_at is None or not found.is_under_way:
        found.asked_at, found.asked_by = now, by.id
        found.next_day = _first(month)
        found.leased_until = found.failed = None
    session.add(found)
    return found


def look(means: Means, stopped: Callable[[], bool]) -> bool:
    """Take one step of what was asked for; whether there may be another."""
    if means.telephone is None or stopped():
        return False
    with means.database.reading() as session:  # every few seconds, by every worker: who only looks takes no lock
        if _due(session, means.clock()) is None:
            return False
    claim = means.database.write(lambda session: _claim(session, means.clock()))
    if claim is None:
        return False
    if claim.day is None:
        _finish(means, claim)
        return True
    return _fetch(means, means.telephone, claim, claim.day)


def _due(session: Session, now: datetime) -> Reconciliation | None:
    under_way = or_(Reconciliation.done_at.is_(None), Reconciliation.done_at < Reconciliation.asked_at)
    return session.scalars(
        select(Reconciliation).where(under_way, _free(now)).order_by(Reconciliation.asked_at)
    ).first()


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(Reconciliation.leased_until.is_(None), Reconciliation.leased_until <= now)


def _claim(session: Session, now: datetime) -> Claim | None:
    found = _due(session, now)
    if found is None:
        return None
    claim = Claim(found.month, found.next_day, now + LEASE)
    taken = (
        update(Reconciliation).where(Reconciliation.month == found.month, _free(now)).values(leased_until=claim.until)
    )
    rows = session.execute(taken, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    return claim if rows else None


def _fetch(means: Means, telephone: Telephone, claim: Claim, day: date) -> bool:
    """Ask for a day and store it; a carrier that does not answer is asked again in a while."""
    calls = telephone.begun(day)
    if isinstance(calls, Failed):
        why = getattr(calls, "why", "")
        log.warning("the carrier's calls of %s could not be had: %s", day, why)
        means.database.write(lambda session: _postpone(session, claim, why, means.clock()))
        return False
    carrier_list.store(means, claim.month, calls)
    means.database.write(lambda session: _advance(session, claim, day))
    return True


def _postpone(session: Session, claim: Claim, why: str, now: datetime) -> None:
    if found := _held(session, claim):
        found.failed, found.leased_until = why, now + AGAIN


def _advance(session: Session, claim: Claim, day: date) -> None:
    if found := _held(session, claim):
        month = Month.named(found.month, own_zone(session))
        last = min((month.span.end + A_DAY).date(), found.asked_at.astimezone(UTC).date())
        found.next_day = day + A_DAY if day < last else None
        found.failed = found.leased_until = None


def _finish(means: Means, claim: Claim) -> None:
    """All is told: put into the worklog what is missing there, hold both lists together, and say so."""
    with means.database.reading() as session:
        zone = own_zone(session)
        month = Month.named(claim.month, zone)
        lacking = unrecorded.without_work(session, month.span, means.clock())
    carrier_list.renew(means)
    for sid in lacking:
        means.database.write(partial(_enter, means=means, sid=sid, month=claim.month))
    with means.database.reading() as session:
        row = session.get(Reconciliation, claim.month)
        compared = discrepancies.compare(session, month, row.asked_at if row else means.clock())
    means.database.write(lambda session: _write_down(session, claim, compared, means.clock()))


def _enter(session: Session, means: Means, sid: str, month: str) -> None:
    asked_by = session.get_one(Reconciliation, month).asked_by
    unrecorded.enter(session, means.boards.current(session), means.dice, sid, asked_by, means.clock())


def _write_down(session: Session, claim: Claim, compared: Compared, now: datetime) -> None:
    if found := _held(session, claim):
        found.days, found.findings = compared.days, compared.findings
        found.done_at, found.leased_until, found.failed = now, None, None


def _held(session: Session, claim: Claim) -> Reconciliation | None:
    """The row, if the step is still ours: another worker may have gone on once the lease was over."""
    found = session.get(Reconciliation, claim.month, with_for_update=True)
    ours = found is not None and found.leased_until == claim.until and found.next_day == claim.day
    return found if ours else None


def _first(month: Month) -> date:
    return (month.span.start - A_DAY).date()
