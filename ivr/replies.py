"""Replies by text: `1 482` from an engineer takes the emergency whose reference ends in 482.

A number of ours is believed here, though a caller ID can be made up: nobody learns anything by it but the engineer
whose number it is, for the answer goes there, and everybody who was called is told who has it. A number that is
nobody's here learns nothing: what it wrote goes where every customer's text goes (ivr/reports.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import numbers, outbox
from desk.staff import Role, Staff
from ivr import acknowledging, outgoing, page_texts
from ivr.acknowledging import How, Standing
from oncall import pursuit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import Switchboard

REPLY = re.compile(r"\s*1(?:[\s.,:#-]*(\d[\d\s-]+\d))?[\s.!]*")


def answered(session: Session, board: Switchboard, sender: str, body: str, sid: str, now: datetime) -> bool:
    """Take an engineer's reply to a page, once however often it is delivered; False if it is none."""
    staff, said = _engineer(session, sender), REPLY.fullmatch(body)
    if staff is None:
        return False
    if said is None:
        _explain(session, board, staff, now)
        return False
    digits = re.sub(r"\D", "", said[1] or "")
    if not digits and not pursuit.summonses(session, staff.id):
        return False
    if outbox.of(session, f"reply {sid}") is None:
        _take(session, board, staff, digits, f"reply {sid}", now)
    return True


def _explain(session: Session, board: Switchboard, staff: Staff, now: datetime) -> None:
    """Who was called and writes something else may believe that they have it now; once, for it may be a machine."""
    if called := pursuit.summonses(session, staff.id):
        page_texts.no_answer(session, board, f"explain {called[-1].id}", "text_which", staff, now, {})


def _take(session: Session, board: Switchboard, staff: Staff, digits: str, key: str, now: datetime) -> None:
    ticket = pursuit.meant(session, staff.id, digits, now)
    if ticket is None:
        prompt = "text_unknown" if digits else "text_which"
        page_texts.no_answer(session, board, key, prompt, staff, now, {"digits": digits})
        return
    found = acknowledging.take(session, board, ticket, staff, How.TEXT, now)
    prompt = {Standing.YOURS: "text_yours", Standing.TAKEN: "text_had"}.get(found.standing, "text_over")
    zone = ZoneInfo(outgoing.line_of(session, board, found.ticket).zone)
    more = {
        "name": found.owner.name if found.owner else "",
        "time": f"{found.since.astimezone(zone):%H:%M}" if found.since else "",
        "why": acknowledging.why_over(found.ticket),
    }
    page_texts.answer(session, board, key, prompt, found.ticket, staff, now, more)


def _engineer(session: Session, sender: str) -> Staff | None:
    """Whose number it is; nobody's if two colleagues share it, for then nobody knows who has the ticket."""
    number = numbers.caller(sender)
    theirs = select(Staff).where(Staff.active, Staff.role != Role.BILLING, Staff.phone == number)
    found = session.scalars(theirs.limit(2)).all() if number else ()
    return found[0] if len(found) == 1 else None
