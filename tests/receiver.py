"""A program that receives webhooks, over real HTTP on this machine, and misbehaves when told to."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

HUGE = 50_000_000  # bytes that an answer promises


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def timestamp(self) -> datetime:
        return datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

    @property
    def json(self) -> dict[str, Any]:
        whole: dict[str, Any] = loads(self.body)
        return whole

    def is_signed_by(self, secret: str) -> bool:
        """Whether one of its signatures is of that secret, by the library that receivers use."""
        wanted = Webhook(secret).sign(self.id, self.timestamp, self.body)
        return wanted in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """What came, in order, and how the next ones are answered: `will` in turn, then `usually`."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    will: list[str] = field(default_factory=list)
    usually: str = "200"
    over: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    @property
    def types(self) -> list[str]:
        return [one.json["type"] for one in self.received]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Received(self.path, headers, body))
        how = self.receiver.will.pop(0) if self.receiver.will else self.receiver.usually
        if how == "hangs up":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif how == "slow":
            self.receiver.over.wait(30)
        elif how == "slow body":
            self._answer(200, length=100)
            self.receiver.over.wait(30)
        elif how == "huge":
            self._answer(200, b"x" * 4096 + b"\0\x1b[31m", length=HUGE)
        elif how == "no HTTP":
            self.wfile.write(b"\0\0\0\0" * 100)
        elif how.startswith("to "):
            self._answer(302, Location=how.removeprefix("to "))
        else:
            status, _, seconds = how.partition(" after ")
            self._answer(int(status), f"answer {status}".encode(), **({"Retry-After": seconds} if seconds else {}))

    def _answer(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever hung up is known."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """One that listens."""
    receiver = Receiver()
    handler = type("Ours", (Handler,), {"receiver": receiver})
    with Server(("127.0.0.1", 0), handler) as server:
        receiver.port = server.server_port
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        receiver.over.set()
        server.shutdown()
