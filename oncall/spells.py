"""Spells: a person's time on duty as they think of it, several shifts in a row being one, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from oncall.places import ordinal
from oncall.shifts import joined
from oncall.wall import FOREVER, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from oncall.plan import Plan
    from oncall.shifts import Shift

NAMED = 2  # spells that a sentence tells one by one


class Spell(NamedTuple):
    """Somebody's unbroken time in one lane of a rota, [start, end); `place` they have when it begins, 0 rings first.

    `uid` is that of the first shift. An end out of sight is FOREVER.
    """

    rota: str
    uid: str
    start: datetime
    end: datetime
    place: int

    @property
    def document(self) -> list[Any]:
        """As it is kept."""
        return [self.rota, self.uid, self.start.isoformat(), self.end.isoformat(), self.place]

    def cut(self, a: datetime, b: datetime) -> tuple[Any, ...]:
        """What of it matters between two instants."""
        return self.rota, self.place, max(self.start, a), min(self.end, b)

    def said(self, zone: str) -> str:
        """ "Mon 23 Nov 08:30 to Mon 30 Nov 08:30" on the clocks of a zone."""
        ends = " on" if self.end == FOREVER else f" to {said(self.end, zone)}"
        return f"{said(self.start, zone)}{ends}"


def of(document: list[Any]) -> Spell:
    """The spell that was kept."""
    rota, uid, start, end, place = document
    return Spell(rota, uid, datetime.fromisoformat(start), datetime.fromisoformat(end), place)


def between(plan: Plan, a: datetime, b: datetime) -> dict[str, list[Spell]]:
    """Everybody's spells that share time with [a, b), whole, in order."""
    found: dict[str, list[Spell]] = defaultdict(list)
    for lane in plan.lanes(a, b, whole=True).values():
        for shift in joined(lane):
            end = FOREVER if shift.end >= b else shift.end
            found[shift.engineer].append(Spell(plan.name, shift.uid, shift.start, end, _place(plan, shift)))
    return {key: sorted(theirs, key=lambda one: one.start) for key, theirs in found.items()}


def of_all(plans: Mapping[str, Plan], a: datetime, b: datetime) -> dict[str, list[Spell]]:
    """The same over every rota."""
    found: dict[str, list[Spell]] = defaultdict(list)
    for plan in plans.values():
        for key, theirs in between(plan, a, b).items():
            found[key] += theirs
    return found


def difference(
    before: Iterable[Spell], after: Iterable[Spell], a: datetime, b: datetime
) -> tuple[list[Spell], list[Spell]]:
    """What is gone and what is new between two instants."""
    old = {one.cut(a, b): one for one in before if one.start < b and one.end > a}
    new = {one.cut(a, b): one for one in after if one.start < b and one.end > a}
    return [one for cut, one in old.items() if cut not in new], [one for cut, one in new.items() if cut not in old]


def begins(gone: Iterable[Spell], new: Iterable[Spell], a: datetime) -> datetime:
    """The first instant from `a` on at which the two say something else; FOREVER if there is none."""
    old, now = list(gone), list(new)
    edges = {max(edge, a) for one in (*old, *now) for edge in (one.start, one.end)}
    return next((edge for edge in sorted(edges) if _at(old, edge) != _at(now, edge)), FOREVER)


def listed(spells: Sequence[Spell], zones: Mapping[str, Plan], default: str, most: int = NAMED) -> str:
    """Spells in a sentence, the first few of them; "not you" if there are none."""
    if not spells:
        return "not you"
    words = []
    for one in spells[:most]:
        zone = zones[one.rota].zone(one.start) if one.rota in zones else default
        rota = f"{one.rota}, " if len(zones) > 1 else ""
        words.append(f"{rota}{one.said(zone)}, {ordinal(one.place)}")
    more = f"; and {len(spells) - most} more" if len(spells) > most else ""
    return "; ".join(words) + more


def _at(spells: Iterable[Spell], t: datetime) -> set[tuple[str, int]]:
    return {(one.rota, one.place) for one in spells if one.start <= t < one.end}


def _place(plan: Plan, shift: Shift) -> int:
    on_duty = (duty.engineer for duty in plan.who(shift.start))
    return next((n for n, key in enumerate(on_duty) if key == shift.engineer), 0)
