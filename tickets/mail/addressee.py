"""Addressee: whether mail can be sent to an address, as far as it has been told: what bounced gets none.

An address that bounced is let alone on every ticket until a person types it, or another one, once more: whoever does
that says that it is right.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, literal_column, select

from desk import mailing
from tickets.event import ADDRESS, BOUNCED, Event

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from desk.settings import Settings

# Nobody reads there (RFC 2142 has the first two; the rest is custom).
MACHINES = re.compile(r"(?:mailer-daemon|postmaster|bounces?|.*(?:no|do-?not)[-_.]?reply.*)(?:\+.*)?", re.IGNORECASE)
TOLD = Event.kind.in_([literal_column(f"'{BOUNCED}'"), literal_column(f"'{ADDRESS}'")])  # as `ix_event_bounced` has it


class Why(StrEnum):
    """Why nothing is written to somebody, whoever would write."""

    NONE = "no address is known"
    NO_ADDRESS = "what is known is no address that mail can be sent to"
    OURS = "it is an address of ours"
    BOUNCED = "mail to this address came back"


def ours(settings: Settings) -> frozenset[str]:
    """Our own addresses, as `plain` writes them: whom mails come from, and those that mail is taken for."""
    known = (parseaddr(settings.mail_from)[1], *settings.mail_in_mailboxes)
    return frozenset(plain(one) for one in known if "@" in one)


def refusal(session: Session, address: str | None, ours: Collection[str]) -> Why | None:
    """Why nothing at all is sent there; None if it may be. `ours`: our own addresses."""
    if not address:
        return Why.NONE
    if not mailing.is_address(address):
        return Why.NO_ADDRESS
    if plain(address) in ours:
        return Why.OURS
    return Why.BOUNCED if has_bounced(session, address) else None


def has_bounced(session: Session, address: str) -> bool:
    """Whether mail to it came back, and nobody has said since that it is right."""
    return bool(session.scalar(select(bounced(literal(address)))))


def bounced(address: ColumnElement[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """The same as a condition; which addresses came back is looked up once, however many are asked about."""
    theirs = func.lower(Event.detail["address"].as_string()).label("address")
    told = select(theirs, Event.kind, Event.id).where(TOLD).subquery()
    came, right = (func.max(case((told.c.kind == kind, told.c.id), else_=0)) for kind in (BOUNCED, ADDRESS))
    doubtful = select(told.c.address).where(told.c.address.is_not(None)).group_by(told.c.address).having(came > right)
    return func.lower(address).in_(doubtful)


def is_machine_s(address: str) -> bool:
    """Whether by its name nobody reads what is sent there."""
    return bool(MACHINES.fullmatch(address.partition("@")[0]))


def plain(address: str) -> str:
    """The address in small letters and without what stands behind a plus, to compare it with ours."""
    local, _, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"
