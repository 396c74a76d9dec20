"""Marking: which customers' months are to be charged anew, written in the transaction of what changed.

Whatever changes an amount marks it, whoever does it and by whatever way: work, contracts, holidays, closures and hours
are watched as they are written (as desk.db counts changes to the set-up). What is written past the session's objects is
found by the recomputation of every day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from sla.billing import statement
from sla.billing.charge_line import NOBODY, Account
from sla.contract import Contract
from sla.holidays import PublicHoliday
from sla.hours import BusinessHours, Closure, RegularWeek, own_zone
from sla.money.reason import Reason
from sla.month import YEARS, Month
from sla.phrases import day
from sla.worklog import Work
from tickets import inbox
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FACTS = ("source", "ticket_id", "staff_id", "customer_id", "starts", "ends", "consent", "evidence", "call", "doubt")
BETTER_EVIDENCE = "there is better evidence of the work"
MERGED = "tickets were merged"
A_DAY = timedelta(days=1)
# Calls that merge reach over the end of a month, and a month begins at another instant in every zone.
AROUND = (-7 * A_DAY, -A_DAY, timedelta(0), A_DAY)
BESIDE_A_HOLIDAY = timedelta(days=14)  # windows hold before and after it, and work goes on over midnight


def mark(session: Session, account: int, month: str, reason: Reason | None = None) -> None:
    """One customer's month is to be charged anew; what is corrected in a closed one is told to be because of this."""
    row = next((one for one in session.new if isinstance(one, Account) and _is(one, account, month)), None)
    if row is None:
        theirs = select(Account).where(Account.account == account, Account.month == month).with_for_update()
        row = session.scalars(theirs.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        session.add(Account(account=account, month=month, wanted=1, charged=0, reasons=[]))
    else:
        _want(row, reason, statement.last_closed(session))


def mark_known(
    session: Session, reason: Reason | None, first: str, last: str = "9999", account: int | None = None
) -> None:
    """All months from one to another in which there was ever work, of one customer or of all."""
    theirs = select(Account).where(Account.month >= first, Account.month <= last).order_by(Account.id)
    if account is not None:
        theirs = theirs.where(Account.account == account)
    rows = session.scalars(theirs.with_for_update().execution_options(populate_existing=True)).all()
    last_closed = statement.last_closed(session) if rows else None
    for row in rows:
        _want(row, reason, last_closed)


def _is(row: Account, account: int, month: str) -> bool:
    return (row.account, row.month) == (account, month)


def _want(row: Account, reason: Reason | None, last_closed: str | None) -> None:
    row.wanted += 1
    if reason and last_closed and row.month <= last_closed:
        row.give(reason)


@event.listens_for(Session, "before_flush")
def _mark(session: Session, *_: object) -> None:
    touched = [*session.new, *session.deleted, *(one for one in session.dirty if session.is_modified(one))]
    watched = [one for one in touched if isinstance(one, tuple(MARKS))]
    if watched:
        with session.no_autoflush:
            for one in watched:
                MARKS[type(one)](session, one)


def _work(session: Session, work: Work) -> None:
    if work not in session.deleted and not any(inspect(work).attrs[name].history.has_changes() for name in FACTS):
        return
    zone = own_zone(session)
    starts = [at for at in _said(work, "starts") if at]
    months: dict[str, Reason | None] = {name: None for at in starts for name in _names(at, zone)}
    # Calls on a ticket that merge, day after day, may be part of a line that began months ago.
    before = session.scalars(select(Work.starts).where(Work.ticket_id.in_(_said(work, "ticket_id"))))
    months |= {Month.of(at, zone).name: None for at in before}
    tickets = tuple(sorted({number for number in _said(work, "ticket_id") if number}))
    months |= {Month.of(at, zone).name: Reason(BETTER_EVIDENCE, tickets=tickets) for at in starts}
    for customer in dict.fromkeys(_said(work, "customer_id")):
        for name in sorted(months):
            mark(session, customer or NOBODY, name, months[name])


def _ticket(session: Session, ticket: Ticket) -> None:
    """Calls on tickets that are one now may count as one."""
    if ticket.id is None or not inspect(ticket).attrs.merged_into_id.history.has_changes():
        return
    zone, theirs = own_zone(session), Work.ticket_id.in_(inbox.whole(ticket))
    worked = session.execute(select(Work.customer_id, Work.starts, Work.ticket_id).where(theirs)).all()
    tickets = tuple(sorted({number for _, _, number in worked}))
    for customer, name in sorted({(customer or NOBODY, Month.of(at, zone).name) for customer, at, _ in worked}):
        mark(session, customer, name, Reason(MERGED, tickets=tickets))


def _contract(session: Session, contract: Contract) -> None:
    first = f"{contract.valid_from - A_DAY:%Y-%m}"
    reason = Reason(f"the contract {contract.name} holds from {contract.valid_from} on", contract.valid_from)
    mark_known(session, reason, first, account=contract.customer_id)


def _holiday(session: Session, holiday: PublicHoliday) -> None:
    for on in filter(None, _said(holiday, "day")):
        first, last = (f"{each:%Y-%m}" for each in (on - BESIDE_A_HOLIDAY, on + BESIDE_A_HOLIDAY))
        verb = "is no public holiday" if holiday.withdrawn else f"is a public holiday ({holiday.name})"
        mark_known(session, Reason(f"{day(on)} {on.year} {verb}", on, on), first, last)


def _hours(session: Session, _: BusinessHours | RegularWeek | Closure) -> None:
    """Months that are closed keep the hours that they were closed with."""
    mark_known(session, None, f"{statement.last_closed(session) or ''}+")  # after it, as text


def _names(at: datetime, zone: str) -> Iterator[str]:
    """The months whose lines work of that instant may be part of."""
    for step in AROUND:
        month = Month.of(at + step, zone)
        if month.first.year in YEARS:
            yield month.name


def _said(one: Any, name: str) -> list[Any]:
    """What a column says now, and what it said before this change."""
    return [getattr(one, name), *(inspect(one).attrs[name].history.deleted or ())]


MARKS: dict[type, Any] = {
    Work: _work,
    Ticket: _ticket,
    Contract: _contract,
    PublicHoliday: _holiday,
    BusinessHours: _hours,
    RegularWeek: _hours,
    Closure: _hours,
}
