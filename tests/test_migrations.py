"""Migrations from nothing give what the models describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script import ScriptDirectory

from desk import migrate

if TYPE_CHECKING:
    from desk.db import Database


def test_the_migrations_equal_the_models(database: Database):
    assert migrate.differences(database.engine) == []


def test_there_is_one_head(database: Database):
    with database.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(migrate.config(connection)).get_heads()) == 1


def test_upgrading_again_changes_nothing(database: Database):
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []
