"""The record: who was on duty, written down at every hand-off; what is written is not computed again.

A tick writes up to the last hand-off, or up to now if that is long ago, and goes on where the record ends: after an
outage it catches up, and doing it twice adds nothing. Whoever changes a rota writes the record first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, set_up_version
from oncall import roster
from oncall.shifts import ShiftId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Session

    from oncall.plan import Plan
    from oncall.roster import RotaRecord
    from oncall.shifts import Shift

A_WHILE = timedelta(hours=1)  # a shift under way is written down this often
AT_ONCE = timedelta(days=92)  # so much of the past at a time


class ServedShift(Base):
    """One stretch of one engineer's duty; cut where the place changes. No `place`: they ring for another lane."""

    __tablename__ = "served_shift"
    __table_args__ = (UniqueConstraint("rota_id", "lane", "starts"), Index("ix_served_shift_ends", "ends"))
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    lane: Mapped[str]
    layer: Mapped[str]
    shift_start: Mapped[datetime]
    place: Mapped[int | None]
    engineer: Mapped[str] = mapped_column(index=True)  # the key, as the plan names people
    turn_of: Mapped[str]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    override_id: Mapped[int | None] = mapped_column(ForeignKey("rota_override.id"))
    version: Mapped[int]
    why: Mapped[str]


class RecordedUntil(Base):
    """How far the record of a rota goes."""

    __tablename__ = "recorded_until"
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), primary_key=True)
    until: Mapped[datetime]


@dataclass(frozen=True)
class Served:
    """One stretch of duty, as it was recorded or, from there on, as the plan has it."""

    lane: str
    layer: str
    place: int | None
    engineer: str
    starts: datetime
    ends: datetime
    shift: ShiftId
    turn_of: str
    override_id: int | None
    version: int
    why: str
    recorded: bool = True

    def follows(self, other: Served) -> bool:
        """Whether this goes on where the other ends."""
        return self.starts == other.ends and self._what == other._what

    @property
    def _what(self) -> tuple[Any, ...]:
        return self.lane, self.place, self.engineer, self.shift, self.override_id


def served(session: Session, record: RotaRecord, a: datetime, b: datetime) -> list[Served]:
    """Who is or was on duty between a and b, cut to that: by the record as far as it goes, by the plan from there."""
    mark = session.get(RecordedUntil, record.id)
    known = max(a, min(b, mark.until)) if mark else a
    overlapping = (ServedShift.rota_id == record.id, ServedShift.starts < known, ServedShift.ends > a)
    rows = session.scalars(select(ServedShift).where(*overlapping).order_by(ServedShift.starts, ServedShift.id))
    past = [replace(_read(row), starts=max(row.starts, a), ends=min(row.ends, known)) for row in rows]
    ahead = stretches(roster.plan(session, record), known, b) if known < b else ()
    return sorted([*past, *ahead], key=lambda one: (one.starts, one.lane))


def begin(session: Session, record: RotaRecord, now: datetime) -> None:
    """The record of a new rota begins now."""
    session.add(RecordedUntil(rota_id=record.id, until=now))


@dataclass(frozen=True)
class Due:
    """What a rota has to have written down: who was on duty from where its record ends to now."""

    rota_id: int
    since: datetime | None  # none: it has no record
    until: datetime
    found: tuple[Served, ...]


def look(session: Session, now: datetime) -> Callable[[Session, datetime], None]:
    """Find out what `keep_up` would write, and return what writes that; it looks again if the set-up has changed."""
    version, due = set_up_version(session), list(_due(session, now))

    def keep(session: Session, now: datetime) -> None:
        if due and set_up_version(session) != version:
            keep_up(session, now)
            return
        for one in due:
            _keep(session, one)

    return keep


def keep_up(session: Session, now: datetime) -> None:
    """Write down every rota that has handed off since it was written last, or was not written for a while."""
    for one in _due(session, now):
        _keep(session, one)


def write(session: Session, record: RotaRecord, now: datetime) -> None:
    """Write down who was on duty up to now."""
    mark = _locked(session, record.id)
    if mark is None:  # from a release that kept no record
        begin(session, record, now)
    else:
        _extend(session, mark, now, stretches_until(roster.plan(session, record), mark.until, now))


