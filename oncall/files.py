"""Commands that write the rota to a file, and take one of another product over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from desk import when
from desk.staff import names
from desk.terminal import INSIST, database, errors_told, now, typist
from oncall import feed, history, ical, roster, shares, transfer
from oncall.export import table
from oncall.reach import USUAL as USUAL_WINDOW
from oncall.reach import reach
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.overrides import Override
    from oncall.plan import Plan
    from oncall.transfer import Transfer

USUAL = timedelta(days=28)


@click.command()
@click.option("--from", "since", help="From when on; now unless said. Local, unless it has an offset.")
@click.option("--to", "until", help="Until when; four weeks on unless said.")
@click.option("--format", "kind", type=click.Choice(["csv", "ics"]), default="csv", show_default=True)
@click.option("--rota", "name", help="This rota alone.")
@with_appcontext
def export(since: str | None, until: str | None, kind: str, name: str | None) -> None:
    """Write who really rings between two times to standard output: past shifts as recorded, others as planned.

    The table (csv) has a row for every shift, cut to these times; the calendar (ics) has whole shifts.
    """
    with database().reading() as session, errors_told():
        plans = _plans(session, name)
        zone = next(iter(plans.values())).zone(now())
        a = when.instant(since, zone) if since else now()
        b = when.instant(until, zone) if until else a + USUAL
        if a >= b:
            raise ValueError("the end lies before the beginning")
        written = _table(session, plans, a, b, zone) if kind == "csv" else _calendar(session, plans, a, b)
    click.echo(written, nl=False)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rota", "name", help="Into which rota; needless if there is only one.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--anyway", default="", metavar="REASON", help="Why shifts that are unsafe are right all the same.")
@with_appcontext
def import_(file: Path, name: str | None, dry_run: bool, anyway: str) -> None:
    """Take shifts from a CSV or iCalendar FILE of another product: all of them or, if anything is wrong, nothing.

    They become changes of shifts (somebody instead of somebody, or added), each for its time and no longer.
    """
    whole = database()
    with whole.reading() as session, errors_told():
        record = roster.named(session, _only(session, name))
        prepared = transfer.prepare(session, record, file.read_bytes(), now())
        called = names(session)
    click.echo("\n".join(_told(prepared, called, file.name)), err=bool(prepared.faults))
    if prepared.faults:
        raise click.exceptions.Exit(1)
    if dry_run or not prepared.overrides:
        click.echo("Nothing was changed.")
        return
    if prepared.is_unsafe and not anyway.strip():
        click.echo(f"Nothing was imported.\n{INSIST}", err=True)
        raise click.exceptions.Exit(1)
    with errors_told():
        whole.write(lambda session: transfer.carry_out(session, prepared, file.name, typist(), now(), anyway))
    click.echo("Imported.")


@click.command("fair")
@click.option("--window", default=USUAL_WINDOW, show_default=True, help="30d, 90d, 365d, next28d, or a month: 2026-11.")
@click.option("--rota", "name", help="Of which rota; needless if there is only one.")
@with_appcontext
def fair(window: str, name: str | None) -> None:
    """Write who served how much, beside their own share of it, to standard output (CSV); counted as on the page."""
    with database().reading() as session, errors_told():
        record = roster.named(session, _only(session, name))
        plan = _plans(session, record.name)[record.name]
        asked = reach(window, plan.zone(now()), now())
        told = shares.of(session, record, plan, asked.start, asked.end, now())
        click.echo(shares.sheet(told, names(session)), nl=False)


def _table(session: Session, plans: Mapping[str, Plan], a: datetime, b: datetime, zone: str) -> str:
    return table(history.cut(history.shifts(session, plans, a, b), a, b), names(session), zone)


def _calendar(session: Session, plans: Mapping[str, Plan], a: datetime, b: datetime) -> bytes:
    shows = feed.read(session, plans, a, b)
    entries = feed.entries(session, shows, now(), lambda show: show.team)
    origin = current_app.extensions["settings"].public_url
    return ical.written(f"On call: {', '.join(plans)}", origin, "team", entries, now())


def _plans(session: Session, name: str | None) -> Mapping[str, Plan]:
    plans: Mapping[str, Plan] = current_app.extensions["exchange"].boards.current(session).rotas
    chosen = {one: plan for one, plan in plans.items() if name in (None, one)}
    if not chosen:
        raise LookupError(f"there is no rota {name!r}" if name else "there is no rota")
    return chosen


def _only(session: Session, name: str | None) -> str:
    there_are = [record.name for record in roster.rotas(session)]
    if name is None and len(there_are) != 1:
        raise LookupError(f"say which rota with --rota; there are: {', '.join(there_are) or 'none'}")
    return name or there_are[0]


def _told(prepared: Transfer, called: Mapping[str, str], file: str) -> Iterator[str]:
    if prepared.faults:
        yield from (f"{file} line {fault.line}: {fault.text}" for fault in prepared.faults)
        yield "Nothing was imported."
        return
    for one in prepared.overrides:
        yield f"{said(one.start, prepared.zone, '%Y ')} to {said(one.end, prepared.zone, '%Y ')}: {_says(one, called)}"
    yield f"{prepared.shifts} shifts in {prepared.rota}, {len(prepared.overrides)} changes"
    if prepared.past:
        yield f"{prepared.past} are over and left out: the past is recorded and stays as it was"
    if prepared.others:
        yield f"{prepared.others} are of other rotas and left out"
    yield from (f"Beware: {hazard.text}" for hazard in prepared.hazards)


def _says(one: Override, called: Mapping[str, str]) -> str:
    name = called.get(one.engineer, one.engineer)
    if one.instead_of:
        return f"{name} instead of {called.get(one.instead_of, one.instead_of)} in {one.rotation}"
    return f"{name} is added, {'below the others' if one.below else 'rings first'}"
