"""Messengers: take what waits for an endpoint out of the house, and write down every try.

The same id over all tries is what makes a message that arrives twice one message: after a try of which nobody knows
what came, it is simply sent again (Standard Webhooks, § Idempotency). A chat room knows no ids; there a message whose
answer was lost may be read twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from desk.answer import Done, Later, Pointless, Refused
from desk.hooks import happening, tries
from desk.hooks.endpoint import Endpoint, Way
from desk.hooks.happening import Attempt, Delivery, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from desk.db import Database
    from desk.hooks.posting import Said
    from desk.outbox import Outgoing
    from tickets.reference import Dice

GONE = 410  # HTTP: the receiver wants nothing any more (Standard Webhooks, § Deliverability)


class Hand(Protocol):
    """Brings one message to one endpoint."""

    def ready(self, session: Session, delivery: Delivery, now: datetime) -> Callable[[], Said] | str:
        """What sends it, with all that it needs read; or why nobody needs it any more."""


@dataclass(frozen=True)
class Messenger:
    """The courier of one way."""

    database: Database
    hand: Hand
    dice: Dice
    clock: Callable[[], datetime]

    def find(self, _: Outgoing) -> tuple[str, ...]:
        """Nobody can be asked what they have; and nobody has to be."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Bring it there, unless the endpoint rests, is off, or nobody needs it any more."""
        now = self.clock()
        with self.database.reading() as session:
            delivery = happening.of_row(session, item.key)
            if delivery is None:
                return Pointless("it is sent again already")
            rests = None if _is_test(delivery) else delivery.endpoint.rests_until
            ready = _pointless(delivery) or self._ready(session, delivery, rests, now)
        if isinstance(ready, Later):
            return ready
        if isinstance(ready, str):
            self.database.write(lambda session: _drop(session, item.key, now))
            return Pointless(ready)
        if now >= before:
            return Later("there was no time left for it")
        said = ready()
        return self.database.write(lambda session: self._note(session, item.key, said, now, self.clock()))

    def _ready(
        self, session: Session, delivery: Delivery, rests: datetime | None, now: datetime
    ) -> Callable[[], Said] | str | Later:
        if rests and now < rests:
            return Later("it rests after a failure", pause=rests - now)
        return self.hand.ready(session, delivery, now)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """What did not go in time has failed; of everything else the tries have been written down."""
        delivery = happening.of_row(session, item.key)
        if delivery and isinstance(answer, Refused):
            delivery.state, delivery.ended_at = State.FAILED, now

    def _note(self, session: Session, key: str, said: Said, at: datetime, now: datetime) -> Answer:
        delivery = happening.of_row(session, key)
        if delivery is None:
            return Pointless("it is sent again already")
        endpoint = session.get_one(Endpoint, delivery.endpoint_id, with_for_update=True)
        delivery.tries += 1
        session.add(
            Attempt(
                delivery_id=delivery.id,
                at=at,
                took_ms=round((now - at).total_seconds() * 1000),
                status=said.status,
                answer=said.answer,
                fault=said.fault,
            )
        )
        if said.is_taken:
            endpoint.reached(now)
            delivery.state, delivery.ended_at = State.DELIVERED, now
            return Done(key)
        endpoint.missed(now, said.why, gone=said.status == GONE)
        wait = tries.wait(Way(endpoint.way), delivery.tries, said.retry_after, self.dice)
        if wait is None:
            return Refused(said.why, said.status)
        return Later(said.why, said.status, pause=wait)


def _pointless(delivery: Delivery) -> str | None:
    if delivery.endpoint.removed_at:
        return "the endpoint was removed"
    return None if delivery.endpoint.is_on or _is_test(delivery) else "the endpoint is switched off"


def _is_test(delivery: Delivery) -> bool:
    return delivery.happening.type == "test"


def _drop(session: Session, key: str, now: datetime) -> None:
    if delivery := happening.of_row(session, key):
        delivery.state, delivery.ended_at = State.DROPPED, now
