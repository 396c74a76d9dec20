"""A visitor of the public pages: a browser that keeps its form, an address of the network, and mails that arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from desk.outbox import Outgoing
from tickets.event import Event
from tickets.ticket import Ticket
from visitors import form_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

MAILS = {"mail_host": "127.0.0.1", "mail_from": "Support <support@protea-it.example>", "mail_tls": "none"}
FATIMA = "fatima.adams@karoo-clinic.example"
SIPHO = "sipho.khumalo@harbour-foods.example"
ANN = "ann@shop.example"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
WRITTEN = {"what": "The till is down\nsince noon", "bad": "partly", "name": "Ann Jacobs", "email": ANN, "key": "a form"}


@dataclass
class Visitor:
    """Somebody at a browser."""

    app: Flask
    place: str = "198.51.100.1"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, environ_overrides={"REMOTE_ADDR": self.place})

    def post(self, path: str, files: Iterable[tuple[str, bytes]] = (), **fields: Any) -> TestResponse:
        sent = {"form_token": form_token(self.client), **fields}
        named = [FileStorage(BytesIO(content), name) for name, content in files]
        boundary, body = encode_multipart(MultiDict([*sent.items(), *(("files", one) for one in named)]))
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post(path, data=body, content_type=kind, environ_overrides={"REMOTE_ADDR": self.place})

    def sends(self, files: Iterable[tuple[str, bytes]] = (), **fields: Any) -> TestResponse:
        """The form as somebody fills it in."""
        return self.post("/help/new", files, **WRITTEN | fields)

    def opens(self, files: Iterable[tuple[str, bytes]] = (), **fields: Any) -> str:
        """A ticket; its reference."""
        answer = self.sends(files, **fields)
        assert answer.status_code == 303, answer.text
        found = re.search(r'class="reference">([0-9-]{11})<', self.get(answer.location).text)
        assert found
        return found[1].replace("-", "")

    def tracks(self, reference: str, contact: str = ANN) -> TestResponse:
        return self.post("/help/track", reference=reference, contact=contact)

    def follows(self, link: str) -> str:
        """Open a mailed link and press its button; what is there then."""
        assert self.get(link).status_code == 200
        answer = self.post(link)
        assert answer.status_code == 303, answer.text
        return self.get(answer.location).text


def mails(app: Flask) -> list[dict[str, str]]:
    """What the public pages have put in the outbox, the oldest first."""
    with app.extensions["database"].reading() as session:
        rows = select(Outgoing).where(Outgoing.key.startswith("help ")).order_by(Outgoing.id)
        return [row.payload for row in session.scalars(rows)]


def link_in(mail: dict[str, str]) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https://afterhours\.example(/help/\S+)", mail["body"])
    assert found, mail["body"]
    return found[1]


def tickets(app: Flask) -> list[Ticket]:
    with app.extensions["database"].reading() as session:
        found = list(session.scalars(select(Ticket).order_by(Ticket.id)))
        session.expunge_all()
        return found


def ticket(app: Flask, reference: str) -> Ticket:
    return next(one for one in tickets(app) if one.reference == reference)


def told(app: Flask, reference: str, *kinds: str) -> list[str]:
    """The texts of a ticket's events of these kinds."""
    with app.extensions["database"].reading() as session:
        events = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Ticket.reference == reference)
        return [one.text for one in session.scalars(events.order_by(Event.id)) if one.kind in kinds]


class Queries:
    """Counts what the database is asked."""

    def __init__(self, app: Flask) -> None:
        self.engine, self.said = app.extensions["database"].engine, []

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._hear)
        return self.said

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.said.append(statement.split("\n")[0])


def fields_of(page: str) -> Iterator[tuple[str, str]]:
    """What the inputs of a page hold."""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            yield name[1], value[1]
