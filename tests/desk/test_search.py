"""The box in the head of every page: whatever is typed or pasted there is found, and nothing that one may not open."""

from __future__ import annotations

import re
from html import unescape
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from cast import HARBOUR
from conftest import LINE, NIGHT
from desk.door.tokens import Scope
from desk.finder import found, meant
from tickets.people import Contact, Customer
from tickets.reference import printed
from tickets.search import references_in
from tickets.ticket import Ticket, open_ticket
from visitors import bearer, browser_of

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from simulator.network import Network

FREEZER, PRINTER = "Freezer 100% full_stop", "Printer, ring 082 555 0999"


@pytest.fixture
def called(shut: Flask) -> str:
    """Sipho's ticket and a stranger's; the reference of Sipho's."""

    def work(session: Session) -> str:
        sipho = session.scalars(select(Contact).where(Contact.name == "Sipho Khumalo")).one()
        his = {"contact_id": sipho.id, "customer_id": sipho.customer_id, "caller": "+27825550209"}
        made = open_ticket(session, dice=Random(5), at=NIGHT, subject=FREEZER, **his)
        open_ticket(session, dice=Random(6), at=NIGHT, subject=PRINTER, caller="+27825550999")
        return made.reference

    return shut.extensions["database"].write(work)


def look(app: Flask, q: str, who: str = "naledi") -> TestResponse:
    return browser_of(app, who).get("/search", query_string={"q": q})


def seen(answer: TestResponse) -> dict[str, list[str]]:
    """What was found: names by the heading of their group."""
    groups = re.findall(r"<h2[^>]*>(.*?)</h2>\s*<ul>(.*?)</ul>", answer.text, re.DOTALL)
    return {
        heading: [re.sub("<[^>]+>", "", unescape(one)).strip() for one in re.findall(r"<li>\s*<a.*?>(.*?)</a>", ul)]
        for heading, ul in groups
    }


def links(answer: TestResponse) -> list[str]:
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', main)]


@pytest.mark.parametrize(
    "typed",
    [
        "{0}",
        "{0:.3}-{1}-{2}",
        "{0:.3} {1} {2}",
        "Good day, about ticket {0:.3}-{1}-{2} of 12 November 2026, please ring",
    ],
)
def test_a_reference_leads_to_its_ticket_however_it_is_written_and_out_of_a_sentence(
    shut: Flask, called: str, typed: str
):
    for who in ("thandi", "bongani", "naledi"):
        answer = look(shut, typed.format(called, called[3:6], called[6:]), who)
        assert (answer.status_code, answer.location) == (303, f"/tickets/{called}")


def test_a_sentence_with_two_references_leads_to_a_choice(shut: Flask, called: str):
    with shut.extensions["database"].reading() as session:
        other = session.scalars(select(Ticket.reference).where(Ticket.subject == PRINTER)).one()
    answer = look(shut, f"{called} or rather {printed(other)}?")
    assert answer.status_code == 200
    assert {f"/tickets/{called}", f"/tickets/{other}"} <= set(links(answer))


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("572572578", ["572572578"]),
        ("about 572-572-578, not 572-572-577", ["572572578"]),
        ("+572572578 and 5725725780", []),
        ("572-572 578", []),
    ],
)
def test_references_in_a_sentence(text: str, references: list[str]):
    assert references_in(text) == references


def test_a_reference_and_a_number_side_by_side_are_told_apart():
    for text in ("572572578 082 555 0202", "082 555 0202 572-572-578", "572 572 578, +27825550202"):
        asked = meant.read(text)
        assert (asked.references, asked.numbers) == (("572572578",), ("+27825550202",)), text


@pytest.mark.parametrize(
    "typed", ["082 555 0202", "+27 82 555 0202", "0825550202", "(082) 555-0202", "rang from 082 555 0202"]
)
def test_a_number_finds_whose_it_is_and_what_came_from_it(shut: Flask, network: Network, typed: str):
    network.ring(HARBOUR, LINE).hang_up()
    groups = seen(look(shut, typed))
    assert groups["Contacts"] == ["Sipho Khumalo"]
    assert len(groups["Calls"]) == len(groups["Tickets"]) == 1
    assert seen(look(shut, typed.replace("0202", "0101")))["People"] == ["Thandi Nkosi"]


