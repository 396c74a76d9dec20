"""Every door has a guard: counted, and tried by everybody who might come."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from app import World, create_app
from conftest import LINE, NIGHT, ORIGIN, settings_for
from databases import let_go
from desk.door.tokens import Scope
from desk.staff import Role, Staff
from simulator.clock import Clock
from visitors import bearer, browser_of, form_token, post, staff_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

VOICE = [
    *("/voice/incoming", "/voice/main_menu/1", "/voice/fallback", "/voice/help/0", "/voice/help/whisper"),
    *("/voice/verify", "/voice/verify/pressed"),
]
REPORTS = [
    *("/voice/status", "/voice/leg", "/voice/recording", "/voice/text", "/voice/texted", "/voice/rung"),
    "/voice/verify/over",
]
# What each visitor gets: `page` 200, `done` 303 onwards, `door` 303 to the sign-in, or the status that it is.
#                                             nobody  engineer billing manager bare token full token
DOORS = {
    "GET /": ("door", "page", "page", "page", "door", "door"),
    "GET /healthz": ("page", "page", "page", "page", "page", "page"),
    "GET /readyz": (503, 503, 503, 503, 503, 503),  # no worker has ever run here
    "GET /live": ("door", "page", "page", "page", "door", "door"),
    "GET /try": ("door", "page", 403, "page", "door", "door"),
    "GET /search": ("door", "page", "page", "page", "door", "door"),
    "GET /tickets": ("door", "page", "page", "page", "door", "door"),
    "GET /tickets/<reference>": ("door", 404, 404, 404, "door", "door"),
    "POST /tickets/<reference>/call-back": ("door", 404, 403, 404, "door", "door"),
    "POST /tickets/<reference>/numbers": ("door", 404, 403, 404, "door", "door"),
    "POST /tickets/<reference>/do/<verb>": ("door", 404, 403, 404, "door", "door"),
    "GET /tickets/<reference>/merging": ("door", 404, 403, 404, "door", "door"),
    "GET /tickets/<reference>/messages/<sid>.mp3": ("door", 404, 403, 404, "door", "door"),
    "GET /mail": ("door", "page", 403, "page", "door", "door"),
    "GET /mail/<int:number>": ("door", 404, 403, 404, "door", "door"),
    "GET /mail/<int:number>/raw.eml": ("door", 404, 403, 404, "door", "door"),
    "GET /mail/<int:number>/files/<int:place>": ("door", 404, 403, 404, "door", "door"),
    "POST /mail/<int:number>/ticket": ("door", 404, 403, 404, "door", "door"),
    "GET /sla/report": ("door", "page", "page", "page", "door", "door"),
    "GET /sla/report.<any(csv, xlsx):kind>": ("door", "page", "page", "page", "door", "door"),
    "GET /billing/reconciliation": ("door", 403, "page", "page", "door", "door"),
    "POST /billing/reconciliation": ("door", 403, "done", "done", "door", "door"),
    "GET /tickets/<reference>/work": ("door", 404, 403, 404, "door", "door"),
    "POST /tickets/<reference>/work": ("door", 404, 403, 404, "door", "door"),
    "GET /billing": ("door", 403, "page", "page", "door", "door"),
    "POST /billing/close": ("door", 403, 422, 422, "door", "door"),
    "POST /billing/reopening": ("door", 403, 422, 422, "door", "door"),
    "POST /billing/reopening/decision": ("door", 403, 422, 422, "door", "door"),
    "GET /billing/lines/<int:number>": ("door", 403, 404, 404, "door", "door"),
    "POST /billing/lines/<int:number>/decision": ("door", 403, 404, 404, "door", "door"),
    "POST /billing/lines/<int:number>/customer": ("door", 403, 404, 404, "door", "door"),
    "GET /billing/holidays": ("door", 403, "page", "page", "door", "door"),
    "POST /billing/holidays": ("door", 403, 422, 422, "door", "door"),
    "GET /billing/files/<kind>": ("door", 403, 404, 404, "door", "door"),
    "GET /billing/accounting": ("door", 403, "page", "page", "door", "door"),
    "POST /billing/accounting/<system>": ("door", 403, 404, 404, "door", "door"),
    "GET /billing/preview": ("door", 403, "page", "page", "door", "door"),
    "GET /customers": ("door", 403, "page", "page", "door", "door"),
    "GET /customers/<code>": ("door", 403, "page", "page", "door", "door"),
    "POST /customers": ("door", 403, 403, 422, "door", "door"),
    "POST /customers/<code>": ("door", 403, 403, 409, "door", "door"),
    "POST /customers/<code>/contacts": ("door", 403, 403, 422, "door", "door"),
    "GET /customers/<code>/contacts/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "POST /customers/<code>/contacts/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "GET /customers/<code>/contract": ("door", 403, 403, "page", "door", "door"),
    "POST /customers/<code>/contract": ("door", 403, 403, 409, "door", "door"),
    "POST /customers/<code>/contract/<int:number>/withdrawal": ("door", 403, 403, 404, "door", "door"),
    "GET /settings": ("door", 403, 403, "page", "door", "door"),
    "GET /settings/hours": ("door", 403, 403, "page", "door", "door"),
    "POST /settings/hours": ("door", 403, 403, 422, "door", "door"),
    "GET /settings/announcement": ("door", 403, 403, "page", "door", "door"),
    "POST /settings/announcement": ("door", 403, 403, 422, "door", "door"),
    "GET /settings/prompts": ("door", 403, 403, "page", "door", "door"),
    "GET /settings/prompts/<language>/<key>": ("door", 403, 403, "page", "door", "door"),
    "POST /settings/prompts/<language>/<key>": ("door", 403, 403, 422, "door", "door"),
    "GET /settings/languages": ("door", 403, 403, "page", "door", "door"),
    "POST /settings/languages": ("door", 403, 403, 422, "door", "door"),
    "GET /settings/recorded/<language>": ("door", 403, 403, 404, "door", "door"),
    "GET /settings/recorded/<language>/<key>": ("door", 403, 403, 404, "door", "door"),
    "POST /settings/recorded/<language>/<key>/draft": ("door", 403, 403, 404, "door", "door"),
    "POST /settings/recorded/<language>/<key>/publish": ("door", 403, 403, 404, "door", "door"),
    "GET /settings/recorded/sounds/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "GET /settings/lines": ("door", 403, 403, "page", "door", "door"),
    "GET /settings/lines/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "POST /settings/lines/<int:number>/name": ("door", 403, 403, 404, "door", "door"),
    "GET /settings/import": ("door", 403, 403, "page", "door", "door"),
    "GET /settings/import/sample.csv": ("door", 403, 403, "page", "door", "door"),
    "POST /settings/import/look": ("door", 403, 403, 422, "door", "door"),
    "POST /settings/import/refused.csv": ("door", 403, 403, 422, "door", "door"),
    "POST /settings/import/agreed": ("door", 403, 403, 422, "door", "door"),
    "GET /settings/import/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "GET /sign-in": ("page", "page", "page", "page", "page", "page"),
    "POST /sign-in": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/provider": (404, 404, 404, 404, 404, 404),  # none is set up here; tests/desk/test_provider.py
    "GET /sign-in/provider/back": (404, 404, 404, 404, 404, 404),
    "POST /sign-out": ("door", "door", "door", "door", "door", "door"),
    "GET /password/<secret>": (410, 410, 410, 410, 410, 410),
    "POST /password/<secret>": (410, 410, 410, 410, 410, 410),
    "GET /account": ("door", "page", "page", "page", "door", "door"),
    "POST /account/theme": ("door", "done", "done", "done", "door", "door"),
    "POST /account/password": ("door", 422, 422, 422, "door", "door"),
    "POST /account/number": ("door", 422, 422, 422, "door", "door"),
    "POST /account/sessions/<int:number>/end": ("door", 404, 404, 404, "door", "door"),
    "POST /account/sessions/end-others": ("door", 404, 404, 404, "door", "door"),
    "GET /people": ("door", 403, 403, "page", "door", "door"),
    "POST /people": ("door", 403, 403, 422, "door", "door"),
    "GET /people/new": ("door", 403, 403, "page", "door", "door"),
    "GET /people/<int:staff_id>": ("door", 403, 403, "page", "door", "door"),
    "POST /people/<int:staff_id>/change": ("door", 403, 403, 422, "door", "door"),
    "POST /people/<int:staff_id>/leaving": ("door", 403, 403, 422, "door", "door"),
    "POST /people/<int:staff_id>/return": ("door", 403, 403, 422, "door", "door"),
    "POST /people/<int:staff_id>/number": ("door", 403, 403, 422, "door", "door"),
    "POST /people/<int:staff_id>/sessions/<int:number>/end": ("door", 403, 403, 404, "door", "door"),
    "POST /people/<int:staff_id>/password-link": ("door", 403, 403, "page", "door", "door"),
    "POST /people/<int:staff_id>/sign-out": ("door", 403, 403, "done", "door", "door"),
    "GET /tokens": ("door", 403, 403, "page", "door", "door"),
    "POST /tokens": ("door", 403, 403, 422, "door", "door"),
    "POST /tokens/<int:number>/revocation": ("door", 403, 403, 404, "door", "door"),
    "GET /hooks": ("door", 403, 403, "page", "door", "door"),
    "POST /hooks": ("door", 403, 403, 422, "door", "door"),
    "GET /hooks/<int:number>": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/told": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/secret": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/test": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/switch": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/removal": ("door", 403, 403, 404, "door", "door"),
    "POST /hooks/<int:number>/deliveries/<int:delivery>/again": ("door", 403, 403, 404, "door", "door"),
    "GET /audit": ("door", 403, 403, "page", "door", "door"),
    "GET /kept": ("door", 403, 403, "page", "door", "door"),
    "GET /kept/access": ("door", 403, 403, "page", "door", "door"),
    "GET /privacy/person": ("door", 403, 403, "page", "door", "door"),
    "POST /privacy/person": ("door", 403, 403, 422, "door", "door"),
    "POST /privacy/person/export": ("door", 403, 403, 422, "door", "door"),
    "POST /privacy/person/erasure": ("door", 403, 403, 422, "door", "door"),
    "GET /rota": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/day": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/month": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/people": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/history": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/fair-share": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/fair-share.csv": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/people/<int:staff_id>/leaving": ("door", 403, 403, "page", "door", "door"),
    "POST /rota/people/<int:staff_id>/handing-on": ("door", 403, 403, 422, "door", "door"),
    "GET /rota/change": ("door", "page", 403, "page", "door", "door"),
    "POST /rota/change": ("door", 422, 403, 422, "door", "door"),
    "GET /rota/changes/<int:number>": ("door", 404, 403, 404, "door", "door"),
    "POST /rota/changes/<int:number>/taking-back": ("door", 404, 403, 404, "door", "door"),
    "GET /rota/swaps": ("door", "page", 403, "page", "door", "door"),
    "POST /rota/swaps": ("door", 422, 403, 422, "door", "door"),
    "GET /rota/swaps/new": ("door", "page", 403, "page", "door", "door"),
    "GET /rota/swaps/<int:number>": ("door", 404, 403, 404, "door", "door"),
    "POST /rota/swaps/<int:number>/answer": ("door", 404, 403, 404, "door", "door"),
    "GET /rota/cover/<int:number>": ("door", 404, 403, 404, "door", "door"),
    "POST /rota/cover/<int:number>/answer": ("door", 404, 403, 404, "door", "door"),
    "GET /rota/edit": ("door", "page", 403, "page", "door", "door"),
    "POST /rota/edit": ("door", 422, 403, 422, "door", "door"),
    "GET /rota/leave": ("door", "page", 403, "page", "door", "door"),
    "POST /rota/leave": ("door", 422, 403, 422, "door", "door"),
    "POST /rota/leave/<int:number>/withdrawal": ("door", 404, 403, 404, "door", "door"),
    "POST /rota/leave/file": ("door", 422, 403, 422, "door", "door"),
    "POST /rota/leave/calendars": ("door", 422, 403, 422, "door", "door"),
    "POST /rota/leave/calendars/<int:number>/removal": ("door", 404, 403, 404, "door", "door"),
    "GET /rota/duty": ("door", "page", "page", "page", "door", "door"),
    "GET /rota/duty.<any(csv, xlsx):kind>": ("door", "page", "page", "page", "door", "door"),
    "POST /rota/duty/rules": ("door", 403, 403, 422, "door", "door"),
    "GET /calendars": ("door", "page", "page", "page", "door", "door"),
    "POST /calendars": ("door", 422, 422, 422, "door", "door"),
    "POST /calendars/<int:number>/revocation": ("door", 404, 404, 404, "door", "door"),
    "GET /notices": ("door", "page", 403, "page", "door", "door"),
    "POST /notices": ("door", 422, 403, 422, "door", "door"),
    "GET /tickets/<reference>/files/<int:number>": ("door", 404, 403, 404, "door", "door"),
    "GET /help": (301, 301, 301, 301, 301, 301),
    "GET /help/new": ("page", "page", "page", "page", "page", "page"),
    "POST /help/new": (422, 422, 422, 422, 422, 422),
    "GET /help/sent/<sealed>": (410, 410, 410, 410, 410, 410),
    "GET /help/privacy": ("page", "page", "page", "page", "page", "page"),
    "GET /help/track": ("page", "page", "page", "page", "page", "page"),
    "POST /help/track": (422, 422, 422, 422, 422, 422),
    "GET /help/track/<sealed>": (410, 410, 410, 410, 410, 410),
    "POST /help/track/<sealed>": (410, 410, 410, 410, 410, 410),
    "GET /help/ticket/<secret>": (410, 410, 410, 410, 410, 410),
    "POST /help/ticket/<secret>": (410, 410, 410, 410, 410, 410),
    "POST /help/ticket/<secret>/message": (410, 410, 410, 410, 410, 410),
    "GET /help/confirm/<secret>": (410, 410, 410, 410, 410, 410),
    "POST /help/confirm/<secret>": (410, 410, 410, 410, 410, 410),
    "GET /have/<sealed>": (410, 410, 410, 410, 410, 410),
    "POST /have/<sealed>": (410, 410, 410, 410, 410, 410),
    "GET /message/<sealed>/message.mp3": (404, 404, 404, 404, 404, 404),
    "GET /prompt/<sealed>/sound": (404, 404, 404, 404, 404, 404),
    "GET /feed/<secret>.ics": (404, 404, 404, 404, 404, 404),
    "GET /static/<path:filename>": ("page", "page", "page", "page", "page", "page"),
    "GET /api/v1/openapi.json": (401, "page", "page", "page", "page", "page"),
    "GET /api/v1/calls": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/calls/<sid>": (401, 401, 401, 401, 403, 404),
    "GET /api/v1/tickets": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/tickets/<reference>": (401, 401, 401, 401, 403, 404),
    "GET /api/v1/oncall/now": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/oncall/shifts": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/oncall/gaps": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/oncall/duty": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/statements/<month>": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/search": (401, 401, 401, 401, 403, 422),
    "GET /api/v1/customers": (401, 401, 401, 401, 403, "page"),
    "GET /api/v1/customers/<code>": (401, 401, 401, 401, 403, "page"),
    "POST /api/v1/customers": (401, 401, 401, 401, 403, 415),
    "POST /api/v1/customers/<code>/contacts": (401, 401, 401, 401, 403, 415),
    "GET /api/v1/announcements": (401, 401, 401, 401, 403, "page"),
    "POST /api/v1/announcements": (401, 401, 401, 401, 403, 415),
    "POST /api/v1/announcements/<number>/end": (401, 401, 401, 401, 403, 415),
    "POST /voice/incoming": (403, 403, 403, 403, 403, 403),
    "POST /voice/<step>/<int:number>": (403, 403, 403, 403, 403, 403),
    "POST /voice/fallback": (403, 403, 403, 403, 403, 403),
    "POST /voice/help/<step>/<int:place>": (403, 403, 403, 403, 403, 403),
    "POST /voice/help/whisper": (403, 403, 403, 403, 403, 403),
    "POST /voice/status": (403, 403, 403, 403, 403, 403),
    "POST /voice/rung": (403, 403, 403, 403, 403, 403),
    "POST /voice/verify": (403, 403, 403, 403, 403, 403),
    "POST /voice/verify/pressed": (403, 403, 403, 403, 403, 403),
    "POST /voice/verify/over": (403, 403, 403, 403, 403, 403),
    "POST /voice/leg": (403, 403, 403, 403, 403, 403),
    "POST /voice/recording": (403, 403, 403, 403, 403, 403),
    "POST /voice/text": (403, 403, 403, 403, 403, 403),
    "POST /voice/texted": (403, 403, 403, 403, 403, 403),
}
# The one scope that each door of the API asks for; any other opens it as little as none.
SCOPES = {
    "GET /api/v1/calls": Scope.CALLS_READ,
    "GET /api/v1/calls/<sid>": Scope.CALLS_READ,
    "GET /api/v1/tickets": Scope.TICKETS_READ,
    "GET /api/v1/tickets/<reference>": Scope.TICKETS_READ,
    "GET /api/v1/oncall/now": Scope.ONCALL_READ,
    "GET /api/v1/oncall/shifts": Scope.ONCALL_READ,
    "GET /api/v1/oncall/gaps": Scope.ONCALL_READ,
    "GET /api/v1/oncall/duty": Scope.DUTY_READ,
    "GET /api/v1/statements/<month>": Scope.STATEMENTS_READ,
    "GET /api/v1/search": Scope.TICKETS_READ,
    "GET /api/v1/customers": Scope.CUSTOMERS_READ,
    "GET /api/v1/customers/<code>": Scope.CUSTOMERS_READ,
    "POST /api/v1/customers": Scope.CUSTOMERS_WRITE,
    "POST /api/v1/customers/<code>/contacts": Scope.CUSTOMERS_WRITE,
    "GET /api/v1/announcements": Scope.ANNOUNCEMENTS_READ,
    "POST /api/v1/announcements": Scope.ANNOUNCEMENTS_WRITE,
    "POST /api/v1/announcements/<number>/end": Scope.ANNOUNCEMENTS_WRITE,
}
# For the values in FILLED, or no page.
NOTHING_THERE = (
    "GET /rota/duty.",
    "GET /rota/fair-share.csv",
    "GET /sla/report.",
    "GET /settings/import/",
    "GET /password",
    "GET /sign-in/",
    "GET /api",
    "GET /static",
    "GET /tickets/",
    "GET /billing/lines/",
    "GET /billing/files/",
    "GET /mail/",
    "GET /hooks/",
    "GET /feed",
    "GET /have",
    "GET /message",
    "GET /healthz",
    "GET /readyz",
    "GET /prompt/",
    "GET /settings/recorded/",
    "GET /help",  # customers see the same, demonstration or not
)
WRONG = {"Authorization": "Bearer aht_" + "x" * 43}
FORMS = [door for door in DOORS if door.startswith("POST") and "/voice/" not in door and "/api/" not in door]
FILLED = {
    "<path:filename>": "desk.css", "<int:staff_id>": "2", "<int:number>": "999", "<int:place>": "0",
    "<int:delivery>": "999", "<number>": "999", "<verb>": "note", "<month>": "2026-11", "<any(csv, xlsx):kind>": "csv",
    "<language>": "en", "<key>": "welcome",
    "<step>": "main_menu", "<sid>": "CA" + "0" * 32, "<reference>": "123456789", "<secret>": "ahp_" + "x" * 43,
    "<sealed>": "1.1.6b023404." + "x" * 20, "<code>": "harbour",
}  # fmt: skip


def address(door: str) -> tuple[str, str]:
    """The method of a door and an address that leads to it."""
    method, _, path = door.partition(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return method, path


def outcome(answer: TestResponse) -> str | int:
    if answer.status_code == 303:
        return "door" if answer.location.startswith("/sign-in") else "done"
    return "page" if answer.status_code == 200 else answer.status_code


def enter(client: FlaskClient, door: str, headers: dict[str, str] | None = None) -> str | int:
    method, path = address(door)
    fields = {"form_token": form_token(client)} if door in FORMS else {}
    with client.open(path, method=method, data=fields or None, headers=headers) as answer:
        return outcome(answer)


def form(**more: str) -> dict[str, str]:
    return {"CallSid": "CA" + "0" * 32, "AccountSid": "AC" + "a" * 32, "From": "+27825550202", "To": LINE, **more}


def signature(app: Flask, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    token = app.extensions["settings"].twilio_auth_token.get_secret_value()
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(ORIGIN + path, fields)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def knocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as it runs for real, for hundreds who knock and change nothing in it."""
    copies = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_databases")
    with copies.copy(tmp_path_factory.mktemp("doors")) as url:
        made = create_app(settings_for(url, demo=False), World(Clock(NIGHT), Random(1)))
        yield made
        let_go(made)


