"""Status and recording callbacks: asynchronous, best effort, unordered (TWILIO.md §1.2, §1.8)."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulator.quirks import Quirks


class Callbacks:
    """Delivers them at once, keeps them for later, or loses them."""

    def __init__(self, quirks: Quirks, chance: Random) -> None:
        self.quirks = quirks
        self.chance = chance
        self.waiting: list[Callable[[], None]] = []
        self.lock = Lock()

    def post(self, deliver: Callable[[], None], *, last: bool = False) -> None:
        """Send one, in the manner of this network. `last` is the one that says that a leg has ended."""
        if self._lost(last=last):
            return
        if self.quirks.callbacks == "at once":
            deliver()
        else:
            with self.lock:
                self.waiting.append(deliver)

    def deliver(self) -> int:
        """Deliver what waits, in order or shuffled; say how many there were."""
        with self.lock:
            waiting, self.waiting = self.waiting, []
            if self.quirks.callbacks == "shuffled":
                self.chance.shuffle(waiting)
        for deliver in waiting:
            deliver()
        return len(waiting)

    def _lost(self, *, last: bool) -> bool:
        with self.lock:
            unlucky = self.chance.random() < self.quirks.lose_callbacks
        return unlucky or self.quirks.callbacks == "never" or (last and self.quirks.lose_last_callback)
