"""Verifying by a call: whoever answers an engineer's number hears whose standby number it is to be, and presses 1.

It is no call of the flow: it has no ticket and no Page, and nothing of it is stored but the answer. The carrier
carries whom it asks and the code of the question, and its signature covers both; everything else is looked up at each
webhook, so that a second delivery gets the same answer. Reports of its end say in the outbox why nobody pressed 1;
one that is lost is not asked for, for such a call frees nobody and bills nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from desk import numbers, outbox
from ivr import prompts, twiml
from ivr.call import TERMINAL
from oncall import calling, paging, verification
from oncall.verification import Way

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from ivr.switchboard import Switchboard
    from tickets.reference import Dice

WAIT = timedelta(minutes=5)  # for the carrier; of the question's ten that leaves five to whoever answers


@dataclass(frozen=True)
class Rung:
    """What the carrier says and carries of such a call."""

    staff_id: int
    code: str
    form: Mapping[str, str]
    origin: str


def ask(session: Session, board: Switchboard, staff: Staff, dice: Dice, now: datetime) -> None:
    """Have an engineer's number rung; raises LookupError without a line, ValueError if it cannot be rung now."""
    line = next(iter(board.lines.values()), None)
    if line is None:
        raise LookupError("no line is set up to ring it from")
    if not staff.phone or not numbers.may_dial(staff.phone) or staff.phone in board.lines:
        raise ValueError(f"{staff.name} has no number that can be rung")
    if staff.id in paging.busy(session, now):
        raise ValueError(f"{staff.name} is being rung or on a call; ask again later")
    asked = verification.anew(session, staff, Way.CALL, dice, now)
    question = _path("verify", asked.staff_id, asked.code)
    # Where its answer cannot be had, the question is simply asked again.
    urls = {"url": question, "fallback": question, "report": _path("verify/over", asked.staff_id, asked.code)}
    ring = {"to": staff.phone, "line": line.number, "seconds": line.policy.ring_seconds}
    outbox.post(session, verification.key(asked), calling.KIND, ring | urls, now, lasts=WAIT)


def question(session: Session, board: Switchboard, rung: Rung, now: datetime) -> str:
    """Who we are, whose number this is to be, and the key that confirms it."""
    asked = verification.asked_by_call(session, rung.staff_id, rung.code)
    staff = verification.still_asked(session, asked, rung.form["To"], now)
    return _say(board, rung, "verify" if staff else "verify_late", staff)


def answer(session: Session, board: Switchboard, rung: Rung, now: datetime) -> str:
    """What was pressed; 1 alone proves the number."""
    asked = verification.asked_by_call(session, rung.staff_id, rung.code)
    if asked is None or not verification.still_asked(session, asked, rung.form["To"], now):
        return _say(board, rung, "verify_late")
    if rung.form.get("Digits") != "1":
        return _say(board, rung, "verify_nothing")
    asked.verified_at = asked.verified_at or now
    return _say(board, rung, "verify_proved")


def reported(session: Session, rung: Rung, now: datetime) -> None:
    """How far the ring has come; that it is reported proves that the carrier has it."""
    asked = verification.asked_by_call(session, rung.staff_id, rung.code)
    row = outbox.of(session, verification.key(asked)) if asked else None
    if row is None or row.reference not in (None, rung.form["CallSid"]):
        return
    outbox.proved(session, row, rung.form["CallSid"], now)
    if rung.form["CallStatus"] in TERMINAL:  # they come in any order, but only one of them is the end
        row.report = row.report or rung.form["CallStatus"]


def _say(board: Switchboard, rung: Rung, name: str, staff: Staff | None = None) -> str:
    line = board.lines[rung.form["From"]]
    words = board.words[line.languages[0]]
    facts = {"company": line.company, "name": staff.name if staff else ""}
    said = {"words": prompts.spoken(words, name, facts)} | {part: words[part] for part in ("voice", "language")}
    action = rung.origin + _path("verify/pressed", rung.staff_id, rung.code)
    return twiml.document([(name, said | {"action": action})], "" if staff else "<Hangup/>\n")


def _path(name: str, staff_id: int, code: str) -> str:
    return f"/voice/{name}?staff={staff_id}&code={code}{twiml.AGAIN}"
