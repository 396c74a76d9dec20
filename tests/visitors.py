"""People and programs at the door: browsers signed in as one of the cast, forms with their token, API tokens."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.door import links, passwords, sessions, tokens
from desk.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from desk.door.tokens import Scope
    from simulator.clock import Clock

COOKIE = "__Host-afterhours"
PASSWORD = "seven grey herons at the dam"
EMAILS = {key: f"{key}@protea-it.example" for key in ("thandi", "pieter", "lerato", "naledi", "bongani")}


def staff_id(app: Flask, key: str) -> int:
    with app.extensions["database"].reading() as session:
        return session.scalars(select(Staff.id).where(Staff.key == key)).one()


def browser_of(app: Flask, key: str | None = None) -> FlaskClient:
    """A browser; of somebody of the cast it is signed in already."""
    client = app.test_client()
    if key:
        number, now = staff_id(app, key), app.extensions["clock"]()
        with app.extensions["database"].writing() as session:
            client.set_cookie(COOKIE, sessions.begin(session, number, now, "127.0.0.1", "Firefox on Linux"))
    return client


def secret_of(client: FlaskClient) -> str | None:
    """What the browser keeps."""
    cookie = client.get_cookie(COOKIE)
    return cookie.value if cookie else None


def form_token(client: FlaskClient) -> str:
    """The token in the forms that this browser is shown."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/sign-in").text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Send a form as the page would."""
    return client.post(path, data={"form_token": form_token(client), **fields})


def plain(page: str) -> str:
    """What a page says, without its mark-up."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def heart(page: str) -> str:
    """The same of its main part alone, without what stands around it on every page."""
    return plain(page[page.index("<main") : page.index("</main>")])


def seen(looked: TestResponse) -> str:
    """What a page that shows a change's effect calls the state that it was shown of."""
    assert looked.status_code == 200, plain(looked.text)
    found = re.search(r'name="seen" value="(\w+)"', looked.text)
    assert found
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **fields: object) -> TestResponse:
    return post(client, "/sign-in", email=email, password=password, **fields)


def give_password(app: Flask, key: str, clock: Clock, password: str = PASSWORD) -> None:
    with app.extensions["database"].writing() as session:
        passwords.store(session, staff_id(app, key), passwords.hashed(password), clock())


def give_link(app: Flask, key: str, clock: Clock) -> str:
    with app.extensions["database"].writing() as session:
        return f"/password/{links.make(session, staff_id(app, key), clock())}"


def bearer(app: Flask, scopes: Iterable[Scope]) -> dict[str, str]:
    """The header of a token with these scopes."""
    with app.extensions["database"].writing() as session:
        secret = tokens.make(session, "test", scopes, app.extensions["clock"]())
    return {"Authorization": f"Bearer {secret}"}
