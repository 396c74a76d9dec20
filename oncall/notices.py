"""Notices: what colleagues are told of the rota, on its way into the outbox.

A notice says what is true when it leaves: its row says what it is `about`, and that is looked at again just before
it is handed over (notice_courier.py). What has lost its point by then is dropped, and nobody is told late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import mailing, outbox, retention, sms
from desk.db import Base
from desk.outbox import Outgoing, State
from oncall.choices import Way
from oncall.wall import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from oncall.choices import Reader
    from oncall.foresight import Foresight
    from oncall.plan import Plan

KINDS = {Way.TEXT: "notice by text", Way.MAIL: "notice by mail"}
SEGMENTS = 2  # of a text
KEPT = timedelta(days=30)  # a row; its notice loses its point long before, and says so itself
SHORTEST = timedelta(minutes=1)  # that the carrier may try


class NoticeMark(Base):
    """Something that was told to everybody whom it concerns, by name."""

    __tablename__ = "notice_mark"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class House:
    """Whose line it is, where its pages are, and whether it has a mail server."""

    company: str
    line: str
    zone: str
    origin: str
    mails: bool


@dataclass(frozen=True)
class Look:
    """One look of the worker: the house, the rotas as a call reads them, and everybody who may be told something."""

    house: House
    plans: Mapping[str, Plan]
    readers: Mapping[str, Reader]
    now: datetime
    ahead: Foresight

    def zone(self, rota: str, at: datetime) -> str:
        """On which clocks that rota is told."""
        return self.plans[rota].zone(at) if rota in self.plans else self.house.zone

    def prefix(self, rota: str) -> str:
        """The name of a rota where there are several."""
        return f"{rota}: " if len(self.plans) > 1 else ""

    def name(self, key: str) -> str:
        """What a colleague is called."""
        return self.readers[key].staff.name if key in self.readers else key


@dataclass(frozen=True)
class Notice:
    """What is said: a subject, one or two sentences, and the page where more of it is seen."""

    subject: str
    words: str
    page: str = "/rota"
    more: str = ""  # that only a mail has room for


def give(
    session: Session,
    look: Look,
    reader: Reader,
    key: str,
    notice: Notice,
    about: dict[str, Any],
    until: datetime,
    begins: datetime = FOREVER,
) -> bool:
    """Put it in the outbox for one colleague, once per key; whether there is a way to tell them.

    It loses its point at `until`; it may wake them if what it is about `begins` soon.
    """
    told = about | {"staff": reader.staff.id, "zone": look.house.zone}
    told |= {"until": until.isoformat(), "begins": begins.isoformat()}
    for way, address in reader.addresses:
        payload = _text(look, address, notice, until) if way == Way.TEXT else _mail(look, address, notice)
        outbox.post(session, f"{key} by {way}", KINDS[way], payload | {"about": told}, look.now, lasts=KEPT)
    return bool(reader.addresses)


def take_back(session: Session, key: str) -> bool:
    """Drop a notice that is still here, because another says more; False if it may have left, by whichever way."""
    keys = [f"{key} by {way}" for way in KINDS]
    rows = session.scalars(select(Outgoing).where(Outgoing.key.in_(keys)).with_for_update()).all()
    if not rows or any(row.unsure or row.state not in (State.WAITING, State.DROPPED) for row in rows):
        return False
    for row in rows:
        row.state = State.DROPPED
    return True


def known(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these were put in the outbox before."""
    rows = [f"{key} by {way}" for key in keys for way in KINDS]
    found = session.scalars(select(Outgoing.key).where(Outgoing.key.in_(rows))) if rows else ()
    return {key.rpartition(" by ")[0] for key in found}


def marked(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these were told to everybody whom they concern."""
    wanted = list(keys)
    return set(session.scalars(select(NoticeMark.key).where(NoticeMark.key.in_(wanted)))) if wanted else set()


def marked_at(session: Session, keys: Iterable[str]) -> dict[str, datetime]:
    """When these were told; those that were not are missing."""
    query = select(NoticeMark).where(NoticeMark.key.in_(list(keys)))
    return {row.key: row.at for row in session.scalars(query)}


def mark(session: Session, key: str, now: datetime) -> None:
    """It was told."""
    session.add(NoticeMark(key=key, at=now))
    session.execute(delete(NoticeMark).where(NoticeMark.at < now - retention.usual(retention.Kind.NOTICES)))


def _text(look: Look, to: str, notice: Notice, until: datetime) -> dict[str, Any]:
    body = sms.fitted(f"{look.house.company}: {notice.words}", f"{look.house.origin}{notice.page}", SEGMENTS)
    lasts = int(max(until - look.now, SHORTEST).total_seconds())
    return {"what": "a notice", "to": to, "line": look.house.line, "body": body, "lasts": lasts}


def _mail(look: Look, to: str, notice: Notice) -> dict[str, Any]:
    lines = [notice.words, notice.more, f"{look.house.origin}{notice.page}"]
    chosen = f"What you are told, and how, is yours to choose: {look.house.origin}/notices"
    body = "\n\n".join([*filter(None, lines), f"-- \n{look.house.company}\n{chosen}"]) + "\n"
    return mailing.payload(to, f"{look.house.company}: {notice.subject}", body)
