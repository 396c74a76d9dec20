"""Table: a CSV file as spreadsheets write it, whatever its alphabet and separator, as rows that know their line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.cells import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = 1024 * 1024  # bytes
MOST = 2000  # rows
WIDEST = 40  # columns
LONGEST = 1000  # characters of a cell
SEPARATORS = ";\t,"
WORKBOOK = b"PK\x03\x04"


class Unreadable(ValueError):
    """This is no table that can be read; the text says why, to whoever sent it."""


@dataclass(frozen=True)
class Row:
    """The cells of a row, and on which line of the file it begins."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """What the first line calls the columns, and the rows that say anything."""

    names: Sequence[str]
    rows: Sequence[Row]


def read(content: bytes) -> Table:
    """The table in these bytes; raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST // 1024} KB: send it in several parts")
    if content.startswith(WORKBOOK):
        raise Unreadable("this is a workbook of Excel: save it as CSV first (Save as, CSV UTF-8)")
    text = _text(content)
    first, _, rest = text.partition("\n")
    said = first.strip().removeprefix("sep=")  # Excel's own way to say it
    if first.strip().startswith("sep=") and len(said) == 1:
        return _table(rest, said, 2)
    return _table(text, max(SEPARATORS, key=first.count), 1)


def _text(content: bytes) -> str:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # The last is what Excel writes where nobody asks for UTF-8.
    for alphabet in ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(alphabet)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable("this is no text: save it as CSV first (Save as, CSV UTF-8)")


def _table(text: str, separator: str, first: int) -> Table:
    lines = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    rows, begins = [], first
    try:
        for cells in lines:
            kept = [" ".join(bare(cell.strip()).split()) for cell in cells]
            if any(kept):
                rows.append(Row(begins, kept))
            begins = first + lines.line_num
    except csv.Error as error:
        raise Unreadable(f"line {begins} is not readable as CSV: {error}") from None
    return _checked(rows)


def _checked(rows: list[Row]) -> Table:
    if not rows:
        raise Unreadable("the file is empty")
    head, *body = rows
    if len(body) > MOST:
        raise Unreadable(f"there are {len(body)} rows, and {MOST} at most are taken at once: send several parts")
    if not body:
        raise Unreadable("there is nothing under the names of the columns")
    if len(head.cells) > WIDEST:
        raise Unreadable(f"there are {len(head.cells)} columns, more than {WIDEST}")
    for row in rows:
        if any(len(cell) > LONGEST for cell in row.cells):
            raise Unreadable(
                f"line {row.line} has a cell of more than {LONGEST} characters: is a quotation mark missing?"
            )
        if any(row.cells[len(head.cells) :]):
            raise Unreadable(f"line {row.line} has {len(row.cells)} cells under {len(head.cells)} names of columns")
    return Table(head.cells, body)
