"""Public pages under a flood: who sends too much uses up their own, and real customers get in or are told to ring."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from desk.door.attempts import Attempts
from visitor import MAILS, WRITTEN, Queries, Visitor, mails, tickets
from visitors import form_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from simulator.clock import Clock


@pytest.fixture
def web(another: Callable[..., Flask]) -> Flask:
    return another(demo=False, **MAILS)


def flood(web: Flask, clock: Clock, posts: int, place: Callable[[int], str], **fields: str) -> Counter[int]:
    """So many forms within a minute; what they were answered."""
    visitor, answers = Visitor(web), Counter()
    token = form_token(visitor.client)
    for n in range(posts):
        clock.until(clock() + timedelta(minutes=1) / posts)
        data = {**WRITTEN, "what": f"Buy {n} at {clock()}", "email": f"{n}@spam.example", "form_token": token, **fields}
        answer = visitor.client.post("/help/new", data=data, environ_overrides={"REMOTE_ADDR": place(n)})
        answers[answer.status_code] += 1
    return answers


def test_a_thousand_forms_a_minute_from_one_source_are_ten_tickets_and_a_customer_gets_in(web: Flask, clock: Clock):
    assert flood(web, clock, 1000, lambda _: "203.0.113.66") == {303: 10, 429: 990}
    assert len(tickets(web)) == 10
    Visitor(web, "198.51.100.1").opens()


def test_a_flood_does_not_even_reach_the_database(web: Flask, clock: Clock):
    flood(web, clock, 60, lambda _: "203.0.113.66")
    visitor = Visitor(web, "203.0.113.66")
    token = form_token(visitor.client)
    with Queries(web) as asked:
        answer = visitor.client.post(
            "/help/new", data=WRITTEN | {"form_token": token}, environ_overrides={"REMOTE_ADDR": "203.0.113.66"}
        )
    assert (answer.status_code, "087 809 0263" in answer.text) == (429, True)
    assert not [words for words in asked if not words.startswith(("BEGIN", "SELECT"))]


def test_a_flood_from_everywhere_ends_at_the_whole_and_says_to_ring_with_the_words_kept(web: Flask, clock: Clock):
    assert flood(web, clock, 400, lambda n: f"203.0.{n // 250}.{n % 250}") == {303: 300, 429: 100}
    answer = Visitor(web, "198.51.100.1").sends()
    assert (answer.status_code, "087 809 0263" in answer.text, "since noon</textarea>" in answer.text) == (
        429,
        True,
        True,
    )
    clock.until(clock() + timedelta(minutes=15))
    Visitor(web, "198.51.100.1").opens()


def test_a_flood_under_one_mail_address_ends_at_twenty_whoever_sends_it(web: Flask, clock: Clock):
    answers = flood(web, clock, 40, lambda n: f"203.0.113.{n}", email="ann@shop.example")
    assert answers == {303: 20, 429: 20}
    assert mails(web) == []


def test_what_follows_a_plus_makes_no_other_mailbox_of_it(web: Flask, clock: Clock):
    ann = Visitor(web, "198.51.100.9")
    sent = [ann.sends(key=f"{n}", email=f"ann+{n}@shop.example").status_code for n in range(7)]
    assert sent == [303] * 5 + [429] * 2


def test_no_source_alone_can_use_up_somebody_s_mail_address(web: Flask, clock: Clock):
    assert flood(web, clock, 25, lambda _: "203.0.113.66", email="ann@shop.example") == {303: 5, 429: 20}
    Visitor(web, "198.51.100.1").opens()


def test_a_double_send_is_answered_also_beyond_the_limit(web: Flask, clock: Clock):
    visitor = Visitor(web, "203.0.113.66")
    first = visitor.opens()
    flood(web, clock, 20, lambda _: "203.0.113.66")
    clock.until(clock() + timedelta(minutes=1))
    assert visitor.sends(what="One more").status_code == 429
    assert visitor.opens() == first


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "10.0.0.3")])
def test_the_source_is_the_one_that_a_trusted_proxy_names(another: Callable[..., Flask], proxies: int, seen: str):
    app = another(trusted_proxies=proxies)
    client = app.test_client()
    forged = {"X-Forwarded-For": "10.0.0.1, 10.0.0.2, 10.0.0.3"}
    client.post("/help/new", data=WRITTEN | {"form_token": form_token(client)}, headers=forged)
    with app.extensions["database"].reading() as session:
        assert session.get(Attempts, f"ticket address {seen}")


def test_looking_at_forms_is_not_limited(web: Flask):
    visitor = Visitor(web)
    assert {visitor.get("/help/new").status_code for _ in range(80)} == {200}
