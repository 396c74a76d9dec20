"""One-time links with which somebody sets their password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base
from desk.door.keys import Kind, digest, fresh
from desk.staff import Staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LIFE = timedelta(hours=24)


class PasswordLink(Base):
    """A link with which its holder sets somebody's password, once."""

    __tablename__ = "password_link"
    digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def make(session: Session, staff_id: int, at: datetime) -> str:
    """The secret of a new link; links of before stay until one of them is used."""
    session.execute(delete(PasswordLink).where(PasswordLink.expires_at < at - retention.usual(retention.Kind.LINKS)))
    secret = fresh(Kind.PASSWORD_LINK)
    session.add(PasswordLink(digest=digest(secret), staff_id=staff_id, expires_at=at + LIFE))
    return secret


def whose(session: Session, secret: str, at: datetime) -> Staff | None:
    """Whose password this link sets; None if it is used, too old, or none of ours."""
    return session.scalars(
        select(Staff)
        .join(PasswordLink, PasswordLink.staff_id == Staff.id)
        .where(PasswordLink.digest == digest(secret), PasswordLink.used_at.is_(None), PasswordLink.expires_at > at)
        .where(Staff.active)
    ).one_or_none()


def use(session: Session, secret: str, at: datetime) -> int | None:
    """Use a link up and tell whose it was; of two who try at once, one gets None."""
    usable = (PasswordLink.digest == digest(secret), PasswordLink.used_at.is_(None), PasswordLink.expires_at > at)
    used = update(PasswordLink).where(*usable).values(used_at=at).returning(PasswordLink.staff_id)
    return session.scalars(used).one_or_none()


def close(session: Session, staff_id: int, at: datetime) -> None:
    """No link of theirs opens anything any more."""
    theirs = update(PasswordLink).where(PasswordLink.staff_id == staff_id, PasswordLink.used_at.is_(None))
    session.execute(theirs.values(used_at=at))
