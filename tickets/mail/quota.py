"""Quota: how many letters that no person has written may go to one address, whatever its mails say of themselves.

RFC 3834 stops loops with whoever keeps to it; this stops the others. Counted in the letters themselves, in the
transaction that writes one, so it is exact over any number of workers; whoever takes turns with others on one address
waits until their letter is stored.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tickets.mail.letter import WRITTEN, Letter, What

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

PERIOD = timedelta(hours=1)  # in which one mail is answered by itself (RFC 3834 §2)
AN_HOUR, IN_AN_HOUR = timedelta(hours=1), 3
A_DAY, IN_A_DAY = timedelta(days=1), 10
LOCK = 0x1E77E2  # of all locks of PostgreSQL those that are ours


class Full(StrEnum):
    """Why an automatic letter is not written."""

    ANSWERED = "a mail of theirs was answered by itself within the hour"
    HOUR = "they had three automatic letters within the hour"
    DAY = "they had ten automatic letters within a day"


def full(session: Session, address: str, at: datetime, *, answers_mail: bool) -> Full | None:
    """Why one more automatic letter to this address (as `plain` writes it) would be too many; None if it may go.

    Until the transaction ends nobody else counts for the same address.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        session.execute(select(func.pg_advisory_xact_lock(LOCK, zlib.crc32(address.encode()) - 2**31)))
    if answers_mail and _count(session, address, at - PERIOD, Letter.kind == What.RECEIVED):
        return Full.ANSWERED
    if _count(session, address, at - AN_HOUR) >= IN_AN_HOUR:
        return Full.HOUR
    return Full.DAY if _count(session, address, at - A_DAY) >= IN_A_DAY else None


def _count(session: Session, address: str, since: datetime, *more: ColumnElement[bool]) -> int:
    theirs = Letter.address == address, Letter.at > since, Letter.automatic, Letter.state.in_(WRITTEN)
    return session.scalar(select(func.count(Letter.id)).where(*theirs, *more)) or 0
