"""Standstill: an erasure that cannot go on is told to every manager, by day and once a day while it lasts.

Whoever asked for it was told that it goes on by itself; that what law gives thirty days for stands still, nobody sees.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from desk.staff import Role
from oncall import notices
from oncall.notices import Notice
from tickets.privacy.asked import Erasure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan

STILL = timedelta(hours=1)  # without a single piece done: a bucket that does not answer has had many tries
WORTH = timedelta(hours=12)
KIND = "erasure"


def still(session: Session, now: datetime) -> Sequence[Erasure]:
    """The erasures that have not gone on for an hour, the oldest first."""
    moved = func.coalesce(Erasure.moved_at, Erasure.begun_at)
    query = select(Erasure).where(Erasure.erased_at.is_(None), moved < now - STILL)
    return session.scalars(query.order_by(Erasure.id)).all()


def tell(session: Session, look: Look) -> None:
    """Tell every manager; not of whom, which stands on no page either."""
    zone = ZoneInfo(look.house.zone)
    for one in still(session, look.now):
        since = f"{(one.moved_at or one.begun_at).astimezone(zone):%A %H:%M}"
        notice = Notice(
            "an erasure stands still",
            f"the erasure of {one.title} has not gone on since {since}. The worker's log says why.",
            "/privacy/person",
        )
        for reader in look.readers.values():
            if reader.staff.role == Role.MANAGER:
                key = f"erasure {one.id} {look.now.astimezone(zone):%Y-%m-%d} to {reader.staff.id}"
                notices.give(session, look, reader, key, notice, {"kind": KIND, "erasure": one.id}, look.now + WORTH)


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether it still stands."""
    return any(one.id == about["erasure"] for one in still(session, now))
