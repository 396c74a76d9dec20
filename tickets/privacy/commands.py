"""Commands of privacy: who somebody is to us, all that is kept of them, its erasure, and the files of the database."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from desk import terminal
from desk.db import is_locked
from desk.terminal import errors_told, now, typist
from tickets.privacy import compact as files
from tickets.privacy import desk, erasure, finding
from tickets.privacy.asked import Erasure, NotYet

privacy = AppGroup("privacy", help="What is kept of people.")
keys = click.argument("keys", nargs=-1, required=True, metavar="KEY...")


@privacy.command("find")
@click.argument("words")
def find(words: str) -> None:
    """Whom a name, number or address may mean, with the keys by which to ask for them."""
    with terminal.database().reading() as session:
        found = finding.look_for(session, words)
    if not found:
        raise click.ClickException("Nobody is known by that.")
    for one in found:
        click.echo(f"{one.key:<30} {one.name}{f', {one.customer}' if one.customer else ''}")


@privacy.command("show")
@keys
def show(keys: tuple[str, ...]) -> None:
    """How much is kept of somebody, by their keys: contact-12, a number or an address."""
    with errors_told():
        seen = desk.look_at(terminal.database(), keys, typist(), now())
    for name, count in seen.counts.items():
        click.echo(f"{name.replace('_', ' '):<35} {count}")
    for label, told in (("still open", seen.open), ("others have it too", seen.person.shared)):
        if told:
            click.echo(f"{label}: {', '.join(told)}")
    if seen.person.beside:
        click.echo(f"also told as theirs, name it to take it in: {', '.join(seen.person.beside)}")


@privacy.command("export")
@keys
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP to write.")
def export_(keys: tuple[str, ...], to: Path) -> None:
    """Write everything that is kept of somebody into a ZIP, for them."""
    with errors_told():
        whole = desk.export_of(terminal.database(), keys, typist(), now())
    with whole, os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as into:
        shutil.copyfileobj(whole, into)
    click.echo(f"{to}: hand it to them alone.")


@privacy.command("erase")
@keys
@click.option("--why", required=True, help="Who asked for it, how and when; without their name.")
@click.option("--close-tickets", is_flag=True, help="Close what is still open for them.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def erase(keys: tuple[str, ...], why: str, close_tickets: bool, yes: bool) -> None:
    """Erase somebody everywhere, and tell what was done; it cannot be taken back."""
    if not yes:
        click.confirm(f"Erase {', '.join(keys)} for good?", abort=True)
    with errors_told():
        number = desk.ask_for_erasure(terminal.database(), keys, typist(), why, now(), close=close_tickets)
    go_on(number)


@privacy.command("erasures")
def erasures() -> None:
    """What was erased when and why, of whom nobody knows any more."""
    with terminal.database().reading() as session:
        for one in desk.newest(session):
            state = "erased" if one.erased_at else "goes on"
            if one.erased_at and not one.compacted_at:
                state = "erased, the database is not compacted yet"
            click.echo(f"{one.id:>4}  {one.begun_at:%Y-%m-%d %H:%M}  {one.title}  {state}: {one.why}")


@privacy.command("compact")
def compact() -> None:
    """Write over what was erased in the files of the database too; nobody else can write meanwhile."""
    try:
        count = files.compact(terminal.database(), now())
    except files.Busy as error:
        raise click.ClickException(f"Somebody else is at the database ({error}). Try again.") from None
    click.echo(f"The database is compacted, for {count} erasures.")


def go_on(number: int) -> None:
    """Do what can be done of it at once, and tell it."""
    try:
        erasure.go_on(desk.tools(), number, lambda: False)
    except NotYet as error:
        click.echo(f"Erasure {number} has begun, and a worker goes on with it: {str(error).rstrip('.')}.")
        return
    except OperationalError as error:
        if not is_locked(error):
            raise
        click.echo(f"Erasure {number} has begun, and a worker goes on with it: somebody else is at the database.")
        return
    with terminal.database().reading() as session:
        done = session.get_one(Erasure, number)
    for name, count in done.counts.items():
        click.echo(f"{name:<30} {count}")
    for kept in done.kept.values():
        click.echo(f"kept: {kept}")
    click.echo(
        f"Erasure {number} is done. The files of the database are compacted by a worker, or by `privacy compact`."
    )
