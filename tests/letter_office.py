"""The office that writes to its customers: a ticket, what happens to it, and a real mail server that takes letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.staff import Staff
from oncall.worker import tick
from tickets.event import Event
from tickets.mail.letter import Letter
from tickets.people import Contact
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from mail_server import Taker
    from simulator.clock import Clock

SENDER = "Protea IT Support <line@protea-it.example>"
MAILBOX = "support@protea-it.example"
SIPHO = "sipho.khumalo@harbour-foods.example"
ANNA = "anna@elsewhere.example"  # nobody whom we know


def mailing_to(port: int) -> dict[str, Any]:
    """Settings of an office that has a mail server on that port."""
    server = {"mail_host": "127.0.0.1", "mail_port": port, "mail_from": SENDER, "mail_tls": "none"}
    return server | {"mail_in_addresses": MAILBOX}


@dataclass
class LetterOffice:
    """The application, its clock, and its mail server."""

    app: Flask
    clock: Clock
    taker: Taker
    dice: Random = field(default_factory=lambda: Random(5))

    @cached_property
    def database(self) -> Database:
        return self.app.extensions["database"]

    def opens(
        self, email: str | None = ANNA, words: str = "It beeps", *, contact: str | None = None, **detail: Any
    ) -> int:
        """A ticket comes in otherwise than by telephone, as whatever takes it in tells it."""

        def work(session: Session) -> int:
            at = self.clock()
            who = session.scalars(select(Contact).where(Contact.name == contact)).one() if contact else None
            known = {"contact_id": who.id, "customer_id": who.customer_id} if who else {}
            known["email"] = None if who else email
            made = open_ticket(session, dice=self.dice, at=at, subject="Till down", priority=Priority.NORMAL, **known)
            made.hear(f"wrote: {words}", at, **detail)
            return made.id

        return self.database.write(work)

    def does(self, number: int, verb: Callable[[Ticket, Staff], object], who: str = "thandi") -> None:
        """A colleague does something to a ticket."""

        def work(session: Session) -> None:
            staff = session.scalars(select(Staff).where(Staff.key == who)).one()
            verb(session.get_one(Ticket, number), staff)

        self.database.write(work)

    def tick(self, after: float = 0) -> None:
        """The worker looks, and delivers what it found."""
        self.clock.advance(after)
        with self.app.app_context():
            tick()
            tick()

    # What can be seen

    @property
    def mails(self) -> list[EmailMessage]:
        """The letters that the server took; colleagues get mails too."""
        return [mail for mail in self.taker.mails if mail["X-Loop"]]

    @property
    def newest(self) -> EmailMessage:
        return self.mails[-1]

    def text(self) -> str:
        """What the newest letter says."""
        return self._part("plain")

    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.newest.get_body((kind,))
        assert part
        return part.get_content().replace("\r\n", "\n")

    def letters(self, number: int | None = None) -> list[tuple[str, str, str | None]]:
        """What became of each: kind, state, why."""
        with self.database.reading() as session:
            query = select(Letter).order_by(Letter.id)
            query = query.where(Letter.ticket_id == number) if number else query
            return [(one.kind, one.state, one.why) for one in session.scalars(query)]

    def told(self, number: int, kind: str = "letter") -> list[str]:
        with self.database.reading() as session:
            texts = select(Event.text).where(Event.ticket_id == number, Event.kind == kind).order_by(Event.id)
            return list(session.scalars(texts))

    def printed(self, number: int) -> str:
        from tickets.reference import printed

        with self.database.reading() as session:
            return printed(session.get_one(Ticket, number).reference)

    def page(self, number: int) -> str:
        return f"/tickets/{self.printed(number).replace('-', '')}"
