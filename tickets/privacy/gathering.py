"""Gathering: what is theirs when an erasure begins is written down first, a few hundred at a time.

It is the first step and not part of asking for one: whoever is on the line waits for no list of thousands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from ivr.call import Call
from tickets.event import Event
from tickets.mail.arrival import Arrival, State
from tickets.privacy import belongings
from tickets.privacy.asked import CALL, EVENT, MAIL, TICKET, UNREAD, Item, NotYet
from tickets.privacy.pieces import ROWS, Found, Inside
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tickets.privacy.asked import Erasure

SETTLES = timedelta(minutes=5)  # a request, a webhook or the reading of a mail that began before is over by then
UNDER_WAY = "what was under way when it was asked for is waited for, for five minutes, and then looked for once more"
KINDS = (TICKET, CALL, MAIL, EVENT)


class Gathered(Inside):
    """Their tickets, calls, mails and events of the time before; `after` is a kind and the last of it."""

    name = "gathered"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """The next of one kind."""
        kind, last = erasure.after or (KINDS[0], None)
        query, key = _query(session, erasure, kind)
        if last is not None:
            query = query.where(key > last)
        found = list(session.scalars(query.order_by(key).limit(ROWS)))
        if len(found) == ROWS:
            return Found([(kind, one) for one in found], [kind, found[-1]])
        following = KINDS[KINDS.index(kind) + 1 :]
        return Found([(kind, one) for one in found], [following[0], None] if following else [])

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Written down; nobody counts that."""
        rows = [
            {"erasure_id": erasure.id, "kind": kind, "number": None if kind == CALL else one, "sid": None}
            | ({"sid": one} if kind == CALL else {})
            for kind, one in keys
        ]
        if rows:
            session.execute(insert(Item), rows)
        return 0


class Settled(Inside):
    """All that began before the erasure is written down: forms, calls, letters, and mails that came are read.

    Each has the instant at which it began, and is there for others to see only when its transaction is over.
    """

    name = "settled"

    def look(self, session: Session, erasure: Erasure, now: datetime) -> Found:
        """Nothing to do; raises NotYet until then."""
        if now < erasure.begun_at + SETTLES:
            raise NotYet(UNDER_WAY)
        unread = Arrival.state == State.STORED, Arrival.received_at <= erasure.begun_at
        if session.scalar(select(Arrival.id).where(*unread).limit(1)):
            raise NotYet(UNREAD)
        return Found()

    def do(self, session: Session, erasure: Erasure, keys: Sequence[Any], now: datetime) -> int:
        """Nothing."""
        return 0


def _query(session: Session, erasure: Erasure, kind: str) -> tuple[Select[Any], Any]:
    mine, begun = belongings.of(session, erasure.person), erasure.begun_at
    queries: dict[str, tuple[Select[Any], Any]] = {
        TICKET: (mine.tickets.where(Ticket.opened_at <= begun), Ticket.id),
        CALL: (mine.calls.where(Call.started_at <= begun), Call.sid),
        MAIL: (mine.arrivals.where(Arrival.received_at <= begun), Arrival.id),
        EVENT: (mine.events.where(Event.at <= begun), Event.id),
    }
    return queries[kind]
