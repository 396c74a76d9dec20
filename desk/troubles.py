"""Troubles: what does not get done by itself, for managers to be told of (oncall.trouble_news) while it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session


class Trouble(Base):
    """One that stands: its words are half a sentence, name nobody outside, and may change while it lasts."""

    __tablename__ = "trouble"
    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    words: Mapped[str]
    page: Mapped[str]


@dataclass(frozen=True)
class Found:
    """One that somebody has just found: by its key, in words, with the page where more of it is seen."""

    key: str
    words: str
    page: str


def standing(session: Session) -> Sequence[Trouble]:
    """All that stand, the oldest first."""
    return session.scalars(select(Trouble).order_by(Trouble.since, Trouble.key)).all()


def note(session: Session, area: str, found: Collection[Found], now: datetime) -> None:
    """These stand in this area, whose name all their keys begin with, and no others."""
    before = {one.key: one for one in standing(session) if one.key.startswith(f"{area} ")}
    for one in found:
        row = before.pop(one.key, None) or Trouble(key=one.key, since=now)
        row.words, row.page = one.words, one.page
        session.add(row)
    for gone in before.values():
        session.delete(gone)
