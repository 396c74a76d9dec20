"""API tokens: what a program may read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.door.keys import Kind, digest, fresh
from desk.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

USED_EVERY = timedelta(minutes=1)  # finer than this it is not worth a write


class Scope(StrEnum):
    """What a token may do, and nothing else."""

    CALLS_READ = "calls:read"
    TICKETS_READ = "tickets:read"
    ONCALL_READ = "oncall:read"
    ONCALL_DIAL = "oncall:dial"
    NUMBERS_READ = "numbers:read"
    DUTY_READ = "duty:read"
    STATEMENTS_READ = "statements:read"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    ANNOUNCEMENTS_READ = "announcements:read"
    ANNOUNCEMENTS_WRITE = "announcements:write"


class ApiToken(Base):
    """One token; `in_demo` marks what somebody without an account made, which opens nothing later."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    in_demo: Mapped[bool]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    made_by: Mapped[Staff | None] = relationship()


def make(
    session: Session, name: str, scopes: Iterable[Scope], at: datetime, by: int | None = None, in_demo: bool = False
) -> str:
    """A new token; this is the only time it is seen."""
    secret = fresh(Kind.API_TOKEN)
    listed: list[Any] = [scope for scope in Scope if scope in set(scopes)]
    session.add(ApiToken(digest=digest(secret), name=name, scopes=listed, made_at=at, made_by_id=by, in_demo=in_demo))
    return secret


def current(session: Session, secret: str, demo: bool) -> ApiToken | None:
    """The token, unless it was revoked, or made in a demonstration that is over."""
    found = session.scalars(select(ApiToken).where(ApiToken.digest == digest(secret))).one_or_none()
    usable = found and found.revoked_at is None and (demo or not found.in_demo)
    return found if usable else None


def used(session: Session, token_id: int, at: datetime) -> None:
    """It was used just now."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def newest(session: Session) -> list[ApiToken]:
    """Every token, those that still open something first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())))


def revoke(session: Session, token_id: int, at: datetime) -> ApiToken | None:
    """Make it open nothing; None if there is no such token left to revoke."""
    token = session.get(ApiToken, token_id)
    if token is None or token.revoked_at:
        return None
    token.revoked_at = at
    return token
