"""Stored business hours, company closures, and the switch that forces a line open or closed.

The regular week is the one that was set up, until a published one takes its place from a day on: what was computed by
the week before stays as it was. How they are changed is in sla/hours_change.py.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base, SetUp
from sla.calendar import BusinessCalendar, Hours
from sla.interval import Interval
from sla.targets import OpenHours, Plan, house

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

# How far the tables reach: from the Public Holidays Act's first day to beyond any contract that is signed today.
FIRST_DAY, LAST_DAY = date(1995, 1, 1), date(2060, 12, 31)
FAR = datetime.fromisoformat("2061-01-02T00:00:00+00:00")  # after the last day, so that closed for good is for good


Dates = tuple[tuple[date, tuple[tuple[int, int], ...]], ...]
Weeks = tuple[tuple[date, tuple[Hours, ...]], ...]


class NoHours(LookupError):
    """There are no business hours, so nothing can be charged."""

    def __init__(self) -> None:
        super().__init__("no business hours are set up, and work is charged by them: set them up first")


class Forced(StrEnum):
    """What the switch says."""

    OPEN = "open"
    CLOSED = "closed"


class BusinessHours(SetUp, Base):
    """A named week in a zone; `week` lists [weekday (0 = Monday), opens, closes] in minutes of the local day."""

    __tablename__ = "business_hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str]
    week: Mapped[list[Any]]
    # {day: [[opens, closes], ...]} instead of the weekday's; told in advance, so promises heed it and bands do not.
    dates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    closures: Mapped[list[Closure]] = relationship()
    switches: Mapped[list[Switch]] = relationship()
    weeks: Mapped[list[RegularWeek]] = relationship()

    def regular(self, holidays: frozenset[date]) -> BusinessCalendar:
        """The week less public holidays: what rate bands are made of."""
        return _calendar(self.zone, self._hours, holidays, later=self._later)

    def charged(self, holidays: frozenset[date]) -> BusinessCalendar:
        """What work is charged by: the regular hours, and the closures for the contracts that count them."""
        closed = tuple(Interval(closure.starts, closure.ends) for closure in self.closures)
        return _calendar(self.zone, self._hours, holidays, closed, later=self._later)

    def actual(self, holidays: frozenset[date]) -> BusinessCalendar:
        """Whether somebody answers: the week less holidays and closures, and above all the switch."""
        forced = [(switch.state, switch.interval) for switch in self.switches if not switch.interval_is_empty]
        closed = [Interval(closure.starts, closure.ends) for closure in self.closures]
        closed += [interval for state, interval in forced if state == Forced.CLOSED]
        opened = [interval for state, interval in forced if state == Forced.OPEN]
        return _calendar(self.zone, self._hours, holidays, tuple(closed), tuple(opened), self._dates, self._later)

    def promised(self, holidays: Mapping[date, str]) -> OpenHours:
        """The hours in which promises are counted.

        Holidays, closures and other hours on a date are told in advance and stop the count. The switch is not, and
        never moves a promise.
        """
        closed = tuple(Interval(closure.starts, closure.ends) for closure in self.closures)
        calendar = _calendar(self.zone, self._hours, frozenset(holidays), closed, (), self._dates, self._later)
        return OpenHours(f"in {self.name} hours", calendar, holidays)

    def always(self, holidays: Mapping[date, str]) -> OpenHours:
        """Round the clock, in the same zone."""
        return OpenHours("round the clock", _always(self.zone, frozenset(holidays)), holidays)

    def promises(self, holidays: Mapping[date, str]) -> Plan:
        """What the company promises by default, counted in these hours, and for emergencies round the clock."""
        always = self.always(holidays)
        return house(self.promised(holidays), always, since=always.calendar.day(FIRST_DAY).start)

    def begins(self, day: date) -> datetime:
        """The first instant of a local day."""
        return _always(self.zone, frozenset()).day(max(day, FIRST_DAY)).start

    @property
    def later(self) -> list[RegularWeek]:
        """The published weeks that hold, each from its day on, in order."""
        return sorted((one for one in self.weeks if one.withdrawn_at is None), key=lambda one: one.since)

    @property
    def _later(self) -> Weeks:
        return tuple((one.since, _week(one.week)) for one in self.later)

    @property
    def _hours(self) -> tuple[Hours, ...]:
        return _week(self.week)

    @property
    def _dates(self) -> Dates:
        return tuple((date.fromisoformat(day), _stretches(spans)) for day, spans in sorted((self.dates or {}).items()))


class RegularWeek(SetUp, Base):
    """A week that takes the place of the one before from a local day on; one taken back is kept, and does nothing."""

    __tablename__ = "regular_week"
    id: Mapped[int] = mapped_column(primary_key=True)
    hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id"), index=True)
    since: Mapped[date]
    week: Mapped[list[Any]]
    who: Mapped[str]
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Closure(SetUp, Base):
    """A stretch in which the company is closed, such as the days between the years."""

    __tablename__ = "closure"
    id: Mapped[int] = mapped_column(primary_key=True)
    hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str]
    who: Mapped[str] = mapped_column(default="")


class Switch(SetUp, Base):
    """The line forced open or closed from an instant on, until another or until somebody says otherwise."""

    __tablename__ = "switch"
    id: Mapped[int] = mapped_column(primary_key=True)
    hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id"), index=True)
    state: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    reason: Mapped[str]
    who: Mapped[str] = mapped_column(default="")

    @property
    def interval(self) -> Interval:
        """From when to when it holds."""
        return Interval(self.since, self.until or FAR)

    @property
    def interval_is_empty(self) -> bool:
        """Whether it was taken back before it began."""
        return self.interval.end <= self.interval.start


def snapshot(session: Session) -> list[dict[str, Any]]:
    """All business hours as work is charged by them, the company's own first: what a closed month keeps of them."""
    found = session.scalars(select(BusinessHours).order_by(BusinessHours.id))
    return [
        {"id": one.id, "zone": one.zone, "week": one.week, "closures": sorted(map(_kept, one.closures))}
        | {"later": [[week.since.isoformat(), week.week] for week in one.later]}
        for one in found
    ]


