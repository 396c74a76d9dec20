"""The public-holiday table: seeded from the `holidays` package, edited by staff, numbered by version.

The package learns of a declared day (Public Holidays Act 36 of 1994, s 2A) only by a release, and notice can be
ten days; so the table is the truth and the package its seed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import holidays as package
from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.audit import What, tell
from desk.db import Base, SetUp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.audit import Who

FIRST_YEAR = 1995  # the Act came into force on 1 January 1995
YEARS_AHEAD = 5
SEED = "holidays"


class PublicHoliday(SetUp, Base):
    """One public holiday, or one that was withdrawn; the row is kept so that a version can be told."""

    __tablename__ = "public_holiday"
    __table_args__ = (UniqueConstraint("day", "country"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(default="ZA")
    name: Mapped[str]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)


def seed(session: Session, at: datetime) -> list[PublicHoliday]:
    """Add what the package knows, 1995 to five years ahead, and the table does not; staff's rows stay as they are.

    Returns the new rows.
    """
    number = version(session) + 1
    rows = [
        PublicHoliday(day=day, country="ZA", name=name, source=SEED, changed_at=at, version=number)
        for day, name in sorted(news(session, at).items())
    ]
    session.add_all(rows)
    return rows


def news(session: Session, at: datetime) -> dict[date, str]:
    """What the package knows and the table does not."""
    known = set(session.scalars(select(PublicHoliday.day).where(PublicHoliday.country == "ZA")))
    return {day: name for day, name in _packaged(at).items() if day not in known}


def differences(session: Session, at: datetime) -> list[str]:
    """Where the table says otherwise than the package, in sentences; the table is right."""
    packaged, found = _packaged(at), []
    for row in session.scalars(select(PublicHoliday).order_by(PublicHoliday.day)):
        if row.withdrawn and row.day in packaged:
            found.append(f"{row.day}: {packaged[row.day]} by the package, withdrawn here by {row.source}")
        elif not row.withdrawn and row.day not in packaged and row.day.year <= at.year + YEARS_AHEAD:
            found.append(f"{row.day}: {row.name} here by {row.source}, and unknown to the package")
        elif not row.withdrawn and row.day in packaged and packaged[row.day] != row.name:
            found.append(f"{row.day}: called {row.name} here by {row.source}, by the package {packaged[row.day]}")
    return found


def of_year(session: Session, year: int) -> list[PublicHoliday]:
    """The rows of a year, those that were withdrawn too."""
    span = PublicHoliday.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(session.scalars(select(PublicHoliday).where(span).order_by(PublicHoliday.day)))


def _packaged(at: datetime) -> dict[date, str]:
    # A list of years fills the object at once: its lazy filling answers wrongly from a second thread.
    calendar = package.country_holidays("ZA", years=range(FIRST_YEAR, at.year + YEARS_AHEAD + 1))
    return dict(calendar.items())


def change(session: Session, day: date, name: str | None, who: Who, at: datetime) -> None:
    """Declare a day a holiday of this name, or with None withdraw it, by the hand of somebody, whom the audit names.

    Raises LookupError where there is none to withdraw.
    """
    if name is None:
        withdraw(session, day, who.name, at)
        tell(session, who, What.HOLIDAY_WITHDRAWN, day.isoformat(), at)
    else:
        add(session, day, name, who.name, at)
        tell(session, who, What.HOLIDAY_DECLARED, day.isoformat(), at, name=name)


def sync(session: Session, who: Who, at: datetime) -> list[PublicHoliday]:
    """Add what the package knows and the table does not, by the hand of somebody; the new rows."""
    rows = seed(session, at)
    if rows:
        days = {f"{row.day}": row.name for row in rows}
        tell(session, who, What.HOLIDAYS_SEEDED, "the public-holiday table", at, days=days)
    return rows


def add(session: Session, day: date, name: str, source: str, at: datetime) -> PublicHoliday:
    """A day declared a holiday: a new row, or a withdrawn one back in force."""
    row = _row(session, day) or PublicHoliday(day=day, country="ZA")
    row.name, row.source, row.changed_at, row.withdrawn = name, source, at, False
    row.version = version(session) + 1
    session.add(row)
    return row


def withdraw(session: Session, day: date, source: str, at: datetime) -> PublicHoliday:
    """A day that is no holiday after all; raises LookupError if it was none."""
    row = _row(session, day)
    if row is None or row.withdrawn:
        raise LookupError(f"{day} is no public holiday in the table")
    row.source, row.changed_at, row.withdrawn = source, at, True
    row.version = version(session) + 1
    return row


def version(session: Session) -> int:
    """How often the table has changed."""
    return session.scalar(select(func.max(PublicHoliday.version))) or 0


def in_force(session: Session) -> dict[date, str]:
    """Every holiday and its name."""
    rows = select(PublicHoliday.day, PublicHoliday.name).where(PublicHoliday.withdrawn.is_(False))
    return {row.day: row.name for row in session.execute(rows)}


def _row(session: Session, day: date) -> PublicHoliday | None:
    return session.scalars(select(PublicHoliday).where(PublicHoliday.day == day)).one_or_none()
