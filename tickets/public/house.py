"""House: what the public pages tell of whoever answers: lines to ring, company, whether mails leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from desk import numbers
from tickets.mail import addressee
from tickets.mail.threading import answers_to

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from desk.db import Database
    from desk.settings import Settings
    from ivr.exchange import Exchange
    from ivr.switchboard import LineSetUp
    from tickets.mail.threading import Answers
    from tickets.public.links import Links


@dataclass(frozen=True)
class House:
    """What is set up, as far as strangers may know it."""

    origin: str
    lines: Sequence[LineSetUp]
    mails: bool
    ours: Collection[str]  # our own addresses, to which nothing is mailed
    links: Links
    answers: Answers
    privacy_contact: str
    privacy_kept: str

    @property
    def zone(self) -> str:
        """The clocks that the pages go by."""
        return self.lines[0].zone if self.lines else "UTC"

    @property
    def numbers(self) -> str:
        """The numbers to ring, as people write them."""
        return ", ".join(numbers.shown(line.number) for line in self.lines)

    @property
    def company(self) -> str:
        """Who answers."""
        return self.lines[0].company if self.lines else ""


def house() -> House:
    """As it is set up now."""
    held = current_app.extensions
    settings = cast("Settings", held["settings"])
    board = cast("Exchange", held["exchange"]).renew()
    return House(
        settings.public_url,
        tuple(board.lines.values()),
        bool(settings.mail_host),
        addressee.ours(settings),
        held["links"],
        answers_to(settings, held["names"]),
        settings.privacy_contact,
        settings.privacy_kept,
    )


def database() -> Database:
    """Where it is kept."""
    return cast("Database", current_app.extensions["database"])
