"""The commands of a person's rights, as somebody types them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from somebody import FATIMA, NAME, World
from tickets.privacy import erasure

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from simulator.clock import Clock


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def typed(world: World, *words: str, status: int = 0) -> str:
    result = world.app.test_cli_runner().invoke(args=["privacy", *words])
    assert result.exit_code == status, result.output
    return result.output


def test_from_looking_somebody_up_to_the_last_byte(world: World, tmp_path: Path):
    assert f"{NAME}, Karoo Clinic" in typed(world, "find", "adams")
    assert "tickets                             5" in typed(world, "show", world.key())
    file = tmp_path / "hers.zip"
    typed(world, "export", world.key(), "--to", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "everything.html" in ZipFile(file).namelist()
    told = typed(world, "erase", world.key(), "--why", "She asked on Monday", "--yes")
    assert told.endswith(
        "a worker goes on with it: what was under way when it was asked for is waited for, for five "
        "minutes, and then looked for once more.\n"
    )
    world.clock.advance(300)
    while erasure.look(world.tools, lambda: False):
        pass
    assert "the database is not compacted yet: She asked on Monday" in typed(world, "erasures")
    assert typed(world, "compact") == "The database is compacted, for 1 erasures.\n"
    assert "erased: She asked on Monday" in typed(world, "erasures")


def test_what_names_nobody_is_told_in_a_sentence(world: World):
    assert "Nobody is known by that." in typed(world, "find", "zebra", status=1)
    assert "there is no contact 999" in typed(world, "show", "contact-999", status=1)
    assert "ask for them by that" in typed(world, "erase", FATIMA, "--why", "x", "--yes", status=1)


def test_a_no_changes_nothing(world: World):
    world.app.test_cli_runner().invoke(args=["privacy", "erase", world.key(), "--why", "x"], input="n\n")
    assert NAME in typed(world, "find", "adams")
