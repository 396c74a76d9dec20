"""The real application as the Procfile serves it: gunicorn, two processes of four threads, on a loopback port."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from app import create_app
from conftest import ORIGIN, settings_for
from databases import let_go
from simulator.web import HttpWeb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desk.settings import Settings

ROOT = Path(__file__).parent.parent
WORKERS = 2
OURS = "app:create_app()"  # as the Procfile names what is served
PATIENCE = 20  # seconds for a server to start or to stop on a busy machine
HOST = ORIGIN.partition("://")[2]
# The operators' overrides of README and docs/operate.md: the first webhook of a call is retried like all others.
RETRIED = "#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx"


class NotInTime(AssertionError):
    """Something that was waited for did not happen."""


def wait_until(happened: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Poll until something has happened; the only sleep of the tests."""
    deadline = time.monotonic() + within
    while not happened():
        if time.monotonic() > deadline:
            raise NotInTime(f"{what}: not within {within:g} s")
        time.sleep(0.05)


def command(database_url: str, *words: str) -> None:
    """Run one of our own commands on a database, in this process."""
    app = create_app(settings_for(database_url))
    result = app.test_cli_runner().invoke(args=words)
    let_go(app)
    assert result.exit_code == 0, result.output


def procfile(process: str) -> str:
    """The command line of that process."""
    found = re.search(rf"^{process}: (.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    assert found, f"the Procfile has no {process}"
    return found[1]


class Served:
    """A server and its port; the port stays the same, and stays ours, over any number of starts."""

    def __init__(self, database_url: str, log: Path, config: str | None = None, serves: str = OURS) -> None:
        self.settings = settings_for(database_url)
        self.log, self.config, self.serves = log, config, serves
        # Bound but never listening, it keeps the port from everybody who does not share it (--reuse-port).
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port: int = self._place.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def web(self) -> HttpWeb:
        """The carrier's way to it, with TLS ended on the way."""
        return HttpWeb({HOST: ("127.0.0.1", self.port)})

    def start(self) -> None:
        """Start the Procfile's line as it is written, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own Procfile
                ["sh", "-c", f"exec {procfile('web').replace(OURS, self.serves)}"],  # noqa: S607 - this machine's shell
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Until it answers and nobody is missing."""
        wait_until(lambda: len(self.workers()) == WORKERS and self._answers(), f"an answer on port {self.port}")

    def wait_for_workers(self) -> None:
        """Until whoever died has been replaced."""
        wait_until(lambda: len(self.workers()) == WORKERS, f"{WORKERS} web processes")

    def workers(self) -> list[psutil.Process]:
        """The processes that answer: they listen, each at a socket of its own (--reuse-port)."""
        assert self.process, "not started"
        if self.process.poll() is not None:
            raise AssertionError(f"the server has ended:\n{self.log.read_text()[-2000:]}")
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if self._listens(child)]

    def kill(self) -> None:
        """`kill -9` for all of them; the master first, or it would replace the others."""
        if self.process is None:
            return
        workers = psutil.Process(self.process.pid).children() if self.process.poll() is None else []
        self.process.kill()
        for worker in workers:
            _shoot(worker)
        self.process.wait(PATIENCE)
        wait_until(lambda: not any(map(_lives, workers)), "the end of all processes")
        self.process = None

    def stop(self) -> None:
        """Ask it to end, insist after a while, and give the port back."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._place.close()

    def _listens(self, process: psutil.Process) -> bool:
        try:
            sockets = process.net_connections("tcp")
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just died, or is just dying
            return False
        return any(one.status == psutil.CONN_LISTEN and one.laddr[1] == self.port for one in sockets)

    def _answers(self) -> bool:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            wire.request("GET", "/voice/nobody")
            return wire.getresponse().status > 0
        except OSError:
            return False
        finally:
            wire.close()

    def _environment(self) -> dict[str, str]:
        tools = str(Path(sys.executable).parent)
        return {
            **os.environ,
            **secrets(self.settings),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(WORKERS),
            "GUNICORN_CMD_ARGS": f"-c {self.config}" if self.config else "",
        }


def secrets(settings: Settings) -> dict[str, str]:
    """The settings as environment variables."""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "PUBLIC_URL": settings.public_url,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "CANARY_URL": settings.canary_url,
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def served(database_url: str, log: Path, config: str | None = None, serves: str = OURS) -> Iterator[Served]:
    """A server for the length of a block, of our application or of another."""
    server = Served(database_url, log, config, serves)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _shoot(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
