"""A rota as a table (CSV): one row for every shift, who rang or rings in it, at which place, and why."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk.cells import safe
from oncall.places import ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oncall.places import Placed

COLUMNS = ("rota", "start", "end", "person", "key", "rings", "rotation", "layer", "why")


def table(shifts: Iterable[Placed], names: Mapping[str, str], zone: str) -> str:
    """CSV with a heading, times on the clocks of `zone` with their offset, in the order of time."""
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for one in sorted(shifts, key=lambda one: (one.start, one.rota, one.place)):
        sheet.writerow(map(safe, _row(one, names, ZoneInfo(zone))))
    return text.getvalue()


def _row(one: Placed, names: Mapping[str, str], zone: ZoneInfo) -> tuple[str, ...]:
    return (
        one.rota,
        one.start.astimezone(zone).isoformat(),
        one.end.astimezone(zone).isoformat(),
        names.get(one.engineer, one.engineer),
        one.engineer,
        ordinal(one.place),
        one.rotation,
        one.layer,
        one.why,
    )
