"""Documents: which lines go to an accounting system, and onto which invoice or credit note.

Only what is billable and has an amount, and what a correction takes back, whatever its work is by now: what was
invoiced and is included after all has a credit note too. A customer has one invoice a month with all that is charged,
and one credit note with all that is taken back: a correction makes good what an earlier invoice said, which takes a
credit note, not a smaller invoice (VAT Act 89 of 1991, s 21). Both are dated by the last day of the month and numbered
by month and customer, so a month that is sent twice is refused over there and nothing is billed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sla.exports.mapping import Unmapped
from sla.exports.text import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.exports.mapping import Mapping
    from sla.money.row import Row

BILLABLE = "billable"
AN_HOUR = 3600
A_HUNDREDTH = 36  # seconds: the finest part of an hour that every system takes
CREDIT = "-CN"


@dataclass(frozen=True)
class Item:
    """One line of a document: quantity times unit is the amount, to the cent.

    The amount has its sign; that of a credit note is negative. `reference` is the ticket's.
    """

    number: str
    contact: str
    dated: date
    due: date
    description: str
    quantity: Decimal
    unit: Decimal
    amount: Decimal
    reference: str

    @property
    def is_credit(self) -> bool:
        """Whether it takes back what was charged."""
        return self.amount < 0


def items(rows: Iterable[Row], mapping: Mapping) -> Iterator[Item]:
    """The lines for the accounting system, in the order of the rows; raises Unmapped for a customer without a code."""
    for row in rows:
        if row.amount and (row.state == BILLABLE or row.corrects):
            yield _item(row, mapping)


def _item(row: Row, mapping: Mapping) -> Item:
    quantity, unit = _split(row)
    dated = last_day(row.month)
    return Item(
        number=_number(row, mapping),
        contact=mapping.contact(row.customer_code, row.customer),
        dated=dated,
        due=dated + timedelta(days=mapping.due_days),
        description=_description(row),
        quantity=quantity,
        unit=unit,
        amount=row.amount,
        reference=row.reference,
    )


def _number(row: Row, mapping: Mapping) -> str:
    if not row.customer_code:
        raise Unmapped(f"line {row.id} has no customer with a code, and the number of an invoice is made of it")
    return f"{mapping.prefix}{row.month}-{row.customer_code}{CREDIT if row.amount < 0 else ''}"


def _split(row: Row) -> tuple[Decimal, Decimal]:
    """Hours and their rate where they make the amount exactly; else it is one of the amount, so no cent is lost."""
    hours, odd = divmod(row.billed_seconds, A_HUNDREDTH)
    quantity = abs(Decimal(hours) / 100)
    if not odd and row.rate and quantity * row.rate == abs(row.amount) and row.rate == round(row.rate, 2):
        return quantity, row.rate.copy_sign(row.amount)
    return Decimal(1), row.amount


def _description(row: Row) -> str:
    when = f"{row.starts:%Y-%m-%d %H:%M} to {row.ends:%H:%M}"
    ticket = f"Ticket {row.reference}, " if row.reference else ""
    return f"{ticket}{when}, {duration(row.billed_seconds)} billed. {row.explanation}"


def last_day(month: str) -> date:
    """The day by which the invoices of a month are dated."""
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
