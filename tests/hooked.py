"""A house with webhooks: endpoints, what happens to tickets, and the worker's way to strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk import delivery, outbox
from desk.hooks import secrets
from desk.hooks.endpoint import Endpoint, Way
from desk.hooks.happening import Attempt, Delivery
from desk.hooks.types import CHOSEN
from desk.outbox import Lane, Outgoing
from desk.staff import Staff
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.clock import Clock

HERE = "127.0.0.0/8"


class Killed(BaseException):
    """A process ends in the middle, as after `kill -9`: nothing below the worker may catch it."""


class Dying:
    """A hand whose process ends just after the message has left it."""

    def __init__(self, hand: Any) -> None:
        self.hand = hand

    def ready(self, *what: Any) -> Callable[[], object]:
        send = self.hand.ready(*what)

        def then() -> object:
            send()
            raise Killed

        return then


class House:
    """One application, and who is told by it."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock, self.database = app, clock, app.extensions["database"]
        self.couriers = dict(app.extensions["couriers"])

    def endpoint(self, url: str, types: Any = CHOSEN, **more: Any) -> int:
        values = {"way": Way.WEBHOOK, "name": "Board", "full": False, "emergencies": False} | more
        with self.database.writing() as session:
            row = Endpoint(
                url=url,
                types=[str(one) for one in types],
                salt=secrets.salt(),
                made_at=self.clock(),
                made_by_id=session.scalars(select(Staff.id).where(Staff.key == "naledi")).one(),
                **values,
            )
            session.add(row)
            session.flush()
            return row.id

    def secret(self, number: int) -> str:
        with self.database.reading() as session:
            salt = session.get_one(Endpoint, number).salt
        made: str = self.app.extensions["hook_secrets"].of(salt)
        return made

    def ticket(self, **more: Any) -> int:
        with self.database.writing() as session:
            dice = self.app.extensions["exchange"].dice
            return open_ticket(session, dice=dice, at=self.clock(), subject="Printer", **more).id

    def do(self, number: int, verb: Callable[[Session, Ticket, Staff], object], who: str = "thandi") -> None:
        with self.database.writing() as session:
            staff = session.scalars(select(Staff).where(Staff.key == who)).one()
            verb(session, session.get_one(Ticket, number), staff)

    def deliver(self) -> bool:
        """What is due on the way to strangers, in one turn."""
        return delivery.deliver_some(self.database, self.couriers, "w", self.clock, lambda: False, Lane.STRANGERS)

    def deliver_for(self, span: timedelta, every: timedelta = timedelta(minutes=1)) -> None:
        until = self.clock() + span
        while self.clock() <= until:
            while self.deliver():
                pass
            self.clock.advance(int(every.total_seconds()))

    def rows(self) -> list[Outgoing]:
        query = select(Outgoing).where(Outgoing.kind.in_(outbox.TO_STRANGERS)).order_by(Outgoing.id)
        return self._all(query)

    def deliveries(self) -> list[Delivery]:
        return self._all(select(Delivery).order_by(Delivery.id))

    def attempts(self) -> list[Attempt]:
        return self._all(select(Attempt).order_by(Attempt.id))

    def get(self, number: int) -> Endpoint:
        with self.database.reading() as session:
            return session.get_one(Endpoint, number)

    def change(self, number: int, **values: Any) -> None:
        with self.database.writing() as session:
            row = session.get_one(Endpoint, number)
            for name, value in values.items():
                setattr(row, name, value)

    def _all(self, query: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(query))
