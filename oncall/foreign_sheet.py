"""Shifts from a CSV of another product, or of ours; separated by commas, semicolons or tabs.

It has the columns `start`, `end` and `person`, and may have `rings` (first, second and so on) and `rota`. A person is
a name, a mail address or a key of ours.
"""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

from desk.cells import bare
from oncall.foreign import Fault, Unreadable, Wanted, checked, moment
from oncall.places import ORDINALS

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator, Mapping

    from oncall.foreign import People

PERSON = ("person", "engineer", "name", "user", "email", "key")


def rows(text: str, rota: str, zone: str, people: People) -> Iterator[Wanted | Fault | None]:
    """What every line says; None for one of another rota."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    sheet = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from _sheet(sheet, rota, zone, people)
    except csv.Error as error:
        yield Fault(sheet.line_num, f"this is not CSV: {error}")


def _sheet(sheet: Reader, rota: str, zone: str, people: People) -> Iterator[Wanted | Fault | None]:
    heading = [cell.strip().casefold() for cell in next(sheet, [])]
    column = next((name for name in PERSON if name in heading), None)
    if column is None or not {"start", "end"} <= set(heading):
        yield Fault(1, "the first line names the columns: start, end, person and perhaps rings")
        return
    begins = sheet.line_num + 1
    for cells in sheet:
        line, begins = begins, sheet.line_num + 1
        row = dict(zip(heading, map(bare, cells), strict=False))
        if any(cells):
            yield _wanted(line, row, column, zone, people) if row.get("rota", rota) == rota else None


def _wanted(line: int, row: Mapping[str, str], column: str, zone: str, people: People) -> Wanted | Fault:
    try:
        start, end = (_typed(row.get(name, ""), zone) for name in ("start", "end"))
        return checked(Wanted(line, people.called(row.get(column, "")), start, end, _place(row.get("rings", ""))))
    except Unreadable as error:
        return Fault(line, str(error))


def _place(text: str) -> int:
    word = text.strip().casefold() or ORDINALS[0]
    if word not in ORDINALS:
        raise Unreadable(f"{text.strip()!r} is no order of ringing: first, second and so on")
    return ORDINALS.index(word)


def _typed(text: str, zone: str) -> datetime:
    try:
        return moment(datetime.fromisoformat(text.strip()), zone)
    except (ValueError, OverflowError):
        raise Unreadable(f"{text.strip()!r} is no time such as 2026-11-22T08:30") from None