def as_charged(kept: Mapping[str, Any], holidays: frozenset[date]) -> BusinessCalendar:
    """One of a snapshot, with the holidays that are known now."""
    closed = tuple(Interval(*map(datetime.fromisoformat, span)) for span in kept["closures"])
    # Months that were closed before weeks had days from which they hold know of none.
    later = tuple((date.fromisoformat(since), _week(week)) for since, week in kept.get("later", ()))
    return _calendar(kept["zone"], _week(kept["week"]), holidays, closed, later=later)


def _kept(closure: Closure) -> list[str]:
    return [closure.starts.isoformat(), closure.ends.isoformat()]


def own(session: Session, name: str | None = None) -> BusinessHours | None:
    """The hours of that name; without one the company's own, which are those that were set up first."""
    query = select(BusinessHours).order_by(BusinessHours.id)
    return session.scalars(query.where(BusinessHours.name == name) if name else query).first()


def own_zone(session: Session) -> str:
    """The zone on whose clocks the company's days, nights and months are counted."""
    hours = own(session)
    return hours.zone if hours else "UTC"


def own_day(session: Session, at: datetime) -> date:
    """The day that it is then on the company's clocks: on such days contracts begin and end."""
    return at.astimezone(ZoneInfo(own_zone(session))).date()


def _week(stretches: list[Any]) -> tuple[Hours, ...]:
    return tuple(Hours(*stretch) for stretch in stretches)


def _stretches(spans: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((opens, closes) for opens, closes in spans)


@lru_cache(maxsize=32)  # building one takes tens of milliseconds, and most set-up changes leave the hours alone
def _calendar(
    zone: str,
    week: tuple[Hours, ...],
    holidays: frozenset[date],
    closures: tuple[Interval, ...] = (),
    openings: tuple[Interval, ...] = (),
    dates: Dates = (),
    later: Weeks = (),
) -> BusinessCalendar:
    return BusinessCalendar(
        zone=zone,
        week=week,
        holidays=holidays,
        dates=dates,
        later=later,
        closures=closures,
        openings=openings,
        first=FIRST_DAY,
        last=LAST_DAY,
        may_never_open=True,
    )


@lru_cache(maxsize=4)
def _always(zone: str, holidays: frozenset[date]) -> BusinessCalendar:
    return BusinessCalendar.always(zone, FIRST_DAY, LAST_DAY, holidays)
