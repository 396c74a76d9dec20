"""Chat rooms: one plain sentence, without callers, by apprise in a process that can go nowhere else."""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING

import pytest

from desk import outward
from desk.hooks import chat, places
from desk.hooks.endpoint import Way
from desk.hooks.places import BadPlace
from desk.hooks.types import SPOKEN
from desk.outward import Bounds
from hooked import HERE, House
from receiver import Receiver, receiving
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from simulator.clock import Clock

TOKEN = "abcdefghijklmnopqrstuvwxyz"
HERE_ALONE = Bounds(outward.networks(HERE))


@pytest.fixture
def room() -> Iterator[Receiver]:
    """A Mattermost of sorts."""
    with receiving() as made:
        yield made


@pytest.fixture
def house(another: Callable[..., Flask], clock: Clock) -> House:
    return House(another(hook_networks=HERE), clock)


def address(room: Receiver) -> str:
    return f"mmost://127.0.0.1:{room.port}/{TOKEN}"


def read(room: Receiver) -> list[str]:
    """What stands in the room, without the link."""
    return [loads(one.body)["text"].partition(" https://")[0] for one in room.received]


def test_a_room_reads_who_has_an_emergency(house: House, room: Receiver):
    house.endpoint(address(room), SPOKEN, way=Way.CHAT, emergencies=True)
    ticket = house.ticket(priority=Priority.EMERGENCY, caller="+27825550201", customer_id=1)
    house.deliver()
    house.do(ticket, lambda _, one, by: one.acknowledge(by, house.clock()))
    house.do(ticket, lambda _, one, by: one.resolve(house.clock(), "the printer", by))
    house.deliver()
    with house.database.reading() as session:
        number = session.get_one(Ticket, ticket).reference
    name = f"Emergency {number[:3]}-{number[3:6]}-{number[6:]}"
    assert read(room) == [f"{name}: nobody has it yet.", f"{name}: Thandi has it.", f"{name} is resolved."]
    assert f"https://afterhours.example/tickets/{number}" in room.received[0].body
    whole = str([one.body for one in room.received])
    assert "5550201" not in whole
    assert "Karoo" not in whole
    assert "printer" not in whole


def test_the_customer_is_named_where_that_was_allowed(house: House, room: Receiver):
    house.endpoint(address(room), SPOKEN, way=Way.CHAT, full=True)
    house.ticket(customer_id=1)
    house.deliver()
    assert "of Karoo Clinic: nobody has it yet." in read(room)[0]


def test_that_nobody_has_it_is_not_said_once_somebody_has(house: House, room: Receiver):
    house.endpoint(address(room), SPOKEN, way=Way.CHAT)
    ticket = house.ticket()
    house.do(ticket, lambda _, one, by: one.acknowledge(by, house.clock()))
    house.deliver()
    assert [words.partition(": ")[2] for words in read(room)] == ["Thandi has it."]
    assert [one.state for one in house.deliveries()] == ["dropped", "delivered"]


def test_a_room_that_does_not_answer_is_tried_for_half_an_hour(house: House, room: Receiver):
    room.usually = "500"
    house.endpoint(address(room), SPOKEN, way=Way.CHAT)
    house.ticket()
    for _ in range(60):
        while house.deliver():
            pass
        house.clock.advance(60)
    assert [one.state for one in house.deliveries()] == ["failed"]
    assert {one.fault for one in house.attempts()} == {"it answered 500"}
    assert len(room.received) == 7


# Where it may go


@pytest.mark.parametrize(
    "url",
    [
        "mailto://user:pass@example.com",
        "json://hooks.example/in",
        "jsons://hooks.example/in",
        "https://hooks.slack.com/services/A/B/C",
        "exec://x/y",
        "file:///etc/passwd",
        f"mmost://mattermost.example/{TOKEN}",
        f"mmost://10.0.0.5/{TOKEN}",
        "slack://a/b/c,mailto://x@y",
        "slack://a/b/c?verify=no",
        "slack://a/b/c?redirect=yes",
        "workflows://h/w/s?template=/etc/passwd",
        "slack",
        "slack://",
    ],
)
def test_only_the_services_that_are_listed_are_spoken_to(url: str):
    with pytest.raises(BadPlace):
        places.chat(url, outward.networks("127.0.0.0/8, 10.0.0.0/8"))
    assert chat.send(HERE_ALONE, url, "words").fault


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_apprise_reaches_nothing_within_whatever_the_name(room: Receiver, host: str):
    said = chat.send(Bounds(), f"mmosts://{host}:{room.port}/{TOKEN}", "words")
    assert said.fault == "it is not on the public internet"
    assert room.received == []


def test_apprise_follows_no_redirect(room: Receiver):
    with receiving() as elsewhere:
        room.will = [f"to {elsewhere.url}"]
        assert chat.send(HERE_ALONE, address(room), "words").fault == "it answered 302"
        assert elsewhere.received == []


def test_apprise_is_not_waited_for(room: Receiver):
    room.usually = "slow"
    assert chat.send(HERE_ALONE, address(room), "words", patience=1.5).fault == "no answer within 1.5 s"


def test_the_process_of_apprise_has_nothing_of_our_environment(room: Receiver, monkeypatch: pytest.MonkeyPatch):
    # A proxy of ours would be asked for the name again, and could be reached from here.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert chat.send(HERE_ALONE, address(room), "words").is_taken
