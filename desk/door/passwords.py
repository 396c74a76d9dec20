"""Passwords and the one-time links to set them."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from desk.door.keys import Kind, digest, fresh
from desk.staff import Staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SHORTEST, LONGEST = 12, 200
LINK_LIFE = timedelta(hours=24)
# 19 MiB each, so that a storm of tries cannot exhaust the memory of a small server.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A password that nobody knows, for accounts that do not exist: looking at it takes as long as at a real one.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$fSCYIW52dpKc85cEVOesCw$8uUnw8WRtd+/s/6hQDrS7Sk3U6HGqZ7y+ftZ+v75gBk"


class Credential(Base):
    """How somebody proves who they are; apart from Staff, which rehearsals copy."""

    __tablename__ = "credential"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime]


class PasswordLink(Base):
    """A link with which its holder sets somebody's password, once."""

    __tablename__ = "password_link"
    digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def fault(password: str, staff: Staff) -> str | None:
    """Why this cannot be their password; None if it can."""
    plain = password.casefold().strip()
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    known = {staff.name.casefold(), staff.key, (staff.email or "").casefold()}
    return "obvious" if plain in known or len(set(plain)) < 5 else None


def hashed(password: str) -> str:
    """What is stored of a password; slow on purpose, so never inside a transaction."""
    return HASHER.hash(_normal(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether it is the password; takes as long where there is none."""
    try:
        HASHER.verify(stored or NOBODYS, _normal(password))
    except VerifyMismatchError:
        return False
    return stored is not None


def hash_of(session: Session, staff_id: int) -> str | None:
    """The stored hash of somebody's password."""
    return session.scalars(select(Credential.hash).where(Credential.staff_id == staff_id)).one_or_none()


def store(session: Session, staff_id: int, hash_: str, at: datetime) -> None:
    """Set somebody's password; links that were still open for it open nothing any more."""
    row = session.get(Credential, staff_id) or Credential(staff_id=staff_id)
    row.hash, row.changed_at = hash_, at
    session.add(row)
    session.execute(
        update(PasswordLink).where(PasswordLink.staff_id == staff_id, PasswordLink.used_at.is_(None)).values(used_at=at)
    )


def make_link(session: Session, staff_id: int, at: datetime) -> str:
    """The secret of a new link; links of before stay until one of them is used."""
    session.execute(delete(PasswordLink).where(PasswordLink.expires_at < at))
    secret = fresh(Kind.PASSWORD_LINK)
    session.add(PasswordLink(digest=digest(secret), staff_id=staff_id, expires_at=at + LINK_LIFE))
    return secret


def whose_link(session: Session, secret: str, at: datetime) -> Staff | None:
    """Whose password this link sets; None if it is used, too old, or none of ours."""
    return session.scalars(
        select(Staff)
        .join(PasswordLink, PasswordLink.staff_id == Staff.id)
        .where(PasswordLink.digest == digest(secret), PasswordLink.used_at.is_(None), PasswordLink.expires_at > at)
        .where(Staff.active)
    ).one_or_none()


def use_link(session: Session, secret: str, at: datetime) -> int | None:
    """Use a link up and tell whose it was; of two who try at once, one gets None."""
    usable = (PasswordLink.digest == digest(secret), PasswordLink.used_at.is_(None), PasswordLink.expires_at > at)
    used = update(PasswordLink).where(*usable).values(used_at=at).returning(PasswordLink.staff_id)
    return session.scalars(used).one_or_none()


def _normal(password: str) -> str:
    # The same letters from another keyboard may come composed differently.
    return unicodedata.normalize("NFKC", password)
