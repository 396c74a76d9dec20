"""A charge line as JSON: the same words and numbers for the API and the command; money as text, to the cent."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sla.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [field.name for field in fields(Row)]


def as_values(row: Row, number: Callable[[str], str] = str) -> dict[str, Any]:
    """Its fields by name; `number` is what becomes of the caller's number."""
    values = {name: _plain(getattr(row, name)) for name in NAMES}
    return values | {"caller": number(row.caller) if row.caller else ""}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
