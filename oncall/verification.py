"""Verification: an engineer's number is theirs when they read the code texted to it, or press 1 when it is rung.

Pressing 1 proves what being on call needs: our calls reach that telephone, somebody takes them, and keys get through.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import numbers, outbox
from desk.db import Base, SetUp
from desk.outbox import State
from desk.staff import Staff
from oncall import texting

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tickets.reference import Dice

LASTS = timedelta(minutes=10)
TRIES = 5
CAME_TO = {
    "completed": "it was answered, but nobody pressed 1",
    "busy": "the number was busy",
    "no-answer": "nobody answered",
    "canceled": "nobody answered",
    "failed": "the number could not be reached",
}  # what the carrier reports of a call that proved nothing


class Way(StrEnum):
    """How a number is proved."""

    TEXT = "text"
    CALL = "call"


class Verification(SetUp, Base):
    """The newest question to an engineer's number, and whether it was answered; whose is proved rings before others.

    `code` is what a text says; a call carries it from us to us, and it is told to nobody.
    """

    __tablename__ = "verification"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    phone: Mapped[str]
    way: Mapped[str]
    code: Mapped[str]
    sent_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


def key(asked: Verification) -> str:
    """The name of what asks it, in the outbox."""
    return f"verify by {asked.way} {asked.staff_id} {asked.sent_at.isoformat()}"


def anew(session: Session, staff: Staff, way: Way, dice: Dice, now: datetime) -> Verification:
    """Ask anew: whatever was asked or proved before counts no more."""
    found = session.get(Verification, staff.id, with_for_update=True) or Verification(staff_id=staff.id)
    found.phone, found.way, found.code = staff.phone or "", way, str(dice.randrange(100_000, 1_000_000))
    found.sent_at, found.tries, found.verified_at = now, 0, None
    session.add(found)
    return found


def begin(session: Session, staff: Staff, line: str, company: str, dice: Dice, now: datetime) -> None:
    """Text a code to an engineer's number; raises ValueError for a number that takes no texts."""
    if not staff.phone or not numbers.may_text(staff.phone):
        raise ValueError(f"{staff.name} has no number that takes texts")
    asked = anew(session, staff, Way.TEXT, dice, now)
    body = f"{company}: your code is {asked.code}. It proves that this is your number."
    payload = {"what": "a code", "to": staff.phone, "line": line, "body": body, "lasts": int(LASTS.total_seconds())}
    outbox.post(session, key(asked), texting.KIND, payload, now, lasts=LASTS)


def prove(session: Session, staff: Staff, code: str, now: datetime) -> bool:
    """Whether the code is right; a few wrong ones, or ten minutes, and it is worth nothing."""
    found = session.get(Verification, staff.id, with_for_update=True)
    if found is None or found.way != Way.TEXT or found.tries >= TRIES or found.phone != staff.phone:
        return False
    if now >= found.sent_at + LASTS:
        return False
    found.tries += 1
    right = hmac.compare_digest(found.code.encode(), code.strip().encode())
    found.verified_at = now if right else found.verified_at
    return right


def asked_by_call(session: Session, staff_id: int, code: str) -> Verification | None:
    """The question that a call asks, held until the transaction ends; None once a newer one has taken its place."""
    found = session.get(Verification, staff_id, with_for_update=True)
    return found if found and (found.way, found.code) == (Way.CALL, code) else None


def still_asked(session: Session, asked: Verification | None, to: str, now: datetime) -> Staff | None:
    """Whose number a call to `to` may prove; None if it rang another number than theirs, or came too late.

    What is proved already stays so: the same key delivered again a moment later gets the same answer.
    """
    staff = session.get(Staff, asked.staff_id) if asked else None
    if asked is None or staff is None or not staff.active or not asked.phone == staff.phone == to:
        return None
    return staff if asked.verified_at or now < asked.sent_at + LASTS else None


def proved(session: Session) -> set[int]:
    """The ids of those whose number, as it is now, is proved."""
    rows = select(Staff.id).join(Verification, Verification.staff_id == Staff.id)
    return set(session.scalars(rows.where(Verification.phone == Staff.phone, Verification.verified_at.is_not(None))))


def standing(session: Session, staff: Staff, written: Callable[[datetime], str]) -> str:
    """Whether somebody's number is proved, and if not, what became of the question; `written` writes an instant."""
    found = session.get(Verification, staff.id)
    if not staff.phone:
        return "there is no number to prove"
    if found is None:
        return "not proved, and never asked"
    if found.phone != staff.phone:
        return "not proved since the number changed"
    if found.verified_at:
        return f"proved by {found.way} at {written(found.verified_at)}"
    return f"not proved; asked by {found.way} at {written(found.sent_at)}, {_unanswered(session, found)}"


def _unanswered(session: Session, asked: Verification) -> str:
    """Why a question has no answer: what was reported of it, what stopped it, or simply that there is none."""
    row = outbox.of(session, key(asked))
    if row is None:
        return "not answered"
    if row.report in CAME_TO:
        return CAME_TO[row.report]
    if row.error:  # refused or not delivered; or it is tried again
        return row.error
    return "not answered" if row.state == State.SENT else "on its way"
