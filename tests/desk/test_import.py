"""Customers out of a spreadsheet: shown row by row before anything is written, then put in as it was shown."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from billed import Billing
from desk.audit import Entry, What, Who
from desk.customers.entries import Overtaken
from desk.db import set_up_version
from desk.imports import columns, looking, sheets, table
from desk.imports.carried import packed, unpacked
from desk.imports.carrying import carry_out
from desk.imports.table import Unreadable
from ivr.recorded import RecordedLanguage
from sla.contract import Contract
from tickets.people import Contact, Customer, Former
from visitors import browser_of, form_token, plain

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

HEAD = "customer,code,contact,phone,email,language,preset,contract,valid from,rate\n"
CABS = "Cape Cabs,,Zanele Mbeki,082 555 0301,zanele@cape-cabs.example,en,office hours,,2027-01-01,R760\n"


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def send(client: FlaskClient, content: str | bytes, name: str = "people.csv") -> TestResponse:
    """Choose a file and look at what it would do."""
    raw = content if isinstance(content, bytes) else content.encode()
    part = 'Content-Disposition: form-data; name="%s"%s\r\n\r\n'
    token = part % ("form_token", "") + form_token(client)
    file = part % ("file", f'; filename="{name}"')
    body = b"".join([b"--x\r\n", token.encode(), b"\r\n--x\r\n", file.encode(), raw, b"\r\n--x--\r\n"])
    return client.post("/settings/import/look", data=body, content_type="multipart/form-data; boundary=x")


def fields(looked: TestResponse) -> dict[str, object]:
    """What the form of a look carries along."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', looked.text))
    return found | {"column": re.findall(r'<option value="(\w*)" selected>', looked.text)}


def press(client: FlaskClient, looked: TestResponse, where: str = "agreed", **other: object) -> TestResponse:
    return client.post(f"/settings/import/{where}", data=fields(looked) | other)