def test_a_ticket_is_found_by_the_number_of_its_contact_as_well_as_of_its_caller(shut: Flask, called: str):
    for number in ("082 555 0202", "082 555 0209"):
        assert f"/tickets/{called}" in links(look(shut, number, "thandi"))


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("harbour", "Customers", "Harbour Foods"),
        ("mill-lane", "Customers", "Mill Lane Books"),
        ("FATIMA adams", "Contacts", "Sister Fatima Adams"),
        ("anna.fourie@", "Contacts", "Anna Fourie"),
        ("naledi", "People", "Naledi Dlamini"),
        ("freezer full_stop", "Tickets", FREEZER),
        ("sipho 100%", "Tickets", FREEZER),
        ("office hours", "Pages", "Office hours"),
        ("opening time", "Pages", "Office hours"),
        ("holidays", "Pages", "Public holidays"),
        ("rota", "Pages", "Rota"),
        ("sick", "Pages", "Leave"),
        ("xero", "Pages", "Accounting"),
    ],
)
def test_names_subjects_and_pages_are_found_by_their_words(shut: Flask, called: str, typed: str, kind: str, name: str):
    assert name in seen(look(shut, typed))[kind]


def test_what_one_may_not_open_is_not_found(shut: Flask, called: str):
    def names(who: str, q: str) -> set[str]:
        return {name for group in seen(look(shut, q, who)).values() for name in group}

    for who, q, hidden in (
        ("thandi", "audit", "Audit"),
        ("bongani", "audit", "Audit"),
        ("thandi", "billing", "Billing"),
        ("thandi", "fatima", "Sister Fatima Adams"),
        ("thandi", "082 555 0201", "Sister Fatima Adams"),
        ("thandi", "pieter", "Pieter Botha"),
        ("bongani", "082 555 0102", "Pieter Botha"),
    ):
        assert hidden not in names(who, q), (who, q)
        assert hidden in names("naledi", q), q
    for who in ("thandi", "bongani", "naledi"):
        reader = browser_of(shut, who)
        for q in ("a", "o", "harbour", "sipho", "082 555 0202", "rota", "holidays", "customers", "people", "price"):
            for link in links(look(shut, q, who)):
                assert reader.get(link).status_code in (200, 301), (who, q, link)


def test_numbers_stay_masked(shut: Flask, called: str):
    for q in ("sipho", "printer", "thandi"):
        text = look(shut, q).text
        assert not re.search(r"555\s?0\d{3}", text.replace(q, "")), q
    assert "+27…202" in look(shut, "sipho").text


@pytest.mark.parametrize("typed", ["nothing like it", "%", "\\", "'", "x" * 5000, "<b>", "082 555 0888", "572572578"])
def test_nothing_found_says_what_was_looked_for(shut: Flask, typed: str):
    answer = look(shut, typed)
    assert answer.status_code == 200
    assert "“<b>”" not in answer.text
    assert f"Nothing was found for “{typed[:300]}”." in unescape(answer.text)
    assert ("There is no ticket with that reference" in answer.text) == (typed == "572572578")
    assert ("Looked for the number 082 555 0888" in answer.text) == (typed == "082 555 0888")


def test_of_many_a_few_are_shown_and_the_list_leads_to_the_rest(shut: Flask):
    with shut.extensions["database"].writing() as session:
        session.add_all(Customer(code=f"c{n:03}", name=f"Company {n:03}") for n in range(50))
    answer = look(shut, "company")
    assert len(seen(answer)["Customers"]) == found.FEW
    assert "/customers?q=company" in links(answer)


