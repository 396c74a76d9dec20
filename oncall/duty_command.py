"""The command that writes a month of duty to a file or to the terminal."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from desk.terminal import database, errors_told, now
from oncall import duty_files, duty_month, period


@click.command()
@click.option("--month", "name", default="", help="Such as 2026-11; the one that runs unless said.")
@click.option("--format", "kind", type=click.Choice(["text", "csv", "xlsx"]), default="text", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it to this file.")
@with_appcontext
def duty(name: str, kind: str, out: Path | None) -> None:
    """Write the facts of a month for payroll: standby, offers, call-outs, what they count for, how the layers add up.

    A month that still runs is written as far as it has been.
    """
    if kind == "xlsx" and out is None:
        raise click.ClickException("a workbook needs a file: say --out FILE")
    with database().reading() as session, errors_told():
        found = duty_month.read(session, period.month(name, duty_month.calendar(session).zone, now()), now())
    if kind == "xlsx":
        written = duty_files.as_xlsx(found)
    elif kind == "csv":
        written = duty_files.as_csv(found).encode()
    else:
        written = "".join(f"{line}\n" for line in duty_files.as_text(found)).encode()
    if out:
        out.write_bytes(written)
    else:
        click.echo(written, nl=False)
