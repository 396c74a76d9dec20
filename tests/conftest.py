"""Fixtures: the real application with the cast of the demo, a clock that tests move, and a telephone network."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr

import description
from app import World, create_app
from databases import PostgresDatabases, SqliteFiles, connected, in_memory, let_go, postgres_server
from desk.settings import Settings
from ivr import playing
from once import compile_once, spare_the_collector
from simulator.clock import Clock
from simulator.network import Network
from simulator.rest import create_rest, serve
from simulator.web import WsgiWeb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from desk.db import Database
    from office import Office
    from simulator.rest import Rest

in_memory()
compile_once()
hypothesis_settings.register_profile("ours", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ours")

ACCOUNT, TOKEN = "AC" + "a" * 32, "a token for tests"
ORIGIN = "https://afterhours.example"
LINE = "+27878090263"
NOBODY = "http://127.0.0.1:9"  # where no carrier listens; whoever needs one asks for `rest`
NIGHT = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # Sunday 02:00 in Johannesburg
DAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # Tuesday 10:00


def settings_for(database_url: str, **more: object) -> Settings:
    """Settings of a test; nothing comes from the environment."""
    usual: dict[str, object] = {
        "secret_key": SecretStr("a secret of forty characters for tests.."),
        "public_url": ORIGIN,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": SecretStr(TOKEN),
        "twilio_api": NOBODY,
        "canary_url": "off",  # it would be in every test's way; tests/oncall/test_canary.py has it on
        "database_url": database_url,
        "demo": True,
        "log_level": "WARNING",
    }
    return Settings(_env_file=None, **usual | more)


def pytest_collection_finish() -> None:
    spare_the_collector()


def _prepare(url: str) -> None:
    app = create_app(settings_for(url), World(clock=Clock(NIGHT)))
    result = app.test_cli_runner().invoke(args=["desk", "demo"])
    assert result.exit_code == 0, result.output
    let_go(app)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"), _prepare)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    with postgres_server() as url, connected(url) as server:
        yield PostgresDatabases(url, server, _prepare)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with the cast in it; every test that stores something runs on both engines."""
    name = "sqlite_files" if request.param == "sqlite" else "postgres_databases"
    with request.getfixturevalue(name).copy(tmp_path) as url:
        yield url


@pytest.fixture(autouse=True)
def nothing_failed(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A caller who is helped out of a failure has not noticed it; a test has."""
    yield
    if not request.node.get_closest_marker("fails_on_purpose"):
        errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
        assert not errors, [record.getMessage() for record in errors]


@pytest.fixture
def clock() -> Clock:
    return Clock(NIGHT)


@pytest.fixture
def rest(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rest]:
    """The carrier's REST API on a loopback port; what it was asked is held to Twilio's own description."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = create_rest(ACCOUNT, TOKEN, clock)
    made.account.add_number(LINE)
    with serve(made) as made.config["BASE"]:
        yield made
    if description.SPEC.exists():
        description.hold(made)


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application; it has a carrier where the test asks for `rest`."""
    api = request.getfixturevalue("rest").config["BASE"] if "rest" in request.fixturenames else NOBODY
    settings = settings_for(database_url, twilio_api=api, recordings_dir=tmp_path / "recordings")
    made = create_app(settings, World(clock, Random(1)))
    yield made
    let_go(made)


@pytest.fixture
def another(database_url: str, clock: Clock) -> Iterator[Callable[..., Flask]]:
    """Makes further applications on the same database, with other settings."""
    made: list[Flask] = []

    def make(**settings: object) -> Flask:
        made.append(create_app(settings_for(database_url).model_copy(update=settings), World(clock, Random(1))))
        return made[-1]

    yield make
    for one in made:
        let_go(one)


@pytest.fixture
def shut(another: Callable[..., Flask]) -> Flask:
    """The application as it runs for real: no demonstration, so people sign in."""
    return another(demo=False)


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["database"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def network(app: Flask, clock: Clock) -> Network:
    return network_of(app, clock)


@pytest.fixture
def office(app: Flask, clock: Clock) -> Office:
    """The office whose rota tests change, on a Sunday night in November."""
    from office import Office

    return Office(app, clock)


@pytest.fixture
def proved(office: Office) -> Office:
    """The same where everybody who may be rung has proved their number."""
    office.prove("thandi", "pieter", "lerato", "naledi")
    return office


def network_of(app: Flask, clock: Clock, **quirks: object) -> Network:
    """A telephone network that rings this application."""
    settings = app.extensions["settings"]
    with app.extensions["database"].reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    network = Network(
        WsgiWeb(app),
        clock,
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        captions=playing.captions(app.extensions["addresses"], app.extensions["exchange"].boards, clock),
        names={engineer.phone: engineer.name for engineer in board.engineers.values() if engineer.phone},
        **quirks,
    )
    for number in board.lines:
        network.connect_number(number, f"{ORIGIN}/voice/incoming", f"{ORIGIN}/voice/fallback", f"{ORIGIN}/voice/status")
    return network
