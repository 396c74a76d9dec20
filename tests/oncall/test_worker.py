"""The worker: chores once across workers and after an outage, a pulse, and a stop that finishes the work in hand."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select, text

from cast import THANDI
from conftest import LINE
from databases import let_go
from desk import chores, logs
from desk.db import Database
from desk.outbox import Outgoing, State
from oncall import texting
from oncall.worker import pause, tick
from served import ROOT, procfile, secrets, wait_until
from tickets.ticket import open_ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.clock import Clock
    from simulator.rest import Rest

HOUR = timedelta(hours=1)


def post(app: Flask, key: str = "one", lasts: timedelta = HOUR) -> None:
    now, dice = app.extensions["clock"](), app.extensions["exchange"].dice

    def work(session: Session) -> None:
        ticket = open_ticket(session, dice=dice, at=now, subject="Printer")
        texting.post(session, key, "the reference", ticket, THANDI, LINE, f"Ticket {key}.", now, lasts)

    app.extensions["database"].write(work)


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Outgoing.state).order_by(Outgoing.id)))


# Chores


def test_a_chore_is_done_once_by_any_number_of_workers(database: Database, clock: Clock):
    done: list[datetime] = []

    def hourly(worker: str) -> bool:
        return chores.run(database, "count", HOUR, lambda _, now: done.append(now), worker, clock())

    assert [hourly(name) for name in "abc"] == [True, False, False]
    clock.advance(3599)
    assert not hourly("b")
    clock.advance(1)
    assert [hourly(name) for name in "ba"] == [True, False]
    clock.advance(10 * 3600)
    assert [hourly(name) for name in "ab"] == [True, False], "after an outage once, not ten times"
    assert len(done) == 3


def test_a_chore_whose_worker_was_killed_is_done_by_another(database: Database, clock: Clock):
    done: list[str] = []

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        chores.run(database, "count", HOUR, dies, "a", clock())
    assert not chores.run(database, "count", HOUR, lambda *_: done.append("b"), "b", clock())
    clock.advance(chores.LEASE.total_seconds())
    assert chores.run(database, "count", HOUR, lambda *_: done.append("b"), "b", clock())
    assert done == ["b"]


def test_a_tick_looks_once_at_all_chores_and_then_only_at_those_that_are_due(
    app: Flask, database: Database, clock: Clock
):
    asked: list[str] = []
    engine = app.extensions["patient_database"].engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with app.app_context():
        tick("a")
        asked.clear()
        tick("a")
        assert len([statement for statement in asked if "FROM chore" in statement]) == 1
        clock.advance(60)
        tick("a")
    with database.reading() as session:
        done = chores.done(session)
    assert done["record shifts"] == done["expire swaps"] == clock()
    assert done["readiness"] == clock() - timedelta(minutes=1)


def test_what_was_sent_long_ago_is_forgotten_and_the_dead_are_not(
    app: Flask, database: Database, clock: Clock, rest: Rest
):
    post(app, "sent")
    with app.app_context():
        tick()
    rest.account.may_text = ("+1",)
    post(app, "dead")
    with app.app_context():
        tick()
    assert states(database) == [State.SENT, State.DEAD]
    clock.advance(31 * 86400)
    with app.app_context():
        while tick():  # a table at a time
            pass
    assert states(database) == [State.DEAD]


# The pulse


def test_the_lag_of_each_worker_is_shown(app: Flask, clock: Clock):
    run = app.test_cli_runner().invoke
    assert run(args=["desk", "outbox"]).output == "nothing waits\nno worker has run within a day\n"
    with app.app_context():
        tick("oak 7")
        clock.advance(40)
        tick("elm 8")
    clock.advance(180)
    post(app)
    clock.advance(5)
    assert run(args=["desk", "outbox"]).output.splitlines() == [
        "1  waiting  one  +27…101  not tried yet",
        "the longest wait is overdue by 5 s",
        "worker elm 8 ticked 3 min ago",
        "worker oak 7 ticked 3 min ago",
    ]
    clock.advance(2 * 86400)
    with app.app_context():
        tick("elm 8")
    assert "oak" not in run(args=["desk", "outbox"]).output


# What goes wrong


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody writes, and does not come to an end."""
    with database.writing() as session:
        session.execute(text("LOCK TABLE pulse" if database.engine.dialect.name == "postgresql" else "SELECT 1"))
        yield


