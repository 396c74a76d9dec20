"""Machines that write to each other stop: two of this product over real SMTP, and one with whatever heeds nothing.

Each mail goes by the courier to a mail server, and what comes is stored, read and settled by the worker as any other.
The worst that there could be on the way is a gateway that takes every mark off: then each product takes the letters of
the other for new questions of a person.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from random import Random
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app import World, create_app
from conftest import settings_for
from databases import let_go
from letter_office import LetterOffice
from mail_server import Taker, mail_server
from mails.mail import letter
from office import at
from tickets.mail import arrival
from tickets.mail.arrival import Arrival, Envelope, Way
from tickets.mail.letter import Letter
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from databases import SqliteFiles
    from simulator.clock import Clock

ALPHA, BETA = "support@alpha.example", "support@beta.example"
MINUTES = 60
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop", "In-Reply-To", "References")


def bared(raw: bytes) -> bytes:
    """The mail without anything by which a machine, or a thread, is known."""
    mail = message_from_bytes(raw)
    for name in MARKS:
        del mail[name]
    return mail.as_bytes()


@dataclass
class Product(LetterOffice):
    """One of two installations; without `heeds` what comes to it has lost its marks on the way."""

    address: str = ""
    heeds: bool = True
    inbox: Taker = field(default_factory=Taker)
    read: int = 0

    def takes_in(self) -> None:
        """The mail server hands over what has come for our address, with its envelope."""
        news, self.read = list(zip(self.inbox.raw, self.inbox.envelopes, strict=True))[self.read :], len(self.inbox.raw)
        house = self.app.extensions["intake"].house
        for raw, (sender, recipients) in news:
            if any(house.takes(one) for one in recipients):
                self.gets(raw if self.heeds else bared(raw), sender, *recipients)

    def gets(self, raw: bytes, sender: str, *recipients: str) -> None:
        envelope = Envelope(sender, recipients)
        self.database.write(lambda session: arrival.store(session, raw, Way.SMTP, self.clock(), envelope))

    def hears(self, words: str = "Somebody at Beta writes to Alpha", number: int = 1, **headers: object) -> int:
        """A person, or what looks like one, writes; the ticket that it is on."""
        said = {"From": BETA, "To": self.address, "Message-ID": f"<letter-{number}@beta.example>", "Subject": words}
        self.gets(letter(words, **said | headers), BETA, self.address)
        self.tick()
        with self.database.reading() as session:
            newest = session.scalars(select(Arrival).order_by(Arrival.id.desc())).first()
            assert newest
            assert newest.ticket_id
            return newest.ticket_id

    @property
    def automatic(self) -> int:
        """How many letters left that no person of ours wrote."""
        with self.database.reading() as session:
            rows = select(Letter).where(Letter.automatic, Letter.state != "withheld")
            return len(session.scalars(rows).all())

    @property
    def tickets(self) -> int:
        return self._count(Ticket)

    @property
    def arrivals(self) -> int:
        return self._count(Arrival)

    def _count(self, what: type[Ticket | Arrival]) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(what.id)).all())


def settings_of(address: str, port: int) -> dict[str, object]:
    server = {"mail_host": "127.0.0.1", "mail_port": port, "mail_tls": "none", "mail_from": address}
    secret = SecretStr(f"a secret of {address} and nobody else, for tests")
    return server | {"mail_in_addresses": address, "demo": False, "secret_key": secret}


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
        let_go(beta)


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
    alpha.hears()
    correspond(worlds)
    assert alpha.automatic >= 1
    assert alpha.automatic + beta.automatic <= 3
    assert alpha.tickets + beta.tickets <= 4
    assert len(alpha.mails) == alpha.automatic, "what was written has left"
    assert beta.arrivals >= 1, "and has come"


@pytest.mark.parametrize("heeds", [True, False])
def test_a_person_s_answer_starts_no_exchange_either(worlds: tuple[Product, Product], heeds: bool):
    alpha, beta = worlds
    beta.heeds = heeds
    number = alpha.hears()
    alpha.does(number, lambda ticket, by: ticket.answer(by, alpha.clock(), "Restart it", to=BETA))
    correspond(worlds)
    assert any(b"Restart it" in raw for raw in beta.inbox.raw)
    assert alpha.automatic + beta.automatic <= 3
    assert beta.tickets <= 2, "what Alpha's engineer wrote, and at worst what its machine did"


class Vacation:
    """Answers every mail at once, under no mark, as the answer to nothing, and never in the same words twice."""

    def __init__(self, product: Product) -> None:
        self.product, self.answered = product, 0

    def answer(self) -> None:
        news, self.answered = self.product.mails[self.answered :], len(self.product.mails)
        for number, mail in enumerate(news, self.answered):
            assert mail["To"] == BETA
            self.product.hears(f"I am away, {number}", 100 + number, From=BETA.title() if number % 2 else BETA)


@pytest.mark.parametrize("minutes", [0, 1, 19])
def test_a_vacation_responder_that_heeds_nothing_gets_three_letters_at_most(
    worlds: tuple[Product, Product], minutes: int
):
    alpha, _ = worlds
    away = Vacation(alpha)
    alpha.hears("Please help")
    for _ in range(3):
        alpha.tick(minutes * MINUTES)
        away.answer()
    alpha.tick()
    assert 1 <= len(alpha.mails) <= 3
    assert away.answered == len(alpha.mails)
    assert [state for _, state, _ in alpha.letters()].count("withheld") >= 1, "and everybody can see that"


def test_one_that_answers_every_letter_on_its_ticket_moves_nothing(worlds: tuple[Product, Product]):
    alpha, _ = worlds
    number = alpha.hears("Please help")
    alpha.tick()
    ours = alpha.newest["Message-ID"]
    for each in range(5):
        assert alpha.hears(f"away {each}", 200 + each, In_Reply_To=ours) == number
        alpha.tick(5 * MINUTES)
    assert len(alpha.mails) == 1
    alpha.does(number, lambda ticket, by: ticket.resolve(alpha.clock(), "done", by))
    for each in range(5):  # each answer opens it, each time somebody resolves it: people press, machines do not
        alpha.tick(MINUTES)
        assert alpha.hears(f"away {each}", 300 + each, In_Reply_To=ours) == number
        alpha.tick(MINUTES)
    assert alpha.automatic <= 3
