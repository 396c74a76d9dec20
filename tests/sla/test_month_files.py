"""Files of a month: what the page shows, all of it; of a closed month the same bytes for ever."""

from __future__ import annotations

from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from billed import Billing
from desk.staff import Staff
from ivr.line import Line
from sla import statement
from sla.exports import formats
from tickets.people import Customer
from visitors import browser_of, post

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

LINES = (
    "harbour Sun 22 Nov 02:00 for 11 min accepted",
    "karoo Sun 22 Nov 03:00 for 10 min",
    "harbour Tue 24 Nov 19:00 for 20 min accepted",
)
NAMES = {"account_code": "200", "item": "Overtime", "tax_name": "Standard rate sales", "due_days": "30", "prefix": "OT"}
OURS = [name for name, form in formats.FORMATS.items() if not form.system]


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    made = Billing(shut.extensions["database"], clock, Random(7))
    made.works(*LINES)
    made.charge()
    return made


@pytest.fixture
def bongani(shut: Flask) -> FlaskClient:
    return browser_of(shut, "bongani")


def fetched(client: FlaskClient, kind: str, asked: str = "") -> bytes:
    answer = client.get(f"/billing/files/{kind}?month=2026-11{asked}")
    assert answer.status_code == 200, answer.text
    return answer.data


def test_a_file_has_the_rows_of_the_page_and_says_in_its_name_what_it_is(billing: Billing, bongani: FlaskClient):
    with bongani.get("/billing/files/csv?month=2026-11") as whole:
        assert whole.headers["Content-Disposition"] == 'attachment; filename="overtime_2026-11_all_draft.csv"'
        assert len(whole.text.splitlines()) == 1 + len(LINES)
    assert len(fetched(bongani, "csv", "&state=billable").decode().splitlines()) == 3
    assert bongani.get("/billing/files/doc?month=2026-11").status_code == 404


@pytest.mark.parametrize("kind", OURS)
def test_files_of_a_closed_month_are_the_same_whoever_makes_them_whenever(
    billing: Billing, shut: Flask, clock: Clock, kind: str
):
    billing.close("2026-11")
    first = fetched(browser_of(shut, "bongani"), kind)
    clock.advance(3 * 86400)
    assert fetched(browser_of(shut, "naledi"), kind) == first
    with billing.database.reading() as session:
        (kept,) = statement.of(session, "2026-11").files
    assert (kept["sha256"], kept["rows"]) == (sha256(first).hexdigest(), len(LINES))


@pytest.mark.parametrize("kind", OURS)
def test_files_of_a_closed_month_stay_the_same_when_somebody_gets_another_name(
    billing: Billing, shut: Flask, kind: str
):
    billing.close("2026-11")
    bongani = browser_of(shut, "bongani")
    first = [fetched(bongani, kind, asked) for asked in ("", "&customer=harbour")]
    with billing.database.writing() as session:
        for table, column in ((Customer, "name"), (Staff, "name"), (Line, "company")):
            for one in session.scalars(select(table)):
                setattr(one, column, f"{getattr(one, column)} (Pty) Ltd")
    assert [fetched(bongani, kind, asked) for asked in ("", "&customer=harbour")] == first


def test_without_names_there_is_no_file_for_accounting_and_the_page_says_what_is_missing(
    billing: Billing, bongani: FlaskClient
):
    refused = bongani.get("/billing/files/xero?month=2026-11")
    assert refused.status_code == 422
    assert "Xero needs the account code" in refused.text
    answer = post(bongani, "/billing/accounting/xero", **NAMES, contacts="harbour = Harbour Foods (Pty) Ltd")
    assert answer.status_code == 303
    assert b"Harbour Foods (Pty) Ltd" in fetched(bongani, "xero")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"due_days": "soon"}, "is no number of days"),
        ({"due_days": "400"}, "invoice is due in 0 to 366 days"),
        ({"contacts": "Harbour Foods"}, "is not as in harbour = Harbour Foods (Pty) Ltd"),
        ({"currency": "rand"}, "is not a currency such as ZAR"),
    ],
)
def test_names_that_cannot_be_right_are_refused_with_what_was_typed(
    bongani: FlaskClient, wrong: dict[str, str], words: str
):
    answer = post(bongani, "/billing/accounting/quickbooks", **NAMES | wrong)
    assert answer.status_code == 422
    assert words in answer.text.replace("&#39;", "'")
    assert 'value="Standard rate sales"' in answer.text


def test_the_command_writes_the_same_file_as_the_page(billing: Billing, shut: Flask, tmp_path: Path):
    billing.close("2026-11")
    out = tmp_path / "november.xlsx"
    words = ["sla", "statement", "--month", "2026-11", "--format", "xlsx", "--out", str(out)]
    result = shut.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == fetched(browser_of(shut, "bongani"), "xlsx")
