"""Moves: what has changed of everybody's time on duty since they were last told, whatever changed it.

Of everybody it is kept what they were told last. Whoever's shifts are others by now is told once, what was and what
is, however many shifts it is and however it came about. So what was changed and changed back meanwhile is told to
nobody, and what can wait for the morning is told as it is in the morning.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.audit import Entry, What
from desk.db import Base, set_up_version
from oncall import foresight, night, notices, spells, swap_news
from oncall.notices import Notice
from oncall.wall import FOREVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oncall.choices import Reader
    from oncall.notices import Look
    from oncall.plan import Plan
    from oncall.spells import Spell
    from oncall.swap_news import News

AHEAD = foresight.YEAR
FRESH = timedelta(days=7)  # of that may pass before one looks farther
WORTH = timedelta(days=2)
MOVING = (
    *(What.ROTA_PUBLISHED, What.ROTA_RESTORED, What.SHIFT_CHANGED, What.CHANGE_TAKEN_BACK, What.SHIFTS_IMPORTED),
    *(What.SWAP_ACCEPTED, What.SWAP_UNDONE, What.SWAP_INVALID, What.COVER_TAKEN, What.SHIFTS_HANDED_ON),
    *(What.SET_UP_LOADED, What.HOLIDAY_DECLARED, What.HOLIDAY_WITHDRAWN, What.HOLIDAYS_SEEDED),
)  # what may have changed somebody's shifts
HEARD = (*MOVING, What.SWAP_DECLINED, What.SWAP_WITHDRAWN, What.SWAP_EXPIRED)


class ToldShifts(Base):
    """What somebody was told last: their spells up to `until`, and the audit up to an entry, at a version.

    `before` is the same before the last notice, whose `key` stands there too: one that never left has told nothing.
    """

    __tablename__ = "told_shifts"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    spells: Mapped[list[Any]]
    until: Mapped[datetime]
    heard: Mapped[int]
    version: Mapped[int]
    before: Mapped[dict[str, Any]]


def tell(session: Session, look: Look) -> None:
    """Tell everybody whose shifts are not what they were told, and what became of their swaps.

    Who is new to this learns nothing: a first look only notes what is.
    """
    rows, now = _rows(session), Now.of(session, look.now)
    behind = _behind(look, rows, now)
    if not behind:
        return
    ahead = look.ahead.year
    for reader in behind:
        if row := rows.get(reader.staff.id):
            _forget_what_never_left(session, row)
    entries = _entries(session, rows)
    news = swap_news.of(session, entries, look)
    began = max((row.heard for row in rows.values()), default=now.heard)
    for reader in behind:
        row = rows.get(reader.staff.id)
        if row is None:
            known = [] if rows else ahead.get(reader.staff.key, [])
            row = ToldShifts(staff_id=reader.staff.id, until=look.now + AHEAD, heard=began, version=now.version)
            row.spells, row.before = [one.document for one in known], {}
            session.add(row)
        theirs = Change(look, reader, row, ahead.get(reader.staff.key, []), entries, news.get(reader.staff.id, []))
        if theirs.is_told(session, now):
            row.spells, row.until = [one.document for one in theirs.ahead], look.now + AHEAD
            row.heard, row.version = now.heard, now.version


def may_tell(session: Session, look: Look) -> bool:
    """Whether somebody is behind, so that a year of everybody's shifts will have to be looked at."""
    return bool(_behind(look, _rows(session), Now.of(session, look.now)))


def _rows(session: Session) -> dict[int, ToldShifts]:
    return {row.staff_id: row for row in session.scalars(select(ToldShifts))}


def _behind(look: Look, rows: Mapping[int, ToldShifts], now: Now) -> list[Reader]:
    return [one for one in look.readers.values() if not now.is_known(rows.get(one.staff.id))]


