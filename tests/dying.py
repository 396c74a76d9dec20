"""A process of mail that ends by `kill -9` just before a commit: `dying.py WHAT URL NOW NUMBER PORT`.

`fetch` fetches a mailbox and settles what it finds, `listen` takes mails at a port; the number says at which of its
commits it ends (0: at none). A commit that is not begun and one that was the last are the same place: what happens
between two of them is gone with the process.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import event

from app import World, create_app
from conftest import settings_for
from imap_server import PASSWORD, USER
from simulator.clock import Clock
from tickets.mail import intake, lmtp
from tickets.mail.arrival import Way
from tickets.mail.poller import Poller

if TYPE_CHECKING:
    from flask import Flask


def main(what: str, url: str, now: str, number: int, port: int) -> None:
    app = made(url, now, port)
    commits = count(1)
    engine = app.extensions["patient_database"].engine
    event.listen(engine, "commit", lambda _: _die() if next(commits) == number else None)
    if what == "fetch":
        fetch(app)
    else:
        held = app.extensions
        door = lmtp.Door(held["patient_database"], held["intake"].house, Way.LMTP, held["clock"])
        asyncio.run(lmtp.serve(door, "127.0.0.1", port, asyncio.Event(), _tell))


def made(url: str, now: str, port: int) -> Flask:
    """The application that fetches from that port."""
    box = {"mail_in_host": "127.0.0.1", "mail_in_port": port or 143, "mail_in_tls": "none", "mail_in_user": USER}
    settings = settings_for(url, mail_in_addresses=USER, mail_in_password=SecretStr(PASSWORD), **box)
    return create_app(settings, World(Clock(datetime.fromisoformat(now))))


def fetch(app: Flask) -> None:
    """Fetch what there is, and settle it."""
    held = app.extensions
    poller = Poller(held["patient_database"], held["settings"], held["clock"])
    while poller.look():
        pass
    poller.close()
    while intake.take_some(held["intake"], lambda: False):
        pass


def _tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
