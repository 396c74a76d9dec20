"""Whose it is: what somebody may not have answers as what does not exist, to the last header, and changes nothing.

Two tables. THERE has for every address that names something one that really does; whoever the table of doors keeps out
gets the same there as where nothing is. OF_OTHERS has what a door lets in whoever owns it alone, or opens with one
thing and not with another of the same kind.
"""

from __future__ import annotations

from html import escape
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from app import World, create_app
from conftest import NIGHT, settings_for
from databases import SqliteFiles, let_go
from desk.door.tokens import Scope
from simulator.clock import Clock
from stored_rows import rows
from test_doors import DOORS, SCOPES
from two_of_each import make
from visitor import MAILS, Queries
from visitors import bearer, browser_of, form_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from two_of_each import Held

NOWHERE = "999"
NO_REFERENCE, NO_SID, NO_SECRET, NO_SEAL = "123456789", "CA" + "0" * 32, "ahp_" + "x" * 43, "1.1.6b023404." + "x" * 20
T, MISSING_T = "/tickets/{ticket}", f"/tickets/{NO_REFERENCE}"
# Every address that names something that may or may not be: one that does, and one that does not.
THERE = {
    "GET /tickets/<reference>": (T, MISSING_T),
    "POST /tickets/<reference>/call-back": (f"{T}/call-back", f"{MISSING_T}/call-back"),
    "POST /tickets/<reference>/numbers": (f"{T}/numbers", f"{MISSING_T}/numbers"),
    "POST /tickets/<reference>/do/<verb>": (f"{T}/do/note", f"{MISSING_T}/do/note"),
    "GET /tickets/<reference>/merging": (f"{T}/merging", f"{MISSING_T}/merging"),
    "GET /tickets/<reference>/work": (f"{T}/work", f"{MISSING_T}/work"),
    "POST /tickets/<reference>/work": (f"{T}/work", f"{MISSING_T}/work"),
    "GET /tickets/<reference>/messages/<sid>.mp3": (
        "/tickets/{left}/messages/{message}.mp3",
        f"{MISSING_T}/messages/{NO_SID}.mp3",
    ),
    "GET /tickets/<reference>/files/<int:number>": ("/tickets/{sent_in}/files/{file}", f"{MISSING_T}/files/{NOWHERE}"),
    "GET /mail/<int:number>": ("/mail/{mail}", f"/mail/{NOWHERE}"),
    "GET /mail/<int:number>/raw.eml": ("/mail/{mail}/raw.eml", f"/mail/{NOWHERE}/raw.eml"),
    "GET /mail/<int:number>/files/<int:place>": ("/mail/{mail}/files/{place}", f"/mail/{NOWHERE}/files/0"),
    "POST /mail/<int:number>/ticket": ("/mail/{noted}/ticket", f"/mail/{NOWHERE}/ticket"),
    "GET /billing/lines/<int:number>": ("/billing/lines/{charge}", f"/billing/lines/{NOWHERE}"),
    "POST /billing/lines/<int:number>/decision": (
        "/billing/lines/{charge}/decision",
        f"/billing/lines/{NOWHERE}/decision",
    ),
    "POST /billing/lines/<int:number>/customer": (
        "/billing/lines/{charge}/customer",
        f"/billing/lines/{NOWHERE}/customer",
    ),
    "GET /customers/<code>": ("/customers/harbour", "/customers/nobody"),
    "POST /customers/<code>": ("/customers/harbour", "/customers/nobody"),
    "POST /customers/<code>/contacts": ("/customers/harbour/contacts", "/customers/nobody/contacts"),
    "GET /customers/<code>/contacts/<int:number>": (
        "/customers/harbour/contacts/{contact}",
        f"/customers/harbour/contacts/{NOWHERE}",
    ),
    "POST /customers/<code>/contacts/<int:number>": (
        "/customers/harbour/contacts/{contact}",
        f"/customers/harbour/contacts/{NOWHERE}",
    ),
    "GET /customers/<code>/contract": ("/customers/harbour/contract", "/customers/nobody/contract"),
    "POST /customers/<code>/contract": ("/customers/harbour/contract", "/customers/nobody/contract"),
    "POST /customers/<code>/contract/<int:number>/withdrawal": (
        "/customers/harbour/contract/{contract}/withdrawal",
        f"/customers/harbour/contract/{NOWHERE}/withdrawal",
    ),
    "GET /settings/recorded/<language>": ("/settings/recorded/zu", "/settings/recorded/xh"),
    "GET /settings/recorded/<language>/<key>": (
        "/settings/recorded/zu/main_menu",
        "/settings/recorded/xh/main_menu",
    ),
    "POST /settings/recorded/<language>/<key>/draft": (
        "/settings/recorded/zu/main_menu/draft",
        "/settings/recorded/xh/main_menu/draft",
    ),
    "POST /settings/recorded/<language>/<key>/publish": (
        "/settings/recorded/zu/main_menu/publish",
        "/settings/recorded/xh/main_menu/publish",
    ),
    "GET /settings/recorded/sounds/<int:number>": (
        "/settings/recorded/sounds/{recording}",
        f"/settings/recorded/sounds/{NOWHERE}",
    ),
    "GET /settings/import/<int:number>": ("/settings/import/{imported}", f"/settings/import/{NOWHERE}"),
    "GET /settings/lines/<int:number>": ("/settings/lines/1", f"/settings/lines/{NOWHERE}"),
    "POST /settings/lines/<int:number>/name": ("/settings/lines/1/name", f"/settings/lines/{NOWHERE}/name"),
    "POST /account/sessions/<int:number>/end": (
        "/account/sessions/{session}/end",
        f"/account/sessions/{NOWHERE}/end",
    ),
    "GET /people/<int:staff_id>": ("/people/{pieter}", f"/people/{NOWHERE}"),
    "POST /people/<int:staff_id>/change": ("/people/{pieter}/change", f"/people/{NOWHERE}/change"),
    "POST /people/<int:staff_id>/leaving": ("/people/{pieter}/leaving", f"/people/{NOWHERE}/leaving"),
    "POST /people/<int:staff_id>/return": ("/people/{pieter}/return", f"/people/{NOWHERE}/return"),
    "POST /people/<int:staff_id>/number": ("/people/{pieter}/number", f"/people/{NOWHERE}/number"),
    "POST /people/<int:staff_id>/password-link": ("/people/{pieter}/password-link", f"/people/{NOWHERE}/password-link"),
    "POST /people/<int:staff_id>/sign-out": ("/people/{pieter}/sign-out", f"/people/{NOWHERE}/sign-out"),
    "POST /people/<int:staff_id>/sessions/<int:number>/end": (
        "/people/{pieter}/sessions/{session}/end",
        f"/people/{{pieter}}/sessions/{NOWHERE}/end",
    ),
    "POST /tokens/<int:number>/revocation": ("/tokens/{token}/revocation", f"/tokens/{NOWHERE}/revocation"),
    "GET /hooks/<int:number>": ("/hooks/{hook}", f"/hooks/{NOWHERE}"),
    "POST /hooks/<int:number>/told": ("/hooks/{hook}/told", f"/hooks/{NOWHERE}/told"),
    "POST /hooks/<int:number>/secret": ("/hooks/{hook}/secret", f"/hooks/{NOWHERE}/secret"),
    "POST /hooks/<int:number>/test": ("/hooks/{hook}/test", f"/hooks/{NOWHERE}/test"),
    "POST /hooks/<int:number>/switch": ("/hooks/{hook}/switch", f"/hooks/{NOWHERE}/switch"),
    "POST /hooks/<int:number>/removal": ("/hooks/{hook}/removal", f"/hooks/{NOWHERE}/removal"),
    "POST /hooks/<int:number>/deliveries/<int:delivery>/again": (
        "/hooks/{hook}/deliveries/{delivery}/again",
        f"/hooks/{{hook}}/deliveries/{NOWHERE}/again",
    ),
    "GET /rota/people/<int:staff_id>/leaving": ("/rota/people/{pieter}/leaving", f"/rota/people/{NOWHERE}/leaving"),
    "POST /rota/people/<int:staff_id>/handing-on": (
        "/rota/people/{pieter}/handing-on",
        f"/rota/people/{NOWHERE}/handing-on",
    ),
    "GET /rota/changes/<int:number>": ("/rota/changes/1", f"/rota/changes/{NOWHERE}"),
    "POST /rota/changes/<int:number>/taking-back": (
        "/rota/changes/1/taking-back",
        f"/rota/changes/{NOWHERE}/taking-back",
    ),
    "GET /rota/swaps/<int:number>": ("/rota/swaps/1", f"/rota/swaps/{NOWHERE}"),
    "POST /rota/swaps/<int:number>/answer": ("/rota/swaps/1/answer", f"/rota/swaps/{NOWHERE}/answer"),
    "GET /rota/cover/<int:number>": ("/rota/cover/1", f"/rota/cover/{NOWHERE}"),
    "POST /rota/cover/<int:number>/answer": ("/rota/cover/1/answer", f"/rota/cover/{NOWHERE}/answer"),
    "POST /rota/leave/<int:number>/withdrawal": ("/rota/leave/{leave}/withdrawal", f"/rota/leave/{NOWHERE}/withdrawal"),
    "POST /rota/leave/calendars/<int:number>/removal": (
        "/rota/leave/calendars/{leave_calendar}/removal",
        f"/rota/leave/calendars/{NOWHERE}/removal",
    ),
    "POST /calendars/<int:number>/revocation": (
        "/calendars/{subscription}/revocation",
        f"/calendars/{NOWHERE}/revocation",
    ),
    "GET /api/v1/calls/<sid>": ("/api/v1/calls/{call}", f"/api/v1/calls/{NO_SID}"),
    "GET /api/v1/customers/<code>": ("/api/v1/customers/harbour", "/api/v1/customers/nobody"),
    "POST /api/v1/customers/<code>/contacts": (
        "/api/v1/customers/harbour/contacts",
        "/api/v1/customers/nobody/contacts",
    ),
    "POST /api/v1/announcements/<number>/end": (
        "/api/v1/announcements/{announcement}/end",
        f"/api/v1/announcements/{NOWHERE}/end",
    ),
    "GET /api/v1/tickets/<reference>": ("/api/v1/tickets/{ticket}", f"/api/v1/tickets/{NO_REFERENCE}"),
}
# What stands in these is no thing of somebody's: a word from a list of ours, a month, or a step of the call.
OF_NOBODY = {
    "GET /billing/files/<kind>",
    "POST /billing/accounting/<system>",
    "GET /settings/prompts/<language>/<key>",
    "POST /settings/prompts/<language>/<key>",
    "GET /sla/report.<any(csv, xlsx):kind>",
    "GET /rota/duty.<any(csv, xlsx):kind>",
    "GET /static/<path:filename>",
    "GET /api/v1/statements/<month>",
    "POST /voice/<step>/<int:number>",  # signed by the carrier, as what stands in their query is by us
    "POST /voice/help/<step>/<int:place>",
}
# Whose secret it is may come; test_doors has them closed to everybody else, and here each opens its own door alone.
BY_SECRET = {
    "GET /password/<secret>": ("/password/{password_link}", "410 {read} {feed}"),
    "POST /password/<secret>": ("/password/{password_link}", "410 {read} {feed}"),
    "GET /feed/<secret>.ics": ("/feed/{feed}.ics", "404 {revoked_feed} {read} {password_link}"),
    "GET /have/<sealed>": ("/have/{have}", "410 {over} {sound} {state} {sent}"),
    "POST /have/<sealed>": ("/have/{have}", "410 {over} {sound} {state} {sent}"),
    "GET /message/<sealed>/message.mp3": ("/message/{sound}/message.mp3", "404 {have} {state} {sent}"),
    "GET /prompt/<sealed>/sound": ("/prompt/{prompt}/sound", "404 {have} {sound} {state} {sent}"),
    "GET /help/sent/<sealed>": ("/help/sent/{sent}", "410 {have} {sound} {state}"),
    "GET /help/track/<sealed>": ("/help/track/{state}", "410 {have} {sound} {sent}"),
    "POST /help/track/<sealed>": ("/help/track/{state}", "410 {have} {sound} {sent}"),
    "GET /help/ticket/<secret>": ("/help/ticket/{read}", "410 {page} {feed} {password_link}"),
    "POST /help/ticket/<secret>": ("/help/ticket/{read}", "410 {page} {feed} {password_link}"),
    "POST /help/ticket/<secret>/message": (None, "410 {page} {read}"),  # in a browser that has not used it yet
    "GET /help/confirm/<secret>": ("/help/confirm/{page}", "410 {read} {feed} {password_link}"),
    "POST /help/confirm/<secret>": ("/help/confirm/{page}", "410 {read} {feed} {password_link}"),
}
# Who tries it, what is another's, and what is nothing.
OF_OTHERS = [
    *(
        (who, "POST /account/sessions/{session}/end", f"/account/sessions/{NOWHERE}/end")
        for who in ("thandi", "lerato", "bongani", "naledi")
    ),
    ("naledi", "POST /people/{lerato}/sessions/{session}/end", f"/people/{{lerato}}/sessions/{NOWHERE}/end"),
    *(
        (who, "POST /calendars/{subscription}/revocation", f"/calendars/{NOWHERE}/revocation")
        for who in ("lerato", "bongani")
    ),
    ("lerato", "POST /rota/leave/{leave}/withdrawal", f"/rota/leave/{NOWHERE}/withdrawal"),
    (
        "lerato",
        "POST /rota/leave/calendars/{leave_calendar}/removal",
        f"/rota/leave/calendars/{NOWHERE}/removal",
    ),
    ("lerato", "GET /notices?engineer=pieter", "/notices?engineer=nobody"),
    ("thandi", "GET /tickets/{ticket}/files/{file}", f"/tickets/{{ticket}}/files/{NOWHERE}"),
    ("thandi", "GET /tickets/{ticket}/messages/{message}.mp3", f"/tickets/{{ticket}}/messages/{NO_SID}.mp3"),
    ("thandi", "GET /mail/{noted}/files/{place}", "/mail/{noted}/files/77"),
    ("naledi", "GET /customers/karoo/contacts/{contact}", f"/customers/karoo/contacts/{NOWHERE}"),
    ("naledi", "POST /customers/karoo/contacts/{contact}", f"/customers/karoo/contacts/{NOWHERE}"),
    ("naledi", "POST /hooks/{hook}/deliveries/{other_delivery}/again", f"/hooks/{{hook}}/deliveries/{NOWHERE}/again"),
]
VISITORS = (None, "thandi", "bongani", "naledi")
REFUSED = ("door", 401, 403)
Told = tuple[int, list[str], list[str]]  # status, body and headers, questions to the database


