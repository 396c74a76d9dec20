"""Sheets: the sample, and the rows of a look as CSV, with why; safe in whatever program opens them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from desk.cells import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desk.imports.looking import Look
    from desk.imports.table import Table

SAMPLE = (
    ("Customer", "Short name", "Contact", "Phone", "Email", "Language", "Preset", "Valid from", "Rate"),
    ("Cape Cabs", "cape-cabs", "Zanele Mbeki", "082 555 0301", "zanele@cape-cabs.example", "en", "office hours",
     "2027-01-01", "R760"),
    ("Cape Cabs", "cape-cabs", "Johan Smit", "+27 21 555 0302", "", "af", "", "", ""),
    ("Table Bay Hotel", "", "Reception", "021 555 0303", "", "", "premium", "2027-01-01", ""),
)  # fmt: skip
MARK = "﻿"  # by which Excel knows UTF-8


def sample() -> str:
    """A file that can be imported as it is."""
    return _written(SAMPLE)


def refused(table: Table, found: Look) -> str:
    """The rows that cannot be, as they were written, with their line and why: to be mended and sent again."""
    why = {one.line: "; ".join(one.faults) for one in found.of("refused")}
    rows = [[*row.cells, str(row.line), why[row.line]] for row in table.rows if row.line in why]
    width = len(table.names)
    padded = [[*row[:-2], *[""] * (width - len(row) + 2), *row[-2:]] for row in rows]
    return _written([[*table.names, "line", "why not"], *padded])


def _written(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return MARK + out.getvalue()
