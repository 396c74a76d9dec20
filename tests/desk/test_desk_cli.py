"""The commands of the desk: what they print, what they store, and that bad input gets a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import World, create_app
from conftest import settings_for
from databases import let_go
from desk.db import set_up_version
from ivr.switchboard import build
from sla.hours import Switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from desk.db import Database
    from ivr.switchboard import Switchboard
    from simulator.clock import Clock

LINE = "+27878090263"
NOON = datetime(2026, 11, 22, 10, tzinfo=UTC)  # on the Sunday at whose 02:00 the clock stands


def say(app: Flask, *words: str) -> str:
    """What a command prints when all is well."""
    result = app.test_cli_runner().invoke(args=["desk", *words])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.strip()


def refuse(app: Flask, *words: str) -> str:
    """What a command says when it cannot: a sentence, never a traceback."""
    result = app.test_cli_runner().invoke(args=["desk", *words])
    assert isinstance(result.exception, SystemExit)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr.strip()


def board(database: Database) -> Switchboard:
    with database.reading() as session:
        return build(session, set_up_version(session))


@pytest.fixture
def empty(tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    made = create_app(settings_for(f"sqlite:///{tmp_path}/empty.db"), World(clock))
    yield made
    let_go(made)


@pytest.mark.parametrize("words", [("list",), ("load", "x.yaml"), ("force", "open"), ("unblock", "0825550999")])
def test_an_empty_database_says_how_to_begin(empty: Flask, words: tuple[str, ...]):
    begin = "The database is empty. Run `flask --app app desk demo` or `flask --app app desk migrate` first."
    assert refuse(empty, *words) == f"Error: {begin}"


def test_migrate_then_demo_then_demo(empty: Flask):
    assert say(empty, "migrate") == "The database has the tables of this release."
    assert "added line +27878090263" in say(empty, "demo")
    assert say(empty, "demo") == "added 0 public holidays\nnothing to change"


def test_a_database_that_does_not_answer(tmp_path: Path, clock: Clock):
    (tmp_path / "no.db").mkdir()
    made = create_app(settings_for(f"sqlite:///{tmp_path}/no.db"), World(clock))
    assert refuse(made, "list") == "Error: The database does not answer: unable to open database file"


def test_load_prints_what_changed_or_every_fault(app: Flask, tmp_path: Path):
    file = tmp_path / "blocked.csv"
    file.write_text("number,reason\n082 555 0666,silent\n")
    assert say(app, "load", str(file)) == "added blocked number +27825550666"
    assert say(app, "load", str(file)) == "nothing to change"
    file.write_text("number,reason\n082,silent\n083,\n")
    assert refuse(app, "load", str(file)).splitlines() == [
        f"{file} line 2: number: '082' is not a telephone number",
        f"{file} line 3: number: '083' is not a telephone number",
        f"{file} line 3: reason: is missing",
        "Nothing was loaded.",
    ]


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("staff", "thandi   Thandi Nkosi    engineer  082 555 0101  thandi@protea-it.example"),
        (
            "customers",
            "karoo      Karoo Clinic     Sister Fatima Adams  082 555 0201  fatima.adams@karoo-clinic.example",
        ),
        (
            "contracts",
            "Karoo Clinic     1        2026-01-01  24-hour cover       asked    included: office, weekday after",
        ),
        ("lines", "087 809 0263  Protea IT Support  en         Office  Office      Emergency"),
        ("rotas", "Standby  1      First     thandi, pieter, lerato  every 7 days from 2025-12-15 08:30 Africa/Joh"),
        ("policies", "Emergency  Standby place 0, then Standby place 1, then naledi  2       20 s"),
        ("hours", "Office  Africa/Johannesburg  Mon 08:30-17:00, Tue 08:30-17:00, Wed 08:30-17:00"),
        ("holidays", "2026-11-04  Wed  Local Government Elections"),
    ],
)
def test_list_one_part(app: Flask, what: str, row: str):
    printed = say(app, "list", what).splitlines()
    assert printed[0].isupper()
    assert [line for line in printed if line.startswith(row)]


def test_list_everything_but_the_holidays(app: Flask):
    say(app, "block", "082 555 0666", "--reason", "silent calls")
    printed = say(app, "list")
    assert printed.count("\n\n") == 6
    assert "082 555 0666  blocked: silent calls" in printed
    assert "Christmas" not in printed


def test_force_closed_until_a_local_time_and_back(app: Flask, database: Database):
    said = say(app, "force", "open", "--line", "087 809 0263", "--until", "2026-11-22T12:00", "--reason", "Storm")
    assert said == "087 809 0263 is forced open until 2026-11-22T12:00"
    calendar = board(database).lines[LINE].actual
    assert (calendar.is_open(NOON.replace(hour=9)), calendar.is_open(NOON)) == (True, False)
    assert say(app, "force", "regular") == "087 809 0263 follows its regular hours from now on"
    assert not board(database).lines[LINE].actual.is_open(NOON.replace(hour=9))
    with database.reading() as session:
        assert session.scalars(select(Switch.reason)).one() == "Storm"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "tomorrow"], "'tomorrow' is not a time such as 2026-11-22T02:00"),
        (["--until", "2026-11-22T01:59"], "2026-11-22T01:59 is past: it is 2026-11-22T02:00 in Africa/Johannesburg"),
        (["--line", "087"], "'087' is not a telephone number"),
        (["--line", "0825550101"], "082 555 0101 is no line of ours; there are: 087 809 0263"),
    ],
)
def test_force_refuses(app: Flask, database: Database, words: list[str], said: str):
    assert refuse(app, "force", "closed", *words) == f"Error: {said}"
    with database.reading() as session:
        assert session.scalars(select(Switch)).all() == []


def test_force_asks_which_of_several_lines(app: Flask, tmp_path: Path):
    file = tmp_path / "lines.csv"
    file.write_text("number,company,hours,hunt_group,policy\n0878090264,Second,Office,Office,Emergency\n")
    say(app, "load", str(file))
    lines = "087 809 0263, 087 809 0264"
    assert refuse(app, "force", "closed") == f"Error: say which line with --line; there are: {lines}"


def test_block_and_unblock(app: Flask, database: Database):
    assert say(app, "block", "0825550999", "--reason", "robocalls") == "082 555 0999 is blocked"
    assert say(app, "block", "0825550999", "--reason", "robocalls again") == "082 555 0999 is blocked"
    assert board(database).blocked == {"+27825550999"}
    assert say(app, "unblock", "082 555 0999") == "082 555 0999 is answered again"
    assert refuse(app, "unblock", "082 555 0999") == "Error: 082 555 0999 is not blocked"
    assert refuse(app, "block", "no", "--reason", "x") == "Error: 'no' is not a telephone number"
    assert board(database).blocked == frozenset()
