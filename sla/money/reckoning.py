"""Reckoning: the sentence that says how a charge line comes about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sla.money.bill import least, still_owed
from sla.money.rule import ONCE
from sla.overtime import State, outcome, reasons, sentence
from sla.phrases import duration, listed, money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from sla.money.bill import Item
    from sla.money.merging import Call
    from sla.money.rates import RateCard


def told(call: Call, items: Sequence[Item], state: State, consent: bool | None, cost: Decimal | None) -> str:
    """What it is, why, and how the amount was reckoned, in one sentence."""
    return sentence([outcome(state, [item.share for item in items]), *because(call, items, state, consent, cost)])


def because(call: Call, items: Sequence[Item], state: State, consent: bool | None, cost: Decimal | None) -> list[str]:
    """The clauses after what it is."""
    card = call.basis.card
    shares = [item.share for item in items]
    clauses = reasons(shares, card.terms if card else None, consent)
    if call.number > 1:
        clauses.append(f"{call.number} calls on one ticket count as one")
    if card:
        clauses += [*_drawn(items), *_billed(items, card, state, cost)]
    return clauses


def _drawn(items: Iterable[Item]) -> list[str]:
    drawn = [item for item in items if item.drawn]
    parts = [f"{_lasted(item.drawn)} {item.share.when}{_factor(item)}" for item in drawn]
    return [f"included hours pay for {listed(parts)}"] if parts else []


def _factor(item: Item) -> str:
    """At what factor, where an hour takes more or less than an hour."""
    factor = item.rule.deducts if item.rule else None
    return "" if factor in (None, 1) else f", {factor:f} hours for one"


def _billed(items: Sequence[Item], card: RateCard, state: State, cost: Decimal | None) -> list[str]:
    charged = [item for item in items if item.billed]
    if not charged:
        return []
    if cost is None:
        return [*_counted(items, card), "the contract says no rate"]
    parts = [f"{_lasted(item.billed)} at {_hourly(item, card)}" for item in charged]
    comes = "come to" if state is State.BILLABLE else "would come to"
    return [*_counted(items, card), f"{listed(parts)} {comes} {money(cost)} excluding VAT"]


def _counted(items: Sequence[Item], card: RateCard) -> list[str]:
    """Why more is billed than was worked, if it is."""
    left, whole = sum(item.left for item in items), sum(item.billed for item in items)
    if left == whole:
        return []
    why = [f"the minimum of {duration(least(items, card))}"] if left < still_owed(items, card) else []
    if max(left, still_owed(items, card)) < whole:
        why.append(f"steps of {duration(card.increment)}")
    return [f"{_lasted(left)} count as {_lasted(whole)} by {listed(why)}"]


def _hourly(item: Item, card: RateCard) -> str:
    rule = item.rule
    rate = rule.rate if rule and rule.rate is not None else card.rate
    times = f" x {rule.multiplier:f}" if rule and rule.multiplier != ONCE else ""
    return f"{money(rate)} an hour{times}" if rate is not None else "no rate"


def _lasted(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))
