"""What every command of a terminal needs: the database or a sentence why there is none, the time, and who types."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from flask import current_app
from sqlalchemy.exc import OperationalError

from desk.audit import Who
from desk.migrate import is_empty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from desk.db import Database

EMPTY = "The database is empty. Run `flask --app app desk demo` or `flask --app app desk migrate` first."

INSIST = 'Callers might reach nobody. If it is right all the same, name the reason: --anyway "REASON".'


def database() -> Database:
    """The database, if it has tables; otherwise the sentence that says how to get some."""
    whole = reachable()
    if is_empty(whole.engine):
        raise click.ClickException(EMPTY)
    return whole


def reachable() -> Database:
    """The database, with or without tables."""
    # The patient one: nobody is on the telephone while a command waits for a lock.
    whole: Database = current_app.extensions["patient_database"]
    try:
        whole.engine.connect().close()
    except OperationalError as error:
        raise click.ClickException(f"The database does not answer: {error.orig}") from None
    return whole


def now() -> datetime:
    """The time."""
    at: datetime = current_app.extensions["clock"]()
    return at


def typist() -> Who:
    """Whoever types, for the audit."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run us as a number without a name
        user = "somebody"
    return Who(user, "terminal")


@contextmanager
def errors_told() -> Iterator[None]:
    """What the arithmetic refuses, as a sentence instead of a traceback."""
    try:
        yield
    except (ValueError, LookupError, PermissionError) as error:
        raise click.ClickException(str(error)) from None
