"""Stretch: unbroken work on a ticket, and what it is charged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sla.calendar import BusinessCalendar
    from sla.interval import Interval
    from sla.money.rates import RateCard


@dataclass(frozen=True)
class Stretch:
    """One person's unbroken work on one ticket: whose, when, for whom, and what the caller had agreed to.

    `consent`: None if not asked, or not answered; `evidence`: how that is known, "pressed 1 at 02:00:41". `call`: the
    call that it belongs to, if that can have other stretches too; a call is billed as one.
    """

    source: str
    ticket_id: int
    staff_id: int
    customer_id: int | None
    interval: Interval
    consent: bool | None
    evidence: str = ""
    call: str = ""


@dataclass(frozen=True)
class Basis:
    """What a stretch is charged by: the regular hours with holidays and closures, the rate card, and their versions.

    The calendar holds the company's closures and nothing that was forced: they count only if the card says so.
    """

    calendar: BusinessCalendar
    card: RateCard | None
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A stretch with its basis: the contract that was in force when it began."""

    stretch: Stretch
    basis: Basis
