"""Finding: one thing of the carrier's list and ours that does not agree, and what a day's calls come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ivr.call import TERMINAL

if TYPE_CHECKING:
    from ivr.carrier_call import CarrierCall

DOLLARS = "USD"


class Kind(StrEnum):
    """What does not agree."""

    MISSING = "missing here"  # the carrier has it, we have no record
    UNKNOWN = "unknown there"  # we have it, the carrier does not
    LENGTH = "another length"
    ORPHAN = "no parent"  # a leg, of no call that anybody knows
    UNPRICED = "no price"  # the carrier has not said yet what it takes for it
    FOREIGN = "other money"  # it has, but in another currency than the rest
    REPRICED = "another price"  # than when it first had one


OF_PRICE = (Kind.UNPRICED, Kind.FOREIGN, Kind.REPRICED)


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree; lengths in seconds, None where one side has none.

    Of a price, `cost` is what the carrier takes now, in millionths of `unit`, and `first_cost` what it took at first.
    """

    kind: Kind
    sid: str
    at: str
    ours: int | None = None
    theirs: int | None = None
    ticket_id: int | None = None
    cost: int | None = None
    first_cost: int | None = None
    unit: str = ""

    @property
    def order(self) -> tuple[bool, str, str]:
        """Calls that one side does not have come before those that only cost something else."""
        return self.kind in OF_PRICE, self.at, self.sid


@dataclass
class Day:
    """A local day: how many calls and legs the carrier has and we have, and what the carrier takes for them.

    `micros` are millionths of a dollar, of what has a price; `unpriced` has none yet, `foreign` one in other money.
    """

    day: str
    carrier: int = 0
    ours: int = 0
    seconds: int = 0
    micros: int = 0
    unpriced: int = 0
    foreign: int = 0
    findings: int = 0


@dataclass
class Compared:
    """What came of it, in plain values as they are stored."""

    days: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)


def of_price(one: CarrierCall) -> Finding | None:
    """What is amiss with what the carrier takes for it."""
    if one.cost is None:
        kind = Kind.UNPRICED if should_cost(one) else None
    elif one.unit != DOLLARS:
        kind = Kind.FOREIGN
    else:
        kind = Kind.REPRICED if one.first_cost not in (None, one.cost) else None
    if kind is None:
        return None
    at, of_what = one.started_at.isoformat(), (one.cost, one.first_cost, one.unit)
    return Finding(kind, one.sid, at, None, one.seconds, one.ticket_id, *of_what)


def should_cost(one: CarrierCall) -> bool:
    """Whether the carrier takes something for it, sooner or later."""
    return one.status in TERMINAL and one.seconds > 0
