"""Two who change the same customer at the same time: one after the other, and the second knows of the first."""

from __future__ import annotations

from random import Random
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from billed import Billing
from contract_forms import HARBOUR, begun, look, sent, versions
from desk.audit import Who
from desk.customers import people, register, succession
from sla.billing import closing
from tickets.people import Contact
from visitors import browser_of, form_token, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from simulator.clock import Clock
    from tickets.people import Customer

LERATO = Who("Lerato Mokoena", "test")
A_MOMENT = 0.5  # seconds in which whoever does not wait is done
ZANELE = {"name": "Zanele Dube", "email": "zanele@harbour-foods.example"}


@pytest.fixture
def billing(shut: Flask, clock: Clock) -> Billing:
    return Billing(shut.extensions["database"], clock, Random(7))


@pytest.fixture
def naledi(shut: Flask) -> FlaskClient:
    return browser_of(shut, "naledi")


def meanwhile(
    app: Flask, client: FlaskClient, work: Callable[[Session], object], path: str, **form: str
) -> TestResponse:
    """Somebody sends a form while another transaction has done its work and is not through yet."""
    answers: list[TestResponse] = []
    sent = {**form, "form_token": form_token(client)}
    sending = Thread(target=lambda: answers.append(client.post(path, data=sent)))
    with app.extensions["database"].writing() as session:
        work(session)
        session.flush()
        sending.start()
        sending.join(A_MOMENT)
    sending.join(30)
    return answers[0]


def harbour(session: Session) -> Customer:
    found = register.find(session, "harbour", held=True)
    assert found
    return found


def test_a_contact_who_is_added_twice_at_once_is_there_once(shut: Flask, naledi: FlaskClient, clock: Clock):
    def add(session: Session) -> None:
        people.add_contact(session, harbour(session), ZANELE, LERATO, clock())

    answer = meanwhile(shut, naledi, add, "/customers/harbour/contacts", **ZANELE)
    assert (answer.status_code, "is a contact of Harbour Foods already" in plain(answer.text)) == (422, True)
    with shut.extensions["database"].reading() as session:
        assert session.scalar(select(func.count()).where(Contact.name == "Zanele Dube")) == 1


def test_who_renames_a_customer_is_told_of_whoever_was_a_moment_earlier(shut: Flask, naledi: FlaskClient, clock: Clock):
    def rename(session: Session) -> None:
        people.rename(session, harbour(session), {"name": "Harbour", "seen": "Harbour Foods"}, LERATO, clock())

    answer = meanwhile(shut, naledi, rename, "/customers/harbour", name="Foods", seen="Harbour Foods")
    assert (answer.status_code, "Meanwhile somebody else changed this" in plain(answer.text)) == (409, True)
    assert "<h1>Harbour" in naledi.get("/customers/harbour").text


def test_who_agrees_is_told_that_another_version_is_withdrawn_at_that_moment(
    shut: Flask, naledi: FlaskClient, clock: Clock
):
    sent(naledi, begun(naledi, rate="R790", valid_from="2027-01-01"), sure="yes")
    form = look(sent(naledi, begun(naledi, rate="R800")).text)

    def withdraw(session: Session) -> None:
        assert succession.withdraw(session, harbour(session), 2, LERATO, clock())

    answer = meanwhile(shut, naledi, withdraw, HARBOUR, **form, sure="yes")
    assert (answer.status_code, "Meanwhile this contract was changed" in plain(answer.text)) == (409, True)
    assert [version for version, *_ in versions(shut)] == [1]


def test_nothing_begins_in_a_month_that_is_closed_at_that_moment_nor_before_it(
    shut: Flask, naledi: FlaskClient, billing: Billing
):
    billing.works("harbour Sat 31 Oct 10:00 for 20 min accepted")
    billing.charge()
    form = look(sent(naledi, begun(naledi, rate="R800", valid_from="2026-09-20")).text)

    def close(session: Session) -> None:
        closing.close(session, billing.month("2026-10"), "Protea IT", LERATO, billing.clock(), "there is no carrier")

    answer = meanwhile(shut, naledi, close, HARBOUR, **form, sure="yes")
    assert (answer.status_code, "months to 2026-10 are closed" in plain(answer.text)) == (422, True)
    assert len(versions(shut)) == 1


def test_a_month_is_not_closed_while_something_that_begins_before_its_end_is_agreed(
    shut: Flask, naledi: FlaskClient, billing: Billing, clock: Clock
):
    billing.works("harbour Sat 31 Oct 10:00 for 20 min accepted")
    billing.charge()
    form = begun(naledi, rate="R800", valid_from="2026-09-20")
    from desk.customers import draft

    typed = draft.typed("harbour", {name: words for name, words in form.items() if words})

    def agree(session: Session) -> None:
        succession.agree(session, harbour(session), typed, form["seen"], LERATO, clock())

    answer = meanwhile(shut, browser_of(shut, "bongani"), agree, "/billing/close?month=2026-10", month="2026-10",
                       waiver="there is no carrier")  # fmt: skip
    assert (answer.status_code, "everything is charged" in plain(answer.text)) == (422, True)
    assert len(versions(shut)) == 2
