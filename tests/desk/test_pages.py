"""The pages' frame and Today: who may see them, what every answer carries, and that they say what the call does."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from sqlalchemy import select
from sqlalchemy import text as sql

from app import World, create_app
from cast import HARBOUR, WITHHELD
from conftest import DAY, LINE, ORIGIN, settings_for
from desk.door.tokens import Scope
from desk.frame import lately, of_day, roughly, soon, written
from desk.staff import Staff
from simulator.script import play
from visitors import bearer, browser_of, form_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

DESK = Path(__file__).parents[2] / "desk"
TEMPLATES = sorted((DESK / "templates").rglob("*.html"))
ZONE = "Africa/Johannesburg"
PAGES = ["/", "/try", "/try?m=", "/try?from=12"]


# Guard, headers, refusals


@pytest.mark.parametrize("path", [*PAGES, "/try?m=2&from=%2B27825550202", "/audit", "/nowhere"])
def test_who_has_not_signed_in_is_told_nothing(shut: Flask, path: str):
    answer = shut.test_client().get(path, follow_redirects=True)
    assert answer.status_code == (404 if path == "/nowhere" else 200)
    assert not re.search("Thandi|Protea|Harbour|<nav", answer.text)
    # The number is what customers ring; whoever meets an error has to find it there.
    assert ("087 809 0263" in answer.text) == (path == "/nowhere")


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/static/desk.css"])
def test_every_answer_carries_a_strict_policy(client: FlaskClient, path: str):
    with client.get(path) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_spoken_answers_do_not(client: FlaskClient):
    for path in ("/voice/incoming", "/voice/nowhere"):
        assert "Content-Security-Policy" not in client.post(path).headers


def test_an_unknown_address_gets_a_page(client: FlaskClient):
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no such page" in answer.text
    assert 'href="/"' in answer.text
    other = client.post("/try")
    assert (other.status_code, other.allow.as_set()) == (405, {"get", "head", "options"})
    assert "There is no such page" in other.text


@pytest.mark.fails_on_purpose
def test_a_failure_gets_a_page_that_needs_no_database(tmp_path: Path, clock: Clock):
    empty = create_app(settings_for(f"sqlite:///{tmp_path}/empty.db"), World(clock)).test_client()
    answer = empty.get("/")
    assert answer.status_code == 500
    assert "The telephone line works without these pages." in answer.text
    assert "OperationalError" not in answer.text


@pytest.mark.fails_on_purpose
def test_an_error_page_has_the_telephone_number_and_the_name_under_which_the_log_has_it(
    shut: Flask, caplog: pytest.LogCaptureFixture
):
    client = browser_of(shut, "naledi")
    client.get("/")
    with shut.extensions["database"].engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sign_in RENAME TO gone")
    answer = client.get("/nowhere")
    assert answer.status_code == 500
    assert '<a class="number" href="tel:+27878090263">087 809 0263</a>' in answer.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)


@pytest.mark.parametrize("who", [None, "thandi"])
def test_what_is_too_much_is_told_so(shut: Flask, who: str | None):
    client = browser_of(shut, who)
    answer = client.post("/sign-in", data={"form_token": form_token(client), "email": "x" * 400_000})
    assert answer.status_code == 413
    assert "That is too much at once" in answer.text
    assert "087 809 0263" in answer.text


def test_what_the_door_is_told_of_its_own_name_counts_for_nothing(shut: Flask):
    """A host of a hundred letters, or of none, ended in a failure without any page; and redirects named the host."""
    client = browser_of(shut)
    for host in ("evil.example", "x" * 300, "", "a b", "[::1", "a/b"):
        answer = client.get("/sign-in", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert answer.status_code == 200
        onward = client.get("/", headers={"Host": host}, environ_overrides={"PATH_INFO": ""})
        assert (onward.status_code, onward.location) == (308, f"{ORIGIN}/")


def test_a_page_is_shown_though_nothing_can_be_written(another: Callable[..., Flask], clock: Clock):
    """When somebody was last seen is not worth keeping them from who rings now."""
    app = another(demo=False)
    client, known = browser_of(app, "thandi"), bearer(app, [Scope.ONCALL_READ])
    clock.until(clock() + timedelta(hours=1))
    with app.extensions["patient_database"].writing() as session:
        hold(session)
        assert client.get("/").status_code == 200
        assert client.get("/api/v1/oncall/now", headers=known).status_code == 200


def hold(session: Session) -> None:
    """Let nobody else write to what the door writes down."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sql("LOCK sign_in, api_token IN EXCLUSIVE MODE"))
    session.scalars(select(Staff)).all()


# Templates


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(template: Path):
    forbidden = r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|https?://|javascript:|["'(]data:|\|\s*safe"""
    assert not re.search(forbidden, template.read_text(), re.IGNORECASE)


def test_the_stylesheet_names_colours_in_its_tokens_alone():
    rules = re.sub(r"@layer tokens \{.*?\n\}", "", (DESK / "static/desk.css").read_text(), flags=re.DOTALL)
    assert not re.search(r"#[0-9a-f]{3,8}\b(?!\s*\{)|rgb|hsl|url\(", rules)


def test_the_catalogue_is_fresh():
    found = extract_from_dir(DESK / "templates", [("**.html", "jinja2")], {"**.html": {"newstyle_gettext": "true"}})
    ids = {message for _, _, message, _, _ in found}
    stored = read_po(BytesIO((DESK / "translations/messages.pot").read_bytes()))
    assert {message.id for message in stored if message.id} == ids, "extract again as translations/babel.cfg says"


# The frame and Today