def rows(looked: TestResponse) -> dict[str, list[str]]:
    """What becomes of which rows, in words, by their heading."""
    assert looked.status_code in (200, 409), plain(looked.text)
    sections = re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', looked.text, re.DOTALL)
    return {
        verb: [plain(row) for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", body, re.DOTALL)[1:]]
        for verb, body in sections
    }


def count(app: Flask, model: type) -> int:
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def contact(app: Flask, name: str) -> Contact | None:
    with app.extensions["database"].reading() as session:
        return session.scalars(select(Contact).where(Contact.name == name)).one_or_none()


def told(app: Flask, *what: What) -> list[Entry]:
    with app.extensions["database"].reading() as session:
        return list(session.scalars(select(Entry).where(Entry.what.in_(what)).order_by(Entry.id)))


def test_a_look_says_what_each_row_would_do_and_writes_nothing(shut: Flask, naledi: FlaskClient):
    database = shut.extensions["database"]
    with database.reading() as session:
        before = (set_up_version(session), count(shut, Contact), count(shut, Entry))
    looked = send(
        naledi,
        HEAD + CABS + "Harbour Foods,,Sipho Khumalo,082 555 0209,,,,,,\n"
        "Karoo Clinic,karoo,Sister Fatima Adams,+27 82 555 0201,,,,,,\nMill Lane Books,,Anna Fourie,12,anna@@x,,,,,\n",
    )
    found = rows(looked)
    assert found["added"] == [
        (
            "2 Cape Cabs, Zanele Mbeki + added Customer Cape Cabs + added Contact Zanele Mbeki: number +27…301 , "
            "mail address zanele@cape-cabs.example, language en + added Contract office hours: from 2027-01-01"
        )
    ]
    assert found["changed"] == [
        "3 Harbour Foods, Sipho Khumalo ≠ changed Contact Sipho Khumalo: number +27…202 becomes +27…209"
    ]
    assert found["refused"] == [
        (
            "5 Mill Lane Books, Anna Fourie phone: '12' is not a telephone number. "
            "email: 'anna@@x' is not an email address."
        )
    ]
    assert "1 row adds something 1 row changes something 1 row is so already 1 row is refused" in plain(looked.text)
    with database.reading() as session:
        assert (set_up_version(session), count(shut, Contact), count(shut, Entry)) == before


def test_what_is_agreed_is_what_was_shown_and_stands_in_the_audit(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, HEAD + CABS + "Harbour Foods,,Sipho Khumalo,082 555 0209,,,,,,\nX,,Y,12,,,,,,\n")
    done = press(naledi, looked)
    assert done.status_code == 303
    page = plain(naledi.get(done.location).text)
    assert (
        "people.csv: 1 customer added · 1 contact added · 1 contact changed · 1 contract added · by Naledi Dlamini"
        in page
    )
    assert "1 row is refused" in page
    zanele, sipho = contact(shut, "Zanele Mbeki"), contact(shut, "Sipho Khumalo")
    assert (zanele.phone, zanele.email, zanele.language) == ("+27825550301", "zanele@cape-cabs.example", "en")
    assert (sipho.phone, sipho.email) == ("+27825550209", "sipho.khumalo@harbour-foods.example"), "empty cells keep"
    assert contact(shut, "Y") is None
    with shut.extensions["database"].reading() as session:
        cabs = session.scalars(select(Customer).where(Customer.code == "cape-cabs")).one()
        made = session.scalars(select(Contract).where(Contract.customer_id == cabs.id)).one()
        assert (made.version, made.valid_from, made.name, made.made_by) == (
            1,
            date(2027, 1, 1),
            "office hours",
            "Naledi Dlamini",
        )
        assert session.scalars(select(Former.value).where(Former.contact_id == sipho.id)).all() == ["+27825550202"]
    entries = told(shut, *[what for what in What if "customer" in what or "contact" in what or "contract" in what])
    assert [(one.what, one.about, one.detail.get("line")) for one in entries] == [
        ("customer added", "cape-cabs", 2),
        ("contact added", "cape-cabs", 2),
        ("contact changed", "harbour", 3),
        ("contract agreed", "cape-cabs", 2),
        ("customers imported", entries[-1].about, None),
    ]
    assert entries[2].detail["fields"] == ["phone"]
    assert {one.who for one in entries} == {"Naledi Dlamini"}


def test_the_same_file_again_changes_nothing(naledi: FlaskClient):
    press(naledi, send(naledi, HEAD + CABS))
    looked = send(naledi, HEAD + CABS)
    assert "There is nothing to import" in looked.text
    assert 'formaction="/settings/import/agreed"' not in looked.text


def test_sent_twice_it_shows_the_first_result(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, HEAD + CABS)
    first, second = press(naledi, looked), press(naledi, looked)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert len(told(shut, What.CUSTOMERS_IMPORTED)) == len(told(shut, What.CUSTOMER_ADDED)) == 1


def test_of_two_that_are_sent_at_once_the_second_finds_what_the_first_did(shut: Flask, clock: Clock):
    """Both looked before either was written: what counts is what the transaction finds."""
    database, naledi = shut.extensions["database"], Who("Naledi Dlamini", "test")
    read = table.read((HEAD + CABS).encode())
    found = looking.look(database, read, columns.recognised(read.names), clock(), naledi)

    def carry(once: str) -> int:
        return database.write(lambda session: carry_out(session, found, "people.csv", once, naledi, clock()))

    assert carry("a form") == carry("a form")
    with pytest.raises(Overtaken):
        carry("another form")
    assert len(told(shut, What.CUSTOMER_ADDED)) == 1


def test_what_changed_meanwhile_is_looked_at_afresh_and_nothing_is_imported(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, HEAD + CABS + "Harbour Foods,,Sipho Khumalo,082 555 0209,,,,,,\n")
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Contact).where(Contact.name == "Anna Fourie")).one().phone = "+27825550209"
    answer = press(naledi, looked)
    assert answer.status_code == 409
    assert "Nothing was imported: it would not do any more what was shown to you." in answer.text
    assert rows(answer)["refused"] == [
        "3 Harbour Foods, Sipho Khumalo phone: 082 555 0209 is already the number of Anna Fourie."
    ]
    assert contact(shut, "Zanele Mbeki") is None
    assert press(naledi, answer).status_code == 303
    assert contact(shut, "Zanele Mbeki")


