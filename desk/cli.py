"""Commands for whoever runs the installation: migrate, load, list, and the switches of a bad day."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from desk import audit, listing, numbers, when
from desk.audit import What
from desk.migrate import upgrade
from desk.setup.load import load as load_files
from desk.setup.sheets import SetUpFaults
from desk.terminal import INSIST, database, errors_told, now, reachable, typist
from ivr.line import BlockedNumber, Line
from ivr.past.moving import SomebodyLives
from sla import holidays
from sla.hours import Forced
from sla.hours_change import force as throw_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.past.pasts import Pasts

DEMO = Path(__file__).parent / "demo"
HISTORY = DEMO / "history" / "customers.yaml"
AGAIN = "the demonstration is set up again"

desk = AppGroup("desk", help="Set up the line: staff, customers, hours, rotas; force it open or closed.")


@desk.command()
def migrate() -> None:
    """Bring the database to the tables of this release."""
    upgrade(reachable().engine)
    click.echo("The database has the tables of this release.")


@desk.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--anyway", default="", metavar="REASON", help="Why a rota that is unsafe is right all the same.")
def load(files: tuple[Path, ...], anyway: str) -> None:
    """Load set-up files, YAML or CSV: all of them, or, if anything is wrong, nothing."""
    _load(database(), files, anyway)


@desk.command()
@click.option("--history", is_flag=True, help="Also three months of life before now; only where nothing has happened.")
def demo(history: bool) -> None:
    """Set up a small company to try the line with; safe to run again."""
    whole = reachable()
    upgrade(whole.engine)
    seeded = whole.write(lambda session: len(holidays.seed(session, now())))
    click.echo(f"added {seeded} public holidays")
    files = sorted(DEMO.glob("*.yaml"))
    _load(whole, files, AGAIN)
    if history:
        _live(whole, [*files, HISTORY])


def _live(whole: Database, files: Sequence[Path]) -> None:
    """Play the past beside the database, and move it there at the end: whoever stops this has changed nothing."""
    pasts: Pasts = current_app.extensions["pasts"]
    end = now()
    with pasts.lived(files, typist(), end) as life:
        try:
            with whole.reading() as session:
                pasts.check(session, life)
            with click.progressbar(length=life.seconds, label="Three months", file=sys.stderr) as bar:
                life.live(bar.update)
            rows = pasts.move(life, whole, typist())
        except SomebodyLives as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"three months of life until {end:%Y-%m-%d %H:%M} UTC: {rows} rows")


@desk.command("list")
@click.argument("what", required=False, type=click.Choice(list(listing.TABLES)))
def list_(what: str | None) -> None:
    """Show the set-up, or one part of it; the long list of holidays only when asked for."""
    parts = [what] if what else [part for part in listing.TABLES if part != "holidays"]
    with database().reading() as session:
        click.echo("\n\n".join(listing.table(session, part) for part in parts))


@desk.command()
@click.argument("state", type=click.Choice(["open", "closed", "regular"]))
@click.option("--line", "number", help="The number whose hours are meant; needless if there is only one.")
@click.option("--until", help="Local time of the line, such as 2026-11-22T17:00; without it, until further notice.")
@click.option("--reason", default="", help="Why, for whoever asks later.")
def force(state: str, number: str | None, until: str | None, reason: str) -> None:
    """Force a line open or closed, or let its regular hours decide again."""
    click.echo(database().write(lambda session: _force(session, state, number, until, reason)))


@desk.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why, for whoever asks later.")
def block(number: str, reason: str) -> None:
    """Reject calls from a number before they are answered."""
    with errors_told():
        e164 = numbers.parse(number)
    _change(lambda session: _block(session, e164, reason), What.NUMBER_BLOCKED, numbers.shown(e164), reason=reason)
    click.echo(f"{numbers.shown(e164)} is blocked")


@desk.command()
@click.argument("number")
def unblock(number: str) -> None:
    """Answer calls from a number again."""
    with errors_told():
        e164 = numbers.parse(number)
        _change(lambda session: session.delete(_blocked(session, e164)), What.NUMBER_UNBLOCKED, numbers.shown(e164))
    click.echo(f"{numbers.shown(e164)} is answered again")


def _change(change: Callable[[Session], object], what: What, about: str, **detail: str) -> None:
    """Make a change and put it into the audit, both or neither."""

    def work(session: Session) -> None:
        change(session)
        audit.tell(session, typist(), what, about, now(), **detail)

    database().write(work)


def _load(whole: Database, files: Sequence[Path], anyway: str) -> None:
    try:
        changes = whole.write(lambda session: _loaded(session, files, anyway))
    except SetUpFaults as error:
        click.echo(f"{error}\nNothing was loaded.", err=True)
        if all(fault.is_unsafe for fault in error.faults):
            click.echo(INSIST, err=True)
        raise click.exceptions.Exit(1) from None
    click.echo("\n".join(changes) or "nothing to change")


def _loaded(session: Session, files: Sequence[Path], anyway: str) -> list[str]:
    changes = load_files(session, files, now(), typist(), anyway)
    if changes:
        names = ", ".join(file.name for file in files)
        audit.tell(session, typist(), What.SET_UP_LOADED, names, now(), changes=changes)
    return changes


def _force(session: Session, state: str, number: str | None, until: str | None, reason: str) -> str:
    at = now()
    with errors_told():
        line = _line(session, number)
        end = _later(until, at, line.hours.zone) if until else None
    throw_switch(line.hours, None if state == "regular" else Forced(state), at, end, reason, typist().name)
    told = {"state": state, "until": until or "", "reason": reason}
    audit.tell(session, typist(), What.LINE_FORCED, numbers.shown(line.number), at, **told)
    how = "follows its regular hours" if state == "regular" else f"is forced {state}"
    return f"{numbers.shown(line.number)} {how} {f'until {until}' if until else 'from now on'}"


def _later(text: str, at: datetime, zone: str) -> datetime:
    then = when.instant(text, zone)
    if then <= at:
        raise ValueError(f"{text} is past: it is {at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M} in {zone}")
    return then


def _line(session: Session, number: str | None) -> Line:
    lines = {line.number: line for line in session.scalars(select(Line).order_by(Line.number))}
    there_are = ", ".join(map(numbers.shown, lines)) or "none"
    if number is None:
        if len(lines) != 1:
            raise LookupError(f"say which line with --line; there are: {there_are}")
        return next(iter(lines.values()))
    e164 = numbers.parse(number)
    if e164 not in lines:
        raise LookupError(f"{numbers.shown(e164)} is no line of ours; there are: {there_are}")
    return lines[e164]


def _block(session: Session, e164: str, reason: str) -> None:
    row = _row(session, e164) or BlockedNumber(number=e164)
    row.reason = reason
    session.add(row)


def _blocked(session: Session, e164: str) -> BlockedNumber:
    if row := _row(session, e164):
        return row
    raise LookupError(f"{numbers.shown(e164)} is not blocked")


def _row(session: Session, e164: str) -> BlockedNumber | None:
    return session.scalars(select(BlockedNumber).where(BlockedNumber.number == e164)).one_or_none()
