"""Standstill: erasures that cannot go on.

Whoever asked for one was told that it goes on by itself; that what law gives thirty days for stands still, nobody sees.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tickets.privacy.asked import Erasure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

STILL = timedelta(hours=1)  # without a single piece done: a bucket that does not answer has had many tries


def still(session: Session, now: datetime) -> Sequence[Erasure]:
    """Those that have not gone on for an hour, the oldest first."""
    moved = func.coalesce(Erasure.moved_at, Erasure.begun_at)
    query = select(Erasure).where(Erasure.erased_at.is_(None), moved < now - STILL)
    return session.scalars(query.order_by(Erasure.id)).all()
