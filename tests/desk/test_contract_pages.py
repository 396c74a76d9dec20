"""The contract that follows: looked at, agreed, withdrawn; never edited."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from billed import Billing
from contract_forms import HARBOUR, begun, fields, sent, versions
from desk.audit import Entry
from visitors import browser_of, plain, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    return Billing(shut.extensions["database"], clock, Random(7))


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def test_the_form_begins_with_the_version_that_holds(naledi: FlaskClient):
    form = begun(naledi)
    assert form["valid_from"] == "2026-12-01"
    assert (form["rate"], form["increment"], form["saturday-price"]) == ("R760.00", "15 min", "x 1.5")
    answer = sent(naledi, form)
    assert (answer.status_code, "nothing would be other" in answer.text.lower()) == (422, True)


def test_a_preset_says_everything_but_the_rate(naledi: FlaskClient):
    form = begun(naledi, f"{HARBOUR}?begin=premium")
    assert {form[f"{band}-cover"] for band in ("office", "saturday", "sunday")} == {"included"}
    assert form["rate"] == ""
    page = plain(sent(naledi, form).text)
    assert "Sunday billable x 2 (R1 520.00 an hour), at least 30 min becomes included" in page


def test_what_would_become_other_is_said_in_sentences_and_nothing_is_done(naledi: FlaskClient, shut: Flask):
    form = begun(naledi, **{"rate": "R800", "sunday-price": "x 2.5", "emergency-first_response": "30 min"})
    page = plain(sent(naledi, form).text)
    assert "is in force from Tue 1 Dec 2026" in page
    assert "Until then holds office-hours cover, version 1." in page
    assert "Rate R760.00 an hour, excluding VAT becomes R800.00 an hour, excluding VAT" in page
    assert "billable x 2 (R1 520.00 an hour), at least 30 min becomes billable x 2.5 (R2 000.00 an hour)" in page
    assert "Emergency, first answer as the house promises becomes within 30 min" in page
    assert len(versions(shut)) == 1


def test_the_same_call_is_priced_by_both_versions_with_the_reason(naledi: FlaskClient):
    page = plain(sent(naledi, begun(naledi, **{"sunday-price": "x 2.5"})).text)
    assert "Sunday 6 December 2026 at 02:00, 11 min" in page
    was, now = re.search(r"at 02:00, 11 min As it is (.*?) Then (.*?) All that it says", page).groups()
    assert was.startswith("costs R760.00 excluding VAT, because it is ")
    assert was.endswith("30 min at R760.00 an hour x 2 come to R760.00 excluding VAT.")
    assert now.startswith("costs R950.00 excluding VAT, because it is ")
    assert "contract office-hours cover, version 2, bills work on a Sunday" in now
    assert "Tuesday 1 December 2026 at 10:00, 20 min As it is costs nothing" in page
    assert "Then the same." in page


def test_it_is_agreed_once_that_is_confirmed_and_the_audit_says_by_whom(naledi: FlaskClient, shut: Flask):
    form = begun(naledi, rate="R800")
    assert sent(naledi, form, sure="yes").location == "/customers/harbour?said=agreed"
    assert versions(shut) == [
        (1, date(2026, 1, 1), "office-hours cover"),
        (2, date(2026, 12, 1), "office-hours cover"),
    ]
    page = plain(naledi.get("/customers/harbour").text)
    assert "from Tue 1 Dec 2026 · version 2 · by Naledi Dlamini Sun 22 Nov 02:00" in page
    assert "Thu 1 Jan 2026 – Mon 30 Nov 2026 · version 1" in page
    assert "office-hours cover from Tue 1 Dec" in plain(naledi.get("/customers").text)
    with shut.extensions["database"].reading() as session:
        told = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (told.what, told.about, told.who) == ("contract agreed", "harbour", "Naledi Dlamini")
    assert told.detail["valid_from"] == "2026-12-01"
    assert "Rate: R760.00 an hour, excluding VAT → R800.00 an hour, excluding VAT" in told.detail["changes"]


def test_a_customer_without_a_contract_gets_a_first_one(naledi: FlaskClient, shut: Flask):
    post(naledi, "/customers", code="cape-cabs", name="Cape Cabs")
    path = "/customers/cape-cabs/contract"
    form = begun(naledi, path, rate="R700")
    page = plain(sent(naledi, form, path).text)
    assert "Until then there is no contract." in page
    assert "There was nothing before it." in page
    assert "As it is" not in page
    assert sent(naledi, form, path, sure="yes").status_code == 303
    assert versions(shut, "cape-cabs") == [(1, date(2026, 12, 1), "office hours")]


def test_what_begins_between_two_versions_says_until_when_it_holds(naledi: FlaskClient):
    sent(naledi, begun(naledi, rate="R800"), sure="yes")
    page = plain(sent(naledi, begun(naledi, rate="R790", valid_from="2026-11-25")).text)
    assert "is in force from Wed 25 Nov 2026 to Mon 30 Nov 2026 , for another version is known to follow" in page


def test_a_day_on_which_a_version_begins_already_is_refused(naledi: FlaskClient, shut: Flask):
    answer = sent(naledi, begun(naledi, valid_from="2026-01-01", rate="R800"))
    assert (answer.status_code, "a contract is never edited" in plain(answer.text)) == (422, True)
    answer = sent(naledi, begun(naledi, valid_from="2026-01-01", rate="R800"), sure="yes")
    assert (answer.status_code, len(versions(shut))) == (422, 1)


def test_a_start_in_a_closed_month_is_refused(naledi: FlaskClient, shut: Flask, billing: Billing):
    billing.works("harbour Sat 31 Oct 10:00 for 20 min accepted")
    billing.close("2026-10")
    form = begun(naledi, valid_from="2026-10-31", rate="R800")
    for more in ({}, {"sure": "yes"}):
        answer = sent(naledi, form, **more)
        assert answer.status_code == 422
        assert "months to 2026-10 are closed: begin on 2026-11-01 or later" in answer.text
        assert 'name="rate" value="R800"' in answer.text
    assert len(versions(shut)) == 1


def test_a_start_in_the_past_of_an_open_month_says_what_is_judged_again(
    naledi: FlaskClient, shut: Flask, billing: Billing
):
    billing.works("harbour Sat 14 Nov 10:00 for 20 min accepted", "karoo Sat 14 Nov 10:00 for 20 min")
    billing.charge()
    form = begun(naledi, valid_from="2026-11-01", rate="R800")
    page = plain(sent(naledi, form).text)
    assert "Harbour Foods, Saturday 14 November 2026 10:00: R570.00 (billable) becomes R600.00 (billable)" in page
    assert "One charge line changes: 2026-11 by R30.00." in page
    assert "Tickets that came in on its days and are not resolved are judged by it: 1." in page
    assert billing.lines()[0].endswith("R570.00"), "nothing is done yet"
    sent(naledi, form, sure="yes")
    assert "Sat 14 Nov 10:00 harbour billable 30 min R600.00" in billing.lines()


def test_of_what_is_to_come_nothing_is_judged_again(naledi: FlaskClient):
    assert "judged again" not in sent(naledi, begun(naledi, rate="R800")).text


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": ""}, "Name: is missing."),
        ({"valid_from": "soon"}, "In force from: 'soon' is not a day such as 2026-11-16."),
        ({"valid_from": "9999-12-31"}, "In force from: 9999-12-31 lies outside the years 1995 to 2060."),
        ({"rate": "lots"}, "Rate: 'lots' is no number such as 760 or 1.5."),
        ({"increment": "7 min"}, "Steps of 7 min do not make an hour: say 6, 15 or 30 min."),
        ({"saturday-price": "1.5"}, "'1.5' is no price: say x 1.5 for so many times the rate, or R950"),
        ({"saturday-cover": "included"}, "Saturday, cover: what is included has no rate, multiplier, minimum"),
        ({"included": "10 h"}, "10 h a month are included, but no work is deducted from them."),
        ({"window-0-name": "evening", "window-0-words": "late"}, "'late' is no window: say '17:00-20:00 on weekdays"),
        ({"high-first_response": "soon"}, "High, first response: 'soon' is no promise: say '2 h, aim 1 h'"),
        ({"high-first_response": "2 h in Cape hours"}, "High, first response: there is no business calendar 'Cape'."),
        ({"keeps-recordings": "1 day"}, "recordings: 1 day is not between 7 days and"),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed_and_loses_nothing(
    naledi: FlaskClient, typed: dict[str, str], fault: str
):
    answer = sent(naledi, begun(naledi, **typed))
    assert answer.status_code == 422
    assert fault in plain(answer.text)
    assert {name: fields(answer.text)[name] for name in typed} == typed


def test_two_windows_of_one_name_are_refused_and_neither_is_lost(naledi: FlaskClient):
    rows = {f"window-{n}-words": f"1{n}:00-20:00 on weekdays, billable x 1.25" for n in (7, 8)}
    twice = {f"window-{n}-{part}": said for n, said in enumerate(rows.values()) for part, said in
             (("name", "evening"), ("words", said))}  # fmt: skip
    answer = sent(naledi, begun(naledi, **twice))
    assert (answer.status_code, "two windows are called evening" in answer.text) == (422, True)
    assert twice.items() <= fields(answer.text).items()


def test_windows_included_hours_and_a_merge_window_come_back_as_they_were_agreed(naledi: FlaskClient, shut: Flask):
    form = begun(
        naledi,
        **{"window-0-name": "evening", "window-0-words": "17:00-20:00 on weekdays, billable x 1.25"},
        **{"included": "10 h", "saturday-deducts": "1.5", "merge": "20 min", "closures_count": "yes"},
        **{"high-first_response": "2 h, aim 1 h", "keeps-recordings": "30 days"},
    )
    page = plain(sent(naledi, form).text)
    assert "Window evening 17:00-20:00 on weekdays, billable x 1.25 (R950.00 an hour)" in page
    assert "once for calls on one ticket of which each begins within 20 min of the one before" in page
    assert "Closures hours in which the company is closed change nothing becomes" in page
    assert sent(naledi, form, sure="yes").status_code == 303
    again = sent(naledi, begun(naledi, "/customers/harbour/contract?begin=", valid_from="2027-01-01"))
    assert "in force from Fri 1 Jan 2027" in plain(again.text), "beginning with what holds now, it is other in January"


def test_another_change_meanwhile_is_told_and_nothing_typed_is_lost(naledi: FlaskClient, shut: Flask):
    form, theirs = begun(naledi, rate="R800"), begun(naledi, rate="R790", valid_from="2027-01-01")
    sent(naledi, theirs, sure="yes")
    for more in ({}, {"sure": "yes"}):
        answer = sent(naledi, form, **more)
        assert (answer.status_code, "Meanwhile this contract was changed" in answer.text) == (409, True)
        assert 'name="rate" value="R800"' in answer.text
    assert len(versions(shut)) == 2
    assert sent(naledi, fields(answer.text), sure="yes").status_code == 303
    assert len(versions(shut)) == 3


def test_who_goes_back_to_change_something_is_still_told_of_another_change(naledi: FlaskClient):
    form = begun(naledi, rate="R800")
    sent(naledi, begun(naledi, rate="R790", valid_from="2027-01-01"), sure="yes")
    again = fields(sent(naledi, form, do="edit").text)
    assert sent(naledi, again | {"rate": "R800"}).status_code == 409


def test_one_goes_back_to_change_something(naledi: FlaskClient):
    answer = sent(naledi, begun(naledi, rate="R800"), do="edit")
    assert (answer.status_code, fields(answer.text)["rate"]) == (200, "R800")


def test_what_has_not_begun_is_withdrawn_and_its_number_is_not_given_again(naledi: FlaskClient, shut: Flask):
    sent(naledi, begun(naledi, rate="R800"), sure="yes")
    assert "Withdraw version 2, before it begins" in naledi.get("/customers/harbour").text
    for _pressed_twice in range(2):
        assert post(naledi, f"{HARBOUR}/2/withdrawal").location == "/customers/harbour?said=withdrawn"
    assert [version for version, *_ in versions(shut)] == [1]
    assert "version 2, by Naledi Dlamini" in plain(naledi.get("/customers/harbour").text)
    sent(naledi, begun(naledi, rate="R810"), sure="yes")
    assert [version for version, *_ in versions(shut)] == [1, 3]


def test_what_has_begun_is_not_withdrawn(naledi: FlaskClient, shut: Flask, clock: Clock, billing: Billing):
    sent(naledi, begun(naledi, rate="R800", valid_from="2026-11-23"), sure="yes")
    clock.until(billing.month("2026-12").span.start)
    assert "Withdraw version" not in browser_of(shut, "naledi").get("/customers/harbour").text
    answer = post(browser_of(shut, "naledi"), f"{HARBOUR}/2/withdrawal")
    assert (answer.status_code, "never edited, only succeeded" in answer.text) == (422, True)
    assert [version for version, *_ in versions(shut)] == [1, 2]


def test_on_its_first_day_it_has_begun(naledi: FlaskClient, shut: Flask):
    sent(naledi, begun(naledi, rate="R800", valid_from="2026-11-22"), sure="yes")
    assert post(naledi, f"{HARBOUR}/2/withdrawal").status_code == 422


def test_billing_staff_read_contracts_and_change_none(shut: Flask):
    bongani = browser_of(shut, "bongani")
    page = bongani.get("/customers/harbour").text
    assert "billable x 1.5" in page
    assert "What follows" not in page
    assert bongani.get(HARBOUR).status_code == 403
    assert post(bongani, HARBOUR, sure="yes").status_code == 403
