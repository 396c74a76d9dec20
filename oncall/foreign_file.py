"""A file of shifts, of either kind, read whole: what it wants, and every fault with its line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.foreign import Fault, Wanted, twice
from oncall.foreign_calendar import events
from oncall.foreign_sheet import rows

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.foreign import People

AHEAD = timedelta(days=366)
LARGEST = 5_000  # shifts in one file; ten years of two a week are a thousand


@dataclass(frozen=True)
class File:
    """What was read: the shifts, the faults in the order of their lines, and how many rows were of other rotas."""

    wanted: tuple[Wanted, ...]
    faults: tuple[Fault, ...]
    others: int = 0


def read(data: bytes, rota: str, zone: str, people: People, now: datetime) -> File:
    """Read a file for a rota; times without an offset are wall time in `zone`, what repeats is read a year ahead."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return File((), (Fault(data[: error.start].count(b"\n") + 1, "this is not UTF-8 text"),))
    is_calendar = text.lstrip().upper().startswith("BEGIN:VCALENDAR")
    found = list(events(text, zone, people, (now, now + AHEAD)) if is_calendar else rows(text, rota, zone, people))
    wanted = tuple(one for one in found if isinstance(one, Wanted))
    faults = [one for one in found if isinstance(one, Fault)]
    if not found:
        faults.append(Fault(1, "there are no shifts in this file"))
    if len(wanted) > LARGEST:
        faults.append(Fault(1, f"these are more than {LARGEST} shifts"))
    return File(wanted, tuple(sorted([*faults, *twice(wanted)])), found.count(None))
