"""Rows as a workbook (XLSX): real dates, numbers and amounts, filters, and a sheet of what they come to.

Rows go to a temporary file one by one, so memory does not grow with them. Text is text whatever it looks like: it is
never a formula, a link or a number. A cell holds 32,767 characters and a sheet 1,048,576 rows (Excel's limits); a
longer text ends with an ellipsis, more rows are refused.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from sla.exports.batches import batches
from sla.exports.columns import COLUMNS, NAMES, Kind, columns
from sla.exports.refused import Refused
from sla.exports.spool import read
from sla.exports.summary import Summary
from sla.exports.text import money, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sla.exports.columns import Cell
    from sla.exports.header import Header
    from sla.money.row import Row

MOST_ROWS = 1_048_575  # and one for the heading
LONGEST = 32_767  # characters in a cell
AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LOOKS = {
    Kind.MONTH: "yyyy-mm",
    Kind.INSTANT: "yyyy-mm-dd hh:mm:ss",
    Kind.MONEY: "#,##0.00",
    Kind.NUMBER: "0",
}


class TooLong(Refused):
    """There are more rows than a sheet holds."""


def workbook(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """The workbook, in pieces; raises TooLong before the first of them."""
    with TemporaryFile() as file:
        with Workbook(file, dict(AS_TEXT)) as book:
            # Else it would hold the time at which it was written, and never be the same twice.
            created = header.made_at.replace(tzinfo=None, microsecond=0)
            book.set_properties({"title": f"Overtime {header.month}", "author": header.company, "created": created})
            summary = Summary(header)
            _lines(book, summary.rows(rows))
            _about(book, summary)
        yield from read(file)


def _lines(book: Workbook, rows: Iterable[Row]) -> None:
    sheet, looks = book.add_worksheet("Lines"), _looks(book)
    bold = book.add_format({"bold": True})
    for at, column in enumerate(COLUMNS):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, column.name, bold)
    sheet.freeze_panes(1, 0)
    last, rows = 0, iter(rows)
    for last, cells in enumerate(_cells(islice(rows, MOST_ROWS)), 1):
        for at, (look, cell) in enumerate(zip(looks, cells, strict=True)):
            _write(sheet, last, at, COLUMNS[at].kind, cell, look)
    if next(rows, None):
        raise TooLong(f"a sheet holds {MOST_ROWS:,} rows: take the CSV, or ask for fewer customers at a time")
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for some in batches(rows):
        yield from zip(*columns(some), strict=True)


def _looks(book: Workbook) -> tuple[Format | None, ...]:
    made = {kind: book.add_format({"num_format": look}) for kind, look in LOOKS.items()}
    return tuple(made.get(column.kind) for column in COLUMNS)


def _write(sheet: Worksheet, line: int, at: int, kind: Kind, cell: Cell, look: Format | None) -> None:
    if cell is None or cell == "":
        return
    if kind is Kind.MONTH:
        sheet.write_datetime(line, at, date.fromisoformat(f"{cell}-01"), look)
    elif kind is Kind.INSTANT:
        moment: datetime = cell  # type: ignore[assignment]
        sheet.write_datetime(line, at, moment.replace(tzinfo=None), look)
    elif kind is Kind.MONEY:
        sheet.write_number(line, at, _digits(cell), look)
    elif kind in LOOKS:
        sheet.write_number(line, at, cell, look)
    else:
        sheet.write_string(line, at, _short(plain(str(cell))))


def _digits(amount: object) -> Decimal:
    """The amount with two decimals at least, so that 570 and 570.00 make the same bytes."""
    return Decimal(money(amount))  # type: ignore[arg-type]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _about(book: Workbook, summary: Summary) -> None:
    sheet, looks = book.add_worksheet("About and totals"), _looks(book)
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 6, 22)
    rand = looks[NAMES.index("amount_excl_vat")]
    for line, row in enumerate(summary.lines()):
        for at, cell in enumerate(row.cells):
            if isinstance(cell, str):
                sheet.write_string(line, at, _short(plain(cell)), bold if row.heading or not at else None)
            else:
                whole = isinstance(cell, int)
                sheet.write_number(line, at, cell if whole else _digits(cell), None if whole else rand)
