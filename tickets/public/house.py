"""House: what the public pages tell of whoever answers: lines to ring, company, whether mails leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from desk import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.db import Database
    from desk.settings import Settings
    from ivr.exchange import Exchange
    from ivr.switchboard import LineSetUp
    from tickets.mail.names import Names
    from tickets.public.links import Links


@dataclass(frozen=True)
class House:
    """What is set up, as far as strangers may know it."""

    origin: str
    lines: Sequence[LineSetUp]
    mails: bool
    links: Links
    names: Names
    settings: Settings

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
        held["links"],
        held["names"],
        settings,
    )


def database() -> Database:
    """Where it is kept."""
    return cast("Database", current_app.extensions["database"])
