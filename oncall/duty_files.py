"""A month of duty as files: one CSV with every row for programs, a workbook for people, lines for a terminal.

The CSV has commas, ISO times and whole seconds, no byte order mark: what a payroll program imports. People take the
workbook, in which numbers are numbers and times are times whatever their computer's language. Nothing in either is
ever run as a formula. The same facts make the same bytes.
"""

from __future__ import annotations

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from desk.cells import safe
from oncall.duty_sheet import COLUMNS, SHEETS, facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from oncall.duty import Month
    from oncall.duty_sheet import Fact

AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDE = {"why": 70, "start": 17, "end": 17, "engineer": 22, "what": 30, "ticket": 12, "rotation": 16, "layer": 14}


def as_csv(month: Month) -> str:
    """Every row in one table; the column `record` says what kind of fact it is."""
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for fact in facts(month):
        sheet.writerow([fact.record, *(_plain(fact.cells.get(column)) for column in COLUMNS[1:])])
    return text.getvalue()


def as_xlsx(month: Month) -> bytes:
    """A workbook with a sheet for every kind of fact."""
    file = BytesIO()
    with Workbook(file, dict(AS_TEXT)) as book:
        # The same month makes the same bytes, so that two exports can be compared.
        book.set_properties({"title": f"Duty {month.name}", "created": month.span.end.replace(tzinfo=None)})
        head, clock = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        rows = list(facts(month))
        for kind, (name, columns) in SHEETS.items():
            _fill(book.add_worksheet(name), [one for one in rows if one.record == kind], columns, head, clock)
    return file.getvalue()


def as_text(month: Month) -> Iterator[str]:
    """Lines for a terminal: who has what, how the layers add up, and what there is to warn of."""
    for fact in facts(month):
        cells = fact.cells
        if fact.record == "total" and (cells.get("count") or cells.get("seconds")):
            yield _line(cells["engineer"], cells["what"], cells.get("count"), cells.get("duration"), cells.get("why"))
        elif fact.record == "layer":
            yield _line(cells["rota"], cells["layer"], cells["what"], cells["duration"])
        elif fact.record == "warning":
            yield _line("Warning", cells["engineer"], cells["why"])
        elif fact.record == "note" and cells["what"] in ("until", "rules", "work"):
            yield _line("Note", cells["what"], cells.get("start"), cells["why"])


def _line(*words: object) -> str:
    return "\t".join(str(word) for word in words if word not in (None, ""))


def _fill(sheet: Worksheet, rows: list[Fact], columns: tuple[str, ...], head: Format, clock: Format) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, WIDE.get(column, 14))
        sheet.write_string(0, at, column, head)
    for line, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            _write(sheet, line, at, row.cells.get(column), clock)


def _write(sheet: Worksheet, line: int, at: int, value: object, clock: Format) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(line, at, value.replace(tzinfo=None), clock)
    elif isinstance(value, int):
        sheet.write_number(line, at, value)
    elif value:
        sheet.write_string(line, at, str(value))


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int):
        return value
    return safe(str(value or ""))
