"""The form with which a number is proved, on one's own page and on a colleague's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from desk import numbers
from desk.door import threshold
from desk.frame import written
from desk.staff import Staff
from ivr import proof
from oncall import verification
from oncall.verification import Verification, Way

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.audit import Who
    from ivr.switchboard import Switchboard

SAID = {"text": "code_sent", "call": "rings", "code": "proved"}


@dataclass(frozen=True)
class Standing:
    """How it stands with a number."""

    is_proved: bool
    words: str  # in a sentence: proved by what and when, or what became of the question
    waits: bool  # for a code that somebody reads out
    texts: bool  # whether it takes texts


def standing(session: Session, staff: Staff) -> Standing:
    """How it stands with somebody's number now."""
    asked = session.get(Verification, staff.id)
    is_asked = asked is not None and asked.phone == staff.phone and asked.way == Way.TEXT and not asked.verified_at
    zone = next((line.zone for line in _board(session).lines.values()), "UTC")
    return Standing(
        staff.id in verification.proved(session),
        verification.standing(session, staff, lambda at: written(at, zone, g.now)),
        bool(is_asked and asked and g.now < asked.sent_at + verification.LASTS),
        bool(staff.phone and numbers.may_text(staff.phone)),
    )


def carry_out(staff_id: int, who: Who) -> tuple[str, str]:
    """Do what the form says with somebody's number; what to say of it, and why not if it cannot be."""
    do = request.form.get("do", "")
    if do not in SAID:
        return "", "Choose how to prove it."
    try:
        is_done = threshold.database().write(lambda session: _carry_out(session, staff_id, do, who))
    except (LookupError, ValueError) as error:
        words = str(error)
        return "", words[:1].upper() + words[1:] + "."
    return SAID[do], "" if is_done else "That is not the code, or it has expired; send a new one."


def shown(staff: Staff) -> str:
    """A number as people write it."""
    return numbers.shown(staff.phone) if staff.phone else ""


def _carry_out(session: Session, staff_id: int, do: str, who: Who) -> bool:
    staff = session.get_one(Staff, staff_id)
    if do == "code":
        return proof.prove(session, staff, request.form.get("code", ""), g.now, who)
    dice = current_app.extensions["exchange"].dice
    proof.ask(session, _board(session), staff, Way(do), dice, g.now, who)
    return True


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))
