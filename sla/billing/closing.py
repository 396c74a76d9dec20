"""Closing a month: what is looked at before, the one row that closes it, and opening it again by two people.

Months are closed one after another. What is learnt later about a closed one is corrected in the first open month
(sla.billing.charging); only the latest closed month can be opened again, for what was corrected since stands on
the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from desk import typed
from desk.audit import What, tell
from desk.db import hold_set_up
from sla import hours, reconciliation
from sla.billing import charging, names, statement, statements
from sla.billing.charge_line import Account, ChargeLine
from sla.billing.statement import Reopening, Statement
from sla.billing.statements import Wanted
from sla.month import Month
from sla.overtime import State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who

LONGEST_REASON = 500


class Asked(StrEnum):
    """What is looked at before a month is closed, in words for logs and answers; pages have their own by its name."""

    OVER = "the month is over"
    IN_ORDER = "all months before it are closed"
    CHARGED = "everything is charged"
    DECIDED = "nothing is left to check"
    RECONCILED = "calls are compared with the carrier's list"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `count` of what is in the way, `note` tells more, `waived` why it may be so."""

    asked: Asked
    ok: bool
    count: int = 0
    note: str = ""
    waived: str = ""


class NotYet(Exception):
    """A month cannot be closed, or opened, as it stands; the text says why."""


class Differs(ValueError):
    """A file of a closed month is not what it was."""


def checklist(session: Session, month: Month, now: datetime, waiver: str = "") -> list[Check]:
    """What stands in the way of closing this month; `waiver` is why it is closed without having been compared."""
    at = reconciliation.reconciled(session, month)
    compared = f"{at.astimezone(ZoneInfo(month.zone)):%d %B %Y}" if at else ""
    to_check = statements.totals(session, Wanted(month.name, state=State.TO_CHECK)).lines
    stale = _stale(session, month)
    before = _open_before(session, month)
    return [
        Check(Asked.OVER, month.span.end <= now),
        Check(Asked.IN_ORDER, before is None, note=before or ""),
        Check(Asked.CHARGED, not stale, stale),
        Check(Asked.DECIDED, not to_check, to_check),
        Check(Asked.RECONCILED, bool(at or waiver.strip()), note=compared, waived=waiver.strip()),
    ]


def close(session: Session, month: Month, company: str, who: Who, now: datetime, waiver: str = "") -> Statement:
    """Close a month; raises NotYet with what stands in the way. Its lines never change from then on, nor its files.

    `company` is what the company is called, whose files they are.
    """
    row = statement.held(session, month.name, alone=True)
    if row.closed_at:
        raise NotYet(f"{month.name} was closed by {row.closed_by}")
    hold_set_up(session)  # whoever agrees to a contract that begins in the past has seen which months are closed
    checks = checklist(session, month, now, _reason(waiver) if waiver.strip() else "")
    if amiss := [check for check in checks if not check.ok]:
        raise NotYet(f"{month.name} cannot be closed: not true that " + "; nor that ".join(one.asked for one in amiss))
    found = statements.totals(session, Wanted(month.name))
    row.closed_at, row.closed_by = now, who.name
    row.hours = row.hours or hours.snapshot(session)  # opened again, it keeps those it was first closed with
    row.names = names.as_they_are(session, month.name, company)
    row.checks = [{"asked": one.asked.value, "note": one.note, "waived": one.waived} for one in checks]
    row.totals = {
        "lines": found.lines,
        "billed_seconds": found.billed_seconds,
        "amount": f"{found.amount:.2f}",
    }
    tell(session, who, What.MONTH_CLOSED, month.name, now, **row.totals, waived=checks[-1].waived)
    return row


def ask_to_reopen(session: Session, month: Month, who: Who, reason: str, now: datetime) -> Reopening:
    """Somebody wants it open again; nothing changes until another agrees. Raises NotYet."""
    if who.staff_id is None:
        raise NotYet("only somebody who is signed in can ask for that")
    statement.held(session, month.name, alone=True)
    _check_is_last(session, month)
    if asked(session, month.name):
        raise NotYet(f"somebody has asked already to open {month.name} again")
    row = Reopening(month=month.name, asked_by_id=who.staff_id, asked_by=who.name, asked_at=now, reason=_reason(reason))
    session.add(row)
    tell(session, who, What.REOPENING_ASKED, month.name, now, reason=row.reason)
    return row


def decide(session: Session, row: Reopening, who: Who, now: datetime, *, agreed: bool) -> None:
    """A second person opens the month again, or leaves it closed. Raises NotYet for whoever asked."""
    month = statement.held(session, row.month, alone=True)
    session.refresh(row)
    if row.decided_at:
        raise NotYet(f"that was decided by {row.decided_by}")
    if who.staff_id is None or (agreed and row.asked_by_id == who.staff_id):
        raise NotYet("a second person has to agree; whoever asked cannot")
    row.decided_by_id, row.decided_by, row.decided_at, row.agreed = who.staff_id, who.name, now, agreed
    gone: list[Any] = []
    if agreed:
        _check_is_last(session, Month.named(row.month, hours.own_zone(session)))
        month.closed_at, month.closed_by, gone, month.files = None, None, month.files, []
        _charge_again(session, row.month)
    what = What.MONTH_REOPENED if agreed else What.REOPENING_REFUSED
    tell(session, who, what, row.month, now, reason=row.reason, files=gone)


def _charge_again(session: Session, month: str) -> None:
    """What was corrected since becomes the month's own lines again; earlier months are corrected in it again."""
    later = select(ChargeLine.id).where(
        ChargeLine.account == Account.account, ChargeLine.of_month == Account.month, ChargeLine.month > month
    )
    theirs = select(Account).where(or_(Account.month == month, and_(Account.month < month, later.exists())))
    for account in session.scalars(theirs.order_by(Account.id).with_for_update()):
        account.wanted += 1


def asked(session: Session, month: str) -> Reopening | None:
    """Who wants a month open again, if nobody has decided yet."""
    return session.scalars(
        select(Reopening).where(Reopening.month == month, Reopening.decided_at.is_(None))
    ).one_or_none()


def note_file(session: Session, month: str, name: str, sha256: str, **facts: Any) -> None:
    """A file was made of a closed month: the same again has the same bytes. Of an open month nothing is noted.

    `facts` are what else is kept of it: its rows and amount, and what company and lines were called then.

    Raises Differs where it has not: then either the lines or the program that writes files has changed.
    """
    row = statement.held(session, month, alone=True)
    if row.closed_at is None:
        return
    known = next((one for one in row.files if one["name"] == name), None)
    if known is None:
        row.files = [*row.files, {"name": name, "sha256": sha256, **facts}]
    elif known["sha256"] != sha256:
        raise Differs(f"{name} had the SHA-256 {known['sha256']} when it was first made, and has {sha256} now")


def _stale(session: Session, month: Month) -> int:
    """Customers whose lines of this month may yet change: their work of it, or corrections of months before."""
    return len(charging.stale(session, Account.month <= month.name))


def _open_before(session: Session, month: Month) -> str | None:
    """A month before it that has lines and is open."""
    last = statement.last_closed(session) or ""
    return session.scalar(
        select(func.min(ChargeLine.month)).where(ChargeLine.month > last, ChargeLine.month < month.name)
    )


def _check_is_last(session: Session, month: Month) -> None:
    last = statement.last_closed(session)
    if last != month.name:
        raise NotYet(f"{month.name} is not the month that was closed last, which is {last or 'none'}")


def _reason(text: str) -> str:
    words = typed.line(text, LONGEST_REASON)
    if not words:
        raise NotYet("say why")
    return words
