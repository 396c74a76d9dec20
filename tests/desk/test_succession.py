"""What follows a contract, where it is easily got wrong: midnight, two presses, what was withdrawn, many windows."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from billed import Billing
from contract_forms import HARBOUR, begun, fields, look, sent, versions
from desk.setup.load import load
from desk.setup.sheets import SetUpFaults
from ivr.line import Line
from sla.contract import Contract
from sla.hours import BusinessHours, Closure, RegularWeek, Switch
from tickets.ticket import Ticket
from visitors import browser_of, plain, post

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

PREVIEW = "/billing/preview?customer=harbour&at=2026-11-22T02:00&minutes=11"


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    return Billing(shut.extensions["database"], clock, Random(7))


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def looked(client: FlaskClient, **changed: str) -> dict[str, str]:
    """What the page that says what it would mean sends on with yes."""
    answer = sent(client, begun(client, **changed))
    assert answer.status_code == 200, plain(answer.text)
    return look(answer.text)


def windows(number: int) -> dict[str, str]:
    """So many rows of windows, filled in."""
    rows = ((n, f"05:{59 - n}") for n in range(number))  # each a minute longer than the one before, so all hold
    return {
        f"window-{n}-{part}": said
        for n, at in rows
        for part, said in (("name", f"window {n}"), ("words", f"{at}-06:00 on saturday, billable x 2"))
    }


# What it would mean


def test_tickets_that_are_resolved_or_came_in_after_its_days_are_not_counted(
    naledi: FlaskClient, shut: Flask, billing: Billing
):
    billing.works(*(f"harbour {day} Nov 10:00 for 5 min" for day in ("Mon 2", "Tue 3", "Wed 4", "Tue 17")))
    with shut.extensions["database"].writing() as session:
        second = select(Ticket.id).order_by(Ticket.id).offset(1).limit(1).scalar_subquery()
        session.execute(update(Ticket).where(Ticket.id == second).values(state="resolved"))
    sent(naledi, begun(naledi, valid_from="2026-11-16", rate="R790"), sure="yes")
    page = plain(sent(naledi, begun(naledi, valid_from="2026-11-03", rate="R800")).text)
    assert "Tickets that came in on its days and are not resolved are judged by it: 1." in page


def test_no_call_is_priced_that_falls_on_the_days_of_the_version_after_it(naledi: FlaskClient):
    sent(naledi, begun(naledi, valid_from="2026-11-28", rate="R790"), sure="yes")
    page = plain(sent(naledi, begun(naledi, valid_from="2026-11-25", rate="R800")).text)
    assert "Wednesday 25 November 2026 at 20:00, 20 min" in page
    assert "Saturday 28 November 2026 at 10:00" not in page
    sent(naledi, begun(naledi, valid_from="2026-12-13", rate="R810"), sure="yes")
    page = plain(sent(naledi, begun(naledi, valid_from="2026-12-12", rate="R820")).text)
    assert "Saturday 12 December 2026 at 10:00, 20 min" in page


def test_looking_does_not_wait_for_who_writes(naledi: FlaskClient, shut: Flask):
    form = begun(naledi, rate="R800", **{"high-first_response": "2 h in Cape hours"})
    with shut.extensions["database"].writing() as session:
        session.execute(update(Ticket).values(state="open"))
        right = sent(naledi, form | {"high-first_response": "2 h"})
        wrong = sent(naledi, form)
    assert right.status_code == 200
    assert (wrong.status_code, "there is no business calendar 'Cape'" in plain(wrong.text)) == (422, True)


def test_without_business_hours_it_is_said_that_they_are_missing(naledi: FlaskClient, shut: Flask):
    form = begun(naledi, rate="R800", valid_from="2026-11-30")
    with shut.extensions["database"].writing() as session:
        for table in (Line, Closure, Switch, RegularWeek, BusinessHours):
            session.execute(delete(table))
    for more in ({}, {"sure": "yes"}):
        answer = sent(naledi, form, **more)
        assert answer.status_code == 422
        assert "No business hours are set up, and work is charged by them" in plain(answer.text)
    assert len(versions(shut)) == 1
    answer = naledi.get(PREVIEW)
    assert (answer.status_code, "business hours are set up, and work" in plain(answer.text)) == (422, True)


# Yes


def test_agree_pressed_twice_shows_what_was_agreed_both_times(naledi: FlaskClient, shut: Flask):
    form = looked(naledi, rate="R800")
    for _press in range(2):
        assert post(naledi, HARBOUR, **form, sure="yes").location == "/customers/harbour?said=agreed"
    assert [version for version, *_ in versions(shut)] == [1, 2]
    post(naledi, f"{HARBOUR}/2/withdrawal")
    assert post(naledi, HARBOUR, **form, sure="yes").status_code == 409, "what was withdrawn since does not come back"
    assert [version for version, *_ in versions(shut)] == [1]


def test_another_form_of_the_same_state_is_not_taken_for_the_same_press(naledi: FlaskClient, shut: Flask):
    one, other = looked(naledi, rate="R800"), looked(naledi, rate="R801")
    assert post(naledi, HARBOUR, **one, sure="yes").status_code == 303
    assert post(naledi, HARBOUR, **other, sure="yes").status_code == 409


def test_who_says_yes_after_midnight_is_shown_anew_what_it_means_then(
    naledi: FlaskClient, shut: Flask, clock: Clock, billing: Billing
):
    form = looked(naledi, rate="R800", valid_from="2026-11-23")
    assert "judged again" not in sent(naledi, begun(naledi, rate="R800", valid_from="2026-11-23")).text
    clock.until(clock().replace(hour=22, minute=1))  # 00:01 on Monday
    naledi = browser_of(shut, "naledi")
    answer = post(naledi, HARBOUR, **form, sure="yes")
    page = plain(answer.text)
    assert (answer.status_code, "It would not mean any more what you were shown" in page) == (409, True)
    assert "It begins in the past: what is judged again" in page
    assert len(versions(shut)) == 1
    assert post(naledi, HARBOUR, **look(answer.text), sure="yes").status_code == 303
    assert len(versions(shut)) == 2


def test_who_has_not_looked_is_shown_it_first(naledi: FlaskClient, shut: Flask):
    answer = post(naledi, HARBOUR, **begun(naledi, rate="R800"), sure="yes")
    assert (answer.status_code, "Rate R760.00 an hour" in plain(answer.text)) == (409, True)
    assert len(versions(shut)) == 1


# What was withdrawn


def test_a_set_up_file_does_not_bring_back_what_was_withdrawn(
    naledi: FlaskClient, shut: Flask, tmp_path: Path, clock: Clock
):
    file = tmp_path / "setup.yaml"
    file.write_text(
        """contracts:
  - customer: harbour
    name: office-hours cover
    valid_from: 2026-12-01
    preset: office hours
    rate: R800
