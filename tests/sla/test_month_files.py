"""Files of a month: what the page shows, all of it; of a closed month the same bytes for ever."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from billed import Billing
from cast import HARBOUR, KAROO
from desk.audit import Entry, What, Who
from desk.staff import Staff
from ivr.line import Line
from sla.billing import closing, reviewing, statement
from sla.billing.charge_line import ChargeLine
from sla.billing.closing import NotYet
from sla.billing.month_file import Making, Wish
from sla.billing.statements import Wanted
from sla.exports import formats
from sla.overtime import State
from somebody import World
from tickets.people import Contact, Customer
from tickets.privacy.access import Access
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


def test_a_customer_s_file_and_an_engineer_s_of_one_number_are_two(billing: Billing, bongani: FlaskClient):
    names = []
    for asked in ("customer=harbour", "engineer=thandi"):
        with bongani.get(f"/billing/files/csv?month=2026-11&{asked}") as file:
            names.append(file.headers["Content-Disposition"].partition('"')[2].rstrip('"'))
    kinds = [re.fullmatch(r"overtime_2026-11_(\w+)-\d+_draft\.csv", name)[1] for name in names]
    assert kinds == ["customer", "engineer"]


def test_a_file_has_the_rows_of_the_page_and_says_in_its_name_what_it_is(billing: Billing, bongani: FlaskClient):
    with bongani.get("/billing/files/csv?month=2026-11") as whole:
        assert whole.headers["Content-Disposition"] == 'attachment; filename="overtime_2026-11_all_draft.csv"'
        assert len(whole.text.splitlines()) == 1 + len(LINES)
    assert len(fetched(bongani, "csv", "&state=billable").decode().splitlines()) == 3
    assert bongani.get("/billing/files/doc?month=2026-11").status_code == 404


@pytest.mark.parametrize("kind", OURS)
def test_whoever_takes_a_file_with_callers_numbers_is_noted(billing: Billing, bongani: FlaskClient, kind: str):
    fetched(bongani, kind)
    with billing.database.reading() as session:
        ((who, what, about),) = session.execute(select(Access.who, Access.what, Access.about)).all()
    assert (who, what) == ("Bongani Zulu", "number")
    assert about.startswith("overtime_2026-11_all_draft")


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
    page = browser_of(shut, "bongani").get("/billing?month=2026-11").text
    assert f"<code>{kept['sha256']}</code>" in page
    assert "Closed without being compared with the carrier’s list: no carrier in this test" in page


@pytest.mark.parametrize("kind", OURS)
def test_files_of_a_closed_month_stay_the_same_when_somebody_gets_another_name(
    billing: Billing, shut: Flask, kind: str
):
    billing.close("2026-11")
    bongani = browser_of(shut, "bongani")
    first = [fetched(bongani, kind, asked) for asked in ("", "&customer=harbour")]
    rename_everything(billing)
    assert [fetched(bongani, kind, asked) for asked in ("", "&customer=harbour")] == first


@pytest.mark.parametrize("kind", OURS)
def test_files_of_a_closed_month_have_the_names_of_its_close_whenever_they_are_first_made(
    billing: Billing, shut: Flask, kind: str
):
    asked = ("", "&customer=harbour", "&engineer=thandi&state=billable")
    billing.close("2026-11")
    bongani = browser_of(shut, "bongani")
    at_once = [fetched(bongani, kind, one) for one in asked]
    with billing.database.writing() as session:
        statement.of(session, "2026-11").files = []  # as if nobody had
    rename_everything(billing)
    assert [fetched(bongani, kind, one) for one in asked] == at_once


def rename_everything(billing: Billing) -> None:
    with billing.database.writing() as session:
        for table, column in ((Customer, "name"), (Staff, "name"), (Line, "company")):
            for one in session.scalars(select(table)):
                setattr(one, column, f"{getattr(one, column)} (Pty) Ltd")


def test_without_names_there_is_no_file_for_accounting_and_the_page_says_what_is_missing(
    billing: Billing, bongani: FlaskClient
):
    refused = bongani.get("/billing/files/xero?month=2026-11")
    assert refused.status_code == 422
    assert "Xero needs the account code" in refused.text
    answer = post(bongani, "/billing/accounting/xero", **NAMES, contacts="harbour = Harbour Foods (Pty) Ltd")
    assert answer.status_code == 303
    assert b"Harbour Foods (Pty) Ltd" in fetched(bongani, "xero")


def test_a_month_of_more_invoices_than_xero_takes_is_refused_on_the_page_and_at_the_terminal(
    billing: Billing, bongani: FlaskClient, shut: Flask
):
    with billing.database.writing() as session:
        line = session.scalars(select(ChargeLine).where(ChargeLine.state == "billable")).first()
        same = {column.key: getattr(line, column.key) for column in ChargeLine.__table__.columns if column.key != "id"}
        others = ({"account": 1000 + n, "customer_code": f"c{n}", "source": f"page {9000 + n}"} for n in range(501))
        session.execute(insert(ChargeLine), [same | other for other in others])
    post(bongani, "/billing/accounting/xero", **NAMES)
    refused = bongani.get("/billing/files/xero?month=2026-11")
    assert (refused.status_code, "Xero takes 500 invoices in one file" in refused.text) == (422, True)
    words = ["sla", "statement", "--month", "2026-11", "--format", "xero"]
    result = shut.test_cli_runner().invoke(args=words)
    assert (result.exit_code, "Error: Xero takes 500 invoices in one file" in result.output) == (1, True)


def test_what_was_billed_and_is_included_after_all_becomes_a_credit_note(billing: Billing, bongani: FlaskClient):
    (source,) = billing.works("harbour Sat 31 Oct 10:00 for 20 min accepted")
    billing.close("2026-10")
    with billing.database.writing() as session:
        line = session.scalars(select(ChargeLine).where(ChargeLine.source == source)).one()
        reviewing.decide(session, line, billing.who(), "as agreed", billing.clock(), State.INCLUDED, None)
    assert "Sat 31 Oct 10:00 harbour included -30 min -R570.00 of 2026-10" in billing.lines()
    post(bongani, "/billing/accounting/quickbooks", **NAMES)
    assert b"OT2026-11-harbour-CN" in fetched(bongani, "quickbooks-credit")


def test_only_the_system_that_takes_an_account_code_is_asked_for_one(bongani: FlaskClient):
    page = bongani.get("/billing/accounting").text
    xero, quickbooks = page.split('aria-labelledby="quickbooks"')
    assert ['name="account_code"' in part for part in (xero, quickbooks)] == [True, False]
    assert ['name="item"' in part for part in (xero, quickbooks)] == [True, True]


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


@pytest.mark.parametrize(("named", "asked"), [((), ""), (("--customer", "harbour"), "&customer=harbour")])
def test_the_command_writes_the_same_file_as_the_page(
    billing: Billing, shut: Flask, tmp_path: Path, named: tuple[str, ...], asked: str
):
    billing.close("2026-11")
    out = tmp_path / "november.xlsx"
    words = ["sla", "statement", "--month", "2026-11", "--format", "xlsx", "--out", str(out), *named]
    result = shut.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == fetched(browser_of(shut, "bongani"), "xlsx", asked)


def test_a_file_that_is_fetched_while_its_month_is_closed_is_the_draft_and_whole(
    billing: Billing, bongani: FlaskClient
):
    draft = fetched(bongani, "csv")
    billing.clock.until(billing.month("2026-11").span.end + timedelta(days=3))
    wish = Wish("csv", Wanted("2026-11"), "", "Bongani Zulu", billing.clock())
    making, later = (Making(billing.database, billing.month("2026-11"), wish) for _ in range(2))
    pieces = making.pieces()
    begun = next(pieces)
    billing.close("2026-11")
    assert b"".join([begun, *pieces]) == draft
    assert making.name == "overtime_2026-11_all_draft.csv"
    with billing.database.reading() as session:
        assert statement.of(session, "2026-11").files == [], "of a draft nothing is kept"
    assert b"".join(later.pieces()) == draft, "the lines are the same"
    assert later.name == "overtime_2026-11_all_closed.csv", "asked for before the close, and made after it"


def test_two_who_fetch_a_closed_month_at_once_get_the_same_bytes(billing: Billing, bongani: FlaskClient):
    billing.close("2026-11")
    wish = Wish("xlsx", Wanted("2026-11"), "Afterhours", "Bongani Zulu", billing.clock())
    gate = Barrier(2)

    def fetch(maker: str) -> bytes:
        gate.wait(20)
        return b"".join(Making(billing.database, billing.month("2026-11"), replace(wish, maker=maker)).pieces())

    with ThreadPoolExecutor(2) as both:
        one, other = both.map(fetch, ("Bongani Zulu", "Naledi Dlamini"))
    assert one == other
    with billing.database.reading() as session:
        (kept,) = statement.of(session, "2026-11").files
    assert kept["sha256"] == sha256(one).hexdigest()


def test_of_two_who_close_a_month_at_the_same_instant_one_closes_it(billing: Billing):
    billing.clock.until(billing.month("2026-11").span.end + timedelta(days=3))
    gate = Barrier(2)

    def close(key: str) -> str:
        who = billing.who(key)
        gate.wait(20)
        try:
            billing.database.write(
                lambda session: closing.close(session, billing.month("2026-11"), "", who, billing.clock(), "one call")
            )
        except NotYet as refusal:
            return str(refusal)
        return f"2026-11 was closed by {who.name}"

    with ThreadPoolExecutor(2) as both:
        said = set(both.map(close, ("bongani", "naledi")))
    with billing.database.reading() as session:
        assert said == {f"2026-11 was closed by {statement.of(session, '2026-11').closed_by}"}
        told = session.scalars(select(Entry).where(Entry.what == What.MONTH_CLOSED)).all()
    assert len(told) == 1


def test_after_an_erasure_files_of_a_closed_month_are_made_anew_and_nobody_is_alarmed(
    billing: Billing, shut: Flask, clock: Clock
):
    """Law keeps what was billed, and not who called."""
    billing.close("2026-11")
    before = fetched(browser_of(shut, "bongani"), "csv")
    world = World(shut, clock)
    world.resolved()
    with billing.database.reading() as session:
        sipho = session.scalars(select(Contact.id).where(Contact.phone == HARBOUR)).one()
    world.erased(Who("Naledi Dlamini", "127.0.0.1"), f"contact-{sipho}")
    after = fetched(browser_of(shut, "bongani"), "csv")
    assert [HARBOUR.encode() in one for one in (before, after)] == [True, False]
    with billing.database.reading() as session:
        (kept,) = statement.of(session, "2026-11").files
    assert kept["sha256"] == sha256(after).hexdigest()


def test_what_is_said_of_somebody_on_a_closed_line_of_another_goes_and_its_files_are_made_anew(
    billing: Billing, shut: Flask, clock: Clock
):
    with billing.database.writing() as session:
        line = session.scalars(select(ChargeLine).where(ChargeLine.customer_code == "harbour")).first()
        line.explanation, line.changed = "two hours; Sister Fatima Adams agreed", "by Fatima Adams, 082 555 0201"
        line.caller, number = KAROO, line.id
    billing.close("2026-11")
    before, sums = fetched(browser_of(shut, "bongani"), "csv"), totals(billing)
    World(shut, clock).erased(Who("Naledi Dlamini", "127.0.0.1"))
    after = fetched(browser_of(shut, "bongani"), "csv")
    assert [b"Fatima" in one for one in (before, after)] == [True, False]
    with billing.database.reading() as session:
        line = session.get_one(ChargeLine, number)
        assert (line.explanation, line.changed) == ("two hours; Sister [erased] agreed", "by [erased], [erased]")
        assert line.caller == ""
        (kept,) = statement.of(session, "2026-11").files
    assert kept["sha256"] == sha256(after).hexdigest()
    assert totals(billing) == sums


def totals(billing: Billing) -> list[tuple[object, ...]]:
    with billing.database.reading() as session:
        sums = select(ChargeLine.source, ChargeLine.amount_cents, ChargeLine.billed_seconds).order_by(ChargeLine.id)
        return [*map(tuple, session.execute(sums)), tuple(statement.of(session, "2026-11").totals.items())]
