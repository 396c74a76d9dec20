"""Erasure: afterwards no table, file, log or index holds somebody's name, number or address, and sums still add up."""

from __future__ import annotations

import base64
import quopri
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from desk.audit import Entry, What, Who
from desk.db import Base
from sla.worklog import Work
from somebody import FATIMA, HER_NUMBER, HERS, HIS, NAME, SHORT, SIPHO, SPELLED, World, files_in, found
from tickets.privacy import asked, compact, erasure
from tickets.privacy.asked import Erasure
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
TRACES = (NAME, SHORT, FATIMA, HER_NUMBER, HER_NUMBER[3:], *SPELLED, HERS)


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def rows(database: Database) -> list[tuple[str, bytes]]:
    """Every row of every table, as bytes; raw mails decoded as well."""
    told = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                told.append((table.name, repr(tuple(row)).encode()))
                for value in row:
                    if isinstance(value, bytes):
                        told.append((table.name, quopri.decodestring(value)))
                        told += [(table.name, decoded(part)) for part in value.split(b"\r\n\r\n")]
    return told


def decoded(part: bytes) -> bytes:
    try:
        return base64.b64decode(part, validate=False)
    except ValueError:
        return b""


def stored(database: Database, folder: Path) -> list[tuple[str, bytes]]:
    """Every byte that the database keeps: SQLite's file and log, or PostgreSQL's tables and indexes."""
    if database.engine.dialect.name == "sqlite":
        return [(name, content) for name, content in files_in(folder) if ".db" in name]
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        names = text("SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relpersistence = 'p'")
        paths = connection.execute(names).all()
        read = text("SELECT pg_read_binary_file(:path)")
        return [(name, connection.scalar(read, {"path": path})) for name, path in paths if path]


def sums(database: Database) -> list[tuple[object, ...]]:
    """What statements are made of."""
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(Work.__table__).order_by(Work.id))]


def test_afterwards_no_table_file_or_index_holds_them(world: World, tmp_path: Path):
    before = rows(world.database)
    assert {mark for _, mark in found(before, *TRACES)} >= {NAME, FATIMA, HER_NUMBER, HERS}
    world.erased(NALEDI)
    world.post.settle()
    assert found(rows(world.database), *TRACES) == []
    compact.compact(world.database, world.clock())
    assert found(stored(world.database, tmp_path), *TRACES) == []
    assert found(files_in(tmp_path / "recordings"), *TRACES, "her voice") == [
        (name, "her voice") for name, _ in files_in(tmp_path / "recordings")
    ]
    assert len(files_in(tmp_path / "recordings")) == 1
