"""What the carrier reports after the event: legs, the ends of calls, recordings; and the work that follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ivr import call as calls
from ivr import told
from ivr.call import TERMINAL, Call, Leg, Visit
from ivr.recordings import LONGEST, PAUSE, SILENT, Recording
from oncall import paging
from oncall.paging import Outcome, Page
from sla import worklog
from sla.calendar import Interval
from sla.worklog import Stretch
from tickets.ticket import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import Switchboard
    from sla.worklog import Work

MENU = timedelta(seconds=60)  # no menu lasts longer, silence included
KEY_LOST = "the key could not be stored"
NEVER_REPORTED = "The carrier never reported the end of this call, so billing staff decide."
CLOCKS_DISAGREE = "By the carrier's clock this call ended before it was taken by ours, so billing staff decide."


def leg(
    session: Session,
    board: Switchboard,
    call: Call,
    form: Mapping[str, str],
    page_id: int | None,
    now: datetime,
) -> None:
    """A dialled leg rings, was answered, or is over."""
    sid = form["CallSid"]
    found = session.get(Leg, sid)
    if found is None:
        found = Leg(sid=sid, call_sid=call.sid, page_id=page_id, status="", sequence=-1)
        session.add(found)
    status = form["CallStatus"]
    if not found.report(status, told.number(form, "SequenceNumber"), told.stamp(form, now)) or status not in TERMINAL:
        return
    page = session.get(Page, found.page_id) if found.page_id else None
    if page:
        page.close(calls.unaccepted(status), found.ended_at or now)
        settle(session, board, call, page, now)


def caller_left(session: Session, board: Switchboard, call: Call, at: datetime, now: datetime) -> None:
    """The caller's call is over: free whoever was rung for it, judge the work, let a silent stranger's ticket go."""
    if call.ended_at:
        return
    call.end(at)
    for page in paging.of_call(session, call.sid):
        if page.ended_at is None:
            page.close(Outcome.UNACCEPTED if page.leg_sid else Outcome.NO_ANSWER, at)
            page.reason = page.reason or ("the caller hung up" if not page.accepted_at else None)
        settle(session, board, call, page, now)
    last = _last_visit(session, call)
    call.ticket.tell("call", f"the call ended at {last.path[-1] if last else 'its start'}", now)
    pressed = any(visit.heard for visit in _visits(session, call))
    # Whoever stayed on longer than a menu lasts was heard by somebody, though it could not be stored.
    silent = not pressed and at - call.last_heard_at <= MENU
    if call.customer_id is None and silent and call.ticket.state == State.OPEN:
        call.ticket.abandon(now, "the caller hung up without pressing a key")


def lost(session: Session, board: Switchboard, call: Call, now: datetime) -> None:
    """No report of this call's end ever came: close it, and leave work of unknown length to billing staff."""
    accepted = [page for page in paging.of_call(session, call.sid) if page.accepted_at and page.bridged is not False]
    unknown = [page for page in accepted if not worklog.of(session, _source(page))]
    caller_left(session, board, call, call.last_heard_at, now)
    for page in unknown:
        page.ended_at = page.ended_at or now
        _leave_open(session, board, call, page, NEVER_REPORTED, now)


def recorded(session: Session, call: Call, form: Mapping[str, str], now: datetime) -> bool:
    """Keep what is known of a message; False if it is too short to hold one. Reported twice, told once."""
    url, seconds = form.get("RecordingUrl", ""), _spoken(form)
    sid = form.get("RecordingSid") or url.rpartition("/")[2]
    if not sid or seconds < SILENT:
        return False
    recording = session.get(Recording, sid)
    if recording is None:
        recording = Recording(sid=sid, call_sid=call.sid, ticket_id=call.ticket_id, taken_at=now, status="")
        call.ticket.tell("message", f"left a message of {seconds} s", now, recording=sid)
    recording.url, recording.seconds = url, seconds
    recording.status = form.get("RecordingStatus") or recording.status or "processing"
    session.add(recording)
    return True


def _spoken(form: Mapping[str, str]) -> int:
    """The seconds of a message; the first report also counts the silence that ended it (TWILIO.md §1.9)."""
    seconds = told.number(form, "RecordingDuration")
    ended_by_silence = not form.get("RecordingStatus") and not form.get("Digits") and seconds < LONGEST
    return seconds - PAUSE if ended_by_silence else seconds


def settle(session: Session, board: Switchboard, call: Call, page: Page, now: datetime) -> None:
    """Judge the work of a page by the evidence there is; better evidence later judges it again."""
    leg = session.get(Leg, page.leg_sid) if page.leg_sid else None
    interval = calls.bridge(page, leg, call)
    if interval:
        work = _record(session, board, call, page, interval, now)
        if page.reason == KEY_LOST:
            worklog.leave_open(work, "The key that took this call could not be stored, so billing staff decide.")
    elif calls.clocks_disagree(page, leg, call):
        _leave_open(session, board, call, page, CLOCKS_DISAGREE, now)
    elif worklog.of(session, _source(page)):
        # It was judged on evidence that has since been contradicted: no stretch is left of it.
        _record(session, board, call, page, _nothing(page, now), now)


def _leave_open(session: Session, board: Switchboard, call: Call, page: Page, why: str, now: datetime) -> None:
    worklog.leave_open(_record(session, board, call, page, _nothing(page, now), now), why)


def _nothing(page: Page, now: datetime) -> Interval:
    return Interval(page.accepted_at or now, page.accepted_at or now)


def _record(session: Session, board: Switchboard, call: Call, page: Page, interval: Interval, now: datetime) -> Work:
    rules = board.rules(call.customer_id, board.line(call.line_id), interval.start)
    stretch = Stretch(_source(page), page.ticket_id, page.staff_id, call.customer_id, interval, call.consent)
    return worklog.record(session, stretch, rules, now)


def _source(page: Page) -> str:
    return f"page {page.id}"


def ended(session: Session, board: Switchboard, call: Call, form: Mapping[str, str], now: datetime) -> None:
    """The number's status callback: the caller's call is over."""
    if form.get("CallStatus") in TERMINAL:
        caller_left(session, board, call, told.stamp(form, now), now)


def _visits(session: Session, call: Call) -> list[Visit]:
    return list(session.scalars(select(Visit).where(Visit.sid == call.sid).order_by(Visit.number)))


def _last_visit(session: Session, call: Call) -> Visit | None:
    visits = _visits(session, call)
    return visits[-1] if visits else None
