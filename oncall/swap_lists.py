"""The swaps of everybody, sorted by what whoever looks has to do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from oncall import agreement
from oncall.swap import State, Swap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from oncall.plan import Plan

LATELY = 20  # settled requests on the page


class Requests(NamedTuple):
    """The requests as whoever looks has to do with them."""

    to_answer: Sequence[Swap]
    mine: Sequence[Swap]
    agreed: Sequence[Swap]
    others: Sequence[Swap]
    settled: Sequence[Swap]


def of(session: Session, me: Staff | None, now: datetime, plans: Mapping[str, Plan], *, is_manager: bool) -> Requests:
    """The requests for whoever looks; a manager sees those of others, too."""
    mine = agreement.concerning(session, me, now, plans) if me else []
    newest = session.scalars(select(Swap).order_by(Swap.id.desc()).limit(10 * LATELY)).all()
    number = me.id if me else None
    asked = [one for one in mine if one.state == State.ASKED]
    known = {one.id for one in mine}
    others = [one for one in newest if one.state == State.ASKED and one.id not in known]
    theirs = [one for one in newest if is_manager or number in (one.owner_id, one.to_id, one.taker_id)]
    return Requests(
        [one for one in asked if one.owner_id != number and number not in one.declined],
        [one for one in asked if one.owner_id == number],
        [one for one in mine if one.state == State.ACCEPTED],
        others if is_manager else [],
        [one for one in theirs if one.state != State.ASKED and one.id not in known][:LATELY],
    )
