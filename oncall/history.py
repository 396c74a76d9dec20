"""Every rota's shifts by place, past and to come: as the plan has them, and for the past as they were written down.

The record and the plan agree unless something changed under the plan afterwards, such as a holiday declared for a day
that is over; then the record is right. Where both say the same, the plan's shift stands, so that it keeps its
identity and its edges from the day it is planned to long after it is over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from oncall.places import Placed, placed
from oncall.record import RecordedUntil, ServedShift
from oncall.roster import RotaRecord
from oncall.shifts import ShiftId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.plan import Plan


class Held(NamedTuple):
    """Who held what: the planned shift, the place, and the engineer."""

    shift: ShiftId
    place: int
    engineer: str


@dataclass
class Record:
    """What is written down of a rota for [since, until), the rows of one holding joined; empty: nothing yet."""

    until: datetime | None = None
    since: datetime | None = None
    rows: dict[Held, list[Placed]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Placed, held: Held) -> None:
        """Take up one row; rows come in the order of time."""
        before = self.rows[held]
        if before and before[-1].end == row.start:
            before[-1] = before[-1]._replace(end=row.end)
        else:
            before.append(row)

    def denies(self, one: Placed, held: Held) -> bool:
        """Whether a shift that is over was not served as the plan has it."""
        if self.since is None or self.until is None or one.start < self.since or one.end > self.until:
            return False
        return not any(row.start <= one.start and one.end <= row.end for row in self.rows[held])

    def beside(self, kept: Mapping[Held, list[Placed]]) -> Iterator[Placed]:
        """Yield what was served and is in no shift that stands."""
        for held, rows in self.rows.items():
            for row in rows:
                if not any(one.start <= row.start and row.end <= one.end for one in kept.get(held, ())):
                    yield row


def shifts(session: Session, plans: Mapping[str, Plan], a: datetime, b: datetime) -> Iterator[Placed]:
    """Yield the whole shifts of these rotas that share time with [a, b), each with its place."""
    records = _records(session, a)
    for name, plan in plans.items():
        record, kept = records.get(name, Record()), defaultdict(list)
        for one in placed(plan, a, b, whole=True):
            held = Held(one.shift, one.place, one.engineer)
            if not record.denies(one, held):
                kept[held].append(one)
        yield from (one for each in kept.values() for one in each)
        yield from (one for one in record.beside(kept) if one.start < b)


def _records(session: Session, a: datetime) -> dict[str, Record]:
    marks = select(RotaRecord.name, RecordedUntil.until).join(RecordedUntil, RecordedUntil.rota_id == RotaRecord.id)
    found = {name: Record(until) for name, until in session.execute(marks)}
    rows = select(RotaRecord.name, ServedShift).join(ServedShift, ServedShift.rota_id == RotaRecord.id)
    for name, row in session.execute(rows.where(ServedShift.ends > a).order_by(ServedShift.starts)):
        record = found[name]
        record.since = record.since or row.starts
        if row.place is not None:
            one = _served(name, row)
            record.add(one, Held(one.shift, one.place, one.engineer))
    return found


def _served(rota: str, row: ServedShift) -> Placed:
    rotation, shift = row.lane if not row.lane.startswith("+") else "", ShiftId(row.lane, row.shift_start)
    return Placed(
        rota, row.place or 0, row.engineer, row.starts, row.ends, rotation, row.layer, row.turn_of, row.why, shift
    )


def cut(shifts: Iterable[Placed], a: datetime, b: datetime) -> Iterator[Placed]:
    """Yield what of the shifts lies in [a, b)."""
    for one in shifts:
        if one.start < b and a < one.end:
            yield one._replace(start=max(one.start, a), end=min(one.end, b))
