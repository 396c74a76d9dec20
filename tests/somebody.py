"""Somebody of whom much is kept: Sister Fatima Adams has called, left a message, written, and sent files by the web.

Sipho Khumalo of another company has done the same, and each is spoken of in what the other said. Everything that is
Fatima's alone bears a mark of hers, everything that is Sipho's one of his; so that nothing else has to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from cast import HARBOUR, KAROO
from conftest import LINE, network_of
from desk import outbox
from ivr.recordings import Recording
from mails.mail import file, parted, text
from post import Post
from simulator.script import play
from tickets import inbox
from tickets.event import Event
from tickets.mail.letter import Letter
from tickets.people import Contact
from tickets.privacy import asked, erasure, person
from tickets.privacy.asked import NotYet
from tickets.privacy.erasure import Tools
from tickets.privacy.gathering import SETTLES, UNDER_WAY
from tickets.public import passes
from tickets.public.passes import To
from tickets.ticket import Ticket
from visitor import FATIMA, SIPHO, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

NAME, SHORT = "Sister Fatima Adams", "Fatima Adams"
HER_NUMBER, SPELLED = KAROO, ("+27 82 555 0201", "082 555 0201", "(082) 555-0201", "0 8 2, 5 5 5, 0 2 0 1")
HERS, HIS = "mark-of-hers", "mark-of-his"  # in what each of them says
SOUND = b"\xff\xfbher voice"
HIS_FILE, HER_FILE = f"{HIS} at the door".encode(), f"{HERS} at the till".encode()


@dataclass
class World:
    """The application, and what has happened to it."""

    app: Flask
    clock: Clock

    @property
    def database(self) -> Database:
        return self.app.extensions["patient_database"]

    @cached_property
    def network(self) -> Network:
        return network_of(self.app, self.clock)

    @property
    def tools(self) -> Tools:
        return Tools(self.database, self.app.extensions["shelf"], self.clock)

    @property
    def post(self) -> Post:
        return Post(self.app, self.clock)

    def lived(self) -> World:
        """Everything that the head of this file tells, and all of it resolved."""
        self._calls()
        self._mails()
        self._web()
        self._words()
        self._letters()
        self.resolved()
        return self

    def merged(self) -> World:
        """Each has a ticket merged into one of the other's too, and says more there, with a file."""
        hers, his = self._opened(FATIMA, "a"), self._opened(SIPHO, "b")
        hers_too, his_too = self._opened(FATIMA, "c"), self._opened(SIPHO, "d")
        with self.database.writing() as session:
            for gone, stays in ((his, hers), (hers_too, his_too)):
                ticket_of(session, gone).merge_into(ticket_of(session, stays), self.clock(), "the same thing")
        self._says_more(his, SIPHO, "door.txt", HIS_FILE)
        self._says_more(hers_too, FATIMA, "till.txt", HER_FILE)
        self.resolved()
        return self

    def key(self) -> str:
        """By which she is asked for."""
        with self.database.reading() as session:
            return f"contact-{session.scalars(select(Contact.id).where(Contact.name == NAME)).one()}"

    def erased(self, who: Who, *keys: str, why: str = "She asked for it") -> int:
        """Asked for, and done to its end."""
        number = self.asked(who, *keys, why=why)
        self.goes_on(number)
        return number

    def goes_on(self, number: int) -> None:
        """To its end: once for what there is, and once more for what was under way when it began."""
        try:
            erasure.go_on(self.tools, number, lambda: False)
        except NotYet as error:
            if str(error) != UNDER_WAY:
                raise
            self.clock.advance(SETTLES.total_seconds())
            erasure.go_on(self.tools, number, lambda: False)

    def asked(self, who: Who, *keys: str, why: str = "She asked for it") -> int:
        secret = self.app.extensions["settings"].secret_key

        def work(session):
            whom = person.of(session, keys or (self.key(),))
            return asked.begin(session, whom, who, why, secret, self.clock()).id

        return self.database.write(work)

    def resolved(self) -> None:
        with self.database.writing() as session:
            for ticket in session.scalars(select(Ticket).where(Ticket.state != "resolved")):
                ticket.resolve(self.clock(), "done")

    def _calls(self) -> None:
        network = self.network
        for number in (KAROO, HARBOUR):
            network.in_order(["decline"])
            call = network.ring(number, LINE)
            call.press("2")
            if number == HARBOUR:
                call.press("1")
            call.speak(20, then="#")
            self.clock.advance(600)
        network.in_order("accept")
        play(network.ring(KAROO, LINE), ["2"])
        self.clock.advance(3600)
        with self.database.writing() as session:
            for one in session.scalars(select(Recording)):
                one.file, one.kept_at = f"{one.sid}.mp3", self.clock()
                self.app.extensions["shelf"].keep(one.file, SOUND)

    def _mails(self) -> None:
        about_her = f"{HIS}: please ask {SHORT}, {FATIMA} or 082 555 0201."
        self.post.comes(f"{HERS}: the server.\n", sender=f"{NAME} <{FATIMA}>", Subject=f"Server, {HERS}", mails=0)
        first = self.post.settled(
            parted(
                "mixed",
                text(f"{HERS}: a picture. I told Sipho Khumalo too.\n"),
                file(f"{HERS}.png"),
                From=f"{NAME} <{FATIMA}>",
                To="support@afterhours.example",
                Message_ID=f"<{HERS}@somewhere.example>",
            )
        )
        self.post.comes(about_her, sender=f"Sipho <{SIPHO}>", Subject=f"Ask {SHORT}", Message_ID="<his-1@x.example>")
        thread = {"In_Reply_To": f"<{HERS}@somewhere.example>", "Cc": FATIMA}
        self.post.comes(f"{HIS}: I saw that.", sender=f"Sipho <{SIPHO}>", Message_ID="<his-2@x.example>", **thread)
        hers_on_his = {"In_Reply_To": "<his-1@x.example>", "Message_ID": "<hers-2@x.example>"}
        self.post.comes(f"{HERS}: ask me.", sender=f"{NAME} <{FATIMA}>", **hers_on_his)
        assert first.ticket_id

    def _web(self) -> None:
        for address, name, mark in ((FATIMA, SHORT, HERS), (SIPHO, "Sipho Khumalo", HIS)):
            visitor = Visitor(self.app)
            files = [(f"{mark}.txt", f"{mark} {SHORT} 0825550201".encode())]
            visitor.opens(files, email=address, what=f"{mark} by the web", key=f"form {mark}", name=name)

    def _words(self) -> None:
        """What colleagues noted: on hers of him, on his of her."""
        with self.database.writing() as session:
            for ticket in session.scalars(select(Ticket)):
                ticket.tell(
                    "note", f"Ask {SHORT} ({SPELLED[2]}), or Sipho Khumalo on 082 555 0202, {SIPHO}", self.clock()
                )

    def _letters(self) -> None:
        """What each of them was written, with a link; of hers one is still in the outbox."""
        with self.database.writing() as session:
            for number, address in ((1, FATIMA), (2, SIPHO)):
                event = session.scalars(
                    select(Event).where(Event.text.startswith("wrote:")).order_by(Event.id).offset(number)
                ).first()
                facts = {"kind": "answer", "at": self.clock(), "automatic": False, "state": "sent"}
                letter = Letter(event_id=event.id, ticket_id=event.ticket_id, to=address, address=address, **facts)
                session.add(letter)
                session.flush()
                body = {"to": address, "subject": f"Yours, {address}", "body": "We look into it.", "letter": letter.id}
                outbox.post(session, f"letter {number}", "letter", body, self.clock())
                passes.make(session, event.ticket_id, To.READ, address, self.clock())

    def _opened(self, address: str, key: str) -> str:
        return Visitor(self.app).opens(email=address, what="the door and the till", key=f"form {key}", name="Me")

    def _says_more(self, reference: str, address: str, name: str, content: bytes) -> None:
        """Behind a link that was mailed."""
        with self.database.writing() as session:
            secret = passes.make(session, ticket_of(session, reference).id, To.READ, address, self.clock())
        visitor, link = Visitor(self.app), f"/help/ticket/{secret}"
        visitor.follows(link)
        answer = visitor.post(f"{link}/message", [(name, content)], words=f"{content.decode()}, by a link")
        assert answer.status_code == 303

    def ticked(self) -> None:
        from oncall.worker import tick

        with self.app.app_context():
            tick()
        self.clock.until(self.clock() + timedelta(seconds=2))


def ticket_of(session: Session, reference: str) -> Ticket:
    return session.scalars(inbox.by_reference(reference)).one()


def found(where: Iterable[tuple[str, bytes]], *marks: str) -> list[tuple[str, str]]:
    """In which of these bytes which of these words stand."""
    return [(name, mark) for name, content in where for mark in marks if mark.lower().encode() in content.lower()]


def files_in(folder: Path) -> list[tuple[str, bytes]]:
    """Every file there, with its bytes."""
    return [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
