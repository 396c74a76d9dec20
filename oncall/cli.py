"""Commands for people on duty: prove an engineer's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from desk import numbers
from desk.frame import written
from desk.staff import called
from desk.terminal import typist
from ivr import proof
from oncall import verification
from oncall.verification import Way

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.switchboard import Switchboard

TEXTED = "A code is on its way; the worker sends it. Run this again with --code within ten minutes."
RINGS = "The worker has it rung. Whoever answers presses 1; --state tells what came of it."


@click.command()
@click.argument("name")
@click.option("--code", help="The code that was texted; without it one is sent.")
@click.option("--call", "by_call", is_flag=True, help="Ring the number instead: whoever answers presses 1.")
@click.option("--state", is_flag=True, help="Ask nothing, only tell whether the number is proved.")
@with_appcontext
def verify(name: str, code: str | None, by_call: bool, state: bool) -> None:
    """Prove an engineer's number: text a code to it and run again with --code, or have it rung with --call."""
    if (code is not None) + by_call + state > 1:
        raise click.UsageError("take one of --code, --call and --state")
    database: Database = current_app.extensions["patient_database"]
    try:
        if state:
            with database.reading() as session:
                click.echo(_standing(session, name))
        elif code is None:
            database.write(lambda session: _ask(session, name, by_call))
            click.echo(RINGS if by_call else TEXTED)
        elif database.write(lambda session: _prove(session, name, code)):
            click.echo("The number is proved.")
        else:
            raise click.ClickException("That is not the code, or it has expired; send a new one.")
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _ask(session: Session, name: str, by_call: bool) -> None:
    held, staff = current_app.extensions, called(session, name)
    way, now = Way.CALL if by_call else Way.TEXT, held["clock"]()
    proof.ask(session, _board(session), staff, way, held["exchange"].dice, now, typist())


def _prove(session: Session, name: str, code: str) -> bool:
    return proof.prove(session, called(session, name), code, current_app.extensions["clock"](), typist())


def _standing(session: Session, name: str) -> str:
    staff, now = called(session, name), current_app.extensions["clock"]()
    zone = next((line.zone for line in _board(session).lines.values()), "UTC")
    said = verification.standing(session, staff, lambda at: written(at, zone, now))
    return f"{staff.name}, {numbers.shown(staff.phone) if staff.phone else 'no number'}: {said}."


def _board(session: Session) -> Switchboard:
    board: Switchboard = current_app.extensions["exchange"].boards.current(session)
    return board
