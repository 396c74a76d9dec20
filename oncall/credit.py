"""Call-outs as blocks: what each counts for by the rules, every stretch of time once for each engineer.

- A call-out is work through the line of which some lies outside office hours. Work that lies in them altogether is
  the ordinary day's.
- Call-outs at the same time, on two tickets say, are one block, and their common time counts once.
- A block counts from its start for the minimum (MEIBC clause 39: two hours), and beyond that for what was worked. The
  wait between two call-outs of one block is nobody's work; it counts only inside the minimum.
- What one block counts for, no later block counts for again, also where each has a minimum of its own.
- Work that begins in office hours and goes on after them is the day drawn out: nobody was called out, so it has no
  minimum (BCEA s 10 speaks of overtime, the sector agreements of being called out).
- Office hours inside a block are told apart: they are paid as the ordinary day already.
- The rules of a block are those of the local day on which it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall.spans import seconds, span, united, within, without
from sla.overtime import Band, band_at, seconds_by_band, split
from sla.phrases import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oncall.agreed import Agreement, Rules
    from oncall.spans import Spans
    from sla.calendar import BusinessCalendar
    from sla.interval import Interval


class TimeByBand(NamedTuple):
    """How long, in seconds: in each rate band, which add up to the whole, and in the night, which lies across them."""

    bands: Mapping[Band, int]
    night: int
    deep_night: int

    @property
    def whole(self) -> int:
        """All of it."""
        return sum(self.bands.values())

    @property
    def after_hours(self) -> int:
        """What lies outside office hours."""
        return self.whole - self.bands[Band.OFFICE]


@dataclass(frozen=True)
class CallOut:
    """Unbroken work of one engineer on one ticket; `known` is false where only its beginning is known."""

    engineer: str
    interval: Interval
    ticket: str
    called_back: bool = False
    known: bool = True


@dataclass(frozen=True)
class Block:
    """One or more call-outs that count as one, and what they count for."""

    engineer: str
    rules: Rules
    call_outs: tuple[CallOut, ...]
    guaranteed: Interval
    worked: Spans
    credited: Spans
    overlaps: bool = False  # a block before has counted for some of it

    @property
    def reason(self) -> str:
        """Why it counts for that long, in a sentence."""
        number, parts = len(self.call_outs), []
        if number > 1:
            parts.append(f"{number} call-outs in one block")
        parts.append(f"worked {_lasted(self.worked)}")
        if not self.guaranteed.seconds and self.rules.minimum:
            parts.append("began in office hours, so without a minimum")
        elif seconds(self.worked) < self.guaranteed.seconds:
            parts.append(f"counts for the minimum of {duration(self.rules.minimum)}")
        if self.overlaps:
            parts.append("less what the block before counted for already")
        if any(not each.known for each in self.call_outs):
            parts.append("the end of a call is not known")
        return "; ".join(parts)

    def within(self, frame: Interval) -> Block | None:
        """What of it lies in a frame such as a month; None if nothing does."""
        credited, worked = within(self.credited, frame), within(self.worked, frame)
        begun = any(frame.start <= each.interval.start < frame.end for each in self.call_outs)
        return replace(self, credited=credited, worked=worked) if credited or begun else None


@dataclass(frozen=True)
class Pay:
    """What is counted by: the company's office hours, for the bands, and what was agreed."""

    calendar: BusinessCalendar
    agreement: Agreement

    def measure(self, spans: Iterable[Interval]) -> TimeByBand:
        """How long stretches are that lie apart, by band and in the night."""
        spans = tuple(spans)
        parts = (part for each in spans for part in split(each.start, each.end, self.calendar))
        night, deep = self.agreement.nights(spans), self.agreement.deep_nights(spans)
        return TimeByBand(seconds_by_band(parts), seconds(night), seconds(deep))

    def is_call_out(self, one: CallOut) -> bool:
        """Whether some of it lies outside office hours; of one whose end is unknown, its beginning."""
        if not one.interval.seconds:
            return not one.known and self._is_after_hours(one.interval.start)
        return self.measure([one.interval]).after_hours > 0

    def blocks(self, call_outs: Iterable[CallOut]) -> tuple[Block, ...]:
        """The blocks of one engineer's call-outs, in order."""
        groups: list[list[CallOut]] = []
        for one in sorted(filter(self.is_call_out, call_outs), key=lambda one: (one.interval, one.ticket)):
            if groups and self._goes_on(groups[-1], one):
                groups[-1].append(one)
            else:
                groups.append([one])
        found: list[Block] = []
        for group in groups:
            found.append(self._block(group, found))
        return tuple(found)

    def _goes_on(self, group: list[CallOut], one: CallOut) -> bool:
        rules, ended = self._rules(group), max(each.interval.end for each in group)
        waited = one.interval.start - ended
        inside = rules.one_block and one.interval.start < self._guaranteed(group).end
        return waited <= rules.merge or inside

    def _block(self, group: list[CallOut], before: Iterable[Block]) -> Block:
        guaranteed = self._guaranteed(group)
        worked = united(each.interval for each in group)
        wanted = united([guaranteed, *worked])
        credited = without(wanted, (part for block in before for part in block.credited))
        return Block(
            group[0].engineer, self._rules(group), tuple(group), guaranteed, worked, credited, credited != wanted
        )

    def _rules(self, group: list[CallOut]) -> Rules:
        return self.agreement.at(group[0].interval.start)

    def _guaranteed(self, group: list[CallOut]) -> Interval:
        start = group[0].interval.start
        length = self._rules(group).minimum if self._is_after_hours(start) else timedelta(0)
        return span(start, start + length)

    def _is_after_hours(self, at: datetime) -> bool:
        return band_at(at, self.calendar) is not Band.OFFICE


def _lasted(spans: Spans) -> str:
    return duration(timedelta(seconds=seconds(spans)))
