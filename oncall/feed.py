"""What stands in the calendars: who really rings, as events that keep their identity and know how often they changed.

Programs that subscribe to a calendar know an event by its UID and a newer edition of it by a higher SEQUENCE. So
the edition of every shift is kept in a table: a digest of what its event says, the number, and since when. Only the
worker writes there, within seconds of a change (`number`). Whoever fetches a calendar is answered from the rota
itself, never from that table: a calendar agrees with the call also while no worker runs, and a fetch never waits for
a lock. A change that the worker has not seen yet is told as the next edition, and as made just now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base, set_up_version
from desk.staff import names
from oncall import history
from oncall.ical import PRODUCT, Entry
from sla.holidays import PublicHoliday

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from oncall.places import Placed
    from oncall.plan import Plan

DAY = timedelta(days=1)
BEHIND, AHEAD = 35 * DAY, 366 * DAY
MARGIN = 7 * DAY  # the worker knows a shift before it comes into sight


class FeedEvent(Base):
    """Which edition the event of a shift is in; an empty digest: the shift was taken away."""

    __tablename__ = "feed_event"
    uid: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    sequence: Mapped[int]
    changed_at: Mapped[datetime]
    ends: Mapped[datetime] = mapped_column(index=True)


class FeedState(Base):
    """The one row that says which version of the set-up, and which day, the editions were last numbered for."""

    __tablename__ = "feed_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    since: Mapped[datetime]


@dataclass(frozen=True)
class Show:
    """A shift as its events tell it: plain facts, names instead of keys, and no telephone number."""

    uid: str
    rota: str
    rings: str
    engineer: str
    name: str
    start: datetime
    end: datetime
    rotation: str
    instead_of: str

    @property
    def digest(self) -> str:
        """What differs when any of it does."""
        return sha256(repr(self).encode()).hexdigest()

    @property
    def mine(self) -> Entry:
        """The event in the calendar of whoever is on duty."""
        return Entry(self.uid, self.start, self.end, f"On call, {self.rings}: {self.rota}", self._description)

    @property
    def team(self) -> Entry:
        """The event in the calendar of all."""
        return Entry(self.uid, self.start, self.end, f"{self.name} {self.rings}: {self.rota}", self._description)

    @property
    def _description(self) -> str:
        where = f"{self.rotation}, a rotation of {self.rota}." if self.rotation else f"Added to {self.rota}."
        return f"{where} Instead of {self.instead_of}." if self.instead_of else where


def sight(now: datetime, margin: timedelta = timedelta()) -> tuple[datetime, datetime]:
    """From when to when a calendar tells: whole days, so that an hour later it is still the same calendar."""
    today = datetime.combine(now.astimezone(UTC), time(), UTC)
    return today - BEHIND - margin, today + AHEAD + margin


def read(session: Session, plans: Mapping[str, Plan], a: datetime, b: datetime) -> list[Show]:
    """The shifts of these rotas that share time with [a, b), whole, as their events tell them."""
    called = names(session)
    return [_shown(one, called) for one in history.shifts(session, plans, a, b)]


def entries(session: Session, shows: Iterable[Show], now: datetime, told: Callable[[Show], Entry]) -> list[Entry]:
    """Their events, each with the edition that it is in."""
    known = _known(session, now)
    return [_numbered(told(show), show.digest, known.get(show.uid)) for show in shows]


def is_stale(session: Session, version: int, now: datetime) -> bool:
    """Whether the set-up or the day has changed since the editions were last numbered."""
    state = session.get(FeedState, 1)
    return state is None or (state.version, state.since) != (version, sight(now)[0])


def number(session: Session, version: int, shows: Iterable[Show], now: datetime) -> int:
    """Number what has changed, as it was read at a version of the set-up; how many events that were.

    Of several workers one writes and the others find nothing to do; what was read before another change is left.
    """
    if set_up_version(session) != version:
        return 0
    session.merge(FeedState(id=1, version=version, since=sight(now)[0]))
    session.execute(delete(FeedEvent).where(FeedEvent.ends < now - retention.usual(retention.Kind.EDITIONS)))
    known, wanted = _known(session, now), {show.uid: show for show in shows}
    changed = [show for uid, show in wanted.items() if uid not in known or known[uid].digest != show.digest]
    for show in changed:
        _number(session, show, known.get(show.uid), now)
    gone = [one for uid, one in known.items() if uid not in wanted and one.digest]
    for one in gone:
        one.digest = ""
    return len(changed) + len(gone)


def holidays(session: Session, a: datetime, b: datetime) -> list[Entry]:
    """The public holidays between two instants; the table numbers its own changes."""
    within = PublicHoliday.day.between(a.date(), b.date())
    days = select(PublicHoliday).where(within, PublicHoliday.withdrawn.is_(False)).order_by(PublicHoliday.day)
    return [_holiday(row) for row in session.scalars(days)]


def tag(title: str, entries: Iterable[Entry]) -> str:
    """What differs when a calendar does: of an event its edition counts, not when we learnt of that."""
    said = [replace(entry, modified=None) for entry in entries]
    return sha256(f"{PRODUCT} {title} {said!r}".encode()).hexdigest()[:32]


def _shown(one: Placed, called: Mapping[str, str]) -> Show:
    return Show(
        uid=one.uid,
        rota=one.rota,
        rings=one.rings,
        engineer=one.engineer,
        name=called.get(one.engineer, one.engineer),
        start=one.start,
        end=one.end,
        rotation=one.rotation,
        instead_of="" if one.turn_of == one.engineer else called.get(one.turn_of, one.turn_of),
    )


def _holiday(row: PublicHoliday) -> Entry:
    name, following = f"{row.country} {row.day}", row.day + DAY
    return Entry(name, row.day, following, row.name, sequence=row.version, modified=row.changed_at)


def _known(session: Session, now: datetime) -> dict[str, FeedEvent]:
    since, _ = sight(now, MARGIN)
    return {one.uid: one for one in session.scalars(select(FeedEvent).where(FeedEvent.ends > since))}


def _numbered(entry: Entry, digest: str, known: FeedEvent | None) -> Entry:
    """The event with its edition; of one that the worker has not seen yet `modified` stays open."""
    if known is None:
        return entry
    if known.digest == digest:
        return replace(entry, sequence=known.sequence, modified=known.changed_at)
    return replace(entry, sequence=known.sequence + 1)


def _number(session: Session, show: Show, known: FeedEvent | None, now: datetime) -> None:
    row = known or FeedEvent(uid=show.uid, sequence=-1)
    row.sequence += 1
    row.digest, row.changed_at, row.ends = show.digest, now, show.end
    session.add(row)
