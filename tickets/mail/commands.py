"""Commands of mail that comes in: fetch it from a mailbox, or take it from a mail server."""

from __future__ import annotations

import asyncio
import logging
import signal
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from desk import terminal
from desk.mail_in import is_loopback, place
from tickets.mail import lmtp
from tickets.mail.arrival import Way
from tickets.mail.imap import Away, NotLetIn
from tickets.mail.poller import FIRST_WAIT, LONGEST_WAIT, Poller

if TYPE_CHECKING:
    from desk.settings import Settings

log = logging.getLogger(__name__)
mail = AppGroup("mail", help="Mail that comes in.")
STOPS = (signal.SIGTERM, signal.SIGINT)


@mail.command()
@click.option("--once", is_flag=True, help="Look once, tell how many mails were fetched, and end.")
def poll(once: bool) -> None:
    """Fetch mail from the mailbox of MAIL_IN_HOST, until told to stop."""
    settings: Settings = current_app.extensions["settings"]
    stop = _stop()
    poller = Poller(terminal.database(), settings, current_app.extensions["clock"], stop.is_set)
    if once:
        _look_once(poller, settings)
    elif settings.mail_in_host:
        _look_on(poller, stop, settings.mail_in_every)
    else:
        log.warning("no mail is fetched: MAIL_IN_HOST is not set")
        stop.wait()


@mail.command()
def listen() -> None:
    """Take mail from a mail server at MAIL_IN_LISTEN, until told to stop."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.mail_in_listen:
        stop = _stop()
        log.warning("no mail is taken: MAIL_IN_LISTEN is not set")
        stop.wait()
        return
    if not settings.mail_in_mailboxes:
        raise click.ClickException("Nobody's mail would be taken: set MAIL_IN_ADDRESSES to our own addresses.")
    host, port = place(settings.mail_in_listen)
    if not is_loopback(host):
        log.warning("mail is taken from other machines, without TLS and from whoever reaches %s", host)
    intake = current_app.extensions["intake"]
    way = Way(settings.mail_in_protocol)
    terminal.database()
    asyncio.run(_listen(lmtp.Door(intake.database, intake.house, way, intake.clock), host, port))


def _stop() -> Event:
    """What is set when somebody tells this process to stop."""
    stop = Event()
    for number in STOPS:
        signal.signal(number, lambda *_: stop.set())
    return stop


def _look_once(poller: Poller, settings: Settings) -> None:
    if not settings.mail_in_host:
        raise click.ClickException("No mail is fetched: MAIL_IN_HOST is not set.")
    try:
        click.echo(f"{poller.look()} fetched")
    except Away as error:
        raise click.ClickException(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    finally:
        poller.close()


def _look_on(poller: Poller, stop: Event, every: float) -> None:
    wait = FIRST_WAIT
    log.info("mail is fetched from %s", poller.name)
    while not stop.is_set():
        try:
            fetched = poller.look()
        except (Away, SQLAlchemyError) as error:
            wait = LONGEST_WAIT if isinstance(error, NotLetIn) else min(wait * 2, LONGEST_WAIT)
            why = str(error) if isinstance(error, Away) else f"the database: {type(error).__name__}"
            log.warning("no mail is fetched, the next try is in %d s: %s", wait, why)
            stop.wait(wait)
            continue
        wait = FIRST_WAIT
        stop.wait(0 if fetched else every)
    poller.close()
    log.info("no mail is fetched any more")


async def _listen(door: lmtp.Door, host: str, port: int) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in STOPS:
        loop.add_signal_handler(number, stop.set)
    await lmtp.serve(door, host, port, stop, partial(log.info, "mail is taken by %s at %s:%d", door.way, host))
    log.info("no mail is taken any more")
