"""Whoever watches from outside: whether a process answers, and whether all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from cast import HARBOUR
from conftest import LINE
from desk import outbox
from desk.outbox import ELSEWHERE, Outgoing, State
from oncall.worker import tick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network


def looked(client: FlaskClient) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json["checks"]


def test_a_process_that_answers_says_so_whatever_else_is_wrong(client: FlaskClient, database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE pulse"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.cache_control.no_store) == (200, "ok\n", True)


def test_all_is_well_while_the_worker_ticks(app: Flask, client: FlaskClient, network: Network, clock: Clock):
    network.ring(HARBOUR, LINE).hang_up()
    with app.app_context():
        tick()
    status, checks = looked(client)
    assert (status, {name for name, one in checks.items() if one["well"]}) == (200, set(checks))
    assert checks["worker"]["told"] == "ticked 0 s ago"
    assert checks["switchboard"]["told"].startswith("of version ")
    clock.advance(61)
    status, checks = looked(client)
    assert (status, checks["worker"]) == (503, {"well": False, "told": "ticked 61 s ago"})


def test_without_a_worker_it_is_not_ready(client: FlaskClient):
    status, checks = looked(client)
    assert (status, checks["worker"]["told"]) == (503, "none has ever run, or none for a day")


def test_what_waits_too_long_is_counted_and_nobody_is_named(app: Flask, client: FlaskClient, clock: Clock):
    with app.app_context():
        tick()
    write = app.extensions["database"].write
    write(lambda session: outbox.post(session, "one", "text", {"to": HARBOUR}, clock()))
    clock.advance(301)
    answer = client.get("/readyz")
    assert answer.json["checks"]["work"] == {"well": False, "told": "overdue: 1"}
    assert HARBOUR not in answer.text


@pytest.mark.fails_on_purpose
def test_a_database_that_does_not_answer_is_told_in_words(client: FlaskClient, database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE pulse"))
    status, checks = looked(client)
    assert (status, list(checks), checks["database"]["well"]) == (503, ["database"], False)


def test_the_other_host_is_watched_where_there_is_one(another: Callable[..., Flask], clock: Clock, tmp_path: Path):
    app = another(elsewhere_url="https://other.example.com", elsewhere_folder=tmp_path)
    client, write = app.test_client(), app.extensions["database"].write
    assert looked(client)[1]["elsewhere"] == {"well": False, "told": "the other host has not been told"}
    with app.app_context():
        tick()
    assert looked(client)[1]["elsewhere"] == {"well": True, "told": "the other host is being told"}
    clock.advance(601)
    assert not looked(client)[1]["elsewhere"]["well"]

    def put(session: Any) -> None:
        row = session.scalars(select(Outgoing).where(Outgoing.kind == ELSEWHERE)).one()
        row.state, row.sent_at = State.SENT, clock()

    write(put)
    assert looked(client)[1]["elsewhere"] == {"well": True, "told": "the other host knows who is on duty"}
