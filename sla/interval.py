"""Interval: a stretch of time, `[start, end)`, and the arithmetic of several."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Self

Span = tuple[datetime, datetime]  # may be empty or backward, unlike an interval
NOTHING = timedelta(0)

_start, _end = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, order=True)
class Interval:
    """The instants from `start` up to, not including, `end`; both in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if not self.start.utcoffset() == self.end.utcoffset() == NOTHING:
            raise ValueError(f"an interval needs instants in UTC, not {self.start} and {self.end}")
        if self.end < self.start:
            raise ValueError(f"an interval cannot end at {self.end}, before it starts at {self.start}")

    @property
    def seconds(self) -> int:
        """Its length in whole seconds; a begun second does not count."""
        return (self.end - self.start) // timedelta(seconds=1)

    def overlap(self, other: Self) -> "Interval | None":
        """What both have in common; None if they lie apart or only touch."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def joined(spans: Iterable[Span]) -> list[Interval]:
    """In order, without the empty ones, and one where they touch, so that midnight does not close 24/7."""
    joined: list[Interval] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1].end:
            last = joined.pop()
            start, end = last.start, max(end, last.end)
        joined.append(Interval(start, end))
    return joined


def near(stretches: list[Interval], span: Interval) -> slice:
    """Where the stretches are that overlap or touch the span."""
    return slice(bisect_left(stretches, span.start, key=_end), bisect_right(stretches, span.end, key=_start))
