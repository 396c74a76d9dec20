"""Invoices and credit notes as QuickBooks Online imports them, which takes them apart: one file each.

The columns of the invoices are those of the sample file of its page *Import invoices* with tax; `*` marks what must
not be empty, and named so they are mapped by themselves. Credit notes go through *Import credit notes* (QuickBooks
Help, *How to import credit notes*) with positive amounts; its headings are mapped by hand, and the date format and
whether amounts exclude tax are chosen there: DD/MM/YYYY, and they do. A number has 21 characters at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla.exports import text
from sla.exports.csv_file import table
from sla.exports.documents import items
from sla.exports.mapping import Unmapped
from sla.exports.spool import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.exports.documents import Item
    from sla.exports.mapping import Mapping
    from sla.money.row import Row

COLUMNS = (
    "*InvoiceNo",
    "*Customer",
    "*InvoiceDate",
    "*DueDate",
    "Terms",
    "Location",
    "Memo",
    "*Item(Product/Service)",
    "ItemDescription",
    "ItemQuantity",
    "ItemRate",
    "*ItemAmount",
    "*Item Tax Code",
    "Item Tax Amount",
    "Currency",
)
CREDIT_COLUMNS = (
    "Credit note no",
    "Customer",
    "Credit note date",
    "Memo",
    "Item(Product/Service)",
    "ItemDescription",
    "ItemQuantity",
    "ItemRate",
    "ItemAmount",
    "Item Tax Code",
    "Currency",
)
LONGEST_NUMBER, LONGEST_DESCRIPTION = 21, 4000
DAY = "%d/%m/%Y"


def invoices(rows: Iterable[Row], mapping: Mapping) -> Iterator[bytes]:
    """The file of invoices; raises Unmapped for what has no name over there, or a number that is too long for it."""
    return _file(COLUMNS, rows, mapping, credit=False)


def credit_notes(rows: Iterable[Row], mapping: Mapping) -> Iterator[bytes]:
    """The file of credit notes, with positive amounts; raises as `invoices` does."""
    return _file(CREDIT_COLUMNS, rows, mapping, credit=True)


def _file(columns: tuple[str, ...], rows: Iterable[Row], mapping: Mapping, *, credit: bool) -> Iterator[bytes]:
    mapping.needs("QuickBooks", "item", "tax_name")
    wanted = (item for item in items(rows, mapping) if item.is_credit is credit)
    return whole(table(columns, (_cells(columns, _line(item, mapping)) for item in wanted)))


def _cells(columns: tuple[str, ...], written: dict[str, str]) -> list[str]:
    return [written.get(column.removeprefix("*"), "") for column in columns]


def _line(item: Item, mapping: Mapping) -> dict[str, str]:
    number, dated = text.cell(_fitting(item.number)), item.dated.strftime(DAY)
    return {
        "InvoiceNo": number,
        "Credit note no": number,
        "Customer": text.cell(item.contact),
        "InvoiceDate": dated,
        "Credit note date": dated,
        "DueDate": item.due.strftime(DAY),
        "Memo": text.cell(item.reference),
        "Item(Product/Service)": text.cell(mapping.item),
        "ItemDescription": text.cell(item.description[:LONGEST_DESCRIPTION]),
        "ItemQuantity": text.money(item.quantity),
        "ItemRate": text.money(abs(item.unit)),
        "ItemAmount": text.money(abs(item.amount)),
        "Item Tax Code": text.cell(mapping.tax_name),
        "Currency": mapping.currency,
    }


def _fitting(number: str) -> str:
    if len(number) > LONGEST_NUMBER:
        raise Unmapped(
            f"{number} is too long a number: QuickBooks takes {LONGEST_NUMBER} characters; shorten the prefix"
        )
    return number
