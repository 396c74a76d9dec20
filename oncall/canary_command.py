"""The command that lists the last canaries: how soon each was paged and acknowledged, or what failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from desk.terminal import database, now
from oncall import canary_news
from tickets.canary import newest

if TYPE_CHECKING:
    from datetime import datetime

    from tickets.canary import Canary

MANY = 24
STEPS = (("paged", "paged_after"), ("acknowledged", "acknowledged_after"))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a canary, the newest first.")
@with_appcontext
def canary(as_json: bool) -> None:
    """List the last canaries, the newest first; ends with status 1 while all is not well."""
    with database().reading() as session:
        found, trouble = newest(session, MANY), canary_news.trouble(session, now())
    for one in found:
        click.echo(json.dumps(_told(one), ensure_ascii=False) if as_json else _line(one))
    if not found and not as_json:
        click.echo("no canary was laid yet")
    if trouble:
        click.echo(f"not well: {trouble.words}", err=True)
        raise click.exceptions.Exit(1)


def _told(one: Canary) -> dict[str, Any]:
    return {
        "laid_at": one.laid_at.isoformat(),
        "paged_after": _seconds(one, one.paged_at),
        "acknowledged_after": _seconds(one, one.acknowledged_at),
        "out": one.ticket_id is not None,
        "failed": one.failed,
    }


def _seconds(one: Canary, at: datetime | None) -> float | None:
    """From when it had its chance."""
    return max((at - one.since).total_seconds(), 0.0) if at else None


def _line(one: Canary) -> str:
    told = _told(one)
    steps = [f"{step} after {told[key]:.0f} s" for step, key in STEPS if told[key] is not None]
    ends = [f"given up: {one.failed}"] if one.failed else ["it is out"] if one.ticket_id else []
    if not (one.failed or one.ticket_id or one.acknowledged_at):
        ends = ["taken away before it had its chance"]
    return f"{one.laid_at:%Y-%m-%d %H:%M:%S} UTC  {', '.join([*steps, *ends])}"
