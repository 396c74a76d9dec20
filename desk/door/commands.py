"""Commands of the door, for whoever runs the installation: the first manager, a password, a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from desk import audit
from desk.audit import What
from desk.door import links, passwords, sessions, tokens
from desk.door.tokens import Scope
from desk.staff import Role, Staff, by_email, free_key
from desk.terminal import database, now, typist

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.settings import Settings

ask = click.option("--ask", is_flag=True, help="Ask for the password here instead of printing a link to set it.")
FAULTS = {
    "short": f"It needs {passwords.SHORTEST} characters or more.",
    "long": f"It may have {passwords.LONGEST} characters at most.",
    "obvious": "It is too easy to guess.",
}


@click.command()
@click.argument("name")
@click.argument("email")
@ask
@with_appcontext
def manager(name: str, email: str, ask: bool) -> None:
    """Add a manager, who may do everything; the first one comes in this way."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise click.ClickException(f"{email!r} is no mail address.")
    staff = database().write(lambda session: _add_manager(session, name.strip(), email.strip()))
    _give_password(staff, ask)


@click.command()
@click.argument("email")
@ask
@with_appcontext
def password(email: str, ask: bool) -> None:
    """Let somebody who works here set a password, or come in where there are none, with a link that works once."""
    with database().reading() as session:
        staff = by_email(session, email)
    if staff is None:
        raise click.ClickException(f"Nobody, or more than one person, who works here has the address {email}.")
    _give_password(staff, ask)


@click.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([one.value for one in Scope]),
    help="What it may do.",
)
@with_appcontext
def token(name: str, scopes: tuple[str, ...]) -> None:
    """Make an API token and print it, this once."""
    granted = [Scope(scope) for scope in scopes]

    def work(session: Session) -> str:
        audit.tell(session, typist(), What.TOKEN_MADE, name, now(), scopes=granted)
        return tokens.make(session, name, granted, now())

    click.echo(database().write(work))


COMMANDS = (manager, password, token)


def _add_manager(session: Session, name: str, email: str) -> Staff:
    if found := by_email(session, email):
        if found.role == Role.MANAGER:
            return found
        raise click.ClickException(f"{found.name} has the address {email} already, as {found.role}.")
    staff = Staff(key=free_key(session, name), name=name, role=Role.MANAGER, email=email, active=True)
    session.add(staff)
    session.flush()
    audit.tell(session, typist(), What.MANAGER_ADDED, name, now())
    return staff


def _give_password(staff: Staff, ask: bool) -> None:
    settings = cast("Settings", current_app.extensions["settings"])
    if ask and not settings.password_sign_in:
        raise click.ClickException(
            "Passwords are switched off (PASSWORD_SIGN_IN); without --ask a link lets them in once."
        )
    if ask:
        hash_ = passwords.hashed(_asked(staff))
        database().write(lambda session: _store(session, staff, hash_))
        click.echo(f"{staff.name} can sign in with it as {staff.email}.")
        return
    secret = database().write(lambda session: _link(session, staff))
    does = "sets a password" if settings.password_sign_in else "comes in"
    hours = int(links.LIFE.total_seconds()) // 3600
    click.echo(f"{staff.name} {does} here, once, within {hours} hours:\n{settings.public_url}/password/{secret}")


def _asked(staff: Staff) -> str:
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if fault := passwords.fault(typed, staff):
        raise click.ClickException(FAULTS[fault])
    return typed


def _store(session: Session, staff: Staff, hash_: str) -> None:
    passwords.store(session, staff.id, hash_, now())
    links.close(session, staff.id, now())
    ended = sessions.end(session, staff.id, now())
    audit.tell(session, typist(), What.PASSWORD_SET, staff.name, now(), sessions_ended=ended)


def _link(session: Session, staff: Staff) -> str:
    audit.tell(session, typist(), What.LINK_MADE, staff.name, now())
    return links.make(session, staff.id, now())
