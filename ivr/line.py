"""Line: a number that we answer, and everything that hangs on it; blocked numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base, SetUp
from oncall.roster import HuntGroup, PolicyRecord
from sla.hours import BusinessHours


class Line(SetUp, Base):
    """One answered number: who answers as whom, when, in which languages, and whom it rings."""

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    company: Mapped[str]
    languages: Mapped[list[Any]]
    announcement: Mapped[str | None]
    hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id"))
    hunt_group_id: Mapped[int] = mapped_column(ForeignKey("hunt_group.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    hours: Mapped[BusinessHours] = relationship()
    hunt_group: Mapped[HuntGroup] = relationship()
    policy: Mapped[PolicyRecord] = relationship()


class BlockedNumber(SetUp, Base):
    """A number whose calls are rejected before they are answered."""

    __tablename__ = "blocked_number"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
