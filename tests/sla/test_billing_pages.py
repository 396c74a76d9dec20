"""The pages on which billing staff look at a month, decide about lines, and close it."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from billed import Billing
from desk.door import tokens
from desk.door.tokens import Scope
from sla.billing.charge_line import ChargeLine
from sla.worklog import Work
from visitors import browser_of, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

NIGHT = "harbour Sun 22 Nov 02:00 for 11 min accepted"
SATURDAY = "harbour Sat 31 Oct 10:00 for 20 min accepted"


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    return Billing(shut.extensions["database"], clock, Random(7))


@pytest.fixture
def bongani(shut: Flask) -> FlaskClient:
    return browser_of(shut, "bongani")


def words(html: str) -> str:
    """What stands on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def rows(page: str) -> int:
    return len(re.findall(r'href="/billing/lines/\d+"', page))


def test_a_month_shows_its_lines_and_what_they_come_to(billing: Billing, bongani: FlaskClient):
    billing.works(NIGHT, "karoo Sun 22 Nov 03:00 for 10 min", "nobody Sun 22 Nov 04:00 for 10 min")
    billing.charge()
    page = bongani.get("/billing?month=2026-11&state=all").text
    assert "3 lines · 30 min billed · R760.00 · One to check" in words(page)
    assert rows(page) == 3
    for asked, number in (("state=to_check", 1), ("customer=harbour", 1), ("customer=-", 1), ("engineer=thandi", 3)):
        assert rows(bongani.get(f"/billing?month=2026-11&{asked}").text) == number, asked
    for wrong in ("month=2026-13", "customer=nobody", "state=free", "engineer=sipho"):
        assert bongani.get(f"/billing?{wrong}").status_code == 404, wrong


def test_a_month_begins_with_what_is_to_bill_or_check_and_says_how_much_else_there_is(
    billing: Billing, bongani: FlaskClient
):
    billing.works(NIGHT, "nobody Sun 22 Nov 04:00 for 10 min", "harbour Mon 23 Nov 10:00 for 9 min")
    billing.works(*(f"karoo Sun 22 Nov {hour:02}:00 for 10 min" for hour in (3, 5, 7)))
    billing.charge()
    page = bongani.get("/billing?month=2026-11").text
    assert rows(page) == 2
    said = words(page)
    assert "2 lines · 30 min billed · R760.00 · One to check" in said
    assert "To bill or check 2 To check 1 Billable 1 Included 3 No overtime 1 All 6" in said
    assert re.search(r"not known 1 0 min R0\.00 1 .*Harbour Foods 1 30 min R760\.00 –", said)
    everything = bongani.get("/billing?month=2026-11&state=all").text
    assert (rows(everything), "karoo" in everything) == (6, True)
    file = bongani.get(re.search(r'href="(/billing/files/csv\?[^"]*)"', page)[1].replace("&amp;", "&"))
    assert len(file.text.splitlines()) == 1 + 2
    assert 'filename="overtime_2026-11_to-bill_draft.csv"' in file.headers["Content-Disposition"]


def test_what_takes_an_amount_back_is_to_bill_whatever_its_work_is_by_now(billing: Billing, bongani: FlaskClient):
    (source,) = billing.works(SATURDAY)
    billing.close("2026-10")
    post(bongani, f"/billing/lines/{billing.line(source).id}/decision", state="included", reason="as agreed")
    assert rows(bongani.get("/billing?month=2026-11").text) == 1


def test_where_nothing_is_to_bill_the_page_leads_to_all_lines(billing: Billing, bongani: FlaskClient):
    billing.works("karoo Sun 22 Nov 03:00 for 10 min")
    billing.charge()
    page = bongani.get("/billing?month=2026-11").text
    assert (rows(page), "Nothing is to bill or check." in words(page)) == (0, True)


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"customer": "harbour"}, 1), ({"customer": "-"}, 1), ({"state": "to_check"}, 1), ({"engineer": "thandi"}, 3),
        ({"engineer": "pieter"}, 0), ({"customer": "karoo", "state": "included", "engineer": "thandi"}, 1),
    ],
)  # fmt: skip
def test_page_command_and_interface_show_the_same_lines(
    billing: Billing, bongani: FlaskClient, shut: Flask, filters: dict[str, str], number: int
):
    billing.works(NIGHT, "karoo Sun 22 Nov 03:00 for 10 min", "nobody Sun 22 Nov 04:00 for 10 min")
    billing.charge()
    said = [word for name, value in filters.items() for word in (f"--{name}", value)]
    told = shut.test_cli_runner().invoke(args=["sla", "statement", "--month", "2026-11", *said]).stdout
    with shut.extensions["database"].writing() as session:
        secret = tokens.make(session, "books", [Scope.STATEMENTS_READ], billing.clock())
    header, path = {"Authorization": f"Bearer {secret}"}, f"/api/v1/statements/2026-11?{urlencode(filters)}"
    given = shut.test_client().get(path, headers=header).json
    assert rows(bongani.get(f"/billing?month=2026-11&{urlencode(filters)}").text) == number
    assert len(given["items"]) == given["totals"]["lines"] == number
    assert f"open: {number} lines" in told


