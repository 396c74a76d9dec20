"""A number is proved by a call: it rings, whoever answers hears whose number it is to be, and 1 confirms it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update

from cast import PIETER, THANDI
from conftest import LINE, ORIGIN, network_of
from desk.staff import Staff
from ivr.call import Call as StoredCall
from oncall import paging, verification
from oncall.worker import tick
from simulator.joined import Joined
from simulator.quirks import Quirks
from simulator.rest_faults import Fault
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.call import Call
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest

QUESTION = (
    "> This is Protea IT Support. This number is to be the standby number of Thandi Nkosi. To confirm it, press 1."
)
LANDLINE = "+27215550123"


@pytest.fixture
def joined(rest: Rest, network: Network) -> Joined:
    return Joined(rest.account, network)


def desk(app: Flask, *words: str) -> str:
    return app.test_cli_runner().invoke(args=["desk", "verify", *words]).output


def state(app: Flask, name: str = "thandi") -> str:
    return desk(app, name, "--state")


def ask(app: Flask, name: str = "thandi") -> None:
    """Have a number rung; the worker hands it to the carrier."""
    assert "The worker has it rung" in desk(app, name, "--call")
    with app.app_context():
        tick()


def rung(app: Flask, joined: Joined) -> Call:
    """Have a number rung, and let it ring."""
    ask(app)
    return joined.ring()


def is_proved(database: Database, key: str = "thandi") -> bool:
    with database.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.key == key)).one() in verification.proved(session)


def change_number(app: Flask, database: Database, number: str) -> None:
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.key == "thandi").values(phone=number))
    app.extensions["exchange"].boards.last = None


def test_whoever_answers_hears_whose_number_it_is_to_be_and_1_proves_it(
    app: Flask, joined: Joined, network: Network, database: Database
):
    network.handset(THANDI, None)
    call = rung(app, joined)
    call.answer()
    assert call.transcript[-1] == QUESTION
    assert not is_proved(database), "an answer alone proves nothing"
    call.press("1")
    assert call.transcript[-2:] == ["> Thank you, the number is confirmed. Goodbye.", "~ hangs up"]
    assert (call.ended, call.errors) == (True, [])
    assert is_proved(database)
    assert state(app) == "Thandi Nkosi, 082 555 0101: proved by call at Sun 22 Nov 02:00.\n"


def test_the_carrier_is_asked_once_to_ring_that_number_from_the_line(app: Flask, rest: Rest, joined: Joined):
    rung(app, joined)
    with app.app_context():
        tick()
    (order,) = rest.account.calls.values()
    assert (order.from_, order.to, order.form["Timeout"]) == (LINE, THANDI, ["20"])
    assert order.form["Url"][0].startswith(f"{ORIGIN}/voice/verify?staff=")


def test_such_a_call_is_no_call_of_the_flow(app: Flask, joined: Joined, network: Network, database: Database):
    network.handset(THANDI, "accept")
    rung(app, joined)
    with database.reading() as session:
        for kind in (StoredCall, Ticket, paging.Page):
            assert session.scalar(select(func.count()).select_from(kind)) == 0


UNPROVED = {
    "silent": "it was answered, but nobody pressed 1",
    "voicemail": "it was answered, but nobody pressed 1",
    "wrong-key": "it was answered, but nobody pressed 1",
    "decline": "it was answered, but nobody pressed 1",
    "busy": "the number was busy",
    "no-answer": "nobody answered",
    "failed": "the number could not be reached",
}


@pytest.mark.parametrize("behaviour", UNPROVED)
def test_nothing_but_1_proves_it_and_what_came_of_the_ring_is_told(
    app: Flask, joined: Joined, network: Network, database: Database, behaviour: str
):
    network.handset(THANDI, behaviour)
    call = rung(app, joined)
    assert (call.ended, call.errors) == (True, [])
    assert not is_proved(database)
    told = f"not proved; asked by call at Sun 22 Nov 02:00, {UNPROVED[behaviour]}"
    assert state(app) == f"Thandi Nkosi, 082 555 0101: {told}.\n"


@pytest.mark.parametrize("quirks", [*Quirks.every()], ids=str)
def test_it_is_proved_under_every_open_question(
    app: Flask, rest: Rest, clock: Clock, database: Database, quirks: Quirks
):
    """Also delivered twice, one after the other or both at once: the network refuses two answers that differ."""
    network = network_of(app, clock, quirks=quirks)
    network.handset(THANDI, "accept")
    call = rung(app, Joined(rest.account, network))
    network.deliver_callbacks()
    assert (call.ended, call.errors) == (True, [])
    assert is_proved(database)


@pytest.mark.parametrize("callbacks", ["late", "shuffled", "never"])
def test_the_end_of_the_ring_is_told_in_whatever_order_it_is_reported(
    app: Flask, rest: Rest, clock: Clock, callbacks: str
):
    network = network_of(app, clock, quirks=Quirks(callbacks=callbacks))
    network.handset(THANDI, "busy")
    rung(app, Joined(rest.account, network))
    network.deliver_callbacks()
    assert state(app).endswith("not answered.\n" if callbacks == "never" else "the number was busy.\n")


def test_a_question_lasts_ten_minutes(app: Flask, joined: Joined, network: Network, database: Database, clock: Clock):
    network.handset(THANDI, None)
    call = rung(app, joined)
    call.answer()
    clock.advance(601)
    call.press("1")
    assert call.transcript[-2] == "> This question is not asked any more. Goodbye."
    assert not is_proved(database)


def test_a_ring_that_comes_too_late_asks_nothing(
    app: Flask, joined: Joined, network: Network, database: Database, clock: Clock
):
    ask(app)
    clock.advance(601)
    network.handset(THANDI, "accept")
    call = joined.ring()
    assert call.transcript[-2] == "> This question is not asked any more. Goodbye."
    assert not is_proved(database)


def test_a_newer_question_takes_the_place_of_an_older_one(
    app: Flask, joined: Joined, network: Network, database: Database, clock: Clock
):
    ask(app)
    clock.advance(1)
    ask(app)
    network.handset(THANDI, "accept")
    joined.ring()
    assert not is_proved(database)
    joined.ring()
    assert is_proved(database)


def test_the_key_of_a_number_that_changed_meanwhile_proves_nothing(
    app: Flask, joined: Joined, network: Network, database: Database
):
    network.handset(THANDI, None)
    call = rung(app, joined)
    call.answer()
    change_number(app, database, "+27825550109")
    call.press("1")
    assert call.transcript[-2] == "> This question is not asked any more. Goodbye."
    assert state(app) == "Thandi Nkosi, 082 555 0109: not proved since the number changed.\n"


def test_a_call_to_another_number_than_theirs_proves_nothing(
    app: Flask, rest: Rest, network: Network, database: Database
):
    """The document asks which number was rung, not only whom it was to ask."""
    ask(app)
    (order,) = rest.account.calls.values()
    network.handset(PIETER, "accept")
    call = network.call_out(LINE, PIETER, order.form["Url"][0])
    assert call.transcript[-2] == "> This question is not asked any more. Goodbye."
    assert not is_proved(database)


def test_somebody_who_has_left_proves_nothing(app: Flask, joined: Joined, network: Network, database: Database):
    network.handset(THANDI, None)
    call = rung(app, joined)
    call.answer()
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.key == "thandi").values(active=False))
    call.press("1")
    assert not is_proved(database)


def test_what_a_call_carries_is_no_code_to_type_in(app: Flask, rest: Rest, database: Database):
    ask(app)
    (order,) = rest.account.calls.values()
    code = order.form["Url"][0].partition("code=")[2][:6]
    assert "not the code" in desk(app, "thandi", "--code", code)
    assert not is_proved(database)


def test_a_number_that_was_proved_is_asked_for_anew(app: Flask, joined: Joined, network: Network, database: Database):
    network.handset(THANDI, ["accept", "no-answer"])
    rung(app, joined)
    ask(app)
    assert state(app).endswith("asked by call at Sun 22 Nov 02:00, not answered.\n")
    assert not is_proved(database)


def test_a_landline_is_proved_by_a_call_for_it_takes_no_texts(
    app: Flask, joined: Joined, network: Network, database: Database
):
    change_number(app, database, LANDLINE)
    assert "has no number that takes texts" in desk(app, "thandi")
    assert "desk verify thandi --call`" in checked(app)
    network.handset(LANDLINE, "accept")
    rung(app, joined)
    assert is_proved(database)
    assert "desk verify thandi" not in checked(app)


def checked(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["ivr", "check"]).output


def test_who_cannot_be_rung_is_not(app: Flask, database: Database):
    assert "Bongani Zulu has no number that can be rung" in desk(app, "bongani", "--call")
    change_number(app, database, LINE)
    assert "Thandi Nkosi has no number that can be rung" in desk(app, "thandi", "--call")
    change_number(app, database, "+27862123456")
    assert "Thandi Nkosi has no number that can be rung" in desk(app, "thandi", "--call")


def test_nobody_is_rung_in_the_middle_of_another_call(app: Flask, database: Database, clock: Clock):
    with database.writing() as session:
        ticket = open_ticket(session, dice=app.extensions["exchange"].dice, at=clock(), subject="Printer")
        session.flush()
        thandi = session.scalars(select(Staff.id).where(Staff.key == "thandi")).one()
        paging.ring(session, ticket_id=ticket.id, staff_id=thandi, call_sid="CA1", at=clock(), ring_seconds=25)
    assert "Thandi Nkosi is being rung or on a call; ask again later" in desk(app, "thandi", "--call")


def test_a_ring_that_the_carrier_refuses_is_told_in_words(app: Flask, rest: Rest):
    rest.account.numbers.clear()
    ask(app)
    assert "the number we call from is neither ours nor verified" in state(app)
    outbox = app.test_cli_runner().invoke(args=["desk", "outbox", "--dead"]).output
    assert "dead  verify by call" in outbox
    assert "neither ours nor verified" in outbox


def test_a_ring_that_could_not_be_placed_in_time_is_not_placed_later(app: Flask, rest: Rest, clock: Clock):
    desk(app, "thandi", "--call")
    assert state(app).endswith("on its way.\n")
    clock.advance(301)
    with app.app_context():
        tick()
    assert rest.account.calls == {}
    assert "it did not go in time" in state(app)


def test_a_ring_whose_answer_was_lost_is_not_placed_twice(
    app: Flask, rest: Rest, joined: Joined, network: Network, database: Database, clock: Clock
):
    rest.faults.next(Fault.DROPPED_AFTER)
    ask(app)
    network.handset(THANDI, "accept")
    joined.ring()
    clock.advance(31)
    with app.app_context():
        tick()
    assert len(rest.account.calls) == 1
    assert is_proved(database)


def test_the_state_of_who_was_never_asked(app: Flask):
    assert state(app) == "Thandi Nkosi, 082 555 0101: not proved, and never asked.\n"
    assert state(app, "bongani") == "Bongani Zulu, no number: there is no number to prove.\n"


def test_a_proof_by_text_says_so(app: Flask, rest: Rest):
    desk(app, "thandi")
    with app.app_context():
        tick()
    (message,) = rest.account.messages.values()
    assert state(app).endswith("asked by text at Sun 22 Nov 02:00, not answered.\n")
    desk(app, "thandi", "--code", message.body.partition("your code is ")[2][:6])
    assert state(app) == "Thandi Nkosi, 082 555 0101: proved by text at Sun 22 Nov 02:00.\n"


def test_only_one_thing_is_asked_of_the_command_at_a_time(app: Flask):
    assert "take one of --code, --call and --state" in desk(app, "thandi", "--call", "--state")


@pytest.mark.fails_on_purpose
def test_whoever_confirms_in_vain_hears_that_it_was(app: Flask, joined: Joined, network: Network, database: Database):
    network.handset(THANDI, None)
    call = rung(app, joined)
    call.answer()
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE verification"))
    call.press("1")
    assert call.transcript[-2] == "> Something is out of order here, and the number is not confirmed. Goodbye."


@pytest.mark.fails_on_purpose
def test_a_question_without_an_address_still_ends_in_words(network: Network):
    network.handset(THANDI, "accept")
    call = network.call_out(LINE, THANDI, f"{ORIGIN}/voice/verify?staff=x")
    assert call.transcript[-2] == "> Something is out of order here, and the number is not confirmed. Goodbye."
