"""Two workers, real processes: one is stopped in the middle of a send, and wakes when the other has taken over.

Where it is stopped is known, for it waits for the carrier there: in its answer, or in the TLS handshake before a byte
of the request has left. The minute passes on a clock that both go by.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest
import trustme
from sqlalchemy import select

from cast import THANDI
from conftest import LINE
from desk.delivery import LEASE
from desk.outbox import Outgoing, State
from held_clock import hold
from oncall import texting
from served import ROOT, secrets, wait_until
from simulator.rest_faults import Fault
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.rest import Rest

LONG = 60  # seconds; nothing here waits for so long unless it has failed


class Hanging:
    """The point in the carrier where the first request hangs until it may go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = Event(), Event()

    def hang(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            self.go_on.wait(LONG)


class Workers:
    """Workers as processes of their own; all of them go by the test's clock."""

    def __init__(self, app: Flask, clock: Clock, folder: Path, stack: ExitStack) -> None:
        self.clock, self.file, self.stack, self.folder = clock, folder / "clock", stack, folder
        hold(self.file, clock())
        settings = app.extensions["settings"]
        self.environment = {**os.environ, **secrets(settings), "CLOCK_FILE": str(self.file), "NO_PROXY": "127.0.0.1"}
        self.environment["TWILIO_API"] = settings.twilio_api

    def pass_(self, time: timedelta) -> None:
        self.clock.advance(time.total_seconds())
        hold(self.file, self.clock())

    def start(self) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.folder / "workers.log").open("ab"))
        command = [sys.executable, "-m", "flask", "--app", "tests/held_clock.py", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)  # noqa: S603
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture
def workers(app: Flask, rest: Rest, clock: Clock, tmp_path: Path) -> Iterator[Workers]:
    with ExitStack() as stack:
        yield Workers(app, clock, tmp_path, stack)


@contextmanager
def tls_before(rest: Rest, hanging: Hanging, context: ssl.SSLContext) -> Iterator[str]:
    """The carrier behind TLS, whose first handshake hangs."""
    carrier = urlsplit(rest.config["BASE"])

    def serve(connection: socket.socket) -> None:
        hanging.hang()
        try:
            secure = context.wrap_socket(connection, server_side=True)
            with secure, socket.create_connection((carrier.hostname, carrier.port)) as inside:
                back = Thread(target=pump, args=(inside, secure), daemon=True)
                back.start()
                pump(secure, inside)
                back.join(LONG)
        except OSError:  # whoever was connected has gone
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                Thread(target=serve, args=(connection,), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # one of the two has gone
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


def post(app: Flask) -> None:
    now, dice = app.extensions["clock"](), app.extensions["exchange"].dice

    def work(session: Session) -> None:
        ticket = open_ticket(session, dice=dice, at=now, subject="Printer")
        texting.post(session, "one", "the reference", ticket, THANDI, LINE, "Ticket.", now, timedelta(hours=1))

    app.extensions["database"].write(work)


def row(database: Database) -> Outgoing:
    with database.reading() as session:
        return session.scalars(select(Outgoing)).one()


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, "the stop")


def wake_and_end(process: subprocess.Popen[bytes]) -> None:
    """Wake it; it finishes what it has in hand, and ends well."""
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONG) == 0


def one_stopped(workers: Workers, hanging: Hanging, database: Database, meanwhile: Callable[[], None]) -> None:
    """The first worker is stopped where it hangs; the second one has sent when the first one wakes."""
    first = workers.start()
    assert hanging.reached.wait(LONG), "the first worker sends"
    stop(first)
    meanwhile()
    workers.pass_(LEASE)
    second = workers.start()
    wait_until(lambda: row(database).state == State.SENT, "the second worker", LONG)
    assert row(database).worker.endswith(f" {second.pid}")
    hanging.go_on.set()
    wake_and_end(first)
    wake_and_end(second)


@pytest.mark.parametrize("fault", [None, Fault.DROPPED, Fault.DROPPED_AFTER], ids=["answered", "lost", "answer lost"])
def test_a_worker_stopped_while_the_carrier_answers(
    app: Flask, rest: Rest, workers: Workers, database: Database, fault: Fault | None
):
    """Whatever became of its request: the other one asks, and sends only what is not there."""
    hanging = Hanging()
    rest.faults.next(fault)
    rest.faults.stall = lambda method, path, accepted: hanging.hang()
    post(app)

    def carried_out() -> None:
        hanging.go_on.set()
        wait_until(lambda: fault is Fault.DROPPED or rest.account.messages, "the carrier")

    one_stopped(workers, hanging, database, carried_out)
    settled_once(rest, database, app)
    creates = sum(note.method == "POST" for note in rest.account.requests)
    assert creates == (2 if fault is Fault.DROPPED else 1)


def test_a_worker_stopped_before_anything_has_left(
    app: Flask, rest: Rest, workers: Workers, database: Database, tmp_path: Path
):
    """It wakes with a connection, when the text has been sent by the other one, and sends nothing."""
    authority, context, hanging = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Hanging()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    workers.environment["REQUESTS_CA_BUNDLE"] = str(tmp_path / "ca.pem")
    post(app)
    with tls_before(rest, hanging, context) as workers.environment["TWILIO_API"]:
        one_stopped(workers, hanging, database, lambda: None)
    settled_once(rest, database, app)
    assert [note.method for note in rest.account.requests] == ["GET", "POST"], "both of the second worker"


def settled_once(rest: Rest, database: Database, app: Flask) -> None:
    """Nothing doubled, nothing lost, and told once."""
    (message,) = rest.account.messages.values()
    assert (row(database).state, row(database).reference) == (State.SENT, message.sid)
    with database.reading() as session:
        told = [event.text for event in session.scalars(select(Ticket)).one().events]
    assert told.count("the reference sent by text to 082 555 0101") == 1
