"""A rehearsed call: the real application and a telephone network in a box, on a copy of the set-up.

The second application has its own clock, dice, carrier account and a temporary SQLite file (mode 0600, deleted
after), whatever the main database is; it holds the set-up and the open tickets of the caller, who may be an engineer,
never history. So no filter anywhere has to remember that a call was only rehearsed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from sqlalchemy import insert, select

import desk.models  # noqa: F401 - the whole metadata, to make the tables from
from desk import numbers
from desk.db import Base, Database, SetUp, SetUpVersion
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import playing
from ivr.call import Call
from oncall import calling, paging, texting
from simulator.clock import Clock
from simulator.network import Network
from simulator.web import WsgiWeb
from sla import worklog
from sla.overtime import Band, judge
from tickets import inbox
from tickets.event import Event
from tickets.people import Contact
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from flask import Flask
    from sqlalchemy.orm import Session

    import simulator.call
    from desk.settings import Settings
    from ivr.switchboard import Switchboards
    from tickets.reference import Dice

    MakeApp = Callable[[Settings, Callable[[], datetime], Dice], Flask]

ACCOUNT = "AC" + "0" * 32
TOKEN = "a rehearsal's own token"  # noqa: S105 - it opens nothing but the rehearsal it is made for
ORIGIN = "https://rehearsal.invalid"


class NothingToRehearse(LookupError):
    """The set-up has no line, or not the one that was called."""


class Rehearsals:
    """Makes rehearsals of the installation whose database and settings it holds."""

    def __init__(self, database: Database, settings: Settings, make_app: MakeApp) -> None:
        self.database, self.settings, self.make_app = database, settings, make_app

    @contextmanager
    def stage(self, caller: str, at: datetime, seed: int = 1) -> Iterator[Rehearsal]:
        """A stage for calls of that caller ID beginning at that instant; it is gone at the end of the block."""
        with TemporaryDirectory(prefix="rehearsal-") as folder:
            path = Path(folder, "copy.db")
            path.touch(mode=0o600)
            own = self.settings.model_copy(
                update={
                    "database_url": f"sqlite:///{path}",
                    "secret_key": SecretStr(f"{TOKEN} {seed}".ljust(32)),
                    "twilio_account_sid": ACCOUNT,
                    "twilio_auth_token": SecretStr(TOKEN),
                    "public_url": ORIGIN,
                }
            )
            clock = Clock(at)
            app = self.make_app(own, clock, Random(seed))  # noqa: S311 - references that a replay meets again
            copied: Database = app.extensions["database"]
            with self.database.reading() as source:
                _copy(source, copied, caller)
            try:
                yield Rehearsal(app, clock, seed)
            finally:
                copied.engine.dispose()


@dataclass
class Rehearsal:
    """A stage: the second application and the network that rings it."""

    app: Flask
    clock: Clock
    seed: int

    def __post_init__(self) -> None:
        self.database: Database = self.app.extensions["database"]
        with self.database.reading() as session:
            boards: Switchboards = self.app.extensions["exchange"].boards
            self.board = boards.current(session)
        if not self.board.lines:
            raise NothingToRehearse("No line is set up. `flask --app app desk demo` sets up the demo company.")
        names = {engineer.phone: engineer.name for engineer in self.board.engineers.values() if engineer.phone}
        self.network = Network(
            WsgiWeb(self.app),
            self.clock,
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            seed=self.seed,
            names=names,
            captions=playing.captions(self.app.extensions["addresses"], boards, self.clock),
        )
        for number in self.board.lines:
            self.network.connect_number(
                number, f"{ORIGIN}/voice/incoming", f"{ORIGIN}/voice/fallback", f"{ORIGIN}/voice/status"
            )

    def line(self, number: str | None) -> str:
        """The line of that number, or the only or first one; raises NothingToRehearse."""
        if number is None:
            return next(iter(self.board.lines))
        if number not in self.board.lines:
            raise NothingToRehearse(f"{number} is no line of ours, only {', '.join(self.board.lines)}.")
        return number

    def came_out(self, call: simulator.call.Call) -> dict[str, Any]:
        """What a call led to: ticket, who was rung, who was reached, consent and verdict."""
        with self.database.reading() as session:
            stored = session.get(Call, call.sid)
            if stored is None:
                return {
                    "ticket": None,
                    "rang": [],
                    "connected_to": None,
                    "consent": None,
                    "verdict": _verdict(None),
                }
            ticket = inbox.survivor(session, stored.ticket)
            pages = paging.of_call(session, call.sid)
            work = [found for page in pages if (found := worklog.of(session, f"page {page.id}"))]
            reached = session.get(Staff, work[-1].staff_id) if work and work[-1].ends > work[-1].starts else None
            return {
                "ticket": {"reference": ticket.reference, "priority": ticket.priority, "state": ticket.state},
                "rang": [{"engineer": page.staff.name, "outcome": page.outcome} for page in pages],
                "connected_to": reached.name if reached else None,
                "consent": stored.consent,
                "verdict": _verdict(work[-1] if work else None),
            }

    def texts(self) -> list[dict[str, str]]:
        """What the real line would text, and to whom; from here nothing is ever sent."""
        with self.database.reading() as session:
            rows = session.scalars(select(Outgoing).where(Outgoing.kind == texting.KIND).order_by(Outgoing.id))
            return [{"to": row.payload["to"], "text": row.payload["body"]} for row in rows]

    def rings(self) -> list[str]:
        """Whom the real line would ring of itself, to call somebody back; from here nobody is ever rung."""
        with self.database.reading() as session:
            rows = session.scalars(select(Outgoing).where(Outgoing.kind == calling.KIND).order_by(Outgoing.id))
            return [row.payload["to"] for row in rows]

    def timeline(self, call: simulator.call.Call) -> list[str]:
        """What the ticket says happened."""
        with self.database.reading() as session:
            stored = session.get(Call, call.sid)
            return [event.text for event in stored.ticket.events] if stored else []


def _verdict(work: worklog.Work | None) -> dict[str, Any]:
    if work is None:
        nothing = judge(dict.fromkeys(Band, 0), None, None)
        return {"state": nothing.state, "bands": dict.fromkeys(Band, 0), "explanation": nothing.explanation}
    bands = {band: getattr(work, f"{band}_seconds") for band in Band}
    return {"state": work.state, "bands": bands, "explanation": work.explanation}


def _copy(source: Session, copied: Database, caller: str) -> None:
    engine = copied.engine.execution_options(writes=True)
    with engine.begin() as target:
        Base.metadata.create_all(target)
        set_up = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, SetUp)}
        for table in Base.metadata.sorted_tables:
            if table in set_up and (rows := source.execute(select(table)).mappings().all()):
                target.execute(insert(table), [dict(row) for row in rows])
        version = source.scalars(select(SetUpVersion.version)).one()
        target.execute(insert(SetUpVersion), {"id": 1, "version": version})
        for kind, rows_of in (
            (Ticket, _open_tickets(source, caller)),
            (Event, _their_events(source, caller)),
        ):
            if rows_of:
                target.execute(insert(kind), rows_of)


def _open_tickets(source: Session, caller: str) -> list[dict[str, Any]]:
    number = numbers.caller(caller)
    customer_id = source.scalar(select(Contact.customer_id).where(Contact.phone == number)) if number else None
    tickets = [*source.scalars(inbox.unresolved_of(number, customer_id)), *_own_tickets(source, number)]
    tickets = list({ticket.id: ticket for ticket in tickets}.values())
    return [{column.key: getattr(one, column.key) for column in Ticket.__mapper__.column_attrs} for one in tickets]


def _own_tickets(source: Session, number: str | None) -> list[Ticket]:
    """What an engineer who rings the line may call back about."""
    owner = select(Staff.id).where(Staff.phone == number)
    return list(source.scalars(inbox.unresolved().where(Ticket.owner_id.in_(owner)))) if number else []


def _their_events(source: Session, caller: str) -> list[dict[str, Any]]:
    ids = [ticket["id"] for ticket in _open_tickets(source, caller)]
    events = source.scalars(select(Event).where(Event.ticket_id.in_(ids)))
    return [{column.key: getattr(one, column.key) for column in Event.__mapper__.column_attrs} for one in events]
