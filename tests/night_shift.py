"""The night shift: tests have an emergency that nobody has, let the worker look, and do what engineers do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from cast import KAROO, NUMBERS
from conftest import LINE, ORIGIN, network_of
from desk.outbox import Outgoing
from desk.staff import Role, Staff
from ivr import shelf
from ivr.recordings import Recording
from oncall import paging
from oncall.paging import Outcome, Page
from oncall.pursuit import Pursuit
from oncall.roster import PolicyRecord
from oncall.worker import tick
from simulator.joined import Joined
from simulator.script import play
from sla.worklog import Work
from tickets import reference
from tickets.event import Event
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    import simulator.call
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest

NAMES = {number: name.split()[0].lower() for name, number in NUMBERS.items()}


@dataclass
class NightShift:
    """The application with its carrier, on a Sunday at 02:00."""

    app: Flask
    clock: Clock
    rest: Rest
    read: int = 0  # how many texts were looked at
    serial: count[int] = field(default_factory=count)

    @cached_property
    def database(self) -> Database:
        return self.app.extensions["database"]

    @cached_property
    def network(self) -> Network:
        return network_of(self.app, self.clock)

    @cached_property
    def joined(self) -> Joined:
        return Joined(self.rest.account, self.network)

    # What comes in

    def call(self, caller: str = KAROO, *keys: str) -> simulator.call.Call:
        """Somebody rings for help in the night, nobody takes it, and they leave a message."""
        self.network.in_order("no-answer")
        call = self.network.ring(caller, LINE)
        play(call, ["2", *keys])
        self.network.in_order(None)
        return call

    def mail(self, reference: str | None = None, subject: str = "Till down") -> int:
        """An emergency comes in by another way than the telephone."""

        def work(session: Session) -> int:
            dice = self.app.extensions["exchange"].dice
            made = open_ticket(session, dice=dice, at=self.clock(), subject=subject, priority=Priority.EMERGENCY)
            made.reference = reference or made.reference
            return made.id

        return self.database.write(work)

    # What the worker does

    def tick(self, after: float = 0, name: str = "worker") -> None:
        self.joined  # noqa: B018 - from now on what REST queues waits to be rung
        self.clock.advance(after)
        with self.app.app_context():
            tick(name)

    # What is given

    def occupy(self, *keys: str) -> None:
        """These are in a call."""

        def work(session: Session) -> None:
            for key in keys:
                staff = session.scalars(select(Staff).where(Staff.key == key)).one()
                about = {"ticket_id": self._another(session), "staff_id": staff.id, "call_sid": f"CA{key}"}
                paging.ring(session, **about, at=self.clock(), ring_seconds=600)

        self.database.write(work)

    def free(self, key: str) -> None:
        """They hang up."""

        def work(session: Session) -> None:
            page = session.scalars(select(Page).join(Staff).where(Staff.key == key, Page.ended_at.is_(None))).one()
            page.close(Outcome.NO_ANSWER, self.clock())

        self.database.write(work)

    def _another(self, session: Session) -> int:
        dice = self.app.extensions["exchange"].dice
        return open_ticket(session, dice=dice, at=self.clock(), subject="Another call").id

    def nobody_rings(self) -> None:
        """The policy names the standby engineers alone, and they have no telephones."""

        def work(session: Session) -> None:
            (policy,) = session.scalars(select(PolicyRecord))
            policy.steps = policy.steps[:2]
            for staff in session.scalars(select(Staff).where(Staff.role == Role.ENGINEER)):
                staff.phone = None

        self.database.write(work)

    def keep(self, sid: str, sound: bytes) -> None:
        """A message has been fetched from the carrier."""
        shelf.of(self.app.extensions["settings"]).keep(f"{sid}.mp3", sound)

        def work(session: Session) -> None:
            session.get_one(Recording, sid).file = f"{sid}.mp3"

        self.database.write(work)

    def forget_reference(self) -> None:
        """The carrier has the ring, and its answer was lost."""

        def work(session: Session) -> None:
            session.scalars(select(Outgoing).where(Outgoing.kind == "ring")).one().reference = None

        self.database.write(work)

    # What engineers do

    def ring(self) -> simulator.call.Call:
        """The telephone rings that was ordered last."""
        return self.joined.ring()

    def unanswered(self) -> str:
        """The telephone that was ordered rings out; whose it was."""
        call = self.ring()
        call.let_ring()
        return NAMES[call.leg.to]

    def write(self, who: str, words: str, sid: str | None = None) -> TestResponse:
        """Somebody sends a text to our number."""
        number = {name: number for number, name in NAMES.items()}.get(who, who)
        sid = sid or f"SM{next(self.serial):032x}"
        fields = {"MessageSid": sid, "AccountSid": "AC" + "a" * 32, "From": number, "To": LINE, "Body": words}
        token = self.app.extensions["settings"].twilio_auth_token.get_secret_value()
        signed = RequestValidator(token).compute_signature(ORIGIN + "/voice/texted", fields)
        return self.app.test_client().post("/voice/texted", data=fields, headers={"X-Twilio-Signature": signed})

    # What can be seen

    @property
    def ordered(self) -> list[str]:
        """Whom the carrier was asked to ring, in order."""
        asked = [one for one in self.rest.account.requests if one.method == "POST" and one.path.endswith("/Calls.json")]
        return [NAMES[one.form["To"][0]] for one in asked]

    def texts(self) -> list[tuple[str, str]]:
        """The texts since the last look: to whom, and what."""
        sent = list(self.rest.account.messages.values())[self.read :]
        self.read += len(sent)
        return [(NAMES.get(one.to, one.to), one.body) for one in sent]

    def link(self) -> str:
        """Where the newest text leads that has a link."""
        bodies = [one.body for one in self.rest.account.messages.values()]
        return next(found[1] for body in reversed(bodies) if (found := re.search(rf"{ORIGIN}(/have/\S+)", body)))

    def told(self, *kinds: str, ticket: int = 1) -> list[str]:
        with self.database.reading() as session:
            texts = select(Event.text).where(Event.ticket_id == ticket).order_by(Event.id)
            return list(session.scalars(texts.where(Event.kind.in_(kinds)) if kinds else texts))

    def ticket(self, number: int = 1) -> tuple[str, str | None]:
        """State, and who has it."""
        with self.database.reading() as session:
            found = session.get_one(Ticket, number)
            return found.state, found.owner.key if found.owner else None

    def code(self, number: int = 1) -> str:
        with self.database.reading() as session:
            return session.get_one(Ticket, number).reference[-3:]

    def printed(self, number: int = 1) -> str:
        with self.database.reading() as session:
            return reference.printed(session.get_one(Ticket, number).reference)

    def page(self, number: int = 1) -> str:
        """Where the ticket is on the pages."""
        return f"/tickets/{self.printed(number).replace('-', '')}"

    def seen(self, number: int = 1) -> str:
        """What a form of that page carries: the newest event."""
        with self.database.reading() as session:
            return str(session.scalar(select(func.max(Event.id)).where(Event.ticket_id == number)))

    def work(self) -> int:
        """How many stretches of work there are to bill."""
        with self.database.reading() as session:
            return len(session.scalars(select(Work)).all())

    def pages(self) -> list[tuple[str, str | None]]:
        """Who was paged, and what came of it."""
        with self.database.reading() as session:
            found = session.scalars(select(Page).where(Page.pursuit_id.is_not(None)).order_by(Page.id))
            return [(page.staff.key, page.outcome) for page in found]

    def pursuits(self) -> Sequence[Pursuit]:
        with self.database.reading() as session:
            return session.scalars(select(Pursuit).order_by(Pursuit.id)).all()

    def change(self, work: Callable[[Ticket, Staff], object], who: str = "thandi", number: int = 1) -> None:
        """A colleague does something to a ticket."""

        def change(session: Session) -> None:
            staff = session.scalars(select(Staff).where(Staff.key == who)).one()
            work(session.get_one(Ticket, number), staff)

        self.database.write(change)
