"""Sets of time: intervals in order and apart, united, cut and taken away from each other; whole seconds throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla.interval import Interval, joined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Spans = tuple[Interval, ...]


def span(start: datetime, end: datetime) -> Interval:
    """From one instant to another, both taken down to the full second, so that parts add up to the whole."""
    return Interval(start.replace(microsecond=0), end.replace(microsecond=0))


def united(spans: Iterable[Interval]) -> Spans:
    """Every instant that lies in any of them, once."""
    return tuple(joined((each.start, each.end) for each in spans))


def within(spans: Iterable[Interval], frame: Interval) -> Spans:
    """What of them lies in the frame."""
    return tuple(part for each in spans if (part := each.overlap(frame)))


def common(spans: Iterable[Interval], others: Iterable[Interval]) -> Spans:
    """Every instant that lies in one of the spans and in one of the others, once."""
    frames = united(others)
    return united(part for each in united(spans) for part in within(frames, each))


def without(spans: Iterable[Interval], others: Iterable[Interval]) -> Spans:
    """Every instant of the spans that lies in none of the others, once."""
    taken, left = united(others), []
    for each in united(spans):
        start = each.start
        for gone in within(taken, each):
            left.append((start, gone.start))
            start = gone.end
        left.append((start, each.end))
    return tuple(joined(left))


def seconds(spans: Iterable[Interval]) -> int:
    """How long they are together; those that overlap count as often as they are there."""
    return sum(each.seconds for each in spans)