def test_one_heading_and_the_landmarks(client: FlaskClient):
    for path in PAGES:
        shown = client.get(path).text
        assert shown.count("<h1>") == 1
        assert all(mark in shown for mark in ('class="skip"', "<nav", "<main", "<footer", 'aria-current="page"'))


def test_the_badge_is_whom_the_call_rings(client: FlaskClient, network: Network):
    assert '<b>Thandi<span class="surname"> Nkosi</span></b>' in client.get("/try").text
    assert "until Mon 08:30" in client.get("/try").text
    network.in_order(None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    assert call.transcript[-1] == "~ rings Thandi Nkosi"


def test_after_the_hand_off_the_badge_has_changed(client: FlaskClient, clock: Clock):
    clock.until(DAY)
    assert '<b>Pieter<span class="surname"> Botha</span></b>' in client.get("/").text


def test_when_nobody_can_be_rung_every_page_says_so(client: FlaskClient, database: Database):
    with database.writing() as session:
        for one in session.scalars(select(Staff)):
            one.phone = None
    for path in ("/", "/try"):
        assert "Nobody rings" in client.get(path).text


def test_today_says_open_or_closed_as_the_line_does(client: FlaskClient, clock: Clock):
    night = client.get("/").text
    assert "Closed" in night
    assert "We open again on Monday at half past eight." in night
    clock.until(DAY)
    day = client.get("/").text
    assert "Open" in day
    assert "Tue 24 Nov 17:00" in day
    assert "We open again" not in day


def test_today_has_words_where_there_are_no_tickets(client: FlaskClient):
    assert "No calls yet." in client.get("/").text


def test_today_lists_the_newest_tickets(client: FlaskClient, network: Network):
    network.in_order("accept")
    play(network.ring(HARBOUR, LINE), ["2", "1"])
    play(network.ring(WITHHELD, LINE), ["1", "1"])
    text = client.get("/").text
    references = re.findall(r"\d{3}-\d{3}-\d{3}", text)
    assert len(set(references)) == 2
    assert text.index("withheld number") < text.index("Harbour Foods")
    assert "billable" in text
    assert "Call from Harbour Foods" in text


def test_without_a_line_the_pages_say_how_to_get_one(tmp_path: Path, clock: Clock):
    app = create_app(settings_for(f"sqlite:///{tmp_path}/bare.db"), World(clock))
    app.test_cli_runner().invoke(args=["desk", "migrate"])
    for path in ("/", "/try", "/try?m=1"):
        answer = app.test_client().get(path)
        assert answer.status_code == 200
        assert "desk demo" in answer.text


@pytest.fixture
def bare(tmp_path: Path, clock: Clock) -> Flask:
    """A company on its first day: the tables, and nothing else."""
    app = create_app(settings_for(f"sqlite:///{tmp_path}/bare.db"), World(clock))
    app.test_cli_runner().invoke(args=["desk", "migrate"])
    return app


@pytest.mark.parametrize(
    "path",
    ["", "/day", "/month", "/people", "/history", "/swaps", "/leave", "/edit", "/duty", "/fair-share", "/change"],
)
def test_without_a_rota_each_of_its_pages_says_that_nobody_rings_and_what_to_do_first(bare: Flask, path: str):
    answer = bare.test_client().get(f"/rota{path}")
    assert answer.status_code == 200
    assert "Nobody rings." in answer.text
    assert 'href="/people">First add the people' in answer.text


def test_what_is_not_there_is_still_not_there_without_a_rota(bare: Flask):
    for path in ("/rota/day?rota=Nobody", "/rota/fair-share.csv", "/rota/changes/1"):
        assert bare.test_client().get(path).status_code == 404


def test_on_the_first_day_today_is_what_to_do_first_and_no_row_of_empty_lists(bare: Flask):
    page = bare.test_client().get("/").text
    assert "First steps: 0 of 7 done" in page
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", page) == ["First steps: 0 of 7 done"]
    assert 'href="/customers">A customer has a contract' in page


def test_who_reads_a_public_page_is_not_told_that_a_number_is_missing(bare: Flask):
    page = bare.test_client().get("/help/new").text
    assert "What is wrong?" in page
    assert "ring us" not in page


def test_times_say_the_year_only_where_it_is_another(clock: Clock):
    assert written(DAY, ZONE, clock()) == "Tue 24 Nov 10:00"
    assert written(DAY.replace(year=2027), ZONE, clock()) == "Wed 24 Nov 2027 10:00"
    assert soon(DAY, ZONE, clock()) == "Tue 10:00"
    assert soon(DAY.replace(day=30), ZONE, clock()) == "Mon 30 Nov 10:00"
    assert lately(DAY, ZONE, DAY + timedelta(hours=13, minutes=59)) == "10:00"
    assert lately(DAY, ZONE, DAY + timedelta(hours=14)) == "Tue 24 Nov 10:00"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (59.9, "59 min"), (60, "1 h 0 min"), (2879, "47 h 59 min"), (9170, "6 d 8 h")]
)
def test_how_far_off_something_is_is_told_in_two_parts_at_most(minutes: float, said: str):
    assert roughly(timedelta(minutes=minutes)) == said


def test_a_day_has_its_weekday_and_its_year_only_when_it_is_another(clock: Clock):
    assert of_day(date(2026, 12, 16), ZONE, clock()) == "Wed 16 Dec"
    assert of_day(date(2027, 1, 1), ZONE, clock()) == "Fri 1 Jan 2027"


OWN_WAY = re.compile(r"hms\(|strftime\(.%Y-%m-%d|>\{\{ *[\w.]*(reference|ticket) *\}\}<")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(DESK)))
def test_no_template_tells_lengths_days_or_references_in_a_way_of_its_own(template: Path):
    assert not OWN_WAY.search(template.read_text())
