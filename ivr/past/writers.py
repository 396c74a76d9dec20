"""People who write: mails to the support address, answers to our letters, and the form for visitors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import select

from ivr.past.stage import MAILBOX
from tickets.mail import arrival, letter
from tickets.mail.arrival import Arrival, Way
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ivr.past.stage import Stage
    from ivr.past.words import Request

FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
BAD = {"high": "stopped", "normal": "partly", "low": "question"}
GREETING = "Good day\n\n{words}\n\nKind regards\n{name}\n"


@dataclass(frozen=True)
class Writer:
    """Whom mails come from."""

    name: str
    email: str


class Post:
    """What is written to us, in order: each mail has a name of its own, and each visitor an address of the network."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.numbers: Iterator[int] = count(1)

    def mail(self, writer: Writer, subject: str, words: str, answers: str | None = None) -> int | None:
        """Somebody writes a mail, perhaps as an answer to another; the ticket that it ends up on."""
        raw = self._written(writer, subject, words, answers)
        now = self.on.clock()
        stored = self.on.do(lambda session: arrival.store(session, raw, Way.IMAP, now)[0].id)
        self.on.works("between")
        with self.on.database.reading() as session:
            return session.get_one(Arrival, stored).ticket_id

    def answer(self, writer: Writer, ticket: int, words: str) -> None:
        """Somebody answers our newest letter about that ticket; without one they write its reference."""
        with self.on.database.reading() as session:
            found = session.get_one(Ticket, ticket)
            ours = [one.message_id for one in letter.written(session, ticket)]
            about = f"Re: {found.subject} [#{found.reference}]"
        self.mail(writer, about, words, ours[-1] if ours else None)

    def form(self, writer: Writer, request: Request, priority: str) -> int | None:
        """Somebody fills in the form for visitors; the newest ticket of that address."""
        client, place = self.on.app.test_client(), f"198.51.100.{1 + next(self.numbers) % 250}"
        here = {"environ_overrides": {"REMOTE_ADDR": place}}
        token = FORM_TOKEN.search(client.get("/help/new", **here).text)
        typed = {
            "form_token": token[1] if token else "",
            "what": f"{request.subject}\n{request.what}",
            "bad": BAD[priority],
            "name": writer.name,
            "email": writer.email,
            "key": f"past {next(self.numbers)}",
        }
        client.post("/help/new", data=typed, **here)
        self.on.works("between")
        with self.on.database.reading() as session:
            theirs = select(Ticket.id).where(Ticket.email == writer.email).order_by(Ticket.id.desc())
            return session.scalars(theirs.limit(1)).first()

    def _written(self, writer: Writer, subject: str, words: str, answers: str | None) -> bytes:
        mail, domain = EmailMessage(SMTP), writer.email.partition("@")[2]
        mail["From"], mail["To"] = f"{writer.name} <{writer.email}>", MAILBOX
        mail["Subject"], mail["Date"] = subject, format_datetime(self.on.clock())
        mail["Message-ID"] = f"<past-{next(self.numbers)}@{domain}>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(GREETING.format(words=words, name=writer.name.split()[0]))
        return mail.as_bytes()
