"""First steps: each is done when the thing is there, and the list goes when everything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from app import World, create_app
from cast import HARBOUR
from conftest import LINE, settings_for
from databases import let_go
from desk.checklist import Step, steps
from ivr.outlook import outlook
from oncall import readiness
from oncall.worker import tick
from sla.contract import Contract
from visitors import browser_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask

    from simulator.clock import Clock
    from simulator.network import Network


def taken(app: Flask, clock: Clock) -> Mapping[Step, bool]:
    with app.extensions["database"].reading() as session:
        board = app.extensions["exchange"].boards.current(session)
        lines = [outlook(board, line, clock()) for line in board.lines.values()]
        return steps(session, app.extensions["settings"], lines, clock())


def test_a_company_that_is_bare_has_everything_to_do(tmp_path: Path, clock: Clock):
    app = create_app(settings_for(f"sqlite:///{tmp_path}/bare.db", mail_host=""), World(clock))
    app.test_cli_runner().invoke(args=["desk", "migrate"])
    assert not any(taken(app, clock).values())
    page = app.test_client().get("/").text
    assert "First steps: 0 of 7 done" in page
    let_go(app)


def test_a_first_call_and_a_worker_are_steps(app: Flask, network: Network, clock: Clock):
    before = taken(app, clock)
    assert (before[Step.CALL], before[Step.WORKER]) == (False, False)
    network.ring(HARBOUR, LINE).hang_up()
    with app.app_context():
        tick()
    after = taken(app, clock)
    assert (after[Step.CALL], after[Step.WORKER]) == (True, True)
    clock.advance(121)
    assert taken(app, clock)[Step.WORKER] is False


def test_a_rota_is_ready_when_the_night_found_nothing(app: Flask, clock: Clock):
    database = app.extensions["database"]
    assert taken(app, clock)[Step.READY] is False  # nobody has looked yet
    database.write(lambda session: session.add(_report(clock, [])))
    assert taken(app, clock)[Step.READY] is True
    database.write(lambda session: session.add(_report(clock, [{"kind": "gap"}])))
    assert taken(app, clock)[Step.READY] is False


def test_without_a_contract_nobody_knows_what_is_promised(app: Flask, clock: Clock):
    assert taken(app, clock)[Step.CONTRACT] is True
    app.extensions["database"].write(lambda session: session.execute(delete(Contract)))
    assert taken(app, clock)[Step.CONTRACT] is False


def test_only_the_manager_is_shown_them(shut: Flask):
    assert "First steps" in browser_of(shut, "naledi").get("/").text
    assert "First steps" not in browser_of(shut, "thandi").get("/").text


def _report(clock: Clock, findings: list[dict[str, str]]) -> readiness.ReadinessReport:
    return readiness.ReadinessReport(at=clock(), until=clock(), findings=findings)
