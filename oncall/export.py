"""A rota as a table (CSV): one row for every shift, who rang or rings in it, at which place, and why."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.places import ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oncall.places import Placed

COLUMNS = ("rota", "start", "end", "person", "key", "rings", "rotation", "layer", "why")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these (OWASP, CSV injection)


def table(shifts: Iterable[Placed], names: Mapping[str, str], zone: str) -> str:
    """CSV with a heading, times on the clocks of `zone` with their offset, in the order of time."""
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for one in sorted(shifts, key=lambda one: (one.start, one.rota, one.place)):
        sheet.writerow(map(safe, _row(one, names, ZoneInfo(zone))))
    return text.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def bare(cell: str) -> str:
    """A cell as it was before it was made safe."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


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
