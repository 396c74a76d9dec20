"""The post of the tests: mails are stored and settled as the worker does it, and what came of them is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from mails.mail import letter
from tickets.event import Event
from tickets.mail import arrival, intake
from tickets.mail.arrival import Arrival, Way
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
    from tickets.mail.intake import Intake
    from tickets.mail.names import Names

OURS = "support@afterhours.example"
SIPHO, FATIMA, ANNA = (
    "sipho.khumalo@harbour-foods.example",
    "fatima.adams@karoo-clinic.example",
    "anna.fourie@mill-lane-books.example",
)
STRANGER = "nomsa@stranger.example"


@dataclass
class Post:
    """Mails come in, and a worker settles them."""

    app: Flask
    clock: Clock
    mails: int = 0

    @property
    def database(self) -> Database:
        return self.app.extensions["patient_database"]

    @cached_property
    def intake(self) -> Intake:
        return self.app.extensions["intake"]

    @property
    def names(self) -> Names:
        return self.intake.house.names

    def store(self, raw: bytes, way: Way = Way.IMAP, **more: object) -> int:
        """It is taken, and nobody has read it yet."""
        return self.database.write(lambda session: arrival.store(session, raw, way, self.clock(), **more)[0].id)

    def settle(self) -> None:
        """A worker comes to everything that waits."""
        while intake.take_some(self.intake, lambda: False):
            pass

    def comes(self, body: str = "The till does not open.\n", sender: str = SIPHO, **headers: object) -> Arrival:
        """Somebody writes to us, and a worker has read it."""
        self.mails += 1
        said = {"From": sender, "To": OURS, "Message-ID": f"<mail-{self.mails}@somewhere.example>", **headers}
        return self.settled(letter(body, **said))

    def settled(self, raw: bytes, **more: object) -> Arrival:
        """The same for a mail of one's own."""
        number = self.store(raw, **more)
        self.settle()
        return self.arrival(number)

    def arrival(self, number: int) -> Arrival:
        with self.database.reading() as session:
            return session.get_one(Arrival, number)

    def ticket(self, number: int | None) -> Ticket:
        assert number is not None
        with self.database.reading() as session:
            ticket = session.get_one(Ticket, number)
            assert ticket.customer is None or ticket.customer.name
            assert ticket.contact is None or ticket.contact.name
            return ticket

    def ticket_of(self, mail: Arrival) -> Ticket:
        return self.ticket(mail.ticket_id)

    def told(self, number: int | None, *kinds: str) -> list[tuple[str, str]]:
        """What stands on a ticket, as (kind, words)."""
        with self.database.reading() as session:
            told = select(Event).where(Event.ticket_id == number).order_by(Event.id)
            return [(one.kind, one.text) for one in session.scalars(told) if not kinds or one.kind in kinds]

    def tickets(self) -> int:
        """How many there are."""
        with self.database.reading() as session:
            return len(session.scalars(select(Ticket.id)).all())
