"""Calls that go on at this instant: who is on the line since when, what they hear, and whom we ring for them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from ivr.call import Call, Visit
from oncall.paging import LONGEST_BRIDGE, Page
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Live:
    """One call that goes on.

    `step` is what was spoken last, None before anything was; `ring` whoever is rung or talks in it. In a call that
    we placed it is the engineer who was rung, also about a ticket that nobody has.
    """

    call: Call
    step: str | None
    ring: Page | None

    @property
    def ours(self) -> bool:
        """Whether we rang, not the person outside."""
        return self.call.page_id is not None

    @property
    def talks(self) -> bool:
        """Whether an engineer has taken it."""
        return self.ring is not None and self.ring.accepted_at is not None


def calls(session: Session, now: datetime) -> list[Live]:
    """The calls that go on, the longest first.

    A call of whose end the carrier told nobody is not among them for ever: none lasts longer than the longest bridge
    after it was last heard of, and the worker asks the carrier much sooner.
    """
    heard = Call.last_heard_at > now - LONGEST_BRIDGE
    found = session.scalars(
        select(Call)
        .where(Call.ended_at.is_(None), heard)
        .options(joinedload(Call.ticket).joinedload(Ticket.customer))
        .order_by(Call.started_at, Call.sid)
    ).all()
    spoken, rings = _spoken(session, found), _rings(session, found)
    return [Live(call, spoken.get(call.sid), rings.get(call.sid)) for call in found]


def mark(calls: Sequence[Live]) -> str:
    """By which whoever has seen these calls tells whether anything about them has changed since."""
    seen = [(one.call.sid, one.call.ticket_id, one.step, one.ring.id if one.ring else None, one.talks) for one in calls]
    return sha256(repr(seen).encode()).hexdigest()[:16]


def _spoken(session: Session, calls: Sequence[Call]) -> Mapping[str, str]:
    """The step that each call's own leg heard last."""
    sids = [call.sid for call in calls]
    last = select(Visit.sid, func.max(Visit.number).label("number")).where(Visit.sid.in_(sids)).group_by(Visit.sid)
    newest = last.subquery()
    seen = select(Visit.sid, Visit.path).join(newest, and_(Visit.sid == newest.c.sid, Visit.number == newest.c.number))
    return {sid: path[-1] for sid, path in session.execute(seen) if path}


def _rings(session: Session, calls: Sequence[Call]) -> Mapping[str, Page]:
    open_pages = select(Page).where(Page.call_sid.in_([call.sid for call in calls]), Page.ended_at.is_(None))
    pages = session.scalars(open_pages.options(joinedload(Page.staff)).order_by(Page.id))
    return {page.call_sid: page for page in pages if page.call_sid}
