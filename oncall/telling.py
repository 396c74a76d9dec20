"""Telling: everything that colleagues are told of by itself, of the rota and of tickets, one look after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall import choices, findings, handoffs, moves, overlooked, questions, reminders
from oncall.notices import Look

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.notices import House
    from oncall.plan import Plan


def look(session: Session, house: House, plans: Mapping[str, Plan], now: datetime) -> None:
    """Put into the outbox whatever somebody has to be told now; `plans` as a call reads them."""
    seen = Look(house, plans, choices.readers(session, house.mails), now)
    for each in (moves.tell, questions.ask, reminders.remind, handoffs.sum_up, findings.tell, overlooked.tell):
        each(session, seen)
