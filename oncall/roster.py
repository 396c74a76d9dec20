"""The stored rota: its versions and its overrides, read as one plan; escalation policies and hunt groups.

Nothing here is edited: a version is followed by another (versions.py), an override is taken back (changes.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from desk.db import Base, SetUp
from desk.staff import Staff
from oncall import escalation, office, rota
from oncall.draft import NAMED, Draft
from oncall.plan import Edition, Plan
from sla import holidays
from sla.hours import own

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from sla.calendar import BusinessCalendar

FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # the hours of the business calendar are not asked for before


class RotaRecord(SetUp, Base):
    """One rota: its versions, and its overrides."""

    __tablename__ = "rota"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    versions: Mapped[list[Version]] = relationship(order_by="Version.number")
    overrides: Mapped[list[OverrideRecord]] = relationship(order_by="OverrideRecord.id")

    @property
    def head(self) -> Version:
        """The newest version: whoever edits begins with it."""
        return self.versions[-1]


class Version(SetUp, Base):
    """One version of a rota, never changed; `document` is a Draft, in force from `since` on.

    `reason` is why it was published although `hazards` (sentences) were told.
    """

    __tablename__ = "rota_version"
    __table_args__ = (UniqueConstraint("rota_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    number: Mapped[int]
    since: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    who: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str]
    restores: Mapped[int | None]  # the number of the version whose words these are
    hazards: Mapped[list[Any]]
    reason: Mapped[str]

    @property
    def draft(self) -> Draft:
        """What it says, to look at or to begin an edit with."""
        return Draft.of(self.document)


class OverrideRecord(SetUp, Base):
    """A temporary replacement, addition or removal; what has acted stays, also after it was taken back.

    `rotation` is the lane it is limited to; it acts from `made_at` on, and to `withdrawn_at` at the latest. `made_at`
    is empty for one that came with the rota itself.
    """

    __tablename__ = "rota_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    kind: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str]
    rotation: Mapped[str] = mapped_column(default="")
    below: Mapped[bool] = mapped_column(default=False)
    who: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    instead_of: Mapped[Staff | None] = relationship(foreign_keys=[instead_of_id])

    @property
    def acts(self) -> tuple[datetime, datetime]:
        """From when to when it acts; an empty stretch if it was taken back before."""
        starts = max(self.starts, self.made_at or self.starts)
        return starts, max(starts, min(self.ends, self.withdrawn_at or self.ends))

    @property
    def value(self) -> rota.Override | None:
        """The override as a value; None if it never acts."""
        starts, ends = self.acts
        if starts >= ends:
            return None
        return rota.Override(
            kind=self.kind,  # type: ignore[arg-type]
            engineer=self.staff.key,
            start=starts,
            end=ends,
            instead_of=self.instead_of.key if self.instead_of else None,
            rotation=self.rotation,
            key=str(self.id),
            below=self.below,
        )


def rotas(session: Session) -> list[RotaRecord]:
    """Every rota, as it was set up, with all that a plan needs."""
    people = (
        selectinload(RotaRecord.overrides).selectinload(each)
        for each in (OverrideRecord.staff, OverrideRecord.instead_of)
    )
    whole = selectinload(RotaRecord.versions), *people
    return list(session.scalars(select(RotaRecord).options(*whole).order_by(RotaRecord.id)))


def named(session: Session, name: str) -> RotaRecord:
    """The rota of that name; raises LookupError with a sentence."""
    found = session.scalars(select(RotaRecord).where(RotaRecord.name == name)).one_or_none()
    if found is None:
        raise LookupError(f"there is no rota {name!r}")
    return found


def plans(session: Session) -> dict[str, Plan]:
    """Every rota as a plan: who is on duty, between any two instants. The Switchboard holds the same."""
    calendars = Calendars(session)
    return {record.name: plan_of(record, calendars) for record in rotas(session)}


def plan(session: Session, record: RotaRecord) -> Plan:
    """One rota as a plan, as this transaction sees it."""
    session.flush()
    return plan_of(record, Calendars(session))


def plan_of(record: RotaRecord, calendars: Calendars) -> Plan:
    """The versions and overrides as a value."""
    overrides = tuple(value for each in record.overrides if (value := each.value))
    editions = tuple(edition(each.number, each.since, each.draft, calendars) for each in record.versions)
    return Plan(record.name, editions, overrides)


def edition(number: int, since: datetime, draft: Draft, calendars: Calendars) -> Edition:
    """A draft as the version that it would be; raises ValueError or LookupError for one that has no reading."""
    hours = calendars.named(draft)
    covers = (hours[draft.covers],) if draft.covers in hours else ()
    return Edition(number, since, draft.plan(hours), draft.zone, covers)


class Calendars:
    """The hours that rotas take from the business calendars, read when the first rota asks for them."""

    def __init__(self, session: Session, days: Collection[date] | None = None) -> None:
        self._session = session
        self._days = None if days is None else frozenset(days)

    def named(self, draft: Draft) -> Mapping[str, rota.NamedHours]:
        """The named hours that a draft needs; raises LookupError without a business calendar."""
        wanted = draft.names()
        if not wanted:
            return {}
        calendar = self._calendar(draft.calendar)
        return {name: _named(name, calendar) for name in NAMED if name in wanted}

    def _calendar(self, name: str | None) -> BusinessCalendar:
        hours = own(self._session, name)
        if hours is None:
            raise LookupError(f"there is no business calendar {name!r}" if name else "no business calendar is set up")
        if self._days is None:
            self._days = frozenset(holidays.in_force(self._session))
        return hours.regular(self._days)


@lru_cache(maxsize=16)  # some ten thousand stretches
def _named(name: str, calendar: BusinessCalendar) -> rota.NamedHours:
    read = office.outside_office_hours if name == office.OUTSIDE else office.public_holidays
    return read(calendar, FIRST)


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
