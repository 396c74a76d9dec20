"""Summary: the second sheet of a workbook: whose rows, what was asked for, and what they come to, by customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sla.exports.csv_file import import_csv
from sla.exports.tally import Tally, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from sla.exports.header import Header
    from sla.money.row import Row

HEADINGS = ("Customer", "Code", "Lines", "To check", "Seconds worked", "Seconds billed", "Amount excluding VAT")


class SheetLine(NamedTuple):
    """A line of the sheet."""

    cells: tuple[str | int | Decimal, ...]
    heading: bool = False


class Summary:
    """Counts rows as they pass, each customer's apart; memory grows with the customers alone."""

    def __init__(self, header: Header) -> None:
        self.header, self.tally = header, Tally()
        self.customers: dict[tuple[str, str], Totals] = {}

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted as they pass, and hashed as the CSV for programs would have them."""
        passed: list[Row] = []

        def one_by_one() -> Iterator[Row]:
            for row in self.tally.rows(rows):
                self.customers.setdefault((row.customer, row.customer_code), Totals()).add((row,))
                passed.append(row)
                yield row

        for _ in self.tally.bytes(import_csv(one_by_one(), self.header)):
            yield from passed
            passed.clear()

    def lines(self) -> Iterator[SheetLine]:
        """What stands on the sheet, once all rows have passed."""
        header, manifest = self.header, self.tally.manifest
        yield SheetLine(("Overtime lines of", header.company))
        yield SheetLine(("Month", header.month))
        yield SheetLine(("State of the month", header.standing))
        yield SheetLine(("What was asked for", header.filter))
        yield SheetLine(("Made by", header.maker))
        yield SheetLine(("Made at", header.made_at.isoformat(timespec="seconds")))
        yield SheetLine(("SHA-256 of the same lines as CSV for programs", manifest.sha256))
        yield SheetLine(())
        yield SheetLine(HEADINGS, heading=True)
        for (customer, code), totals in sorted(self.customers.items()):
            yield SheetLine((customer or "not known", code, *_counts(totals)))
        yield SheetLine(("All", "", *_counts(manifest.totals)), heading=True)


def _counts(totals: Totals) -> tuple[int | Decimal, ...]:
    return totals.rows, totals.to_check, totals.seconds, totals.billed_seconds, totals.amount
