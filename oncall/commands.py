"""Commands about people on duty: who is, when nobody is, and whose leave it is."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import AppGroup

from desk import terminal, when
from desk.staff import called
from oncall import leave_calendars, leave_import
from oncall.places import ordinal, until
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ivr.switchboard import Switchboard
    from oncall.plan import Plan

oncall = AppGroup("oncall", help="Who is on duty, when nobody is, and who is away.")


@oncall.command()
@click.option("--at", "text", help="When, such as 2026-11-22T02:00 in the rota's zone; without it now.")
@click.option("--rota", "name", help="One rota alone.")
@click.option("--why", is_flag=True, help="With the reasons.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a rota and line, with the reasons.")
def who(text: str | None, name: str | None, why: bool, as_json: bool) -> None:
    """Say who rings first, second and so on, by the same plan as a call."""
    board, now = _board(), terminal.now()
    for plan in _plans(board, name):
        with terminal.errors_told():
            at = when.instant(text, plan.zone(now)) if text else now
        if as_json:
            click.echo(json.dumps(_standing(board, plan, at), ensure_ascii=False))
            continue
        click.echo(f"{plan.name}, {said(at, plan.zone(at), '%Y ')} {plan.zone(at)}")
        click.echo("\n".join(_on_duty(board, plan, at)) or "  nobody rings")
        if why:
            click.echo("\n".join(f"  {sentence}" for sentence in plan.explain(at)))


@oncall.command()
@click.option("--days", type=click.IntRange(1, 366), default=60, show_default=True, help="How far to look.")
@click.option("--rota", "name", help="One rota alone.")
def gaps(days: int, name: str | None) -> None:
    """List when nobody rings though somebody should; ends with status 1 if there is such a time."""
    now, found = terminal.now(), False
    for plan in _plans(_board(), name):
        for gap in plan.gaps(now, now + timedelta(days=days)):
            found = True
            zone = plan.zone(gap.start)
            click.echo(
                f"{plan.name}: nobody rings {said(gap.start, zone, '%Y ')} to {said(gap.end, zone, '%Y ')} {zone}"
            )
            click.echo("\n".join(f"  {sentence}" for sentence in gap.why))
    if found:
        raise click.exceptions.Exit(1)
    click.echo(f"somebody rings at any time of the next {days} days")


@oncall.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def leave(name: str, file: Path) -> None:
    """Take over the leave of engineer NAME from an iCalendar FILE; what it had before and has not now is withdrawn."""
    board = _board()
    zone = next((line.zone for line in board.lines.values()), "UTC")
    source = f"file {file.name}"
    with terminal.errors_told():
        found = leave_import.leave_in(file.read_bytes(), zone, terminal.now())
        done = terminal.database().write(
            lambda session: leave_import.take_over(
                session, called(session, name), found, source, terminal.typist(), terminal.now()
            )
        )
    click.echo(f"{done.added} added, {done.changed} changed, {done.gone} withdrawn")


@oncall.command()
@click.argument("name")
@click.argument("url")
def calendar(name: str, url: str) -> None:
    """Read the leave of engineer NAME from a calendar's URL (https), every hour from now on."""
    with terminal.errors_told():
        terminal.database().write(
            lambda session: leave_calendars.subscribe(
                session, called(session, name), url, terminal.typist(), terminal.now()
            )
        )
    click.echo("The worker reads it within the next minutes.")


def _on_duty(board: Switchboard, plan: Plan, at: datetime) -> Iterator[str]:
    for place, duty in enumerate(plan.who(at)):
        ends = until(plan, at, place)
        how_long = f"until {said(ends, plan.zone(at))}" if ends else "for longer than two weeks"
        name, obstacle = _name(board, duty.engineer), board.obstacle(duty.engineer)
        yield f"  {ordinal(place):<7} {name} {how_long}" + (f" - but {name} {obstacle}" if obstacle else "")


def _standing(board: Switchboard, plan: Plan, at: datetime) -> dict[str, Any]:
    """A rota at an instant, for a program."""
    ends = {place: until(plan, at, place) for place, _ in enumerate(plan.who(at))}
    on_duty = [
        {
            "place": place,
            "key": duty.engineer,
            "name": _name(board, duty.engineer),
            "rotation": duty.rotation,
            "until": end.isoformat() if (end := ends[place]) else None,
            "why": duty.why,
        }
        for place, duty in enumerate(plan.who(at))
    ]
    return {"rota": plan.name, "at": at.isoformat(), "on_duty": on_duty, "trace": plan.explain(at)}


def _name(board: Switchboard, key: str) -> str:
    return board.engineers[key].name if key in board.engineers else key


def _plans(board: Switchboard, name: str | None) -> list[Plan]:
    found = [plan for plan in board.rotas.values() if name in (None, plan.name)]
    if not found:
        raise click.ClickException(f"There is no rota {name!r}." if name else "No rota is set up.")
    return found


def _board() -> Switchboard:
    with terminal.database().reading() as session:
        board: Switchboard = current_app.extensions["exchange"].boards.current(session)
        return board
