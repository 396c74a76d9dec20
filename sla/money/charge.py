"""Charge lines: what becomes of judged work in money, with all that it came from and a sentence that says why.

A line is one call, or the calls on one ticket that the contract merges. It belongs to the local month in which its work
began, to the whole of it, however long it went on. Charging needs all of a customer's work in a month at once, because
of the included hours; the order of the rows makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sla.interval import Interval
from sla.money import reckoning
from sla.money.allowance import Allowance
from sla.money.bill import Item, billed, price
from sla.money.merging import calls
from sla.money.pieces import pieces, seconds_by_kind
from sla.month import Month
from sla.overtime import Band, State, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sla.money.merging import Call
    from sla.money.pieces import Kind, Piece
    from sla.money.stretch import Judged, Stretch
    from sla.overtime import Terms

NOTHING = Decimal("0.00")
WEIGHTS = list(State)


@dataclass(frozen=True)
class Line:
    """What one call costs.

    `amount` and `billed_seconds` are what is billed, excluding VAT, and nothing unless the state is billable; the
    items and `price` tell what it would be once it is agreed. `price` is None without a contract, or where that says
    no rate. `corrects` names the line of a closed month that this one makes good: its amount and billed seconds are
    then differences, and may be negative.
    """

    month: Month
    stretches: tuple[Stretch, ...]
    interval: Interval
    bands: Mapping[Band, int]
    items: tuple[Item, ...]
    state: State
    billed_seconds: int
    price: Decimal | None
    amount: Decimal
    terms: Terms | None
    versions: Mapping[str, int]
    explanation: str
    corrects: str = ""

    @property
    def key(self) -> str:
        """What names it among the lines of all months: the source of its first stretch."""
        return self.stretches[0].source


def charge(work: Iterable[Judged], allowance: Allowance | None = None, only: str = "") -> tuple[Line, ...]:
    """The lines of this work, in order of their beginning.

    `allowance`: what other work has used of included hours. `only`: the line of this key alone, for which others need
    not be reckoned unless they use included hours too.
    """
    allowance = allowance or Allowance()
    matter = (call for call in calls(work) if not only or _key(call) == only or _draws(call))
    lines = (_line(call, allowance) for call in matter)
    return tuple(line for line in lines if not only or line.key == only)


def _key(call: Call) -> str:
    return call.stretches[0].source


def _draws(call: Call) -> bool:
    return bool(call.basis.card and call.basis.card.included)


def _line(call: Call, allowance: Allowance) -> Line:
    card, calendar = call.basis.card, call.basis.calendar
    month = Month.of(call.start, calendar.zone)
    cut = {stretch: pieces(stretch.interval, card, calendar) for stretch in call.stretches}
    found = [piece for each in cut.values() for piece in each]
    items = _items(found, allowance.draw(call, month, found))
    items = billed(items, card) if card else items
    cost = price(items, card) if card else None
    state, consent = _state(cut, card.terms if card else None)
    state = _settled(state, items, cost)
    return Line(
        month=month,
        stretches=call.stretches,
        interval=Interval(call.start, call.end),
        bands=_bands(items),
        items=items,
        state=state,
        billed_seconds=sum(item.billed for item in items) if state is State.BILLABLE else 0,
        price=cost,
        amount=cost if cost and state is State.BILLABLE else NOTHING,
        terms=card.terms if card else None,
        versions=call.basis.versions,
        explanation=reckoning.told(call, items, state, consent, cost),
    )


def _items(found: Iterable[Piece], drawn: Mapping[Kind, int]) -> tuple[Item, ...]:
    found = list(found)
    rules = {piece.kind: piece.rule for piece in found}
    worked = seconds_by_kind(found).items()
    return tuple(Item(kind, rules[kind], seconds, drawn.get(kind, 0)) for kind, seconds in worked)


def _bands(items: Iterable[Item]) -> dict[Band, int]:
    seconds = dict.fromkeys(Band, 0)
    for item in items:
        seconds[item.kind.band] += item.worked
    return seconds


def _state(cut: Mapping[Stretch, Sequence[Piece]], terms: Terms | None) -> tuple[State, bool | None]:
    """The weightiest state of any stretch, and the consent that made it so."""
    judged = []
    for stretch, found in cut.items():
        shares = [item.share for item in _items(found, {})]
        judged.append((state_of(shares, terms, stretch.consent), stretch.consent))
    state = max((state for state, _ in judged), key=WEIGHTS.index)
    consents = {consent for each, consent in judged if each is state}
    order = (False, None, True) if state is State.TO_CHECK else (True, None, False)
    return state, next(consent for consent in order if consent in consents)


def _settled(state: State, items: Sequence[Item], cost: Decimal | None) -> State:
    """The state once the price is known: what included hours paid for is included, what has no price is to check."""
    if state is not State.BILLABLE:
        return state
    if cost is None:
        return State.TO_CHECK
    return State.BILLABLE if any(item.billed for item in items) else State.INCLUDED
