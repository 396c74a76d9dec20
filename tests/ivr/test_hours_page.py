"""The page of the office hours: what it says a caller hears is what a caller hears, and nothing is changed unseen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE, network_of
from desk.audit import Entry
from ivr.announcement import Announcement
from ivr.greeting import greeting
from sla import hours_change
from sla.contract import Contract
from sla.hours import BusinessHours, Closure
from tickets.people import Customer
from tickets.ticket import open_ticket
from visitors import browser_of, plain, post, seen

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

CHRISTMAS = {"verb": "close", "starts": "2026-12-24T12:00", "ends": "2026-12-28T08:30", "reason": "Christmas Eve"}
WEEK = {f"day{day}": "08:30-17:00" for day in range(5)}
CLOSED = "You have reached Protea IT Support. Our office is closed now. We open again on Monday at half past eight."


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def asked(client: FlaskClient, **fields: str) -> TestResponse:
    return post(client, "/settings/hours", **fields)


def published(client: FlaskClient, **fields: str) -> TestResponse:
    """Look, and then say yes to what was seen."""
    return asked(client, **fields, sure="yes", seen=seen(asked(client, **fields)))


def hours_of(app: Flask) -> BusinessHours:
    with app.extensions["database"].reading() as session:
        found = session.scalars(select(BusinessHours)).one()
        assert found.closures is not None
        assert found.switches is not None
        assert found.weeks is not None
        return found


def heard(app: Flask, at: datetime) -> str:
    with app.extensions["database"].reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    return greeting(board, board.lines[LINE], "en", at).text


def audited(app: Flask) -> list[tuple[str, str]]:
    with app.extensions["database"].reading() as session:
        rows = session.execute(select(Entry.what, Entry.who).order_by(Entry.id)).all()
        return [(what, who) for what, who in rows if who == "Naledi Dlamini"]


def local(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


def test_the_page_says_the_very_words_of_a_call(app: Flask, clock: Clock):
    network = network_of(app, clock)
    for at in (local(24, 10, month=11), local(24, 18, month=11), local(16, 9)):
        clock.until(at)
        call = network.ring("+27825550999", LINE)
        said = " ".join(line.removeprefix("> ") for line in call.transcript if line.startswith("> "))
        call.hang_up()
        page = app.test_client().get(f"/settings/hours?at={at.isoformat().replace('+00:00', 'Z')}").text
        assert said == heard(app, at)
        assert said in plain(page)


def test_the_office_is_closed_from_noon_once_that_was_looked_at(shut: Flask, naledi: FlaskClient):
    looked = asked(naledi, **CHRISTMAS)
    assert "Nothing is saved yet." in looked.text
    assert f"Thu 24 Dec 12:00 ☾ Closed 087 809 0263, English {CLOSED}" in plain(looked.text)
    assert "Thu 24 Dec 12:00 to 17:00 : closed instead of open" in plain(looked.text)
    assert "office hours stay office hours while you are closed" in looked.text
    assert heard(shut, local(24, 13)).startswith("Thank you for calling")
    assert published(naledi, **CHRISTMAS).location == "/settings/hours?hours=1&said=close"
    assert heard(shut, local(24, 13)).startswith(CLOSED)
    assert heard(shut, local(24, 11, 59)).startswith("Thank you for calling")
    assert "Christmas Eve" in plain(naledi.get("/settings/hours").text)
    assert audited(shut) == [("office closed for a while", "Naledi Dlamini")]


def test_any_other_time_is_heard_before_it_is_published_too(naledi: FlaskClient):
    looked = plain(asked(naledi, **CHRISTMAS, listen="2026-12-26T23:00").text)
    assert f"Sat 26 Dec 23:00 ☾ Closed 087 809 0263, English {CLOSED}" in looked
    odd = asked(naledi, **CHRISTMAS, listen="midnight")
    assert (odd.status_code, "Hear it when?" in odd.text) == (422, True)
    beyond = asked(naledi, **CHRISTMAS, listen="2199-01-01T00:00")
    assert (beyond.status_code, "the calendar knows" in beyond.text.lower()) == (422, True)


def test_callers_are_told_more_while_it_is_closed_and_no_longer(shut: Flask, naledi: FlaskClient):
    more = {**CHRISTMAS, "say-en": "We wish you a good Christmas.", "say": "2026-12-23T08:00"}
    assert f"{CLOSED} We wish you a good Christmas." in plain(asked(naledi, **more).text)
    published(naledi, **more)
    assert "We wish you" not in heard(shut, local(23, 7, 59))
    assert "Thank you for calling Protea IT Support. We wish you a good Christmas." in heard(shut, local(23, 9))
    assert "We wish you" in heard(shut, local(24, 13))
    assert "We wish you" not in heard(shut, local(28, 8, 30))
    gone = {"verb": "reopen", "number": "1"}
    assert "Thu 24 Dec 12:00 to 17:00 : open instead of closed" in plain(asked(naledi, **gone).text)
    published(naledi, **gone)
    assert heard(shut, local(24, 13)) == heard(shut, local(22, 13))
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Announcement.ended_by)).all() == ["Naledi Dlamini"]


def test_a_closure_that_has_begun_is_ended_now_and_what_has_been_stays(shut: Flask, naledi: FlaskClient, clock: Clock):
    published(naledi, verb="close", starts="2026-11-24T12:00", ends="2026-11-24T17:00", reason="A funeral")
    clock.until(local(24, 14, month=11))
    naledi = browser_of(shut, "naledi")  # two days later she signs in again
    assert "Open again now" in naledi.get("/settings/hours").text
    published(naledi, verb="reopen", number="1")
    [closure] = hours_of(shut).closures
    assert (closure.starts, closure.ends) == (local(24, 12, month=11), clock())
    assert asked(naledi, verb="reopen", number="1").status_code == 422


def test_forced_closed_says_who_and_until_when_and_moves_no_promise(shut: Flask, clock: Clock):
    clock.until(local(24, 10, month=11))
    naledi = browser_of(shut, "naledi")
    closed = {"verb": "force", "state": "closed", "until": "2026-11-24T14:00", "reason": "The power is out"}
    looked = plain(asked(naledi, **closed).text)
    assert "We open again today at two o'clock in the afternoon." in looked
    assert "forcing the line open or closed never puts off what was promised" in looked
    published(naledi, **closed)
    said = plain(naledi.get("/settings/hours").text)
    assert "Forced closed by Naledi Dlamini, since Tue 24 Nov 10:00 , until Tue 24 Nov 14:00 : The power is out" in said
    published(naledi, verb="force", state="regular")
    assert heard(shut, clock()).startswith("Thank you")
    assert audited(shut) == [("line forced", "Naledi Dlamini")] * 2


def test_other_regular_hours_hold_from_their_day_on_and_no_day_before(shut: Flask, naledi: FlaskClient):
    shorter = {"verb": "week", "since": "2026-12-01", **WEEK, "day4": "08:30-12:30, 13:00-15:00"}
    looked = plain(asked(naledi, **shorter).text)
    assert "Fri 4 Dec 12:30 to 13:00 : closed instead of open" in looked
    assert "Fri 4 Dec 15:00 to 17:00 : office hours becomes weekday after hours, for whoever has no contract" in looked
    published(naledi, **shorter)
    calendar = hours_of(shut).actual(frozenset())
    friday, earlier = (calendar.day(date(2026, *day)) for day in ((12, 4), (11, 27)))
    assert [one.seconds / 3600 for one in calendar.open_hours(friday)] == [4, 2]
    assert [one.seconds / 3600 for one in calendar.open_hours(earlier)] == [8.5]
    page = plain(naledi.get("/settings/hours").text)
    assert "Other hours from Tue 1 Dec on" in page
    published(naledi, verb="take-back", number="1")
    again = hours_of(shut).actual(frozenset())
    assert [one.seconds / 3600 for one in again.open_hours(friday)] == [8.5]
    assert [what for what, _ in audited(shut)] == ["office hours published", "office hours taken back"]


def test_hours_that_have_begun_are_not_taken_back(shut: Flask, naledi: FlaskClient, clock: Clock):
    published(naledi, verb="week", since="2026-11-23", **WEEK, day5="09:00-12:00")
    clock.until(local(23, 0, month=11))
    refused = asked(naledi, verb="take-back", number="1")
    assert (refused.status_code, "publish others from a day to come" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({**CHRISTMAS, "starts": "2026-11-20T12:00"}, "Callers heard until now that the office was open"),
        ({**CHRISTMAS, "ends": "2026-12-24T12:00"}, "The office opens again after it was closed"),
        ({**CHRISTMAS, "starts": "noon"}, "A time such as 2026-12-24 12:00."),
        ({**CHRISTMAS, "reason": " "}, "Say why, for colleagues"),
        ({**CHRISTMAS, "reason": "x" * 101}, "The reason has room for 100 characters."),
        ({**CHRISTMAS, "ends": "2099-12-24T12:00"}, "The calendar ends on 2060-12-31"),
        ({"verb": "week", "since": "2026-11-22", **WEEK}, "choose Monday 23 November 2026 or a later day"),
        ({"verb": "week", "since": "2026-12-01", **WEEK}, "These are the hours of Tuesday 1 December 2026 already."),
        ({"verb": "week", "since": "2026-12-01"}, "An office that never opens has no hours"),
        ({"verb": "week", "since": "2026-12-01", "day0": "17:00-08:30"}, "Monday: '17:00-08:30' ends before it begins"),
        ({"verb": "week", "since": "2026-12-01", "day0": "8:00-12:00, 11:00-17:00"}, "Two times of one day overlap"),
        ({"verb": "week", "since": "soon", **WEEK}, "From which day on?"),
        ({"verb": "force", "state": "closed", "until": "2026-11-21T10:00", "reason": "x"}, "That is past: it is 02:00"),
        ({"verb": "force", "state": "ajar", "reason": "x"}, "Open, closed, or back to the regular hours?"),
        ({"verb": "take-back", "number": "7"}, "These hours are not planned any more."),
        ({"verb": "reopen", "number": "x"}, "This closure is over, or somebody has ended it."),
        ({}, "Say what is to happen."),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(naledi: FlaskClient, typed: dict[str, str], words: str):
    refused = asked(naledi, **typed)
    assert refused.status_code == 422
    assert words in plain(refused.text)
    assert typed.get("starts", "") in refused.text
    assert 'role="alert"' in refused.text


def test_of_two_who_change_the_hours_at_once_the_second_is_shown_what_is_so_now(shut: Flask, naledi: FlaskClient):
    state = seen(asked(naledi, **CHRISTMAS))
    published(naledi, verb="force", state="open", reason="Somebody is here")
    late = asked(naledi, **CHRISTMAS, sure="yes", seen=state)
    assert late.status_code == 409
    assert "Somebody has changed the hours since you looked." in late.text
    assert "Naledi Dlamini: line forced, Office" in plain(late.text)
    assert hours_of(shut).closures == []
    assert asked(naledi, **CHRISTMAS, sure="yes", seen=seen_again(late)).status_code == 303


def seen_again(shown: TestResponse) -> str:
    return re.search(r'name="seen" value="(\w+)"', shown.text)[1]


def test_a_due_time_that_a_closure_puts_off_is_told_before(shut: Flask, clock: Clock):
    clock.until(local(24, 10, month=12))
    naledi = browser_of(shut, "naledi")
    with shut.extensions["database"].writing() as session:
        ticket = open_ticket(session, dice=shut.extensions["exchange"].dice, at=clock(), subject="Till down")
        reference = ticket.reference
    looked = plain(asked(naledi, **CHRISTMAS).text)
    printed = f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"
    assert f"{printed} first answer: Thu 24 Dec 14:00 becomes Mon 28 Dec 10:30" in looked


def test_work_of_a_contract_that_counts_closures_becomes_overtime(shut: Flask, naledi: FlaskClient):
    with shut.extensions["database"].writing() as session:
        harbour = session.scalars(select(Customer).where(Customer.code == "harbour")).one()
        contract = session.scalars(select(Contract).where(Contract.customer_id == harbour.id)).one()
        contract.card = {**contract.card, "closures_count": True}
    looked = plain(asked(naledi, **CHRISTMAS).text)
    assert "Thu 24 Dec 12:00 to 17:00 : office hours becomes weekday after hours, for Harbour Foods" in looked
    assert "whoever has no contract" not in looked


def test_trying_a_change_changes_nothing(shut: Flask, naledi: FlaskClient):
    before = hours_change.stamp(hours_of(shut))
    for typed in (CHRISTMAS, {"verb": "force", "state": "closed", "reason": "x"}):
        assert asked(naledi, **typed).status_code == 200
    assert hours_change.stamp(hours_of(shut)) == before
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Closure)).all() == []
