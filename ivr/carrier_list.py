"""The carrier's list of a day, stored without its numbers; what we have no record of gets its ticket with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ivr import carrier_call, discrepancies, unrecorded
from ivr.carrier_call import CarrierCall
from sla.hours import own_zone
from sla.interval import Interval
from sla.month import Month

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboards
    from oncall.paging import Listed, Telephone
    from tickets.reference import Dice

AT_ONCE = 100  # entries stored in one transaction


class Means(NamedTuple):
    """What the worker has."""

    database: Database
    boards: Switchboards
    telephone: Telephone | None
    dice: Dice
    clock: Callable[[], datetime]


def store(means: Means, month: str, calls: Sequence[Listed]) -> None:
    """Store what the carrier has listed, or renew it; twice, or by two workers, it comes to the same."""
    renew(means)
    for at in range(0, len(calls), AT_ONCE):
        means.database.write(partial(_store, means=means, month=month, calls=calls[at : at + AT_ONCE]))


def renew(means: Means) -> None:
    """Build the Switchboard anew here, if the set-up changed, and not while a transaction holds the lock."""
    with means.database.reading() as session:
        means.boards.current(session)


def _store(session: Session, means: Means, month: str, calls: Sequence[Listed]) -> None:
    board, now = means.boards.current(session), means.clock()
    heard_of, span = discrepancies.known(session, [one.sid for one in calls]), _ours(session, month)
    phones = {one.phone: one.id for one in board.engineers.values() if one.phone}
    rows = {row.sid: row for row in carrier_call.stored(session, {one.sid for one in calls}, held=True)}
    for one in calls:
        line = board.lines.get(one.to) or board.lines.get(one.from_)
        if line is None and one.sid not in heard_of:
            continue  # of another number of the same account
        row = rows.setdefault(one.sid, CarrierCall(sid=one.sid))  # a list that shifts between its pages has it twice
        row.first_cost = next((cost for cost in (row.first_cost, row.cost, one.cost) if cost is not None), None)
        row.parent, row.direction, row.status = one.parent, one.direction, one.status
        row.started_at, row.seconds, row.cost, row.unit = one.started_at, one.seconds, one.cost, one.unit
        row.line_id, row.staff_id, row.seen_at = line.id if line else None, phones.get(one.to), now
        session.add(row)
        if row.ticket_id is None and one.sid not in heard_of and unrecorded.is_a_call(board, one, span, now):
            row.ticket_id = unrecorded.open_ticket_for(session, board, means.dice, one, now).id


def _ours(session: Session, month: str) -> Interval:
    """The month, from our first call in it: what was rung before was not ours to answer."""
    whole = Month.named(month, own_zone(session)).span
    first = unrecorded.first_call(session) or whole.start
    return Interval(min(max(whole.start, first), whole.end), whole.end)
