"""What the carrier reports after the event: legs, the ends of calls, recordings; and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers, outbox
from ivr import answers, judging, missed, outgoing, recordings, texts, told
from ivr import call as calls
from ivr.call import TERMINAL, CarrierStatus, Leg, Visit
from ivr.recordings import LONGEST, PAUSE, PROCESSING, SILENT, UNREPORTED, Recording
from oncall import calling, paging
from oncall.paging import Outcome, Page
from oncall.pursuit import Pursuit
from sla import worklog
from tickets import inbox
from tickets.event import CALL
from tickets.ticket import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.call import Call
    from ivr.switchboard import Switchboard
    from oncall.paging import Seen, Sound

MENU = timedelta(seconds=60)  # no menu lasts longer, silence included


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
    seconds = told.number(form, "CallDuration")
    if found.report(status, told.number(form, "SequenceNumber"), told.stamp(form, now), seconds):
        _free(session, board, call, found, now)


def joined(session: Session, call: Call, page: Page, seconds: int, now: datetime) -> None:
    """The Dial action says that the customer's leg has lasted so long; its own reports know better, if they come."""
    if page.leg_sid:
        leg = _leg(session, call, page.leg_sid, page.id)
        leg.believe(now - timedelta(seconds=seconds))
        answers.called_back(call, page, leg)


def leg_over(
    session: Session,
    board: Switchboard,
    call: Call,
    seen: Seen,
    now: datetime,
) -> None:
    """The carrier was asked, and says that a dialled leg is over."""
    page_id = call.page_id or _page_of(session, call, seen)
    found = _leg(session, call, seen.sid, page_id)
    if found.report(seen.status, found.sequence + 1, seen.ended_at or now, seen.seconds):
        _free(session, board, call, found, now)


def _page_of(session: Session, call: Call, seen: Seen) -> int | None:
    """The ring that a leg was: by its name, or else the first one of that number that has no leg yet."""
    leg_sid, to = seen.sid, seen.to
    pages = [page for page in paging.of_call(session, call.sid) if page.outcome != Outcome.SKIPPED]
    known = session.get(Leg, leg_sid)
    named = [page for page in pages if page.leg_sid == leg_sid or (known and known.page_id == page.id)]
    legs = session.scalars(select(Leg.page_id).where(Leg.call_sid == call.sid)).all()
    free = [page for page in pages if page.leg_sid is None and page.id not in legs and page.staff.phone == to]
    return next((page.id for page in [*named, *free]), None)


def _leg(session: Session, call: Call, sid: str, page_id: int | None) -> Leg:
    found = session.get(Leg, sid)
    if found is None:
        found = Leg(sid=sid, call_sid=call.sid, page_id=page_id, status="", sequence=-1)
        session.add(found)
        session.flush()
    return found


def _free(session: Session, board: Switchboard, call: Call, leg: Leg, now: datetime) -> None:
    page = session.get(Page, leg.page_id) if leg.page_id else None
    if page and call.page_id:
        answers.called_back(call, page, leg)
    if page and leg.status in TERMINAL:
        page.leg_sid = page.leg_sid or leg.sid
        page.close(calls.unaccepted(leg.status), leg.ended_at or now)
        judging.settle_told(session, board, call, page, now)
        if call.page_id and leg.answered_at is None:
            said = f"{page.staff.name} did not reach the customer: {leg.status}"
            call.ticket.tell("call back", said, now, page.staff, page=page.id)


def over(session: Session, board: Switchboard, call: Call, status: str, at: datetime, now: datetime) -> None:
    """A call is over, by the carrier's word or for want of one; said twice, done once."""
    if call.ended_at:
        return
    call.end(at)
    if call.page_id:
        _engineer_left(session, board, call, status, at, now)
    else:
        _caller_left(session, board, call, at, now)
        if not outgoing.hung_up(session, call, now):
            texts.send_reference(session, board, call, now)


def _engineer_left(session: Session, board: Switchboard, call: Call, status: str, at: datetime, now: datetime) -> None:
    """A call-back is over: free the engineer, and judge the work if the customer was reached."""
    page = session.get_one(Page, call.page_id)
    if page.call_sid != call.sid:
        return
    if page.pursuit_id:
        _page_over(call, page, calls.unaccepted(status), at, now)
        return
    if page.accepted_at is None:
        outcome = page.judged(calls.unaccepted(status))
        call.ticket.tell("call back", f"{page.staff.name}: {outcome}, so nobody was called back", now, page=page.id)
    page.close(calls.unaccepted(status), at)
    judging.settle_last(session, board, call, page, now)


