"""The columns of a row, the same in every file of rows: their names, what they hold, and how wide a reader needs them.

Names are plain English and stay: programs go by them. A duration stands in `hh:mm:ss` for people and in whole seconds
for programs.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from sla.exports.text import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from sla.money.row import Row

    Cell = str | int | Decimal | datetime | None
    Cells = Sequence[Any]  # of one column


class Kind(Enum):
    """What a column holds."""

    TEXT = auto()
    MONTH = auto()
    PHONE = auto()
    DURATION = auto()
    NUMBER = auto()
    MONEY = auto()
    INSTANT = auto()


class Column(NamedTuple):
    """A column's name, what it holds, and its width in characters."""

    name: str
    kind: Kind = Kind.TEXT
    width: int = 12


COLUMNS = (
    Column("line", Kind.NUMBER),
    Column("month", Kind.MONTH),
    Column("customer_code"),
    Column("customer", width=26),
    Column("contract", width=20),
    Column("contract_version", Kind.NUMBER),
    Column("caller", Kind.PHONE, 18),
    Column("contact", width=22),
    Column("reference"),
    Column("engineers", width=24),
    Column("starts", Kind.INSTANT, 20),
    Column("ends", Kind.INSTANT, 20),
    Column("calls", Kind.NUMBER),
    Column("duration", Kind.DURATION),
    Column("seconds", Kind.NUMBER),
    Column("office_seconds", Kind.NUMBER),
    Column("weekday_after_hours_seconds", Kind.NUMBER),
    Column("saturday_seconds", Kind.NUMBER),
    Column("sunday_seconds", Kind.NUMBER),
    Column("public_holiday_seconds", Kind.NUMBER),
    Column("holiday", width=22),
    Column("state"),
    Column("billed_duration", Kind.DURATION),
    Column("billed_seconds", Kind.NUMBER),
    Column("hourly_rate_excl_vat", Kind.MONEY),
    Column("price_excl_vat", Kind.MONEY),
    Column("amount_excl_vat", Kind.MONEY),
    Column("consent", width=34),
    Column("explanation", width=90),
    Column("source", width=16),
    Column("corrects", width=16),
    Column("versions", width=28),
    Column("changed", width=40),
)
NAMES = tuple(column.name for column in COLUMNS)


def columns(rows: Sequence[Row]) -> list[Cells]:
    """What stands in each column of some rows, in the order of the columns."""
    # fmt: off
    (
        number, month, customer_code, customer, contract, version, caller, contact, reference, engineers, starts, ends,
        source, calls, seconds, office, after_hours, saturday, sunday, public, holiday, state, billed, rate, price,
        amount, consent, explanation, corrects, versions, changed,
    ) = zip(*rows, strict=True)
    return [
        number, month, customer_code, customer, contract, version, caller, contact, reference,
        [*map(", ".join, engineers)], starts, ends, calls, [*map(duration, seconds)], seconds, office, after_hours,
        saturday, sunday, public, holiday, state, [*map(duration, billed)], billed, rate, price, amount, consent,
        explanation, source, corrects, _told(versions), changed,
    ]
    # fmt: on


def _told(versions: Sequence[Mapping[str, int]]) -> list[str]:
    """In words: many lines were made by the same, which are then one object."""
    different = {id(one): one for one in versions}
    words = {
        key: ", ".join(f"{what} {version}" for what, version in sorted(one.items())) for key, one in different.items()
    }
    return [words[id(one)] for one in versions]
