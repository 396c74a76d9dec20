"""A month's SLA report as files: one CSV for programs, a workbook for people, lines for a terminal.

Times are on the office's clocks with their offset; in the workbook they are times, and numbers are numbers. The same
report makes the same bytes.
"""

from __future__ import annotations

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from desk.cells import safe
from sla.report import Result
from tickets.reference import printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sla.report import Line, Missed, Report

UNKNOWN = "not known"
KEYS = ("customer", "priority", "measure")
COUNTS = tuple(result.replace(" ", "_") for result in Result)
TARGETS = (*KEYS, *COUNTS, "percent_met")
MISSES = (*KEYS, "reference", "subject", "opened", "due", "ended", "late_minutes", "why", "note")
COLUMNS = ("record", *TARGETS, *MISSES[len(KEYS) :])
NOTES = (
    "A ticket belongs to the month in which it came in, and to the priority that it has now.",
    "A measure of a ticket counts once. A breach once noted stays missed; would it be excused now, its note says so.",
    "percent_met is met of met and missed, rounded down. Running, not promised and withdrawn are in no percentage.",
    "late_minutes is time on the wall, not open time; it is empty where the customer has asked something else since.",
)
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDE = {"customer": 24, "subject": 40, "why": 90, "note": 60, "opened": 17, "due": 17, "ended": 17}
Cell = str | int | datetime | None


def as_csv(report: Report, zone: str, words: Callable[[str], str] = str) -> str:
    """Every row in one table: `record` is target or missed. `words` is what becomes of what people wrote."""
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for record, _, columns, rows in _tables(report, zone, words):
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            sheet.writerow([record, *(_plain(cells.get(column)) for column in COLUMNS[1:])])
    return text.getvalue()


def as_xlsx(report: Report, zone: str, words: Callable[[str], str] = str) -> bytes:
    """A workbook: the targets, those that were missed, and how it is counted."""
    file = BytesIO()
    with Workbook(file, dict(AS_TEXT)) as book:
        book.set_properties({"title": "SLA report", "created": report.at.replace(tzinfo=None)})
        head, clock = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for _, name, columns, rows in _tables(report, zone, words):
            _fill(book.add_worksheet(name), columns, rows, head, clock)
        made = f"Made {report.at.astimezone(ZoneInfo(zone)).isoformat(timespec='seconds')}, times of {zone}."
        _fill(book.add_worksheet("How it is counted"), ("why",), [(note,) for note in (*NOTES, made)], head, clock)
    return file.getvalue()


def as_text(report: Report, zone: str) -> Iterator[str]:
    """Lines for a terminal."""
    for line in report.lines:
        counted = ", ".join(f"{number} {result}" for result, number in line.counts.items() if number)
        yield f"{line.customer or UNKNOWN}, {line.priority}, {_said(line.measure)}: {kept(line)} ({counted})"
    for one in report.missed:
        when = one.due.astimezone(ZoneInfo(zone))
        late = f", {minutes(one)} min late" if one.late is not None else ""
        who = one.ticket.customer.name if one.ticket.customer else UNKNOWN
        yield f"missed: {printed(one.ticket.reference)}, {who}, {_said(one.measure)}, due {when:%Y-%m-%d %H:%M}{late}"
        yield from (f"  {why}" for why in (*one.why, one.note) if why)
    if not report.lines:
        yield "No ticket came in."


def kept(line: Line) -> str:
    """How many were met of how many, and the percentage beside them."""
    if line.percent is None:
        return "none decided"
    return f"{line.counts.get(Result.MET, 0)} of {line.decided} met, {line.percent} %"


def minutes(one: Missed) -> int | None:
    """How late, in whole minutes."""
    return int(one.late.total_seconds() // 60) if one.late is not None else None


def _tables(
    report: Report, zone: str, words: Callable[[str], str]
) -> Iterator[tuple[str, str, Sequence[str], list[tuple[Cell, ...]]]]:
    yield "target", "Targets", TARGETS, [_target(line) for line in report.lines]
    yield "missed", "Missed", MISSES, [_miss(one, ZoneInfo(zone), words) for one in report.missed]


def _target(line: Line) -> tuple[Cell, ...]:
    counts = (line.counts.get(result, 0) for result in Result)
    return (line.customer or UNKNOWN, line.priority, _said(line.measure), *counts, line.percent)


def _miss(one: Missed, zone: ZoneInfo, words: Callable[[str], str]) -> tuple[Cell, ...]:
    ticket = one.ticket
    times = [at and at.astimezone(zone).replace(microsecond=0) for at in (ticket.opened_at, one.due, one.ended)]
    who = (ticket.customer.name if ticket.customer else UNKNOWN, ticket.priority, _said(one.measure))
    why = " ".join(one.why)
    return (*who, printed(ticket.reference), words(ticket.subject), *times, minutes(one), words(why), one.note)


def _said(measure: str) -> str:
    return measure.replace("_", " ")


def _plain(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return cell if isinstance(cell, int) else safe(cell or "")


def _fill(
    sheet: Worksheet, columns: Sequence[str], rows: Sequence[tuple[Cell, ...]], head: Format, clock: Format
) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, WIDE.get(column, 14))
        sheet.write_string(0, at, column, head)
    for line, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            _write(sheet, line, at, cell, clock)


def _write(sheet: Worksheet, line: int, at: int, cell: Cell, clock: Format) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(line, at, cell.replace(tzinfo=None), clock)
    elif isinstance(cell, int):
        sheet.write_number(line, at, cell)
    elif cell:
        sheet.write_string(line, at, cell)
