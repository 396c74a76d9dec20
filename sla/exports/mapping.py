"""Mapping: what our lines are called in somebody's accounting system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sla.exports.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping as Names

LONGEST_TERM = 366  # days


class Unmapped(Refused):
    """Something has no name in the accounting system; the sentences say what, and where it is said."""


@dataclass(frozen=True)
class Mapping:
    """The account code, the item and the tax rate by their names over there, and in how many days an invoice is due.

    `contacts` are customers by our code whose name over there differs from ours. `prefix` begins every number of an
    invoice. `currency` is "" where the organisation has one alone. Raises Unmapped for a value that cannot be right.
    """

    account_code: str = ""
    item: str = ""
    tax_name: str = ""
    due_days: int = 30
    contacts: Names[str, str] = field(default_factory=dict)
    prefix: str = ""
    currency: str = ""

    def __post_init__(self) -> None:
        faults = [
            f"{name} begins or ends with a blank" for name in _TEXTS if (text := getattr(self, name)) != text.strip()
        ]
        if not 0 <= self.due_days <= LONGEST_TERM:
            faults.append(f"an invoice is due in 0 to {LONGEST_TERM} days, not in {self.due_days}")
        if self.currency and not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            faults.append(f"{self.currency!r} is not a currency such as ZAR")
        faults += [
            f"the name over there of customer {code} is empty" for code, name in self.contacts.items() if not name
        ]
        _refuse(faults)

    def contact(self, code: str, name: str) -> str:
        """A customer by the name over there."""
        return self.contacts.get(code, name)

    def needs(self, system: str, *names: str) -> None:
        """Raises Unmapped for what that system does not import without."""
        _refuse([f"{system} needs the {_TEXTS[name]}" for name in names if not getattr(self, name)])


_TEXTS = {
    "account_code": "account code, as its chart of accounts has it",
    "item": "item (product or service), as its list has it",
    "tax_name": "name of the tax rate, as it is displayed there",
    "prefix": "beginning of the invoice numbers",
    "currency": "currency",
}


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Unmapped("; ".join(faults))
