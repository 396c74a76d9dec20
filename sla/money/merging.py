"""Merging: which stretches of work are billed as one call.

- All stretches of one call are, whoever worked: the contract in force when the first began holds for all of it.
- Calls on one ticket are, where the card has a merge window: each that begins no later than the window after all
  before it have ended goes on with them. A call under another version of the contract, or for another customer,
  begins anew.
- A call without any work merges with nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sla.money.rates import RateCard
    from sla.money.stretch import Basis, Judged, Stretch


class Call(NamedTuple):
    """Stretches that are billed as one, in order, how many calls they were, and what they are charged by."""

    stretches: tuple[Stretch, ...]
    basis: Basis
    number: int = 1

    @property
    def start(self) -> datetime:
        """When the work began."""
        return self.stretches[0].interval.start

    @property
    def end(self) -> datetime:
        """When the last of it ended."""
        return max(stretch.interval.end for stretch in self.stretches)

    @property
    def order(self) -> tuple[datetime, str]:
        """By this calls stand in order, whatever order their rows came in."""
        return _order(self.stretches[0])


def _order(stretch: Stretch) -> tuple[datetime, str]:
    """Not by the end as well: a stretch that is cut in two would move."""
    return stretch.interval.start, stretch.source


def calls(work: Iterable[Judged]) -> list[Call]:
    """What is billed as one, in order of the beginning; each stretch is in one of them."""
    singles = sorted(map(_call, _by_call(work)), key=lambda call: call.order)
    merged: list[Call] = []
    latest: dict[tuple[int, int | None], int] = {}  # the place of the last call on a ticket in `merged`
    for call in singles:
        key = call.stretches[0].ticket_id, call.stretches[0].customer_id
        place = latest.get(key)
        if place is not None and _goes_on(merged[place], call):
            merged[place] = _joined(merged[place], call)
        else:
            if call.end > call.start:
                latest[key] = len(merged)
            merged.append(call)
    return merged


def _by_call(work: Iterable[Judged]) -> Iterable[list[Judged]]:
    found: dict[tuple[str, str, int | None], list[Judged]] = defaultdict(list)
    for one in _once(work):
        name = ("call", one.stretch.call) if one.stretch.call else ("stretch", one.stretch.source)
        found[*name, one.stretch.customer_id].append(one)
    return found.values()


def _once(work: Iterable[Judged]) -> Iterator[Judged]:
    """Each as it comes; raises ValueError if one comes twice, for it would be billed twice."""
    seen: set[str] = set()
    for one in work:
        if one.stretch.source in seen:
            raise ValueError(f"the work of {one.stretch.source} is there twice")
        seen.add(one.stretch.source)
        yield one


def _call(work: list[Judged]) -> Call:
    work = sorted(work, key=lambda one: _order(one.stretch))
    return Call(tuple(one.stretch for one in work), work[0].basis)


def _goes_on(before: Call, call: Call) -> bool:
    card = before.basis.card
    if card is None or card.merge is None or not _is_version(call.basis.card, card):
        return False
    return call.end > call.start and call.start - before.end <= card.merge


def _is_version(card: RateCard | None, other: RateCard) -> bool:
    return card is not None and (card.name, card.version) == (other.name, other.version)


def _joined(before: Call, call: Call) -> Call:
    stretches = sorted((*before.stretches, *call.stretches), key=_order)
    return Call(tuple(stretches), before.basis, before.number + call.number)
