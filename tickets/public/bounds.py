"""Bounds: how often strangers may do what costs somebody something, counted in the database for all processes.

Each source is counted before the whole, so that one source alone cannot use up what is there for all; what was refused
counts nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from desk.door import attempts
from tickets.mail.addressee import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

QUARTER, DAY = attempts.WINDOW, attempts.LONGEST
OF_A_SITE = 5  # times as often as from one network: of these a site has 65,536


class TooMany(Exception):
    """Not before `until`; nothing was counted or done."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class Bound:
    """So many in a window, of what this key names."""

    key: str
    most: int
    window: timedelta = QUARTER


def tickets(place: str, email: str) -> Sequence[Bound]:
    """New tickets; an office shares one address of the network, and no source alone uses up a mail address."""
    here = attempts.address(place)
    return (
        *_of_one("ticket", place, 10),
        Bound(f"ticket {here} of {_hidden(plain(email))}", 5),
        Bound(f"ticket of {_hidden(plain(email))}", 20),
        Bound("ticket", 300),
    )


def guesses(place: str, reference: str, contact: str) -> Sequence[Bound]:
    """Tries to learn the state of a ticket; those that were right are given back."""
    return (
        *_of_one("track", place, 10),
        Bound(f"track of {_hidden(contact)}", 30),
        Bound(f"track to {_hidden(reference)}", 30),
        Bound("track", 600),
    )


def mails(place: str, mailbox: str) -> Sequence[Bound]:
    """Mails that strangers can have us send, to whose mailbox ever."""
    return (
        *_of_one("link", place, 10),
        Bound(f"link to {_hidden(plain(mailbox))}", 3),
        Bound(f"link of a day to {_hidden(plain(mailbox))}", 10, DAY),
        Bound("link", 300),
    )


def messages(ticket_id: int) -> Sequence[Bound]:
    """What is added to one ticket."""
    return (Bound(f"message {ticket_id}", 20),)


def _of_one(what: str, place: str, most: int) -> Sequence[Bound]:
    """Of one source: its network and, where it may have many of those, all of them."""
    network, site = Bound(f"{what} {attempts.address(place)}", most), attempts.site(place)
    return (network, Bound(f"{what} {site}", OF_A_SITE * most)) if site else (network,)


def count(session: Session, bounds: Sequence[Bound], now: datetime) -> None:
    """Count one more; raises TooMany, after which the transaction must not be kept."""
    attempts.forget(session, now)
    for bound in bounds:
        tries, until = attempts.count(session, bound.key, now, bound.window)
        if tries > bound.most:
            raise TooMany(until)


def give_back(session: Session, bounds: Sequence[Bound]) -> None:
    """It was no guess."""
    for bound in bounds:
        attempts.give_back(session, bound.key)


def _hidden(text: str) -> str:
    # People type into forms what does not belong there, and addresses of others.
    return sha256(text.strip().lower().encode()).hexdigest()[:32]
