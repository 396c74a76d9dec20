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
from typing import TYPE_CHECKING, Any

from sla.exports import text
from sla.exports.batches import batches
from sla.exports.columns import COLUMNS, NAMES, Kind, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from sla.exports.columns import Cells
    from sla.exports.header import Header
    from sla.money.row import Row

    Formats = tuple[tuple[int, Callable[[Cells], Cells]], ...]

BOM = "\ufeff"


def import_csv(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """For programs; of the header nothing is in it."""
    return _sheet(NAMES, _formatted(rows, IMPORTED))


def excel_za(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """For Excel set to South Africa."""
    return _sheet(NAMES, _formatted(rows, OPENED), separator=";", mark=BOM)


def table(names: Iterable[str], lines: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """A heading and lines of cells that are safe already, in pieces."""
    return _sheet(names, batches(lines))


def _sheet(
    names: Iterable[str], some_lines: Iterable[Iterable[Iterable[Any]]], *, separator: str = ",", mark: str = ""
) -> Iterator[bytes]:
    held = StringIO()
    sheet = csv.writer(held, delimiter=separator)
    held.write(mark)
    sheet.writerow(names)
    for lines in some_lines:
        sheet.writerows(lines)
        yield _taken(held)
    yield _taken(held)


def _taken(held: StringIO) -> bytes:
    whole = held.getvalue().encode("utf-8", "replace")
    held.seek(0)
    held.truncate()
    return whole


def _formatted(rows: Iterable[Row], formats: Formats) -> Iterator[Iterable[Cells]]:
    """Lines of cells, written column by column: a loop in Python over each cell takes most of a file's time."""
    for some in batches(rows):
        made = columns(some)
        for at, write in formats:
            made[at] = write(made[at])
        yield zip(*made, strict=True)


def _each(write: Callable[[Any], str]) -> Callable[[Cells], Cells]:
    """Of a column of which hardly two cells are the same."""
    return lambda column: list(map(write, column))


def _once(write: Callable[[Any], str]) -> Callable[[Cells], Cells]:
    """Of a column in which much comes again: written once, whatever stands there often."""

    def written(column: Cells) -> Cells:
        made = {value: write(value) for value in set(column)}
        return [made[value] for value in column]

    return written


def _texts(column: Cells) -> Cells:
    """Of text, which nearly always is written as it is: then the column is, after one look at all of it."""
    different = set(column)
    if text.are_cells(different):
        return column
    made = {value: text.cell(value) for value in different}
    return [made[value] for value in column]


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _wall(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "seconds")


def _first_day(month: str) -> str:
    return f"{month}-01"


def _comma(amount: Any) -> str:
    return text.money(amount).replace(".", ",")


def _placed(how: Mapping[Kind, Callable[[Cells], Cells]]) -> Formats:
    return tuple((at, how[column.kind]) for at, column in enumerate(COLUMNS) if column.kind in how)


# Numbers are written by the CSV writer itself, and None as nothing.
IMPORTED = _placed(
    {
        Kind.PHONE: _each(text.phone),
        Kind.TEXT: _texts,
        Kind.MONTH: _texts,
        Kind.INSTANT: _each(_iso),
        Kind.MONEY: _once(text.money),
        Kind.DURATION: _texts,
    }
)
OPENED = _placed(
    {
        Kind.PHONE: _each(text.phone),
        Kind.TEXT: _once(text.kept),
        Kind.MONTH: _once(_first_day),
        Kind.INSTANT: _each(_wall),
        Kind.MONEY: _once(_comma),
        Kind.DURATION: _once(text.cell),
    }
)
