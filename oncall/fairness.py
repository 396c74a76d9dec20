"""Fair share: what each person served and was rung for, beside their own share of all of it; plain counts, no score.

- Hours are hours on duty: ringing first, or second and later. A night is 23:00 to 06:00 and a day midnight to midnight
  by the clocks of the rota; whoever serves part of one has that part of it. So a night of six or eight hours, when the
  clocks change, is one night all the same, and nothing is lost at a hand-off. A call at night is every time that
  somebody was rung in a night while on duty, whether they took it or not.
- Nobody is counted twice at one instant: of two lanes of one person the one counts in which they ring.
- The own share is a part of what was done: what a rotation served is divided among those who were its members at that
  time, by their part-time share; an addition among all members of the rota. So whoever comes or goes is judged by the
  time they were in, whoever only covers has a share of nothing, and all differences add up to nothing.

Values are fractions, in the unit of their measure, and exact; only `written` rounds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from oncall.measures import NOTHING, Measure, Stint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from oncall.measures import Calendar
    from oncall.plan import Edition, Plan
    from oncall.rotation import Rotation

Weights = tuple[tuple[str, int], ...]  # members of a rotation, each with their part-time share


class Ring(NamedTuple):
    """One person's telephone rang."""

    engineer: str
    at: datetime


class Team(NamedTuple):
    """Who takes turns in which lane, from an instant on."""

    since: datetime
    lanes: Mapping[str, Weights]

    def of(self, lane: str) -> Weights:
        """Among whom the duty of a lane is shared; that of an addition among all."""
        return self.lanes.get(lane) or _merged(self.lanes.values())


class Row(NamedTuple):
    """One person: what they did, and what their own share of it was."""

    engineer: str
    done: Mapping[Measure, Fraction]
    share: Mapping[Measure, Fraction]

    def more(self, measure: Measure) -> Fraction:
        """How much more than their own share they did; below nothing: less."""
        return self.done[measure] - self.share[measure]


@dataclass(frozen=True)
class Tally:
    """Everybody who did something or had a share in it, by key; and calls at night to people who were not on duty."""

    rows: tuple[Row, ...]
    off_duty: Mapping[str, int]


def teams(plan: Plan, a: datetime, b: datetime) -> list[Team]:
    """Who took turns in what between two instants, by the versions in force."""
    edges = {a, *(edition.since for edition in plan.editions)}
    edges |= {edge for edition in plan.editions for one in _rotations(edition) for edge in (one.begins, one.ends)}
    return [_team(plan, at) for at in sorted(edge for edge in edges if a <= edge < b)]


def tally(stints: Iterable[Stint], rings: Iterable[Ring], among: Sequence[Team], calendar: Calendar) -> Tally:
    """Count what lies in the calendar, and divide it; `among` are the teams from its start on, in order."""
    books = _Books()
    whole = [cut for cut in (_cut(one, calendar) for one in stints) if cut.start < cut.end]
    for stint in whole:
        if stint.place is not None:
            for piece, team in _pieces(stint, among):
                books.add(piece.engineer, team.of(piece.lane), calendar.amounts(piece))
    off_duty: dict[str, int] = defaultdict(int)
    on_duty = _by_engineer(whole)
    for ring in rings:
        if not (calendar.start <= ring.at < calendar.end and calendar.is_night(ring.at)):
            continue
        if there := on_duty(ring):
            books.add(ring.engineer, _in_force(among, ring.at).of(there.lane), [(Measure.CALLS, Fraction(1))])
        else:
            off_duty[ring.engineer] += 1
    return Tally(books.rows(), dict(off_duty))


def written(value: Fraction) -> str:
    """A count for people: one decimal at most, a half away from nothing."""
    tenths = int(abs(value) * 10 + Fraction(1, 2))
    number = str(tenths // 10) + (f".{tenths % 10}" if tenths % 10 else "")
    return f"-{number}" if value < 0 and tenths else number


def signed(value: Fraction) -> str:
    """A difference for people: with its sign, unless it is nothing."""
    number = written(value)
    if number == "0":
        return number
    return number.replace("-", "−") if value < 0 else f"+{number}"


class _Books:
    """What was done, and what has to be divided among whom."""

    def __init__(self) -> None:
        self.done: dict[str, dict[Measure, Fraction]] = defaultdict(_zero)
        self.pools: dict[Weights, dict[Measure, Fraction]] = defaultdict(_zero)

    def add(self, engineer: str, among: Weights, amounts: Iterable[tuple[Measure, Fraction]]) -> None:
        pool = self.pools[among or ((engineer, 1),)]  # nobody takes turns: nobody else's share
        for measure, amount in amounts:
            self.done[engineer][measure] += amount
            pool[measure] += amount

    def rows(self) -> tuple[Row, ...]:
        share: dict[str, dict[Measure, Fraction]] = defaultdict(_zero)
        for among, pool in self.pools.items():
            whole = sum(weight for _, weight in among)
            for engineer, weight in among:
                for measure, amount in pool.items():
                    share[engineer][measure] += amount * weight / whole
        return tuple(Row(one, self.done[one], share[one]) for one in sorted({*self.done, *share}))


def _zero() -> dict[Measure, Fraction]:
    return dict.fromkeys(Measure, NOTHING)


def _cut(stint: Stint, calendar: Calendar) -> Stint:
    return stint._replace(start=max(stint.start, calendar.start), end=min(stint.end, calendar.end))


def _pieces(stint: Stint, among: Sequence[Team]) -> Iterator[tuple[Stint, Team]]:
    """The stint, cut where the teams change."""
    edges = [stint.start, *(team.since for team in among if stint.start < team.since < stint.end), stint.end]
    for start, end in pairwise(edges):
        yield stint._replace(start=start, end=end), _in_force(among, start)


def _in_force(among: Sequence[Team], at: datetime) -> Team:
    return among[bisect_right(among, at, key=lambda team: team.since) - 1]


def _by_engineer(stints: Iterable[Stint]) -> Callable[[Ring], Stint | None]:
    """Who finds the stint in which somebody was rung; where they ring themselves before where they do not."""
    theirs: dict[str, list[Stint]] = defaultdict(list)
    for one in sorted(stints, key=lambda one: one.place is None):
        theirs[one.engineer].append(one)
    return lambda ring: next((one for one in theirs[ring.engineer] if one.start <= ring.at < one.end), None)


def _team(plan: Plan, at: datetime) -> Team:
    there = [one for one in _rotations(plan.edition(at)) if one.begins <= at < one.ends]
    return Team(at, {one.name: _weights(one) for one in there})


def _rotations(edition: Edition) -> list[Rotation]:
    return [rotation for layer in edition.layers for rotation in layer.rotations]


def _weights(rotation: Rotation) -> Weights:
    shares = rotation.shares or (100,) * len(rotation.members)
    return _merged([tuple(zip(rotation.members, shares, strict=True))])


def _merged(each: Iterable[Weights]) -> Weights:
    found: dict[str, int] = defaultdict(int)
    for weights in each:
        for engineer, weight in weights:
            found[engineer] += weight
    return tuple(sorted(found.items()))
