"""The simulated carrier held to Twilio's own description of its API: what is asked, and what is answered.

The description (twilio/twilio-oai, not ours to copy) lies beside the repository; without it all are skipped.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.testing import MockResponse
from openapi_core.validation.request.exceptions import RequestBodyValidationError
from openapi_core.validation.response.exceptions import InvalidData
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

import description
from description import SPEC, known_names, rebuilt, template
from simulator.clock import Clock
from simulator.rest import Rest, create_rest, serve
from simulator.rest_account import Request

SID, TOKEN = "AC" + "0" * 32, "the-token"
OURS, THANDI, FATIMA = "+27878090263", "+27825550101", "+27825550201"
URL = "https://line.example.com/page"
NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def described() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip("Twilio's OpenAPI description is not beside the repository (../shared/twilio)")
    return description.openapi()[0]


@pytest.fixture(scope="session")
def openapi(described: dict[str, Any]) -> OpenAPI:
    return description.openapi()[1]


class Noting(TwilioHttpClient):
    """Twilio's client, which keeps what it sent and what came back."""

    def __init__(self) -> None:
        super().__init__(timeout=5, request_hooks={"response": self.note})
        assert self.session is not None
        self.session.trust_env = False
        self.kept: list[requests.Response] = []

    def note(self, response: requests.Response, *_: object, **__: object) -> None:
        self.kept.append(response)


@pytest.fixture
def rest() -> Rest:
    rest = create_rest(SID, TOKEN, Clock(NOON))
    rest.account.add_number(OURS)
    return rest


@pytest.fixture
def noting() -> Iterator[Noting]:
    noting = Noting()
    yield noting
    assert noting.session is not None
    noting.session.close()


@pytest.fixture
def twilio(rest: Rest, noting: Noting) -> Iterator[Client]:
    with serve(rest) as base:
        client = Client(SID, TOKEN, http_client=noting)
        client.api.base_url = base
        yield client


def everything(rest: Rest, twilio: Client) -> None:
    """Each endpoint once, with every parameter the product may send."""
    made = twilio.calls.create(
        to=THANDI,
        from_=OURS,
        url=URL,
        method="POST",
        fallback_url=URL,
        status_callback=URL,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        timeout=20,
        time_limit=3600,
    )
    call = str(made.sid)
    twilio.calls(call).fetch()
    rest.account.progress(call, "in-progress", answered_by="human")
    twilio.calls(call).update(url=URL, method="POST")
    twilio.calls(call).update(twiml="<Response><Hangup/></Response>")
    recording = rest.account.add_recording(call, 4).sid
    twilio.calls(call).recordings.list()
    twilio.recordings.list(call_sid=call, date_created_after=NOON)
    twilio.recordings(recording).fetch()
    twilio.recordings(recording).delete()
    twilio.calls(call).update(status="completed")
    rest.account.add_call(OURS, THANDI, "outbound-dial", status="no-answer", parent_call_sid=call)
    twilio.calls.list(to=THANDI, from_=OURS, status="completed", start_time_after=NOON, page_size=1)
    twilio.calls.list(parent_call_sid=call, start_time_before=NOON)
    twilio.calls(call).delete()
    text = str(
        twilio.messages.create(to=THANDI, from_=OURS, body="Hello", validity_period=600, status_callback=URL).sid
    )
    twilio.messages.create(to=FATIMA, messaging_service_sid="MG" + "3" * 32, body="Hello")
    rest.account.progress(text, "undelivered", error_code=30003)
    rest.account.receive(FATIMA, OURS, "Thank you")
    twilio.messages(text).fetch()
    twilio.messages.list(to=THANDI, from_=OURS, date_sent_after=NOON)
    twilio.messages.list(page_size=1)
    twilio.messages(text).update(body="")
    twilio.messages(text).delete()
    number = str(twilio.incoming_phone_numbers.list(phone_number=OURS)[0].sid)
    twilio.incoming_phone_numbers(number).fetch()
    twilio.incoming_phone_numbers(number).update(
        voice_url=URL,
        voice_method="POST",
        voice_fallback_url=URL,
        status_callback=URL,
        sms_url=URL,
        sms_method="POST",
    )
    twilio.api.accounts(SID).fetch()


def test_every_answer_is_as_twilio_describes_it(openapi: OpenAPI, rest: Rest, noting: Noting, twilio: Client) -> None:
    everything(rest, twilio)
    for note, answer in zip(rest.account.requests, noting.kept, strict=True):
        kind = answer.headers["Content-Type"]
        openapi.validate_response(rebuilt(note), MockResponse(answer.content, answer.status_code, content_type=kind))


def test_every_answer_names_only_what_twilio_describes(
    described: dict[str, Any], rest: Rest, noting: Noting, twilio: Client
) -> None:
    everything(rest, twilio)
    for note, answer in zip(rest.account.requests, noting.kept, strict=True):
        responses = described["paths"][template(described, note.path)][note.method.lower()]["responses"]
        content = responses[str(answer.status_code)].get("content")
        if content:
            assert set(answer.json()) <= names(described, content["application/json"]["schema"]), note.path


def names(described: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return set(schema["properties"])


def test_every_request_is_as_twilio_describes_it(
    openapi: OpenAPI, described: dict[str, Any], rest: Rest, twilio: Client
) -> None:
    everything(rest, twilio)
    for note in rest.account.requests:
        openapi.validate_request(rebuilt(note))
        assert set(note.query) | set(note.form) <= known_names(described, note), note.path


def test_every_endpoint_was_asked(described: dict[str, Any], rest: Rest, twilio: Client) -> None:
    everything(rest, twilio)
    asked = {(note.method, template(described, note.path)) for note in rest.account.requests}
    offered = {
        (str(method), template(described, rule.rule.replace("<account_sid>", SID).replace("<sid>", "X")))
        for rule in rest.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.endswith(".json")
    }
    assert asked == offered


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.form.pop("To"),
        lambda note: note.form.update(Timeout=["soon"]),
        lambda note: note.form.update(Method=["PUT"]),
    ],
)
def test_a_bad_request_would_have_been_seen(
    openapi: OpenAPI, rest: Rest, twilio: Client, spoil: Callable[[Request], object]
) -> None:
    twilio.calls.create(to=THANDI, from_=OURS, url=URL, timeout=20, method="POST")
    (note,) = rest.account.requests
    openapi.validate_request(rebuilt(note))
    spoil(note)
    with pytest.raises(RequestBodyValidationError):
        openapi.validate_request(rebuilt(note))


@pytest.mark.parametrize("change", [{"status": "rung"}, {"sid": "CA1"}, {"subresource_uris": "none"}])
def test_a_bad_answer_would_have_been_seen(
    openapi: OpenAPI, rest: Rest, noting: Noting, twilio: Client, change: dict[str, str]
) -> None:
    twilio.calls.create(to=THANDI, from_=OURS, url=URL)
    bad = json.dumps(noting.kept[0].json() | change).encode()
    with pytest.raises(InvalidData):
        openapi.validate_response(rebuilt(rest.account.requests[0]), MockResponse(bad, 201))


def test_times_are_written_as_rfc_2822(rest: Rest, noting: Noting, twilio: Client) -> None:
    everything(rest, twilio)
    written = [
        value
        for answer in noting.kept
        if answer.content
        for name, value in answer.json().items()
        if name.startswith("date_") or name.endswith("_time")
        if value and name != "queue_time"
    ]
    assert {parsedate_to_datetime(value) for value in written} == {NOON}
    assert all(value.endswith("+0000") for value in written)
