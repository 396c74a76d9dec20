"""Passes: links that are mailed to the address of a ticket, and open it to the one browser in which they are used.

Looking at one does not use it up, for mail programs look too. Whoever presses the button on its page does: from then on
it opens nothing in any other browser, and in that one for as long as somebody needs to write a message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base
from desk.door.keys import Kind, digest, fresh

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

LIFE, STAYS = timedelta(minutes=30), retention.usual(retention.Kind.LINKS)


class To(StrEnum):
    """What a link is for."""

    READ = "read"  # what was said, and to say more
    PAGE = "page"  # have the engineer on standby paged


class MailedLink(Base):
    """One link: whom it was mailed to; `used_by` is the digest of the browser in which it was used."""

    __tablename__ = "mailed_link"
    digest: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    opens: Mapped[str]
    mailbox: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None]


def make(session: Session, ticket_id: int, opens: To, mailbox: str, at: datetime) -> str:
    """The secret of a new link."""
    session.execute(delete(MailedLink).where(MailedLink.expires_at < at - STAYS))
    secret = fresh(Kind.MAILED)
    link = {"ticket_id": ticket_id, "opens": opens, "mailbox": mailbox, "expires_at": at + LIFE}
    session.add(MailedLink(digest=digest(secret), **link))
    return secret


def find(session: Session, secret: str, opens: To, browser: str, at: datetime) -> MailedLink | None:
    """The link, if it can still be used, or was in that very browser a while ago."""
    fresh_ = and_(MailedLink.used_at.is_(None), MailedLink.expires_at > at)
    mine = and_(MailedLink.used_by == digest(browser), MailedLink.used_at > at - STAYS)
    return session.scalars(select(MailedLink).where(_this(secret, opens), or_(fresh_, mine))).one_or_none()


def use(session: Session, secret: str, opens: To, browser: str, at: datetime) -> bool:
    """Use it up in that browser; of two who try at once, one gets False."""
    usable = and_(_this(secret, opens), MailedLink.used_at.is_(None), MailedLink.expires_at > at)
    used = update(MailedLink).where(usable).values(used_at=at, used_by=digest(browser))
    return bool(session.execute(used).rowcount)  # type: ignore[attr-defined]


def _this(secret: str, opens: To) -> ColumnElement[bool]:
    return and_(MailedLink.digest == digest(secret), MailedLink.opens == opens)
