"""The columns of a row, the same in every file of rows: their names, what they hold, and how wide a reader needs them.

Names are plain English and stay: programs go by them. A duration stands in `hh:mm:ss` for people and in whole seconds
for programs.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from sla.exports.text import duration

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sla.money.row import Row

    Cell = str | int | Decimal | datetime | None


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


def cells(row: Row) -> tuple[Cell, ...]:
    """What stands in the columns, in their order."""
    return (
        row.id,
        row.month,
        row.customer_code,
        row.customer,
        row.contract,
        row.contract_version,
        row.caller,
        row.contact,
        row.reference,
        ", ".join(row.engineers),
        row.starts,
        row.ends,
        row.calls,
        duration(row.seconds),
        row.seconds,
        row.office,
        row.weekday_after_hours,
        row.saturday,
        row.sunday,
        row.public_holiday,
        row.holiday,
        row.state,
        duration(row.billed_seconds),
        row.billed_seconds,
        row.rate,
        row.price,
        row.amount,
        row.consent,
        row.explanation,
        row.source,
        row.corrects,
        ", ".join(f"{what} {version}" for what, version in sorted(row.versions.items())),
        row.changed,
    )
