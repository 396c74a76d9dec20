"""The form of the contract that follows, as somebody at a browser fills it in; and what came of it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from sqlalchemy import select

from sla.contract import Contract
from tickets.people import Customer
from visitors import post

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

HARBOUR = "/customers/harbour/contract"


def fields(html: str) -> dict[str, str]:
    """What stands in the form about the contract, as a browser would send it."""
    (form,) = re.findall(
        r'<form method="post" action="/customers/[\w-]+/contract" class="editor">.*?</form>', html, re.DOTALL
    )
    found = {}
    for tag in re.findall(r"<input[^>]+>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if said.get("type") != "checkbox" or " checked" in tag:
            found[said["name"]] = said["value"]
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        found[name] = re.search(r'value="([^"]+)" selected', options)[1]
    return found


def begun(client: FlaskClient, path: str = HARBOUR, **changed: str) -> dict[str, str]:
    """The form as it is opened, with some of it typed over."""
    return fields(client.get(path).text) | changed


def sent(client: FlaskClient, form: dict[str, str], path: str = HARBOUR, **more: str) -> TestResponse:
    """As the browser sends it: who says yes has looked at what it would mean, if it could be."""
    if more.get("sure"):
        looked = post(client, path, **form)
        form = {**form, **(look(looked.text) if looked.status_code == 200 else {})}
    return post(client, path, **{**form, **more})


def versions(app: Flask, code: str = "harbour") -> list[tuple[int, date, str]]:
    with app.extensions["database"].reading() as session:
        theirs = select(Contract).join(Customer, Customer.id == Contract.customer_id).where(Customer.code == code)
        return [(one.version, one.valid_from, one.name) for one in session.scalars(theirs.order_by(Contract.version))]


def look(html: str) -> dict[str, str]:
    """What the page that says what it would mean sends on with yes."""
    (form,) = re.findall(r'<form class="card sheet wide".*?</form>', html, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in hidden if name != "form_token"}
