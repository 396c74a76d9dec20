"""Corrections: signed lines in an open month that make good what a closed one said, as a credit note does.

Closed lines never change. Whatever is learnt later (a holiday declared late, the carrier's late report, a stranger
whose customer is found) charges the closed month anew, and the difference of each line to what it was, with the
corrections made since, is a line of its own. So a line and its corrections always add up to the truth, and nothing is
billed twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sla.money.charge import NOTHING, Line
from sla.overtime import State
from sla.phrases import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from sla.month import Month


def corrections(
    closed: Iterable[Line], now: Iterable[Line], month: Month, why: Callable[[Line], str]
) -> tuple[Line, ...]:
    """The lines for an open `month` by which the closed ones, in the order they were made, become what is known now.

    `why` tells of each what has changed it.
    """
    books: dict[str, list[Line]] = {}
    for line in closed:
        books.setdefault(line.corrects or line.key, []).append(line)
    known = {line.key: line for line in now}
    found = (_correction(books.get(key, []), known.get(key), month, why) for key in {**books, **known})
    return tuple(sorted(filter(None, found), key=lambda line: (line.interval, line.key)))


def balance(lines: Iterable[Line]) -> tuple[int, Decimal]:
    """Seconds and money that lines, corrections among them, come to."""
    lines = list(lines)
    return sum(line.billed_seconds for line in lines), sum((line.amount for line in lines), NOTHING)


def _correction(before: Sequence[Line], line: Line | None, month: Month, why: Callable[[Line], str]) -> Line | None:
    if line is None:
        return _signed(before, _gone(before[0]), month, why)
    if not before:
        return replace(
            line, month=month, explanation=f"Late, of {line.month.name}, because {why(line)}: {line.explanation}"
        )
    return _signed(before, line, month, why)


def _signed(before: Sequence[Line], line: Line, month: Month, why: Callable[[Line], str]) -> Line | None:
    was = balance(before)
    waits = line.state is State.TO_CHECK  # until somebody decides, what was billed stays billed
    becomes = was if waits else (line.billed_seconds, line.amount)
    if (line.state, becomes) == (before[-1].state, was):
        return None
    words = f"{money(was[1])} stay" if waits else f"{money(was[1])} become {money(becomes[1])}"
    return replace(
        line,
        month=month,
        billed_seconds=becomes[0] - was[0],
        amount=becomes[1] - was[1],
        corrects=before[0].key,
        explanation=f"Correction of {before[0].month.name}, {words}, because {why(line)}: {line.explanation}",
    )


def _gone(line: Line) -> Line:
    """The same work, of which nothing is left, or which is billed with another call now."""
    why = "nothing of this call is billed by itself any more."
    return replace(line, state=State.NONE, items=(), billed_seconds=0, price=NOTHING, amount=NOTHING, explanation=why)
