"""House: which mail addresses are ours, and what is kept to when a mail comes to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tickets.mail.flood import Limits
from tickets.mail.names import Names

if TYPE_CHECKING:
    from desk.settings import Settings


@dataclass(frozen=True)
class House:
    """Our names, addresses (lower case) and lists; how long what was resolved can be opened; how much is too much."""

    names: Names
    addresses: frozenset[str]
    lists: frozenset[str]
    reopens: timedelta
    limits: Limits
    largest: int

    @classmethod
    def of(cls, settings: Settings, domain: str) -> House:
        """As the settings have it."""
        return cls(
            Names(settings.secret_key.get_secret_value(), domain),
            settings.mail_in_mailboxes,
            frozenset(part.strip().lower() for part in settings.mail_in_lists.split(",") if part.strip()),
            timedelta(days=settings.mail_in_reopen_days),
            Limits(settings.mail_in_tickets_of_one, settings.mail_in_tickets_of_all),
            settings.mail_in_largest,
        )

    def owns(self, address: str | None) -> bool:
        """Whether it is one of ours, with or without what follows a plus."""
        local, at, domain = (address or "").lower().rpartition("@")
        return bool(at) and f"{local.partition('+')[0]}@{domain}" in self.addresses
