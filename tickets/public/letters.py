"""Letters of the public pages: the two mails that a visitor can have us send, and nothing in them that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk import mailing
from desk.door.keys import digest
from tickets import reference
from tickets.public.passes import LIFE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.public.house import House
    from tickets.ticket import Ticket

NOT_YOU = "If you did not ask for this, do nothing: nobody can do anything without this mail."


def details(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """The link that shows what was said about a ticket."""
    body = _paragraphs(
        f"This opens what was said about your ticket {reference.printed(ticket.reference)}, and you can add to it. It "
        f"opens once, until {_clock(house, now)}:",
        f"{house.origin}/help/ticket/{secret}",
        NOT_YOU,
        _company(house),
    )
    _post(session, secret, mailbox, f"Your ticket {reference.printed(ticket.reference)}", body, now)


def confirm(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """The link that has the engineer on standby paged."""
    body = _paragraphs(
        f"An emergency was sent to us under your address: ticket {reference.printed(ticket.reference)}. Nobody has "
        "been called out yet. This has the engineer on standby paged; press the button on its page, until "
        f"{_clock(house, now)}:",
        f"{house.origin}/help/confirm/{secret}",
        _ring(house, "Ringing us is quicker"),
        NOT_YOU,
        _company(house),
    )
    _post(session, secret, mailbox, f"Confirm your emergency {reference.printed(ticket.reference)}", body, now)


def ring(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """To an address that we do not know: who has an emergency has to ring."""
    body = _paragraphs(
        f"An emergency was sent to us under your address: ticket {reference.printed(ticket.reference)}. We do not know "
        "this address, so nobody is called out for it at night. The ticket is kept and will be answered.",
        _ring(house, "If it cannot wait, ring us"),
        f"This opens the ticket, and you can add to it. It opens once, until {_clock(house, now)}:",
        f"{house.origin}/help/ticket/{secret}",
        NOT_YOU,
        _company(house),
    )
    _post(session, secret, mailbox, f"Please ring: {reference.printed(ticket.reference)}", body, now)


def _post(session: Session, about: str, mailbox: str, subject: str, body: str, now: datetime) -> None:
    mailing.post(session, f"help {digest(about)}", mailbox, subject, body, now, lasts=LIFE)


def _paragraphs(*said: str) -> str:
    return "\n\n".join(filter(None, said)) + "\n"


def _ring(house: House, words: str) -> str:
    return f"{words}: {house.numbers}." if house.lines else ""


def _company(house: House) -> str:
    return house.lines[0].company if house.lines else ""


def _clock(house: House, now: datetime) -> str:
    return f"{(now + LIFE).astimezone(ZoneInfo(house.zone)):%H:%M}"
