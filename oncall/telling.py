"""Telling: everything that colleagues are told of by itself, of the rota and of tickets, one look after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall import canary_news, choices, findings, floods, handoffs, moves, overlooked, questions, reminders
from oncall.foresight import Foresight
from oncall.notices import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.notices import House
    from oncall.plan import Plan


def foresee(session: Session, house: House, plans: Mapping[str, Plan], now: datetime) -> Foresight:
    """Work out what the next look will need of these plans, which takes no lock; of a year only if somebody moves."""
    ahead = Foresight(plans, now)
    ahead.work_out("soon")
    if moves.may_tell(session, Look(house, plans, choices.readers(session, house.mails), now, ahead)):
        ahead.work_out("year")
    return ahead


def look(
    session: Session,
    house: House,
    plans: Mapping[str, Plan],
    now: datetime,
    ahead: Foresight | None = None,
    also: Iterable[Callable[[Session, Look], None]] = (),
) -> None:
    """Put into the outbox whatever somebody has to be told now; `plans` as a call reads them, `ahead` of the same.

    `also` are looks at what this package does not know of.
    """
    seen = Look(house, plans, choices.readers(session, house.mails), now, ahead or Foresight(plans, now))
    for each in (
        moves.tell,
        questions.ask,
        reminders.remind,
        handoffs.sum_up,
        findings.tell,
        overlooked.tell,
        canary_news.tell,
        floods.tell,
        *also,
    ):
        each(session, seen)