def stretches_until(plan: Plan, a: datetime, b: datetime) -> Iterator[Served]:
    """Yield who was on duty between a and b, some months at a time."""
    while a < b:
        until = min(b, a + AT_ONCE)
        yield from stretches(plan, a, until)
        a = until


def _due(session: Session, now: datetime) -> Iterator[Due]:
    for record in roster.rotas(session):
        mark, plan = session.get(RecordedUntil, record.id), roster.plan(session, record)
        if mark is None:
            yield Due(record.id, None, now, ())
        elif now - mark.until >= A_WHILE or plan.edges(mark.until, now + timedelta.resolution):
            yield Due(record.id, mark.until, now, tuple(stretches_until(plan, mark.until, now)))


def _keep(session: Session, due: Due) -> None:
    """Write it down, unless somebody else has written meanwhile: the next look goes on from there."""
    mark = _locked(session, due.rota_id)
    if mark is None:
        session.add(RecordedUntil(rota_id=due.rota_id, until=due.until))
    elif mark.until == due.since:
        _extend(session, mark, due.until, due.found)


def _locked(session: Session, rota_id: int) -> RecordedUntil | None:
    return session.get(RecordedUntil, rota_id, with_for_update=True, populate_existing=True)


def _extend(session: Session, mark: RecordedUntil, until: datetime, found: Iterable[Served]) -> None:
    if mark.until < until:
        _append(session, mark.rota_id, found)
        mark.until = until
    session.flush()


def stretches(plan: Plan, a: datetime, b: datetime) -> Iterator[Served]:
    """Yield every lane's duty between a and b, cut where the version's shift, the person or the place changes."""
    places = _places(plan, a, b)
    for lane, shifts in plan.lanes(a, b).items():
        for shift in shifts:
            for start, end, place in _cut(shift, places[lane]):
                yield _served(shift, start, end, place, plan.edition(start).number)


def _places(plan: Plan, a: datetime, b: datetime) -> dict[str, list[tuple[datetime, datetime, int]]]:
    """When which lane holds which place."""
    found: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    for place in count():
        holders = plan.shifts(a, b, place)
        for shift in holders:
            found[shift.duty.lane].append((shift.start, shift.end, place))
        if not holders:
            return found
    raise AssertionError("unreachable: nobody holds a place without end")


def _cut(
    shift: Shift, places: Iterable[tuple[datetime, datetime, int]]
) -> Iterator[tuple[datetime, datetime, int | None]]:
    at = shift.start
    for start, end, place in sorted(places):
        start, end = max(start, shift.start), min(end, shift.end)
        if start >= end:
            continue
        if at < start:
            yield at, start, None
        yield start, end, place
        at = end
    if at < shift.end:
        yield at, shift.end, None


def _served(shift: Shift, start: datetime, end: datetime, place: int | None, version: int) -> Served:
    duty = shift.duty
    key = duty.override.key if duty.override else ""
    number = int(key) if key else None
    return Served(
        duty.lane,
        duty.layer,
        place,
        shift.engineer,
        start,
        end,
        shift.id,
        duty.turn_of,
        number,
        version,
        duty.why,
        False,
    )


def _append(session: Session, rota_id: int, found: Iterable[Served]) -> None:
    for one in found:
        before = select(ServedShift).where(
            ServedShift.rota_id == rota_id, ServedShift.lane == one.lane, ServedShift.ends == one.starts
        )
        row = session.scalars(before).one_or_none()
        if row and one.follows(_read(row)):
            row.ends = one.ends
        else:
            session.add(_row(rota_id, one))


def _row(rota_id: int, one: Served) -> ServedShift:
    same = ("lane", "layer", "place", "engineer", "turn_of", "starts", "ends", "override_id", "version", "why")
    return ServedShift(rota_id=rota_id, shift_start=one.shift.start, **{name: getattr(one, name) for name in same})


def _read(row: ServedShift) -> Served:
    return Served(
        row.lane,
        row.layer,
        row.place,
        row.engineer,
        row.starts,
        row.ends,
        ShiftId(row.lane, row.shift_start),
        row.turn_of,
        row.override_id,
        row.version,
        row.why,
    )
