"""Commands of the outbox: what waits, what is dead, try again, how far behind the workers are; and a test mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from desk import audit, chores, delivery, mailing, numbers, outbox
from desk.answer import Done
from desk.audit import What
from desk.outbox import Outgoing, State
from desk.terminal import errors_told, now, typist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from desk.db import Database


@click.group("outbox", invoke_without_command=True)
@click.option("--dead", is_flag=True, help="Only what will not be tried again unless somebody says so.")
@with_appcontext
def commands(dead: bool) -> None:
    """Show what waits to leave the house, what is dead, and when each worker was last seen."""
    if click.get_current_context().invoked_subcommand:
        return
    states = (State.DEAD,) if dead else (State.WAITING, State.SENDING, State.DEAD)
    with _database().reading() as session:
        click.echo("\n".join(_shown(session, states, now())))


@commands.command("retry")
@click.argument("row", type=int, metavar="ID")
@with_appcontext
def try_again(row: int) -> None:
    """Try a dead row again; it has a day to get out."""
    try:
        _database().write(lambda session: _retry(session, row))
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{row} will be tried again")


@click.command("mail")
@click.argument("address")
@with_appcontext
def test_mail(address: str) -> None:
    """Send a test mail to ADDRESS now, and tell what the mail server says."""
    mails = current_app.extensions["couriers"].get(mailing.KIND)
    if mails is None:
        raise click.ClickException("No mail server is set: see MAIL_HOST.")
    with errors_told():
        payload = mailing.payload(address, "A test of Afterhours", "If you read this, mails go out.\n")
    at = now()
    row = Outgoing(key=f"test {at.isoformat()} {address}", kind=mailing.KIND, payload=payload, made_at=at)
    _database().write(lambda session: audit.tell(session, typist(), What.TEST_MAIL, address, at))
    answer = mails.send(row, at + delivery.SEND_WITHIN)
    if not isinstance(answer, Done):
        raise click.ClickException(f"{address}: {answer.why}")
    click.echo(f"The mail server took it: {answer.reference}")


def _retry(session: Session, number: int) -> None:
    row = _row(session, number)
    outbox.retry(row, now())
    audit.tell(session, typist(), What.TRIED_AGAIN, row.key, now())


def _row(session: Session, number: int) -> Outgoing:
    if row := session.get(Outgoing, number):
        return row
    raise LookupError(f"the outbox has no row {number}")


def _database() -> Database:
    whole: Database = current_app.extensions["patient_database"]
    return whole


def _shown(session: Session, states: tuple[State, ...], at: datetime) -> Iterator[str]:
    rows = outbox.standing(session, *states)
    for row in rows:
        tried = f"tried {row.attempts} times" if row.attempts else "not tried yet"
        yield f"{row.id}  {row.state}  {row.key}  {_to(row)}  {tried}{f': {row.error}' if row.error else ''}"
    if not rows:
        yield "nothing waits"
    # A claim that ran out is overdue too: whoever held it has died or sleeps, and nobody has taken over.
    due = [row.leased_until if row.state == State.SENDING else row.due_at for row in rows if row.state != State.DEAD]
    if overdue := [at - then for then in due if then and then < at]:
        yield f"the longest wait is overdue by {_length(max(overdue))}"
    for pulse in chores.pulses(session):
        yield f"worker {pulse.worker} ticked {_length(at - pulse.ticked_at)} ago"
    if not chores.pulses(session):
        yield "no worker has run within a day"


def _to(row: Outgoing) -> str:
    return numbers.masked(row.payload["to"]) if "to" in row.payload else row.kind


def _length(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
