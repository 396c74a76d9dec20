"""Story: a timeline as it is read. What the machine did in a row, ring by ring and text by text, is told as one thing.

Nothing is left out: it folds, so that what people did and said can be found on a telephone at night.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tickets.event import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tickets.event import Event

STEPS = frozenset({"page", "text", "mail", LETTER})  # kinds of what the machine does by itself
LEAST = 4  # steps in a row; fewer are read as fast as they are unfolded


def chapters(events: Iterable[Event]) -> Iterator[Sequence[Event]]:
    """The events in their order: each by itself, or many steps of the machine in a row."""
    for are_steps, run in groupby(events, lambda one: one.kind in STEPS and one.staff_id is None):
        found = list(run)
        if are_steps and len(found) >= LEAST:
            yield found
        else:
            yield from ([one] for one in found)
