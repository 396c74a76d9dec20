"""What leaves the house: once per cause, in spite of faults, deaths and pauses; over HTTP, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from cast import PIETER, THANDI
from conftest import LINE, ORIGIN
from desk import delivery, outbox
from desk.outbox import Outgoing, State
from oncall import texting
from simulator.rest_faults import Fault
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from desk.answer import Answer
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.rest import Rest

LEASE = int(delivery.LEASE.total_seconds())


class Killed(BaseException):
    """A process ends in the middle, as after `kill -9`: nothing below the worker may catch it."""


class Interrupted:
    """A courier at whose work something happens, just before or just after it hands over."""

    def __init__(self, courier: texting.Texts, *, before: Callable = lambda: None, after: Callable = lambda: None):
        self.courier, self.before, self.after = courier, before, after
        self.find, self.settled = courier.find, courier.settled

    def send(self, item: Outgoing, before: datetime) -> Answer:
        self.before()
        answer = self.courier.send(item, before)
        self.after()
        return answer


class Office:
    """An outbox and its workers."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.database: Database = app.extensions["database"]
        self.clock, self.texts = clock, app.extensions["couriers"]["text"]
        with self.database.writing() as session:
            self.ticket = open_ticket(session, dice=app.extensions["exchange"].dice, at=clock(), subject="Printer")

    def post(self, key: str = "one", to: str = THANDI, body: str = "Ticket 482-913-075.", hours: float = 1) -> None:
        lasts = timedelta(hours=hours)
        self.database.write(
            lambda session: texting.post(
                session, key, "the reference", self.ticket, to, LINE, body, self.clock(), lasts
            )
        )

    def deliver(self, worker: str = "b", courier: object = None) -> bool:
        couriers = {texting.KIND: courier or self.texts}
        return delivery.deliver(self.database, couriers, worker, self.clock)

    def deliver_all(self, minutes: int = 30) -> None:
        """Whatever is due within that time, every few seconds."""
        for _ in range(minutes * 12):
            while self.deliver():
                pass
            self.clock.advance(5)

    def rows(self) -> list[Outgoing]:
        with self.database.reading() as session:
            return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def timeline(self) -> list[str]:
        with self.database.reading() as session:
            return [event.text for event in session.get_one(Ticket, self.ticket.id).events]


@pytest.fixture
def office(rest: Rest, app: Flask, clock: Clock) -> Office:
    return Office(app, clock)


def bodies(rest: Rest) -> list[str]:
    return [message.body for message in rest.account.messages.values()]


# Its cause


def test_what_is_undone_leaves_nothing(office: Office, rest: Rest, clock: Clock):
    def cause(session: object) -> None:
        outbox.post(session, "one", "text", {}, clock())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        office.database.write(cause)
    assert office.rows() == []
    assert not office.deliver()


def test_a_cause_that_happens_twice_has_one_effect(office: Office, rest: Rest):
    office.post("one")
    office.post("one")
    office.post("two")
    office.deliver_all(1)
    assert (office.states(), len(bodies(rest))) == ([State.SENT] * 2, 2)


def test_it_is_told_on_the_ticket(office: Office, rest: Rest):
    office.post()
    office.deliver()
    (message,) = rest.account.messages.values()
    assert [row.reference for row in office.rows()] == [message.sid]
    assert office.timeline()[-1] == "the reference sent by text to 082 555 0101"


# Faults


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name)
def test_one_fault_loses_nothing_and_doubles_nothing(office: Office, rest: Rest, fault: Fault):
    office.post()
    rest.faults.next(fault)
    office.deliver_all(2)
    assert (office.states(), bodies(rest)) == ([State.SENT], ["Ticket 482-913-075."])


def test_a_bad_day(office: Office, rest: Rest):
    """Half of all requests fail, some of them after they were carried out; the questions fail as well."""
    rest.faults.fractions = dict.fromkeys(Fault, 0.07)
    for number in range(12):
        office.post(str(number), body=f"Ticket {number}.")
    office.deliver_all(90)
    assert office.states() == [State.SENT] * 12
    assert sorted(bodies(rest)) == sorted(f"Ticket {number}." for number in range(12))
    assert rest.faults.happened


def test_after_an_unknown_outcome_the_carrier_is_asked_and_not_before_its_lists_have_caught_up(
    office: Office, rest: Rest, clock: Clock
):
    office.post()
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    (row,) = office.rows()
    assert (row.state, row.unsure, row.due_at - clock()) == (State.WAITING, True, delivery.UNSURE_WAIT)
    clock.advance(30)
    office.deliver()
    assert [note.method for note in rest.account.requests] == ["POST", "GET"]
    assert office.states() == [State.SENT]


