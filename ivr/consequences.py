"""What a rehearsed call led to, as a page tells it: who was rung and why, the work, what is due, what was sent.

All of it is read from the rehearsal's own database and network; there is nothing here that a real call does not leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import select

from ivr.call import Call
from oncall import paging
from simulator.layout import laid_out
from sla import due, worklog
from sla.due import Due
from tickets import inbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    import simulator.call
    from ivr.rehearsal import Rehearsal
    from simulator.webhooks import Exchange
    from tickets.ticket import Ticket


@dataclass(frozen=True)
class Ring:
    """One Page: who, since when, what came of it, and why it was this person's turn."""

    engineer: str
    at: datetime
    outcome: str | None
    why: str


@dataclass(frozen=True)
class Told:
    """One webhook: seconds into the call, of whose leg, what was asked and answered; `took` in milliseconds."""

    seconds: int
    side: str
    kind: str  # document or callback
    method: str
    path: str
    status: int | None
    took: float
    params: dict[str, str]
    answer: str
    faults: list[str]


def rings(session: Session, call_sid: str) -> list[Ring]:
    """Everybody who was rung or passed over, in order."""
    stored = session.get(Call, call_sid)
    events = stored.ticket.events if stored else []
    whys = {event.detail.get("page"): event.detail["why"] for event in events if "why" in event.detail}
    return [
        Ring(page.staff.name, page.rang_at, page.outcome, page.reason or whys.get(page.id, ""))
        for page in paging.of_call(session, call_sid)
    ]


def work(session: Session, call_sid: str) -> list[worklog.Work]:
    """The stretches of work that the call was."""
    pages = paging.of_call(session, call_sid)
    return [found for page in pages if (found := worklog.of(session, f"page {page.id}")) and found.ends > found.starts]


def owed(stage: Rehearsal, call: simulator.call.Call) -> Sequence[Due]:
    """By when its ticket needs what, judged at the instant that the call has reached."""
    book = stage.app.extensions["books"]
    with stage.database.writing() as session:
        if (ticket := _ticket(session, call.sid)) is None:
            return []
        due.renew(session, book.current(session), [ticket.id], stage.clock())
        number = ticket.id
    with stage.database.reading() as session:
        return session.scalars(select(Due).where(Due.ticket_id == number).order_by(Due.due, Due.id)).all()


def _ticket(session: Session, call_sid: str) -> Ticket | None:
    stored = session.get(Call, call_sid)
    return inbox.survivor(session, stored.ticket) if stored else None


def webhooks(call: simulator.call.Call) -> list[Told]:
    """Every webhook of the call, in the order in which they were sent."""
    return [_told(one, call) for one in call.requests]


def _told(one: Exchange, call: simulator.call.Call) -> Told:
    parts = urlsplit(one.url)
    return Told(
        seconds=round((one.at - call.leg.started).total_seconds()),
        side="engineer" if "ParentCallSid" in one.params else "caller",
        kind=one.hook.kind,
        method=one.hook.method,
        path=parts.path + (f"?{parts.query}" if parts.query else ""),
        status=one.status,
        took=one.took * 1000,
        params={name: value for name, value in one.params.items() if value},
        answer=laid_out(one.body),
        faults=one.faults,
    )


def report(stage: Rehearsal, call: simulator.call.Call) -> dict[str, Any]:
    """The whole call for a program, or to go with a report of a fault."""
    return {
        "from": call.leg.from_,
        "to": call.leg.to,
        "at": call.leg.started.isoformat(),
        "transcript": list(call.transcript),
        "webhooks": [vars(one) for one in webhooks(call)],
        "trouble": call.errors,
        "texts": stage.texts(),
        **stage.came_out(call),
    }
