"""Delivery: how a row of the outbox leaves the house, at least once and, as far as anybody can tell, once only.

A worker claims a row for the length of a lease, commits, calls out, and writes the answer. The number of attempts is
the token of a claim: whoever wakes after another has taken over holds an old one, and neither sends nor overwrites.
After an attempt whose answer nobody knows, the other side is asked first, and what it has is not sent again.

One gap is left, for the carrier takes no key of ours: a worker that is stopped between its last look at the clock,
just before the bytes leave (ivr/wire.py), and their leaving, for longer than its lease, sends twice when it wakes.
Another is the carrier's: a text that it has taken but does not list within UNSURE_WAIT is taken for lost.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bound_contextvars

from desk.answer import Done, Later, Pointless, Refused, Unknown
from desk.outbox import CANARY, TO_STRANGERS, Lane, Outgoing, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.db import Database

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
SEND_WITHIN = timedelta(seconds=30)  # of the lease; what is left of it covers an answer that is slow to come
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
ASKED_LONGER = timedelta(days=1)  # than somebody waits for it: what may have gone is worth more than one question
MANY = 20  # questions without an answer: the carrier is away for longer
UNSURE_WAIT = timedelta(seconds=30)  # before the other side is asked: its lists may lag behind
ROWS_AT_ONCE, TURN = 20, timedelta(seconds=20)  # whichever is over first; then the worker's other jobs have theirs


class Courier(Protocol):
    """Takes one kind of row out of the house."""

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """What the other side has that looks like it, oldest first."""

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it over; not a byte of it may leave at `before` or later."""

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Note, in the transaction that closes the row, what came of it."""


def deliver_some(
    database: Database,
    couriers: Mapping[str, Courier],
    worker: str,
    clock: Callable[[], datetime],
    stopped: Callable[[], bool],
    lane: Lane = Lane.OURS,
) -> bool:
    """Take out of the house what is due on that lane, for one turn; whether there may be more."""
    over = clock() + TURN
    for _ in range(ROWS_AT_ONCE):
        if stopped() or not deliver(database, couriers, worker, clock, lane):
            return False
        if clock() >= over:
            break
    return True


def deliver(
    database: Database,
    couriers: Mapping[str, Courier],
    worker: str,
    clock: Callable[[], datetime],
    lane: Lane = Lane.OURS,
) -> bool:
    """Take one due row out of the house; False if there is none."""
    item = database.write(lambda session: _claim(session, worker, clock(), lane))
    if item is None:
        return False
    courier = couriers.get(item.kind)
    with bound_contextvars(row=item.id, effect=item.key, ticket=item.payload.get("ticket")):
        answer = _attempt(database, courier, item, clock)
        if answer:
            answer = _given_up(item, answer, clock()) or answer
            database.write(lambda session: _finish(session, courier, item, answer, clock()))
    return True


def _claim(session: Session, worker: str, now: datetime, lane: Lane) -> Outgoing | None:
    to_strangers = Outgoing.kind.in_(TO_STRANGERS)
    ours = to_strangers if lane is Lane.STRANGERS else ~to_strangers
    free = or_(
        and_(Outgoing.state == State.WAITING, Outgoing.due_at <= now),
        and_(Outgoing.state == State.SENDING, Outgoing.leased_until <= now),
    )
    # What loses its point first goes first: the ring of an emergency, and not the hundred warnings before it.
    order = Outgoing.kind == CANARY, Outgoing.expires_at, Outgoing.due_at, Outgoing.id
    for item in session.scalars(select(Outgoing).where(free, ours).order_by(*order).limit(5)).all():
        left = item.state == State.SENDING  # by somebody who was killed or stopped in the middle
        values = {"state": State.SENDING, "worker": worker, "attempts": item.attempts + 1, "leased_until": now + LEASE}
        unchanged = and_(free, Outgoing.attempts == item.attempts)
        if _change(session, item, unchanged, values | {"unsure": item.unsure or left}):
            session.refresh(item)
            return item
    return None


def _attempt(
    database: Database, courier: Courier | None, item: Outgoing, clock: Callable[[], datetime]
) -> Answer | None:
    """The answer of calling out; None if somebody else has taken over."""
    try:
        if item.reference:  # it was reported on before the worker that sent it could write that down
            return Done(item.reference)
        if courier is None:
            return Later(f"nothing here delivers a {item.kind}")
        if item.unsure:
            seen = courier.find(item)
            if not isinstance(seen, tuple):
                return Unknown(seen.why)
            if found := database.write(lambda session: _not_another_s(session, item, seen)):
                return Done(found)
        now = clock()
        if now >= item.expires_at:
            return Refused(f"it did not go in time: {item.error or 'no worker had come to it'}")
        return courier.send(item, now + SEND_WITHIN) if _renew(database, item, now) else None
    except Exception as error:
        log.exception("row %s of the outbox failed", item.id)
        return Unknown(f"{type(error).__name__} here: {error}")


def _given_up(item: Outgoing, answer: Answer, now: datetime) -> Refused | None:
    """The end of what cannot even be tried: a row that fails for ever has to come before a person's eyes."""
    if isinstance(answer, Later) and now >= item.expires_at:
        return Refused(f"it did not go in time: {answer.why}")
    if isinstance(answer, Unknown) and now >= item.expires_at + ASKED_LONGER:
        return Refused(f"nobody can say whether it went: {answer.why}")
    return None


