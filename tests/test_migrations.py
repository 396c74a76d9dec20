"""Migrations from nothing give what the models describe, and what an older release has stored goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from desk import migrate
from ivr.call import Call, Leg

if TYPE_CHECKING:
    from desk.db import Database

A_CALL = """
INSERT INTO ticket (reference, state, priority, subject, opened_at)
VALUES ('123456789', 'open', 'normal', 'Till down', '2026-11-03 10:00:00');
INSERT INTO "call" (sid, line_id, ticket_id, opened_ticket_id, language, started_at, last_heard_at)
SELECT 'CA1', min(line.id), max(ticket.id), max(ticket.id), 'en', max(opened_at), max(opened_at) FROM line, ticket;
INSERT INTO leg (sid, call_sid, status, sequence) VALUES ('CA2', 'CA1', 'completed', 3)
"""


def test_the_migrations_equal_the_models(database: Database):
    assert migrate.differences(database.engine) == []


def test_there_is_one_head(database: Database):
    with database.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(migrate.config(connection)).get_heads()) == 1


def test_upgrading_again_changes_nothing(database: Database):
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []


def test_a_call_of_the_first_release_stays(database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        command.downgrade(migrate.config(connection), "0001")
        for statement in A_CALL.split(";"):
            connection.execute(text(statement))
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []
    with database.reading() as session:
        assert session.get_one(Leg, "CA2").call_sid == session.get_one(Call, "CA1").sid
