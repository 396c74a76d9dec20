"""People: added, changed, proved, gone and back; and that nobody locks the house or empties the rota by it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from desk.audit import Entry, Who
from desk.door import employment, sessions
from desk.door.employment import Barred, Particulars
from desk.door.passwords import Credential
from desk.outbox import Outgoing
from desk.staff import Role, Staff
from ivr.proof import AT_MOST
from oncall.verification import Verification
from tickets.ticket import Ticket
from visitors import EMAILS, browser_of, give_link, give_password, post, sign_in, staff_id

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

ZANELE = {"name": "Zanele Khumalo", "role": "engineer", "email": "zanele@protea-it.example", "phone": "082 555 0109"}


@pytest.fixture
def manager(shut: Flask, clock: Clock) -> FlaskClient:
    return browser_of(shut, "naledi")


def person(app: Flask, key: str) -> str:
    return f"/people/{staff_id(app, key)}"


def change(app: Flask, key: str) -> str:
    return f"{person(app, key)}/change"


def noted(app: Flask, key: str) -> Staff:
    with app.extensions["database"].reading() as session:
        found = session.scalars(select(Staff).where(Staff.key == key)).one()
        session.expunge(found)
        return found


def fields(app: Flask, key: str, **other: str) -> dict[str, str]:
    """What the form holds, with something else typed."""
    one = noted(app, key)
    return {"name": one.name, "role": one.role, "email": one.email or "", "phone": one.phone or ""} | other


def said(answer: TestResponse) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


def told(app: Flask) -> list[tuple[str, str, dict[str, object]]]:
    with app.extensions["database"].reading() as session:
        return [(one.what, one.about, one.detail) for one in session.scalars(select(Entry).order_by(Entry.id))]


def another_manager(app: Flask, clock: Clock, key: str = "bongani") -> None:
    """A second manager, who can come in."""
    with app.extensions["database"].writing() as session:
        session.execute(update(Staff).where(Staff.key == key).values(role=Role.MANAGER))
    give_password(app, key, clock)


def off_the_rotas(app: Flask, manager: FlaskClient, key: str) -> None:
    path = f"/rota/people/{staff_id(app, key)}"
    page = manager.get(f"{path}/leaving?taker=naledi").text
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    answer = post(manager, f"{path}/handing-on", do="hand_on", taker="naledi", seen=seen, reason="they leave")
    assert answer.status_code == 303


# The list


def test_the_list_tells_who_rings_now_whose_number_is_proved_and_who_was_here(
    shut: Flask, manager: FlaskClient, clock: Clock
):
    theirs = browser_of(shut, "thandi")
    clock.until(clock() + timedelta(hours=1))
    theirs.get("/")
    table = manager.get("/people").text.partition("<tbody")[2]
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table))
    rows = dict(re.findall(r"(Thandi|Pieter|Lerato|Bongani) \w+ (.*?)@protea", page))
    assert "rings first" in rows["Thandi"]
    assert "rings second" in rows["Pieter"]
    assert "has not proved their number" in rows["Thandi"]
    assert "rings" not in rows["Bongani"]
    assert "proved" not in rows["Bongani"]
    assert "Sun 22 Nov 02:00 last seen Sun 22 Nov 03:00" in page
    assert page.count("Sun 22 Nov 02:00") == 2
    assert page.count("not lately") == 3


# Added and changed


def test_somebody_who_is_added_can_come_in_with_the_link_that_is_made(shut: Flask, manager: FlaskClient):
    answer = post(manager, "/people", **ZANELE)
    assert answer.status_code == 303
    zanele = noted(shut, "zanele-khumalo")
    assert answer.location == f"/people/{zanele.id}?said=added"
    assert (zanele.role, zanele.phone, zanele.active) == ("engineer", "+27825550109", True)
    shown = post(manager, f"/people/{zanele.id}/password-link").text
    link = re.search(r"https://afterhours.example(/password/ahp_[\w-]+)", shown)[1]
    post(browser_of(shut), link, password="eleven quiet owls in a barn")
    assert sign_in(browser_of(shut), zanele.email, "eleven quiet owls in a barn").status_code == 303
    assert ("person added", "Zanele Khumalo", {"role": "engineer"}) in told(shut)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Type a name"), ({"name": "x" * 61}, "Type a name"), ({"name": "a\u202eb"}, "Type a name"),
        ({"name": "thandi NKOSI"}, "There is a thandi NKOSI here already."),
        ({"role": "owner"}, "Choose what they do here."), ({"role": ""}, "Choose what they do here."),
        ({"email": "zanele"}, "This is no mail address."), ({"email": "\u212a@protea-it.example"}, "no mail address"),
        ({"email": "THANDI@protea-it.example"}, "Thandi Nkosi has this address already"),
        ({"phone": "12"}, "This is no telephone number."), ({"phone": "+27 86 012 3456"}, "cannot be rung"),
        ({"phone": "082 555 0101"}, "Thandi Nkosi has this number already."),
        ({"phone": "+27 87 809 0263"}, "This is the number of a line."),
    ],
)  # fmt: skip
def test_what_cannot_be_noted_is_told_and_what_was_typed_stays(
    shut: Flask, manager: FlaskClient, typed: dict[str, str], words: str
):
    answer = post(manager, "/people", **ZANELE | typed)
    assert answer.status_code == 422
    assert words in said(answer)
    assert 'value="zanele@protea-it.example"' in answer.text or "email" in typed
    answer = post(manager, change(shut, "pieter"), **ZANELE | typed)
    assert words in said(answer)
    assert noted(shut, "pieter").name == "Pieter Botha"


def test_two_with_one_name_have_two_keys(shut: Flask, manager: FlaskClient, clock: Clock):
    post(manager, "/people", **ZANELE)
    post(manager, f"/people/{noted(shut, 'zanele-khumalo').id}/leaving")
    post(manager, "/people", **ZANELE)
    assert noted(shut, "zanele-khumalo").active is False
    assert noted(shut, "zanele-khumalo-2").active is True


def test_a_change_is_told_but_not_which_number_it_was(shut: Flask, manager: FlaskClient):
    typed = fields(shut, "pieter", name="Piet Botha", phone="082 555 0107")
    assert post(manager, change(shut, "pieter"), **typed).status_code == 303
    assert noted(shut, "pieter").phone == "+27825550107"
    assert told(shut)[-1] == (
        "person changed", "Piet Botha", {"name until now": "Pieter Botha", "phone until now": "another"},
    )  # fmt: skip
    before = len(told(shut))
    post(manager, change(shut, "pieter"), **typed)
    assert len(told(shut)) == before


def test_another_number_has_to_be_proved_anew(shut: Flask, manager: FlaskClient, clock: Clock):
    with shut.extensions["database"].writing() as session:
        session.add(Verification(staff_id=staff_id(shut, "pieter"), phone="+27825550102", way="text", code="1",
                                 sent_at=clock(), verified_at=clock()))  # fmt: skip
    assert "Proved by text at" in manager.get(person(shut, "pieter")).text
    post(manager, change(shut, "pieter"), **fields(shut, "pieter", phone="082 555 0107"))
    assert "Not proved since the number changed" in manager.get(person(shut, "pieter")).text


def test_links_to_the_address_before_open_nothing(shut: Flask, manager: FlaskClient, clock: Clock):
    link = give_link(shut, "pieter", clock)
    post(manager, change(shut, "pieter"), **fields(shut, "pieter", email="piet@protea-it.example"))
    assert browser_of(shut).get(link).status_code == 410


@pytest.mark.parametrize(("field", "value"), [("role", "billing"), ("phone", "")])
def test_whoever_is_on_the_rotas_stays_somebody_who_can_be_rung(
    shut: Flask, manager: FlaskClient, field: str, value: str
):
    answer = post(manager, change(shut, "pieter"), **fields(shut, "pieter", **{field: value}))
    assert (answer.status_code, said(answer)) == (422, "Pieter Botha is still on the rotas: hand that on first.")
    assert f'href="/rota/people/{staff_id(shut, "pieter")}/leaving"' in answer.text
    off_the_rotas(shut, manager, "pieter")
    assert post(manager, change(shut, "pieter"), **fields(shut, "pieter", **{field: value})).status_code == 303


# The last manager


@pytest.mark.parametrize(("field", "value"), [("role", "engineer"), ("role", "billing"), ("email", "")])
def test_the_last_manager_who_can_come_in_stays_one(
    shut: Flask, manager: FlaskClient, clock: Clock, field: str, value: str
):
    off = fields(shut, "naledi", **{field: value})
    answer = post(manager, change(shut, "naledi"), **off)
    assert (answer.status_code, "the last manager who can come in" in said(answer)) == (422, True)
    with shut.extensions["database"].writing() as session:
        session.execute(update(Staff).where(Staff.key == "bongani").values(role=Role.MANAGER))
    assert post(manager, change(shut, "naledi"), **off).status_code == 422  # the other one never came in
    another_manager(shut, clock)
    assert post(manager, change(shut, "naledi"), **off).status_code == 303


def test_of_two_managers_who_take_it_from_each_other_at_once_one_stays(shut: Flask, clock: Clock):
    another_manager(shut, clock)
    give_password(shut, "naledi", clock)
    database = shut.extensions["patient_database"]
    wanted = {"naledi": "engineer", "bongani": "engineer"}

    def demote(key: str) -> bool:
        def work(session: object) -> None:
            staff = session.scalars(select(Staff).where(Staff.key == key)).one()
            given = Particulars(staff.name, Role(wanted[key]), staff.email, staff.phone)
            employment.change(session, staff, given, Who("the other", "127.0.0.1"), clock())

        try:
            database.write(work)
        except Barred:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, wanted)) == [False, True]


def test_nobody_signs_themselves_out_for_good(shut: Flask, manager: FlaskClient, clock: Clock):
    another_manager(shut, clock)
    answer = post(manager, f"{person(shut, 'naledi')}/leaving")
    assert (answer.status_code, "Another manager does this." in said(answer)) == (422, True)
    assert "has left</button>" not in manager.get(person(shut, "naledi")).text


# Leaving


def test_who_is_on_the_rotas_hands_that_on_before_leaving(shut: Flask, manager: FlaskClient):
    answer = post(manager, f"{person(shut, 'pieter')}/leaving")
    assert (answer.status_code, said(answer)) == (422, "Pieter Botha is still on the rotas: hand that on first.")
    off_the_rotas(shut, manager, "pieter")
    assert post(manager, f"{person(shut, 'pieter')}/leaving").location.endswith("said=left")
    assert noted(shut, "pieter").active is False


def test_who_has_open_tickets_hands_them_over_before_leaving(shut: Flask, manager: FlaskClient, clock: Clock):
    with shut.extensions["database"].writing() as session:
        ticket = Ticket(reference="123456789", state="acknowledged", priority="normal", subject="x", opened_at=clock(),
                        owner_id=staff_id(shut, "bongani"))  # fmt: skip
        session.add(ticket)
    answer = post(manager, f"{person(shut, 'bongani')}/leaving")
    assert (answer.status_code, said(answer)) == (422, "Bongani Zulu still has 1 open ticket.")
    with shut.extensions["database"].writing() as session:
        session.execute(update(Ticket).where(Ticket.reference == "123456789").values(state="resolved"))
    assert post(manager, f"{person(shut, 'bongani')}/leaving").status_code == 303


def test_nothing_of_a_leaver_opens_anything_any_more(shut: Flask, manager: FlaskClient, clock: Clock):
    give_password(shut, "bongani", clock)
    theirs, link = browser_of(shut, "bongani"), give_link(shut, "bongani", clock)
    feed = re.search(r"https://[\w.]+(/feed/[\w-]+\.ics)", post(theirs, "/calendars", feed="team").text)
    assert feed
    post(manager, f"{person(shut, 'bongani')}/leaving")
    assert theirs.get("/account").status_code == 303
    assert browser_of(shut).get(link).status_code == 410
    assert browser_of(shut).get(feed[1]).status_code == 404
    assert sign_in(browser_of(shut), EMAILS["bongani"]).status_code == 422
    assert told(shut)[-2][:2] == ("person left", "Bongani Zulu")
    assert "Bongani" not in manager.get("/people").text
    assert "Bongani Zulu" in manager.get("/people?left=1").text
    # Nor once they are back: they begin anew.
    assert post(manager, f"{person(shut, 'bongani')}/return").location.endswith("said=back")
    assert theirs.get("/account").status_code == 303
    assert browser_of(shut).get(feed[1]).status_code == 404
    assert sign_in(browser_of(shut), EMAILS["bongani"]).status_code == 422
    with shut.extensions["database"].reading() as session:
        assert session.get(Credential, staff_id(shut, "bongani")) is None
    assert told(shut)[-2][:2] == ("person back", "Bongani Zulu")


def test_who_comes_back_to_an_address_that_a_colleague_has_by_now_is_told(shut: Flask, manager: FlaskClient):
    post(manager, f"{person(shut, 'bongani')}/leaving")
    post(manager, "/people", **ZANELE | {"email": EMAILS["bongani"]})
    answer = post(manager, f"{person(shut, 'bongani')}/return")
    assert (answer.status_code, "Zanele Khumalo has this address already" in said(answer)) == (422, True)


@pytest.mark.parametrize("path", ["/change", "/leaving", "/number", "/password-link"])
def test_of_somebody_who_has_left_nothing_is_changed(shut: Flask, manager: FlaskClient, path: str):
    post(manager, f"{person(shut, 'bongani')}/leaving")
    assert post(manager, person(shut, "bongani") + path, **ZANELE, do="text").status_code == 404


# Their number


def test_a_number_is_proved_by_the_code_that_was_texted(shut: Flask):
    theirs = browser_of(shut, "thandi")
    assert post(theirs, "/account/number", do="text").location == "/account?said=code_sent"
    with shut.extensions["database"].reading() as session:
        code = session.get(Verification, staff_id(shut, "thandi")).code
    wrong = post(theirs, "/account/number", do="code", code="000000")
    assert (wrong.status_code, "That is not the code" in said(wrong)) == (422, True)
    assert post(theirs, "/account/number", do="code", code=f" {code} ").location == "/account?said=proved"
    assert "Proved by text at" in theirs.get("/account").text
    assert [what for what, _, _ in told(shut)][-2:] == ["number asked for proof", "number proved"]


def test_a_manager_has_a_number_rung(shut: Flask, manager: FlaskClient):
    answer = post(manager, f"{person(shut, 'pieter')}/number", do="call")
    assert answer.location.endswith("said=rings")
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Outgoing.payload)).one()["to"] == "+27825550102"


def test_texts_to_a_number_are_not_sent_for_ever(shut: Flask, clock: Clock):
    theirs = browser_of(shut, "thandi")
    codes = [post(theirs, "/account/number", do="text").status_code for _ in range(AT_MOST + 1)]
    assert codes == [303] * AT_MOST + [422]
    clock.until(clock() + timedelta(minutes=15))
    assert post(theirs, "/account/number", do="text").status_code == 303


@pytest.mark.parametrize("do", ["", "mail", "TEXT"])
def test_there_is_no_other_way_to_prove_a_number(shut: Flask, manager: FlaskClient, do: str):
    assert post(manager, f"{person(shut, 'pieter')}/number", do=do).status_code == 422


def test_who_has_no_number_proves_none(shut: Flask, manager: FlaskClient):
    answer = post(browser_of(shut, "bongani"), "/account/number", do="text")
    assert (answer.status_code, "Your number" in answer.text) == (422, False)


# Where they are signed in


def test_a_manager_signs_somebody_out_on_one_browser(shut: Flask, manager: FlaskClient):
    one, other = browser_of(shut, "thandi"), browser_of(shut, "thandi")
    page = manager.get(person(shut, "thandi")).text
    ends = re.findall(r"/people/\d+/sessions/\d+/end", page)
    assert (len(ends), page.count("Firefox on Linux")) == (2, 2)
    post(manager, ends[0])
    assert sorted(client.get("/account").status_code for client in (one, other)) == [200, 303]
    assert post(manager, ends[0]).status_code == 404


def test_a_session_of_somebody_else_is_not_ended_in_their_name(shut: Flask, manager: FlaskClient):
    with shut.extensions["database"].reading() as session:
        mine = sessions.of(session, staff_id(shut, "naledi"), shut.extensions["clock"]())[0].id
    assert post(manager, f"{person(shut, 'thandi')}/sessions/{mine}/end").status_code == 404
    assert manager.get("/account").status_code == 200
