"""The stored rota: rotations with their layers, hand-offs and hours; overrides; policies; hunt groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base, SetUp
from desk.staff import Staff
from oncall import escalation, rota


class RotaRecord(SetUp, Base):
    """One rota: its rotations by layer, and its overrides."""

    __tablename__ = "rota"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    rotations: Mapped[list[RotationRecord]] = relationship(order_by="RotationRecord.layer, RotationRecord.id")
    overrides: Mapped[list[OverrideRecord]] = relationship(order_by="OverrideRecord.id")

    @property
    def value(self) -> rota.Rota:
        """The rota as the arithmetic knows it, highest layer first."""
        names = dict.fromkeys(record.layer for record in self.rotations)
        layers = tuple(
            rota.Layer(f"layer {number}", tuple(one.value for one in self.rotations if one.layer == number))
            for number in names
        )
        return rota.Rota(self.name, layers, tuple(record.value for record in self.overrides))


class RotationRecord(SetUp, Base):
    """People taking turns; `starts` is the wall time of the first hand-off in `zone`; layer 1 is the highest."""

    __tablename__ = "rotation"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    layer: Mapped[int]
    name: Mapped[str]
    members: Mapped[list[Any]]
    starts: Mapped[datetime] = mapped_column(DateTime())
    ends: Mapped[datetime | None] = mapped_column(DateTime())
    turn_days: Mapped[int]
    zone: Mapped[str]
    windows: Mapped[list[Any]]

    @property
    def value(self) -> rota.Rotation:
        """The rotation as a value; each window is [opens, closes] as people write them."""
        return rota.Rotation(
            name=self.name,
            members=tuple(self.members),
            start=self.starts,
            turns=rota.Turns.every(self.turn_days),
            zone=self.zone,
            hours=tuple(rota.Window.of(*window) for window in self.windows),
            end=self.ends,
        )


class OverrideRecord(SetUp, Base):
    """A temporary replacement, addition or removal."""

    __tablename__ = "rota_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    kind: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str]
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    instead_of: Mapped[Staff | None] = relationship(foreign_keys=[instead_of_id])

    @property
    def value(self) -> rota.Override:
        """The override as a value."""
        instead = self.instead_of.key if self.instead_of else None
        key = str(self.id)
        return rota.Override(self.kind, self.staff.key, self.starts, self.ends, instead, key=key)  # type: ignore[arg-type]


class PolicyRecord(SetUp, Base):
    """An escalation policy; a step lists targets: {"rota": name, "place": n} or {"engineer": key}."""

    __tablename__ = "policy"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    steps: Mapped[list[Any]]
    rounds: Mapped[int]
    ring_seconds: Mapped[int]

    @property
    def value(self) -> escalation.Policy:
        """The policy as a value."""
        steps = tuple(tuple(_target(target) for target in step) for step in self.steps)
        return escalation.Policy(self.name, steps, self.rounds, self.ring_seconds)


class HuntGroup(SetUp, Base):
    """The ordered engineers of the office hunt."""

    __tablename__ = "hunt_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    members: Mapped[list[Any]]
    ring_seconds: Mapped[int]

    @property
    def value(self) -> escalation.Policy:
        """The group as a policy of one round."""
        return escalation.hunt(self.name, self.members, self.ring_seconds)


def _target(target: dict[str, Any]) -> escalation.Target:
    if "engineer" in target:
        return escalation.Person(target["engineer"])
    return escalation.OnCall(target["rota"], target["place"])
