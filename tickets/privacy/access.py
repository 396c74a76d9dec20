"""Access: who heard which message, opened which mail or file, or saw which number in full; when, and from where.

Written before anything is handed over, so also where the reader goes away. A player asks for a message piece by piece:
within a minute that is one access. The row names the ticket by its reference, and holds nothing that was heard or seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from desk.audit import Who

SHOWN_FOR = timedelta(hours=8)  # a number that somebody had shown stays so for them: as long as a night's work


class What(StrEnum):
    """What somebody had of a customer."""

    HEARD = "message"
    MAIL = "mail"
    MAIL_FILE = "file of a mail"
    FILE = "file"
    NUMBER = "number"


class Access(Base):
    """One access. `key` names it, so that the pieces of one playing are one."""

    __tablename__ = "access"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    who: Mapped[str]
    place: Mapped[str]
    what: Mapped[str]
    reference: Mapped[str | None] = mapped_column(index=True)  # of the ticket, which may be gone before this row
    about: Mapped[str]


def note(session: Session, who: Who, what: What, reference: str | None, about: str, at: datetime) -> None:
    """Note it; the same by the same person within a minute is one."""
    minute = at.replace(second=0, microsecond=0).isoformat()
    named = "\0".join([str(who.staff_id), who.name, who.place, what, reference or "", about, minute])
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Access).values(
        key=sha256(named.encode()).hexdigest(),
        at=at,
        staff_id=who.staff_id,
        who=who.name,
        place=who.place,
        what=what,
        reference=reference,
        about=about,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=[Access.key]))


def has_shown(session: Session, who: Who, reference: str, at: datetime) -> bool:
    """Whether they had the numbers of that ticket shown a short while ago; without an account, from the same place."""
    nobody = and_(Access.staff_id.is_(None), Access.who == who.name, Access.place == who.place)
    theirs = Access.staff_id == who.staff_id if who.staff_id else nobody
    seen = select(Access.id).where(Access.what == What.NUMBER, Access.reference == reference, theirs)
    return session.scalars(seen.where(Access.at > at - SHOWN_FOR, Access.at <= at).limit(1)).first() is not None


def newest(
    session: Session, limit: int, what: str = "", reference: str = "", before: int | None = None
) -> Sequence[Access]:
    """The latest, of one kind or of all, of one ticket or of all; older than the row `before` if that is given."""
    query = select(Access).order_by(Access.id.desc()).limit(limit)
    if what:
        query = query.where(Access.what == what)
    if reference:
        query = query.where(Access.reference == reference)
    return session.scalars(query.where(Access.id < before) if before else query).all()