@pytest.mark.fails_on_purpose
def test_without_a_database_the_worker_waits_and_then_goes_on(
    app: Flask, database: Database, clock: Clock, rest: Rest, caplog: pytest.LogCaptureFixture
):
    patient, impatient = app.extensions["patient_database"], Database(app.extensions["settings"].database_url, 0.1)
    app.extensions["patient_database"] = impatient
    post(app)
    with locked(database), app.app_context():
        for _ in range(3):
            assert tick() is False
            clock.advance(60)
    assert [record.message.partition(":")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "the worker cannot write to the database"
    ] * 3
    with app.app_context():
        tick()
    assert states(database) == [State.SENT]
    let_go(app)
    app.extensions["patient_database"] = patient


@pytest.mark.fails_on_purpose
def test_a_job_that_fails_does_not_keep_the_others_from_theirs(
    app: Flask, database: Database, clock: Clock, rest: Rest
):
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
    with app.app_context():
        tick()
    with database.reading() as session:
        assert session.scalars(select(chores.Pulse.ticked_at)).all() == [clock()]
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("ALTER TABLE outbox_away RENAME TO outbox"))
    post(app)
    with app.app_context():
        tick()
    assert states(database) == [State.SENT]


def test_a_slow_carrier_takes_no_more_than_its_turn(app: Flask, database: Database, clock: Clock, rest: Rest):
    """Every answer takes 8 s: after three texts the other jobs have their turn, and the next tick follows at once."""
    rest.faults.stall = lambda method, path, accepted: clock.advance(8) if accepted else None
    for number in range(5):
        post(app, str(number))
    with app.app_context():
        assert tick() is True
        assert states(database) == [State.SENT] * 3 + [State.WAITING] * 2
        assert tick() is False
    assert states(database) == [State.SENT] * 5


@pytest.mark.fails_on_purpose
def test_what_a_job_logs_names_what_it_concerns(app: Flask, rest: Rest, database: Database):
    out = StringIO()
    handler = logs.handler(out, app.extensions["settings"])
    logging.getLogger("desk.delivery").addHandler(handler)
    post(app, "broken")
    with database.writing() as session:
        (row,) = session.scalars(select(Outgoing))
        row.payload = {"ticket": row.payload["ticket"]}
    with app.app_context():
        tick()
    logging.getLogger("desk.delivery").removeHandler(handler)
    line = json.loads(out.getvalue().splitlines()[0])
    assert (line["row"], line["effect"], line["ticket"]) == (1, "broken", 1)
    assert line["job"] == "deliver_what_is_due"


# Stopping


def test_a_stop_between_two_rows_leaves_the_second(app: Flask, database: Database, rest: Rest):
    stop = Event()
    rest.faults.stall = lambda *_: stop.set()
    post(app, "one")
    post(app, "two")
    with app.app_context():
        tick("a", stop)
    assert states(database) == [State.SENT, State.WAITING]


@pytest.fixture
def process(app: Flask, rest: Rest, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as the Procfile starts it, while the carrier takes its time with every request."""
    settings = app.extensions["settings"]
    tools = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120
    env = {**os.environ, **secrets(settings), "TWILIO_API": settings.twilio_api, "PATH": tools, "NO_PROXY": "127.0.0.1"}
    with (tmp_path / "worker.log").open("wb") as log:
        started = subprocess.Popen(  # noqa: S603 - our own Procfile
            ["sh", "-c", f"exec {procfile('worker')}"],  # noqa: S607
            cwd=ROOT, env=env, stdout=log, stderr=log,
        )  # fmt: skip
        yield started
        started.kill()
        started.wait()


def test_a_stop_in_the_middle_of_a_send_finishes_it(
    app: Flask, database: Database, rest: Rest, clock: Clock, request: pytest.FixtureRequest
):
    asked, go_on = Event(), Event()
    rest.faults.stall = lambda *_: (asked.set(), go_on.wait(20))
    post(app, lasts=timedelta(days=9999))  # the process goes by the real clock
    process = request.getfixturevalue("process")
    assert asked.wait(20), "the worker sends"
    process.send_signal(signal.SIGTERM)
    go_on.set()
    wait_until(lambda: process.poll() is not None, "the end of the worker")
    assert (process.returncode, states(database)) == (0, [State.SENT])
    assert len(rest.account.messages) == 1


def test_between_two_ticks_a_webhook_that_waits_for_the_database_has_its_turn():
    """SQLite looks for its lock every 100 ms at most, so a rest of that length lets everybody in once."""
    assert 0.1 < pause(more=True) < pause(more=False)
