"""Sales invoices as Xero imports them: its CSV template, every column in its place.

"To import credit notes, add them as invoices or bills with negative amounts": Xero's help, *Import invoices, bills and
credit notes into Xero*; so credit notes go into the same file, each under a number of its own. Of one file it takes
500 invoices. The columns, which must not be renamed or moved, are those of the template that the import page offers;
`*` marks what must not be empty. Dates are DD/MM/YYYY, amounts have a point and exclude tax, which is chosen when the
file is imported. The tax type is the display name of the organisation's own rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla.exports import text
from sla.exports.csv_file import table
from sla.exports.documents import items
from sla.exports.refused import Refused
from sla.exports.spool import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.exports.documents import Item
    from sla.exports.mapping import Mapping
    from sla.money.row import Row

COLUMNS = (
    "*ContactName",
    "EmailAddress",
    "POAddressLine1",
    "POAddressLine2",
    "POAddressLine3",
    "POAddressLine4",
    "POCity",
    "PORegion",
    "POPostalCode",
    "POCountry",
    "*InvoiceNumber",
    "Reference",
    "*InvoiceDate",
    "*DueDate",
    "InventoryItemCode",
    "*Description",
    "*Quantity",
    "*UnitAmount",
    "Discount",
    "*AccountCode",
    "*TaxType",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
    "Currency",
    "BrandingTheme",
)
MOST_INVOICES = 500
DAY = "%d/%m/%Y"
LONGEST_DESCRIPTION = 4000


class TooMany(Refused):
    """There are more invoices than one file may have."""


def xero(rows: Iterable[Row], mapping: Mapping) -> Iterator[bytes]:
    """The file; raises Unmapped for what has no name over there, and TooMany where Xero would refuse the file."""
    mapping.needs("Xero", "account_code", "tax_name")
    return whole(table(COLUMNS, _lines(rows, mapping)))


def _lines(rows: Iterable[Row], mapping: Mapping) -> Iterator[list[str]]:
    numbers = set()
    for item in items(rows, mapping):
        numbers.add(item.number)
        if len(numbers) > MOST_INVOICES:
            raise TooMany(f"Xero takes {MOST_INVOICES} invoices in one file: ask for fewer customers at a time")
        written = _line(item, mapping)
        yield [written.get(column, "") for column in COLUMNS]


def _line(item: Item, mapping: Mapping) -> dict[str, str]:
    return {
        "*ContactName": text.cell(item.contact),
        "*InvoiceNumber": text.cell(item.number),
        "Reference": text.cell(item.reference),
        "*InvoiceDate": item.dated.strftime(DAY),
        "*DueDate": item.due.strftime(DAY),
        "InventoryItemCode": text.cell(mapping.item),
        "*Description": text.cell(item.description[:LONGEST_DESCRIPTION]),
        "*Quantity": text.money(item.quantity),
        "*UnitAmount": text.money(item.unit),
        "*AccountCode": text.cell(mapping.account_code),
        "*TaxType": text.cell(mapping.tax_name),
        "Currency": mapping.currency,
    }
