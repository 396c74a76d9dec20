"""Duty: the facts of a month for payroll: who stood by, what was offered, who was called out, and what that counts for.

Facts, not wages, and nothing of what customers are billed: an hour that a contract includes is an hour worked.

- A month is that of the company's clocks, and everything is cut to it. Of a month still running it is what has been up
  to now; what comes is left out, for payroll pays what was.
- Of each layer, standby + gaps + what nobody was rostered for + what nobody recorded + what is still to come is the
  month, to the second; where somebody is rostered always, standby + gaps alone. A gap is time in which the layer's
  rotations had somebody's shift and nobody served it. Two people of one layer at once are one time of the layer.
- The rota as a whole adds up the same way, by what its versions promise (always, or outside office hours).
- A person who stands by in two layers or two rotas at once is told in each, and counts once in their total.
- A ring that the engineer asked for, to call somebody back, is no offer. What came of an offer is kept because an
  allowance can be forfeited on it (MEIBC clause 39: no response to the call-out). So a ring that was cut short because
  the caller left is told apart from one without response, and so is one that the network could not place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from oncall.spans import common, seconds, united, within, without
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from oncall.credit import Block, CallOut, Pay, TimeByBand
    from oncall.limits import Warned
    from oncall.spans import Spans

NO_RESPONSE = ("no-answer", "unaccepted", "busy")
ANSWERS = {"failed": "not reached", **dict.fromkeys(NO_RESPONSE, "no response")}
ASKED = ("accepted", "declined", "no response", "not reached", "cut short")  # of those who were rung at all


@dataclass(frozen=True)
class Standby:
    """One person's unbroken standby in one rotation or addition; `changed` tells the cover or swap behind it."""

    engineer: str
    rota: str
    layer: str
    lane: str
    shift: str  # the identity of the planned shift that it is all or a part of
    interval: Interval
    turn_of: str
    why: str
    changed: str = ""


@dataclass(frozen=True)
class Offer:
    """One ring about a ticket; `outcome` is the Page's own, `note` why somebody was passed over."""

    engineer: str
    at: datetime
    outcome: str
    ticket: str
    on_standby: bool = False
    note: str = ""

    @property
    def answer(self) -> str:
        """One of ASKED; or as it stands, of one that is still ringing or was never rung."""
        return "cut short" if self.outcome in NO_RESPONSE and self.note else ANSWERS.get(self.outcome, self.outcome)


class Balance(NamedTuple):
    """A layer's month in seconds (`layer` empty: the whole rota); its parts add up to the month."""

    rota: str
    layer: str
    standby: int
    gaps: int
    unrostered: int
    unrecorded: int
    to_come: int

    @property
    def month(self) -> int:
        """All of it."""
        return sum(self[2:])


class Times(NamedTuple):
    """What is known of a layer's month: up to when it has been, since when recorded, when wanted, and when served."""

    month: Interval
    until: datetime
    since: datetime
    rostered: Spans
    served: Spans

    def balance(self, rota: str, layer: str) -> Balance:
        """The month divided: every second of it in one part."""
        been = Interval(self.month.start, min(max(self.until, self.month.start), self.month.end))
        known = Interval(min(max(self.since, been.start), been.end), been.end)
        standby = common(self.served, [known])
        gaps = without(common(self.rostered, [known]), standby)
        rest = without([known], [*standby, *gaps])
        unrecorded, to_come = been.seconds - known.seconds, self.month.seconds - been.seconds
        return Balance(rota, layer, seconds(standby), seconds(gaps), seconds(rest), unrecorded, to_come)


@dataclass(frozen=True)
class Total:
    """One person's month; standby counts once, however many layers they stood by in."""

    engineer: str
    shifts: int
    standby: TimeByBand
    in_layers: int  # seconds, one layer beside the other
    offers: Counter[str]
    call_outs: int
    worked: TimeByBand
    credited: TimeByBand


@dataclass(frozen=True)
class Month:
    """The facts of one month up to an instant, in the order of time."""

    name: str
    span: Interval
    until: datetime
    pay: Pay
    names: dict[str, str]
    standby: Sequence[Standby]
    balances: Sequence[Balance]
    offers: Sequence[Offer]
    blocks: Sequence[Block]
    warnings: Sequence[Warned]

    @property
    def call_outs(self) -> list[tuple[CallOut, Spans]]:
        """Every call-out that shares time with the month or begins in it, with what of it lies there."""
        found = []
        for one in (one for block in self.blocks for one in block.call_outs):
            part = within([one.interval], self.span)
            if part or self.span.start <= one.interval.start < self.span.end:
                found.append((one, part))
        return sorted(found, key=lambda each: (each[0].interval, each[0].engineer, each[0].ticket))

    @property
    def engineers(self) -> list[str]:
        """Everybody of whom there is a fact, by name."""
        found = {one.engineer for rows in (self.standby, self.offers, self.blocks) for one in rows}
        return sorted(found, key=lambda key: (self.names.get(key, key), key))

    @property
    def totals(self) -> list[Total]:
        """Everybody's month."""
        return [self._total(key) for key in self.engineers]

    def only(self, engineer: str) -> Month:
        """What one engineer may see: their own rows, and how the layers add up."""
        return replace(
            self,
            standby=[one for one in self.standby if one.engineer == engineer],
            offers=[one for one in self.offers if one.engineer == engineer],
            blocks=[one for one in self.blocks if one.engineer == engineer],
            warnings=[one for one in self.warnings if one.engineer == engineer],
        )

    def _total(self, key: str) -> Total:
        stood = [one for one in self.standby if one.engineer == key]
        blocks = [one for one in self.blocks if one.engineer == key]
        asked = Counter(one.answer for one in self.offers if one.engineer == key and one.on_standby)
        worked = united(part for block in blocks for part in block.worked)
        credited = united(part for block in blocks for part in block.credited)
        return Total(
            key,
            len({(one.rota, one.shift) for one in stood}),
            self.pay.measure(united(one.interval for one in stood)),
            seconds(one.interval for one in stood),
            asked,
            sum(one.engineer == key for one, _ in self.call_outs),
            self.pay.measure(worked),
            self.pay.measure(credited),
        )


def stands_by(standby: Iterable[Standby], engineer: str, at: datetime) -> bool:
    """Whether somebody stood by at an instant."""
    return any(one.engineer == engineer and one.interval.start <= at < one.interval.end for one in standby)
