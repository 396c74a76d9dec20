"""The API: every answer as described, nothing beyond the scopes, and problems that programs can read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_spec_validator import validate
from sqlalchemy import select

from billed import Billing
from cast import HARBOUR, KAROO, THANDI, WITHHELD
from conftest import LINE, NIGHT, ORIGIN, network_of
from desk import numbers
from desk.api.cursor import sealed
from desk.door.tokens import Scope
from desk.staff import Staff
from ivr import outgoing
from oncall.roster import OverrideRecord, RotaRecord
from oncall.worker import tick
from simulator.joined import Joined
from simulator.script import play
from tickets.ticket import Ticket
from visitors import bearer, browser_of, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask
    from werkzeug.test import TestResponse

    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest

READS_PROBLEMS = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
READ = (Scope.CALLS_READ, Scope.TICKETS_READ, Scope.ONCALL_READ)


@cache
def described(text: str) -> OpenAPI:
    """The judge of a description, which is itself held to the standard; that takes longer than many answers."""
    return OpenAPI.from_dict(json.loads(text), config=READS_PROBLEMS)


def ask(app: Flask, path: str, scopes: Iterable[Scope] = READ, **headers: str) -> TestResponse:
    """GET a path of the API; whatever comes back is as the description says."""
    client = app.test_client()
    known = bearer(app, scopes)
    judge = described(client.get("/api/v1/openapi.json", headers=known).text)
    answer = client.get(f"/api/v1{path}", headers=known | headers, base_url=ORIGIN)
    judge.validate_response(WerkzeugOpenAPIRequest(answer.request), WerkzeugOpenAPIResponse(answer))
    return answer


@pytest.fixture
def calls(app: Flask, network: Network) -> list[str]:
    """Two calls and what came of them; their names, the latest first."""
    network.in_order("accept")
    made = []
    for caller, keys in ((HARBOUR, ["2", "1"]), (WITHHELD, ["1", "1"])):
        call = network.ring(caller, LINE)
        play(call, keys)
        made.append(call.sid)
    network.deliver_callbacks()
    return made[::-1]


@pytest.mark.parametrize("count", ["3", "1795000000", "1.5", " 20261122 ", "-1"])
def test_a_bare_number_is_no_instant(app: Flask, count: str):
    answer = ask(app, f"/oncall/now?at={count}")
    assert answer.status_code == 422
    assert "as in 2026-11-20T16:30:00+02:00" in answer.json["detail"]


def test_the_description_is_sound_and_names_every_address(app: Flask):
    described = app.test_client().get("/api/v1/openapi.json", headers=bearer(app, [])).json
    validate(described)
    served = {re.sub(r"<(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    paths = {f"/api/v1{path}" for path in described["paths"]}
    assert paths == {path for path in served if path.startswith("/api/")} - {"/api/v1/openapi.json"}


def test_calls(app: Flask, calls: list[str]):
    items = ask(app, "/calls").json["items"]
    assert [one["sid"] for one in items] == calls
    assert items[0]["caller"] is None
    assert (items[1]["customer"], items[1]["line"], items[1]["consent"]) == ("Harbour Foods", LINE, True)


def test_one_call(app: Flask, calls: list[str]):
    call = ask(app, f"/calls/{calls[1]}").json
    assert call["steps"][0] == "arrival"
    assert [(ring["engineer"], ring["outcome"]) for ring in call["rings"]] == [("Thandi Nkosi", "accepted")]
    ticket = ask(app, f"/tickets/{call['ticket']}").json
    assert (ticket["owner"], ticket["priority"]) == ("Thandi Nkosi", "emergency")
    assert "Thandi Nkosi has it" in [event["text"] for event in ticket["timeline"]]


def test_a_call_back_is_told_from_a_call_that_came_in(app: Flask, calls: list[str], clock: Clock, rest: Rest):
    joined = Joined(rest.account, network_of(app, clock))
    database, board = app.extensions["database"], app.extensions["exchange"].renew()
    with database.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.caller == HARBOUR)).one()
        outgoing.ask(session, board, ticket, board.engineers["lerato"].id, clock(), on_line=False)
    with app.app_context():
        tick()
    joined.ring()
    (made, *others) = ask(app, "/calls").json["items"]
    assert (made["direction"], made["line"], made["caller"]) == ("call-back", LINE, numbers.masked(HARBOUR))
    assert {one["direction"] for one in others} == {"incoming"}
    assert ask(app, f"/calls/{made['sid']}").json["direction"] == "call-back"


def test_a_reference_may_be_written_as_it_is_printed(app: Flask, calls: list[str]):
    reference = ask(app, "/tickets").json["items"][0]["reference"]
    printed = f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"
    assert ask(app, f"/tickets/{printed}").json["reference"] == reference


def test_tickets_by_state(app: Flask, calls: list[str]):
    states = [one["state"] for one in ask(app, "/tickets").json["items"]]
    assert len(states) == 2
    for state in ("open", "acknowledged", "waiting", "resolved"):
        assert len(ask(app, f"/tickets?state={state}").json["items"]) == states.count(state)


@pytest.mark.parametrize("what", ["calls", "tickets"])
def test_paging_meets_everything_once(app: Flask, network: Network, what: str):
    for _ in range(5):
        network.ring(KAROO, LINE).hang_up()
    key = "sid" if what == "calls" else "reference"
    whole = [one[key] for one in ask(app, f"/{what}").json["items"]]
    met, path = [], f"/{what}?limit=2"
    while path:
        page = ask(app, path).json
        assert len(page["items"]) <= 2
        met += [one[key] for one in page["items"]]
        path = (page["next"] or "").removeprefix(f"{ORIGIN}/api/v1")
    assert met == whole
    assert len(set(met)) == 5


def test_numbers_are_masked_unless_the_token_may_read_them(app: Flask, network: Network):
    network.ring("+27825550999", LINE).hang_up()
    for path in ("/calls", "/tickets", f"/tickets/{ask(app, '/tickets').json['items'][0]['reference']}"):
        masked, plain = ask(app, path).text, ask(app, path, [*READ, Scope.NUMBERS_READ]).text
        assert not re.search(r"\+?2782555|082 ?555 ?0999", masked)
        assert "+27…999" in masked
        assert "+27825550999" in plain


def test_who_rings_now_is_whom_the_call_rings(app: Flask, network: Network):
    line = ask(app, "/oncall/now").json["lines"][0]
    assert (line["line"], line["is_open"], line["changes_at"]) == (LINE, False, "2026-11-23T06:30:00Z")
    assert [one["dial"] for one in line["emergency"]] == [None] * 3
    dial = ask(app, "/oncall/now", [Scope.ONCALL_READ, Scope.ONCALL_DIAL]).json["lines"][0]["emergency"]
    assert (dial[0]["name"], dial[0]["dial"]) == ("Thandi Nkosi", THANDI)
    network.in_order(None)
    call = network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    assert call.transcript[-1] == f"~ rings {dial[0]['name']}"


def test_who_rings_at_another_instant_and_why(app: Flask):
    answer = ask(app, "/oncall/now?at=2026-11-24T10:00:00%2B02:00").json
    assert answer["at"] == "2026-11-24T08:00:00Z"
    line, rota = answer["lines"][0], answer["rotas"][0]
    assert (line["is_open"], line["emergency"][0]["name"]) == (True, "Pieter Botha")
    turn = "turn of 'First' since Mon 23 Nov 2026 08:30 Africa/Johannesburg, hands off Mon 30 Nov 08:30"
    assert line["emergency"][0]["why"] == f"pieter: {turn}"
    assert line["emergency"][2]["why"] == "named by Emergency"
    assert [(one["place"], one["key"], one["name"]) for one in rota["on_duty"]] == [
        (0, "pieter", "Pieter Botha"), (1, "lerato", "Lerato Mokoena"),
    ]  # fmt: skip
    assert rota["trace"][0] == rota["on_duty"][0]["why"] == f"pieter: {turn}"


def test_shifts_between_two_instants_are_cut_to_them(app: Flask):
    answer = ask(app, "/oncall/shifts?from=2026-11-22T00:00:00Z&to=2026-11-24T00:00:00Z&rota=Standby").json
    assert [(one["key"], one["place"], one["starts"], one["ends"]) for one in answer["items"]] == [
        ("thandi", 0, "2026-11-22T00:00:00Z", "2026-11-23T06:30:00Z"),
        ("pieter", 1, "2026-11-22T00:00:00Z", "2026-11-23T06:30:00Z"),
        ("pieter", 0, "2026-11-23T06:30:00Z", "2026-11-24T00:00:00Z"),
        ("lerato", 1, "2026-11-23T06:30:00Z", "2026-11-24T00:00:00Z"),
    ]
    assert (answer["items"][0]["name"], answer["items"][0]["rotation"]) == ("Thandi Nkosi", "First")


def test_without_a_span_it_is_the_sixty_days_from_now_on(app: Flask, clock: Clock):
    for path in ("/oncall/shifts", "/oncall/gaps"):
        answer = ask(app, path).json
        assert (answer["since"], answer["until"]) == ("2026-11-22T00:00:00Z", "2027-01-21T00:00:00Z")


def test_gaps(app: Flask):
    assert ask(app, "/oncall/gaps").json["items"] == []
    before = "from=2025-12-15T05:30:00Z&to=2025-12-16T00:00:00Z"
    with app.extensions["database"].writing() as session:
        taken_out = (("thandi", 1), ("pieter", 2))
        rota = session.scalars(select(RotaRecord)).one()
        for key, _ in taken_out:
            staff = session.scalars(select(Staff).where(Staff.key == key)).one()
            span = datetime(2025, 12, 15, 10, tzinfo=UTC), datetime(2025, 12, 15, 12, tzinfo=UTC)
            session.add(
                OverrideRecord(
                    rota_id=rota.id, kind="remove", staff_id=staff.id, starts=span[0], ends=span[1], reason=""
                )
            )
    items = ask(app, f"/oncall/gaps?{before}").json["items"]
    gap = next(one for one in items if one["starts"] == "2025-12-15T10:00:00Z")
    assert (gap["rota"], gap["ends"]) == ("Standby", "2025-12-15T12:00:00Z")
    assert gap["why"] == [
        "'First': thandi is taken out until Mon 15 Dec 14:00", "'Second': pieter is taken out until Mon 15 Dec 14:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["from=x", "from=2026-11-22T00:00:00", "to=2026-11-21T00:00:00Z", "to=2028-01-01T00:00:00Z", "since=now",
     "from=9999-12-31T00:00:00Z"],
)  # fmt: skip
def test_a_wrong_span_is_told(app: Flask, query: str):
    for path in ("/oncall/shifts", "/oncall/gaps"):
        answer = ask(app, f"{path}?{query}")
        assert (answer.status_code, answer.json["type"]) == (422, "urn:afterhours:bad-parameter")
        assert answer.json["detail"].startswith(query.partition("=")[0])
        assert ask(app, f"{path}?rota=Nowhere").status_code == 404


@pytest.mark.parametrize(
    "at", ["x", "2026-11-22T02:00", "1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00%2B14:00"]
)
def test_an_instant_has_an_offset_and_lies_within_the_calendar(app: Flask, at: str):
    answer = ask(app, f"/oncall/now?at={at}")
    assert (answer.status_code, answer.json["detail"][:2]) == (422, "at")


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_opens_its_own_operations_alone(app: Flask, scope: Scope):
    opens = {"/calls": "calls:read", "/tickets": "tickets:read"}
    opens |= {f"/oncall/{what}": "oncall:read" for what in ("now", "shifts", "gaps")}
    opens |= {"/customers": "customers:read", "/announcements": "announcements:read"}
    opens |= {"/oncall/duty": "duty:read", "/statements/2026-11": "statements:read"}
    for path, needed in opens.items():
        answer = ask(app, path, [scope])
        assert answer.status_code == (200 if scope == needed else 403)
        if answer.status_code == 403:
            assert answer.mimetype == "application/problem+json"
            assert answer.json["type"] == "urn:afterhours:missing-scope"
            assert needed in answer.json["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "cursor=x", "cursor=bnVsbA", "cursor=WyJ4IiwgMV0", "cursor=WzEsIDJd",
        "page=2", *(f"cursor={sealed(NIGHT, key)}" for key in (2**31, {"a": 1}, None, True, 1.5, "a\0b")),
        f"cursor={sealed(NIGHT.replace(tzinfo=None), 1)}", f"cursor={sealed(NIGHT.replace(tzinfo=None), 'CA1')}",
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_told(app: Flask, query: str):
    for path in ("/calls", "/tickets"):
        answer = ask(app, f"{path}?{query}")
        assert (answer.status_code, answer.json["type"]) == (422, "urn:afterhours:bad-parameter")
        assert answer.json["detail"].startswith(query.partition("=")[0])


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/", "/api/v2/calls"])
def test_what_does_not_exist_is_a_problem_too(app: Flask, path: str):
    for answer in (app.test_client().get(path), app.test_client().post(path)):
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert app.test_client().post("/api/v1/calls").status_code == 405


def test_without_a_token_it_says_what_to_send(app: Flask):
    for header in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer ü"}):
        answer = app.test_client().get("/api/v1/calls", headers=header)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.json["title"] == "Unauthorized"


def test_a_cursor_of_another_list_is_told(app: Flask):
    for path, key in (("/calls", 7), ("/tickets", "CA1")):
        assert ask(app, f"{path}?cursor={sealed(NIGHT, key)}").status_code == 422


@pytest.mark.parametrize("path", ["/calls/a%00b", "/tickets/%00", "/tickets?state=%00", "/calls?%00=1"])
def test_a_nul_is_refused(app: Flask, path: str):
    assert ask(app, path).status_code == 422


@pytest.mark.fails_on_purpose
def test_a_failure_is_a_problem_and_tells_nothing(app: Flask):
    with app.extensions["database"].engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE visit RENAME TO gone")
        connection.exec_driver_sql("ALTER TABLE ticket RENAME COLUMN subject TO gone")
    answer = ask(app, "/tickets")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "subject" not in answer.text
    assert re.fullmatch(r"The fault is in the log of the server, as request [0-9a-f]{8}\.", answer.json["detail"])


# Tokens


def test_a_token_made_on_the_page_works_until_it_is_revoked(shut: Flask, clock: Clock):
    manager = browser_of(shut, "naledi")
    page = post(manager, "/tokens", name="Wall <display>", scope=["oncall:read", "calls:read"]).text
    secret = re.search(r"aht_[\w-]+", page)
    assert "<display>" not in page
    assert "never" in manager.get("/tokens").text

    def status() -> int:
        return shut.test_client().get(
            "/api/v1/oncall/now", headers={"Authorization": f"Bearer {secret[0]}"}
        ).status_code  # fmt: skip

    assert status() == 200
    assert "never" not in manager.get("/tokens").text
    assert post(manager, "/tokens/1/revocation").location == "/tokens?said=revoked"
    assert status() == 401
    assert "revoked" in manager.get("/tokens").text


@pytest.mark.parametrize("fields", [{}, {"name": "x"}, {"scope": "calls:read"}, {"name": "x", "scope": "all"},
                                    {"name": "x" * 61, "scope": "calls:read"}])  # fmt: skip
def test_a_token_needs_a_name_and_a_scope(shut: Flask, fields: dict[str, str]):
    answer = post(browser_of(shut, "naledi"), "/tokens", **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "aht_" not in answer.text
    assert f'value="{fields.get("name", "")}"' in answer.text


def test_what_a_demonstration_made_opens_nothing_afterwards(app: Flask, another: Callable[..., Flask]):
    page = post(browser_of(app), "/tokens", name="Visitor", scope="calls:read").text
    known = {"Authorization": f"Bearer {re.search(r'aht_[-_A-Za-z0-9]+', page)[0]}"}
    assert app.test_client().get("/api/v1/calls", headers=known).status_code == 200
    real = another(demo=False)
    assert real.test_client().get("/api/v1/calls", headers=known).status_code == 401
    assert "opens nothing" in browser_of(real, "naledi").get("/tokens").text


def test_a_demonstration_revokes_its_own_tokens_alone(app: Flask):
    bearer(app, READ)
    post(browser_of(app), "/tokens", name="Visitor", scope="calls:read")
    assert post(browser_of(app), "/tokens/1/revocation").status_code == 403
    assert post(browser_of(app), "/tokens/2/revocation").status_code == 303


def test_a_month_s_lines_come_in_pages_with_what_they_all_come_to(app: Flask, clock: Clock):
    billing = Billing(app.extensions["database"], clock, Random(7))
    billing.works(*(f"harbour Sun 22 Nov {hour:02}:00 for 5 min accepted" for hour in range(5)))
    billing.works("nobody Sun 22 Nov 05:00 for 5 min")
    billing.charge()
    scopes, path, found = [Scope.STATEMENTS_READ], "/statements/2026-11?limit=4", []
    while path:
        answer = ask(app, path, scopes).json
        assert answer["totals"] == {"lines": 6, "billed_seconds": 9000, "amount": "3800.00", "to_check": 1}
        found += answer["items"]
        path = answer["next"] and answer["next"].removeprefix(f"{ORIGIN}/api/v1")
    assert [one["starts"][11:16] for one in found] == ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00"]
    assert (found[0]["amount"], found[0]["rate"], found[-1]["state"]) == ("760.00", "1520.00", "to_check")
    assert "0202" not in found[0]["caller"]
    shown = ask(app, "/statements/2026-11?customer=harbour", [*scopes, Scope.NUMBERS_READ]).json["items"]
    assert (len(shown), shown[0]["caller"]) == (5, HARBOUR)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("2026-13", 404), ("soon", 404), ("2026-11?customer=x", 422), ("2026-11?cursor=x", 422),
        (f"2026-11?cursor={sealed(NIGHT, 'CA1')}", 422), ("2026-11?customer=-", 200), ("2026-11?state=none", 200),
        ("2026-11?state=free", 422), ("2026-11?engineer=sipho", 422), ("2026-11?engineer=pieter", 200),
    ],
)  # fmt: skip
def test_a_statement_that_there_is_not_is_told(app: Flask, path: str, status: int):
    assert ask(app, f"/statements/{path}", [Scope.STATEMENTS_READ]).status_code == status
