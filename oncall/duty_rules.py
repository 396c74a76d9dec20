"""The stored rules of call-outs: never edited, only followed by others from a day on.

Decision: rules begin in the month that runs or later. The months before have been handed to payroll, and an export of
one has to say again what it said. Where none are stored yet, the first may begin on any day: nothing was agreed on
before that somebody could have paid by.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import audit
from desk.audit import What
from desk.db import Base
from oncall import allowed
from oncall.agreed import Agreement, Rules
from oncall.refusals import NotAllowed, TooLate
from oncall.wall import wall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from desk.audit import Who

MINUTE = timedelta(minutes=1)


class DutyRules(Base):
    """One set of rules, in force from the local day `since` on; times of day in minutes."""

    __tablename__ = "duty_rules"
    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[date]
    minimum_minutes: Mapped[int]
    merge_minutes: Mapped[int]
    one_block: Mapped[bool]
    night_from: Mapped[int]
    night_to: Mapped[int]
    note: Mapped[str]
    made_at: Mapped[datetime]
    who: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    @property
    def value(self) -> Rules:
        """The rules as a value for the arithmetic."""
        night = _clock(self.night_from), _clock(self.night_to)
        return Rules(self.since, self.minimum_minutes * MINUTE, self.merge_minutes * MINUTE, self.one_block, night)


def stored(session: Session) -> Sequence[DutyRules]:
    """All of them, in the order in which they were made."""
    return session.scalars(select(DutyRules).order_by(DutyRules.id)).all()


def agreement(session: Session, zone: str) -> Agreement:
    """All of them as a value; the days are those of the zone."""
    return Agreement(zone, tuple(row.value for row in stored(session)))


def agree(session: Session, rules: Rules, zone: str, who: Who, now: datetime, note: str = "") -> DutyRules:
    """Let rules be in force from their day on; the same again changes nothing.

    Raises NotAllowed for who is no manager, TooLate for a day before the month that runs in the zone.
    """
    if not allowed.may_manage(session, who):
        raise NotAllowed("only a manager agrees on the rules of call-outs")
    known = stored(session)
    if known and (same := _standing(known, rules)):
        return same
    first = wall(now, zone).date().replace(day=1)
    if known and rules.since < first:
        raise TooLate(f"rules begin on {first} at the earliest: the months before have been handed to payroll")
    row = DutyRules(
        since=rules.since,
        minimum_minutes=rules.minimum // MINUTE,
        merge_minutes=rules.merge // MINUTE,
        one_block=rules.one_block,
        night_from=_minutes(rules.night[0]),
        night_to=_minutes(rules.night[1]),
        note=note.strip(),
        made_at=now,
        who=who.name,
        staff_id=who.staff_id,
    )
    session.add(row)
    session.flush()
    audit.tell(session, who, What.DUTY_RULES_AGREED, f"from {rules.since}", now, says=rules.words, note=row.note)
    return row


def _standing(known: Sequence[DutyRules], rules: Rules) -> DutyRules | None:
    """What is in force from that day on, if it says the same."""
    of_the_day = [row for row in known if row.since == rules.since]
    return of_the_day[-1] if of_the_day and of_the_day[-1].value == rules else None


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
