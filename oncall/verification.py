"""Verification: an engineer's number is theirs when they can read the code that was texted to it."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import numbers, outbox
from desk.db import Base, SetUp
from desk.staff import Staff
from oncall import texting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tickets.reference import Dice

LASTS = timedelta(minutes=10)
TRIES = 5


class Verification(SetUp, Base):
    """The newest code of an engineer, and the number that it proved; whose is proved rings before whose is not."""

    __tablename__ = "verification"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    phone: Mapped[str]
    code: Mapped[str]
    sent_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


def begin(session: Session, staff: Staff, line: str, company: str, dice: Dice, now: datetime) -> None:
    """Text a code to an engineer's number; raises ValueError for a number that takes no texts."""
    if not staff.phone or not numbers.may_text(staff.phone):
        raise ValueError(f"{staff.name} has no number that takes texts")
    found = session.get(Verification, staff.id) or Verification(staff_id=staff.id)
    found.phone, found.code, found.sent_at = staff.phone, str(dice.randrange(100_000, 1_000_000)), now
    found.tries, found.verified_at = 0, None
    session.add(found)
    body = f"{company}: your code is {found.code}. It proves that this is your number."
    payload = {"what": "a code", "to": staff.phone, "line": line, "body": body, "lasts": int(LASTS.total_seconds())}
    outbox.post(session, f"code {staff.id} {now.isoformat()}", texting.KIND, payload, now, lasts=LASTS)


def prove(session: Session, staff: Staff, code: str, now: datetime) -> bool:
    """Whether the code is right; a few wrong ones, or ten minutes, and it is worth nothing."""
    found = session.get(Verification, staff.id, with_for_update=True)
    if found is None or found.tries >= TRIES or now >= found.sent_at + LASTS or found.phone != staff.phone:
        return False
    found.tries += 1
    right = hmac.compare_digest(found.code.encode(), code.strip().encode())
    found.verified_at = now if right else found.verified_at
    return right


def proved(session: Session) -> set[int]:
    """The ids of those whose number, as it is now, is proved."""
    rows = select(Staff.id).join(Verification, Verification.staff_id == Staff.id)
    return set(session.scalars(rows.where(Verification.phone == Staff.phone, Verification.verified_at.is_not(None))))
