"""Night: how far the purge of one night is, and what it has removed; numbers only, so it may stay for years."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

BEGINS = time(3)  # on the clocks of the line: the quietest hour, and any later one if nobody was there
A_DAY = timedelta(days=1)


class Night(Base):
    """One night, by the day on which it begins. Terms are counted back from `began_at`, however long it takes.

    `step` names the table that is being swept, `after` the last key that was looked at, `most` how many go at once
    where something fails; `removed` counts by table. `failed` says by table why, and how many rows it was that could
    not go; None if it was all of them. `ahead` is how many of each kind the next night would remove, counted at
    `ahead_at`.
    """

    __tablename__ = "purge_night"
    night: Mapped[date] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    step: Mapped[str]
    after: Mapped[str | None]
    removed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    most: Mapped[int | None]
    ahead: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    ahead_at: Mapped[datetime | None]

    def fail(self, table: str, why: str, rows: int | None) -> None:
        """That many more rows of a table could not go."""
        before = self.failed.get(table, {"rows": 0})["rows"]
        total = None if rows is None or before is None else before + rows
        self.failed = self.failed | {table: {"why": why, "rows": total}}


def of(now: datetime, zone: str) -> date:
    """The night that it is, or that was last."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= BEGINS else local.date() - A_DAY


def begins(night: date, zone: str) -> datetime:
    """When that night begins."""
    return datetime.combine(night, BEGINS, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def newest(session: Session, number: int) -> Sequence[Night]:
    """The last nights, the latest first."""
    return session.scalars(select(Night).order_by(Night.night.desc()).limit(number)).all()


def counted(session: Session) -> Night | None:
    """The last night that has counted what the next one would remove."""
    query = select(Night).where(Night.ahead_at.is_not(None)).order_by(Night.night.desc())
    return session.scalars(query.limit(1)).first()