def test_a_change_that_has_nothing_to_do_with_it_is_in_nobody_s_way(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, HEAD + CABS)
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Contact).where(Contact.name == "Anna Fourie")).one().language = "af"
    assert press(naledi, looked).status_code == 303


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Harbour Foods,,Somebody,082 555 0203,,,,,,", "phone: 082 555 0203 is already the number of Anna Fourie."),
        ("Harbour Foods,,,082 555 0303,,,,,,", "contact: is missing: whose phone is it?"),
        (",,Somebody,,,,,,,", "customer: is missing."),
        ("Harbour Foods,,Somebody,8.26E+08,,,,,,", "phone: '8.26E+08' is not a telephone number."),
        ("Harbour Foods,,Somebody,,,xx,,,,", "language: there are neither prompts nor letters in 'xx'"),
        ("Harbour Foods,,,,,,gold,,2027-01-01,", "there is no preset 'gold', only premium, office hours, ad hoc."),
        ("Harbour Foods,,,,,,,VIP,2027-01-01,", "preset: is missing; there are premium, office hours, ad hoc."),
        ("Harbour Foods,,,,,,premium,,,", "valid_from: is missing."),
        ("Harbour Foods,,,,,,premium,,31/01/2027,", "valid_from: '31/01/2027' is not a day such as 2026-11-16."),
        ("Harbour Foods,,,,,,premium,,2026-01-01,", "Harbour Foods has other terms from 2026-01-01 on (version 1)"),
        ("New,Not a code,,,,,,,,", "code: 'not a code' is not a short name"),
        (",nobody,,,,,,,,", "name: is missing."),
    ],
)
def test_a_row_that_cannot_be_says_why(naledi: FlaskClient, row: str, why: str):
    (said,) = rows(send(naledi, HEAD + row + "\n"))["refused"]
    assert why in said


def test_a_refused_row_is_left_out_as_a_whole_and_so_is_what_needs_it(naledi: FlaskClient):
    found = rows(
        send(
            naledi,
            HEAD + "New One,new,Ann,bad,,,,,,\n,new,Ben,082 555 0302,,,,,,\n"
            "Harbour Foods,,Sipho Khumalo,082 555 0209,nonsense,,,,,\nKaroo Clinic,,Cleo,082 555 0202,,,,,,\n",
        )
    )
    assert [one[0] for one in found["refused"]] == ["2", "4", "5"]
    assert "082 555 0202 is already the number of Sipho Khumalo" in found["refused"][2], "he keeps it"
    assert found["added"][0].startswith("3 new, Ben + added Customer")


def test_two_contacts_exchange_their_numbers(shut: Flask, naledi: FlaskClient):
    looked = send(
        naledi,
        HEAD + "Harbour Foods,,Sipho Khumalo,082 555 0203,,,,,,\nMill Lane Books,,Anna Fourie,082 555 0202,,,,,,\n",
    )
    assert len(rows(looked)["changed"]) == 2
    assert press(naledi, looked).status_code == 303
    assert (contact(shut, "Sipho Khumalo").phone, contact(shut, "Anna Fourie").phone) == (
        "+27825550203",
        "+27825550202",
    )


def test_customers_are_known_by_their_name_and_new_ones_are_given_a_short_one(shut: Flask, naledi: FlaskClient):
    with shut.extensions["database"].writing() as session:
        session.add_all(Customer(code=f"twin-{n}", name="Twin") for n in (1, 2))
    looked = send(
        naledi,
        HEAD + "HARBOUR foods,,Ann,,,,,,,\nÉclair & Söhne,,Ben,,,,,,,\néclair & söhne,,Cleo,,,,,,,\n"
        "24/7 Shop,,Dan,,,,,,,\nTwin,,Eve,,,,,,,\n",
    )
    assert "several are called Twin: give the short name (twin-1, twin-2)" in rows(looked)["refused"][0]
    assert press(naledi, looked).status_code == 303
    with shut.extensions["database"].reading() as session:
        query = select(Contact.name, Customer.code).join(Customer, Customer.id == Contact.customer_id)
        found = session.execute(query.where(Contact.name.in_(["Ann", "Ben", "Cleo", "Dan"])))
        codes = {name: code for name, code in found}  # noqa: C416 - a row, not a pair
        names = set(session.scalars(select(Customer.name)))
    assert codes == {"Ann": "harbour", "Ben": "eclair-sohne", "Cleo": "eclair-sohne", "Dan": "customer-24-7-shop"}
    assert "Harbour Foods" in names, "nobody is renamed by how a list spells them"


