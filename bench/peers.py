"""What the webhooks are measured beside, served by the same gunicorn: the limit, and a menu without storage.

`limit` is a bare Flask route with the same check of the carrier's signature and one commit by the bare driver to the
same kind of database, set as ours is; nothing that answers safely can do less. `plain` is what somebody would write in
an afternoon with Flask and the carrier's library: no signature, no storage.
"""

from __future__ import annotations

import os
import sqlite3
from threading import local
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from flask import Flask, Response, request
from sqlalchemy import make_url
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "create table if not exists bare (id text primary key, sid text, heard text)"
INSERT = "insert into bare values (?, ?, ?)"
MENU = "For support, press 1. For an emergency, press 2. To hear about a ticket, press 3."


def limit() -> Flask:
    """Signature, one commit, a document of fixed words."""
    app, commit = Flask(__name__), _committing(os.environ["DATABASE_URL"])
    validator, origin = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"]), os.environ["PUBLIC_URL"]
    document = _menu()

    @app.post("/voice/<path:_where>")
    def answer(_where: str) -> Response | tuple[str, int]:
        url = origin + request.environ["RAW_URI"]
        if not validator.validate(url, request.form, request.headers["X-Twilio-Signature"]):
            return "", 403
        commit(request.form["CallSid"], request.form.get("Digits", ""))
        return Response(document, mimetype="text/xml")

    return app


def plain() -> Flask:
    """A menu made anew for every caller by the carrier's own library."""
    app = Flask(__name__)

    @app.post("/voice/<path:_where>")
    def answer(_where: str) -> Response:
        return Response(_menu(), mimetype="text/xml")

    return app


def _menu() -> str:
    gather = Gather(num_digits=1, action="/voice/main_menu/1", method="POST", timeout=5)
    gather.say(MENU, voice="Polly.Ayanda-Neural", language="en-ZA")
    response = VoiceResponse()
    response.say("You have reached Protea IT Support.", voice="Polly.Ayanda-Neural", language="en-ZA")
    response.append(gather)
    return str(response)


def _committing(address: str) -> Callable[[str, str], None]:
    url, mine = make_url(address), local()

    def connected() -> Any:
        if not hasattr(mine, "connection"):
            if url.get_backend_name() == "sqlite":
                mine.connection, mine.insert = sqlite3.connect(url.database or "", isolation_level=None), INSERT
                mine.connection.execute("pragma journal_mode=wal")
                mine.connection.execute("pragma synchronous=full")
                mine.connection.execute("pragma busy_timeout=2000")
            else:
                bare = url.set(drivername="postgresql").render_as_string(hide_password=False)
                mine.connection, mine.insert = psycopg.connect(bare, autocommit=True), INSERT.replace("?", "%s")
            mine.connection.execute(TABLE)
        return mine.connection

    def commit(sid: str, heard: str) -> None:
        connection = connected()
        connection.execute(mine.insert, (uuid4().hex, sid, heard))

    return commit
