"""The worker with all its jobs, and a watch on its transactions; started by renewal.py.

It ends at SIGTERM and prints the longest one's seconds, the wait for the lock included, and the longest one's seconds
of computing, which tell how long others wait on an idle machine.
"""

from __future__ import annotations

import signal
import time
from threading import Event
from typing import TYPE_CHECKING, Any

from app import create_app
from oncall.worker import pause, tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk.db import Database


def watched(database: Database, seconds: list[float], computing: list[float]) -> None:
    """Note how long each of its transactions takes."""
    write = database.write

    def timed(work: Callable[[Any], Any], tries: int = 6) -> Any:
        began, computed = time.perf_counter(), time.thread_time()
        try:
            return write(work, tries)
        finally:
            seconds.append(time.perf_counter() - began)
            computing.append(time.thread_time() - computed)

    database.write = timed  # type: ignore[method-assign]


def main() -> None:
    """Tick until told to stop."""
    stop, seconds, computing = Event(), [0.0], [0.0]
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    app = create_app()
    watched(app.extensions["patient_database"], seconds, computing)
    with app.app_context():
        while not stop.is_set():
            stop.wait(pause(tick("bench", stop)))
    print(max(seconds), max(computing))


if __name__ == "__main__":
    main()
