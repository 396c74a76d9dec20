"""Event: one thing that happened to a ticket; its kind says what it means, also to the clocks that run on it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

SOMEBODY = text("staff_id IS NOT NULL")


class Kind(StrEnum):
    """What starts, stops or moves a clock; all other kinds only tell what went on."""

    OPENED = "opened"
    PRIORITY = "priority"  # detail: was, now
    ANSWERED = "answered"  # a person of ours spoke with the customer, or wrote to them
    NOT_ANSWERED = "not answered"  # an answer that was none after all; detail: page, as the answer's
    ASKED = "asked"  # the customer said something, by whatever way; detail: by the web, mailbox of whoever did
    WAITING = "waiting"
    RESUMED = "resumed"
    AGREED = "agreed"  # a turnaround; detail: until, customer, ours
    RESOLVED = "resolved"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"  # nobody wants it answered here: abandoned, rejected, or merged
    JOINED = "joined"  # another ticket was merged into this one; detail: reference, owed
    MISSED = "missed"  # a call about it reached nobody, at its beginning; no clock heeds it; detail: call, caller


CALL = "call"  # a call about it is over, whatever came of it
BOUNCED = "bounced"  # a mail to the customer came back; detail: address
ADDRESS = "address"  # somebody of ours learnt where to write to, or that it is right; detail: address
CONSENT = "consent"  # what somebody said to the overtime notice; detail: consent, and way where it was no call
CONFIRMED = "confirmed"  # whoever sent it reads the mail of the address that they gave; detail: address
WEB, MAIL = "web", "mail"  # `way` in the detail of what came by the public pages, and of a ticket that came by mail
SUBJECT = "subject"  # somebody of ours said in a few words what it is about; its words name the subject before
LETTER = "letter"  # what became of a letter to the customer; detail: letter, where it was written
# Of mails that came in, and no clock moves: a machine answered; two tickets name each other; one cannot be read.
MACHINE, LINKED, UNREAD = "machine", "linked", "unread"
MERGED_INTO = "merged"  # this ticket goes on as another
IS_MISSED = text("kind = 'missed'")
OF_ADDRESSES = text("kind IN ('bounced', 'address')")
OWES_LETTER = text("kind IN ('opened', 'answered', 'waiting', 'resolved', 'reopened', 'merged', 'address')")


class Event(Base):
    """One thing that happened to a ticket; never changed; deleted only with a canary, or a ticket kept long enough."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_staff_id", "staff_id", sqlite_where=SOMEBODY, postgresql_where=SOMEBODY),
        Index("ix_event_missed", "ticket_id", sqlite_where=IS_MISSED, postgresql_where=IS_MISSED),
        Index("ix_event_bounced", "id", sqlite_where=OF_ADDRESSES, postgresql_where=OF_ADDRESSES),
        Index("ix_event_letter", "at", sqlite_where=OWES_LETTER, postgresql_where=OWES_LETTER),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


def renaming(subject: str, before: str) -> str:
    """How it is told that a ticket is called otherwise."""
    return f"called “{subject}”, before that “{before}”"
