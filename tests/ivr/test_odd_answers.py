"""What answers in the carrier's place, or in the middle of its own answer: pages, redirects, halves, nothing."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import trustme

from cast import THANDI
from conftest import LINE, NIGHT, settings_for
from desk.answer import Done, Later, Refused, Unknown
from ivr import refusals
from ivr.carrier import LARGEST_SOUND, Carrier
from simulator.rest_faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desk.answer import Answer
    from simulator.clock import Clock
    from simulator.rest import Rest

CALL, RECORDING = "CA" + "0" * 32, "RE" + "0" * 32
HTML = "<html><title>Sign in to the network</title></html>"


def http(status: str, body: str = HTML, kind: str = "text/html", *more: str) -> bytes:
    """An answer, as it goes over the wire."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join([*head, "", body]).encode()


def whole(request: bytes) -> bool:
    """Whether the request is there, its body included."""
    head, there, body = request.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    return bool(there) and len(body) >= sum(lengths)


class Stranger:
    """Listens on a loopback port and gives everybody the same bytes, once it has read the whole request."""

    def __init__(self, said: bytes, context: ssl.SSLContext | None = None) -> None:
        self.said, self.context = said, context
        self.heard: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        Thread(target=self.serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.answer(connection)

    def answer(self, connection: socket.socket) -> None:
        if self.context is None:
            connection.sendall(self.read(connection) and self.said)
            return
        try:
            secure = self.context.wrap_socket(connection, server_side=True)
        except OSError:  # whoever calls does not trust us
            return
        if self.read(secure):
            raw = socket.socket(fileno=secure.detach())  # and now the wrong bytes, where a TLS record should be
            raw.sendall(self.said)
            raw.close()

    def read(self, connection: socket.socket) -> bytes:
        request = b""
        while not whole(request) and (part := connection.recv(65536)):
            request += part
        self.heard.append(request)
        return request


@contextmanager
def stranger(said: bytes, context: ssl.SSLContext | None = None) -> Iterator[Stranger]:
    made = Stranger(said, context)
    try:
        yield made
    finally:
        made.listener.close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def carrier_at(api: str, clock: Clock) -> Carrier:
    return Carrier(settings_for("sqlite://", twilio_api=api), clock)


def text(carrier: Carrier) -> Answer:
    lasts = timedelta(hours=1)
    return carrier.text(
        THANDI, LINE, "Hello.", report_to="https://a.example/", lasts=lasts, before=NIGHT + timedelta(seconds=30)
    )


ODD = {
    "a page of a captive portal": http("200 OK"),
    "a page, as if made": http("201 Created"),
    "JSON that is no record": http("201 Created", "[]", "application/json"),
    "a record without a name": http("201 Created", "{}", "application/json"),
    "a redirect": http("307 Temporary Redirect", "", "text/html", "Location: https://elsewhere.example/"),
    "an old address": http("301 Moved Permanently", "", "text/html", "Location: https://elsewhere.example/"),
    "a page that was not found": http("404 Not Found"),
    "a gateway's page": http("502 Bad Gateway"),
    "a gateway that gave up": http("504 Gateway Timeout"),
    "half an answer": http("201 Created", '{"sid": "SM' + "0" * 32 + '"}', "application/json")[:-9],
    "half a head": b"HTTP/1.1 201 Cre",
    "nothing": b"",
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.2\r\n",
}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_an_answer_that_is_not_the_carrier_s_leaves_it_unknown_and_is_not_repeated(clock: Clock, said: bytes):
    """It may have gone to the carrier and been lost on the way back; the outbox asks before it sends again."""
    with stranger(said) as other:
        assert isinstance(text(carrier_at(other.address, clock)), Unknown)
        assert len(other.heard) == 1


ASKED: dict[str, Callable[[Carrier], object]] = {
    "texts": lambda carrier: carrier.texts(THANDI, LINE, NIGHT),
    "calls": lambda carrier: carrier.calls(THANDI, LINE, NIGHT),
    "call": lambda carrier: carrier.call(CALL),
    "legs": lambda carrier: carrier.legs(CALL),
    "recordings": lambda carrier: carrier.recordings(CALL),
    "sound": lambda carrier: carrier.sound(RECORDING),
    "account": lambda carrier: carrier.account(),
    "number": lambda carrier: carrier.number(LINE),
    "steer": lambda carrier: carrier.steer(CALL, "https://a.example/"),
    "end": lambda carrier: carrier.end(CALL),
    "discard": lambda carrier: carrier.discard(RECORDING),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("said", [ODD["a page of a captive portal"], ODD["half an answer"], ODD["nothing"]])
def test_nothing_of_it_is_taken_for_an_answer_and_nothing_raises(clock: Clock, ask: Callable, said: bytes):
    with stranger(said) as other:
        answer = ask(carrier_at(other.address, clock))
    # A DELETE has no answer to read: any success is one, and to repeat it harms nothing.
    assert isinstance(answer, Unknown | Done if ask is ASKED["discard"] else Unknown)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "407 Proxy Auth", "429 Too Many Requests"])