def test_every_door_is_in_the_table(app: Flask):
    there = {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_who_may_enter(shut: Flask, door: str):
    bare, full = bearer(shut, []), bearer(shut, Scope)
    nobody, engineer, billing, manager, unscoped, scoped = DOORS[door]
    assert enter(browser_of(shut), door) == nobody
    assert enter(browser_of(shut), door, WRONG) == nobody
    assert enter(browser_of(shut, "thandi"), door) == engineer
    assert enter(browser_of(shut, "bongani"), door) == billing
    assert enter(browser_of(shut, "naledi"), door) == manager
    assert enter(browser_of(shut), door, bare) == unscoped
    assert enter(browser_of(shut), door, full) == scoped


def test_every_door_of_the_api_names_its_scope():
    assert SCOPES.keys() == {door for door in DOORS if " /api/v1/" in door and "openapi" not in door}


@pytest.mark.parametrize("door", SCOPES)
def test_one_scope_opens_a_door_of_the_api_and_all_the_others_do_not(shut: Flask, door: str):
    for scope in Scope:
        expected = DOORS[door][-1] if scope == SCOPES[door] else 403
        assert enter(browser_of(shut), door, bearer(shut, [scope])) == expected
    assert enter(browser_of(shut), door, bearer(shut, set(Scope) - {SCOPES[door]})) == 403


@pytest.mark.parametrize("path", sorted({door.partition(" ")[2] for door in DOORS}))
def test_no_door_opens_to_a_method_that_it_does_not_name(knocked: Flask, path: str):
    """Refused by the guard, or as a method that is not there; a manager and a token with every scope as well."""
    named = {door.partition(" ")[0] for door in DOORS if door.partition(" ")[2] == path}
    client, where = browser_of(knocked, "naledi"), address(f"GET {path}")[1]
    headers = bearer(knocked, Scope) if "/api/" in path else {}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - named:
        sent = {"form_token": form_token(client)}
        with client.open(where, method=method, data=sent, headers=headers) as answer:
            spoken = path.startswith("/voice/") and answer.status_code in (200, 403)  # a carrier hears an apology
            assert answer.status_code in (400, 404, 405) or spoken
            assert "<Dial" not in answer.text


@pytest.mark.parametrize("door", [door for door in DOORS if door.startswith("GET")])
def test_asking_for_the_headers_alone_opens_no_more(knocked: Flask, door: str):
    _, path = address(door)
    for key in (None, "thandi", "bongani", "naledi"):
        with browser_of(knocked, key).get(path) as whole, browser_of(knocked, key).head(path) as headers:
            assert (headers.status_code, headers.location, headers.data) == (whole.status_code, whole.location, b"")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("key", [None, "naledi"])
def test_every_answer_wears_the_strict_policy(shut: Flask, door: str, key: str | None):
    """Pages, redirects, refusals and what is no page alike; only what is spoken to the carrier wears none."""
    method, path = address(door)
    client, many = browser_of(shut, key), {"x": "y" * 400_000}
    token = {"form_token": form_token(client)}
    for verb, form in ((method, None), (method, token), ("OPTIONS", None), ("DELETE", None), ("POST", many)):
        with client.open(path, method=verb, data=form) as answer:
            policy = answer.headers.get("Content-Security-Policy", "")
            if path.startswith("/voice/"):
                assert policy == ""
                continue
            values = dict(part.split(" ", 1) for part in policy.split("; "))
            assert values["default-src"] == "'none'"
            assert set(values.values()) == {"'none'", "'self'"}
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Strict-Transport-Security"]
            is_file = path.startswith("/static/") and answer.status_code < 400
            assert is_file or answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("door", [door for door in DOORS if "<int:" in door and "/voice/" not in door])
@pytest.mark.parametrize("number", ["0", "2147483647", "2147483648", "9" * 30])
def test_a_number_that_nothing_has_leads_nowhere(knocked: Flask, door: str, number: str):
    method, path = address(door)
    manager = browser_of(knocked, "naledi")
    path = re.sub(r"/(2|999)(?=/|$)", f"/{number}", path)
    assert (post(manager, path) if method == "POST" else manager.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-in", {"email": "a\0b", "password": "x"}),
        ("/sign-in", {"email": "x", "password": "\0"}),
        ("/tokens", {"name": "a\0b", "scope": "calls:read"}),
    ],
)
def test_a_nul_is_refused(shut: Flask, path: str, fields: dict[str, str]):
    client = browser_of(shut, "naledi")
    assert post(client, path, **fields).status_code == 422
    assert client.get(f"{path}?next=%00").status_code == 422
    assert client.get("/password/%00").status_code == 422
    assert client.get(f"/audit?before={'9' * 30}").status_code == 200


