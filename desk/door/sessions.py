"""Sessions: who is signed in, on which browser, until when; kept in the database, so that they can be ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk import retention
from desk.db import Base
from desk.door.keys import Kind, digest, fresh
from desk.staff import Staff

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

IDLE, LONGEST = timedelta(hours=24), timedelta(days=14)  # an engineer's telephone stays signed in for a week on duty
SEEN_EVERY = timedelta(minutes=5)  # finer than this it is not worth a write
# In this order: a browser names all whose pages it can show, itself first or last.
BROWSERS = ("Edg", "OPR", "OPT", "SamsungBrowser", "Vivaldi", "Firefox", "FxiOS", "Chrome", "CriOS", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
MEANT = {
    "Edg": "Edge", "OPR": "Opera", "OPT": "Opera", "SamsungBrowser": "Samsung Internet", "FxiOS": "Firefox",
    "CriOS": "Chrome", "Mac OS": "a Mac", "Android": "an Android device", "iPhone": "an iPhone", "iPad": "an iPad",
    "CrOS": "a Chromebook",
}  # fmt: skip


class SignIn(Base):
    """One browser on which somebody is, or was, signed in."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    browser: Mapped[str]
    staff: Mapped[Staff] = relationship()

    @property
    def machine(self) -> str:
        """The browser in words its owner knows, as far as it tells; all that it tells if that is none of these."""
        names = [next((name for name in known if name in self.browser), "") for known in (BROWSERS, SYSTEMS)]
        told = " on ".join(MEANT.get(name, name) for name in names if name)
        return told or self.browser


def begin(session: Session, staff_id: int, at: datetime, address: str, browser: str) -> str:
    """Sign somebody in; the secret that their browser keeps. It is always a new one."""
    session.execute(
        delete(SignIn).where(
            SignIn.staff_id == staff_id, SignIn.began_at < at - retention.usual(retention.Kind.SESSIONS)
        )
    )
    secret = fresh(Kind.SESSION)
    session.add(
        SignIn(
            digest=digest(secret),
            staff_id=staff_id,
            began_at=at,
            seen_at=at,
            address=address,
            browser=browser[:200],
        )
    )
    return secret


def current(session: Session, secret: str, at: datetime) -> SignIn | None:
    """The session of that secret, if it still lives and its person still works here."""
    mine = select(SignIn).join(SignIn.staff).where(SignIn.digest == digest(secret), Staff.active, *_alive(at))
    return session.scalars(mine).one_or_none()


def of(session: Session, staff_id: int, at: datetime) -> list[SignIn]:
    """Every browser on which somebody is signed in, the latest first."""
    theirs = select(SignIn).where(SignIn.staff_id == staff_id, *_alive(at))
    return list(session.scalars(theirs.order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def living(at: datetime) -> Select[SignIn]:
    """Every session that still lives."""
    return select(SignIn).where(*_alive(at))


def seen(session: Session, sign_in_id: int, at: datetime) -> None:
    """It was used just now."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.seen_at < at).values(seen_at=at))


def end(session: Session, staff_id: int, at: datetime, *which: ColumnElement[bool]) -> int:
    """End somebody's sessions, or those of them that are meant; how many there were."""
    theirs = update(SignIn).where(SignIn.staff_id == staff_id, *_alive(at), *which)
    return len(session.scalars(theirs.values(ended_at=at).returning(SignIn.id)).all())


def _alive(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignIn.ended_at.is_(None), SignIn.seen_at > at - IDLE, SignIn.began_at > at - LONGEST
