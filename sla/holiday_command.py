"""Commands of the public-holiday table; what a change does to charge lines is told before anybody says yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from desk.terminal import database, errors_told, now, typist
from sla import charge_effect, holiday_effect, holidays
from sla.month import YEARS

if TYPE_CHECKING:
    from datetime import date, datetime

holidays_group = AppGroup("holidays", help="Public holidays, and what a change of them does to charge lines.")
DAY = click.DateTime(["%Y-%m-%d"])
yes = click.option("--yes", is_flag=True, help="Do it without asking.")


@holidays_group.command("list")
@click.option(
    "--year", type=click.IntRange(min(YEARS), max(YEARS)), help="Of one year; this one unless said otherwise."
)
def list_(year: int | None) -> None:
    """The holidays of a year, where each is from, and which were withdrawn."""
    with database().reading() as session:
        for one in holidays.of_year(session, year or now().year):
            gone = ", withdrawn" if one.withdrawn else ""
            click.echo(f"{one.day}  {one.day:%a}  {one.name} ({one.source}{gone})")


@holidays_group.command()
@yes
def sync(yes: bool) -> None:
    """Add what the holidays package knows and the table does not; tell where staff's rows say otherwise, which win."""
    with database().reading() as session:
        news, differences = holidays.news(session, now()), holidays.differences(session, now())
        table = holidays.in_force(session) | news
        effect = holiday_effect.of_table(session, table, sorted(news), now())
    for line in differences:
        click.echo(line)
    if not news:
        click.echo("The table has every holiday that the package knows.")
        return
    for day, name in sorted(news.items()):
        click.echo(f"new: {day} {name}")
    _agreed(effect, yes)
    added = database().write(lambda session: len(holidays.sync(session, typist(), now())))
    click.echo(f"added {added} public holidays")


@holidays_group.command()
@click.argument("day", type=DAY)
@click.argument("name")
@yes
def add(day: datetime, name: str, yes: bool) -> None:
    """DAY (2026-11-04) is a public holiday called NAME."""
    _change(day.date(), name, yes)
    click.echo(f"{day:%Y-%m-%d} is a public holiday: {name}")


@holidays_group.command()
@click.argument("day", type=DAY)
@yes
def withdraw(day: datetime, yes: bool) -> None:
    """DAY is no public holiday after all."""
    _change(day.date(), None, yes)
    click.echo(f"{day:%Y-%m-%d} is no public holiday any more")


def _change(on: date, name: str | None, yes: bool) -> None:
    with errors_told():
        with database().reading() as session:
            effect = holiday_effect.changes(session, on, name, now())
        _agreed(effect, yes)
        database().write(lambda session: holidays.change(session, on, name, typist(), now()))


def _agreed(effect: list[charge_effect.Change], yes: bool) -> None:
    for line in charge_effect.told(effect):
        click.echo(line)
    if not yes:
        click.confirm("Is that right?", abort=True)
