"""The lane of the outbox that leads to strangers' servers: a thread of the worker, so that no ring waits for it."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from desk import delivery
from desk.outbox import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from desk.db import Database
    from desk.delivery import Courier

log = logging.getLogger(__name__)
PAUSE, BREATH = 2.0, 0.12  # seconds, as the worker's own


def walk(held: Mapping[str, Any], name: str, stop: Event) -> Thread:
    """Go along it, with what the application holds, until told to stop, which finishes the message in hand."""
    database, couriers, clock = held["patient_database"], held["couriers"], held["clock"]

    def steps() -> None:
        while not stop.is_set():
            stop.wait(BREATH if step(database, couriers, name, clock, stop.is_set) else PAUSE)

    thread = Thread(target=steps, name="strangers", daemon=True)
    thread.start()
    return thread


def step(
    database: Database,
    couriers: Mapping[str, Courier],
    name: str,
    clock: Callable[[], datetime],
    stopped: Callable[[], bool],
) -> bool:
    """Take out what is due, for one turn; whether there may be more."""
    try:
        return delivery.deliver_some(database, couriers, f"{name} strangers", clock, stopped, Lane.STRANGERS)
    except Exception:
        log.exception("what goes to strangers failed")
        return False