def test_a_customer_s_page_is_charged_before_it_is_shown(billing: Billing, bongani: FlaskClient):
    billing.works(NIGHT)
    assert rows(bongani.get("/billing?month=2026-11").text) == 0
    assert rows(bongani.get("/billing?month=2026-11&customer=harbour").text) == 1


def test_a_long_month_goes_on_over_the_page(billing: Billing, bongani: FlaskClient):
    billing.works(*(f"karoo Sun 22 Nov {n // 10:02}:{n % 10 * 5:02} for 1 min" for n in range(101)))
    billing.charge()
    page = bongani.get("/billing?month=2026-11&customer=karoo").text
    more = re.search(r'href="(/billing\?[^"]*after=\d+[^"]*)"', page)
    assert more
    rest = bongani.get(more[1].replace("&amp;", "&")).text
    assert (rows(page), rows(rest)) == (100, 1)


def test_a_line_tells_how_it_comes_about_and_what_was_decided(billing: Billing, bongani: FlaskClient):
    (source,) = billing.works(NIGHT)
    billing.charge()
    path = f"/billing/lines/{billing.line(source).id}"
    page = words(bongani.get(path).text)
    assert "11 min count as 30 min by the minimum of 30 min" in page
    assert "pressed 1 at 02:00:41" in page
    assert "+27…202" in page
    assert "555" not in page
    kept = post(bongani, f"{path}/decision", minutes="15", reason="as agreed with Sipho")
    assert kept.location == f"{path}?said=kept"
    page = words(bongani.get(path).text)
    assert "R380.00" in page
    assert "Bongani Zulu: as agreed with Sipho" in page


def test_what_was_decided_stands_on_the_line_at_once_and_the_worker_comes_to_the_others(
    billing: Billing, bongani: FlaskClient, shut: Flask
):
    decided, other = billing.works(NIGHT, "harbour Sun 22 Nov 10:00 for 11 min accepted")
    billing.charge()
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Work).where(Work.source == other)).one().consent = False
    path = f"/billing/lines/{billing.line(decided).id}"
    post(bongani, f"{path}/decision", minutes="15", reason="as agreed with Sipho")
    assert [billing.line(one).billed_seconds for one in (decided, other)] == [15 * 60, 30 * 60]
    assert billing.lines() == [
        "Sun 22 Nov 02:00 harbour billable 15 min R380.00",
        "Sun 22 Nov 10:00 harbour to check 0 min R0.00",
    ]


def test_what_was_decided_about_a_closed_month_is_corrected_at_once(billing: Billing, bongani: FlaskClient):
    (source,) = billing.works(SATURDAY)
    billing.close("2026-10")
    path = f"/billing/lines/{billing.line(source).id}"
    post(bongani, f"{path}/decision", state="included", reason="as agreed with Sipho")
    line = billing.line(source, corrects=source)
    assert (line.month, line.amount_cents) == ("2026-11", -57000)
    assert "because Bongani Zulu decided: as agreed with Sipho" in line.explanation
    assert billing.lines() == ["Sat 31 Oct 10:00 harbour included -30 min -R570.00 of 2026-10"]


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"minutes": "many", "reason": "because"}, "Minutes are a number from 0 to 1440."),
        ({"minutes": "15", "reason": " "}, "A change needs a reason."),
        ({"reason": "because"}, "Say another state, other minutes or both."),
        ({"state": "included", "minutes": "15", "reason": "because"}, "Only what is billable has billed minutes."),
    ],
)
def test_a_decision_that_cannot_be_loses_nothing_that_was_typed(
    billing: Billing, bongani: FlaskClient, typed: dict[str, str], fault: str
):
    (source,) = billing.works(NIGHT)
    billing.charge()
    answer = post(bongani, f"/billing/lines/{billing.line(source).id}/decision", **typed)
    assert answer.status_code == 422
    assert fault in words(answer.text)
    assert f'value="{typed.get("minutes", "")}"' in answer.text


def test_work_of_somebody_unknown_is_charged_once_they_are_named(billing: Billing, bongani: FlaskClient):
    (source,) = billing.works("nobody Sun 22 Nov 02:00 for 11 min accepted")
    billing.charge()
    path = f"/billing/lines/{billing.line(source).id}"
    assert post(bongani, f"{path}/customer", customer="", reason="he said so").status_code == 422
    named = post(bongani, f"{path}/customer", customer="harbour", reason="Sipho rang from home")
    assert "R760.00" in words(bongani.get(named.location).text)
    assert billing.lines() == ["Sun 22 Nov 02:00 harbour billable 30 min R760.00"]


