"""So many requests a window, counted in the memory of this process: for doors that must not write to the database.

With several processes the limit is that many times as high; it holds off load, it does not keep a secret.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

MOST_KEYS = 10_000  # more than that are no subscribers but somebody who invents addresses


@dataclass
class Throttle:
    """Lets each key pass `limit` times in a `window`."""

    limit: int
    window: timedelta
    _until: datetime | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _counting: Lock = field(default_factory=Lock)

    def wait(self, key: str, at: datetime) -> timedelta | None:
        """Count one more; how long this key has to wait, or None if it may pass."""
        with self._counting:
            if self._until is None or at >= self._until or len(self._counts) >= MOST_KEYS:
                self._counts.clear()
                self._until = at + self.window
            self._counts[key] += 1
            return self._until - at if self._counts[key] > self.limit else None