class Town:
    """An application with two of everything, and what each is called."""

    def __init__(self, url: str, folder: Path, clock: Clock) -> None:
        settings = settings_for(url, demo=False, recordings_dir=folder / "shelf", **MAILS)
        self.app, self.clock = create_app(settings, World(clock, Random(1))), clock

    def told(self, client: FlaskClient, door: str, headers: dict[str, str] | None = None) -> Told:
        """Status, headers, body and what the database was asked, without the address itself."""
        method, _, path = door.partition(" ")
        fields = {"form_token": form_token(client)} if method == "POST" else None
        with Queries(self.app) as asked, client.open(path, method=method, data=fields, headers=headers) as answer:
            told = [answer.get_data(as_text=True), *(f"{name}: {value}" for name, value in answer.headers)]
        for spelt in (path, quote(path, safe=""), quote(path), escape(path)):
            told = [text.replace(spelt, "*") for text in told]
        return answer.status_code, [text for text in told if not text.startswith("Content-Length")], asked


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Held]]:
    """For hundreds who look and change nothing."""
    folder = tmp_path_factory.mktemp("town")
    copies = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_databases")
    with copies.copy(folder) as url:
        made = Town(url, folder, Clock(NIGHT))
        held = make(made.app, made.clock)
        yield made, held
        let_go(made.app)


