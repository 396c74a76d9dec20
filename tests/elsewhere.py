"""The other host in tests: the responder as an operator would run it, and a plain server of files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from simulator.web import NotConnected, Reply, Request, WsgiWeb

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

RESPONDER = Path(__file__).parent.parent / "deploy/responder.py"


def responder() -> Any:
    """The program, which is no module of ours."""
    if "responder" not in sys.modules:
        spec = importlib.util.spec_from_file_location("responder", RESPONDER)
        sys.modules["responder"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["responder"])
    return sys.modules["responder"]


class Hosts:
    """The ways of the network to several hosts; one that is down takes no connection."""

    def __init__(self, **hosts: WSGIApplication) -> None:
        self.webs = {f"{name}.example": WsgiWeb(app) for name, app in hosts.items()}
        self.down: set[str] = set()
        self.asked: list[Request] = []

    def send(self, request: Request) -> Reply:
        host = urlsplit(request.url).hostname
        if host in self.down:
            raise NotConnected(f"{host} is down")
        self.asked.append(request)
        return self.webs[host].send(request)


class Files:
    """A host that serves the files of a folder to whoever asks by GET, and can do nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        found = self.folder / environ["PATH_INFO"].lstrip("/")
        if environ["REQUEST_METHOD"] != "GET" or not found.is_file():
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"nothing here\n"]
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [found.read_bytes()]
