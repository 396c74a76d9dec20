"""The page of the lines: a name and languages are heard before they are published, and the carrier is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE
from desk.audit import Entry
from ivr.line import Line
from visitors import browser_of, plain, post, seen

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.rest import Rest

PATH = "/settings/lines/1/name"


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def changed(client: FlaskClient, **fields: object) -> TestResponse:
    return post(client, PATH, **fields, sure="yes", seen=seen(post(client, PATH, **fields)))


def line(app: Flask) -> tuple[str, list[str]]:
    with app.extensions["database"].reading() as session:
        one = session.scalars(select(Line)).one()
        return one.company, one.languages


def test_a_language_more_is_heard_before_it_is_spoken(shut: Flask, naledi: FlaskClient):
    looked = plain(post(naledi, PATH, company="Protea IT", first="en", more="af").text)
    assert "U het Protea IT gebel. Ons kantoor is nou gesluit. Ons maak Maandag om half nege weer oop." in looked
    assert "You have reached Protea IT." in looked
    assert line(shut) == ("Protea IT Support", ["en"])
    assert changed(naledi, company="Protea IT", first="en", more="af").location == "/settings/lines?said=changed"
    assert line(shut) == ("Protea IT", ["en", "af"])
    board = shut.extensions["exchange"].renew()
    assert board.lines[LINE].languages == ("en", "af")
    assert board.words["af"]["welcome"].startswith("Dankie")
    with shut.extensions["database"].reading() as session:
        entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.what, entry.who, entry.detail["was"]) == ("line changed", "Naledi Dlamini", "Protea IT Support")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"company": " ", "first": "en"}, "A line answers under a name"),
        ({"company": "x" * 61, "first": "en"}, "A line answers under a name"),
        ({"company": "Protea", "first": "xx"}, "Choose the language"),
        ({"company": "Protea IT Support", "first": "en"}, "That is how it is already."),
    ],
)
def test_what_cannot_be_is_refused(shut: Flask, naledi: FlaskClient, typed: dict[str, str], words: str):
    refused = post(naledi, PATH, **typed, sure="yes")
    assert (refused.status_code, words in plain(refused.text)) == (422, True)
    assert line(shut) == ("Protea IT Support", ["en"])


def test_of_two_who_change_a_line_the_second_is_shown_what_it_is_now(shut: Flask, naledi: FlaskClient):
    state = seen(post(naledi, PATH, company="Protea", first="en"))
    changed(naledi, company="Cape IT", first="en")
    late = post(naledi, PATH, company="Protea", first="en", sure="yes", seen=state)
    assert (late.status_code, "it answers as Cape IT now" in late.text) == (409, True)
    assert line(shut) == ("Cape IT", ["en"])


def test_the_page_says_what_the_last_check_found_and_asks_nobody(app: Flask, rest: Rest):
    manager = app.test_client()
    assert "Nobody has looked yet" in manager.get("/settings/lines").text
    app.test_cli_runner().invoke(args=["ivr", "check"])
    asked = len(rest.account.requests)
    assert asked
    page = plain(manager.get("/settings/lines").text)
    assert "well The account is active." in page
    assert "not well https://afterhours.example cannot be reached from here" in page
    assert len(rest.account.requests) == asked
