"""Migrations: bring a database to the models of this release (Alembic), and tell whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing, in one transaction where the database can."""
    with engine.execution_options(writes=True).begin() as connection:
        command.upgrade(config(connection), "head")


def config(connection: Connection) -> Config:
    """Alembic's configuration for a connection of ours."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


def differences(engine: Engine) -> list[object]:
    """What the models have and the database has not, or the other way round; empty when they are equal."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def is_empty(engine: Engine) -> bool:
    """Whether no migration was ever applied."""
    return not inspect(engine).has_table("alembic_version")
