"""The command that writes a month's SLA report."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from desk.terminal import database, errors_told, now
from sla import report_files
from sla.hours import own_zone
from sla.month import Month
from sla.report import monthly
from tickets.people import known_as


@click.command()
@click.option("--month", "named", required=True, help="Which month: 2026-11.")
@click.option("--customer", "name", help="Of one customer alone, by name or code.")
@click.option("--format", "kind", type=click.Choice(["text", "csv", "xlsx"]), default="text", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Into a file; xlsx needs one.")
@with_appcontext
def report(named: str, name: str | None, kind: str, out: Path | None) -> None:
    """Which targets were kept in a month, for whom, and the tickets that missed theirs, with how late and why."""
    if kind == "xlsx" and out is None:
        raise click.UsageError("A workbook goes into a file: say --out FILE.")
    with database().reading() as session, errors_told():
        zone = own_zone(session)
        whose = known_as(session, name).id if name else None
        found = monthly(session, Month.named(named, zone).span, now(), whose)
        written = {
            "csv": lambda: report_files.as_csv(found, zone).encode(),
            "xlsx": lambda: report_files.as_xlsx(found, zone),
            "text": lambda: ("\n".join(report_files.as_text(found, zone)) + "\n").encode(),
        }[kind]()
    if out:
        out.write_bytes(written)
    else:
        click.echo(written, nl=False)
