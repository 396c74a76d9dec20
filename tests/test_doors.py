"""Every door has a guard: counted, and tried from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import LINE, ORIGIN
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from flask.testing import FlaskClient

VOICE = ["/voice/incoming", "/voice/main_menu/1", "/voice/fallback", "/voice/help/0", "/voice/help/whisper"]
REPORTS = ["/voice/status", "/voice/leg", "/voice/recording", "/voice/text", "/voice/texted"]
GUARDS = {
    "voice": "the carrier's signature",
    "pages": "demo mode, until there is a sign-in",
    "tryout": "demo mode, until there is a sign-in",
    "static": "public: a stylesheet and icons",
}


def form(**more: str) -> dict[str, str]:
    return {"CallSid": "CA" + "0" * 32, "AccountSid": "AC" + "a" * 32, "From": "+27825550202", "To": LINE, **more}


def signature(app: Flask, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    token = app.extensions["settings"].twilio_auth_token.get_secret_value()
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(ORIGIN + path, fields)}


def test_every_route_belongs_to_a_guarded_blueprint(app: Flask):
    for rule in app.url_map.iter_rules():
        assert rule.endpoint.partition(".")[0] in GUARDS, f"{rule} has no guard"


@pytest.mark.parametrize("path", VOICE + REPORTS)
def test_no_signature_no_entry(client: FlaskClient, path: str):
    assert client.post(path, data=form()).status_code == 403


@pytest.mark.parametrize("path", VOICE + REPORTS)
def test_a_signature_over_something_else_opens_nothing(app: Flask, client: FlaskClient, path: str):
    for wrong in (signature(app, "/voice/other", form()), signature(app, path, form(Digits="1"))):
        assert client.post(path, data=form(), headers=wrong).status_code == 403


def test_another_account_s_webhook_is_refused(app: Flask, client: FlaskClient):
    fields = form(AccountSid="AC" + "b" * 32)
    assert (
        client.post("/voice/incoming", data=fields, headers=signature(app, "/voice/incoming", fields)).status_code
        == 403
    )


def test_the_right_signature_opens(app: Flask, client: FlaskClient):
    answer = client.post("/voice/incoming", data=form(), headers=signature(app, "/voice/incoming", form()))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "Harbour" not in answer.text
    assert "<Gather" in answer.text


def test_the_signature_covers_the_raw_target(app: Flask, client: FlaskClient):
    """The framework would decode %2F and %7E, and a genuine signature would not fit any more (TWILIO.md §2.4)."""
    path = "/voice/incoming?note=a%2Fb%7Ec%3A"
    answer = client.post(
        "/voice/incoming", query_string={"note": "changed"}, data=form(),
        headers=signature(app, path, form()), environ_overrides={"RAW_URI": path},
    )  # fmt: skip
    assert answer.status_code == 200


def test_repeated_names_are_signed_too(app: Flask, client: FlaskClient):
    fields = MultiDict([*form().items(), ("Extra", "b"), ("Extra", "a")])
    headers = signature(app, "/voice/incoming", fields)
    assert client.post("/voice/incoming", data=fields, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/voice/", "/voice/nowhere", "/voice/incoming/", "/voice/nowhere/0/x"])
def test_a_voice_url_that_does_not_exist_answers_in_speech_and_tells_nothing(client: FlaskClient, path: str):
    for answer in (client.get(path), client.post(path, data=form())):
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        assert "<Dial" not in answer.text


@pytest.mark.fails_on_purpose
def test_a_step_that_does_not_exist_still_rings_a_person(app: Flask, client: FlaskClient):
    incoming = signature(app, "/voice/incoming", form())
    client.post("/voice/incoming", data=form(), headers=incoming)
    answer = client.post("/voice/nowhere/7", data=form(), headers=signature(app, "/voice/nowhere/7", form()))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "+27825550101" in answer.text