@pytest.mark.parametrize("door", FORMS)
def test_a_form_of_another_site_changes_nothing(shut: Flask, door: str):
    method, path = address(door)
    manager, other = browser_of(shut, "naledi"), form_token(browser_of(shut, "naledi"))
    form_token(manager)
    for token in (None, "", "x" * 64, "ü", other, form_token(browser_of(shut))):
        assert manager.open(path, method=method, data={"form_token": token} if token else {}).status_code == 400
    assert browser_of(shut).post(path).status_code == 400
    # A link can carry what it likes in its address; only a form of ours carries the token.
    assert manager.open(path, method=method, query_string={"form_token": form_token(manager)}).status_code == 400


def test_who_becomes_another_loses_what_they_were(shut: Flask):
    """The role is read at every request: a session never carries it."""
    client = browser_of(shut, "naledi")
    assert client.get("/audit").status_code == 200
    with shut.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(shut, "naledi")).role = Role.BILLING
    assert client.get("/audit").status_code == 403
    assert 'href="/audit"' not in client.get("/").text


def test_in_a_demonstration_the_pages_are_open_to_everybody_and_say_so(app: Flask):
    for door in DOORS:
        if door.startswith("GET /") and not door.startswith(NOTHING_THERE) and not door.endswith("<int:number>"):
            answer = browser_of(app).get(address(door)[1])
            assert answer.status_code == 200
            assert "Demonstration: everybody" in answer.text or door.startswith(("GET /sign-in", "GET /live"))


