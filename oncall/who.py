"""The commands of people on duty, and the first of them: who rings, now or at another time, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import AppGroup

from desk import when
from desk.staff import names
from desk.terminal import database, errors_told, now
from oncall.places import ordinal, until
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ivr.switchboard import Switchboard
    from oncall.plan import Plan

oncall = AppGroup("oncall", help="People on duty: who rings, and the rota as a file.")


@oncall.command()
@click.option("--at", "typed", help="Another time than now, such as 2026-11-22T02:00; local unless it has an offset.")
@click.option("--why", is_flag=True, help="Add what puts them there, and why rotations have nobody.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def who(typed: str | None, why: bool, as_json: bool) -> None:
    """Who is on call in every rota, in the order of ringing: what a call at that time would go by."""
    with database().reading() as session:
        board: Switchboard = current_app.extensions["exchange"].boards.current(session)
        called = names(session)
    with errors_told():
        at = when.instant(typed, _zone(board)) if typed else now()
        standing = [_standing(plan, at, called) for plan in board.rotas.values()]
    if as_json:
        click.echo(json.dumps({"at": at, "rotas": standing}, ensure_ascii=False, default=str))
        return
    for plan, one in zip(board.rotas.values(), standing, strict=True):
        click.echo("\n".join(_told(one, plan.zone(at), at, why)))
    if not standing:
        click.echo("There is no rota, so nobody rings.")


def _zone(board: Switchboard) -> str:
    return next((plan.zone(now()) for plan in board.rotas.values()), "UTC")


def _standing(plan: Plan, at: datetime, called: Mapping[str, str]) -> dict[str, Any]:
    on_duty = [
        {
            "place": place,
            "key": duty.engineer,
            "name": called.get(duty.engineer, duty.engineer),
            "rotation": duty.rotation,
            "until": until(plan, at, place),
            "why": duty.why,
        }
        for place, duty in enumerate(plan.who(at))
    ]
    return {"rota": plan.name, "on_duty": on_duty, "trace": list(plan.explain(at))}


def _told(one: dict[str, Any], zone: str, at: datetime, why: bool) -> Iterator[str]:
    yield f"{one['rota']}, {said(at, zone, '%Y ')} {zone}"
    for duty in one["on_duty"]:
        end = f", until {said(duty['until'], zone)}" if duty["until"] else ""
        yield f"  {duty['name']} rings {ordinal(duty['place'])}{end}"
    if not one["on_duty"]:
        yield "  nobody rings"
    if why:
        yield from (f"  why: {sentence}" for sentence in one["trace"])
