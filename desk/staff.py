"""Staff: the people of the company that runs the line."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Role(StrEnum):
    """What a person does here, and therefore may do."""

    ENGINEER = "engineer"
    BILLING = "billing"
    MANAGER = "manager"


class Staff(SetUp, Base):
    """One colleague; `key` is the short name by which set-up files and rotas speak of them."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)


def by_email(session: Session, email: str) -> Staff | None:
    """Whoever works here and has that address; nobody if two people share it, for it tells them not apart."""
    theirs = select(Staff).where(Staff.active, func.lower(Staff.email) == email.strip().lower())
    found = session.scalars(theirs.limit(2)).all()
    return found[0] if len(found) == 1 else None


def called(session: Session, name: str) -> Staff:
    """Whoever works here under that name or key; raises LookupError with a sentence."""
    theirs = select(Staff).where(or_(Staff.key == name, Staff.name == name), Staff.active)
    found = session.scalars(theirs).one_or_none()
    if found is None:
        raise LookupError(f"nobody is called {name!r}")
    return found


def free_key(session: Session, name: str) -> str:
    """A short name for somebody, which nobody has or had."""
    first = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "colleague"
    taken = set(session.scalars(select(Staff.key)))
    return next(key for key in (first, *(f"{first}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)


def managers(session: Session) -> list[str]:
    """The names of those who may do everything: whom to ask."""
    theirs = select(Staff.name).where(Staff.active, Staff.role == Role.MANAGER)
    return list(session.scalars(theirs.order_by(Staff.name)))


def names(session: Session) -> dict[str, str]:
    """What everybody who works or worked here is called, by key."""
    return {key: name for key, name in session.execute(select(Staff.key, Staff.name))}  # noqa: C416 - a row, not a pair
