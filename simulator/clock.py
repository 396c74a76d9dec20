"""Time in the box: it stands still until somebody speaks, rings or waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock


class Clock:
    """A clock moved by hand. Call it for the instant; hand it to the application as its own clock."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._now = start
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def until(self, instant: datetime) -> None:
        """Let time pass up to an instant; nothing when another call on the same clock got there already."""
        with self._lock:
            self._now = max(self._now, instant)