@pytest.mark.parametrize(
    "door",
    [
        "POST /people",
        "POST /people/<int:staff_id>/change",
        "POST /people/<int:staff_id>/leaving",
        "POST /people/<int:staff_id>/return",
        "POST /people/<int:staff_id>/number",
        "POST /people/<int:staff_id>/password-link",
        "POST /people/<int:staff_id>/sessions/<int:number>/end",
        "POST /people/<int:staff_id>/sign-out",
        "POST /account/number",
        "POST /account/sessions/end-others",
        "POST /account/password",
    ],
)
def test_in_a_demonstration_nobody_touches_an_account(app: Flask, door: str):
    assert enter(browser_of(app), door) == 403


@pytest.mark.parametrize("path", VOICE + REPORTS)
def test_no_signature_no_entry(knocked: Flask, path: str):
    assert knocked.test_client().post(path, data=form()).status_code == 403


@pytest.mark.parametrize("path", VOICE + REPORTS)
def test_a_signature_over_something_else_opens_nothing(knocked: Flask, path: str):
    for wrong in (signature(knocked, "/voice/other", form()), signature(knocked, path, form(Digits="1"))):
        assert knocked.test_client().post(path, data=form(), headers=wrong).status_code == 403


def test_another_account_s_webhook_is_refused(app: Flask, client: FlaskClient):
    fields = form(AccountSid="AC" + "b" * 32)
    assert (
        client.post("/voice/incoming", data=fields, headers=signature(app, "/voice/incoming", fields)).status_code
        == 403
    )