def _renew(database: Database, item: Outgoing, now: datetime) -> bool:
    """Whether the claim still holds; if so, it is as good as new."""
    values = {"leased_until": now + LEASE}
    return database.write(lambda session: _change(session, item, _held(item, now), values))


def _not_another_s(session: Session, item: Outgoing, seen: tuple[str, ...]) -> str | None:
    known = select(Outgoing.reference).where(Outgoing.reference.in_(seen), Outgoing.id != item.id)
    taken = set(session.scalars(known))
    return next((reference for reference in seen if reference not in taken), None)


def _finish(session: Session, courier: Courier | None, item: Outgoing, answer: Answer, now: datetime) -> None:
    if isinstance(answer, Done) and not _not_another_s(session, item, (answer.reference,)):
        # A row with the same words looked for its own while this one was being sent, and found it. One of the two
        # is still missing, and they are as good as each other.
        answer = Unknown("what was sent was taken for that of another row")
    # What went out has gone out, whoever holds the row by now; everything else is the holder's to say.
    mine = Outgoing.state != State.SENT if isinstance(answer, Done) else _held(item)
    changed = _change(session, item, mine, _values(item, answer, now))
    if changed and courier and isinstance(answer, Done | Refused):
        _settle(session, courier, item, answer, now)


def _settle(session: Session, courier: Courier, item: Outgoing, answer: Done | Refused, now: datetime) -> None:
    try:
        with session.begin_nested():
            courier.settled(session, item, answer, now)
    except DBAPIError:  # another transaction was first, or there is no database: begin again
        raise
    except Exception:  # a row that cannot be told of has gone out, or is dead, all the same
        log.exception("what came of row %s of the outbox could not be noted", item.id)


def _values(item: Outgoing, answer: Answer, now: datetime) -> dict[str, Any]:
    if isinstance(answer, Done):
        return {"state": State.SENT, "reference": answer.reference, "sent_at": now, "error": None}
    if isinstance(answer, Refused):
        return {"state": State.DEAD, "error": answer.why}
    if isinstance(answer, Pointless):
        return {"state": State.DROPPED, "error": answer.why}
    again = {"state": State.WAITING, "error": answer.why}
    if isinstance(answer, Unknown):  # to ask costs little, and somebody may be waiting for what was never sent
        wait = UNSURE_WAIT if item.attempts < MANY else LONGEST_WAIT
        return again | {"unsure": True, "due_at": now + wait}
    wait = min(FIRST_WAIT * 2 ** min(item.attempts - 1, 10), LONGEST_WAIT)
    return again | {"due_at": now + max(wait, answer.pause or wait)}


def _held(item: Outgoing, now: datetime | None = None) -> Any:
    mine = and_(Outgoing.state == State.SENDING, Outgoing.attempts == item.attempts)
    return and_(mine, Outgoing.leased_until > now) if now else mine


def _change(session: Session, item: Outgoing, only_if: Any, values: dict[str, Any]) -> bool:
    """Change a row if it still is as one believes."""
    change = update(Outgoing).where(Outgoing.id == item.id, only_if).values(values)
    result = session.execute(change, execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]
