"""Preview: what a call would cost under a rate card, in a sentence, before anybody has made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sla.interval import Interval
from sla.money.charge import charge
from sla.money.stretch import Judged, Stretch
from sla.overtime import State
from sla.phrases import duration, moment, money

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sla.money.allowance import Allowance
    from sla.money.charge import Line
    from sla.money.stretch import Basis


class Preview(NamedTuple):
    """The line that the call would make, and the answer in words."""

    line: Line
    text: str


def preview(
    basis: Basis, start: datetime, length: timedelta, *, consent: bool | None, used: Allowance | None = None
) -> Preview:
    """A call from `start` for `length`; `used`: what is gone of the month's included hours, which the call draws on.

    Raises ValueError for a call that lasts no second.
    """
    work = Judged(Stretch("preview", 0, 0, None, Interval(start, start + length), consent), basis)
    (line,) = charge([work], used)
    if not any(line.bands.values()):
        raise ValueError("a call of no length costs nothing, whatever the contract says")
    when = f"A call on {moment(start.astimezone(ZoneInfo(basis.calendar.zone)))} for {duration(length)}"
    _, _, why = line.explanation.partition(": ")
    return Preview(line, f"{when} {_cost(line)}, because it is {why}")


def _cost(line: Line) -> str:
    if line.state is State.BILLABLE:
        return f"costs {money(line.amount)} excluding VAT"
    if line.state is not State.TO_CHECK:
        return "costs nothing"
    worth = f", {money(line.price)} excluding VAT if it is billed" if line.price else ""
    return f"is for billing staff to check{worth}"