def test_the_right_signature_opens(app: Flask, client: FlaskClient):
    answer = client.post("/voice/incoming", data=form(), headers=signature(app, "/voice/incoming", form()))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "Harbour" not in answer.text
    assert "<Gather" in answer.text


def test_the_signature_covers_the_raw_target(app: Flask, client: FlaskClient):
    """The framework would decode %2F and %7E, and a genuine signature would not fit any more (TWILIO.md §2.4)."""
    path = "/voice/incoming?note=a%2Fb%7Ec%3A"
    answer = client.post(
        "/voice/incoming", query_string={"note": "changed"}, data=form(),
        headers=signature(app, path, form()), environ_overrides={"RAW_URI": path},
    )  # fmt: skip
    assert answer.status_code == 200


def test_repeated_names_are_signed_too(app: Flask, client: FlaskClient):
    fields = MultiDict([*form().items(), ("Extra", "b"), ("Extra", "a")])
    headers = signature(app, "/voice/incoming", fields)
    assert client.post("/voice/incoming", data=fields, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/voice/", "/voice/nowhere", "/voice/incoming/", "/voice/nowhere/0/x"])
def test_a_voice_url_that_does_not_exist_answers_in_speech_and_tells_nothing(client: FlaskClient, path: str):
    for answer in (client.get(path), client.post(path, data=form())):
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        assert "<Dial" not in answer.text


@pytest.mark.fails_on_purpose
def test_a_step_that_does_not_exist_still_rings_a_person(app: Flask, client: FlaskClient):
    incoming = signature(app, "/voice/incoming", form())
    client.post("/voice/incoming", data=form(), headers=incoming)
    answer = client.post("/voice/nowhere/7", data=form(), headers=signature(app, "/voice/nowhere/7", form()))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "+27825550101" in answer.text


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize(("path", "status"), [("/voice/text", 503), ("/voice/texted", 503)])
def test_a_report_that_lacks_its_fields_gets_no_page(app: Flask, client: FlaskClient, path: str, status: int):
    answer = client.post(path, data=form(), headers=signature(app, path, form()))
    assert (answer.status_code, answer.text) == (status, "")


@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/status"])
@pytest.mark.parametrize("kind", ["too large", "too many parts"])
def test_what_cannot_even_be_read_is_refused_and_rings_nobody(client: FlaskClient, path: str, kind: str):
    fields = {"x": "y" * 400_000} if kind == "too large" else {f"f{n}": "x" for n in range(1100)}
    as_parts = "multipart/form-data" if kind == "too many parts" else None
    answer = client.post(path, data=fields, headers={"X-Twilio-Signature": "x"}, content_type=as_parts)
    assert answer.status_code == 403
    assert "+27" not in answer.text