def test_whoever_asks_for_fewer_requests_gets_them_later_and_later(office: Office, rest: Rest, clock: Clock):
    office.post()
    rest.faults.next(*[Fault.TOO_MANY] * 4)
    waits = []
    for _ in range(4):
        office.deliver()
        (row,) = office.rows()
        assert (row.state, row.unsure) == (State.WAITING, False)
        waits.append((row.due_at - clock()).total_seconds())
        clock.advance(waits[-1])
    assert waits == [5, 10, 20, 40]
    office.deliver()
    assert office.states() == [State.SENT]


def test_the_same_words_twice_are_two_texts(office: Office, rest: Rest):
    """Both are unsure; the text that the first one finds is not taken for the second one's."""
    office.post("one")
    office.post("two")
    rest.faults.next(Fault.DROPPED_AFTER, Fault.DROPPED)
    office.deliver_all(3)
    assert (office.states(), len(bodies(rest))) == ([State.SENT] * 2, 2)
    assert len({row.reference for row in office.rows()}) == 2


def test_a_refusal_is_dead_and_visible_and_may_be_tried_again(office: Office, app: Flask, rest: Rest):
    rest.account.may_text = ("+1",)
    office.post()
    office.deliver_all(10)
    assert office.states() == [State.DEAD]
    assert len(rest.account.requests) == 1
    assert "may not text that country" in office.timeline()[-1]
    run = app.test_cli_runner().invoke
    shown = run(args=["desk", "outbox", "--dead"]).output
    assert "1  dead  one  +27…101  tried 1 times: the account may not text that country" in shown
    rest.account.may_text = ("+",)
    assert run(args=["desk", "outbox", "retry", "1"]).output == "1 will be tried again\n"
    office.deliver_all(1)
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)
    assert "only a dead one" in run(args=["desk", "outbox", "retry", "1"]).output
    assert "no row 7" in run(args=["desk", "outbox", "retry", "7"]).output


def test_what_nobody_waits_for_any_more_is_not_sent(office: Office, rest: Rest, clock: Clock):
    office.post(hours=1)
    clock.advance(3600)
    office.deliver()
    assert (office.states(), bodies(rest)) == ([State.DEAD], [])


def test_what_loses_its_point_first_goes_first(office: Office, rest: Rest, clock: Clock):
    for number in range(30):
        office.post(f"warning {number}", body=f"Warning {number}.", hours=2)
        clock.advance(1)
    office.post("now or never", to=PIETER, body="Emergency.", hours=1 / 60)
    office.post("later", body="Later.", hours=24)
    while office.deliver():
        pass
    assert bodies(rest) == ["Emergency.", *(f"Warning {number}." for number in range(30)), "Later."]


def test_what_was_sent_in_time_is_found_also_when_it_is_asked_for_too_late(office: Office, rest: Rest, clock: Clock):
    office.post(hours=1)
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    clock.advance(7200)
    office.deliver()
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)


@pytest.mark.fails_on_purpose
def test_one_bad_row_is_postponed_and_the_others_go(office: Office, rest: Rest, clock: Clock):
    office.database.write(lambda session: outbox.post(session, "odd", "pigeon", {}, clock()))
    office.database.write(lambda session: outbox.post(session, "broken", "text", {}, clock()))
    office.post()
    office.deliver_all(1)
    assert office.states() == [State.WAITING, State.WAITING, State.SENT]
    assert [row.error for row in office.rows()][:2] == ["nothing here delivers a pigeon", "KeyError here: 'to'"]


@pytest.mark.fails_on_purpose
def test_a_row_that_always_fails_is_dead_when_its_time_is_over(office: Office, app: Flask, clock: Clock):
    """Neither can even be looked up; they must not fail unseen for ever."""
    office.database.write(lambda session: outbox.post(session, "odd", "pigeon", {}, clock()))
    office.database.write(lambda session: outbox.post(session, "broken", "text", {}, clock()))
    for _ in range(3):  # days
        while office.deliver():
            pass
        clock.advance(86400)
    assert [row.error for row in office.rows()] == [
        "it did not go in time: nothing here delivers a pigeon",
        "nobody can say whether it went: KeyError here: 'to'",
    ]
    shown = app.test_cli_runner().invoke(args=["desk", "outbox", "--dead"]).output
    assert (shown.count("dead"), "pigeon" in shown) == (2, True)


