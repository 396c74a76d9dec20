"""Judging: the work that a call led to, by the evidence there is; better evidence later judges it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import outbox
from ivr import call as calls
from ivr.call import TERMINAL, Leg
from sla import worklog
from sla.interval import Interval
from sla.stretch import Stretch

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.call import Call
    from ivr.switchboard import Switchboard
    from oncall.paging import Page
    from sla.worklog import Work

EVIDENCE = "evidence"  # in the outbox: the carrier is asked how long they spoke (evidence.py)
LAST_REPORTS = timedelta(minutes=2)  # after the end of a call they should have come
KEY_LOST = "the key could not be stored"
NEVER_REPORTED = "The carrier never reported the end of this call, so billing staff decide."
CLOCKS_DISAGREE = "By the carrier's clock this call ended before it was taken by ours, so billing staff decide."
UNSTORED_KEY = "The key that took this call could not be stored, so billing staff decide."


def settle(session: Session, board: Switchboard, call: Call, page: Page, now: datetime) -> None:
    """Judge the work of a page: of the talk with a caller who waited, or with somebody who was called back."""
    leg = _leg(session, page)
    interval = calls.talk(page, leg, call)
    if interval:
        work = _record(session, board, call, page, interval, now)
        if page.reason == KEY_LOST:
            worklog.leave_open(work, UNSTORED_KEY)
    elif calls.clocks_disagree(page, leg, call):
        leave_open(session, board, call, page, CLOCKS_DISAGREE, now)
    elif worklog.of(session, source(page)):
        # It was judged on evidence that has since been contradicted: no stretch is left of it.
        _record(session, board, call, page, _nothing(page, now), now)


def settle_last(session: Session, board: Switchboard, call: Call, page: Page, now: datetime) -> None:
    """The call is over: judge by what is known, and where the end of the leg is not, have the carrier asked."""
    settle(session, board, call, page, now)
    leg = _leg(session, page)
    if page.accepted_at is None or page.bridged is False or (leg and leg.status in TERMINAL):
        return
    if call.page_id and calls.talk(page, leg, call) is None:  # they may well have spoken with the customer
        leave_open(session, board, call, page, NEVER_REPORTED, now)
    outbox.post(session, _question(page), EVIDENCE, {"call": call.sid}, now, after=LAST_REPORTS)


def settle_told(session: Session, board: Switchboard, call: Call, page: Page, now: datetime) -> None:
    """The end of the leg has been reported: judge by it, and nobody need be asked any more."""
    settle(session, board, call, page, now)
    if page.accepted_at:
        outbox.withdraw(session, _question(page))


def leave_open(session: Session, board: Switchboard, call: Call, page: Page, why: str, now: datetime) -> None:
    """Something is missing that the verdict needs: billing staff decide."""
    worklog.leave_open(_record(session, board, call, page, _nothing(page, now), now), why)


def source(page: Page) -> str:
    """The name of a page's row in the worklog."""
    return f"page {page.id}"


def _question(page: Page) -> str:
    return f"{EVIDENCE} {source(page)}"


def _leg(session: Session, page: Page) -> Leg | None:
    """The leg that was dialled for a page, by its name or, where only its beginning was reported, by its page."""
    if page.leg_sid and (named := session.get(Leg, page.leg_sid)):
        return named
    return session.scalars(select(Leg).where(Leg.page_id == page.id)).first()


def _nothing(page: Page, now: datetime) -> Interval:
    return Interval(page.accepted_at or now, page.accepted_at or now)


def _record(session: Session, board: Switchboard, call: Call, page: Page, interval: Interval, now: datetime) -> Work:
    rules = board.rules(call.customer_id, board.line(call.line_id), interval.start)
    stretch = Stretch(source(page), page.ticket_id, page.staff_id, call.customer_id, interval, call.consent)
    return worklog.record(session, stretch, rules, now)
