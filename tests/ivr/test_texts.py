"""The texts of a call: the reference to a mobile that called, the details to the engineer who took it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from cast import HARBOUR, KAROO, STRANGER, THANDI, WITHHELD
from conftest import LINE, network_of
from desk.outbox import Outgoing
from oncall.worker import tick
from simulator.quirks import Quirks
from simulator.script import play
from tickets import reference
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from ivr.rehearsal import Rehearsals
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest


def texts(app: Flask, rest: Rest) -> list[tuple[str, str]]:
    """What the worker sends, as (to, body)."""
    with app.app_context():
        tick()
    return [(message.to, message.body) for message in rest.account.messages.values()]


def printed(database: Database) -> str:
    with database.reading() as session:
        return reference.printed(session.scalars(select(Ticket).order_by(Ticket.id)).first().reference)


def test_the_engineer_and_the_caller_get_theirs(app: Flask, network: Network, database: Database, rest: Rest):
    network.handset(THANDI, "accept")
    play(network.ring(KAROO, LINE), ["2"])
    number = printed(database)
    assert texts(app, rest) == [
        (THANDI, f"Emergency for Karoo Clinic, 082 555 0201. Ticket {number}."),
        (KAROO, f"Protea IT Support: your reference is {number}. Keep it at hand when you call again about this."),
    ]
    assert [message.from_ for message in rest.account.messages.values()] == [LINE, LINE]


def test_they_are_sent_once_though_every_webhook_comes_twice(app: Flask, clock: Clock, rest: Rest):
    network = network_of(app, clock, quirks=Quirks(twice="parallel"))
    network.handset(THANDI, "accept")
    play(network.ring(HARBOUR, LINE), ["2", "1"])
    assert len(texts(app, rest)) == len(texts(app, rest)) == 2


@pytest.mark.parametrize("caller", [WITHHELD, "+27215550123"], ids=["withheld", "a landline"])
def test_whoever_cannot_be_texted_is_not(app: Flask, network: Network, rest: Rest, caller: str):
    network.handset(THANDI, "accept")
    play(network.ring(caller, LINE), ["2", "1"])
    assert [to for to, _ in texts(app, rest)] == [THANDI]


def test_an_abandoned_call_is_not_texted(app: Flask, network: Network, rest: Rest):
    network.ring(STRANGER, LINE).hang_up()
    assert texts(app, rest) == []


def test_a_refused_acceptance_texts_nobody_but_the_caller(app: Flask, network: Network, rest: Rest):
    network.in_order(["decline"])
    play(network.ring(KAROO, LINE), ["2"])
    assert [to for to, body in texts(app, rest) if "nobody has it" not in body] == [KAROO]


def test_an_engineer_whose_caller_has_left_is_told_the_number(app: Flask, network: Network, rest: Rest):
    network.handset(THANDI, None)
    call = network.ring(KAROO, LINE)
    call.press("2")
    call.engineer.answer()
    call.hang_up(crossing_key="1")
    assert ("082 555 0201" in dict(texts(app, rest))[THANDI]) is True


def test_the_name_that_texts_come_from_is_a_setting(app: Flask, network: Network, rest: Rest):
    rest.account.senders.add("Protea IT")
    app.extensions["couriers"]["text"].sender = "Protea IT"
    network.in_order(["decline"])
    play(network.ring(KAROO, LINE), ["2"])
    texts(app, rest)
    assert {message.from_ for message in rest.account.messages.values()} == {"Protea IT"}


def test_a_rehearsal_has_nobody_to_send_with_and_says_what_it_would_send(app: Flask, clock: Clock, rest: Rest):
    rehearsals: Rehearsals = app.extensions["rehearsals"]
    with rehearsals.stage(KAROO, clock()) as stage:
        stage.network.handset(THANDI, "accept")
        play(stage.network.ring(KAROO, stage.line(None)), ["2"])
        assert (stage.app.extensions["telephone"], stage.app.extensions["couriers"]) == (None, {})
        with stage.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Outgoing)) == 2
    assert texts(app, rest) == []


def test_a_rehearsal_shows_what_the_line_would_text(app: Flask, rest: Rest):
    run = app.test_cli_runner().invoke
    words = ["ivr", "simulate", "--from", KAROO, "--at", "2026-11-22T02:00", "--keys", "2"]
    told = run(args=words).output.splitlines()[-2:]
    number = told[0].rpartition("Ticket ")[2].rstrip(".")
    assert told[0] == f"Would text 082 555 0101: Emergency for Karoo Clinic, 082 555 0201. Ticket {number}."
    assert told[1].startswith(f"Would text 082 555 0201: Protea IT Support: your reference is {number}.")
    assert [one["to"] for one in json.loads(run(args=[*words, "--json"]).output)["texts"]] == [THANDI, KAROO]
    page = app.test_client().get(f"/try?from=%2B{KAROO[1:]}&at=2026-11-22T02:00&m=2,a,e1,t60,h").text
    assert "<h3>Would text</h3>" in page
    assert "082 555 0101: “Emergency for Karoo Clinic, 082 555 0201." in page
    assert "Would text" not in app.test_client().get("/try?from=withheld&at=2026-11-22T02:00&m=h").text
    assert texts(app, rest) == []


def test_an_answer_to_a_text_goes_on_the_newest_open_ticket_once(app: Flask, network: Network, database: Database):
    from twilio.request_validator import RequestValidator

    from conftest import ACCOUNT, ORIGIN, TOKEN

    network.in_order(["decline"])
    play(network.ring(KAROO, LINE), ["2"])
    form = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": KAROO, "To": LINE, "Body": "It works again"}
    for fields in (form, form, form | {"From": "anonymous", "MessageSid": "SM2"}):
        headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(f"{ORIGIN}/voice/texted", fields)}
        answer = app.test_client().post("/voice/texted", data=fields, headers=headers)
        assert (answer.status_code, answer.text) == (200, "<Response/>")
    with database.reading() as session:
        events = session.scalars(select(Ticket)).one().events
    assert [event.text for event in events if "message" in event.detail] == ["wrote: It works again"]