def is_true(_: Session, plans: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether what they are told is gone is gone, and what is new is there."""
    until = now + AHEAD - FRESH
    there = {one.cut(now, until) for one in spells.of_all(plans, now, now + AHEAD).get(about["key"], [])}
    gone, new = (_cuts(about[name], now, until) for name in ("gone", "new"))
    return not gone & there and new <= there


def _cuts(documents: Sequence[Any], a: datetime, b: datetime) -> set[tuple[Any, ...]]:
    return {one.cut(a, b) for one in map(spells.of, documents) if one.start < b and one.end > a}


class Now:
    """What is now: the version of the set-up, the newest entry of the audit that is heard of, and the time."""

    def __init__(self, version: int, heard: int, now: datetime) -> None:
        self.version, self.heard, self.now = version, heard, now

    @classmethod
    def of(cls, session: Session, now: datetime) -> Self:
        """As this transaction sees it."""
        last = session.scalar(select(func.max(Entry.id)).where(Entry.what.in_(HEARD)))
        return cls(set_up_version(session), last or 0, now)

    def is_known(self, row: ToldShifts | None) -> bool:
        """Whether somebody has nothing to learn."""
        if row is None or row.until < self.now + AHEAD - FRESH:
            return False
        return (row.version, row.heard) == (self.version, self.heard)


class Change:
    """What one colleague has to learn."""

    def __init__(
        self,
        look: Look,
        reader: Reader,
        row: ToldShifts,
        ahead: list[Spell],
        entries: Sequence[Entry],
        news: list[News],
    ) -> None:
        self.look, self.reader, self.row, self.ahead = look, reader, row, ahead
        self.news = [one for one in news if one.entry > row.heard]
        self.gone, self.new = spells.difference(map(spells.of, row.spells), ahead, look.now, row.until)
        self.makers = {(e.staff_id, e.who) for e in entries if e.id > row.heard and e.what in MOVING}
        if {number for number, _ in self.makers} == {reader.staff.id} and not reader.choice.own_changes:
            self.gone, self.new = [], []

    def is_told(self, session: Session, now: Now) -> bool:
        """Tell it; not yet at night, unless it begins soon."""
        if not (self.gone or self.new or self.news):
            return True
        begins = min(spells.begins(self.gone, self.new, self.look.now), *(one.begins for one in self.news), FOREVER)
        if not night.may_tell(self.look.now, self.look.house.zone, begins):
            return False
        gone, new = ([one.document for one in which] for which in (self.gone, self.new))
        about = {"kind": "move", "key": self.reader.staff.key, "gone": gone, "new": new}
        key = f"move {self.reader.staff.id} {now.version} {now.heard}"
        notices.give(session, self.look, self.reader, key, self._notice(), about, self.look.now + WORTH, begins)
        self.row.before = {"key": key, "spells": self.row.spells, "heard": self.row.heard}
        return True

    def _notice(self) -> Notice:
        said = [one.words for one in self.news]
        if self.gone or self.new:
            said.append(self._moved(spells.NAMED))
        more = self._moved(100) if len(self.gone) > spells.NAMED or len(self.new) > spells.NAMED else ""
        subject = "your shifts have changed" if self.gone or self.new else "about your swap"
        words = " ".join(one[:1].upper() + one[1:] if n else one for n, one in enumerate(said))
        return Notice(subject, words, "/rota" if self.gone or self.new else "/rota/swaps", more)

    def _moved(self, most: int) -> str:
        zone, plans = self.look.house.zone, self.look.plans
        before, after = (spells.listed(which, plans, zone, most) for which in (self.gone, self.new))
        return f"{self._who()}. Before: {before}. Now: {after}."

    def _who(self) -> str:
        names = {name for _, name in self.makers}
        if self.news or len(names) != 1:
            return "your shifts have changed"
        return f"{names.pop()} has changed your shifts"


def _forget_what_never_left(session: Session, row: ToldShifts) -> None:
    """A notice that did not leave is taken back, and they are told anew from what they knew before it."""
    if row.before and notices.take_back(session, row.before["key"]):
        row.spells, row.heard, row.before = row.before["spells"], row.before["heard"], {}


def _entries(session: Session, rows: Mapping[int, ToldShifts]) -> Sequence[Entry]:
    """What nobody, or not everybody, was told yet."""
    if not rows:
        return ()
    since = min(row.heard for row in rows.values())
    query = select(Entry).where(Entry.id > since, Entry.what.in_(HEARD)).order_by(Entry.id)
    return session.scalars(query).all()