def test_a_language_that_was_added_here_is_one(shut: Flask, naledi: FlaskClient, clock: Clock):
    row = HEAD + "Harbour Foods,,Sipho Khumalo,,,zu,,,,\n"
    assert "in 'zu'" in rows(send(naledi, row))["refused"][0]
    with shut.extensions["database"].writing() as session:
        session.add(RecordedLanguage(code="zu", name="isiZulu", added_at=clock(), who="Naledi Dlamini"))
    assert "language zu" in rows(send(naledi, row))["changed"][0]


def test_a_contract_does_not_begin_in_a_closed_month(shut: Flask, naledi: FlaskClient, clock: Clock):
    Billing(shut.extensions["database"], clock, Random(7)).close("2026-10")
    (said,) = rows(send(naledi, HEAD + "Harbour Foods,,,,,,premium,,2026-10-15,\n"))["refused"]
    assert "valid_from: months to 2026-10 are closed: begin on 2026-11-01 or later" in said


def test_a_contract_that_begins_in_the_past_is_told_of(naledi: FlaskClient):
    assert (
        "Contracts begin in the past, the first on 2026-11-10"
        in send(naledi, HEAD + "Harbour Foods,,,,,,premium,,2026/11/10,\n").text
    )


# Files


@pytest.mark.parametrize(
    "content",
    [
        "Customer,Tel no\nCafé,1\n".encode(),
        "Customer,Tel no\r\nCafé,1\r\n".encode("utf-8-sig"),
        "Customer;Tel no\nCafé;1\n".encode("cp1252"),
        "Customer\tTel no\nCafé\t1\n".encode("utf-16"),
        "sep=;\nCustomer;Tel no\n\nCafé;1\n".encode(),
        '"Customer","Tel no"\r\r"Café","\'1"\r'.replace("'1", "1").encode(),
    ],
)
def test_a_table_is_read_whatever_program_wrote_it(content: bytes):
    read = table.read(content)
    assert (list(read.names), [list(row.cells) for row in read.rows]) == (["Customer", "Tel no"], [["Café", "1"]])
    assert columns.recognised(read.names) == ["name", "phone"]


def test_rows_know_their_line():
    assert [row.line for row in table.read(b'a,b\n\n"x\ny",1\nz,2\n').rows] == [3, 5]
    assert [row.line for row in table.read(b"sep=,\na,b\nx,1\n").rows] == [3]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"customer\n", "nothing under the names"),
        (b"PK\x03\x04...", "workbook of Excel"),
        (b"\x00\x01\x02", "no text"),
        (b'customer\n"open', "not readable as CSV"),
        (b"customer,code\nx,y,z\n", "line 2 has 3 cells under 2 names"),
        (b"customer\n" + b"x" * 1001 + b"\n", "more than 1000 characters"),
        (b"customer\n" + b"x\n" * (table.MOST + 1), "2000 at most"),
        (b"x" * (table.LARGEST + 1), "larger than 1024 KB"),
    ],
)
def test_what_cannot_be_read_says_why(naledi: FlaskClient, content: bytes, why: str):
    with pytest.raises(Unreadable, match=why):
        table.read(content)
    answer = send(naledi, content)
    assert answer.status_code == 422
    assert why.casefold() in plain(answer.text).casefold()


def test_a_file_that_is_far_too_large_is_not_even_read(naledi: FlaskClient):
    assert send(naledi, b"x" * 4 * 1024 * 1024).status_code == 413


def test_the_file_travels_in_the_form_and_nothing_that_is_none_grows_in_memory(naledi: FlaskClient):
    assert unpacked(packed(b"a,b\n1,2\n")) == b"a,b\n1,2\n"
    for text in ("", "x", "!!!", packed(b""), packed(b"0" * (table.LARGEST + 2)), packed(b"0" * 3 * table.LARGEST)):
        with pytest.raises(Unreadable, match=r"choose it again|larger"):
            table.read(unpacked(text))
    looked = send(naledi, HEAD + CABS)
    for where in ("look", "agreed", "refused.csv"):
        assert press(naledi, looked, where, carried="nonsense").status_code == 422


