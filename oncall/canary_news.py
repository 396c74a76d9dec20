"""News of the canary: when it does not come through, managers are told which link of the chain has failed.

That emergencies may reach nobody is told at once, also at night; that the worker is late, in the morning if it still
is. Once a day for as long as it lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from desk import outbox
from desk.outbox import State
from desk.staff import Role
from oncall import calling, notices, pursuit
from oncall.notices import Notice
from oncall.paging import Page
from oncall.wall import FOREVER
from sla.due import Due
from tickets import canary
from tickets.canary import Canary
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan

MISSED = timedelta(minutes=75)  # from one to the next
WORTH = timedelta(hours=12)
BY_HAND = "somebody took it by hand"


@dataclass(frozen=True)
class Trouble:
    """Why not all is well: since which canary, and whether emergencies may reach nobody."""

    since: Canary
    words: str
    broken: bool


def missing(session: Session, one: Canary) -> str | None:
    """The link at which a canary hangs, in words; None if it is through."""
    ticket = session.get_one(Ticket, one.ticket_id)
    pages = session.scalars(select(Page).where(Page.ticket_id == ticket.id).order_by(Page.id)).all()
    if ticket.owner is None and pursuit.is_wanted(ticket):
        return _unanswered(session, one, pages[-1]) if pages else "it was never paged"
    if ticket.owner is None or ticket.owner.key != canary.KEY:
        return BY_HAND
    if any(page.ended_at is None for page in pages):
        return "the end of its call was not stored"
    judged = session.scalar(select(Due.id).where(Due.ticket_id == ticket.id).limit(1))
    return None if judged and ticket.judged == ticket.moves else "its due times were not judged"


def _unanswered(session: Session, one: Canary, page: Page) -> str:
    row = outbox.of(session, calling.key(page))
    if row and row.attempts == 0:
        return "its page did not leave the outbox"
    if one.said or (row and row.state == State.DEAD):
        return one.said or (row and row.error) or ""
    return "the key that acknowledges it was not stored"


def trouble(session: Session, now: datetime) -> Trouble | None:
    """What the canaries say against all being well; nothing before the first was laid."""
    newest = next(iter(canary.newest(session)), None)
    if newest is None:
        return None
    if now - newest.laid_at > MISSED:
        return Trouble(newest, "none was laid", broken=True)
    through = session.scalar(select(func.max(Canary.id)).where(Canary.through())) or 0
    if newest.id == through:
        late = f"it was paged only after {newest.lag.total_seconds() / 60:.0f} min"
        return Trouble(newest, late, broken=False) if newest.is_late else None
    why = missing(session, newest) if newest.ticket_id and newest.is_overdue(now) else None
    failed = session.scalars(
        select(Canary).where(Canary.id > through, Canary.failed.is_not(None)).order_by(Canary.id)
    ).all()
    if why or failed:
        return Trouble(failed[0] if failed else newest, why or failed[-1].failed or "", broken=True)
    return None


def tell(session: Session, look: Look) -> None:
    """Tell every manager."""
    found = trouble(session, look.now)
    if found is None:
        return
    zone = ZoneInfo(look.house.zone)
    kind = "broken" if found.broken else "late"
    key = f"canary {kind} {found.since.id} {look.now.astimezone(zone):%Y-%m-%d}"
    begins = look.now if found.broken else FOREVER
    for reader in look.readers.values():
        if reader.staff.role == Role.MANAGER:
            about = {"kind": "canary", "broken": found.broken}
            until = look.now + WORTH
            notices.give(
                session, look, reader, f"{key} to {reader.staff.id}", _notice(found, zone), about, until, begins
            )


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether it is still so."""
    found = trouble(session, now)
    return found is not None and found.broken == about["broken"]


def _notice(found: Trouble, zone: ZoneInfo) -> Notice:
    laid = f"{found.since.laid_at.astimezone(zone):%H:%M}"
    if found.broken:
        words = f"emergencies may reach nobody: no canary has come through since {laid}: {found.words}."
        return Notice("emergencies may reach nobody", words, "/")
    return Notice("the worker is late", f"the worker is late with its work: the canary of {laid}: {found.words}.", "/")
