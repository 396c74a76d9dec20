"""How a request gets to the application: straight into its WSGI callable, or through a real socket.

Neither keeps cookies nor follows redirects: the application must need neither.
"""

from __future__ import annotations

import http.client
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication


@dataclass(frozen=True)
class Request:
    """What is sent. Headers are already signed; seconds say how long the network waits."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    connect_within: float = 5
    answer_within: float = 15


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class NotConnected(ConnectionError):
    """Nobody took the connection: the request was certainly not seen."""


class PartialReply(ConnectionError):
    """The answer broke off in the middle; such a request is never retried (TWILIO.md §1.2)."""


class Web(Protocol):
    """The way to the application. Raises ConnectionError or TimeoutError when there is no answer."""

    def send(self, request: Request) -> Reply: ...


class WsgiWeb:
    """Calls a WSGI application in process, as gunicorn behind a proxy that ends TLS would call it.

    What the application raises passes through: a traceback says more than a 500. It may raise ConnectionError
    and TimeoutError to play the wire.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def send(self, request: Request) -> Reply:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _fault: Any = None) -> Any:
            started[:] = [status, headers]
            return written.append

        written: list[bytes] = []
        chunks = self.app(environ(request), start_response)
        try:
            written.extend(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = started
        named = {name.lower(): value for name, value in headers}
        return Reply(int(status.split()[0]), named, b"".join(written))


class HttpWeb:
    """Speaks HTTP over a socket to where a host really listens, a new connection for every request.

    TLS ends before the application, so the socket speaks plain HTTP whatever the URL says.
    """

    def __init__(self, hosts: Mapping[str, tuple[str, int]], timeout: float = 15) -> None:
        self.hosts = hosts
        self.timeout = timeout

    def send(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host not in self.hosts:
            raise NotConnected(f"no such host: {host}")
        address, port = self.hosts[host]
        wire = http.client.HTTPConnection(address, port, timeout=min(self.timeout, request.connect_within))
        try:
            _connect(wire)
            wire.sock.settimeout(min(self.timeout, request.answer_within))
            wire.request(request.method, target(parts), request.body, proxied(request, parts))
            return _reply(wire)
        finally:
            wire.close()


def _connect(wire: http.client.HTTPConnection) -> None:
    try:
        wire.connect()
    except OSError as error:
        raise NotConnected(str(error)) from error


def _reply(wire: http.client.HTTPConnection) -> Reply:
    try:
        answer = wire.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, headers, answer.read())
    except ConnectionError:
        raise
    except http.client.HTTPException as error:
        raise PartialReply(repr(error)) from error


def target(parts: SplitResult) -> str:
    """The request target, escapes untouched."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def proxied(request: Request, parts: SplitResult) -> dict[str, str]:
    """The headers as a proxy in front of the application passes them on."""
    return {**request.headers, "Host": parts.netloc.rpartition("@")[2], "X-Forwarded-Proto": parts.scheme}


def environ(request: Request) -> dict[str, Any]:
    """The WSGI environment, with the raw target where gunicorn puts it (TWILIO.md §2.4)."""
    parts = urlsplit(request.url)
    headers = proxied(request, parts)
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "RAW_URI": target(parts),
        "REQUEST_URI": target(parts),
        "CONTENT_TYPE": headers.pop("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
    }