def test_every_page_that_is_signed_in_has_the_box_and_no_other(shut: Flask):
    for path in ("/", "/tickets", "/rota", "/nowhere", "/account"):
        page = browser_of(shut, "thandi").get(path).text
        assert page.count('action="/search"') == 1
    assert 'action="/search"' not in browser_of(shut).get("/sign-in").text
    assert 'action="/search"' not in browser_of(shut).get("/help/new").text
    assert browser_of(shut, "thandi").get("/search").text.count('action="/search"') == 1


def test_every_page_that_can_be_found_is_there(shut: Flask):
    with shut.test_request_context("/"):
        listed = shut.jinja_env.get_template("search/places.html").module.all
        endpoints = {rule.endpoint for rule in shut.url_map.iter_rules()}
        assert {one[0] for one in listed} <= endpoints
        extra = {one[0] for one in listed if one[3]}
    with shut.test_request_context("/"):
        source = shut.jinja_env.loader.get_source(shut.jinja_env, "search/places.html")[0]
    named = set(re.findall(r'^  "([\w.]+)": _\(', source, re.MULTILINE))
    assert named <= extra, "other words are said of a page that nobody lists"


def test_a_search_reads_no_long_table_from_end_to_end(shut: Flask, called: str):
    """Whatever is looked for: tickets and calls by an index, or the newest alone."""
    database = shut.extensions["database"]
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the plan of a small table says nothing there")
    asked = meant.read(f"{called} 082 555 0202 freezer")
    said: list[tuple[str, object]] = []
    hear = lambda _c, _k, statement, values, *_: said.append((statement, values))  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", hear)
    with database.reading() as session:
        found.exact(session, asked)
        found.tickets(session, asked)
        found.calls(session, asked)
    event.remove(database.engine, "before_cursor_execute", hear)
    queries = [one for one in said if one[0].startswith("SELECT")]
    assert 5 <= len(queries) <= 8
    with database.reading() as session:
        for statement, values in queries:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            for row in plan:
                assert not re.match(r"SCAN (ticket|call)\b(?! USING COVERING INDEX)", row[3]), (statement, row[3])


def test_subjects_are_looked_through_among_the_newest_alone(shut: Flask, called: str, monkeypatch: pytest.MonkeyPatch):
    asked = meant.read("freezer")
    with shut.extensions["database"].reading() as session:
        assert [one.subject for one in found.tickets(session, asked).rows] == [FREEZER]
        monkeypatch.setattr(found, "NEWEST", 1)
        assert not found.tickets(session, asked)
        assert found.tickets(session, meant.read(called)), "a reference is found however old it is"


# For programs


def ask(app: Flask, q: str, *scopes: Scope) -> TestResponse:
    return app.test_client().get("/api/v1/search", query_string={"q": q}, headers=bearer(app, scopes))


def test_a_program_finds_what_its_token_may_read(shut: Flask, network: Network, called: str):
    network.ring(HARBOUR, LINE).hang_up()
    whole = ask(shut, "about 082 555 0202", Scope.TICKETS_READ, Scope.CALLS_READ).json
    assert len(whole["calls"]) == 1
    assert {one["subject"] for one in whole["tickets"]} >= {FREEZER}
    assert {one["caller"] for one in whole["tickets"]} == {"+27…202", "+27…209"}
    less = ask(shut, "082 555 0202", Scope.TICKETS_READ).json
    assert (less["calls"], less["tickets"]) == ([], whole["tickets"])
    assert ask(shut, "harbour", Scope.TICKETS_READ).json["customers"] == []
    named = ask(shut, "harbour", Scope.TICKETS_READ, Scope.CUSTOMERS_READ).json["customers"]
    assert named == [{"code": "harbour", "name": "Harbour Foods"}]
    assert ask(shut, "harbour", Scope.CALLS_READ).status_code == 403


def test_a_program_finds_a_ticket_by_its_reference_in_a_sentence(shut: Flask, called: str):
    answer = ask(shut, f"ticket {printed(called)}, again", Scope.TICKETS_READ, Scope.NUMBERS_READ).json
    assert [one["reference"] for one in answer["tickets"]] == [called]
    assert answer["more"] == []
