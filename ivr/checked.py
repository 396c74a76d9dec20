"""Checked: what the last check of the carrier's account found, kept so that a page can show it without asking again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


class CarrierCheck(Base):
    """One check: `findings` lists [whether it is well, a sentence]; the newest alone is kept."""

    __tablename__ = "carrier_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    findings: Mapped[list[Any]]


def keep(session: Session, findings: Iterable[tuple[bool, str]], who: str, at: datetime) -> None:
    """Keep what was found, in place of what was found before."""
    session.execute(delete(CarrierCheck))
    session.add(CarrierCheck(at=at, who=who, findings=[list(one) for one in findings]))


def last(session: Session) -> CarrierCheck | None:
    """What was found last; None if nobody has looked."""
    return session.scalars(select(CarrierCheck).order_by(CarrierCheck.id.desc())).first()
