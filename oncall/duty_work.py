"""What was offered and worked in a month: the rings of engineers, and their work through the line as call-outs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.staff import Staff
from oncall import rings
from oncall.credit import CallOut
from oncall.duty import Offer, stands_by
from oncall.paging import Outcome
from oncall.spans import span
from sla import reconciliation
from sla.overtime import State
from sla.worklog import Work
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.duty import Standby
    from oncall.paging import Page


def offers(session: Session, a: datetime, b: datetime, standby: Sequence[Standby]) -> Iterator[Offer]:
    """Yield every ring between two instants by which somebody was offered a call, in order."""
    for page, key, reference in rings.offered(session, a, b):
        outcome = page.outcome or (Outcome.ACCEPTED if page.accepted_at else "still ringing")
        yield Offer(key, page.rang_at, outcome, reference, stands_by(standby, key, page.rang_at), _note(page))


def call_outs(session: Session, a: datetime, b: datetime, now: datetime) -> dict[str, list[CallOut]]:
    """All work up to now that shares time with [a, b), by engineer."""
    back, found = {f"page {number}" for number in rings.asked_for(session, a, b)}, defaultdict(list)
    query = select(Work, Staff.key, Ticket.reference).join(Staff, Staff.id == Work.staff_id)
    query = query.join(Ticket, Ticket.id == Work.ticket_id).where(Work.ends >= a, Work.starts < min(now, b))
    for work, key, reference in session.execute(query.order_by(Work.starts, Work.id)):
        if reconciliation.is_nobodys(work):
            continue
        known = work.starts < work.ends or work.state != State.TO_CHECK
        done = span(work.starts, min(work.ends, max(now, work.starts)))
        found[key].append(CallOut(key, done, reference, work.source in back, known))
    return found


def _note(page: Page) -> str:
    if page.accepted_at and page.bridged is False:
        return "accepted, but the caller had left"
    return page.reason or ""
