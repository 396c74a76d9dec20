"""Told: what the telephones of colleagues have received since a test looked last."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cast import NUMBERS
from conftest import ORIGIN
from desk import outbox, sms
from office import at

if TYPE_CHECKING:
    from office import Office
    from simulator.rest import Rest

NAMES = {number: name.split()[0].lower() for name, number in NUMBERS.items()}
STAFF = ("thandi", "pieter", "lerato", "naledi", "bongani")
COMPANY = "Protea IT Support: "


def notice(body: str) -> bool:
    """Whether it is news, which leads to a page, and not what pages or warns somebody about a ticket."""
    return body.startswith(COMPANY) and body.rpartition(" ")[2].startswith(ORIGIN)


class Told:
    """What the telephones of colleagues have received."""

    def __init__(self, office: Office, rest: Rest) -> None:
        self.office, self.rest, self.seen = office, rest, 0

    def news(self, after: int = 61) -> list[tuple[str, str]]:
        """What has come since one looked last, a minute later: (who, words without the company and the address)."""
        self.office.clock.advance(after)
        self.office.tick()
        if self._waiting():
            self.office.tick()
        texts = [text for text in self.rest.account.messages.values() if NAMES[text.to] in STAFF and notice(text.body)]
        found = sorted((NAMES[text.to], self.words(text.body)) for text in texts[self.seen :])
        self.seen = len(texts)
        return found

    def _waiting(self) -> bool:
        """Whether the worker has put something in the outbox that it has not yet delivered."""
        with self.office.database.reading() as session:
            return bool(outbox.standing(session, outbox.State.WAITING))

    def words(self, body: str) -> str:
        assert body.startswith(COMPANY)
        assert sms.segments(body) <= 2
        words, _, address = body.removeprefix(COMPANY).rpartition(" ")
        assert address.startswith(f"{ORIGIN}/")
        return words

    def until(self, moment: str, every: timedelta = timedelta(minutes=30)) -> list[tuple[str, str]]:
        """Let time pass, the worker looking every half an hour; what came meanwhile."""
        found, end = [], at(moment)
        while self.office.now < end:
            self.office.clock.until(min(self.office.now + every, end))
            found += self.news(0)
        return found