def test_what_may_have_gone_is_asked_about_for_a_day_longer_and_then_told(office: Office, rest: Rest, clock: Clock):
    office.post(hours=1)
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    rest.faults.fractions = {Fault.UNAVAILABLE: 1.0}
    clock.advance(24 * 3600)
    office.deliver()
    assert office.states() == [State.WAITING]
    clock.advance(3600)
    office.deliver()
    assert (office.states(), "nobody can say whether it went" in office.timeline()[-1]) == ([State.DEAD], True)
    rest.faults.fractions = {}
    office.database.write(lambda session: outbox.retry(session.get_one(Outgoing, 1), clock()))
    office.deliver()
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1), "also a person's retry asks first"


@pytest.mark.fails_on_purpose
def test_a_row_that_cannot_be_told_of_has_gone_out_all_the_same(office: Office, rest: Rest, clock: Clock):
    """Whatever is wrong with the note, the row is not sent, nor looked at, again and again."""
    payload = {"to": THANDI, "line": LINE, "body": "Hello.", "lasts": 60, "ticket": office.ticket.id}
    office.database.write(lambda session: outbox.post(session, "nameless", "text", payload, clock()))
    office.deliver_all(5)
    assert (office.states(), bodies(rest), len(rest.account.requests)) == ([State.SENT], ["Hello."], 1)


def test_the_pause_that_the_carrier_asks_for_is_kept(office: Office, rest: Rest, clock: Clock):
    office.post()
    rest.faults.next(Fault.TOO_MANY)
    rest.faults.retry_after = "90"
    office.deliver()
    clock.advance(89)
    assert not office.deliver()
    clock.advance(1)
    assert office.deliver()
    assert office.states() == [State.SENT]


def test_a_storm_of_refusals_to_listen_ends_with_every_text_once(office: Office, rest: Rest, clock: Clock):
    for number in range(10):
        office.post(str(number), body=f"Ticket {number}.")
    rest.faults.fractions, rest.faults.retry_after = {Fault.TOO_MANY: 1.0}, "60"
    office.deliver_all(20)
    assert len(rest.account.requests) <= 10 * 9, "each waits longer from time to time"
    rest.faults.fractions = {}
    office.deliver_all(10)
    assert sorted(bodies(rest)) == sorted(f"Ticket {number}." for number in range(10))


@pytest.mark.parametrize("minutes", [0.4, 20], ids=["a little", "for long, but it reports"])
def test_lists_that_lag_behind(office: Office, app: Flask, rest: Rest, clock: Clock, minutes: float):
    """The answer is lost, and the text not listed yet; what the carrier reports meanwhile is proof enough."""
    rest.account.list_lag = timedelta(minutes=minutes)
    office.post()
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    (message,) = rest.account.messages.values()
    if minutes > 1:
        report(app, 1, message.sid, "sent")
    office.deliver_all(5)
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)


def test_the_sender_may_change_before_it_is_asked(office: Office, rest: Rest, clock: Clock):
    office.post()
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    rest.account.senders.add("Protea IT")
    office.texts.sender = "Protea IT"
    office.deliver_all(2)
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)


# The same words twice


def test_two_rows_with_the_same_words_and_one_found_while_the_other_was_sent(office: Office, rest: Rest, clock: Clock):
    """The first never went, and finds what worker b has just sent for the second: one is missing, and goes."""
    office.post("one")
    rest.faults.next(Fault.DROPPED)
    office.deliver("a")
    clock.advance(30)
    office.post("two")

    with office.database.writing() as session:
        session.get_one(Outgoing, 1).due_at = clock() + timedelta(seconds=1)
    sent = Interrupted(office.texts, after=lambda: (clock.advance(1), office.deliver("a")))
    office.deliver("b", sent)
    assert [row.state for row in office.rows()] == [State.SENT, State.WAITING]
    office.deliver_all(2)
    assert (office.states(), len(bodies(rest))) == ([State.SENT] * 2, 2)
    assert len({row.reference for row in office.rows()}) == 2


def test_a_report_goes_to_the_row_that_has_the_text(office: Office, app: Flask, rest: Rest):
    """The carrier names the row it was sent for; another one with the same words has found it first."""
    office.post("one")
    office.post("two")
    rest.faults.next(Fault.DROPPED, Fault.DROPPED_AFTER)
    office.deliver_all(2)
    first, second = office.rows()
    assert report(app, second.id, first.reference, "delivered") == 204
    assert report(app, first.id, second.reference, "sent") == 204
    assert [row.report for row in office.rows()] == ["delivered", "sent"]


