"""Warnings: whoever has a ticket is told when half, three quarters and all of the time for it are over.

A point is told once (`told_at`, and a key in the outbox), and one step further each time: at half the owner, at three
quarters also whoever the escalation policy names first besides, when the time is over the first two. A ticket that
nobody has goes to one more of them. An emergency that people are paged for needs no warning. Only emergencies wake
people: anything else waits until the line is open or the night is over, and is told then if it is still so.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from structlog.contextvars import bound_contextvars

from desk.staff import Staff
from ivr import outgoing, page_texts
from oncall import night, pursuit
from sla.due import Due
from sla.mark import Mark, Point
from tickets import canary
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import LineSetUp, Switchboard, Switchboards

log = logging.getLogger(__name__)
BESIDES = {Point.HALF: 0, Point.THREE_QUARTERS: 1, Point.BREACH: 2}  # colleagues who are told beside the owner
AT_ONCE = 100  # marks in a tick


def look(database: Database, boards: Switchboards, clock: Callable[[], datetime], stopped: Callable[[], bool]) -> None:
    """Tell what may be told now; a mark at which something fails is tried again, and harms no other."""
    now = clock()
    with database.reading() as session:
        board = boards.current(session)
        if not board.lines:
            return
        untold = select(Mark.id).join(Ticket).where(Mark.told_at.is_(None)).order_by(Mark.at, Mark.id).limit(AT_ONCE)
        ripe = session.scalars(untold if _is_day(board, now) else untold.where(Ticket.priority == Priority.EMERGENCY))
        numbers = ripe.all()
    for number in numbers:
        if stopped():
            return
        with bound_contextvars(mark=number):
            try:
                database.write(partial(_tell, board=board, number=number, now=now))
            except Exception:
                log.exception("the warning could not be told")


def _is_day(board: Switchboard, now: datetime) -> bool:
    """Whether what is no emergency may be told: every line is open, or it is not night where it is."""
    return all(line.actual.is_open(now) or not night.is_night(now, line.zone) for line in board.lines.values())


def _tell(session: Session, board: Switchboard, number: int, now: datetime) -> None:
    mark = session.get_one(Mark, number, populate_existing=True, with_for_update=True)
    if mark.told_at:
        return
    mark.told_at = now
    if _is_pointless(session, mark):
        return
    line = outgoing.line_of(session, board, mark.ticket)
    told = _concerned(session, board, line, mark, now)
    for staff in told:
        _text(session, board, line, mark, staff, now)
    if told:
        point = board.words[line.languages[0]][mark.point]
        names = " and ".join(staff.name for staff in told)
        mark.ticket.tell("warned", f"told {names}: {point}", now, mark=mark.id)


def _is_pointless(session: Session, mark: Mark) -> bool:
    """Whether nobody needs to hear of it: the clock has stopped, a later point says more, or people are paged."""
    theirs = Mark.ticket_id == mark.ticket_id, Mark.measure == mark.measure
    later = session.scalar(select(Mark.id).where(*theirs, Mark.at > mark.at).limit(1))
    runs = session.scalar(select(Due.runs).where(Due.ticket_id == mark.ticket_id, Due.measure == mark.measure))
    nobody_s = pursuit.is_wanted(mark.ticket) or canary.is_one(session, mark.ticket_id)
    return bool(later) or not runs or not mark.ticket.is_open or nobody_s


def _concerned(session: Session, board: Switchboard, line: LineSetUp, mark: Mark, now: datetime) -> list[Staff]:
    owner = mark.ticket.owner if mark.ticket.owner and mark.ticket.owner.active else None
    order = (board.engineers[choice.ring or ""].id for choice in board.in_order(line.policy, now))
    others = [number for number in order if owner is None or number != owner.id]
    besides = others[: BESIDES[Point(mark.point)] + (owner is None)]
    return [*([owner] if owner else []), *(session.get_one(Staff, number) for number in besides)]


def _text(session: Session, board: Switchboard, line: LineSetUp, mark: Mark, staff: Staff, now: datetime) -> None:
    words = board.words[line.languages[0]]
    more = {
        "point": words[mark.point],
        "measure": words[mark.measure],
        "time": f"{mark.due.astimezone(ZoneInfo(line.zone)):%a %d %b %H:%M}" if mark.due else "",
        "who": words[_whose(mark.ticket, staff)].format(name=mark.ticket.owner.name if mark.ticket.owner else ""),
    }
    key = f"mark {mark.id} {staff.id}"
    page_texts.post(
        session, board, key, "a warning", "text_warning", mark.ticket, staff, now, page_texts.NEWS_LASTS, more
    )


def _whose(ticket: Ticket, staff: Staff) -> str:
    if ticket.owner_id is None:
        return "text_warning_nobody"
    return "text_warning_owner" if ticket.owner_id == staff.id else "text_warning_other"