"""
    )
    database = shut.extensions["database"]
    assert database.write(lambda session: load(session, [file], clock()))
    post(naledi, f"{HARBOUR}/2/withdrawal")
    with pytest.raises(SetUpFaults) as refused:
        database.write(lambda session: load(session, [file], clock()))
    assert str(refused.value).endswith(
        "line 2: Naledi Dlamini withdrew what Harbour Foods was to have from 2026-12-01 on (version 2, office-hours "
        "cover); take it out of this file, or agree to it anew on the customer's page"
    )
    assert [version for version, *_ in versions(shut)] == [1]
    sent(naledi, begun(naledi, rate="R800"), sure="yes")
    assert [version for version, *_ in versions(shut)] == [1, 3], "on the page they know that it was withdrawn"


# Windows of hours


def test_a_window_without_a_name_is_refused_in_its_row(naledi: FlaskClient):
    answer = sent(naledi, begun(naledi, **{"window-1-words": "17:00-20:00 on weekdays, billable x 1.25"}))
    assert answer.status_code == 422
    assert (
        '<a href="#window-1-name">Name of window 2: a window needs a name, which the statement tells.</a>'
        in answer.text
    )


def test_what_is_no_window_is_refused_in_its_row(naledi: FlaskClient):
    answer = sent(naledi, begun(naledi, **{"window-1-name": "evening", "window-1-words": "late"}))
    assert (answer.status_code, '<a href="#window-1-words">' in answer.text) == (422, True)


def test_a_contract_may_have_many_windows_and_none_is_lost(naledi: FlaskClient, shut: Flask):
    form = begun(naledi, **windows(15))
    page = plain(sent(naledi, form).text)
    assert "Window window 14 05:45-06:00 on saturday" in page
    assert sent(naledi, form, sure="yes").status_code == 303
    again = begun(naledi, f"{HARBOUR}?begin=", valid_from="2027-01-01")
    assert "window-14-name" not in again, "it begins with what holds now"
    with shut.extensions["database"].reading() as session:
        (found,) = session.execute(select(Contract.card).where(Contract.version == 2)).one()
    assert len(found["windows"]) == 15
    shown = fields(sent(naledi, form, do="edit").text)
    assert {shown[f"window-{n}-name"] for n in range(15)} == {f"window {n}" for n in range(15)}
    assert shown["window-16-name"] == "", "two rows to spare"
