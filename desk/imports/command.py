"""The command that imports customers, by the same look as the page."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from desk.customers.entries import Overtaken
from desk.imports import carrying, columns, table
from desk.imports.looking import look
from desk.terminal import database, errors_told, now, typist

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desk.imports.looking import Look, Outcome, Step
    from desk.imports.table import Table


@click.group("customers")
def customers() -> None:
    """Customers, their contacts and contracts, many at once."""


@customers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--without-refused", is_flag=True, help="Import the other rows although some cannot be.")
@with_appcontext
def import_(file: Path, dry_run: bool, without_refused: bool) -> None:
    """Take customers, contacts and contracts from a CSV FILE, by the rules of the page Import customers."""
    whole, at, who = database(), now(), typist()
    with errors_told():
        read = table.read(file.read_bytes())
        fields = columns.recognised(read.names)
        found = look(whole, read, fields, at, who)
    click.echo("\n".join(_told(read, fields, found)))
    if dry_run or not any(one.steps for one in found.outcomes):
        click.echo("Nothing was changed.")
        return
    if found.of("refused") and not without_refused:
        raise click.ClickException("Nothing was imported. Mend the refused rows, or import --without-refused.")
    try:
        whole.write(lambda session: carrying.carry_out(session, found, file.name, secrets.token_hex(4), who, at))
    except Overtaken:
        raise click.ClickException("Meanwhile somebody else changed customers. Nothing was imported.") from None
    click.echo("Imported.")


def _told(read: Table, fields: Sequence[str], found: Look) -> Iterator[str]:
    for name, field in zip(read.names, fields, strict=True):
        yield f"column {name}: {field or 'not used'}"
    yield from (f"line {one.line}: {_outcome(one)}" for one in found.outcomes if one.verb != "same")
    yield ", ".join(f"{number} {verb}" for verb, number in carrying.totals(found)["rows"].items())


def _outcome(one: Outcome) -> str:
    if one.faults:
        return f"refused: {'; '.join(one.faults)}"
    return "; ".join(map(_step, one.steps))


def _step(step: Step) -> str:
    changed = f": {', '.join(step.values)}" if step.verb == "changed" else ""
    return f"{step.verb} {step.kind} {step.name}{changed}"
