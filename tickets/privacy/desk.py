"""Desk: what pages and commands do for a manager: look somebody up, hand over what is kept of them, have it erased.

Each is in the audit, under a digest of whom it was about: that it was done stays, of whom it was done goes with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from desk import audit
from desk.audit import What
from ivr.line import Line
from tickets.privacy import asked, export, person
from tickets.privacy.asked import Erasure
from tickets.privacy.erasure import Tools
from tickets.reference import printed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import IO

    from pydantic import SecretStr
    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.db import Database
    from desk.settings import Settings
    from tickets.privacy.whom import Person

SHOWN = 100  # erasures of a list


@dataclass(frozen=True)
class Preview:
    """Somebody as they are looked at: what they are called, how much is kept of whom, and what is still open."""

    person: Person
    called: str
    counts: Mapping[str, int]
    open: Sequence[str]


def settings() -> Settings:
    """The settings of this process."""
    held: Settings = current_app.extensions["settings"]
    return held


def secret() -> SecretStr:
    """The key of digests."""
    return settings().secret_key


def look_at(database: Database, keys: Sequence[str], who: Who, now: datetime) -> Preview:
    """How much is kept of somebody; raises LookupError. Noted first, so that nobody looks without."""
    _note(database, keys, who, What.PERSON_LOOKED_UP, now)
    with database.reading() as session:
        whom = person.of(session, keys)
        open_ = [printed(one.reference) for one in asked.open_tickets(session, whom)]
        called = next(iter(whom.names), None) or ", ".join(whom.keys)
        return Preview(whom, called, export.preview(session, whom, _house()), open_)


def export_of(database: Database, keys: Sequence[str], who: Who, now: datetime) -> IO[bytes]:
    """All of it as a ZIP; raises LookupError. Noted first."""
    _note(database, keys, who, What.PERSON_EXPORTED, now)
    with database.reading() as session:
        company = session.scalars(select(Line.company).order_by(Line.id).limit(1)).first() or "Afterhours"
    return export.Maker(current_app.extensions["shelf"], _house(), company).zip(database.reading(), keys, now)


def ask_for_erasure(
    database: Database, keys: Sequence[str], who: Who, why: str, now: datetime, *, close: bool = False
) -> int:
    """The number of an erasure that has begun; raises LookupError, or NotYet with what has to be done first."""
    with database.reading() as session:  # who they are takes looking everywhere, and locks nothing
        whom = person.of(session, keys)
    return database.write(lambda session: asked.begin(session, whom, who, why, secret(), now, close=close).id)


def tools() -> Tools:
    """What erasures work with."""
    held = current_app.extensions
    return Tools(held["patient_database"], held["shelf"], held["clock"])


def newest(session: Session) -> Sequence[Erasure]:
    """The latest erasures."""
    return session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(SHOWN)).all()


def _note(database: Database, keys: Sequence[str], who: Who, what: What, now: datetime) -> None:
    with database.reading() as session:
        about = asked.title(asked.tags(secret(), person.of(session, keys)))
    database.write(lambda session: audit.tell(session, who, what, about, now))


def _house() -> tuple[str, ...]:
    held = settings()
    addresses = {parseaddr(held.mail_from)[1], *held.mail_in_mailboxes}
    return tuple(sorted(one.lower() for one in addresses if one))
