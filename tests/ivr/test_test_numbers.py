"""Twilio's published test numbers, each with the words that people read, and whether it is tried again.

https://www.twilio.com/docs/iam/test-credentials; the simulated carrier answers them as Twilio does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import THANDI
from conftest import LINE, ORIGIN, settings_for
from desk.answer import Done, Refused
from desk.outbox import Outgoing, State
from ivr.carrier import Carrier
from oncall import texting
from oncall.worker import tick
from simulator.rest_refusals import CALL_FROM, CALL_TO, MESSAGE_FROM, MESSAGE_TO, TEST_NUMBER
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.rest import Rest

ANOTHER = "+27825550999"  # neither ours nor a test number
TEXT_TO = {
    "+15005550001": "that is no telephone number (21211)",
    "+15005550002": "no way leads from our number to that one (21612)",
    "+15005550003": "the account may not text that country; allow it in the console, under Messaging geographic"
    " permissions (21408)",
    "+15005550004": "that person has answered STOP and wants no texts (21610)",
    "+15005550009": "that number is no mobile and takes no texts (21614)",
}
TEXT_FROM = {
    "+15005550001": "the number or name we send from is not valid (21212)",
    "+15005550007": "our number cannot send texts; set SMS_FROM to one that can (21606)",
    ANOTHER: "our number cannot send texts; set SMS_FROM to one that can (21606)",
}
FULL = "+15005550008"  # its queue is: the one refusal of a test number that is worth another try
RING_TO = {
    "+15005550001": "that is no telephone number (21217)",
    "+15005550002": "that number cannot be reached (21214)",
    "+15005550003": "the account may not call that country; allow it in the console, under Voice geographic permissions"
    " (21215)",
    "+15005550004": "the carrier does not let this account call that number (21216)",
}
RING_FROM = {
    "+15005550001": "the number or name we send from is not valid (21212)",
    ANOTHER: "the number we call from is neither ours nor verified (21210)",
}


def test_none_is_left_out():
    assert set(TEXT_TO) == set(MESSAGE_TO)
    assert {*TEXT_FROM, FULL} - {ANOTHER} == set(MESSAGE_FROM)
    assert (set(RING_TO), set(RING_FROM) - {ANOTHER}) == (set(CALL_TO), set(CALL_FROM))


def an_hour_of_texting(app: Flask, clock: Clock, to: str = THANDI, sender: str = TEST_NUMBER) -> None:
    """A text that is wanted for half an hour, and a worker that ticks all the while."""
    app.extensions["couriers"]["text"].sender = sender

    def work(session: Session) -> None:
        ticket = open_ticket(session, dice=app.extensions["exchange"].dice, at=clock(), subject="Printer")
        texting.post(session, "one", "the reference", ticket, to, LINE, "Hello.", clock(), timedelta(minutes=30))

    app.extensions["database"].write(work)
    for _ in range(12):
        with app.app_context():
            tick()
        clock.advance(300)


def outcome(database: Database) -> tuple[str, str | None, str]:
    """The row's state, its error, and the last line of the ticket's timeline."""
    with database.reading() as session:
        row = session.scalars(select(Outgoing)).one()
        return row.state, row.error, session.scalars(select(Ticket)).one().events[-1].text


REFUSALS = [
    *[pytest.param({"to": to}, words, id=f"to {to}") for to, words in TEXT_TO.items()],
    *[pytest.param({"sender": sender}, words, id=f"from {sender}") for sender, words in TEXT_FROM.items()],
]


@pytest.mark.parametrize(("refused", "words"), REFUSALS)
def test_a_text_that_is_refused_is_not_tried_again_and_told_in_words(
    app: Flask, rest: Rest, database: Database, clock: Clock, refused: dict[str, str], words: str
):
    an_hour_of_texting(app, clock, **refused)
    state, error, told = outcome(database)
    assert (state, error, len(rest.account.requests)) == (State.DEAD, words, 1)
    assert "the reference could not be sent by text to" in told
    assert told.endswith(f": {words}")


def test_a_full_queue_is_tried_again_until_nobody_waits_for_it(
    app: Flask, rest: Rest, database: Database, clock: Clock
):
    an_hour_of_texting(app, clock, sender=FULL)
    words = "it did not go in time: too many texts wait at the carrier (21611)"
    assert outcome(database)[:2] == (State.DEAD, words)
    assert len(rest.account.requests) > 5
    assert {note.method for note in rest.account.requests} == {"POST"}, "it certainly did not go: nobody has to ask"


def test_the_number_that_always_passes_does(app: Flask, rest: Rest, database: Database, clock: Clock):
    an_hour_of_texting(app, clock)
    assert (outcome(database)[0], len(rest.account.messages), len(rest.account.requests)) == (State.SENT, 1, 1)


@pytest.mark.parametrize(
    ("to", "from_", "words"),
    [
        *((to, TEST_NUMBER, words) for to, words in RING_TO.items()),
        *((THANDI, from_, words) for from_, words in RING_FROM.items()),
        (THANDI, TEST_NUMBER, None),
    ],
)
def test_a_ring(rest: Rest, clock: Clock, to: str, from_: str, words: str | None):
    """Each refusal is one for good: none of them comes as something to be tried again."""
    carrier = Carrier(settings_for("sqlite://", twilio_api=rest.config["BASE"]), clock)
    limit = clock() + timedelta(seconds=30)
    urls = {"fallback": f"{ORIGIN}/voice/fallback", "report_to": f"{ORIGIN}/voice/leg"}
    answer = carrier.ring(to, from_, f"{ORIGIN}/voice/x", seconds=20, before=limit, **urls)
    if words is None:
        assert isinstance(answer, Done)
    else:
        assert (type(answer), answer.why) == (Refused, words)
    assert len(rest.account.requests) == 1