@pytest.fixture(scope="module")
def towns(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> tuple[SqliteFiles, Held, Path, Clock]:
    """One for each who really does something."""
    folder, clock, held = tmp_path_factory.mktemp("towns"), Clock(NIGHT), {}

    def furnish(url: str) -> None:
        made = Town(url, folder, clock)
        held.update(make(made.app, clock))
        let_go(made.app)

    return SqliteFiles(folder, furnish, sqlite_files), held, folder, clock


@pytest.fixture
def own(towns: tuple[SqliteFiles, Held, Path, Clock], tmp_path: Path) -> Iterator[tuple[Town, Held]]:
    files, held, folder, clock = towns
    with files.copy(tmp_path) as url:
        made = Town(url, folder, clock)
        yield made, held
        let_go(made.app)


def test_every_address_that_names_something_is_in_a_table():
    """Written from the routes, so a new one cannot be left out."""
    assert {door for door in DOORS if "<" in door} == THERE.keys() | OF_NOBODY | BY_SECRET.keys()


def made_warm(town: Town, client: FlaskClient) -> None:
    """What an application reads once is read, whoever it was that came first."""
    form_token(client)
    with town.app.extensions["database"].reading() as session:
        town.app.extensions["exchange"].boards.current(session)


def same(town: Town, held: Held, client: FlaskClient, there: str, missing: str, **headers: str) -> Told:
    """Ask for both: the same answer, the same questions to the database, and nothing is changed."""
    database = town.app.extensions["database"]
    sent = {"Authorization": headers["bearer"]} if headers else None
    method, _, path = there.partition(" ")
    made_warm(town, client)
    before = rows(database)
    one = town.told(client, f"{method} {path.format_map(held)}", sent)
    other = town.told(client, f"{method} {missing.format_map(held)}", sent)
    assert one == other
    assert rows(database) == before
    return one


@pytest.mark.parametrize("door", THERE)
def test_whom_a_door_keeps_out_learns_nothing_of_what_is_behind_it(town: tuple[Town, Held], door: str):
    made, held = town
    there, missing = THERE[door]
    for who, expected in zip(VISITORS, DOORS[door], strict=False):
        if expected in REFUSED:
            same(made, held, browser_of(made.app, who), f"{door.partition(' ')[0]} {there}", missing)


@pytest.mark.parametrize("door", [door for door in THERE if "/api/" in door])
@pytest.mark.parametrize("scope", Scope)
def test_a_token_without_the_scope_learns_nothing(town: tuple[Town, Held], door: str, scope: Scope):
    made, held = town
    there, missing = THERE[door]
    if scope == SCOPES[door]:
        return
    header, client = bearer(made.app, [scope])["Authorization"], browser_of(made.app)
    client.get("/api/v1/openapi.json", headers={"Authorization": header})  # its first use is noted
    status, *_ = same(made, held, client, f"{door.partition(' ')[0]} {there}", missing, bearer=header)
    assert status == 403


@pytest.mark.parametrize(("who", "theirs", "missing"), OF_OTHERS)
def test_what_is_another_s_is_as_if_it_were_not(town: tuple[Town, Held], who: str, theirs: str, missing: str):
    made, held = town
    status, *_ = same(made, held, browser_of(made.app, who), theirs, missing)
    assert status in (403, 404)


@pytest.mark.parametrize("door", BY_SECRET)
def test_a_secret_opens_nothing_but_its_own_door(town: tuple[Town, Held], door: str):
    made, held = town
    status, *wrong = BY_SECRET[door][1].format_map(held).split()
    for secret in wrong:
        path = door.replace("<secret>", "{0}").replace("<sealed>", "{0}")
        nothing = NO_SECRET if "<secret>" in door else NO_SEAL
        found, *_ = same(made, held, browser_of(made.app), path.format(secret), path.format(nothing).partition(" ")[2])
        assert found == int(status)


@pytest.mark.parametrize("door", [door for door, (there, _) in (THERE | BY_SECRET).items() if there])
def test_whoever_may_finds_it_there(own: tuple[Town, Held], door: str):
    """Or nothing that is said above would mean anything."""
    made, held = own
    method, there = door.partition(" ")[0], (THERE | BY_SECRET)[door][0].format_map(held)
    if "/api/" in door:
        client, header = browser_of(made.app), bearer(made.app, Scope)
    else:
        allowed = "pieter" if "/account/" in door else "naledi" if door in THERE else None
        client, header = browser_of(made.app, allowed), None
    fields = {"form_token": form_token(client)} if method == "POST" else None
    with client.open(there, method=method, data=fields, headers=header) as answer:
        assert answer.status_code not in (401, 403, 404, 410)
