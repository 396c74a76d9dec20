"""VAT: the rate of a day, and the tax on an amount.

Charge lines are without it, and the accounting system makes the tax invoice; what is shown beside a line is reckoned
here, on the line, rounded half up to the cent. Reckoned on a total it can differ by a cent or more: three lines of
R10.03 have R4.50 on the lines and R4.51 on the sum.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sla.money.rule import CENT

# 14 % from 7 April 1993, 15 % from 1 April 2018; the rise to 15.5 % planned for 1 May 2025 was withdrawn.
RATES = ((date(1993, 4, 7), Decimal("0.14")), (date(2018, 4, 1), Decimal("0.15")))


def rate(on: date, rates: tuple[tuple[date, Decimal], ...] = RATES) -> Decimal:
    """The rate in force on a day; raises LookupError before the first."""
    begun = [(since, number) for since, number in rates if since <= on]
    if not begun:
        raise LookupError(f"no VAT rate is known for {on}")
    return max(begun)[1]


def tax(amount: Decimal, on: date, rates: tuple[tuple[date, Decimal], ...] = RATES) -> Decimal:
    """The tax on an amount that is without it."""
    return (amount * rate(on, rates)).quantize(CENT, ROUND_HALF_UP)
