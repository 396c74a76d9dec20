"""Rows as CSV, in two profiles (RFC 4180 both): one that programs import, one that Excel opens in South Africa.

`import_csv`: UTF-8 without a byte order mark, commas, decimal points, ISO 8601 times with their offset.
`excel_za`: what Excel takes for a table where Windows is set to English or Afrikaans (South Africa): a byte order
mark, without which it reads the PC's own code page; semicolons, decimal commas, and the office's time without an
offset, which Excel makes a date of, as it does of a month's first day. Text that would become a number or a date has
an apostrophe before it.
"""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from sla.exports import text
from sla.exports.columns import COLUMNS, NAMES, Kind, cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sla.exports.header import Header
    from sla.money.row import Row

    Cells = Sequence[Any]  # of one column
    Formats = tuple[tuple[int, Callable[[Cells], Cells]], ...]

BOM = "\ufeff"
AT_ONCE = 500  # rows made into bytes together


def import_csv(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """For programs; of the header nothing is in it."""
    return table(NAMES, _formatted(rows, IMPORTED))


def excel_za(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """For Excel set to South Africa."""
    return table(NAMES, _formatted(rows, OPENED), separator=";", mark=BOM)


def table(
    names: Iterable[str], lines: Iterable[Iterable[Any]], *, separator: str = ",", mark: str = ""
) -> Iterator[bytes]:
    """A heading and lines of cells that are safe already, in pieces."""
    held = StringIO()
    sheet = csv.writer(held, delimiter=separator)
    held.write(mark)
    sheet.writerow(names)
    for some in _some(lines):
        sheet.writerows(some)
        yield _taken(held)
    yield _taken(held)


def _taken(held: StringIO) -> bytes:
    whole = held.getvalue().encode("utf-8", "replace")
    held.seek(0)
    held.truncate()
    return whole


def _some(lines: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(lines)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _formatted(rows: Iterable[Row], formats: Formats) -> Iterator[Cells]:
    """Lines of cells, written column by column: a loop in Python over each cell takes most of a file's time."""
    for some in _some(rows):
        columns: list[Cells] = list(zip(*map(cells, some), strict=True))
        for at, write in formats:
            columns[at] = write(columns[at])
        yield from zip(*columns, strict=True)


def _each(write: Callable[[Any], str]) -> Callable[[Cells], Cells]:
    """Of a column of which hardly two cells are the same."""
    return lambda column: list(map(write, column))


def _once(write: Callable[[Any], str]) -> Callable[[Cells], Cells]:
    """Of a column in which much comes again: written once, whatever stands there often."""

    def written(column: Cells) -> Cells:
        made = {value: write(value) for value in set(column)}
        return [made[value] for value in column]

    return written


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _wall(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "seconds")


def _first_day(month: str) -> str:
    return f"{month}-01"


def _comma(amount: Any) -> str:
    return text.money(amount).replace(".", ",")


def _placed(how: Mapping[Kind, Callable[[Any], str]]) -> Formats:
    return tuple(
        (at, (_each if column.kind is Kind.INSTANT else _once)(how[column.kind]))
        for at, column in enumerate(COLUMNS)
        if column.kind in how
    )


# Numbers are written by the CSV writer itself, and None as nothing.
_EVERYWHERE: Mapping[Kind, Callable[[Any], str]] = {Kind.PHONE: text.phone, Kind.DURATION: text.cell}
IMPORTED = _placed(
    {**_EVERYWHERE, Kind.TEXT: text.cell, Kind.MONTH: text.cell, Kind.INSTANT: _iso, Kind.MONEY: text.money}
)
OPENED = _placed({**_EVERYWHERE, Kind.TEXT: text.kept, Kind.MONTH: _first_day, Kind.INSTANT: _wall, Kind.MONEY: _comma})
