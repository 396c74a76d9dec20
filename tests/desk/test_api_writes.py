"""What programs may change: by the verbs of the pages, held to the same rules, and told who it was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from sqlalchemy import select
from test_api import described
from werkzeug.test import EnvironBuilder

from cast import HARBOUR
from conftest import LINE, ORIGIN, network_of
from desk.audit import Entry
from desk.door.tokens import Scope
from stored_rows import rows
from visitors import bearer

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from simulator.clock import Clock


def send(app: Flask, path: str, body: Any = None, scopes: Any = Scope, **more: Any) -> TestResponse:
    """POST, or GET without a body; whatever comes back is as the description says."""
    client, known = app.test_client(), bearer(app, scopes)
    judge = described(client.get("/api/v1/openapi.json", headers=known).text)
    sent = more or ({"json": body} if body is not None else {})
    ask = client.post if sent else client.get
    answer = ask(f"/api/v1{path}", headers=known, base_url=ORIGIN, **sent)
    method = "POST" if sent else "GET"  # the request itself was read by whoever answered it
    asked = EnvironBuilder(f"/api/v1{path}", ORIGIN, method=method, headers=known, **sent).get_request()
    judge.validate_response(WerkzeugOpenAPIRequest(asked), WerkzeugOpenAPIResponse(answer))
    return answer


def last(app: Flask) -> Entry:
    with app.extensions["database"].reading() as session:
        return session.scalars(select(Entry).order_by(Entry.id.desc())).first()


def test_a_customer_is_added_with_a_contact_who_is_known_when_they_ring(app: Flask, clock: Clock):
    made = send(app, "/customers", {"code": "dunes", "name": "Dunes Hotel"})
    assert (made.status_code, made.json["name"], made.json["contract"]) == (200, "Dunes Hotel", None)
    found = send(app, "/customers/dunes/contacts", {"name": "Zanele Mthembu", "phone": "082 555 0777"})
    assert found.json["contacts"] == [
        {"name": "Zanele Mthembu", "phone": "+27825550777", "email": None, "language": None}
    ]
    assert (last(app).what, last(app).who) == ("contact added", "API token test")
    call = network_of(app, clock).ring("+27825550777", LINE)
    call.hang_up()
    assert send(app, "/calls").json["items"][0]["customer"] == "Dunes Hotel"


@pytest.mark.parametrize(
    ("path", "body", "status", "why"),
    [
        ("/customers", {"code": "harbour", "name": "Another"}, 422, "is a customer already"),
        ("/customers", {"code": "a b", "name": "Another"}, 422, "'a b'"),
        ("/customers", {"code": "new"}, 422, "name"),
        ("/customers", {"code": "new", "name": "a\u0000b"}, 422, "name"),
        ("/customers", {"code": "new", "name": "New", "rate": 1}, 422, "rate"),
        ("/customers", ["code"], 422, "object"),
        ("/customers/harbour/contacts", {"name": "X", "phone": HARBOUR}, 422, "already the number of"),
        ("/customers/harbour/contacts", {"name": "X", "phone": "12"}, 422, "12"),
        ("/customers/harbour/contacts", {"name": "X", "language": "tlh"}, 422, "neither prompts nor letters"),
        ("/customers/nobody/contacts", {"name": "X"}, 404, None),
        ("/announcements", {"texts": {"zu": "Sawubona"}}, 422, "no voice"),
        ("/announcements", {"texts": {"en": " "}}, 422, "every language"),
        ("/announcements", {"texts": {"en": "x" * 501}}, 422, "room for"),
        ("/announcements", {"texts": {"en": "Slow."}, "line": "+27110000000"}, 422, "no such line"),
        ("/announcements", {"texts": {"en": "Slow."}, "ends": "2020-01-01T00:00:00Z"}, 422, "after now"),
        ("/announcements", {"texts": {"en": "Slow."}, "seen": "another"}, 409, "Look again"),
        ("/announcements/1/end", {}, 404, None),
        (f"/announcements/{'9' * 30}/end", {}, 404, None),
    ],
)
def test_what_the_page_would_refuse_is_refused_in_words_and_changes_nothing(
    app: Flask, path: str, body: Any, status: int, why: str | None
):
    known, before = bearer(app, Scope), None
    app.test_client().get("/api/v1/openapi.json", headers=known)
    before = [row for row in rows(app.extensions["database"]) if row[0] != "api_token"]
    answer = send(app, path, body)
    assert answer.status_code == status
    assert why is None or why in answer.json["detail"]
    assert [row for row in rows(app.extensions["database"]) if row[0] != "api_token"] == before


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 422),
        ({"data": b"\xff", "content_type": "application/json"}, 422),
        ({"data": '{"code": "\\ud800", "name": "x"}', "content_type": "application/json"}, 422),
        ({"data": json.dumps({"code": "x", "name": "y" * 300_000}), "content_type": "application/json"}, 413),
        ({"data": "code=a&name=b", "content_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_what_is_no_json_is_a_problem(app: Flask, sent: dict[str, Any], status: int):
    assert send(app, "/customers", **sent).status_code == status


def test_an_announcement_is_heard_until_it_is_ended(app: Flask, clock: Clock):
    seen = send(app, "/announcements").json["seen"]
    body = {"texts": {"en": "Mail is slow."}, "seen": seen, "ends": (clock() + timedelta(hours=4)).isoformat()}
    made = send(app, "/announcements", body)
    assert [one["who"] for one in made.json["items"]] == ["API token test"]
    assert send(app, "/announcements", body).status_code == 409  # who sends it twice says it once
    network = network_of(app, clock)
    assert any("Mail is slow." in line for line in network.ring(HARBOUR, LINE).transcript)
    number = made.json["items"][0]["number"]
    assert send(app, f"/announcements/{number}/end", {}).json["items"] == []
    assert (last(app).what, last(app).who) == ("announcement ended", "API token test")
    assert send(app, f"/announcements/{number}/end", {}).status_code == 422
    assert not any("Mail is slow." in line for line in network.ring(HARBOUR, LINE).transcript)


def test_contacts_numbers_are_masked_without_the_scope_for_them(app: Flask):
    masked = send(app, "/customers/harbour", scopes=[Scope.CUSTOMERS_READ]).json["contacts"][0]["phone"]
    assert masked != HARBOUR
    whole = send(app, "/customers/harbour", scopes=[Scope.CUSTOMERS_READ, Scope.NUMBERS_READ])
    assert whole.json["contacts"][0]["phone"] == HARBOUR
    assert send(app, "/customers?q=harb").json["total"] == 1
    assert send(app, "/customers?skip=1000").json["items"] == []
