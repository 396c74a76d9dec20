"""The stage of a past: a second application with its own clock, a telephone network in a box, and a carrier's books.

Its database is a temporary SQLite file (mode 0600, deleted after) that no power cut has to leave whole. Its secret and
address are those of the installation, so that links and names in what was written open here later. What it mails goes
nowhere: a courier says that it has gone. Nothing leaves this machine.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import SecretStr
from sqlalchemy import event

import desk.models  # noqa: F401 - the whole metadata, to make the tables from
from desk import logs, mailing
from desk.answer import Done
from desk.db import Base, Database, SetUpVersion
from simulator.clock import Clock
from simulator.joined import Joined
from simulator.network import Network
from simulator.rest import create_rest, serve
from simulator.web import WsgiWeb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from flask import Flask
    from sqlalchemy.orm import Session

    import simulator.call
    from desk.settings import Settings
    from ivr.switchboard import Switchboard
    from tickets.reference import Dice

    MakeApp = Callable[[Settings, Callable[[], datetime], Dice], Flask]
    Tick = Callable[[Flask, str], None]

Result = TypeVar("Result")
ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a past's own token"  # noqa: S105 - it opens nothing but the stage that it is made for
COMES_IN, GOES_OUT = 0.01, 0.07  # dollars a minute
MAILBOX = "support@protea-it.example"
MAILS = {
    "mail_host": "127.0.0.1",
    "mail_from": f"Protea IT Support <{MAILBOX}>",
    "mail_tls": "none",
    "mail_in_addresses": MAILBOX,
}


class Posted(mailing.Mails):
    """Takes mails nowhere, and says that they have gone."""

    def send(self, item: Any, before: datetime) -> Done:
        """Nothing leaves."""
        return Done(self.message_id(item))


@dataclass
class Stage:
    """The second application, the network that rings it, and the carrier who keeps books of that."""

    app: Flask
    clock: Clock
    network: Network
    joined: Joined
    tick: Tick
    sounds: Path

    @property
    def database(self) -> Database:
        """Where the past is written."""
        return cast("Database", self.app.extensions["patient_database"])

    @property
    def board(self) -> Switchboard:
        """As the next call decides by it."""
        return cast("Switchboard", self.app.extensions["exchange"].renew())

    @property
    def line(self) -> str:
        """The number that people ring."""
        return next(iter(self.network.lines))

    def do(self, work: Callable[[Session], Result]) -> Result:
        """One transaction."""
        return self.database.write(work)

    def works(self, kind: str) -> None:
        """The worker does its jobs of that kind."""
        self.tick(self.app, kind)

    def book(self, call: simulator.call.Call) -> None:
        """The call is over: the carrier has told of it, and has it and its recordings in its books."""
        self.network.deliver_callbacks()
        self.joined.book(call)
        for leg in (call.leg, *call.children):
            if leg.answered and leg.ended:
                self.joined.account.calls[leg.sid].price = _price(leg.direction, leg.ended - leg.answered)
        for sid, sound in self.network.recordings.items():
            if sound.call_sid == call.sid:
                kept = self.joined.account.add_recording(call.sid, sound.seconds)
                self.joined.account.recordings[sid] = self.joined.account.recordings.pop(kept.sid)
                kept.sid = sid
        self.network.calls.pop(call.sid, None)


@contextmanager
def stage(settings: Settings, make_app: MakeApp, tick: Tick, at: datetime, seed: int) -> Iterator[Stage]:
    """A stage with tables and nothing in them; it is gone at the end of the block."""
    clock = Clock(at)
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="past-")))
        rest = create_rest(ACCOUNT, TOKEN, clock)
        held.enter_context(_no_proxy())
        base = held.enter_context(serve(rest))
        app = make_app(_own(settings, folder, base), clock, Random(seed))  # noqa: S311 - the same every time
        held.callback(_let_go, app, settings)
        _prepare(app)
        network = Network(WsgiWeb(app), clock, account_sid=ACCOUNT, auth_token=TOKEN, seed=seed)
        yield Stage(app, clock, network, Joined(rest.account, network), tick, folder / "sounds")


def connect(on: Stage) -> None:
    """Connect the numbers of the lines that are set up."""
    origin = on.app.extensions["settings"].public_url
    for number in on.board.lines:
        urls = [f"{origin}/voice/{name}" for name in ("incoming", "fallback", "status")]
        on.network.connect_number(number, *urls)
        on.joined.account.add_number(number)


def _price(direction: str, lasted: timedelta) -> str:
    """What the carrier takes for a call or leg, as it writes that: each begun minute, in dollars and negative."""
    minutes = -(-lasted // timedelta(minutes=1))
    return f"{-minutes * (COMES_IN if direction == 'inbound' else GOES_OUT):.4f}"


def _own(settings: Settings, folder: Path, carrier: str) -> Settings:
    path = folder / "past.db"
    path.touch(mode=0o600)
    return settings.model_copy(
        update={
            "database_url": f"sqlite:///{path}",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": SecretStr(TOKEN),
            "twilio_api": carrier,
            "recordings_dir": folder / "sounds",
            "recordings_s3": "",
            "heartbeat_url": SecretStr(""),
            "canary_url": "off",
            "mail_in_host": "",
            "log_level": "WARNING",
            **MAILS,
        }
    )


def _prepare(app: Flask) -> None:
    for name in ("database", "patient_database"):
        event.listen(app.extensions[name].engine, "connect", _hurry)
    with app.extensions["database"].writing() as session:
        Base.metadata.create_all(session.connection())
        session.add(SetUpVersion(id=1, version=1))


def _hurry(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _let_go(app: Flask, settings: Settings) -> None:
    logs.configure(settings)  # the stage is quieter than whoever has it made
    for name in ("database", "patient_database"):
        app.extensions[name].engine.dispose()


@contextmanager
def _no_proxy() -> Iterator[None]:
    """The carrier is on this machine, whatever proxy its environment names."""
    before = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = ",".join(filter(None, (before, "127.0.0.1")))
    try:
        yield
    finally:
        if before is None:
            del os.environ["NO_PROXY"]
        else:
            os.environ["NO_PROXY"] = before
