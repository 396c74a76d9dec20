"""House: which mail addresses are ours, for which mail is taken, and what is kept to when one comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tickets.mail import addressee
from tickets.mail.flood import Limits

if TYPE_CHECKING:
    from desk.settings import Settings
    from tickets.mail.names import Names


@dataclass(frozen=True)
class House:
    """Our names, addresses and lists; how long what was resolved can be opened; how much is too much.

    `mailboxes` are the addresses that mail is taken for, `ours` these and whom our mails come from, all as
    `addressee.plain` writes them.
    """

    names: Names
    mailboxes: frozenset[str]
    ours: frozenset[str]
    lists: frozenset[str]
    reopens: timedelta
    limits: Limits
    largest: int

    @classmethod
    def of(cls, settings: Settings, names: Names) -> House:
        """As the settings have it."""
        return cls(
            names,
            frozenset(settings.mail_in_mailboxes),
            addressee.ours(settings),
            frozenset(part.strip().lower() for part in settings.mail_in_lists.split(",") if part.strip()),
            timedelta(days=settings.mail_in_reopen_days),
            Limits(settings.mail_in_tickets_of_one, settings.mail_in_tickets_of_all),
            settings.mail_in_largest,
        )

    def owns(self, address: str | None) -> bool:
        """Whether it is one of ours, with or without what follows a plus."""
        return addressee.plain(address or "") in self.ours

    def takes(self, address: str) -> bool:
        """Whether mail to it is taken here; the same of it."""
        return addressee.plain(address) in self.mailboxes
