"""A telephone booth for the tests: a small site that answers webhooks with TwiML, and a network to ring it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from simulator import Clock, Network, WsgiWeb

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

START = datetime(2026, 11, 22, tzinfo=UTC)
LINE = "+27878090263"
CALLER = "+27825550202"
THANDI = "+27825550101"
TOKEN = "12345"
HOST = "https://afterhours.example"

Form = dict[str, str]
Answer = str | bytes | tuple[int, str, str] | Exception
Page = Answer | list[Answer] | Callable[[Form], Answer]


@dataclass
class Asked:
    """A request as the site saw it."""

    path: str
    form: Form
    headers: dict[str, str]
    method: str
    target: str


class Site:
    """Answers each path with its page: the inside of a Response, whole bytes, (status, type, body), or an error.

    A list answers one by one and keeps its last; a function is asked with the form.
    """

    def __init__(self, **pages: Page) -> None:
        self.pages = pages
        self.asked: list[Asked] = []

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read().decode() or environ["QUERY_STRING"]
        form = dict(parse_qsl(body, keep_blank_values=True))
        headers = {key: value for key, value in environ.items() if key.startswith("HTTP_")}
        path = environ["PATH_INFO"].strip("/")
        self.asked.append(Asked(path, form, headers, environ["REQUEST_METHOD"], environ["RAW_URI"]))
        status, kind, text = self.answer(self.pages.get(path, (404, "text/html", "no such page")), form)
        start_response(f"{status} -", [("Content-Type", kind)])
        return [text]

    def answer(self, page: Page, form: Form) -> tuple[int, str, bytes]:
        match page:
            case list():
                return self.answer(page.pop(0) if len(page) > 1 else page[0], form)
            case Exception():
                raise page
            case str():
                return 200, "text/xml; charset=utf-8", f"<Response>{page}</Response>".encode()
            case bytes():
                return 200, "text/xml", page
            case tuple():
                return page[0], page[1], page[2].encode()
            case _:
                return self.answer(page(form), form)

    def forms(self, path: str) -> list[Form]:
        """What was posted to a path."""
        return [asked.form for asked in self.asked if asked.path == path]


def network(site: Site, *, fallback: str | None = None, status: str | None = None, **more: Any) -> Network:
    """A network with our line connected to the page `incoming`."""
    made = Network(
        WsgiWeb(site),
        Clock(START),
        account_sid="AC" + "0" * 32,
        auth_token=TOKEN,
        names={THANDI: "Thandi Nkosi"},
        **more,
    )
    made.connect_number(
        LINE,
        f"{HOST}/incoming",
        fallback_url=fallback and f"{HOST}/{fallback}",
        status_url=status and f"{HOST}/{status}",
    )
    return made


def ring(site: Site, **more: Any) -> Any:
    """Ring the line of a fresh network."""
    return network(site, **more).ring(CALLER, LINE)


def elapsed(call: Any) -> float:
    """Seconds since the network was switched on."""
    return (call.clock() - START).total_seconds()