def test_what_was_given_up_and_is_reported_has_gone_out(office: Office, app: Flask, rest: Rest, clock: Clock):
    office.post(hours=1)
    rest.account.list_lag = timedelta(days=1)
    rest.faults.next(Fault.DROPPED_AFTER)
    office.deliver()
    clock.advance(3600)
    office.deliver()
    assert office.states() == [State.DEAD]
    (message,) = rest.account.messages.values()
    report(app, 1, message.sid, "delivered")
    assert [(row.state, row.error) for row in office.rows()] == [(State.SENT, None)]


# Deaths and pauses


@pytest.mark.parametrize("sent", [False, True], ids=["before it sends", "after it has sent"])
def test_a_killed_worker_s_claim_expires(office: Office, rest: Rest, clock: Clock, sent: bool):
    def die() -> None:
        raise Killed

    office.post()
    with pytest.raises(Killed):
        office.deliver("a", Interrupted(office.texts, **{"after" if sent else "before": die}))
    assert len(bodies(rest)) == sent
    clock.advance(LEASE - 1)
    assert not office.deliver(), "it might still be alive"
    clock.advance(1)
    assert office.deliver()
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)


@pytest.mark.parametrize("sent", [False, True], ids=["before it sends", "after it has sent"])
def test_a_stopped_worker_wakes_when_another_has_taken_over(office: Office, rest: Rest, clock: Clock, sent: bool):
    def stopped() -> None:
        clock.advance(LEASE)
        assert office.deliver("b")

    office.post()
    office.deliver("a", Interrupted(office.texts, **{"after" if sent else "before": stopped}))
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)
    (row,) = office.rows()
    assert (row.worker, row.attempts, row.error) == ("b", 2, None)


def test_a_claim_that_ran_out_while_the_carrier_was_asked_sends_nothing(office: Office, rest: Rest, clock: Clock):
    office.post()
    rest.faults.next(Fault.DROPPED)
    office.deliver("a")
    clock.advance(60)
    slow = Interrupted(office.texts)

    def find(item: Outgoing) -> object:
        seen = office.texts.find(item)
        clock.advance(LEASE)
        office.deliver("b")
        return seen

    slow.find = find
    office.deliver("a", slow)
    assert (office.states(), len(bodies(rest))) == ([State.SENT], 1)


# What is reported later


def report(app: Flask, row: int, sid: str, status: str, **more: str) -> int:
    settings = app.extensions["settings"]
    form = {"AccountSid": settings.twilio_account_sid, "MessageSid": sid, "MessageStatus": status, **more}
    path = f"/voice/text?row={row}"
    signed = RequestValidator(settings.twilio_auth_token.get_secret_value()).compute_signature(ORIGIN + path, form)
    return app.test_client().post(path, data=form, headers={"X-Twilio-Signature": signed}).status_code


def test_reports_are_applied_by_their_rank(office: Office, app: Flask, rest: Rest):
    office.post()
    office.deliver()
    (row,) = office.rows()
    for status in ("sent", "delivered", "sent", "queued", "undelivered"):
        assert report(app, row.id, row.reference, status) == 204
        (row,) = office.rows()
    assert (row.report, row.error) == ("delivered", None)


def test_a_text_that_did_not_arrive_is_told_on_the_ticket_once(office: Office, app: Flask, rest: Rest):
    office.post(to=PIETER)
    office.deliver()
    (row,) = office.rows()
    for _ in range(2):
        report(app, row.id, row.reference, "undelivered", ErrorCode="30003")
    told = [text for text in office.timeline() if "did not reach" in text]
    assert told == ["the reference did not reach 082 555 0102: the telephone was off or out of reach (30003)"]


def test_a_report_proves_that_it_was_sent(office: Office, app: Flask, rest: Rest, clock: Clock):
    """The worker died before it could write that down, and the carrier is not even asked."""
    office.post()
    with pytest.raises(Killed):
        office.deliver("a", Interrupted(office.texts, after=lambda: (_ for _ in ()).throw(Killed)))
    (message,) = rest.account.messages.values()
    report(app, 1, message.sid, "sent")
    clock.advance(LEASE)
    office.deliver()
    assert (office.states(), [note.method for note in rest.account.requests]) == ([State.SENT], ["POST"])


def test_a_report_of_another_text_or_of_none_changes_nothing(office: Office, app: Flask, rest: Rest):
    office.post()
    office.deliver()
    assert report(app, 1, "SM" + "0" * 32, "failed") == report(app, 99, "SM" + "0" * 32, "failed") == 204
    assert [row.report for row in office.rows()] == [None]
