"""The command that writes a month's charge lines, and closes the month."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING

import click
from flask.cli import with_appcontext

from desk.terminal import database, errors_told, now, typist
from sla.billing import asked, charging, closing, statement, statements
from sla.billing.charge_line import Account
from sla.billing.closing import NotYet
from sla.billing.desk import company
from sla.billing.month_file import Making, Wish
from sla.exports import formats
from sla.exports.refused import Refused
from sla.hours import own_zone
from sla.month import Month
from sla.phrases import duration, money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desk.db import Database
    from sla.billing.statements import Totals, Wanted
    from sla.money.row import Row

TEXT = "text"


def as_text(rows: Iterable[Row], totals: Totals, standing: str, month: str) -> Iterator[bytes]:
    """Lines for a person at a terminal, and what they come to."""
    for row in rows:
        who = row.customer or "not known"
        words = (
            f"{row.starts:%a %d %b %H:%M}  {who}  {row.state.replace('_', ' ')}  {money(row.amount)}  {row.explanation}"
        )
        yield f"{words}\n".encode()
    billed = duration(timedelta(seconds=totals.billed_seconds))
    sums = f"{totals.lines} lines, {billed} billed, {money(totals.amount)} excluding VAT, {totals.to_check} to check"
    yield f"{month}, {standing}: {sums}\n".encode()


@click.command("statement")
@click.option("--month", "named", required=True, help="Which month: 2026-11.")
@click.option("--customer", default="", help="Of one customer alone, by code or name; `-` of callers nobody knows.")
@click.option("--state", type=click.Choice(asked.STATES), help="In one state alone, or what is to bill or check.")
@click.option("--engineer", default="", help="Of one engineer's work alone, by key or name.")
@click.option("--format", "kind", type=click.Choice([TEXT, *formats.FORMATS]), default=TEXT, show_default=True)
@click.option("--out", type=click.File("wb"), default="-", help="Into a file.")
@click.option("--close", "closes", is_flag=True, help="Close the month first.")
@click.option(
    "--waive", default="", metavar="WHY", help="Close it although it was not compared with the carrier's list."
)
@with_appcontext
def statement_(
    named: str, customer: str, state: str | None, engineer: str, kind: str, out: IO[bytes], closes: bool, waive: str
) -> None:
    """What a month comes to, line by line; whatever is marked is charged first."""
    whole = database()
    with whole.reading() as session, errors_told():
        month = Month.named(named, own_zone(session))
        wanted = asked.wanted(session, month.name, customer, state or "", engineer)
    charging.renew_stale(whole, now(), Account.month <= month.name)  # whatever may end up in this month
    if closes:
        _close(whole, month, waive)
    if kind == TEXT:
        _tell(whole, month, wanted, out)
    else:
        _write(whole, month, wanted, kind, out)


def _tell(whole: Database, month: Month, wanted: Wanted, out: IO[bytes]) -> None:
    with whole.reading() as session:
        standing = "closed" if statement.closed(session, month.name) else "open"
        rows = statements.rows(session, statements.lines(wanted), month.zone)
        for line in as_text(rows, statements.totals(session, wanted), standing, month.name):
            out.write(line)


def _write(whole: Database, month: Month, wanted: Wanted, kind: str, out: IO[bytes]) -> None:
    with whole.reading() as session:
        number = statements.totals(session, wanted).lines
        wish = Wish(kind, wanted, company(session), typist().name, now())
    try:
        for piece in Making(whole, month, wish, partial(_passing, length=number)).pieces():
            out.write(piece)
    except Refused as fault:
        raise click.ClickException(str(fault)) from None


def _passing(rows: Iterable[Row], length: int) -> Iterator[Row]:
    """The rows, with how far they are for whoever looks at a terminal."""
    with click.progressbar(rows, length, "Writing", file=sys.stderr) as bar:
        yield from bar


def _close(whole: Database, month: Month, waive: str) -> None:
    try:
        whole.write(lambda session: closing.close(session, month, company(session), typist(), now(), waive))
    except NotYet as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{month.name} is closed", err=True)
