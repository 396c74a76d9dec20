"""The sweep: of a call that has gone silent the carrier is asked what became of it, its legs and its messages.

Callbacks are best effort (TWILIO.md §1.2). What the carrier says is applied like the callback that never came: the
engineer is free again, and the work ends when the carrier says it did. A call at which something fails is postponed,
and the others have their turn.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update
from structlog.contextvars import bound_contextvars

from desk.answer import Failed, Refused
from ivr import reports
from ivr.call import TERMINAL, Call, unfinished
from ivr.told import LONGEST_CALL
from tickets import canary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboards
    from oncall.paging import Seen, Sound, Telephone

log = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)  # longer than a ring with its whisper, or any prompt
AGAIN = timedelta(minutes=5)  # between two questions about a call that goes on
SOON = timedelta(seconds=30)  # after a question that the carrier did not answer
AT_ONCE = 20  # calls asked about in one tick


def ask(
    database: Database,
    boards: Switchboards,
    telephone: Telephone,
    clock: Callable[[], datetime],
    stopped: Callable[[], bool],
) -> None:
    """Ask about every silent call, and apply the answers; a carrier that does not answer is left alone for a tick."""
    for _ in range(AT_ONCE):
        sid = None if stopped() else database.write(lambda session: _claim(session, clock()))
        if sid is None:
            return
        with bound_contextvars(call=sid):
            try:
                if not _ask_about(database, boards, telephone, sid, clock):
                    database.write(partial(_ask_soon, sid=sid, now=clock()))
                    return
            except Exception:
                log.exception("what became of call %s could not be stored", sid)


def _claim(session: Session, now: datetime) -> str | None:
    due = or_(Call.asked_at.is_(None), Call.asked_at <= now - AGAIN)
    silent = select(Call.sid).where(Call.ended_at.is_(None), Call.last_heard_at <= now - SILENCE, due)
    silent = silent.where(~Call.sid.startswith(canary.SID))  # of that the carrier has never heard
    for sid in session.scalars(silent.order_by(Call.last_heard_at).limit(AT_ONCE)).all():
        claim = update(Call).where(Call.sid == sid, due).values(asked_at=now)
        if session.execute(claim, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
            return sid
    return None


def _ask_soon(session: Session, sid: str, now: datetime) -> None:
    if call := session.get(Call, sid):
        call.asked_at = now - AGAIN + SOON


def _ask_about(
    database: Database, boards: Switchboards, telephone: Telephone, sid: str, clock: Callable[[], datetime]
) -> bool:
    """Whether the carrier answers."""
    call, legs = telephone.call(sid), telephone.legs(sid)
    if isinstance(call, Failed) or isinstance(legs, Failed):
        failed = call if isinstance(call, Failed) else legs
        log.warning("could not ask what became of call %s: %s", sid, getattr(failed, "why", ""))
        return isinstance(failed, Refused)  # that one question, and not all of them
    sounds = telephone.recordings(sid) if call.status in TERMINAL else None
    # Without its messages the call does not end yet: nobody would ask about them again.
    messages = None if isinstance(sounds, Failed) else sounds
    apply = partial(_apply, boards=boards, seen=call, legs=legs, messages=messages, now=clock())
    database.write(apply)
    return not isinstance(sounds, Failed)


def _apply(
    session: Session,
    boards: Switchboards,
    seen: Seen,
    legs: Sequence[Seen],
    messages: Sequence[Sound] | None,
    now: datetime,
) -> None:
    call, board = session.get(Call, seen.sid, with_for_update=True), boards.current(session)
    if call is None or call.ended_at:  # its callback has come after all
        return
    for leg in legs:
        if leg.status in TERMINAL:
            reports.leg_over(session, board, call, leg, now)
    if messages is None:
        return
    for message in messages:
        reports.found(session, call, message, now)
    log.warning("call %s was over at %s; its last callback never came", seen.sid, seen.ended_at)
    reports.over(session, board, call, seen.status, seen.ended_at or now, now)


def close_lost(database: Database, boards: Switchboards, now: datetime) -> None:
    """Close the calls that the carrier could not be asked about either, one by one."""
    with database.reading() as session:
        lost = [call.sid for call in unfinished(session, now - LONGEST_CALL)]
    for sid in lost:
        with bound_contextvars(call=sid):
            try:
                database.write(lambda session, sid=sid: _close(session, boards, sid, now))  # type: ignore[misc]
            except Exception:
                log.exception("call %s could not be closed", sid)


def _close(session: Session, boards: Switchboards, sid: str, now: datetime) -> None:
    call = session.get(Call, sid, with_for_update=True)
    if call and call.ended_at is None:
        log.warning("closed call %s: its end was never reported", sid)
        reports.lost(session, boards.current(session), call, now)
