"""File: something that a customer sent with what they said, kept as it came.

It is data and nothing else: never run, never opened, never shown within a page. Whoever downloads it gets it as an
attachment of no particular type.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from tickets import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from tickets.event import Event
    from tickets.ticket import Ticket


@dataclass(frozen=True)
class Sent:
    """A file as it came: a name that is safe, what its contents are, and the contents."""

    name: str
    type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """What names the contents."""
        return sha256(self.content).hexdigest()


class File(Base):
    """One file of one event; the contents are read only where they are asked for."""

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


def keep(session: Session, event: Event, files: Iterable[Sent]) -> None:
    """Keep what came with an event."""
    session.flush()
    for one in files:
        about = {"ticket_id": event.ticket_id, "event_id": event.id, "size": len(one.content)}
        session.add(File(name=one.name, type=one.type, sha256=one.sha256, content=one.content, **about))


def of(session: Session, ticket: Ticket) -> Sequence[File]:
    """What came with a ticket, and with all that joined it, in order; without the contents."""
    return session.scalars(select(File).where(File.ticket_id.in_(inbox.whole(ticket))).order_by(File.id)).all()
