"""Judging: the work that a call led to, by the evidence there is; better evidence later judges it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import outbox
from ivr import call as calls
from ivr.call import TERMINAL, Leg
from sla import worklog
from sla.interval import Interval
from sla.money.stretch import Stretch
from tickets import inbox
from tickets.event import CONSENT, WEB, Event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.call import Call
    from ivr.switchboard import Switchboard
    from oncall.paging import Page
    from sla.worklog import Work

EVIDENCE = "evidence"  # in the outbox: the carrier is asked how long they spoke (evidence.py)
LAST_REPORTS = timedelta(minutes=2)  # after the end of a call they should have come
PRESSED = {True: "pressed 1", False: "pressed 2", None: "pressed no key"}
ON_THE_WEB = {True: "accepted on the web page", False: "refused on the web page", None: "was told on the web page"}
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
    line = board.line(call.line_id)
    basis = board.rules(call.customer_id, line, interval.start)
    stretch = Stretch(
        source(page),
        page.ticket_id,
        page.staff_id,
        call.customer_id,
        interval,
        call.consent,
        _evidence(session, call, ZoneInfo(line.zone)),
        call.sid,
    )
    return worklog.record(session, stretch, basis, now)


def _evidence(session: Session, call: Call, zone: ZoneInfo) -> str:
    """How it is known what the caller answered to the overtime notice; empty if nobody asked them."""
    about = [Event.ticket_id.in_(inbox.whole(call.ticket)), Event.kind == CONSENT]
    if call.page_id is None:  # who is called back has answered before
        about.append(Event.at >= call.started_at)
    told = session.scalars(select(Event).where(*about).order_by(Event.id.desc()))
    found = next((event for event in told if event.detail.get("consent") is call.consent), None)
    if found is None:
        return ""
    web = found.detail.get("way") == WEB
    how = (ON_THE_WEB if web else PRESSED)[call.consent]
    return f"{how} at {found.at.astimezone(zone):%H:%M:%S}"
