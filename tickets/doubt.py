"""Doubt: mail addresses at which a letter of ours could not be delivered; somebody has to ask for another one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy import Exists
    from sqlalchemy.orm import InstrumentedAttribute, Session


class Doubt(Base):
    """An address, in lower case; since when it is in doubt, and what was said of it."""

    __tablename__ = "doubt"
    address: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    why: Mapped[str]


def cast(session: Session, address: str, why: str, at: datetime) -> None:
    """A letter to it came back."""
    session.merge(Doubt(address=address.lower(), since=at, why=why))


def lift(session: Session, address: str) -> None:
    """Somebody says that it is right all the same."""
    session.execute(delete(Doubt).where(Doubt.address == address.lower()))


def is_on(session: Session, address: str | None) -> bool:
    """Whether this address is in doubt."""
    return bool(address) and session.get(Doubt, str(address).lower()) is not None


def about(column: InstrumentedAttribute[str | None]) -> Exists:
    """What is true of rows whose address is in doubt."""
    return select(Doubt.address).where(Doubt.address == func.lower(column)).exists()