def test_the_sample_can_be_imported_as_it_is(naledi: FlaskClient):
    sample = naledi.get("/settings/import/sample.csv")
    assert sample.headers["Content-Disposition"] == 'attachment; filename="customers.csv"'
    looked = send(naledi, sample.data)
    assert "refused" not in rows(looked)
    assert "2 customers added · 3 contacts added · 2 contracts added" in plain(looked.text)
    assert press(naledi, looked).status_code == 303


def test_a_column_that_nobody_recognises_is_shown_and_can_be_said(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, "Firm,Who,Their digits\nHarbour Foods,Ann,082 555 0304\n")
    assert "3 are not used" in plain(looked.text)
    again = press(naledi, looked, "look", column=["name", "contact", "phone"])
    assert len(rows(again)["added"]) == 1
    assert press(naledi, again).status_code == 303
    assert contact(shut, "Ann").phone == "+27825550304"


def test_a_column_that_means_something_else_now_is_looked_at_first(shut: Flask, naledi: FlaskClient):
    looked = send(naledi, HEAD + CABS)
    other = ["name", "code", "", "", "", "", "preset", "contract", "valid_from", "rate"]
    assert press(naledi, looked, column=other).status_code == 409
    assert contact(shut, "Zanele Mbeki") is None


def test_refused_rows_come_back_as_a_table_that_runs_no_formula_and_can_be_mended(naledi: FlaskClient):
    looked = send(naledi, 'customer,contact,phone\nHarbour Foods,"=HYPERLINK(""x"")",+27 12\nKaroo Clinic,Ok,\n')
    sheet = press(naledi, looked, "refused.csv")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="refused.csv"'
    lines = sheet.text.removeprefix("﻿").splitlines()
    assert lines[0] == "customer,contact,phone,line,why not"
    assert len(lines) == 2
    assert lines[1].startswith('Harbour Foods,"\'=HYPERLINK(""x"")",\'+27 12,2,phone: \'+27 12\' is not')
    read = table.read(sheet.data)
    assert read.rows[0].cells[:3] == ["Harbour Foods", '=HYPERLINK("x")', "+27 12"]
    assert columns.recognised(read.names) == ["name", "contact", "phone", "", ""]
    assert sheets.MARK == "\ufeff"


def test_a_result_is_shown_of_imports_alone(shut: Flask, naledi: FlaskClient):
    other = told(shut, What.HOLIDAYS_SEEDED, What.SET_UP_LOADED)[0]
    assert naledi.get(f"/settings/import/{other.id}").status_code == 404


def test_of_very_many_rows_the_page_shows_some_and_counts_all(shut: Flask, naledi: FlaskClient):
    many = "".join(f"Company {n},,Person {n},+2782{n:07},,,,,,\n" for n in range(3_000_000, 3_000_000 + table.MOST))
    looked = send(naledi, HEAD + many)
    assert "1800 more are not shown" in plain(looked.text)
    assert press(naledi, looked).status_code == 303
    assert count(shut, Contact) == table.MOST + 3


# On a terminal


def run(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["desk", "customers", "import", *args])
    return result.exit_code, result.output


def test_the_command_tells_first_and_then_does_the_same(shut: Flask, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(HEAD + CABS + "Harbour Foods,,Sipho Khumalo,12,,,,,,\n")
    code, said = run(shut, str(file), "--dry-run")
    assert code == 0
    assert "line 2: added customer Cape Cabs; added contact Zanele Mbeki; added contract office hours\n" in said
    assert "line 3: refused: phone: '12' is not a telephone number\n" in said
    assert "1 added, 0 changed, 0 same, 1 refused\nNothing was changed." in said
    code, said = run(shut, str(file))
    assert (code, "Nothing was imported. Mend the refused rows" in said) == (1, True)
    assert contact(shut, "Zanele Mbeki") is None
    code, said = run(shut, str(file), "--without-refused")
    assert (code, said.endswith("Imported.\n")) == (0, True)
    assert contact(shut, "Zanele Mbeki")
    assert "Nothing was changed." in run(shut, str(file))[1]
    file.write_bytes(b"PK\x03\x04")
    code, said = run(shut, str(file))
    assert (code, "workbook of Excel" in said) == (1, True)
