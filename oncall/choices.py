"""Choices: what each colleague wants to be told, how, and how long before; each person's own to make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import audit, mailing, numbers
from desk.audit import What
from desk.db import Base
from desk.staff import Staff
from oncall import allowed, verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from desk.audit import Who


class Way(StrEnum):
    """How somebody wants to be told."""

    TEXT = "text"
    MAIL = "mail"
    BOTH = "both"
    NONE = "none"


class Lead(StrEnum):
    """How long before a shift."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


class NoticeChoice(Base):
    """What somebody has chosen; who has not gets what Choice() says."""

    __tablename__ = "notice_choice"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    way: Mapped[str]
    reminders: Mapped[list[Any]]
    summaries: Mapped[bool]
    own_changes: Mapped[bool]
    chosen_at: Mapped[datetime]


@dataclass(frozen=True)
class Choice:
    """By text, a day and an hour before a shift, with a summary at the hand-off, and not of what one did oneself."""

    way: Way = Way.TEXT
    reminders: tuple[Lead, ...] = (Lead.DAY, Lead.HOUR)
    summaries: bool = True
    own_changes: bool = False

    @property
    def words(self) -> str:
        """For the audit."""
        how = {Way.BOTH: "by text and mail", Way.NONE: "nothing"}.get(self.way, f"by {self.way}")
        before = " and ".join(f"a {lead}" if lead != Lead.HOUR else "an hour" for lead in self.reminders) or "no time"
        more = ("; hand-offs" if self.summaries else "") + ("; own changes" if self.own_changes else "")
        return f"{how}; {before} before{more}"


@dataclass(frozen=True)
class Reader:
    """Somebody who may be told something, and where: (way, address)."""

    staff: Staff
    choice: Choice
    addresses: tuple[tuple[Way, str], ...]


def readers(session: Session, mails: bool) -> dict[str, Reader]:
    """Everybody who works here, by key; `mails` is whether there is a mail server."""
    proved, chosen = verification.proved(session), {row.staff_id: row for row in session.scalars(select(NoticeChoice))}
    found = {}
    for staff in session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)):
        choice = _value(chosen.get(staff.id))
        found[staff.key] = Reader(staff, choice, addresses(staff, choice.way, staff.id in proved, mails))
    return found


def addresses(staff: Staff, way: Way, proved: bool, mails: bool) -> tuple[tuple[Way, str], ...]:
    """Where a notice goes; if the way that was chosen leads nowhere, by the other one.

    Only a number that its owner has proved is texted.
    """
    there = dict(_reachable(staff, proved, mails))
    if way == Way.NONE:
        return ()
    wanted = [one for one in (Way.TEXT, Way.MAIL) if one in there and way in (one, Way.BOTH)]
    return tuple((one, there[one]) for one in wanted or there)


def of(session: Session, staff: Staff) -> Choice:
    """What somebody has chosen, or what everybody gets who has not."""
    return _value(session.get(NoticeChoice, staff.id))


def choose(session: Session, staff: Staff, choice: Choice, who: Who, now: datetime) -> None:
    """Choose for oneself, or as a manager for somebody, which the audit tells; raises NotAllowed."""
    allowed.only_for(session, who, staff)
    row = session.get(NoticeChoice, staff.id, with_for_update=True) or NoticeChoice(staff_id=staff.id)
    before = _value(row if row.way else None)
    row.way, row.reminders, row.chosen_at = choice.way, list(choice.reminders), now
    row.summaries, row.own_changes = choice.summaries, choice.own_changes
    session.add(row)
    if who.staff_id != staff.id and before != choice:
        audit.tell(session, who, What.NOTICES_CHOSEN, staff.name, now, before=before.words, now=choice.words)


def _value(row: NoticeChoice | None) -> Choice:
    if row is None:
        return Choice()
    return Choice(Way(row.way), tuple(map(Lead, row.reminders)), row.summaries, row.own_changes)


def _reachable(staff: Staff, proved: bool, mails: bool) -> Iterator[tuple[Way, str]]:
    if proved and staff.phone and numbers.may_text(staff.phone):
        yield Way.TEXT, staff.phone
    if mails and staff.email and mailing.is_address(staff.email):
        yield Way.MAIL, staff.email
