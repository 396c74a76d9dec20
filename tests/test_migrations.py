"""Migrations from nothing give what the models describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import column, table

from desk import migrate
from desk.db import Database
from oncall import roster

if TYPE_CHECKING:
    from pathlib import Path


def test_the_migrations_equal_the_models(database: Database):
    assert migrate.differences(database.engine) == []


def test_there_is_one_head(database: Database):
    with database.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(migrate.config(connection)).get_heads()) == 1


def test_upgrading_again_changes_nothing(database: Database):
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []


def test_a_rota_of_the_first_release_becomes_its_first_version(tmp_path: Path):
    whole = Database(f"sqlite:///{tmp_path}/old.db")
    plain = {"rota_id": 1, "starts": "2026-01-05 08:30:00.000000", "turn_days": 7, "zone": "Africa/Johannesburg"}
    people = {"members": '["thandi"]'}
    with whole.engine.execution_options(writes=True).begin() as connection:
        command.upgrade(migrate.config(connection), "0001")
        for number, name in ((1, "Standby"), (2, "Empty")):
            connection.execute(table("rota", column("id"), column("name")).insert(), {"id": number, "name": name})
        for layer, name, windows in ((2, "Second", "[]"), (1, "First", '[["Fri 17:00", "Mon 08:30"]]')):
            row = plain | people | {"layer": layer, "name": name, "windows": windows}
            connection.execute(table("rotation", *map(column, row)).insert(), row)
    migrate.upgrade(whole.engine)
    with whole.reading() as session:
        standby, empty = roster.rotas(session)
        assert (empty.head.number, empty.head.draft.layers) == (1, ())
        first, second = standby.head.draft.rotations()
        assert [layer.name for layer in standby.head.draft.layers] == ["layer 1", "layer 2"]
        assert (first.name, first.hours, second.name, second.hours) == (
            "First",
            ("Fri 17:00 to Mon 08:30",),
            "Second",
            (),
        )
        assert (standby.head.draft.zone, first.zone, first.members) == ("Africa/Johannesburg", "", ("thandi",))
        assert [duty.engineer for duty in roster.plans(session)["Standby"].who(standby.head.since)] == []
    whole.engine.dispose()
