"""Endpoint: a program or a chat room that wants to be told, what of, and how it goes with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.hooks import secrets
from desk.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from desk.hooks.secrets import Secrets

OVERLAP = timedelta(days=1)  # for which the secret before still signs
PATIENCE = timedelta(days=5)  # of failure alone, and then it is switched off
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


class Way(StrEnum):
    """How it is told."""

    WEBHOOK = "webhook"
    CHAT = "chat"


class Endpoint(Base):
    """One of them; removed ones stay for the log, without their address.

    `full` lets it have what is kept from others: callers' numbers in a webhook, customers' names in a chat room.
    After a failure it `rests_until`: its other messages wait as well, and nobody else's wait for its time-outs.
    """

    __tablename__ = "hook_endpoint"
    id: Mapped[int] = mapped_column(primary_key=True)
    way: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    types: Mapped[list[Any]]
    full: Mapped[bool]
    emergencies: Mapped[bool]  # of what concerns a ticket, only that
    salt: Mapped[str]
    salt_before: Mapped[str | None]
    before_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    misses: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    off_why: Mapped[str | None]  # where nobody switched it off
    removed_at: Mapped[datetime | None]
    made_by: Mapped[Staff] = relationship()

    @property
    def is_on(self) -> bool:
        """Whether it is told of what happens."""
        return self.off_at is None and self.removed_at is None

    @property
    def place(self) -> str:
        """Its address as far as it is no secret."""
        parts = urlsplit(self.url)
        if self.way == Way.CHAT:
            return f"{parts.scheme}://…" if self.url else ""
        return f"{parts.scheme}://{parts.netloc}/…" if self.url else ""

    def wants(self, kind: str, priority: str | None) -> bool:
        """Whether it is told of that; `priority` is that of the ticket it concerns, if it does."""
        return kind in self.types and not (self.emergencies and priority not in (None, "emergency"))

    def secrets(self, made: Secrets, now: datetime) -> list[str]:
        """What signs for it: its secret, and the one before while the two overlap."""
        before = self.salt_before if self.before_until and now < self.before_until else None
        return [made.of(salt) for salt in (self.salt, before) if salt]

    def rotate(self, now: datetime) -> None:
        """A new secret; the one before signs beside it for a day."""
        self.salt_before, self.before_until, self.salt = self.salt, now + OVERLAP, secrets.salt()

    def reached(self, now: datetime) -> None:
        """It took something."""
        self.misses, self.failing_since, self.rests_until, self.reached_at = 0, None, None, now

    def missed(self, now: datetime, why: str, *, gone: bool = False) -> None:
        """It took nothing; where it has not for days, or says itself that it is gone, it is switched off."""
        self.misses += 1
        self.failing_since = self.failing_since or now
        self.rests_until = now + min(FIRST_REST * 2 ** min(self.misses - 1, 10), LONGEST_REST)
        if self.is_on and (gone or now - self.failing_since >= PATIENCE):
            self.off_at, self.off_why = now, why

    def switch_off(self, now: datetime) -> None:
        """Somebody wants it to be told nothing for a while."""
        self.off_at, self.off_why = self.off_at or now, None

    def switch_on(self) -> None:
        """It is told of what happens from now on."""
        self.off_at = self.off_why = self.failing_since = self.rests_until = None
        self.misses = 0

    def remove(self, now: datetime) -> None:
        """Nothing is sent there any more, and the address is not kept."""
        self.removed_at, self.url, self.off_why, self.salt_before = now, "", None, None
        self.salt = secrets.salt()


def listening(session: Session) -> Sequence[Endpoint]:
    """Those that are told."""
    query = select(Endpoint).where(Endpoint.off_at.is_(None), Endpoint.removed_at.is_(None))
    return session.scalars(query.order_by(Endpoint.id)).all()


def every(session: Session) -> Sequence[Endpoint]:
    """All that there are, by name."""
    return session.scalars(select(Endpoint).where(Endpoint.removed_at.is_(None)).order_by(Endpoint.name)).all()


def get(session: Session, number: int, *, hold: bool = False) -> Endpoint | None:
    """That one, unless it was removed; perhaps held until the transaction ends."""
    found = session.get(Endpoint, number, with_for_update=hold or None)
    return found if found and found.removed_at is None else None
