"""Commands for people on duty: prove an engineer's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import or_, select

from desk import audit
from desk.audit import What
from desk.staff import Staff
from desk.terminal import now, typist
from oncall import verification

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboard


@click.command()
@click.argument("name")
@click.option("--code", help="The code that was texted; without it one is sent.")
@with_appcontext
def verify(name: str, code: str | None) -> None:
    """Prove that an engineer's number is theirs: text a code to it, then run again with --code."""
    held = current_app.extensions
    database: Database = held["patient_database"]
    try:
        if code is None:
            database.write(lambda session: _begin(session, name))
            click.echo("A code is on its way; the worker sends it. Run this again with --code within ten minutes.")
        elif database.write(lambda session: _prove(session, name, code)):
            click.echo("The number is proved.")
        else:
            raise click.ClickException("That is not the code, or it has expired; send a new one.")
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _begin(session: Session, name: str) -> None:
    held = current_app.extensions
    board: Switchboard = held["exchange"].boards.current(session)
    line = next(iter(board.lines.values()), None)
    if line is None:
        raise LookupError("no line is set up to send it from")
    staff, dice = _staff(session, name), held["exchange"].dice
    verification.begin(session, staff, line.number, line.company, dice, now())
    audit.tell(session, typist(), What.CODE_SENT, staff.name, now())


def _prove(session: Session, name: str, code: str) -> bool:
    staff = _staff(session, name)
    if right := verification.prove(session, staff, code, now()):
        audit.tell(session, typist(), What.NUMBER_PROVED, staff.name, now())
    return right


def _staff(session: Session, name: str) -> Staff:
    found = session.scalars(select(Staff).where(or_(Staff.key == name, Staff.name == name), Staff.active)).one_or_none()
    if found is None:
        raise LookupError(f"nobody is called {name!r}")
    return found
