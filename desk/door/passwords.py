"""Passwords."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.staff import Staff

SHORTEST, LONGEST = 12, 200
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
    if len(password) > LONGEST:  # nobody has such a one, and to compose it costs seconds: quadratic in its marks
        stored, password = None, ""
    try:
        HASHER.verify(stored or NOBODYS, _normal(password))
    except VerifyMismatchError:
        return False
    return stored is not None


def hash_of(session: Session, staff_id: int, hold: bool = False) -> str | None:
    """The stored hash of somebody's password; with `hold` nobody changes it until this transaction ends."""
    theirs = select(Credential.hash).where(Credential.staff_id == staff_id)
    return session.scalars(theirs.with_for_update() if hold else theirs).one_or_none()


def store(session: Session, staff_id: int, hash_: str, at: datetime) -> None:
    """Set somebody's password."""
    row = session.get(Credential, staff_id) or Credential(staff_id=staff_id)
    row.hash, row.changed_at = hash_, at
    session.add(row)


def _normal(password: str) -> str:
    # The same letters from another keyboard may come composed differently.
    return unicodedata.normalize("NFKC", password)
