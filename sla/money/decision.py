"""Decision: what billing staff made of a charge line, laid over what the arithmetic says, which stays visible.

It is about what was known: where the work itself has another length since, the line is to check again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from sla.money.bill import AN_HOUR
from sla.money.charge import NOTHING
from sla.money.rule import CENT
from sla.overtime import State
from sla.phrases import duration, money

if TYPE_CHECKING:
    from sla.money.charge import Line
    from sla.money.rates import RateCard

OF_A_DAY = 24 * 3600
TOLD = {
    State.NONE: "not overtime",
    State.INCLUDED: "included",
    State.BILLABLE: "billable",
    State.TO_CHECK: "to check",
}


@dataclass(frozen=True)
class Decision:
    """Who decided, why, and what: a state, billed seconds, or both; `worked` is how many seconds there were then."""

    who: str
    reason: str
    state: State | None
    seconds: int | None
    worked: int

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a change needs a reason")
        if self.state is None and self.seconds is None:
            raise ValueError("say another state, other minutes or both")
        if self.seconds is not None and not 0 <= self.seconds <= OF_A_DAY:
            raise ValueError("a call is billed for 0 to 1440 minutes")
        if self.seconds and self.state not in (None, State.BILLABLE):
            raise ValueError("only what is billable has billed minutes")


def decided(line: Line, card: RateCard | None, decision: Decision) -> Line:
    """The line as decided; raises ValueError where nobody knows what it costs."""
    if worked(line) != decision.worked:
        return _open_again(line, decision)
    state = decision.state or (State.BILLABLE if decision.seconds else line.state)
    if state is not State.BILLABLE:
        bare = replace(line, state=state, billed_seconds=0, amount=NOTHING)
        return replace(bare, explanation=_told(decision, line, bare))
    seconds = _seconds(line) if decision.seconds is None else decision.seconds
    price = _price(line, card, seconds)
    made = replace(line, state=state, billed_seconds=seconds, price=price, amount=price)
    return replace(made, explanation=_told(decision, line, made))


def worked(line: Line) -> int:
    """The seconds of work in it."""
    return sum(line.bands.values())


def _seconds(line: Line) -> int:
    """What the arithmetic would bill, or else what was worked."""
    return sum(item.billed for item in line.items) or worked(line)


def _price(line: Line, card: RateCard | None, seconds: int) -> Decimal:
    """At the rates of the line, each by its part of what the arithmetic would bill."""
    hourly = [(item.billed or 0, item.rule.hourly(card.rate)) for item in line.items if item.rule] if card else []
    if any(billed for billed, _ in hourly):
        hourly = [(billed, rate) for billed, rate in hourly if billed]
    else:  # nothing would be billed: at the rate of the hour with the most work
        most = max((item for item in line.items if item.rule), key=lambda item: item.worked, default=None)
        hourly = [(1, most.rule.hourly(card.rate))] if most and most.rule and card else []
    if seconds and (not hourly or any(rate is None for _, rate in hourly)):
        raise ValueError("no contract says what this costs, so nothing can be billed: name the customer first")
    total = sum(billed for billed, _ in hourly) or 1
    sum_of_rates = sum((billed * rate for billed, rate in hourly if rate is not None), Decimal(0))
    return (sum_of_rates * seconds / total / AN_HOUR).quantize(CENT, ROUND_HALF_UP)


def _open_again(line: Line, decision: Decision) -> Line:
    was, now = (duration(timedelta(seconds=seconds)) for seconds in (decision.worked, worked(line)))
    why = f"To check: {decision.who} decided about {was} of work, and it is {now} now. {line.explanation}"
    return replace(line, state=State.TO_CHECK, billed_seconds=0, amount=NOTHING, explanation=why)


def _told(decision: Decision, was: Line, now: Line) -> str:
    parts = [f"{TOLD[was.state]} becomes {TOLD[now.state]}"] if was.state is not now.state else []
    if was.billed_seconds != now.billed_seconds:
        minutes = [duration(timedelta(seconds=each.billed_seconds)) for each in (was, now)]
        parts.append(f"{minutes[0]} become {minutes[1]}, {money(was.amount)} become {money(now.amount)}")
    changed = "; ".join(parts) or "it stays as it is"
    return f"Decided by {decision.who}: {changed}, because {decision.reason}. Before: {was.explanation}"
