"""Migrations from nothing give what the models describe, and what an older release has stored goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, select, text

from desk import migrate
from desk.db import Base
from ivr.call import Call, Leg
from ivr.switchboard import Switchboards
from tickets.privacy.brooms import BROOMS
from tickets.privacy.places import PLACES

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Inspector

    from desk.db import Database
    from oncall.plan import Plan

SINCE = datetime(2026, 11, 2, 8, 30)  # noqa: DTZ001 - wall time, a Monday
WEEKLY = {"starts": SINCE, "turn_days": 7, "zone": "Africa/Johannesburg", "windows": []}
ROTATIONS = [
    WEEKLY | {"layer": 1, "name": "weekends", "members": ["sipho"], "windows": [["Fri 17:00", "Mon 08:30"]]},
    WEEKLY | {"layer": 2, "name": "first line", "members": ["thandi", "pieter"]},
    WEEKLY | {"layer": 3, "name": "first line", "members": ["lerato"], "ends": datetime(2026, 12, 7, 8, 30)},  # noqa: DTZ001
]  # fmt: skip

A_CALL = """
INSERT INTO ticket (reference, state, priority, subject, opened_at)
VALUES ('123456789', 'open', 'normal', 'Till down', '2026-11-03 10:00:00');
INSERT INTO "call" (sid, line_id, ticket_id, opened_ticket_id, language, started_at, last_heard_at)
SELECT 'CA1', min(line.id), max(ticket.id), max(ticket.id), 'en', max(opened_at), max(opened_at) FROM line, ticket;
INSERT INTO leg (sid, call_sid, status, sequence) VALUES ('CA2', 'CA1', 'completed', 3)
"""


def test_the_migrations_equal_the_models(database: Database):
    assert migrate.differences(database.engine) == []


def test_whatever_refers_to_what_is_deleted_by_itself_has_an_index_to_be_found_by(database: Database):
    """Else each row that goes is looked for in the whole of another table, under the lock that callers wait for."""
    deleted = {one.__tablename__ for broom in BROOMS for one in (broom.key.class_, *(of for of, _ in broom.hangs([])))}
    deleted |= {name for name, place in PLACES.items() if place.goes}
    refer = [
        key for table in Base.metadata.sorted_tables for key in table.foreign_keys if key.column.table.name in deleted
    ]
    assert len(refer) > 25
    stored = inspect(database.engine)
    found = {key: _leading(stored, key.parent.table.name) for key in refer}
    assert [str(key.parent) for key, leading in found.items() if key.parent.name not in leading] == []


def test_a_reference_is_found_by_its_index_on_sqlite_too_where_only_some_rows_have_one(database: Database):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the statements that SQLite makes of a foreign key")
    with database.reading() as session:
        for table, column in (("arrival", "event_id"), ("call", "contact_id"), ("ticket", "contact_id")):
            plan = session.execute(
                text(f'EXPLAIN QUERY PLAN SELECT 1 FROM "{table}" WHERE {column} = :key'),  # noqa: S608 - our own names
                {"key": 1},
            )
            assert f"ix_{table}_{column}" in str(plan.all())


def test_there_is_one_head(database: Database):
    with database.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(migrate.config(connection)).get_heads()) == 1


def test_upgrading_again_changes_nothing(database: Database):
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []


def test_a_rota_without_versions_goes_on_as_its_first_version(database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        command.downgrade(migrate.config(connection), "0002")
        stored = _store_rotations_without_versions(connection)
    migrate.upgrade(database.engine)
    assert migrate.differences(database.engine) == []
    plan = _plan(database, stored)
    assert [_first(plan, day) for day in (3, 8, 10)] == ["thandi", "sipho", "pieter"]
    names = [one.name for layer in plan.at(datetime(2026, 11, 3, tzinfo=UTC)).layers for one in layer.rotations]
    assert names == ["weekends", "first line", "first line, layer 3"]
    assert [duty.engineer for duty in plan.who(datetime(2026, 12, 8, tzinfo=UTC))] == ["pieter"]
    assert plan.edition(datetime(2026, 11, 3, tzinfo=UTC)).number == 1


def test_a_call_of_the_first_release_stays(database: Database):
    with database.engine.execution_options(writes=True).begin() as connection:
        command.downgrade(migrate.config(connection), "0001")
        for statement in A_CALL.split(";"):
            connection.execute(text(statement))
    migrate.upgrade(database.engine)
    with database.reading() as session:
        assert session.get_one(Leg, "CA2").call_sid == session.get_one(Call, "CA1").sid


def _leading(stored: Inspector, table: str) -> set[str]:
    """The columns by which rows of a table are found, whatever else a condition of an index says of them."""
    found = {stored.get_pk_constraint(table)["constrained_columns"][0]}
    found |= {one["column_names"][0] for one in stored.get_unique_constraints(table)}
    for one in stored.get_indexes(table):
        where = next((str(said) for name, said in one["dialect_options"].items() if name.endswith("_where")), "")
        column = str(one["column_names"][0])
        if not where or f"{column} IS NOT NULL" in where:
            found.add(column)
    return found


def _store_rotations_without_versions(connection: Connection) -> str:
    rotation, rota = (Table(name, MetaData(), autoload_with=connection) for name in ("rotation", "rota"))
    first = connection.execute(select(rota.c.id, rota.c.name).order_by(rota.c.id)).first()
    assert first
    for row in ROTATIONS:
        connection.execute(rotation.insert(), {"ends": None, "rota_id": first.id} | row)
    return first.name


def _plan(database: Database, name: str) -> Plan:
    with database.reading() as session:
        return Switchboards().current(session).rotas[name]


def _first(plan: Plan, day: int) -> str:
    return plan.who(datetime(2026, 11, day, 10, tzinfo=UTC))[0].engineer
