"""Recharging: every day all months of late are charged again; lines that differ from it are an alarm."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sla.billing.charge_line import Account
from sla.billing.planning import planned

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
RECENT = timedelta(days=100)  # as far back as is looked every day
MINUTES = 10  # after which it is the turn of another part
PARTS = 24 * 60 // MINUTES


def recompute_some(session: Session, now: datetime) -> Callable[[Session, datetime], None]:
    """The part of it whose turn it is at this time of day: whoever is paged must not wait for all of it."""
    return recompute(session, now, Account.id % PARTS == (now.hour * 60 + now.minute) // MINUTES)


def recompute(session: Session, now: datetime, *which: ColumnElement[bool]) -> Callable[[Session, datetime], None]:
    """Charge all months of late anew, open or closed; return what puts right, and tells, what differs.

    What is marked is left out: a worker is about to charge it. The session must be one that only reads.
    """
    since = f"{now - RECENT:%Y-%m}"
    settled = (Account.wanted == Account.charged, Account.month >= since)
    numbers = session.scalars(select(Account.id).where(*settled, *which)).all()
    plans = {number: plan for number in numbers if (plan := planned(session, number, now)).differs}
    differing = {number: plan.alarming for number, plan in plans.items()}

    def put_right(session: Session, now: datetime) -> None:
        for row in session.scalars(select(Account).where(Account.id.in_(differing)).with_for_update()):
            row.wanted += 1
            if differing[row.id]:
                log.error("the charge lines of account %s in %s were not what they should be", row.account, row.month)

    return put_right
