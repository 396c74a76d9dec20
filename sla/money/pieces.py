"""Pieces: work cut where a rule of the rate card ends, and the seconds under each rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sla.interval import Interval
from sla.overtime import Band, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.calendar import BusinessCalendar
    from sla.money.rates import RateCard
    from sla.money.rule import Rule
    from sla.overtime import Part

A_SECOND = timedelta(seconds=1)


class Kind(NamedTuple):
    """A kind of hour: its band and, in a window of the card, the name of that."""

    band: Band
    window: str = ""


class Piece(NamedTuple):
    """A stretch within one local day under one rule; no rule without a card."""

    interval: Interval
    kind: Kind
    rule: Rule | None


def pieces(interval: Interval, card: RateCard | None, calendar: BusinessCalendar) -> tuple[Piece, ...]:
    """The interval in consecutive pieces, both ends taken down to the full second."""
    counted = card is not None and card.closures_count
    parts = split(interval.start, interval.end, calendar, closures_count=counted)
    if card is None:
        return tuple(Piece(part.interval, Kind(part.band), None) for part in parts)
    return tuple(piece for part in parts for piece in _cut(part, card, calendar))


def piece_at(at: datetime, card: RateCard | None, calendar: BusinessCalendar) -> Piece:
    """The second that begins at an instant, with its band and rule."""
    return pieces(Interval(at, at + A_SECOND), card, calendar)[0]


def rule_at(at: datetime, card: RateCard, calendar: BusinessCalendar) -> Rule | None:
    """The rule of an instant: what work that begins now begins under, and what its caller is told."""
    return piece_at(at, card, calendar).rule


def seconds_by_kind(found: Iterable[Piece]) -> dict[Kind, int]:
    """Whole seconds of each kind that there are any of, the earliest first."""
    seconds: dict[Kind, int] = {}
    for piece in sorted(found, key=lambda piece: piece.interval):
        seconds[piece.kind] = seconds.get(piece.kind, 0) + piece.interval.seconds
    return seconds


def _cut(part: Part, card: RateCard, calendar: BusinessCalendar) -> Iterator[Piece]:
    windows = () if part.band is Band.OFFICE else card.windows
    day = calendar.local_date(part.interval.start)
    held = [(window, span) for window in windows if (span := window.on(day, calendar))]
    edges = {edge for _, span in held for edge in span if part.interval.start < edge < part.interval.end}
    for start, end in pairwise(sorted({part.interval.start, part.interval.end, *edges})):
        window = next((window for window, (opens, closes) in held if opens <= start < closes), None)
        rule = window.rule if window else card.bands[part.band]
        yield Piece(Interval(start, end), Kind(part.band, window.name if window else ""), rule)
