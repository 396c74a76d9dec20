"""Languages that no voice speaks: added, recorded sentence by sentence, listened to, published, gone back from."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from cast import HARBOUR, LERATO
from conftest import DAY, LINE, network_of
from desk.audit import Entry
from ivr.line import Line
from ivr.recorded import PromptSound, RecordedPrompt
from simulator.script import play
from sounds import beep, mp3
from tickets.people import Contact
from visitor import Queries
from visitors import browser_of, form_token, plain, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

MENU = "/settings/recorded/zu/main_menu"
WORDS = "Ukuze uthole usizo, cindezela u-1."


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    """At her desk, with isiZulu added."""
    client = browser_of(shut, "naledi")
    assert post(client, "/settings/languages", code="zu", name="isiZulu").location == "/settings/recorded/zu"
    return client


def uploaded(client: FlaskClient, sound: bytes, words: str = WORDS, path: str = MENU) -> TestResponse:
    file = FileStorage(BytesIO(sound), "prompt.html", content_type="text/html")  # these say what they like
    boundary, body = encode_multipart({"form_token": form_token(client), "words": words, "file": file})
    return client.post(f"{path}/draft", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def pressed(client: FlaskClient, button: str, path: str = MENU) -> TestResponse:
    """Press a button of the page, with what stands in its form."""
    forms = re.findall(r"<form.*?</form>", client.get(path).text, re.DOTALL)
    form = next(form for form in forms if button in form)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return client.post(re.findall(r'action="([^"]*)"', form)[0], data=fields)


def published(client: FlaskClient, sound: bytes, words: str = WORDS, path: str = MENU) -> TestResponse:
    assert uploaded(client, sound, words, path).status_code == 303
    return pressed(client, "Publish this recording", path)


def played(app: Flask, key: str = "main_menu") -> str | None:
    with app.extensions["database"].reading() as session:
        found = app.extensions["exchange"].boards.current(session).recorded["zu"].get(key)
        return found.words if found else None


def sounds(app: Flask) -> int:
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count(PromptSound.digest))) or 0


def spoken_to_harbour(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """The line speaks isiZulu to them."""
    fields = {"company": "Protea IT Support", "first": "en", "more": "zu"}
    looked = post(client, "/settings/lines/1/name", **fields)
    seen = re.search(r'name="seen" value="(\w+)"', looked.text)[1]
    assert post(client, "/settings/lines/1/name", **fields, sure="yes", seen=seen).status_code == 303
    with app.extensions["database"].writing() as session:
        session.scalars(select(Contact).where(Contact.phone == HARBOUR)).one().language = "zu"
    clock.until(DAY)


def test_a_draft_is_listened_to_before_anybody_hears_it_and_then_it_is_played(shut: Flask, naledi: FlaskClient):
    assert uploaded(naledi, beep()).location == f"{MENU}#draft"
    page = naledi.get(MENU).text
    assert "Draft: nobody hears it yet" in plain(page)
    assert played(shut) is None
    heard = naledi.get(re.search(r'<audio[^>]* src="([^"]+)"', page)[1])
    assert (heard.status_code, heard.content_type, heard.data) == (200, "audio/wav", beep())
    assert pressed(naledi, "Publish this recording").location == f"{MENU}?said=1"
    assert played(shut) == WORDS
    with shut.extensions["database"].reading() as session:
        entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.what, entry.who, entry.about) == ("recorded prompt published", "Naledi Dlamini", "zu: main_menu")


def test_what_is_missing_is_listed_and_counted(shut: Flask, naledi: FlaskClient):
    before = plain(naledi.get("/settings/recorded/zu").text)
    number = int(re.search(r"0 of (\d+) sentences are recorded", before)[1])
    published(naledi, beep())
    page = naledi.get("/settings/recorded/zu").text
    # What is said again is no second sentence: where it has no recording of its own, the first is heard again.
    assert f"1 of {number - 1} sentences are recorded. ◐ {number - 2} missing" in plain(page)
    missing = page[page.index('id="missing"') : page.index('id="played"')]
    assert MENU not in missing
    assert "/settings/recorded/zu/nobody_free" in missing
    assert "/settings/recorded/zu/thanks" in page[page.index('id="filled"') :]


def test_an_earlier_version_is_heard_again_as_a_version_of_its_own(shut: Flask, naledi: FlaskClient):
    published(naledi, beep(2))
    published(naledi, mp3(3), "Okusha.")
    assert played(shut) == "Okusha."
    assert pressed(naledi, "Go back to version 1").location == f"{MENU}?said=3"
    assert played(shut) == WORDS
    assert pressed(naledi, "Have it spoken in English again").location == f"{MENU}?said=4"
    assert played(shut) is None
    assert pressed(naledi, "Go back to version 3").location == f"{MENU}?said=5"
    assert played(shut) == WORDS
    assert sounds(shut) == 2


def test_a_draft_takes_the_place_of_the_one_before_and_of_its_sound(shut: Flask, naledi: FlaskClient):
    published(naledi, beep(2))
    for seconds in (2, 3, 4, 2):
        uploaded(naledi, beep(seconds))
    assert sounds(shut) == 1  # what is played stays, whoever uploaded it again
    with shut.extensions["database"].reading() as session:
        assert session.scalar(select(func.count(RecordedPrompt.id))) == 2


def test_nobody_publishes_what_they_have_not_listened_to(shut: Flask, naledi: FlaskClient):
    uploaded(naledi, beep(2))
    page = naledi.get(MENU).text
    fields = dict(re.findall(r'name="(seen|what|draft)" value="([^"]*)"', page[page.index('id="draft"') :]))
    uploaded(browser_of(shut, "naledi"), beep(3), "Okunye.")
    late = post(naledi, f"{MENU}/publish", **fields)
    assert (late.status_code, "Somebody has published another" in plain(late.text)) == (409, True)
    assert played(shut) is None
    assert pressed(naledi, "Publish this recording").status_code == 303
    assert post(naledi, f"{MENU}/publish", **fields).status_code == 422  # there is no draft any more
    assert played(shut) == "Okunye."


@pytest.mark.parametrize(
    ("sound", "words", "why"),
    [
        (b"", WORDS, "Choose the file"),
        (b"<svg onload=alert(1)>", WORDS, "neither MP3 nor WAV"),
        (beep(61), WORDS, "at most"),
        (beep(), " ", "Write what is said"),
        (beep(), "a\x07b", "Write what is said"),
        (beep(), "x" * 701, "Write what is said"),
    ],
)
def test_what_cannot_be_played_is_refused_and_the_words_stay(
    shut: Flask, naledi: FlaskClient, sound: bytes, words: str, why: str
):
    answer = uploaded(naledi, sound, words)
    assert answer.status_code == 422
    assert why in plain(answer.text)
    assert words in answer.text
    assert sounds(shut) == 0


def test_a_sentence_into_which_something_is_filled_takes_no_recording(shut: Flask, naledi: FlaskClient):
    answer = uploaded(naledi, beep(), path="/settings/recorded/zu/thanks")
    assert (answer.status_code, "spoken in English" in plain(answer.text)) == (422, True)
    assert sounds(shut) == 0
    for path in ("/settings/recorded/zu/whisper", "/settings/recorded/zu/nothing", "/settings/recorded/xh/main_menu"):
        assert naledi.get(path).status_code == 404
        assert uploaded(naledi, beep(), path=path).status_code == 404


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("zulu", "isiZulu", "such as zu"),
        ("ZU", "isiZulu", "such as zu"),
        ("zu/..", "isiZulu", "such as zu"),
        ("af", "Afrikaans", "spoken by a voice"),
        ("zu", "isiZulu", "there already"),
        ("xh", " ", "write the name"),
        ("xh", "x" * 41, "write the name"),
    ],
)
def test_a_language_is_added_once_and_by_its_code(naledi: FlaskClient, code: str, name: str, why: str):
    answer = post(naledi, "/settings/languages", code=code, name=name)
    assert (answer.status_code, why.lower() in plain(answer.text).lower()) == (422, True)


def test_it_is_chosen_for_a_line_and_a_contact_like_any_other(shut: Flask, naledi: FlaskClient):
    assert "isiZulu" in naledi.get("/settings/lines/1").text
    contact = re.search(r"/customers/harbour/contacts/\d+", naledi.get("/customers/harbour").text)[0]
    page = naledi.get(contact).text
    assert '<option value="zu"' in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    fields = {"name": "Sipho Khumalo", "phone": HARBOUR, "email": "", "seen": seen}
    assert post(naledi, contact, **fields, language="xh").status_code == 422
    assert post(naledi, contact, **fields, language="zu").status_code == 303
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Contact.language).where(Contact.phone == HARBOUR)).one() == "zu"


def test_the_carrier_fetches_the_sound_with_one_query_and_may_keep_it(shut: Flask, naledi: FlaskClient, clock: Clock):
    published(naledi, mp3())
    spoken_to_harbour(shut, naledi, clock)
    call = network_of(shut, clock).ring(HARBOUR, LINE)
    assert f"> {WORDS}" in call.transcript
    url = re.search(r"<Play>https://afterhours\.example(/prompt/[^<]+)</Play>", call.requests[0].body)[1]
    carrier = browser_of(shut)
    with Queries(shut) as asked:
        answer = carrier.get(url)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "audio/mpeg", mp3())
    assert len([said for said in asked if said.startswith("SELECT")]) == 1
    assert answer.headers["Cache-Control"] == "public, max-age=604800, immutable"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert carrier.get(url.replace("/prompt/", "/prompt/a")).status_code == 404
    clock.until(clock() + timedelta(days=15))
    assert carrier.get(url).status_code == 404


def test_under_another_name_the_greeting_is_spoken_for_the_recording_says_the_old_one(
    shut: Flask, naledi: FlaskClient, clock: Clock
):
    published(naledi, beep(), "Siyabonga.", "/settings/recorded/zu/welcome")
    spoken_to_harbour(shut, naledi, clock)
    network = network_of(shut, clock)
    assert "> Siyabonga." in network.ring(HARBOUR, LINE).transcript
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Line)).one().company = "Protea"
    assert "> Thank you for calling Protea." in network.ring(HARBOUR, LINE).transcript


def test_an_engineer_hears_english_whatever_the_caller_hears(shut: Flask, naledi: FlaskClient, clock: Clock):
    spoken_to_harbour(shut, naledi, clock)
    network = network_of(shut, clock)
    network.handset(LERATO, "accept")
    call = network.ring(HARBOUR, LINE)
    play(call, ["1"])
    assert any("> Support call for Harbour Foods" in line for line in call.transcript)


def test_only_a_manager_records(shut: Flask, naledi: FlaskClient):
    for key in ("thandi", "bongani"):
        client = browser_of(shut, key)
        data = {"form_token": form_token(client), "words": WORDS, "file": (BytesIO(beep()), "a.wav")}
        assert client.post(f"{MENU}/draft", data=data).status_code == 403
    assert sounds(shut) == 0
