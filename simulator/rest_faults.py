"""How the carrier misbehaves on purpose: refuses, fails, drops the line, accepts unsaid, dawdles."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock


class Fault(Enum):
    """What can go wrong, and whether the request was carried out all the same."""

    TOO_MANY = (20429, False)  # never processed, safe to repeat [ERR 20429]
    BROKEN = (20500, False)
    UNAVAILABLE = (20503, False)
    DROPPED = (None, False)  # the connection closes without an answer
    BROKEN_AFTER = (20500, True)
    UNAVAILABLE_AFTER = (20503, True)
    DROPPED_AFTER = (None, True)  # accepts without answering

    @property
    def code(self) -> int | None:
        code, _ = self._meaning
        return code

    @property
    def accepted(self) -> bool:
        _, accepted = self._meaning
        return accepted

    @property
    def _meaning(self) -> tuple[int | None, bool]:
        meaning: tuple[int | None, bool] = self.value[:2]
        return meaning


def draw(seed: str, n: int) -> float:
    """The n-th of a repeatable series of numbers in [0, 1)."""
    return int(hashlib.sha256(f"{seed}:{n}".encode()).hexdigest()[:12], 16) / 16**12


def anything(method: str, path: str) -> bool:
    return True


@dataclass
class Faults:
    """Fractions of requests by fault, the same for the same seed; `plan` comes first, one fault a request.

    `concerns` says which requests may be hit. `stall(method, path, accepted)` is called before a request is
    carried out (False) and once it has been (True), outside every lock: who wants slowness waits there.
    """

    fractions: dict[Fault, float] = field(default_factory=dict)
    seed: str = "0"
    plan: deque[Fault | None] = field(default_factory=deque)
    concerns: Callable[[str, str], bool] = anything
    stall: Callable[[str, str, bool], object] | None = None
    retry_after: str = ""  # goes with every 429: seconds or a date
    happened: Counter[Fault] = field(default_factory=Counter)
    _drawn: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def next(self, *faults: Fault | None) -> None:
        """What the coming requests meet, in order; None lets one through."""
        self.plan.extend(faults)

    def strike(self, method: str, path: str) -> Fault | None:
        with self._lock:
            fault = self._choose() if self.concerns(method, path) else None
            if fault:
                self.happened[fault] += 1
            return fault

    def _choose(self) -> Fault | None:
        if self.plan:
            return self.plan.popleft()
        chance = draw(self.seed, self._drawn)
        self._drawn += 1
        for fault, fraction in self.fractions.items():
            if chance < fraction:
                return fault
            chance -= fraction
        return None

    def dawdle(self, method: str, path: str, *, accepted: bool) -> None:
        if self.stall:
            self.stall(method, path, accepted)
