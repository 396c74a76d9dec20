"""Machines that write to each other stop: two of this product over real SMTP, and one with whatever heeds nothing.

What comes in is read by the product's own reader. What is made of it here is the worst that there could be: whoever
does not heed marks takes every mail for a new question of a person.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import World, create_app
from conftest import settings_for
from letter_office import LetterOffice
from mail_server import Taker, mail_server
from office import at
from tickets.mail.letter import Letter
from tickets.mail.received import read
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from databases import SqliteFiles
    from simulator.clock import Clock

ALPHA, BETA = "support@alpha.example", "support@beta.example"
MINUTES = 60


@dataclass
class Product(LetterOffice):
    """One of two installations; `heeds` what a mail says of itself and what it answers."""

    address: str = ""
    heeds: bool = True
    inbox: Taker = field(default_factory=Taker)
    read: int = 0

    def takes_in(self) -> None:
        """Each mail that has come to our address becomes a message on its ticket, or a ticket."""
        raws, self.read = self.inbox.raw[self.read :], len(self.inbox.raw)
        for raw in raws:
            mail = read(raw)
            if any(one.partition("+")[0] == self.address.partition("@")[0] for one in mail.recipients) or (
                self.address in mail.recipients
            ):
                self._take(mail)

    def _take(self, mail) -> None:
        known = [self.app.extensions["names"].ticket_of(one) for one in mail.references] if self.heeds else []
        about = {"mail": self.read, "message_id": mail.message_id}
        if self.heeds and mail.automatic:
            about["automatic"] = mail.automatic.why
        if number := next((one for one in known if one), None):
            self.does(number, lambda ticket, _: ticket.hear(f"wrote: {mail.shown}", self.clock(), **about))
        else:
            self.opens(mail.sender.address, mail.shown, **about)

    @property
    def automatic(self) -> int:
        """How many letters left that no person of ours wrote."""
        with self.database.reading() as session:
            rows = session.scalars(select(Letter).where(Letter.automatic, Letter.state != "withheld"))
            return len(rows.all())

    @property
    def tickets(self) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(Ticket)).all())


def settings_of(address: str, port: int) -> dict[str, object]:
    server = {"mail_host": "127.0.0.1", "mail_port": port, "mail_tls": "none", "mail_from": address}
    return server | {"mail_box": address, "demo": False}


@pytest.fixture
def worlds(
    another: Callable[..., Flask], clock: Clock, sqlite_files: SqliteFiles, tmp_path: Path
) -> Iterator[tuple[Product, Product]]:
    """Two, each with a database of its own, each the other's mail server."""
    clock.until(at("2026-11-24 09:00"))
    takers = Taker(), Taker()
    (tmp_path / "beta").mkdir()
    with ExitStack() as stack:
        ports = [stack.enter_context(mail_server(one)) for one in takers]
        url = stack.enter_context(sqlite_files.copy(tmp_path / "beta"))
        alpha = another(**settings_of(ALPHA, ports[1]))
        beta = create_app(settings_for(url).model_copy(update=settings_of(BETA, ports[0])), World(clock, Random(2)))
        yield (
            Product(alpha, clock, takers[1], address=ALPHA, inbox=takers[0]),
            Product(beta, clock, takers[0], address=BETA, inbox=takers[1]),
        )
        for name in ("database", "patient_database"):
            beta.extensions[name].engine.dispose()


def correspond(worlds: tuple[Product, Product], rounds: int = 9) -> None:
    """Both do what they do, again and again for three quarters of an hour."""
    for _ in range(rounds):
        for one in worlds:
            one.tick(2.5 * MINUTES)
        for one in worlds:
            one.takes_in()


@pytest.mark.parametrize("heeds", [(True, True), (True, False), (False, True), (False, False)])
def test_two_products_that_write_to_each_other_stop(worlds: tuple[Product, Product], heeds: tuple[bool, bool]):
    alpha, beta = worlds
    alpha.heeds, beta.heeds = heeds
    alpha.opens(BETA, "Somebody at Beta writes to Alpha", mail=1)
    correspond(worlds)
    assert alpha.automatic >= 1
    assert alpha.automatic + beta.automatic <= 3
    assert alpha.tickets + beta.tickets <= 4


def test_a_person_s_answer_starts_no_exchange_either(worlds: tuple[Product, Product]):
    alpha, beta = worlds
    number = alpha.opens(BETA, "Somebody at Beta writes to Alpha", mail=1)
    alpha.tick()
    alpha.does(number, lambda ticket, by: ticket.answer(by, alpha.clock(), "Restart it", to=BETA))
    correspond(worlds)
    assert alpha.automatic + beta.automatic <= 3
    assert beta.tickets <= 2, "what Alpha's engineer wrote, and at worst what its machine did"


class Vacation:
    """Answers every mail at once, under no mark, as the answer to nothing, and never in the same words twice."""

    def __init__(self, office: Product) -> None:
        self.office, self.answered = office, 0

    def answer(self) -> None:
        news, self.answered = self.office.mails[self.answered :], len(self.office.mails)
        for number, mail in enumerate(news, self.answered):
            assert mail["To"] == BETA
            self.office.opens(BETA.title() if number % 2 else BETA, f"I am away, {number}", mail=number)


@pytest.mark.parametrize("minutes", [0, 1, 19])
def test_a_vacation_responder_that_heeds_nothing_gets_three_letters_at_most(
    worlds: tuple[Product, Product], minutes: int
):
    alpha, _ = worlds
    away = Vacation(alpha)
    alpha.opens(BETA, "Please help", mail=1)
    for _ in range(3):
        alpha.tick(minutes * MINUTES)
        away.answer()
    alpha.tick()
    assert 1 <= len(alpha.mails) <= 3
    assert away.answered == len(alpha.mails)
    assert [state for _, state, _ in alpha.letters()].count("withheld") >= 1, "and everybody can see that"


def test_one_that_answers_every_letter_on_its_ticket_moves_nothing(worlds: tuple[Product, Product]):
    alpha, _ = worlds
    number = alpha.opens(BETA, "Please help", mail=1)
    alpha.tick()
    for each in range(5):
        alpha.does(number, lambda ticket, _, each=each: ticket.hear(f"wrote: away {each}", alpha.clock(), mail=each))
        alpha.tick(5 * MINUTES)
    assert len(alpha.mails) == 1
    alpha.does(number, lambda ticket, by: ticket.resolve(alpha.clock(), "done", by))
    for each in range(5):  # each answer opens it, each time somebody resolves it: people press, machines do not
        alpha.tick(MINUTES)
        alpha.does(number, lambda ticket, _, each=each: ticket.hear(f"wrote: away {each}", alpha.clock(), mail=each))
        alpha.tick(MINUTES)
    assert alpha.automatic <= 3
