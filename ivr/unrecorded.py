"""Unrecorded: a call that the carrier has and we have not: its ticket, and its row in the worklog, to check."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desk import numbers
from desk.staff import Staff
from ivr import carrier_call, discrepancies
from ivr.call import TERMINAL, Call
from ivr.carrier_call import DIALLED, INBOUND, CarrierCall
from sla import worklog
from sla.interval import Interval
from sla.money.stretch import Stretch
from sla.phrases import duration
from sla.reconciliation import source
from sla.worklog import Work
from tickets import canary
from tickets.event import CALL
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import LineSetUp, Switchboard
    from oncall.paging import Listed
    from tickets.reference import Dice

FOUND = "it was found in the carrier's list"  # weeks later perhaps: nobody is written to as if they had just rung
STILL_COMING = timedelta(hours=1)  # in which what tells us of a call may yet arrive


def first_call(session: Session) -> datetime | None:
    """When we began to answer; None if we never did."""
    return session.scalar(select(func.min(Call.started_at)).where(~Call.sid.startswith(canary.SID)))


def is_a_call(board: Switchboard, one: Listed, within: Interval, now: datetime) -> bool:
    """Whether somebody rang us in that time, and was not turned away; long enough ago that we should know of it."""
    over = one.status in TERMINAL and one.started_at + timedelta(seconds=one.seconds) + STILL_COMING <= now
    if not over or one.direction != INBOUND or one.to not in board.lines:
        return False
    return within.start <= one.started_at < within.end and one.from_ not in board.blocked


def open_ticket_for(session: Session, board: Switchboard, dice: Dice, one: Listed, now: datetime) -> Ticket:
    """A ticket for a caller of whom nothing is known but the carrier's entry."""
    number = numbers.caller(one.from_)
    person = board.directory.get(number) if number else None
    shown = person.customer if person else numbers.shown(number) if number else "a withheld number"
    ticket = open_ticket(
        session,
        dice=dice,
        at=now,
        subject=f"Call from {shown} that we have no record of",
        caller=number,
        contact_id=person.contact_id if person else None,
        customer_id=person.customer_id if person else None,
        automatic=FOUND,
    )
    ticket.tell(CALL, f"the carrier lists a call of {_length(one.seconds)} that began at {_at(one.started_at)}", now)
    return ticket


def without_work(session: Session, span: Interval, now: datetime) -> list[str]:
    """The calls of that span that we had no record of, and that are not in the worklog yet."""
    begun = [one for one in carrier_call.begun(session, span) if one.direction != DIALLED and one.status in TERMINAL]
    placed = {one.sid for one in begun if one.ticket_id is None and _was_placed(one, now)}
    # Who was rung and joined with nobody did no work.
    joined = carrier_call.joined(session, placed)
    owed = {one.sid for one in begun if one.ticket_id is not None} | (joined - discrepancies.known(session, joined))
    named = carrier_call.pieces({source(sid) for sid in owed})
    entered = {one for piece in named for one in session.scalars(select(Work.source).where(Work.source.in_(piece)))}
    return [one.sid for one in begun if one.sid in owed and source(one.sid) not in entered]


def enter(session: Session, board: Switchboard, dice: Dice, sid: str, asked_by: int, now: datetime) -> None:
    """Put the call into the worklog for billing staff to check; entered already, it stays as it is.

    The work is the longest leg to somebody of ours. Where there is none it is nobody's known: it stands, without a
    length, under whoever had the month reconciled.
    """
    call = session.get_one(CarrierCall, sid, with_for_update=True)
    if worklog.of(session, source(sid)):
        return
    if call.ticket_id is None:
        call.ticket_id = _placed(session, dice, call, now).id
    ticket = session.get_one(Ticket, call.ticket_id)
    leg = next((one for one in carrier_call.legs(session, sid) if one.staff_id and one.seconds), None)
    whose, spoken = (leg, leg.seconds) if leg else (call, 0)
    staff_id = call.staff_id or (leg.staff_id if leg else None) or asked_by
    interval = Interval(whose.started_at, whose.started_at + timedelta(seconds=spoken))
    basis = board.rules(ticket.customer_id, _line(board, call), interval.start)
    stretch = Stretch(source(sid), ticket.id, staff_id, ticket.customer_id, interval, None)
    work = worklog.record(session, stretch, basis, now)
    worklog.leave_open(work, _why(session, call, leg))


def _was_placed(one: CarrierCall, now: datetime) -> bool:
    """By us, and so long ago that we should know of it."""
    return one.direction != INBOUND and one.started_at + timedelta(seconds=one.seconds) + STILL_COMING <= now


def _placed(session: Session, dice: Dice, call: CarrierCall, now: datetime) -> Ticket:
    subject = "Call that we placed and have no record of"
    ticket = open_ticket(session, dice=dice, at=now, subject=subject, automatic=FOUND)
    ticket.tell(CALL, f"the carrier lists a call of {_length(call.seconds)} that began at {_at(call.started_at)}", now)
    return ticket


def _why(session: Session, call: CarrierCall, leg: CarrierCall | None) -> str:
    whom = session.get(Staff, leg.staff_id) if leg else None
    spoke = f", {_length(leg.seconds)} of them with {whom.name}" if leg and whom else ""
    return (
        f"The carrier lists this call of {_length(call.seconds)}{spoke}, and we have no record of it, "
        "so billing staff decide."
    )


def _line(board: Switchboard, call: CarrierCall) -> LineSetUp:
    return next((one for one in board.lines.values() if one.id == call.line_id), next(iter(board.lines.values())))


def _length(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