def test_what_a_gateway_does_not_let_through_is_sent_later(clock: Clock, status: str):
    with stranger(http(status)) as other:
        assert isinstance(text(carrier_at(other.address, clock)), Later)


@pytest.mark.parametrize(("code", "expected"), [(21211, Refused), (20429, Later), (20500, Unknown)])
def test_the_carrier_s_newer_form_of_errors_is_read_too(clock: Clock, code: int, expected: type):
    """RFC 9457; the client raises another exception for it."""
    status = {21211: 400, 20429: 429, 20500: 500}[code]
    body = f'{{"type": "about:blank", "title": "No", "status": {status}, "code": {code}}}'
    with stranger(http(f"{status} No", body, "application/problem+json")) as other:
        answer = text(carrier_at(other.address, clock))
    assert (type(answer), answer.code) == (expected, code)


# Whether anything has left


def test_a_name_that_nobody_knows(clock: Clock):
    assert isinstance(text(carrier_at("http://carrier.invalid", clock)), Later)


def test_a_certificate_that_is_not_trusted_gets_nothing(clock: Clock):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with stranger(b"", context) as other:
        answer = text(carrier_at(other.address, clock))
        assert (answer, other.heard) == (Later("the carrier cannot be reached (SSLError)"), [])


def test_a_tls_failure_after_the_request_has_left_is_unknown(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The same exception as above; but the carrier has the request, and may have sent the text."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with stranger(b"this is no TLS record at all" * 10, context) as other:
        answer = text(carrier_at(other.address, clock))
        assert b"Body=Hello." in other.heard[0]
    assert answer == Unknown("the carrier did not answer (SSLError)")


def test_through_a_proxy_nothing_leaves_after_its_time_either(
    rest: Rest, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", rest.config["BASE"])
    carrier = carrier_at("http://carrier.invalid", clock)
    assert isinstance(text(carrier), Done)
    clock.advance(30)
    assert text(carrier) == Later("not sent by 00:00:30")
    assert len(rest.account.messages) == 1


# How long to wait


@pytest.mark.parametrize(
    ("asked", "pause"), [("120", 120), ("Sun, 22 Nov 2026 00:10:00 GMT", 600), ("999999999", 3600), ("soon", None)]
)
def test_a_pause_that_is_asked_for_is_told(rest: Rest, clock: Clock, asked: str, pause: int | None):
    rest.faults.next(Fault.TOO_MANY)
    rest.faults.retry_after = asked
    expected = timedelta(seconds=pause) if pause else None
    carrier = carrier_at(rest.config["BASE"], clock)
    assert text(carrier) == Later(refusals.words(20429), 20429, expected)
    assert isinstance(text(carrier), Done)


# The sound of a message


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (http("200 OK"), Unknown),
        (http("200 OK", "", "audio/mpeg"), Unknown),
        (http("200 OK", "x" * 50, "audio/mpeg")[:-10], Unknown),
        (http("404 Not Found", "<TwilioResponse/>", "application/xml"), Refused),
    ],
    ids=["a page", "an empty file", "half a file", "no file, in XML"],
)
def test_a_file_is_whole_and_a_sound_or_it_is_none(clock: Clock, said: bytes, expected: type):
    with stranger(said) as other:
        answer = carrier_at(other.address, clock).sound(RECORDING)
    assert isinstance(answer, expected)
    assert not isinstance(answer, Refused) or answer.code == 20404


def test_a_file_without_end_is_given_up(clock: Clock):
    with stranger(http("200 OK", "x" * (LARGEST_SOUND + 1), "audio/mpeg")) as other:
        assert isinstance(carrier_at(other.address, clock).sound(RECORDING), Unknown)
