"""Customers and their contacts on pages: found, added and changed by the rules of the set-up files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR
from desk.audit import Entry
from tickets.people import Contact, Customer, Former
from tickets.privacy.access import Access
from visitors import browser_of, plain, post

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

SIPHO = "/customers/harbour/contacts/2"
AS_HE_IS = {"name": "Sipho Khumalo", "phone": "082 555 0202", "email": "sipho.khumalo@harbour-foods.example"}
ZANELE = {"name": "Zanele Dube"}


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def seen(client: FlaskClient, path: str = SIPHO) -> str:
    """What the form keeps of how things were when it was opened."""
    return re.search(r'name="seen" value="([^"]*)"', client.get(path).text)[1]


def listed(client: FlaskClient, q: str) -> list[str]:
    return re.findall(r'href="/customers/([\w-]+)"', client.get("/customers", query_string={"q": q}).text)


def sipho(app: Flask) -> Contact:
    with app.extensions["database"].reading() as session:
        return session.get_one(Contact, 2)


def newest(app: Flask) -> Entry:
    with app.extensions["database"].reading() as session:
        return session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["harbour", "karoo", "mill-lane"]),
        ("HARBOUR", ["harbour"]),
        ("fatima", ["karoo"]),
        ("anna.fourie@", ["mill-lane"]),
        ("082 555 0203", ["mill-lane"]),
        ("+27825550203", ["mill-lane"]),
        ("khumalo foods", ["harbour"]),
        ("082 555 0999", []),
        ("%", []),
    ],
)
def test_customers_are_found_by_name_and_by_number(naledi: FlaskClient, q: str, found: list[str]):
    assert listed(naledi, q) == found


def test_a_long_list_goes_on_over_the_page(shut: Flask, naledi: FlaskClient):
    with shut.extensions["database"].writing() as session:
        session.add_all(Customer(code=f"c{n:03}", name=f"Company {n:03}") for n in range(50))
    first, second = (naledi.get(f"/customers?page={page}").text for page in (1, 2))
    assert "53 customers" in first
    assert "Company 000" in first
    assert "/customers?page=2" in first
    assert "Mill Lane Books" in second
    assert naledi.get("/customers?page=9999").status_code == 200
    assert naledi.get("/customers?page=²").status_code == 200


def test_a_customer_s_page_masks_numbers_and_leads_to_the_rest(shut: Flask):
    page = browser_of(shut, "bongani").get("/customers/harbour").text
    assert "+27…202" in page
    assert "0202" not in page
    for link in ("/tickets?customer=harbour", "/billing?month=2026-11&amp;customer=harbour",
                 "/sla/report?month=2026-11&amp;customer=harbour", "/billing/preview?customer=harbour"):  # fmt: skip
        assert f'href="{link}"' in page, link
    assert "Add a contact" not in page
    assert browser_of(shut, "bongani").get("/customers/nobody").status_code == 404


def test_a_customer_is_added_by_the_rules_of_the_set_up_files(shut: Flask, naledi: FlaskClient):
    made = post(naledi, "/customers", code="Cape-Cabs", name="Cape  Cabs")
    assert made.location == "/customers/cape-cabs?said=added"
    assert "whatever is worked for them is for billing staff to check" in naledi.get(made.location).text
    assert (newest(shut).what, newest(shut).about) == ("customer added", "cape-cabs")
    form = naledi.get("/customers/cape-cabs/contract").text
    assert 'value="office hours"' in form, "without a version it begins with the usual one"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"code": "cape cabs", "name": "Cape Cabs"}, "Short name: 'cape cabs' is not a short name: letters, digits"),
        ({"code": "cape"}, "Name: is missing."),
        ({"code": "harbour", "name": "Other"}, "Short name: 'harbour' is a customer already."),
    ],
)
def test_a_customer_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    naledi: FlaskClient, typed: dict[str, str], fault: str
):
    answer = post(naledi, "/customers", **typed)
    assert (answer.status_code, fault in plain(answer.text)) == (422, True)
    assert f'value="{typed["code"]}"' in answer.text
    assert "Harbour Foods" in naledi.get("/customers").text


def test_a_customer_is_called_otherwise(shut: Flask, naledi: FlaskClient):
    form = {"name": "Harbour Foods (Pty) Ltd", "seen": "Harbour Foods"}
    assert post(naledi, "/customers/harbour", **form).location.endswith("said=kept")
    assert newest(shut).what == "customer changed"
    again = post(naledi, "/customers/harbour", **form | {"name": "Harbour"})
    assert (again.status_code, "Meanwhile somebody else changed this" in again.text) == (409, True)
    assert 'value="Harbour"' in again.text
    empty = post(naledi, "/customers/harbour", name=" ", seen="Harbour Foods (Pty) Ltd")
    assert (empty.status_code, '<a href="#called">Name: is missing.</a>' in empty.text) == (422, True)


def test_a_contact_is_added_and_their_calls_are_known_from_then_on(shut: Flask, naledi: FlaskClient):
    form = {"name": "Zanele Dube", "phone": "082 555 0299", "email": "zanele@harbour-foods.example", "language": "af"}
    assert post(naledi, "/customers/harbour/contacts", **form).location.endswith("said=added")
    with shut.extensions["database"].reading() as session:
        row = session.scalars(select(Contact).where(Contact.name == "Zanele Dube")).one()
        assert (row.phone, row.language) == ("+27825550299", "af")
        board = shut.extensions["exchange"].boards.current(session)
    assert board.directory["+27825550299"].customer == "Harbour Foods"
    assert (newest(shut).what, newest(shut).detail) == ("contact added", {})


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": ""}, "Name: is missing."),
        ({"phone": "12"}, "Number: '12' is not a telephone number."),
        ({"phone": "082 555 0201"}, "Number: 082 555 0201 is already the number of Sister Fatima Adams."),
        ({"email": "zanele"}, "Mail address: 'zanele' is not an email address."),
        ({"language": "tlh"}, "Language: there are neither prompts nor letters in 'tlh'"),
        ({"name": "Sipho Khumalo"}, "Name: Sipho Khumalo is a contact of Harbour Foods already."),
    ],
)
def test_a_contact_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    naledi: FlaskClient, typed: dict[str, str], fault: str
):
    form = {"name": "Zanele Dube", "phone": "082 555 0299"} | typed
    answer = post(naledi, "/customers/harbour/contacts", **form)
    assert (answer.status_code, fault in plain(answer.text)) == (422, True)
    assert f'name="phone" value="{form["phone"]}"' in answer.text
    assert "Zanele" not in naledi.get("/customers/harbour").text


def test_a_contact_is_changed_renamed_and_emptied(shut: Flask, naledi: FlaskClient):
    form = {"name": "Sipho Khumalo-Dube", "person": "same", "phone": "082 555 0298", "email": "", "seen": seen(naledi)}
    assert post(naledi, SIPHO, **form).location.endswith("said=kept")
    row = sipho(shut)
    assert (row.name, row.phone, row.email) == ("Sipho Khumalo-Dube", "+27825550298", None)
    told = newest(shut)
    assert (told.what, told.about) == ("contact changed", "harbour")
    assert told.detail == {"contact": 2, "fields": ["name", "phone", "email"]}, "what changed, and not into what"


def test_what_somebody_was_called_is_known_until_when(shut: Flask, naledi: FlaskClient, clock: Clock):
    form = {"name": "Sipho Khumalo-Dube", "person": "same", "phone": "082 555 0298"}
    post(naledi, SIPHO, **AS_HE_IS | form, seen=seen(naledi))
    with shut.extensions["database"].reading() as session:
        before = {row.kind: row.until for row in session.scalars(select(Former))}
    assert before == {"name": clock(), "phone": clock()}


@pytest.mark.parametrize("person", ["", "whoever"])
def test_whose_another_name_is_has_to_be_said_and_nothing_typed_is_lost(shut: Flask, naledi: FlaskClient, person: str):
    assert not re.search(r'name="person"[^>]* checked', naledi.get(SIPHO).text), "nothing is chosen for them"
    answer = post(naledi, SIPHO, **AS_HE_IS | ZANELE, person=person, seen=seen(naledi))
    assert answer.status_code == 422
    assert "Who it is: say whether this is the same person or somebody new." in plain(answer.text)
    assert 'value="Zanele Dube"' in answer.text
    assert {"same", "new"} == set(re.findall(r'name="person" value="(\w+)"', answer.text))
    assert (sipho(shut).name, sipho(shut).phone) == ("Sipho Khumalo", HARBOUR)


def test_somebody_new_takes_over_the_number_and_the_address_at_that_instant(
    shut: Flask, naledi: FlaskClient, clock: Clock
):
    assert post(naledi, SIPHO, **AS_HE_IS | ZANELE, person="new", seen=seen(naledi)).location.endswith("said=kept")
    was, address = sipho(shut), AS_HE_IS["email"]
    assert (was.name, was.phone, was.email) == ("Sipho Khumalo", None, None)
    with shut.extensions["database"].reading() as session:
        row = session.scalars(select(Contact).where(Contact.name == "Zanele Dube")).one()
        assert (row.phone, row.phone_since, row.email, row.email_since) == (HARBOUR, clock(), address, clock())
        given_up = {(one.contact_id, one.value, one.until) for one in session.scalars(select(Former))}
        told = session.scalars(select(Entry).order_by(Entry.id.desc()).limit(2)).all()
        board = shut.extensions["exchange"].boards.current(session)
    assert given_up == {(2, HARBOUR, clock()), (2, address, clock())}
    assert [(one.what, one.about, one.detail) for one in told] == [
        ("contact added", "harbour", {}),
        ("contact changed", "harbour", {"contact": 2, "fields": ["phone", "email"]}),
    ]
    assert board.directory[HARBOUR].contact_id == row.id


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": "Sipho Khumalo"}, "Name: write what the new person is called."),
        ({"phone": "082 555 0201"}, "Number: 082 555 0201 is already the number of Sister Fatima Adams."),
    ],
)
def test_somebody_new_who_cannot_be_takes_over_nothing(
    shut: Flask, naledi: FlaskClient, typed: dict[str, str], fault: str
):
    answer = post(naledi, SIPHO, **AS_HE_IS | ZANELE | typed, person="new", seen=seen(naledi))
    assert (answer.status_code, fault in plain(answer.text)) == (422, True)
    assert re.search(r'name="person" value="new" checked', answer.text), "what was chosen is kept"
    assert (sipho(shut).phone, sipho(shut).email) == (HARBOUR, AS_HE_IS["email"])


def test_what_is_kept_as_it_was_is_no_change(shut: Flask, naledi: FlaskClient):
    before = newest(shut).id
    assert post(naledi, SIPHO, **AS_HE_IS, seen=seen(naledi)).status_code == 303
    assert newest(shut).id == before


def test_a_change_that_cannot_be_changes_nothing_of_it(shut: Flask, naledi: FlaskClient):
    answer = post(naledi, SIPHO, name="Sipho K", person="same", phone="082 555 0201", seen=seen(naledi))
    assert (answer.status_code, "is already the number of Sister Fatima Adams" in answer.text) == (422, True)
    assert 'value="Sipho K"' in answer.text
    assert sipho(shut).name == "Sipho Khumalo"


def test_another_change_meanwhile_is_shown_beside_what_was_typed(shut: Flask, naledi: FlaskClient, clock: Clock):
    opened = seen(naledi)
    clock.advance(120)  # what is seen twice within a minute is noted once
    post(naledi, SIPHO, **AS_HE_IS | {"phone": "082 555 0298"}, seen=opened)
    answer = post(naledi, SIPHO, **AS_HE_IS | {"email": "sipho@x.example"}, seen=opened)
    assert (answer.status_code, "Meanwhile somebody else changed this" in answer.text) == (409, True)
    assert "Number +27825550298" in plain(answer.text)
    assert 'value="sipho@x.example"' in answer.text
    with shut.extensions["database"].reading() as session:
        assert len(session.scalars(select(Access)).all()) == 2  # the form, and this
    assert sipho(shut).phone == "+27825550298"
    fresh = re.search(r'name="seen" value="([^"]*)"', answer.text)[1]
    assert post(naledi, SIPHO, **AS_HE_IS | {"email": "sipho@x.example"}, seen=fresh).status_code == 303


def test_who_opens_the_form_sees_the_number_and_that_is_noted(shut: Flask, naledi: FlaskClient):
    assert 'value="+27825550202"' in naledi.get(SIPHO).text
    with shut.extensions["database"].reading() as session:
        noted = session.scalars(select(Access)).one()
    assert (noted.who, noted.what, noted.about) == ("Naledi Dlamini", "number", "a contact of harbour")


def test_a_contact_of_another_customer_is_not_found_here(naledi: FlaskClient):
    assert naledi.get("/customers/karoo/contacts/2").status_code == 404
    assert post(naledi, "/customers/karoo/contacts/2", name="x").status_code == 404
