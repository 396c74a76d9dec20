"""Announcement: what callers hear before the menu while an outage is known, in each language and for as long as said.

None is edited: other words are another announcement. One that is under way is ended, one to come is taken back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp
from ivr.tongues import OURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

LONGEST = 500  # characters: half a minute, and who needs help waits for the menu behind it


@dataclass(frozen=True)
class Announced:
    """An announcement as a call needs it."""

    starts: datetime
    ends: datetime | None
    texts: Mapping[str, str]

    def words(self, language: str) -> str:
        """What is said in a language; where nobody has written it in that one, in ours, or what there is."""
        return self.texts.get(language) or self.texts.get(OURS) or next(iter(self.texts.values()), "")

    def holds(self, at: datetime) -> bool:
        """Whether it is said at that instant."""
        return self.starts <= at and (self.ends is None or at < self.ends)


class Announcement(SetUp, Base):
    """One announcement of a line; `ends` is None until somebody ends it."""

    __tablename__ = "announcement"
    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("line.id"), index=True)
    texts: Mapped[dict[str, Any]]
    starts: Mapped[datetime]
    ends: Mapped[datetime | None]
    who: Mapped[str]
    made_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(default="")
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id"), index=True)  # that it goes with

    @property
    def value(self) -> Announced:
        """What a call needs of it."""
        return Announced(self.starts, self.ends, dict(self.texts))

    def is_over(self, at: datetime) -> bool:
        """Whether nobody hears it any more."""
        return self.ends is not None and self.ends <= max(at, self.starts)

    def end(self, at: datetime, who: str) -> None:
        """Say it no more; raises ValueError where it is over."""
        if self.is_over(at):
            raise ValueError("this announcement is over, or somebody has ended it")
        self.ends, self.ended_by = max(at, self.starts), who


def announce(
    line_id: int, texts: Mapping[str, str], starts: datetime, ends: datetime | None, at: datetime, who: str
) -> Announcement:
    """A new one, which is not stored yet; raises ValueError for what cannot be said."""
    if ends is not None and ends <= max(at, starts):
        raise ValueError("it ends after it began, and after now")
    if any(not words for words in texts.values()) or not texts:
        raise ValueError("say it in every language of the line")
    if any(len(words) > LONGEST for words in texts.values()):
        raise ValueError(f"a text has room for {LONGEST} characters: callers wait for the menu behind it")
    return Announcement(
        line_id=line_id, texts=dict(texts), starts=max(at, starts), ends=ends, who=who, made_at=at, ended_by=""
    )


def stamp(session: Session) -> str:
    """A name of what is announced and to be: whoever looked at something else decides about what is not so any more."""
    rows = session.execute(select(Announcement.id, Announcement.ends).order_by(Announcement.id)).all()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def of_line(session: Session, line_id: int) -> list[Announcement]:
    """All of a line, in the order in which they begin."""
    theirs = select(Announcement).where(Announcement.line_id == line_id)
    return list(session.scalars(theirs.order_by(Announcement.starts, Announcement.id)))
