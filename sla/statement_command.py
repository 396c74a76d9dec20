"""The command that writes a month's charge lines, and closes the month."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from desk.terminal import database, errors_told, now, typist
from sla import charging, closing, statement, statements
from sla.charge_line import Account
from sla.closing import NotYet
from sla.hours import own_zone
from sla.month import Month
from sla.phrases import duration, money
from sla.statement_json import as_values
from sla.statements import Wanted
from tickets.people import known_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desk.db import Database
    from sla.row import Row

    Header = dict[str, Any]
    Writer = Callable[[Iterable[Row], Header, IO[bytes]], None]


def as_text(rows: Iterable[Row], header: Header, out: IO[bytes]) -> None:
    """Lines for a person at a terminal, and what they come to."""
    for row in rows:
        who = row.customer or "not known"
        words = (
            f"{row.starts:%a %d %b %H:%M}  {who}  {row.state.replace('_', ' ')}  {money(row.amount)}  {row.explanation}"
        )
        out.write(f"{words}\n".encode())
    total = header["totals"]
    billed = duration(timedelta(seconds=total.billed_seconds))
    sums = f"{total.lines} lines, {billed} billed, {money(total.amount)} excluding VAT, {total.to_check} to check"
    out.write(f"{header['month']}, {header['standing']}: {sums}\n".encode())


def as_json(rows: Iterable[Row], header: Header, out: IO[bytes]) -> None:
    """One JSON object a line, as the API has them."""
    for row in rows:
        out.write(json.dumps(as_values(row), ensure_ascii=False).encode() + b"\n")


FORMATS: dict[str, Writer] = {"text": as_text, "json": as_json}


@click.command("statement")
@click.option("--month", "named", required=True, help="Which month: 2026-11.")
@click.option("--customer", "name", help="Of one customer alone, by name or code.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--out", type=click.File("wb"), default="-", help="Into a file.")
@click.option("--close", "closes", is_flag=True, help="Close the month first.")
@click.option(
    "--waive", default="", metavar="WHY", help="Close it although it was not compared with the carrier's list."
)
@with_appcontext
def statement_(named: str, name: str | None, kind: str, out: IO[bytes], closes: bool, waive: str) -> None:
    """What a month comes to, line by line; whatever is marked is charged first."""
    whole = database()
    with whole.reading() as session, errors_told():
        month = Month.named(named, own_zone(session))
        account = known_as(session, name).id if name else None
    _charge(whole, month)
    if closes:
        _close(whole, month, waive)
    with whole.reading() as session:
        wanted = Wanted(month.name, account)
        standing = "closed" if statement.closed(session, month.name) else "open"
        header = {"month": month.name, "standing": standing, "totals": statements.totals(session, wanted)}
        FORMATS[kind](statements.rows(session, statements.lines(wanted), month.zone), header, out)


def _charge(whole: Database, month: Month) -> None:
    """Whatever may end up in this month."""
    with whole.reading() as session:
        marked = (Account.wanted != Account.charged, Account.month <= month.name)
        numbers = session.scalars(select(Account.id).where(*marked)).all()
    for number in numbers:
        charging.renew(whole, number, now())


def _close(whole: Database, month: Month, waive: str) -> None:
    try:
        whole.write(lambda session: closing.close(session, month, typist(), now(), waive))
    except NotYet as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{month.name} is closed", err=True)
