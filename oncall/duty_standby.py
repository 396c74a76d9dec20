"""Standby of a month as it is recorded: who served each rota, by which change, and how its layers add up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from oncall import record, roster
from oncall.duty import Standby, Times
from oncall.record import RecordedUntil, ServedShift
from oncall.roster import OverrideRecord
from oncall.spans import span
from oncall.swap import Swap
from oncall.wall import said
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.duty import Balance
    from oncall.plan import Plan
    from oncall.record import Served
    from oncall.roster import RotaRecord


@dataclass
class StandbyReader:
    """Reads the standby of one month, up to an instant; what it says has its times on the clocks of the zone."""

    session: Session
    span: Interval
    now: datetime
    zone: str

    def of(self, rota: RotaRecord) -> tuple[list[Standby], list[Balance]]:
        """Who stood by in a rota, and its layers divided."""
        plan, since = roster.plan(self.session, rota), self._since(rota)
        served = self._served(rota, max(self.span.start, since))
        standby = [self._standby(rota, one, Interval(*ends)) for one, ends in _unbroken(served)]
        return standby, list(self._balances(rota.name, plan, standby, since))

    @property
    def _until(self) -> datetime:
        return min(self.now, self.span.end)

    def _served(self, rota: RotaRecord, since: datetime) -> list[Served]:
        return record.served(self.session, rota, since, self._until) if since < self._until else []

    def _since(self, rota: RotaRecord) -> datetime:
        """Since when it is written down who served."""
        mark = self.session.get(RecordedUntil, rota.id)
        begun = rota.versions[0].published_at
        if mark and begun > roster.FIRST:
            return begun
        # From a release that kept no record: it began later than the rota.
        first = self.session.scalar(select(func.min(ServedShift.starts)).where(ServedShift.rota_id == rota.id))
        return first or (mark.until if mark else self.now)

    def _standby(self, rota: RotaRecord, one: Served, interval: Interval) -> Standby:
        changed = self._changed(one.override_id) if one.override_id else ""
        return Standby(
            one.engineer, rota.name, one.layer, one.lane, str(one.shift), interval, one.turn_of, one.why, changed
        )

    def _changed(self, number: int) -> str:
        """Who made the change that somebody served by, when, why, and by which swap."""
        row = self.session.get_one(OverrideRecord, number)
        made = f" by {row.who}" if row.who else ""
        made += f" on {said(row.made_at, self.zone, '%Y ')}" if row.made_at else ""
        reason = f": {row.reason}" if row.reason else ""
        swap = self.session.scalars(
            select(Swap).where((Swap.override_id == number) | (Swap.return_override_id == number))
        ).first()
        asked = f"; swap {swap.id}, asked by {swap.asked_by}, settled by {swap.settled_by}" if swap else ""
        return f"change {number}{made}{reason}{asked}"

    def _balances(self, rota: str, plan: Plan, standby: list[Standby], since: datetime) -> Iterator[Balance]:
        a, b = self.span.start, self.span.end
        planned = [
            (shift.duty.layer, span(shift.start, shift.end))
            for lane in plan.planned.lanes(a, b).values()
            for shift in lane
        ]
        wanted, held = defaultdict(list), defaultdict(list)
        for layer, each in planned:
            wanted[layer].append(each)
        for one in standby:
            held[one.layer].append(one.interval)
        edges = self.span, span(self._until, b).start, span(since, max(since, b)).start
        named = (layer.name for at in (a, b) for layer in plan.edition(at).layers)
        for layer in dict.fromkeys([*named, *wanted, *filter(None, held)]):
            yield Times(*edges, tuple(wanted[layer]), tuple(held[layer])).balance(rota, layer)
        everybody = tuple(one.interval for one in standby)
        yield Times(*edges, tuple(_promised(plan, a, b)), everybody).balance(rota, "")


def _unbroken(served: Iterable[Served]) -> Iterator[tuple[Served, tuple[datetime, datetime]]]:
    """Each stretch and its ends, whole again where only the place in the order of ringing changed."""

    def same(one: Served) -> tuple[object, ...]:
        return one.lane, one.layer, one.engineer, one.turn_of, one.shift, one.override_id or 0

    for _, rows in groupby(sorted(served, key=lambda one: (same(one), one.starts)), key=same):
        run: list[Served] = []
        for one in rows:
            if run and run[-1].ends != one.starts:
                yield _joined(run)
                run = []
            run.append(one)
        yield _joined(run)


def _joined(run: Sequence[Served]) -> tuple[Served, tuple[datetime, datetime]]:
    whole = span(run[0].starts, run[-1].ends)
    return run[0], (whole.start, whole.end)


def _promised(plan: Plan, a: datetime, b: datetime) -> list[Interval]:
    """When somebody has to be on duty: what would be a gap if the versions named nobody."""
    empty = replace(plan, editions=tuple(replace(each, layers=()) for each in plan.editions), overrides=())
    return [span(gap.start, gap.end) for gap in empty.gaps(a, b)]
