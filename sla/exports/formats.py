"""Every file that there is: its name on pages and commands, its ending, and who writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sla.exports import quickbooks, xero
from sla.exports.as_json import json_lines
from sla.exports.csv_file import excel_za, import_csv
from sla.exports.mapping import Mapping
from sla.exports.workbook import workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sla.exports.header import Header
    from sla.exports.tally import Tally
    from sla.money.row import Row

    Writer = Callable[[Iterable[Row], Header], Iterator[bytes]]
    Booking = Callable[[Iterable[Row], Mapping], Iterator[bytes]]

CSV = "text/csv; charset=utf-8"


class Format(NamedTuple):
    """A kind of file; `system` is the accounting system whose mapping it needs, "" for none."""

    ending: str
    kind: str
    write: Writer | Booking
    system: str = ""


FORMATS = {
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
    "csv": Format("csv", CSV, import_csv),
    "csv-za": Format("csv", CSV, excel_za),
    "json": Format("jsonl", "application/jsonl", json_lines),
    "xero": Format("csv", CSV, xero.xero, "xero"),
    "quickbooks": Format("csv", CSV, quickbooks.invoices, "quickbooks"),
    "quickbooks-credit": Format("csv", CSV, quickbooks.credit_notes, "quickbooks"),
}


def written(
    name: str, rows: Iterable[Row], header: Header, tally: Tally, mapping: Mapping | None = None
) -> Iterator[bytes]:
    """The file of that name, in pieces; once all are taken, `tally.manifest` is what it came to.

    Raises KeyError for a name that there is not, Unmapped where an accounting system has no mapping, or lacks one.
    """
    form = FORMATS[name]
    means = (mapping or Mapping()) if form.system else header
    return tally.bytes(form.write(tally.rows(rows), means))  # type: ignore[arg-type]


def file_name(name: str, header: Header, what: str = "all") -> str:
    """overtime_2026-11_all_draft.csv; `what` says which rows, in letters, digits and hyphens."""
    form = FORMATS[name]
    extra = "" if name == form.ending or name == "json" else f"_{name}"
    return f"overtime_{header.month}_{what}_{header.standing}{extra}.{form.ending}"
