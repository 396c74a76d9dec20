"""Subscriptions: secret addresses under which a calendar program fetches what its owner may see.

The address is the key, for a calendar program signs in nowhere: 256 random bits, stored as a digest, shown once.
A new address for the same calendar makes the old one worthless. When an address was last used is not kept: noting
it would mean a write for every look.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.door.keys import Kind as Secret
from desk.door.keys import digest, fresh
from desk.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


class Feed(StrEnum):
    """Which calendar."""

    MINE = "mine"
    TEAM = "team"
    HOLIDAYS = "holidays"


class Subscription(Base):
    """One address of one calendar."""

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    feed: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()


def make(session: Session, staff_id: int, feed: Feed, at: datetime) -> str:
    """The secret of a new address, seen this once; the one before opens nothing any more."""
    before = update(Subscription).where(Subscription.staff_id == staff_id, Subscription.feed == feed)
    session.execute(before.where(Subscription.revoked_at.is_(None)).values(revoked_at=at))
    secret = fresh(Secret.FEED)
    session.add(Subscription(digest=digest(secret), feed=feed, staff_id=staff_id, made_at=at))
    return secret


def opened(session: Session, secret: str) -> Subscription | None:
    """What this secret opens; nothing once it is revoked, or its owner has left."""
    query = select(Subscription).join(Subscription.staff).where(Subscription.digest == digest(secret), Staff.active)
    return session.scalars(query.where(Subscription.revoked_at.is_(None))).one_or_none()


def living(session: Session) -> Sequence[Subscription]:
    """Every address that opens something, by owner."""
    query = select(Subscription).join(Subscription.staff).where(Subscription.revoked_at.is_(None), Staff.active)
    return session.scalars(query.order_by(Staff.name, Subscription.feed)).all()


def revoke(session: Session, number: int, at: datetime) -> Subscription | None:
    """Make an address open nothing; None if there is none left to revoke."""
    found = session.get(Subscription, number)
    if found is None or found.revoked_at:
        return None
    found.revoked_at = at
    return found