def _page_over(call: Call, page: Page, outcome: Outcome, at: datetime, now: datetime) -> None:
    """Nobody is joined with anybody in such a call, so there is nothing to judge."""
    if page.accepted_at is None:
        why = f" ({page.reason})" if page.reason else ""
        call.ticket.tell("page", f"{page.staff.name}: {page.judged(outcome)}{why}", now, page=page.id)
    page.close(outcome, at)


def _caller_left(session: Session, board: Switchboard, call: Call, at: datetime, now: datetime) -> None:
    """Free whoever was rung for the caller, judge the work, let a silent stranger's ticket go."""
    for page in paging.of_call(session, call.sid):
        if page.ended_at is None:
            page.close(Outcome.UNACCEPTED if page.leg_sid else Outcome.NO_ANSWER, at)
            page.reason = page.reason or ("the caller hung up" if not page.accepted_at else None)
        judging.settle_last(session, board, call, page, now)
    last = _last_visit(session, call)
    call.ticket.tell(CALL, f"the call ended at {last.path[-1] if last else 'its start'}", now)
    pressed = any(visit.heard for visit in _visits(session, call))
    # Whoever stayed on longer than a menu lasts was heard by somebody, though it could not be stored.
    silent = not pressed and at - call.last_heard_at <= MENU
    if call.customer_id is None and silent and call.ticket.state == State.OPEN:
        call.ticket.abandon(now, "the caller hung up without pressing a key")
    missed.note(session, call)


def lost(session: Session, board: Switchboard, call: Call, now: datetime) -> None:
    """No report of this call's end ever came: close it, and leave work of unknown length to billing staff."""
    accepted = [page for page in paging.of_call(session, call.sid) if page.accepted_at and page.bridged is not False]
    unknown = [page for page in accepted if not worklog.of(session, judging.source(page))]
    over(session, board, call, CarrierStatus.COMPLETED, call.last_heard_at, now)
    for page in unknown:
        page.ended_at = page.ended_at or now
        judging.leave_open(session, board, call, page, judging.NEVER_REPORTED, now)


def recorded(session: Session, call: Call, form: Mapping[str, str], now: datetime) -> bool:
    """Keep what is known of a message; False if it is too short to hold one. Reported twice, told once."""
    url, seconds = form.get("RecordingUrl", ""), _spoken(form)
    sid = form.get("RecordingSid") or url.rpartition("/")[2]
    if not sid or seconds < SILENT:
        return False
    recording = session.get(Recording, sid)
    if recording is None:
        recording = Recording(sid=sid, call_sid=call.sid, ticket_id=call.ticket_id, taken_at=now, status="")
        goes_on = inbox.survivor(session, call.ticket)  # somebody may have merged it while they spoke
        goes_on.hear(f"left a message of {seconds} s", now, recording=sid, call=call.sid)
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
    if ticket:  # held: of two deliveries at the same moment the second has to see what the first told
        session.refresh(ticket, with_for_update=True)
    if ticket and all(event.detail.get("message") != sid for event in ticket.events):
        ticket.hear(f"wrote: {body}", now, message=sid)


def _spoken(form: Mapping[str, str]) -> int:
    """The seconds of a message; the first report also counts the silence that ended it (TWILIO.md §1.9)."""
    seconds = told.number(form, "RecordingDuration")
    ended_by_silence = not form.get("RecordingStatus") and not form.get("Digits") and seconds < LONGEST
    return seconds - PAUSE if ended_by_silence else seconds


def ended(session: Session, board: Switchboard, call: Call, form: Mapping[str, str], now: datetime) -> None:
    """The status callback of a number, or of a call that we placed: perhaps it is over, or need not go on."""
    if (status := form.get("CallStatus", "")) in TERMINAL:
        over(session, board, call, status, told.stamp(form, now), now)
    elif call.page_id:
        _hush(session, call, now)


def _hush(session: Session, call: Call, now: datetime) -> None:
    """Somebody took it in the moment in which this telephone was being rung for it."""
    page = session.get_one(Page, call.page_id)
    pursued = session.get(Pursuit, page.pursuit_id) if page.pursuit_id else None
    if pursued and pursued.ended_at and page.accepted_at is None:
        calling.hush(session, page, call.sid, now)


def _visits(session: Session, call: Call) -> list[Visit]:
    return list(session.scalars(select(Visit).where(Visit.sid == call.sid).order_by(Visit.number)))


def _last_visit(session: Session, call: Call) -> Visit | None:
    visits = _visits(session, call)
    return visits[-1] if visits else None
