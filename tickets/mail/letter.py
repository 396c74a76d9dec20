"""Letter: what a customer was written because of one event, or why nothing was; one row per event that owes one.

The row and the mail in the outbox are written in one transaction, so no event is answered twice however often a
worker dies. What became of the mail is noted here too: the outbox forgets what was sent long ago.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from tickets.ticket import Ticket


class What(StrEnum):
    """What a letter tells."""

    RECEIVED = "received"
    ANSWER = "answer"  # the words of a person of ours
    WAITING = "waiting"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    MERGED = "merged"


class State(StrEnum):
    """Where a letter stands."""

    POSTED = "posted"  # in the outbox
    SENT = "sent"  # the mail server has it
    FAILED = "failed"
    WITHHELD = "withheld"


WRITTEN = (State.POSTED, State.SENT, State.FAILED)


class Letter(Base):
    """One letter, or one that was withheld; `why` says why it was, or why it failed.

    `address` is `to` as limits count it, the same however a mailbox is written; `automatic`: no person of ours had it
    written.
    """

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_address_at", "address", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    to: Mapped[str | None]
    address: Mapped[str | None]
    language: Mapped[str | None]
    automatic: Mapped[bool]
    state: Mapped[str]
    why: Mapped[str | None]
    outbox_id: Mapped[int | None]  # no key: the outbox forgets, the letter does not
    message_id: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]


class LettersSince(Base):
    """The newest event of the time before there were letters: nobody is written to about what is older."""

    __tablename__ = "letters_since"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]


def of(session: Session, ticket: Ticket) -> Sequence[Letter]:
    """The letters of a ticket, oldest first, with those that were withheld."""
    return session.scalars(select(Letter).where(Letter.ticket_id == ticket.id).order_by(Letter.id)).all()


def written(session: Session, ticket_id: int) -> Sequence[Letter]:
    """Those that were written, whether or not they have arrived; oldest first."""
    query = select(Letter).where(Letter.ticket_id == ticket_id, Letter.state.in_(WRITTEN))
    return session.scalars(query.order_by(Letter.id)).all()
