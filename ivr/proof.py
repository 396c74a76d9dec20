"""Proving an engineer's number: what a command and the pages do alike."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import audit
from desk.audit import What
from desk.door import attempts
from ivr import verifying
from oncall import verification
from oncall.verification import Way

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff
    from ivr.switchboard import LineSetUp, Switchboard
    from tickets.reference import Dice

AT_MOST, WINDOW = 5, timedelta(minutes=15)  # texts and calls cost money


def ask(session: Session, board: Switchboard, staff: Staff, way: Way, dice: Dice, now: datetime, who: Who) -> None:
    """Text a code to somebody, or have them rung; raises LookupError without a line, ValueError if it cannot be now."""
    tries, until = attempts.count(session, f"proof {staff.id}", now, WINDOW)
    if tries > AT_MOST:
        minutes = -(-int((until - now).total_seconds()) // 60)
        raise ValueError(f"{staff.name} was asked {AT_MOST} times already; ask again in {minutes} min")
    if way == Way.CALL:
        verifying.ask(session, board, staff, dice, now)
    else:
        line = first_line(board)
        verification.begin(session, staff, line.number, line.company, dice, now)
    audit.tell(session, who, What.NUMBER_ASKED, staff.name, now, way=str(way))


def prove(session: Session, staff: Staff, code: str, now: datetime, who: Who) -> bool:
    """Whether that is the code; a few wrong ones, or ten minutes, and it is worth nothing."""
    if right := verification.prove(session, staff, code, now):
        audit.tell(session, who, What.NUMBER_PROVED, staff.name, now)
    return right


def first_line(board: Switchboard) -> LineSetUp:
    """The line in whose name it is asked; raises LookupError without one."""
    line = next(iter(board.lines.values()), None)
    if line is None:
        raise LookupError("no line is set up to send it from")
    return line
