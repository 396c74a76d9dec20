"""Webhooks: signed, tried for days, the same message under the same id, whatever the receiver does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from app import World, create_app, system_clock
from cast import HARBOUR, KAROO
from conftest import settings_for
from databases import let_go
from desk import delivery, outward, troubles
from desk.hooks import failing, posting, tries
from desk.hooks.endpoint import PATIENCE, Endpoint, Way
from desk.hooks.happening import Delivery, Happening
from desk.hooks.types import Type
from desk.outward import Bounds, OutOfBounds
from hooked import HERE, Dying, House, Killed
from receiver import Receiver, receiving
from tickets.ticket import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from simulator.clock import Clock

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOUNDS = Bounds(outward.networks(HERE))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def house(another: Callable[..., Flask], clock: Clock) -> House:
    return House(another(hook_networks=HERE), clock)


@pytest.fixture
def told(house: House, receiver: Receiver) -> int:
    """An endpoint that is told of everything."""
    return house.endpoint(receiver.url)


# What it is


def test_a_receiver_verifies_it_with_the_library_of_the_specification(database_url: str, receiver: Receiver):
    app = create_app(settings_for(database_url, hook_networks=HERE), World(system_clock, Random(1)))
    house = House(app, system_clock)
    number = house.endpoint(receiver.url)
    house.ticket()
    house.deliver()
    (one,) = receiver.received
    body = Webhook(house.secret(number)).verify(one.body, one.headers)
    assert body["type"] == "ticket.opened"
    let_go(app)


def test_the_body_says_what_when_and_in_which_version(house: House, told: int, receiver: Receiver):
    ticket = house.ticket(caller=KAROO, customer_id=1, priority=Priority.EMERGENCY)
    house.do(ticket, lambda _, one, by: one.acknowledge(by, house.clock()))
    house.deliver()
    opened, had = (one.json for one in receiver.received)
    assert (opened["type"], had["type"]) == ("ticket.opened", "ticket.acknowledged")
    assert had["timestamp"] == "2026-11-22T00:00:00Z"
    assert had["version"] == 1
    assert had["data"]["by"] == "Thandi Nkosi"
    reference = had["data"]["ticket"]["reference"]
    assert had["data"]["ticket"] == {
        "reference": reference,
        "state": "acknowledged",
        "priority": "emergency",
        "customer": "Karoo Clinic",
        "owner": "Thandi Nkosi",
        "opened_at": "2026-11-22T00:00:00+00:00",
        "merged_into": None,
        "caller": "+27…201",
        "page": f"https://afterhours.example/tickets/{reference}",
    }
    assert receiver.received[0].headers["content-type"] == "application/json"


def test_numbers_are_masked_unless_the_endpoint_may_have_them_whole(house: House, receiver: Receiver):
    house.endpoint(receiver.url + "/masked")
    house.endpoint(receiver.url + "/whole", full=True)
    house.ticket(caller=HARBOUR)
    house.deliver()
    callers = {one.path.rpartition("/")[2]: one.json["data"]["ticket"]["caller"] for one in receiver.received}
    assert callers == {"masked": "+27…202", "whole": HARBOUR}
    assert HARBOUR not in str([one.facts for one in house._all(select(Happening))])


def test_only_what_was_chosen_is_told(house: House, receiver: Receiver):
    house.endpoint(receiver.url, [Type.TICKET_RESOLVED])
    ticket = house.ticket()
    house.do(ticket, lambda _, one, by: one.resolve(house.clock(), "done", by))
    house.deliver()
    assert receiver.types == ["ticket.resolved"]


def test_of_emergencies_alone_where_that_was_chosen(house: House, receiver: Receiver):
    house.endpoint(receiver.url, emergencies=True)
    house.ticket()
    urgent = house.ticket()
    house.do(urgent, lambda _, one, by: one.raise_to(Priority.EMERGENCY, house.clock(), "pressed 2"))
    house.deliver()
    assert receiver.types == ["ticket.priority_changed"]


def test_where_nobody_listens_nothing_is_written(house: House):
    house.ticket()
    assert (house.rows(), house._all(select(Happening))) == ([], [])


def test_what_was_rolled_back_is_told_to_nobody(house: House, told: int, receiver: Receiver):
    ticket = house.ticket()
    house.deliver()

    def fails(session, one, by):
        one.acknowledge(by, house.clock())
        session.flush()
        raise KeyError

    with pytest.raises(KeyError):
        house.do(ticket, fails)
    house.deliver()
    assert receiver.types == ["ticket.opened"]


# Secrets


def test_while_two_secrets_overlap_both_sign(house: House, told: int, receiver: Receiver):
    before = house.secret(told)
    with house.database.writing() as session:
        session.get_one(Endpoint, told).rotate(house.clock())
    after = house.secret(told)
    house.ticket()
    house.deliver()
    house.clock.advance(DAY.total_seconds())
    house.ticket()
    house.deliver()
    signed = [(one.is_signed_by(before), one.is_signed_by(after)) for one in receiver.received]
    assert signed == [(True, True), (False, True)]


def test_no_secret_stands_in_the_database(house: House, told: int):
    row = house.get(told)
    secret = house.secret(told)
    assert secret.startswith("whsec_")
    assert row.salt not in secret
    assert secret not in str(vars(row))


def test_the_signature_is_over_the_second_of_the_try(house: House, told: int, receiver: Receiver):
    receiver.will = ["500"]
    house.ticket()
    house.deliver_for(HOUR)
    first, second = receiver.received
    assert first.id == second.id
    assert first.body == second.body
    assert second.timestamp > first.timestamp
    secret = house.secret(told)
    assert first.is_signed_by(secret)
    assert second.is_signed_by(secret)


# Tries


@pytest.mark.parametrize("how", ["500", "404", "hangs up", "no HTTP", "302 after 0", "to http://127.0.0.1:9/elsewhere"])
def test_what_is_not_taken_comes_again_under_its_id(house: House, told: int, receiver: Receiver, how: str):
    receiver.will = [how, how]
    house.ticket()
    house.deliver_for(HOUR)
    assert len(receiver.received) == 3
    assert len(set(receiver.ids)) == 1
    assert [one.state for one in house.deliveries()] == ["delivered"]
    statuses = [one.status for one in house.attempts()]
    assert statuses[-1] == 200
    assert None in statuses or statuses[0] >= 300


def test_a_redirect_is_not_followed(house: House, told: int, receiver: Receiver):
    with receiving() as elsewhere:
        receiver.will = [f"to {elsewhere.url}"]
        house.ticket()
        house.deliver()
        assert elsewhere.received == []
    assert [one.status for one in house.attempts()] == [302]


def test_it_is_tried_for_days_as_the_specification_proposes_and_then_given_up(
    house: House, told: int, receiver: Receiver
):
    receiver.usually = "500"
    begun = house.clock()
    house.ticket()
    house.deliver_for(timedelta(days=5), every=10 * MINUTE)
    (one,) = house.deliveries()
    assert (one.state, one.tries) == ("failed", 10)
    assert len(set(receiver.ids)) == 1
    after = [attempt.at - begun for attempt in house.attempts()]
    assert after == sorted(after)
    assert DAY * 3 < after[-1] < DAY * 4.5
    assert [row.state for row in house.rows()] == ["dead"]


def test_waits_are_those_of_the_specification_and_a_little_longer():
    waits = [tries.wait(Way.WEBHOOK, number, None, Random(1)) for number in range(1, 11)]
    told = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for wait, usual in zip(waits, told, strict=False):
        assert timedelta(seconds=usual) <= wait <= timedelta(seconds=usual * 1.2)
    assert waits[9] is None


def test_a_receiver_that_asks_for_a_pause_has_it(house: House, told: int, receiver: Receiver):
    receiver.will = ["429 after 3600"]
    house.ticket()
    house.deliver_for(HOUR * 2)
    first, second = house.attempts()
    assert second.at - first.at >= HOUR


def test_a_receiver_that_is_gone_is_switched_off(house: House, told: int, receiver: Receiver):
    receiver.will = ["410"]
    house.ticket()
    house.ticket()
    house.deliver_for(HOUR)
    assert len(receiver.received) == 1
    assert house.get(told).off_why == "it answered 410"


def test_while_an_endpoint_rests_nobody_else_waits_for_it(house: House, receiver: Receiver):
    with receiving() as bad:
        bad.usually = "500"
        house.endpoint(bad.url)
        house.endpoint(receiver.url)
        for _ in range(10):
            house.ticket()
        while house.deliver():
            pass
        assert len(bad.received) == 1
        assert len(receiver.received) == 10


def test_no_ring_waits_for_a_stranger(house: House, told: int, receiver: Receiver):
    house.ticket()
    assert not delivery.deliver_some(house.database, house.couriers, "w", house.clock, lambda: False)
    assert receiver.received == []
    house.deliver()
    assert len(receiver.received) == 1


def test_every_one_arrives_though_one_in_two_fails(house: House, told: int, receiver: Receiver):
    dice = Random(3)
    receiver.will = [dice.choice(["500", "hangs up", "200", "200"]) for _ in range(60)]
    tickets = [house.ticket() for _ in range(12)]
    house.deliver_for(HOUR * 12)
    assert len(set(receiver.ids)) == len(tickets)
    assert {one.state for one in house.deliveries()} == {"delivered"}


def test_after_days_of_nothing_but_failure_it_is_switched_off_and_managers_are_told(
    house: House, told: int, receiver: Receiver
):
    receiver.usually = "500"
    house.ticket()
    house.deliver()
    house.change(told, failing_since=house.clock() - PATIENCE)
    house.ticket()
    house.clock.advance(3600)
    house.deliver_for(MINUTE)
    assert house.get(told).off_at
    house.database.write(lambda session: failing.look(session, house.clock()))
    with house.database.reading() as session:
        (trouble,) = troubles.standing(session)
    assert (trouble.page, "Board" in trouble.words) == (f"/hooks/{told}", True)
    waiting = len(receiver.received)
    house.ticket()
    house.deliver_for(DAY, every=HOUR)
    assert len(receiver.received) == waiting
    house.change(told, off_at=None, off_why=None, failing_since=None)
    house.database.write(lambda session: failing.look(session, house.clock()))
    with house.database.reading() as session:
        assert troubles.standing(session) == []


def test_a_success_ends_the_count_of_days(house: House, told: int, receiver: Receiver):
    house.change(told, failing_since=house.clock() - PATIENCE)
    house.ticket()
    house.deliver()
    receiver.usually = "500"
    house.ticket()
    house.deliver()
    assert house.get(told).is_on


# Deaths


def test_killed_between_sending_and_writing_it_down_it_is_sent_again_under_its_id(
    house: House, told: int, receiver: Receiver
):
    house.ticket()
    honest = house.couriers["webhook"]
    house.couriers["webhook"] = replace(honest, hand=Dying(honest.hand))
    with pytest.raises(Killed):
        house.deliver()
    house.couriers["webhook"] = honest
    house.clock.advance(61)
    house.deliver()
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert [one.state for one in house.deliveries()] == ["delivered"]


def test_sent_again_by_hand_it_keeps_its_id(house: House, told: int, receiver: Receiver):
    house.ticket()
    house.deliver()
    for _ in range(2):
        with house.database.writing() as session:
            session.get_one(Delivery, 1).send_again(session, house.clock())
        house.deliver()
    assert len(receiver.received) == 3
    assert len(set(receiver.ids)) == 1


def test_what_was_removed_is_sent_nothing_more(house: House, told: int, receiver: Receiver):
    house.ticket()
    with house.database.writing() as session:
        session.get_one(Endpoint, told).remove(house.clock())
    house.deliver()
    assert receiver.received == []
    assert [row.state for row in house.rows()] == ["dropped"]


# Where it may go


@pytest.mark.parametrize(
    "found",
    ["127.0.0.1", "10.0.0.5", "169.254.169.254", "192.168.1.1", "100.64.0.1", "::1", "fe80::1", "fd00::1", "240.0.0.1"],
)
def test_nothing_is_sent_to_an_address_within(found: str):
    bounds = Bounds(look_up=lambda *_: ["93.184.216.34", found])
    with pytest.raises(OutOfBounds):
        bounds.address("hooks.example", 443)
    said = posting.post(bounds, "https://hooks.example/in", "{}", {})
    assert said.fault == "hooks.example is not on the public internet"


def test_without_the_setting_nothing_is_sent_to_this_machine(receiver: Receiver):
    said = posting.post(Bounds(), receiver.url, "{}", {})
    assert said.fault == "The address of a webhook begins with https://."
    assert receiver.received == []


def test_in_the_clear_nothing_is_sent_but_to_this_machine():
    bounds = Bounds(outward.networks("127.0.0.0/8, 10.0.0.0/8"))
    for url in ("http://10.0.0.5/in", "http://hooks.example/in", "http://localhost/in"):
        assert posting.post(bounds, url, "{}", {}).fault == "The address of a webhook begins with https://."


def test_of_a_huge_answer_the_first_kilobyte_is_kept(receiver: Receiver):
    receiver.usually = "huge"
    said = posting.post(BOUNDS, receiver.url, "{}", {})
    assert said.is_taken
    assert said.answer == "x" * 1024


def test_control_characters_of_an_answer_are_not_kept():
    assert posting.plain(b"a\0b\x1b[31m\nc\xff") == "a b [31m c\ufffd"


def test_a_status_counts_though_its_body_never_comes(receiver: Receiver):
    receiver.usually = "slow body"
    said = posting.post(BOUNDS, receiver.url, "{}", {}, patience=0.5)
    assert (said.is_taken, said.answer) == (True, "")


def test_who_does_not_answer_is_not_waited_for(receiver: Receiver):
    receiver.usually = "slow"
    said = posting.post(BOUNDS, receiver.url, "{}", {}, patience=0.3)
    assert said.fault == "no answer within 0.3 s"
