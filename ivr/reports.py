"""What the carrier reports after the event: legs, the ends of calls, recordings; and the work that follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers, outbox
from ivr import call as calls
from ivr import recordings, texts, told
from ivr.call import TERMINAL, Call, Leg, Visit
from ivr.recordings import LONGEST, PAUSE, PROCESSING, SILENT, UNREPORTED, Recording
from oncall import paging
from oncall.paging import Outcome, Page
from sla import worklog
from sla.interval import Interval
from sla.worklog import Stretch
from tickets import inbox
from tickets.ticket import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import Switchboard
    from oncall.paging import Sound
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
    found, status = _leg(session, call, sid, page_id), form["CallStatus"]
    if found.report(status, told.number(form, "SequenceNumber"), told.stamp(form, now)):
        _free(session, board, call, found, now)


def leg_over(
    session: Session,
    board: Switchboard,
    call: Call,
    sid: str,
    status: str,
    page: Page | None,
    at: datetime,
    now: datetime,
) -> None:
    """The carrier was asked, and says that a dialled leg is over."""
    found = _leg(session, call, sid, page.id if page else None)
    if found.report(status, found.sequence + 1, at):
        _free(session, board, call, found, now)


def page_of(session: Session, call: Call, leg_sid: str, to: str) -> Page | None:
    """The ring that a leg was: by its name, or else the first one of that number that has no leg yet."""
    pages = [page for page in paging.of_call(session, call.sid) if page.outcome != Outcome.SKIPPED]
    known = session.get(Leg, leg_sid)
    named = [page for page in pages if page.leg_sid == leg_sid or (known and known.page_id == page.id)]
    legs = session.scalars(select(Leg.page_id).where(Leg.call_sid == call.sid)).all()
    free = [page for page in pages if page.leg_sid is None and page.id not in legs and page.staff.phone == to]
    return next(iter([*named, *free]), None)


def _leg(session: Session, call: Call, sid: str, page_id: int | None) -> Leg:
    found = session.get(Leg, sid)
    if found is None:
        found = Leg(sid=sid, call_sid=call.sid, page_id=page_id, status="", sequence=-1)
        session.add(found)
        session.flush()
    return found


def _free(session: Session, board: Switchboard, call: Call, leg: Leg, now: datetime) -> None:
    page = session.get(Page, leg.page_id) if leg.page_id and leg.status in TERMINAL else None
    if page:
        page.leg_sid = page.leg_sid or leg.sid
        page.close(calls.unaccepted(leg.status), leg.ended_at or now)
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
    texts.send_reference(session, board, call, now)


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
    recording.status = form.get("RecordingStatus") or recording.status or PROCESSING
    session.add(recording)
    _collect(session, recording, now)
    return True


def found(session: Session, call: Call, sound: Sound, now: datetime) -> None:
    """The carrier was asked, and has a message of this call that may never have been reported."""
    form = {"RecordingSid": sound.sid, "RecordingUrl": sound.url, "RecordingStatus": sound.status}
    recorded(session, call, form | {"RecordingDuration": str(sound.seconds)}, now)


def _collect(session: Session, recording: Recording, now: datetime) -> None:
    """Have it fetched when its file is ready, and after a while also if nobody ever says that it is."""
    ready = recording.status != PROCESSING
    row = outbox.post(
        session,
        f"recording {recording.sid}",
        recordings.KIND,
        {"sid": recording.sid},
        now,
        after=timedelta(0) if ready else UNREPORTED,
        lasts=timedelta(days=7),
    )
    if ready and row.attempts == 0:
        row.due_at = min(row.due_at, now)


def texted(session: Session, sender: str, body: str, sid: str, now: datetime) -> None:
    """Somebody wrote to one of our numbers: their newest open ticket has it, once however often it is delivered."""
    number = numbers.caller(sender)
    ticket = inbox.newest(session, inbox.unresolved_of(number, None)) if number else None
    if ticket and all(event.detail.get("message") != sid for event in ticket.events):
        ticket.tell("text", f"wrote: {body}", now, message=sid)


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
