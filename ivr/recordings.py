"""Recordings: the messages that callers leave; the carrier keeps the sound until it is collected."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk import outbox
from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LONGEST = 300  # seconds of a message
PAUSE = 10  # seconds of silence end a message
KIND = "recording"  # in the outbox: to be fetched from the carrier
DISCARD = "discard"  # in the outbox: kept by us, to be deleted at the carrier
TAKE_OFF = "take off the shelf"  # in the outbox: its time is over
WITHIN = timedelta(days=30)  # a sound that has to go
PROCESSING = "processing"
UNREPORTED = timedelta(minutes=5)  # after which a file is asked for though nobody said that it is ready
SILENT = 2  # seconds; shorter recordings hold nothing but the line's own noise


class Recording(Base):
    """One message; the carrier reports it twice (when it ends, when its file is ready), in any order."""

    __tablename__ = "recording"
    sid: Mapped[str] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("call.sid"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    url: Mapped[str]
    seconds: Mapped[int]
    status: Mapped[str]
    taken_at: Mapped[datetime]
    file: Mapped[str | None]  # its name on the shelf (shelf.py), once it is ours
    kept_at: Mapped[datetime | None]


def discard(session: Session, sid: str, file: str | None, at: datetime) -> None:
    """Have the sound of a message removed from wherever it is: our shelf, or the carrier's if it never was ours."""
    if file:
        outbox.post(session, f"{TAKE_OFF} {file}", TAKE_OFF, {"file": file}, at, lasts=WITHIN)
    else:
        outbox.post(session, f"{DISCARD} {sid}", DISCARD, {"sid": sid}, at, lasts=WITHIN)
