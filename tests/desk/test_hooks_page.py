"""The managers' pages of webhooks and chat rooms: added, tested, renewed, looked at, sent again, taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.audit import Entry
from desk.hooks.endpoint import Endpoint
from hooked import HERE, House
from receiver import Receiver, receiving
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

ROOM = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def real(another: Callable[..., Flask]) -> Flask:
    return another(demo=False, hook_networks=HERE)


@pytest.fixture
def house(real: Flask, clock: Clock) -> House:
    return House(real, clock)


@pytest.fixture
def naledi(real: Flask) -> FlaskClient:
    return browser_of(real, "naledi")


def fields(url: str, **more: object) -> dict[str, object]:
    return {"way": "webhook", "name": "Wall display", "url": url, "type": ["ticket.opened", "rota.gap"]} | more


def audited(house: House) -> list[tuple[str, str]]:
    return [(one.what, one.about) for one in house._all(select(Entry).order_by(Entry.id)) if "webhook" in one.what]


def test_the_secret_is_shown_once_and_signs_what_is_sent(naledi: FlaskClient, house: House, receiver: Receiver):
    page = post(naledi, "/hooks", **fields(receiver.url)).text
    (secret,) = re.findall(r"whsec_[\w+/=]+", page)
    assert secret == house.secret(1)
    assert "whsec_" not in naledi.get("/hooks/1").text + naledi.get("/hooks").text
    assert post(naledi, "/hooks/1/test").location == "/hooks/1?said=tested"
    house.deliver()
    (one,) = receiver.received
    assert one.is_signed_by(secret)
    assert (one.json["type"], one.json["data"]) == ("test", {"by": "Naledi Dlamini"})
    assert "delivered" in naledi.get("/hooks/1").text
    assert "answer 200" in naledi.get("/hooks/1").text
    assert audited(house) == [
        ("webhook or chat room added", "Wall display"),
        ("webhook or chat room tested", "Wall display"),
    ]


def test_a_new_secret_is_shown_once_and_the_one_before_signs_for_a_day(naledi: FlaskClient, house: House):
    (before,) = re.findall(r"whsec_[\w+/=]+", post(naledi, "/hooks", **fields("https://hooks.example/in")).text)
    (after,) = re.findall(r"whsec_[\w+/=]+", post(naledi, "/hooks/1/secret").text)
    assert before != after
    made = house.app.extensions["hook_secrets"]
    assert house.get(1).secrets(made, house.clock()) == [after, before]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "http://hooks.example/in"}, "begins with https://"),
        ({"url": "https://user:secret@hooks.example/in"}, "a name and password"),
        ({"url": "nonsense"}, "not an address"),
        ({"url": "https://"}, "not an address"),
        ({"url": "https://hooks.example:99999/"}, "not an address"),
        ({"way": "chat", "url": "https://hooks.example/in"}, "begins with one of slack://"),
        ({"way": "chat", "url": "mailto://user:pass@example.com"}, "begins with one of slack://"),
        ({"name": ""}, "a name of at most 60"),
        ({"name": "x" * 61}, "a name of at most 60"),
        ({"type": []}, "Choose one thing or more"),
        ({"way": "chat", "url": ROOM, "type": ["call.began"]}, "Choose one thing or more"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_is_kept(
    naledi: FlaskClient, house: House, typed: dict[str, object], said: str
):
    answer = post(naledi, "/hooks", **fields("https://hooks.example/in") | typed)
    assert answer.status_code == 422
    assert said in answer.text
    if typed.get("name") != "":
        assert f'value="{typed.get("name", "Wall display")}"' in answer.text
    assert house._all(select(Endpoint)) == []


def test_the_address_of_a_room_is_a_secret_and_stands_nowhere(
    naledi: FlaskClient, house: House, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    post(naledi, "/hooks", **fields(ROOM, way="chat"))
    post(naledi, "/hooks", **fields("https://hooks.example/catch/SECRETPART?key=SECRETPART"))
    seen = "".join(naledi.get(path).text for path in ("/hooks", "/hooks/1", "/hooks/2", "/audit"))
    for secret in ("TIiajkdnlazkcOXrIdevi7FQ", "T1JJ3T3L2", "SECRETPART"):
        assert secret not in seen
        assert secret not in caplog.text
    assert "slack://…" in seen
    assert "https://hooks.example/…" in seen


def test_who_let_it_have_whole_numbers_stands_in_the_audit(naledi: FlaskClient, house: House):
    post(naledi, "/hooks", **fields("https://hooks.example/in"))
    post(naledi, "/hooks/1/told", name="Wall display", type="call.began", full="on")
    assert house.get(1).full
    assert house.get(1).types == ["call.began"]
    last = house._all(select(Entry).order_by(Entry.id))[-1]
    assert (last.what, last.who, last.detail["whole"]) == ("webhook or chat room changed", "Naledi Dlamini", "yes")


def test_what_failed_is_sent_again_under_its_id(naledi: FlaskClient, house: House, receiver: Receiver):
    post(naledi, "/hooks", **fields(receiver.url))
    receiver.will = ["500"]
    house.ticket()
    house.deliver()
    assert "500" in naledi.get("/hooks/1").text
    assert post(naledi, "/hooks/1/deliveries/1/again").status_code == 303
    house.clock.advance(10)
    house.deliver()
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert post(naledi, "/hooks/2/deliveries/1/again").status_code == 404


def test_a_delivery_of_another_endpoint_is_not_sent_from_here(naledi: FlaskClient, house: House, receiver: Receiver):
    post(naledi, "/hooks", **fields(receiver.url))
    post(naledi, "/hooks", **fields(receiver.url, type="rota.gap"))
    house.ticket()
    assert post(naledi, "/hooks/2/deliveries/1/again").status_code == 404


def test_switched_off_it_is_told_nothing_until_it_is_on_again(naledi: FlaskClient, house: House, receiver: Receiver):
    post(naledi, "/hooks", **fields(receiver.url))
    post(naledi, "/hooks/1/switch", to="off")
    house.ticket()
    post(naledi, "/hooks/1/switch", to="on")
    house.ticket()
    house.deliver()
    assert len(receiver.received) == 1


def test_removed_it_is_gone_with_its_address(naledi: FlaskClient, house: House):
    post(naledi, "/hooks", **fields("https://hooks.example/in"))
    assert post(naledi, "/hooks/1/removal").location == "/hooks?said=removed"
    assert naledi.get("/hooks/1").status_code == 404
    assert house.get(1).url == ""


def test_in_a_demonstration_nobody_sends_anything_anywhere(app: Flask):
    visitor = browser_of(app)
    assert visitor.get("/hooks").status_code == 200
    assert post(visitor, "/hooks", **fields("https://hooks.example/in")).status_code == 403
