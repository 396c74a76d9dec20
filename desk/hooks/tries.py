"""Tries: when what was not taken is sent again, as the Standard Webhooks specification proposes, with jitter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.hooks.endpoint import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickets.reference import Dice

JITTER = 0.2  # of a wait, at most, on top of it: what failed together does not come back together
LONGEST_ASKED = timedelta(days=1)  # that a receiver may ask to be left alone


def _waits(*words: str) -> tuple[timedelta, ...]:
    units = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
    return tuple(int(word[:-1]) * units[word[-1]] for word in words)


# Of a webhook three days in all; of a chat message, which nobody reads after an hour, half of one.
WAITS: Mapping[Way, tuple[timedelta, ...]] = {
    Way.WEBHOOK: _waits("5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"),
    Way.CHAT: _waits("5s", "30s", "2m", "5m", "10m", "15m"),
}


def wait(way: Way, tries: int, asked: int | None, dice: Dice) -> timedelta | None:
    """How long until the next, after so many; None if that was the last. `asked`: Retry-After, in seconds."""
    waits = WAITS[way]
    if tries > len(waits):
        return None
    usual = waits[tries - 1] * (1 + dice.randrange(0, 1001) / 1000 * JITTER)
    return max(usual, min(timedelta(seconds=asked or 0), LONGEST_ASKED))
