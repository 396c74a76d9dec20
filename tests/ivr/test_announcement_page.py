"""The page of announcements: heard from and until when it says, and by nobody before somebody has looked at it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE
from desk.audit import Entry
from ivr.announcement import Announced
from ivr.greeting import greeting
from ivr.line import Line
from visitors import browser_of, plain, post, seen

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

DOWN = "Mail is down at the moment. We are working on it."
MAIL = {"verb": "announce", "say-en": DOWN, "starts": "2026-11-22T08:00", "ends": "2026-11-22T12:00"}


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def asked(client: FlaskClient, **fields: str) -> TestResponse:
    return post(client, "/settings/announcement", **fields)


def announced(client: FlaskClient, **fields: str) -> TestResponse:
    return asked(client, **fields, sure="yes", seen=seen(asked(client, **fields)))


def heard(app: Flask, hour: int, minute: int = 0) -> bool:
    """Whether it is heard at that time of the Sunday."""
    at = datetime(2026, 11, 22, hour, minute, tzinfo=UTC) - timedelta(hours=2)
    with app.extensions["database"].reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    return DOWN in greeting(board, board.lines[LINE], "en", at).text


def test_it_is_heard_from_when_it_begins_until_it_ends_once_it_was_looked_at(shut: Flask, naledi: FlaskClient):
    looked = asked(naledi, **MAIL)
    assert f"We open again on Monday at half past eight. {DOWN} For support, press 1." in plain(looked.text)
    assert not heard(shut, 9)
    assert announced(naledi, **MAIL).location == "/settings/announcement?said=announced"
    assert [heard(shut, *at) for at in ((7, 59), (8,), (11, 59), (12,))] == [False, True, True, False]
    assert "Sun 22 Nov 08:00 to Sun 22 Nov 12:00" in plain(naledi.get("/settings/announcement").text)


def test_without_an_end_it_is_heard_until_somebody_ends_it(shut: Flask, naledi: FlaskClient, clock: Clock):
    announced(naledi, verb="announce", **{"say-en": DOWN})
    assert [heard(shut, 2), heard(shut, 23)] == [True, True]
    clock.until(clock() + timedelta(hours=1))
    assert asked(naledi, verb="end", number="1").location == "/settings/announcement?said=ended"
    assert [heard(shut, 2, 59), heard(shut, 3)] == [True, False]
    again = asked(naledi, verb="end", number="1")
    assert (again.status_code, "This announcement is over, or somebody has ended it." in again.text) == (422, True)
    assert "ended by Naledi Dlamini" in plain(naledi.get("/settings/announcement").text)
    with shut.extensions["database"].reading() as session:
        told = session.scalars(select(Entry.what).where(Entry.who == "Naledi Dlamini").order_by(Entry.id)).all()
    assert told == ["announcement made", "announcement ended"]


def test_one_to_come_is_taken_back_and_never_heard(shut: Flask, naledi: FlaskClient):
    announced(naledi, **MAIL)
    asked(naledi, verb="end", number="1")
    assert not heard(shut, 9)


def test_what_the_set_up_says_for_good_is_ended_too(shut: Flask, naledi: FlaskClient):
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Line)).one().announcement = DOWN
    assert heard(shut, 9)
    assert asked(naledi, verb="end-standing", line=LINE).status_code == 303
    assert not heard(shut, 9)
    assert asked(naledi, verb="end-standing", line=LINE).status_code == 422


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({**MAIL, "say-en": "  "}, "Say it in every language of the line."),
        ({**MAIL, "say-en": "x" * 501}, "A text has room for 500 characters"),
        ({**MAIL, "ends": "2026-11-22T07:00"}, "It ends after it began, and after now."),
        ({**MAIL, "starts": "", "ends": "2026-11-22T01:00"}, "It ends after it began, and after now."),
        ({**MAIL, "starts": "later"}, "is not a time such as"),
        ({**MAIL, "line": "+27100000000"}, "Choose a line."),
        ({"verb": "end", "number": "99"}, "There is no such announcement."),
        ({"verb": "end", "number": "x"}, "There is no such announcement."),
        ({"verb": "sing"}, "Say what is to happen."),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(naledi: FlaskClient, typed: dict[str, str], words: str):
    refused = asked(naledi, **typed)
    assert refused.status_code == 422
    assert words in plain(refused.text)
    assert typed.get("ends", "") in refused.text


def test_of_two_who_announce_at_once_the_second_hears_first_what_is_said_now(shut: Flask, naledi: FlaskClient):
    state = seen(asked(naledi, **MAIL))
    announced(naledi, **MAIL | {"say-en": "The network is down."})
    late = asked(naledi, **MAIL, sure="yes", seen=state)
    assert late.status_code == 409
    assert f"The network is down. {DOWN}" in plain(late.text)
    assert not heard(shut, 9)
    state = re.search(r'name="seen" value="(\w+)"', late.text)[1]
    assert asked(naledi, **MAIL, sure="yes", seen=state).status_code == 303
    assert heard(shut, 9)


def test_a_language_without_words_of_its_own_has_those_that_there_are():
    one = Announced(datetime(2026, 11, 22, tzinfo=UTC), None, {"en": DOWN})
    assert (one.words("en"), one.words("af")) == (DOWN, DOWN)
