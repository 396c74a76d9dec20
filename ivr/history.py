"""History: what was done about a ticket by telephone, and the call-back that is under way, as a page tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from desk.staff import Staff
from ivr.call import Call, Leg
from oncall.paging import Page
from sla.worklog import Work

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.ticket import Ticket


class Stage(StrEnum):
    """How far a call-back has come: whose telephone rings, or both talk."""

    ENGINEER = "engineer"
    CUSTOMER = "customer"
    TALK = "talk"


@dataclass(frozen=True)
class Dealing:
    """One call about a ticket and everybody who was rung for it.

    Where it was us who rang: `called_back_by`, or whom we `paged`.
    """

    call: Call
    rings: Sequence[Page]
    called_back_by: str | None
    paged: str | None = None


@dataclass(frozen=True)
class UnderWay:
    """A call-back that goes on."""

    staff_id: int
    engineer: str
    phone: str
    since: datetime
    stage: Stage


def calls(session: Session, ticket: Ticket) -> list[Dealing]:
    """The calls that opened or concern a ticket, the oldest first."""
    about = select(Call).where(or_(Call.ticket_id == ticket.id, Call.opened_ticket_id == ticket.id))
    found = session.scalars(about.order_by(Call.started_at, Call.sid)).all()
    rung = select(Page).where(Page.call_sid.in_([call.sid for call in found])).options(joinedload(Page.staff))
    pages = session.scalars(rung.order_by(Page.id)).all()
    return [_dealing(call, [page for page in pages if page.call_sid == call.sid]) for call in found]


def _dealing(call: Call, pages: list[Page]) -> Dealing:
    ours = next((page for page in pages if page.id == call.page_id), None)
    if ours and ours.pursuit_id:
        return Dealing(call, pages, None, ours.staff.name)
    return Dealing(call, pages, ours.staff.name if ours else None)


def work(session: Session, ticket: Ticket) -> list[tuple[Work, str]]:
    """The stretches of work on a ticket with the name of whoever did them, the oldest first."""
    done = select(Work, Staff.name).join(Staff, Staff.id == Work.staff_id).where(Work.ticket_id == ticket.id)
    return [(row, name) for row, name in session.execute(done.order_by(Work.starts, Work.id))]


def under_way(session: Session, ticket: Ticket, now: datetime) -> list[UnderWay]:
    """The call-backs about a ticket that go on at this instant."""
    # A ring of our own placing has no call until the carrier speaks of it; one for a caller who waits has theirs.
    ours = or_(Page.call_sid.is_(None), Call.page_id == Page.id)
    goes_on = and_(Page.ticket_id == ticket.id, Page.ended_at.is_(None), Page.leased_until > now)
    asked_for = and_(ours, Page.pursuit_id.is_(None))
    pages = select(Page).outerjoin(Call, Call.sid == Page.call_sid).where(goes_on, asked_for)
    found = session.scalars(pages.options(joinedload(Page.staff)).order_by(Page.id))
    return [
        UnderWay(page.staff_id, page.staff.name, page.staff.phone or "", page.rang_at, _stage(session, page))
        for page in found
    ]


def _stage(session: Session, page: Page) -> Stage:
    if page.accepted_at is None:
        return Stage.ENGINEER
    talks = session.scalar(select(Leg.answered_at).where(Leg.page_id == page.id))
    return Stage.TALK if talks else Stage.CUSTOMER
