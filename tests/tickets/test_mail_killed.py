"""Whenever the process that fetches, takes or reads mail is killed, no mail is lost and none is doubled."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import NIGHT
from databases import let_go
from dying import fetch, made
from imap_server import USER, Account, imap_server
from mails.mail import letter
from tickets.mail.arrival import Arrival, State
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk.db import Database

ROOT = Path(__file__).parent.parent.parent
LATER = NIGHT + timedelta(minutes=5)  # the lease of whoever was killed is over
MAILS = [letter(f"{number}\n", Message_ID=f"<{number}@x.example>", From=f"{number}@x.example") for number in range(2)]


def run(*words: object) -> int:
    return subprocess.run(_command(*words), env=_env(), cwd=ROOT, check=False).returncode  # noqa: S603 - our own


def go_on(database_url: str, port: int) -> None:
    """What the next process does, once the leases are over."""
    app = made(database_url, LATER.isoformat(), port)
    fetch(app)
    let_go(app)


def _command(*words: object) -> list[str]:
    return [sys.executable, str(ROOT / "tests/dying.py"), *map(str, words)]


def _env() -> dict[str, str]:
    return {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": ""}


@pytest.fixture
def account() -> Account:
    made = Account()
    for raw in MAILS:
        made.gets(raw)
    return made


@pytest.fixture
def port(account: Account) -> Iterator[int]:
    with imap_server(account) as port:
        yield port


def all_are_tickets(database: Database) -> None:
    """Each of the mails is one ticket."""
    with database.reading() as session:
        mails = session.scalars(select(Arrival).order_by(Arrival.id)).all()
        assert sorted(mail.message_id or "" for mail in mails) == ["<0@x.example>", "<1@x.example>"]
        assert [mail.state for mail in mails] == [State.TICKET] * 2
        assert len(set(session.scalars(select(Ticket.id)))) == len({mail.ticket_id for mail in mails}) == 2


# Two mails stored, the mailbox noted, two claims, two that are settled, and two signs of life.
@pytest.mark.parametrize("number", range(1, 10))
def test_killed_at_any_commit(account: Account, port: int, database: Database, database_url: str, number: int):
    assert run("fetch", database_url, NIGHT.isoformat(), number, port) == -signal.SIGKILL
    go_on(database_url, port)
    all_are_tickets(database)
    assert account.unseen == 0


def test_these_are_all_its_commits(port: int, database: Database, database_url: str):
    assert run("fetch", database_url, NIGHT.isoformat(), 10, port) == 0
    all_are_tickets(database)


@pytest.mark.parametrize("command", ["UID FETCH", "UID STORE", "UID STORE after"])
def test_killed_while_the_server_is_told(
    account: Account, port: int, database: Database, database_url: str, command: str
):
    """Before or after it has done what it was told; the answer reaches nobody."""
    killed: list[subprocess.Popen[bytes]] = []

    def kill(said: str) -> None:
        if said == command and not killed[0].poll():
            killed[0].kill()
            killed[0].wait()

    account.hook = kill
    killed.append(subprocess.Popen(_command("fetch", database_url, NIGHT.isoformat(), 0, port), env=_env(), cwd=ROOT))  # noqa: S603
    assert killed[0].wait() == -signal.SIGKILL
    account.hook = lambda _: None
    go_on(database_url, port)
    all_are_tickets(database)
    assert account.unseen == 0


@pytest.mark.parametrize("number", [1, 2])
def test_killed_while_a_server_hands_over(database: Database, database_url: str, port: int, number: int):
    """At the first commit nothing was stored, at the second one mail; what had no answer is sent again."""
    left = list(MAILS)
    _hand_over(database_url, number, left)
    assert len(left) == 3 - number
    _hand_over(database_url, 0, left)
    assert left == []
    go_on(database_url, port)
    all_are_tickets(database)


def _hand_over(database_url: str, number: int, left: list[bytes]) -> None:
    """As a mail server would: what got its 250 is off the list."""
    words = _command("listen", database_url, NIGHT.isoformat(), number, 0)
    with subprocess.Popen(words, env=_env(), cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout
        at = int(process.stdout.readline())
        try:
            for raw in list(left):
                with smtplib.LMTP("127.0.0.1", at) as server:
                    server.sendmail("sipho@x.example", [USER], raw)
                left.remove(raw)
        except smtplib.SMTPServerDisconnected:
            assert number
        finally:
            process.kill()


def test_taken_before_the_kill_and_again_after_it_is_one(
    database: Database, database_url: str, account: Account, port: int
):
    """The server never heard our 250, and comes again."""
    _hand_over(database_url, 0, list(MAILS))
    _hand_over(database_url, 0, list(MAILS))
    go_on(database_url, port)  # and a mailbox has them, too
    all_are_tickets(database)
    assert account.unseen == 0