def test_a_month_is_closed_by_billing_staff_and_opened_again_by_two(
    billing: Billing, bongani: FlaskClient, shut: Flask, clock: Clock
):
    billing.works(SATURDAY)
    billing.charge()
    refused = post(bongani, "/billing/close", month="2026-10")
    assert refused.status_code == 422
    assert "calls are compared with the carrier" in words(refused.text)
    assert post(bongani, "/billing/close", month="2026-10", waiver="one call").location.endswith("said=closed")
    assert "closed by Bongani Zulu" in words(bongani.get("/billing?month=2026-10").text)
    assert post(bongani, "/billing/reopening", month="2026-10", reason="a mistake").location.endswith("said=asked")
    assert post(bongani, "/billing/reopening/decision", month="2026-10", agreed="yes").status_code == 422
    naledi = browser_of(shut, "naledi")
    assert "a mistake" in naledi.get("/billing?month=2026-10").text
    decided = post(naledi, "/billing/reopening/decision", month="2026-10", agreed="yes")
    assert decided.location == "/billing?month=2026-10&said=opened"
    assert "Close October 2026" in naledi.get("/billing?month=2026-10").text


def test_a_call_is_priced_before_anybody_makes_it(bongani: FlaskClient):
    asked = "/billing/preview?at=2026-11-22T02:00&minutes=11"
    page = words(bongani.get(f"{asked}&customer=harbour&consent=yes").text)
    assert "A call on Sunday 22 November 2026 at 02:00 for 11 min costs R760.00 excluding VAT, because it is" in page
    assert "costs nothing, because it is" in words(bongani.get(f"{asked}&customer=karoo").text)
    assert "is for billing staff to check" in words(bongani.get(asked).text)


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ("at=sunday&minutes=11", "A time is such as 2026-11-22T02:00."),
        ("at=2026-11-22T02:00&minutes=0", "A call lasts from 1 to 1440 minutes."),
        ("at=1990-11-22T02:00&minutes=5", "No business calendar reaches so far."),
        ("at=2090-11-22T02:00&minutes=5", "No business calendar reaches so far."),
        ("at=2026-11-22T02:00&minutes=5&customer=nobody", "There is no such customer."),
    ],
)
def test_what_cannot_be_priced_is_told(bongani: FlaskClient, asked: str, fault: str):
    answer = bongani.get(f"/billing/preview?{asked}")
    assert (answer.status_code, fault in words(answer.text)) == (422, True)


# Work that engineers enter


def a_ticket(billing: Billing) -> str:
    """The page of a ticket of Harbour Foods on which nobody is known to have worked but on 1 November."""
    (source,) = billing.works("harbour Sun 1 Nov 10:00 for 30 min accepted")
    billing.charge()
    return f"/tickets/{billing.line(source).reference}/work"


def test_work_that_no_line_saw_is_entered_and_charged(billing: Billing, shut: Flask):
    path, thandi = a_ticket(billing), browser_of(shut, "thandi")
    entered = {"starts": "2026-11-21T22:00", "ends": "2026-11-21T22:40", "done": "Drove to the shop", "consent": "yes"}
    assert post(thandi, path, **entered).location == f"{path}?said=kept"
    assert billing.lines()[1:] == ["Sat 21 Nov 22:00 harbour billable 45 min R855.00"]
    page = words(thandi.get(path).text)
    assert "Drove to the shop" in page
    with billing.database.reading() as session:
        line = session.scalars(select(ChargeLine).where(ChargeLine.source.startswith("hand"))).one()
        assert (line.consent, line.engineers) == ("accepted, as told to Thandi Nkosi", ["Thandi Nkosi"])


def test_work_without_an_answer_about_overtime_is_to_check(billing: Billing, shut: Flask):
    path, thandi = a_ticket(billing), browser_of(shut, "thandi")
    post(thandi, path, starts="2026-11-21T22:00", ends="2026-11-21T22:40", done="Drove to the shop")
    assert billing.lines()[1:] == ["Sat 21 Nov 22:00 harbour to check 0 min R0.00"]


@pytest.mark.parametrize(
    ("starts", "ends", "done", "fault"),
    [
        ("2026-11-21T22:40", "2026-11-21T22:40", "x", "Work ends after it begins."),
        ("2026-11-21T01:00", "2026-11-21T22:40", "x", "Nobody works for more than 16 hours at a stretch"),
        ("2026-11-21T22:00", "2026-11-22T02:01", "x", "That is still to come"),
        ("2026-09-01T22:00", "2026-09-01T22:40", "x", "That is more than 60 days ago"),
        ("2026-11-21T22:00", "2026-11-21T22:40", " ", "Say what was done"),
        (
            "2026-11-01T10:15",
            "2026-11-01T11:00",
            "x",
            "work of yours from Sunday 1 November 2026 at 10:00 to 10:30",
        ),
        ("yesterday", "2026-11-21T22:40", "x", "A time is such as 2026-11-22T02:00."),
    ],
)
def test_work_that_cannot_have_been_is_refused_and_stays_typed(
    billing: Billing, shut: Flask, starts: str, ends: str, done: str, fault: str
):
    path, thandi = a_ticket(billing), browser_of(shut, "thandi")
    answer = post(thandi, path, starts=starts, ends=ends, done=done)
    assert answer.status_code == 422
    assert fault in words(answer.text)
    assert f'value="{starts}"' in answer.text
