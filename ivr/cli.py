"""Commands of the phone: rehearse a call from a script; set our numbers up at the carrier, and check that all fits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from desk import audit, numbers, staff
from desk.answer import Failed
from desk.audit import What
from desk.migrate import is_empty
from desk.terminal import database, errors_told, now, typist
from desk.when import instant
from ivr import check, checked, provision, reconcile
from ivr.line import Line
from ivr.rehearsal import NothingToRehearse, Rehearsal, Rehearsals
from ivr.told import LONGEST_CALL
from oncall import verification
from simulator.call import EndlessLoop
from simulator.handset import BEHAVIOURS
from simulator.script import play
from sla import reconciliation
from sla.calendar import OutsideTable
from sla.hours import own_zone
from sla.month import Month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.provision import Account, Change, Number
    from ivr.switchboard import Switchboard
    from simulator.handset import BehaviourName
    from sla.reconciliation import Reconciliation

ivr = AppGroup("ivr", help="The phone: rehearse calls, set up numbers, check the carrier.")
WITHHELD = {"", "withheld", "anonymous"}


@ivr.command()
@click.option("--from", "caller", default="+27825550202", show_default=True, help="Caller ID, or `withheld`.")
@click.option("--to", "called", help="The line that is called; the first one unless said otherwise.")
@click.option("--at", "when", help="When the call begins; without an offset in the line's zone. Now if left out.")
@click.option("--keys", default="", help="One item for each prompt, with commas between; `-` is silence.")
@click.option(
    "--engineers",
    default="accept",
    show_default=True,
    help="How they behave in the order they are rung, or NAME=BEHAVIOUR.",
)
@click.option("--talk", default=600, show_default=True, type=click.IntRange(0, 14400), help="Seconds of talk.")
@click.option("--seed", default=1, show_default=True, help="Other references and identifiers.")
@click.option("--json", "as_json", is_flag=True, help="One object for a program instead of words for a person.")
def simulate(
    caller: str,
    called: str | None,
    when: str | None,
    keys: str,
    engineers: str,
    talk: int,
    seed: int,
    as_json: bool,
) -> None:
    """Rehearse a call: the real flow on a copy of the set-up. Nobody is rung and nothing is kept."""
    rehearsals = cast("Rehearsals", current_app.extensions["rehearsals"])
    if is_empty(rehearsals.database.engine):
        raise click.ClickException("The database is empty. `flask --app app desk demo` sets up the demo company.")
    pressed = _pressed(keys)
    try:
        caller = _caller(caller)
        with rehearsals.stage(caller, _instant(rehearsals, called, when), seed) as stage:
            line = stage.line(numbers.parse(called) if called else None)
            stage.board.lines[line].actual.is_open(stage.clock() + LONGEST_CALL)  # the calendar has to know it
            _take_positions(stage, engineers)
            call = stage.network.ring(caller, line)
            unused = play(call, pressed, talk)
            stage.network.deliver_callbacks()
            result = {"transcript": list(call.transcript), **stage.came_out(call), "texts": stage.texts()}
            result["unused_keys"] = unused
    except (NothingToRehearse, numbers.NotANumber, OutsideTable, EndlessLoop) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _in_words(result))


@ivr.command("provision")
@click.option("--yes", is_flag=True, help="Set them; without it they are only shown.")
def provision_numbers(yes: bool) -> None:
    """Show what the webhooks of our numbers are and should be, and set them with --yes."""
    account, settings = _account(), current_app.extensions["settings"]
    for line in _board().lines:
        number = account.number(line)
        if isinstance(number, Failed):
            raise click.ClickException(f"{numbers.shown(line)}: {number.why}")
        if number is None:
            raise click.ClickException(f"{numbers.shown(line)} is no number of this account")
        changes = provision.changes(number, provision.Hooks.of(settings))
        click.echo("\n".join([numbers.shown(line), *(f"  {change}" for change in changes)]))
        click.echo(_set_up(account, number, changes) if yes and changes else _left(changes))


def _set_up(account: Account, number: Number, changes: list[Change]) -> str:
    answer = account.set_up(number, {change.name: change.wanted for change in changes})
    if isinstance(answer, Failed):
        raise click.ClickException(answer.why)
    set_, about = [change.name for change in changes], numbers.shown(number.e164)
    current_app.extensions["patient_database"].write(
        lambda session: audit.tell(session, typist(), What.WEBHOOKS_SET, about, now(), webhooks=set_)
    )
    return "  set"


def _left(changes: list[Change]) -> str:
    return "  nothing was changed; --yes sets them" if changes else "  as it should be"


@ivr.command("reconcile")
@click.option("--month", "named", required=True, help="Which month: 2026-11.")
@click.option("--by", "who", help="Have the worker do it, for whom (key or name); else only say how it stands.")
def reconcile_month(named: str, who: str | None) -> None:
    """Hold a month's calls against the carrier's list: have it done, or say how far it is and what does not agree."""
    with errors_told():
        if who:
            database().write(lambda session: _have_reconciled(session, named, who))
        with database().reading() as session:
            click.echo("\n".join(_standing(reconciliation.of(session, Month.named(named, own_zone(session))), named)))


def _have_reconciled(session: Session, named: str, who: str) -> None:
    month = Month.named(named, own_zone(session))
    reconcile.ask(session, month, staff.called(session, who), now())
    audit.tell(session, typist(), What.RECONCILIATION_ASKED, month.name, now())


def _standing(found: Reconciliation | None, named: str) -> Iterator[str]:
    if found is None:
        yield f"{named}: nobody has asked for it; say --by WHO."
    elif found.is_under_way:
        why = f" It did not answer: {found.failed}" if found.failed else ""
        yield f"{named}: the worker has the carrier asked, for {found.next_day or 'nothing more'}.{why}"
    else:
        yield f"{named}: as of {found.done_at:%Y-%m-%d %H:%M} UTC {len(found.findings) or 'no'} calls do not agree."
        yield from (f"  {one['at']} {one['sid']}: {one['kind']}" for one in found.findings)


@ivr.command("check")
def check_all() -> None:
    """Look whether this installation, its numbers and its account at the carrier fit together."""
    settings, board = current_app.extensions["settings"], _board()
    with current_app.extensions["patient_database"].reading() as session:
        proved = verification.proved(session)
    now: datetime = current_app.extensions["clock"]()
    findings = list(check.everything(_account(), board, settings, proved, now))
    found = [(finding.well, finding.text) for finding in findings]
    current_app.extensions["patient_database"].write(lambda session: checked.keep(session, found, typist().name, now))
    click.echo("\n".join([*map(str, findings), check.CANNOT_BE_ASKED]))
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(1)


def _account() -> Account:
    return cast("Account", current_app.extensions["telephone"])


def _board() -> Switchboard:
    held = current_app.extensions
    if is_empty(held["patient_database"].engine):
        raise click.ClickException("The database is empty. `flask --app app desk demo` sets up the demo company.")
    with held["patient_database"].reading() as session:
        return cast("Switchboard", held["exchange"].boards.current(session))


def _caller(text: str) -> str:
    if text.lower() in WITHHELD:
        return "anonymous"
    return numbers.parse(text) if not text.startswith("+") else text


def _pressed(keys: str) -> list[str]:
    pressed = [key.strip() for key in keys.split(",") if key.strip()]
    for key in pressed:
        if not re.fullmatch(r"[0-9*#]{1,32}|-", key):
            raise click.BadParameter(f"{key!r} is neither keys of a telephone nor - for silence.", param_hint="--keys")
    return pressed


def _instant(rehearsals: Rehearsals, called: str | None, when: str | None) -> datetime:
    if when is None:
        return cast("datetime", current_app.extensions["clock"]())
    with rehearsals.database.reading() as session:
        lines = session.scalars(select(Line).order_by(Line.id)).all()
        zones = {line.number: line.hours.zone for line in lines}
    zone = zones.get(numbers.parse(called) if called else "", next(iter(zones.values()), "UTC"))
    try:
        return instant(when, zone)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--at") from None


def _take_positions(stage: Rehearsal, engineers: str) -> None:
    in_turn: list[BehaviourName] = []
    for item in filter(None, (part.strip() for part in engineers.split(","))):
        name, _, behaviour = item.rpartition("=")
        if behaviour not in BEHAVIOURS:
            raise click.BadParameter(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}.", param_hint="--engineers")
        if name:
            stage.network.handset(_number_of(stage, name), behaviour)
        else:
            in_turn.append(behaviour)
    stage.network.in_order(in_turn or "accept")


def _number_of(stage: Rehearsal, name: str) -> str:
    for engineer in stage.board.engineers.values():
        if engineer.phone and name.casefold() in {
            engineer.key,
            engineer.name.casefold(),
            engineer.name.split()[0].casefold(),
        }:
            return engineer.phone
    raise click.BadParameter(f"nobody with a number is called {name!r}.", param_hint="--engineers")


def _in_words(result: dict[str, Any]) -> str:
    ticket, verdict = result["ticket"], result["verdict"]
    rang = ", ".join(f"{one['engineer']} ({one['outcome']})" for one in result["rang"]) or "nobody"
    return "\n".join(
        [
            *result["transcript"],
            "",
            f"Ticket     {ticket['reference']}, {ticket['priority']}, {ticket['state']}" if ticket else "No ticket",
            f"Rang       {rang}",
            f"Connected  {result['connected_to'] or 'with nobody'}",
            f"Overtime   {verdict['state']}: {verdict['explanation']}",
            *(f"Would text {numbers.shown(one['to'])}: {one['text']}" for one in result["texts"]),
        ]
    )
