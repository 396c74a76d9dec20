"""What is the same for every application is worked out once in a process, as in a server, which has one of them.

Each test has an application and a database of its own. Half of what they cost is no part of what is tested: how a
statement is written in SQL, how the address of a route is put together, what a template is in Python.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from jinja2.bccache import Bucket

STATEMENTS = 20_000  # more than all tests have, or they would push each other out


def compile_once() -> None:
    """From now on, in this process; what is kept is a function of the statement, the route or the template alone."""
    _statements()
    _routes()
    Flask.jinja_options = {"bytecode_cache": _Templates()}


def spare_the_collector() -> None:
    """What has been imported and collected stays to the end: garbage is looked for among what tests make."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _statements() -> None:
    # SQLAlchemy keeps what it has compiled by engine and dialect. Here all of a kind are one, whatever they connect to.
    made = LRUCache[Any, Any](STATEMENTS)
    Engine._compiled_cache = property(lambda _: made, lambda *_: None)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = lambda one, other: type(one) is type(other)
        kind.__hash__ = lambda one: hash(type(one))


def _routes() -> None:
    # Werkzeug writes, compiles and runs two functions in Python for each route of each application.
    made: dict[object, Callable[..., tuple[str, str]]] = {}
    write = Rule._compile_builder

    def write_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:  # they are turned into text by converters of their own
            return write(rule, append_unknown)
        key = rule.rule, tuple(rule._trace), append_unknown
        if key not in made:
            made[key] = write(rule, append_unknown)
        return made[key]

    Rule._compile_builder = write_once


class _Templates(FileSystemBytecodeCache):
    """Compiled templates, by name, file and text; those of the last run are on the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.made.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            super().load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        self._keep(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.made[bucket.key, bucket.checksum] = bucket.code
