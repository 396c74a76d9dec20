"""The sweep: of a call that has gone silent the carrier is asked what became of it, its legs and its messages.

Callbacks are best effort (TWILIO.md §1.2). What the carrier says is applied like the callback that never came: the
engineer is free again, and the work ends when the carrier says it did.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from desk import logs
from desk.answer import Failed
from ivr import reports
from ivr.call import TERMINAL, Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboard, Switchboards
    from oncall.paging import Seen, Sound, Telephone

log = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)  # longer than a ring with its whisper, or any prompt
AGAIN = timedelta(minutes=5)  # between two questions about a call that goes on
AT_ONCE = 20  # calls asked about in one tick


def sweep(database: Database, boards: Switchboards, telephone: Telephone, now: datetime) -> None:
    """Ask about every silent call, and apply the answers."""
    for sid in database.write(lambda session: _claim(session, now)):
        logs.about(call=sid)
        call, legs = telephone.call(sid), telephone.legs(sid)
        if isinstance(call, Failed) or isinstance(legs, Failed):
            silent = call if isinstance(call, Failed) else legs
            log.warning("could not ask what became of call %s: %s", sid, getattr(silent, "why", ""))
            continue
        over = call.status in TERMINAL
        sounds = telephone.recordings(sid) if over else ()
        heard: Sequence[Sound] = () if isinstance(sounds, Failed) else sounds

        def apply(
            session: Session, call: Seen = call, legs: Sequence[Seen] = legs, heard: Sequence[Sound] = heard
        ) -> None:
            _apply(session, boards.current(session), call, legs, heard, now)

        database.write(apply)


def _claim(session: Session, now: datetime) -> list[str]:
    due = or_(Call.asked_at.is_(None), Call.asked_at <= now - AGAIN)
    silent = select(Call.sid).where(Call.ended_at.is_(None), Call.last_heard_at <= now - SILENCE, due)
    mine = []
    for sid in session.scalars(silent.order_by(Call.last_heard_at).limit(AT_ONCE)).all():
        claim = update(Call).where(Call.sid == sid, due).values(asked_at=now)
        if session.execute(claim, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
            mine.append(sid)
    return mine


def _apply(
    session: Session, board: Switchboard, seen: Seen, legs: Sequence[Seen], heard: Sequence[Sound], now: datetime
) -> None:
    call = session.get(Call, seen.sid, with_for_update=True)
    if call is None or call.ended_at:  # its callback has come after all
        return
    for leg in legs:
        if leg.status in TERMINAL:
            page = reports.page_of(session, call, leg.sid, leg.to)
            reports.leg_over(session, board, call, leg.sid, leg.status, page, leg.ended_at or now, now)
    for sound in heard:
        reports.found(session, call, sound, now)
    if seen.status in TERMINAL:
        log.warning("call %s was over at %s; its last callback never came", seen.sid, seen.ended_at)
        reports.caller_left(session, board, call, seen.ended_at or now, now)
