"""Choosing what one is told; and notices by mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.outbox import Outgoing
from mail_server import Taker, mail_server
from office import Office, at
from oncall import changes, choices
from oncall.changes import Change
from oncall.choices import Choice, Lead, Way
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from simulator.clock import Clock

SENDER = "Protea IT Support <support@protea-it.example>"


def choice(office: Office, key: str) -> Choice:
    with office.database.reading() as session:
        return choices.of(session, office.staff(session, key))


def test_one_chooses_what_one_is_told(shut: Flask, office: Office):
    pieter = browser_of(shut, "pieter")
    assert 'value="text" checked' in pieter.get("/notices").text, "unless one has chosen"
    answer = post(pieter, "/notices", way="both", before=["week", "hour"], own_changes="yes")
    assert answer.location == "/notices?said=kept"
    assert choice(office, "pieter") == Choice(Way.BOTH, (Lead.WEEK, Lead.HOUR), summaries=False, own_changes=True)
    page = pieter.get(answer.location).text
    assert "That is how it is from now on." in page
    assert re.findall(r'value="(\w+)" checked', page) == ["both", "week", "hour", "yes"]
    assert office.audited("notices chosen") == []


@pytest.mark.parametrize("fields", [{}, {"way": "pigeon"}, {"way": "text", "before": "month"}])
def test_what_cannot_be_chosen_is_refused(shut: Flask, office: Office, fields: dict[str, str]):
    answer = post(browser_of(shut, "pieter"), "/notices", **fields)
    assert (answer.status_code, "Choose how" in answer.text) == (422, True)
    assert choice(office, "pieter") == Choice()


def test_a_manager_chooses_for_a_colleague_and_nobody_else_does(shut: Flask, office: Office):
    manager, colleague = browser_of(shut, "naledi"), browser_of(shut, "thandi")
    assert "What Pieter Botha is told" in manager.get("/notices?engineer=pieter").text
    answer = post(manager, "/notices", engineer="pieter", way="none")
    assert answer.location == "/notices?engineer=pieter&said=kept"
    assert choice(office, "pieter").way == Way.NONE
    assert [entry.about for entry in office.audited("notices chosen")] == ["Pieter Botha"]
    assert colleague.get("/notices?engineer=pieter").status_code == 403
    assert post(colleague, "/notices", engineer="pieter", way="text").status_code == 403
    assert "Colleagues" not in colleague.get("/notices").text
    assert manager.get("/notices?engineer=nobody").status_code == 404


def test_the_page_says_what_reaches_one_and_what_does_not(shut: Flask, office: Office):
    pieter = browser_of(shut, "pieter")
    page = pieter.get("/notices").text
    assert "cannot be told anything" in page
    assert "Nothing is texted to 082 555 0102 until it is proved to be the right one." in page
    assert "No mail server is set up here, so nothing goes by mail." in page
    office.prove("pieter")
    page = pieter.get("/notices").text
    assert "Texts go to 082 555 0102." in page
    assert "cannot be told anything" not in page


def test_a_passer_by_of_a_demonstration_decides_for_nobody(app: Flask, office: Office):
    assert post(browser_of(app), "/notices", engineer="pieter", way="none").status_code == 403
    assert choice(office, "pieter") == Choice()


# By mail


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def posted(another: Callable[..., Flask], clock: Clock, taker: Taker) -> Iterator[Office]:
    """The office with a mail server; nobody has proved a number, so everybody is mailed."""
    with mail_server(taker) as port:
        office = Office(another(mail_host="127.0.0.1", mail_port=port, mail_from=SENDER, mail_tls="none"), clock)
        office.clock.until(at("2026-11-22 12:00"))
        office.tick()
        office.tick()
        taker.raw.clear()
        yield office


def move(office: Office, new: str, start: str, end: str) -> None:
    change = Change("replace", new, at(start), at(end), "pieter")
    office.do(
        lambda session: changes.make(session, office.rota(session), change, office.who("naledi"), office.now, "why")
    )


def told(office: Office, taker: Taker) -> list[tuple[str, str, str]]:
    """What was mailed a minute later."""
    office.clock.advance(61)
    office.tick()
    office.tick()
    return sorted(taker.told)


def test_who_cannot_be_texted_is_mailed_with_everything_in_it(posted: Office, taker: Taker):
    for day in (24, 25, 26):
        move(posted, "lerato", f"2026-11-{day} 12:00", f"2026-11-{day} 18:00")
    (to, subject, body), (other, _, _) = told(posted, taker)
    assert (to, other) == ("lerato@protea-it.example", "pieter@protea-it.example")
    assert subject == "Protea IT Support: your shifts have changed"
    assert "Wed 25 Nov 12:00 to Wed 25 Nov 18:00, first; and 1 more." in body
    assert "Thu 26 Nov 12:00 to Thu 26 Nov 18:00, first." in body, "a mail has room for all"
    assert "https://afterhours.example/rota" in body
    assert "https://afterhours.example/notices" in body


def test_both_is_both_and_none_is_none(posted: Office, taker: Taker):
    posted.prove("lerato", "pieter")

    def choose(session) -> None:
        for key, way in (("lerato", Way.BOTH), ("pieter", Way.NONE)):
            choices.choose(session, posted.staff(session, key), Choice(way), posted.who(key), posted.now)

    posted.do(choose)
    move(posted, "lerato", "2026-11-24 12:00", "2026-11-24 18:00")
    assert [to for to, _, _ in told(posted, taker)] == ["lerato@protea-it.example"]
    with posted.database.reading() as session:
        kinds = [row.kind for row in session.scalars(select(Outgoing)) if row.key.startswith("move")]
    assert sorted(kinds) == ["notice by mail", "notice by text"]


def test_without_a_mail_server_no_mail_is_put_in_the_outbox(office: Office):
    office.tick()
    move(office, "lerato", "2026-11-24 12:00", "2026-11-24 18:00")
    office.clock.advance(61)
    office.tick()
    with office.database.reading() as session:
        assert session.scalars(select(Outgoing)).all() == []


def test_who_has_left_meanwhile_is_told_nothing(posted: Office, taker: Taker):
    couriers, posted.app.extensions["couriers"] = posted.app.extensions["couriers"], {}
    move(posted, "lerato", "2026-11-24 12:00", "2026-11-24 18:00")
    assert told(posted, taker) == []

    def leave(session) -> None:
        posted.staff(session, "lerato").active = False

    posted.do(leave)
    posted.app.extensions["couriers"] = couriers
    assert "lerato@protea-it.example" not in [to for to, _, _ in told(posted, taker)]
