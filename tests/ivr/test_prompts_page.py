"""The pages of the prompts: other words are read as they would be spoken, published by version, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.audit import Entry
from visitors import browser_of, plain, post, seen

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

FAREWELL = "Keep {reference} at hand, again {reference}. {company} thanks you."
THANKS = "/settings/prompts/en/thanks"


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def published(client: FlaskClient, text: str, path: str = THANKS) -> TestResponse:
    return post(client, path, text=text, sure="yes", seen=seen(post(client, path, text=text)))


def words(app: Flask, key: str = "thanks", language: str = "en") -> str:
    with app.extensions["database"].reading() as session:
        return app.extensions["exchange"].boards.current(session).words[language][key]


def test_they_are_read_as_they_would_be_spoken_and_then_published(shut: Flask, naledi: FlaskClient):
    before = words(shut)
    looked = plain(post(naledi, THANKS, text=FAREWELL).text)
    assert "Keep 2 8 0, 3 4 0, 6 3 8 at hand, again 2 8 0, 3 4 0, 6 3 8. Protea IT Support thanks you." in looked
    assert words(shut) == before
    assert published(naledi, FAREWELL).location == f"{THANKS}?said=1"
    assert words(shut) == FAREWELL
    with shut.extensions["database"].reading() as session:
        entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.what, entry.who, entry.about) == ("prompt published", "Naledi Dlamini", "en: thanks")
    assert "yours, version 1" in plain(naledi.get("/settings/prompts").text)


def test_an_earlier_version_is_taken_up_and_is_a_version_of_its_own(shut: Flask, naledi: FlaskClient):
    ours = words(shut)
    published(naledi, FAREWELL)
    published(naledi, FAREWELL.replace("thanks you", "says goodbye"))
    page = naledi.get(f"{THANKS}?version=1").text
    assert FAREWELL in page
    assert "Go back to version 1" in page
    assert published(naledi, FAREWELL).location == f"{THANKS}?said=3"
    assert words(shut) == FAREWELL
    published(naledi, ours)
    assert words(shut) == ours


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("thanks", "Your number is {refrence}. {company}", "{refrence} is not known here; in this sentence there is"),
        ("thanks", "Thank you for calling {company}.", "{reference} is missing, and nobody would hear it"),
        ("thanks", "{reference} {company} {", "A brace has no partner"),
        ("thanks", "{reference} {company.__class__}", "Between braces stands the name of a fact"),
        ("thanks", "{reference!r} {company}", "Between braces stands the name of a fact"),
        ("thanks", "{reference:>9} {company}", "Between braces stands the name of a fact"),
        ("thanks", "{} {company}", "Between braces stands the name of a fact alone, such as {company}, not nothing."),
        ("goodbye", "Until soon.", "{company} is missing"),
        ("hunt", "Hold on, {company}.", "{company} is not known here; in this sentence there is no fact at all."),
        ("hunt", "   ", "A caller has to hear something"),
        ("hunt", "x" * 701, "There is room for 700 characters"),
        ("text_warning_owner", "It is yours ☎", "☎ is no sign of the alphabet of texts"),
        ("hunt", "Please hold while we find somebody for you.", "These are the words already."),
    ],
)
def test_what_cannot_be_spoken_is_refused_and_what_was_typed_stays(
    shut: Flask, naledi: FlaskClient, key: str, text: str, said: str
):
    before = words(shut, key)
    refused = post(naledi, f"/settings/prompts/en/{key}", text=text, sure="yes", seen="0")
    assert refused.status_code == 422
    assert said.lower() in plain(refused.text).lower()
    assert text.strip()[:40] in plain(refused.text)
    assert words(shut, key) == before


def test_of_two_who_publish_at_once_the_second_sees_the_words_of_the_first(shut: Flask, naledi: FlaskClient):
    state = seen(post(naledi, THANKS, text=FAREWELL))
    published(naledi, FAREWELL.replace("Keep", "Hold"))
    late = post(naledi, THANKS, text=FAREWELL, sure="yes", seen=state)
    assert late.status_code == 409
    assert "Hold {reference} at hand" in late.text
    assert FAREWELL in late.text
    assert words(shut).startswith("Hold")
    assert post(naledi, THANKS, text=FAREWELL, sure="yes", seen="x").status_code == 409


def test_every_sentence_of_a_language_is_listed_and_opens(naledi: FlaskClient):
    page = naledi.get("/settings/prompts?language=af").text
    assert "Dankie dat u {company} bel." in page
    assert "Nothing is missing in this language." in page
    assert "No line speaks Afrikaans yet." in page
    assert "U verwysing is 2 8 0, 3 4 0, 6 3 8." in plain(naledi.get("/settings/prompts/af/thanks").text)


@pytest.mark.parametrize("path", ["/settings/prompts?language=xx", "/settings/prompts/xx/thanks",
                                  "/settings/prompts/en/voice", "/settings/prompts/en/nothing"])  # fmt: skip
def test_there_is_no_page_of_what_is_no_prompt(naledi: FlaskClient, path: str):
    assert naledi.get(path).status_code == 404


def test_a_long_sentence_says_that_it_is_long(naledi: FlaskClient):
    assert "That is long" in post(naledi, THANKS, text=FAREWELL + " And so on." * 40).text
