"""The log: one JSON object a line, with what it concerns; no number and no secret in it, wherever they stand."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR
from conftest import LINE, settings_for
from desk import logs, numbers
from desk.answer import Refused
from desk.door.keys import SHAPE, Kind, fresh
from ivr.call import Call
from oncall import texting
from oncall.worker import tick
from tickets.ticket import open_ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flask import Flask

    from desk.answer import Answer
    from desk.outbox import Outgoing
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest

SETTINGS = settings_for("postgresql://user:the%40word@host/name")
KEPT = [SETTINGS.secret_key.get_secret_value(), SETTINGS.twilio_auth_token.get_secret_value(), "the@word"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written_to(stream: io.StringIO) -> Iterator[logging.Logger]:
    logger, handler = logging.getLogger("ivr.tested"), logs.handler(stream, SETTINGS)
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True
    logs.begin()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Iterator[logging.Logger]:
    yield from written_to(stream)


def test_one_object_a_line_with_what_it_concerns(log: logging.Logger, stream: io.StringIO):
    logs.about(call="CA1", ticket=7)
    log.warning("rang %s", "Thandi")
    logs.begin()
    log.info("something\nelse", extra={"page": 3})
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == ("rang Thandi", "warning", "ivr.tested")
    assert (first["call"], first["ticket"]) == ("CA1", 7)
    assert first["at"].endswith("+00:00")
    assert (second["event"], second["page"], "call" in second) == ("something\nelse", 3, False)


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize("secret", [*KEPT, *(f"{kind}_Aa0-_{'x' * 38}" for kind in Kind)])
def test_secrets_are_never_written(log: logging.Logger, stream: io.StringIO, secret: str):
    deep = {"headers": [{"Authorization": f"Bearer {secret}"}], secret: 1, "tuple": (secret,)}
    logs.about(path=f"/password/{secret}")
    log.error("with %s in it", secret, extra={"deep": deep, "made": ValueError(secret)})
    try:
        int(secret)
    except ValueError:
        log.exception("failed")
    assert secret not in stream.getvalue()
    assert stream.getvalue().count(logs.HIDDEN) >= 7
    assert "Traceback" in stream.getvalue()


def test_whatever_we_hand_out_is_known_as_a_secret():
    assert all(SHAPE.fullmatch(fresh(kind)) for kind in Kind)


@pytest.mark.parametrize(
    "number", ["+27825550202", "%2B27825550202", "+27 82 555 0202", "+12025550123", "0825550202", "082 555 0202"]
)
def test_numbers_are_masked_wherever_they_stand(log: logging.Logger, stream: io.StringIO, number: str):
    log.warning("From=%s&To=x", number, extra={"form": {"From": [number]}})
    log.warning("[parameters: ('%s', 1)]", number)
    assert number not in stream.getvalue()
    assert number[-6:] not in stream.getvalue()
    assert numbers.masked(number) in stream.getvalue()


@pytest.mark.parametrize(
    "address",
    ["fatima.adams@karoo.example", "fatima+2@karoo.example", '"fatima adams"@karoo.example', "fátima@karoo.example"],
)
def test_of_an_address_the_mailbox_is_masked_wherever_it_stands(log: logging.Logger, stream: io.StringIO, address: str):
    log.warning("sender: %s", address, extra={"raw": f"mail FROM:‹{address}›", "to": [f"Fatima <{address}>"]})
    log.warning("b'mail FROM:<%s>'", address)
    assert "tima" not in stream.getvalue().lower().replace("fatima <", "")
    assert stream.getvalue().count("…@karoo.example") == 4


@pytest.mark.parametrize(
    "text",
    ["482-913-075", "482913075", "CA" + "0" * 32, "2026-11-22T02:00:00+02:00", "12345678901", "a0825550202b"],
)
def test_what_is_no_number_stays(log: logging.Logger, stream: io.StringIO, text: str):
    log.warning("about %s", text)
    assert text in stream.getvalue()


def test_a_person_at_a_terminal_reads_words():
    stream = Terminal()
    for log in written_to(stream):
        log.warning("rang %s for %s", HARBOUR, KEPT[0])
    assert "rang +27…202 for [hidden]" in stream.getvalue()
    assert "{" not in stream.getvalue()


def test_what_a_call_logs_names_the_call_and_its_ticket(app: Flask, network: Network, stream: io.StringIO):
    seen: list[dict[str, object]] = []
    with app.test_request_context("/voice/incoming", method="POST"):
        app.preprocess_request()
        call = network.ring(HARBOUR, LINE)
        for log in written_to(stream):
            log.warning("in the middle")
            seen.append(json.loads(stream.getvalue()))
    with app.extensions["database"].reading() as session:
        ticket = session.scalars(select(Call.ticket_id)).one()
    assert (seen[0]["call"], seen[0]["ticket"], seen[0]["door"]) == (call.sid, ticket, "voice.incoming")


def test_what_a_worker_logs_names_its_job_and_whom_it_concerns(app: Flask, rest: Rest, stream: io.StringIO):
    seen: list[dict[str, object]] = []

    class Telling:
        """The courier of texts, who says something on the way."""

        def send(self, item: Outgoing, before: datetime) -> Answer:
            for log in written_to(stream):
                log.warning("in the middle")
                seen.append(json.loads(stream.getvalue()))
            return Refused("enough")

        def settled(self, *_: object) -> None:
            pass

    with app.extensions["database"].writing() as session:
        ticket = open_ticket(session, dice=app.extensions["exchange"].dice, at=app.extensions["clock"](), subject="x")
        now = app.extensions["clock"]()
        texting.post(session, "one", "the reference", ticket, HARBOUR, LINE, "Hello", now, timedelta(hours=1))
    app.extensions["couriers"][texting.KIND] = Telling()
    with app.app_context():
        tick("host 7")
    assert {name: seen[0][name] for name in ("job", "worker", "row", "effect", "ticket")} == {
        "job": "deliver_what_is_due", "worker": "host 7", "row": 1, "effect": "one", "ticket": ticket.id,
    }  # fmt: skip


def test_what_the_sweep_logs_names_the_call(
    app: Flask, network: Network, rest: Rest, clock: Clock, stream: io.StringIO
):
    call = network.ring(HARBOUR, LINE)
    clock.advance(300)
    logger, handler = logging.getLogger("ivr.sweep"), logs.handler(stream, SETTINGS)
    logger.addHandler(handler)
    with app.app_context():
        tick("host 7")
    logger.removeHandler(handler)
    told = json.loads(stream.getvalue().splitlines()[0])
    assert (told["job"], told["call"]) == ("ask_about_silent_calls", call.sid)
