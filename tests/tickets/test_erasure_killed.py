"""Whoever is killed over and over in an erasure, or has to wait for a lock, leaves nothing that another cannot do."""

from __future__ import annotations

import os
import signal
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from desk.audit import Who
from desk.db import Database, is_locked
from somebody import FATIMA, HER_NUMBER, HERS, NAME, SHORT, SPELLED, World, files_in, found
from stored_rows import rows
from tickets.people import Contact
from tickets.privacy import asked, commands, erasure, person
from tickets.privacy.asked import Erasure
from tickets.privacy.erasure import Tools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from simulator.clock import Clock

FURTHER = 5  # commits, that each process comes before it is killed
NALEDI = Who("Naledi Dlamini", "127.0.0.1")
TRACES = (NAME, SHORT, FATIMA, HER_NUMBER, HER_NUMBER[3:], *SPELLED, HERS)


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def killed(database_url: str, number: int, work: Callable[[Database], object]) -> bool:
    """Whether a process of its own that does this work was killed, just before its commit of that number.

    After one commit and before the next is the same place: what happens in between is gone with the process.
    """
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    try:
        database, commits = Database(database_url), count(1)
        event.listen(database.engine, "commit", lambda _: _die() if next(commits) == number else None)
        work(database)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_over_and_over_between_its_commits_it_comes_to_the_same_end(
    world: World, database_url: str, tmp_path: Path
):
    def begin(database: Database) -> None:
        secret = world.app.extensions["settings"].secret_key
        database.write(
            lambda session: asked.begin(session, person.of(session, [key]), NALEDI, "", secret, world.clock())
        )

    def go_on(database: Database) -> None:
        erasure.go_on(Tools(database, world.tools.shelf, world.clock), number, lambda: False)

    key = world.key()
    assert killed(database_url, 1, begin)
    assert begun(world) == []
    assert not killed(database_url, 2, begin)
    (number,) = begun(world)
    world.clock.advance(300)
    commits = 0
    assert killed(database_url, 1, go_on)
    while killed(database_url, 1 + FURTHER, go_on):
        commits += FURTHER
    assert commits >= len(erasure.steps()) - FURTHER
    assert found(rows(world.database), *TRACES) == []
    assert len(files_in(tmp_path / "recordings")) == 1
    with world.database.reading() as session:
        assert session.get_one(Erasure, number).erased_at
        assert session.scalar(select(func.count()).select_from(asked.Item)) == 0


def begun(world: World) -> list[int]:
    with world.database.reading() as session:
        return list(session.scalars(select(Erasure.id)))


def test_a_row_that_somebody_else_holds_is_waited_for(world: World, database_url: str):
    number, impatient = world.asked(NALEDI), Database(database_url, wait=0.2)
    tools = Tools(impatient, world.tools.shelf, world.clock)
    with world.database.writing() as session:
        session.execute(update(Contact).values(language=Contact.language))
        with pytest.raises(OperationalError) as waited:
            erasure.look(tools, lambda: False) and [erasure.look(tools, lambda: False) for _ in range(50)]
        assert is_locked(waited.value)
    impatient.engine.dispose()
    world.goes_on(number)
    assert found(rows(world.database), *TRACES) == []


def test_somebody_at_the_terminal_is_told_that_a_worker_goes_on(
    world: World, database_url: str, capsys: pytest.CaptureFixture[str]
):
    """The lock is not given in time: what was asked for is asked for."""
    number, held, impatient = world.asked(NALEDI), world.app.extensions, Database(database_url, wait=0.2)
    with world.database.writing() as session:
        session.execute(update(Contact).values(language=Contact.language))
        held["patient_database"], patient = impatient, held["patient_database"]
        with world.app.app_context():
            commands.go_on(number)
        held["patient_database"] = patient
    impatient.engine.dispose()
    assert capsys.readouterr().out == (
        f"Erasure {number} has begun, and a worker goes on with it: somebody else is at the database.\n"
    )
