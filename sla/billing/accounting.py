"""Accounting: what our lines are called in the accounting systems that import them, as somebody has typed it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla.exports.mapping import Mapping, Unmapped

if TYPE_CHECKING:
    from collections.abc import Mapping as Typed

    from sqlalchemy.orm import Session

SYSTEMS = {"xero": "Xero", "quickbooks": "QuickBooks Online"}
WITH_CODES = ("xero",)  # QuickBooks finds the account by the item
TEXTS = ("account_code", "item", "tax_name", "prefix", "currency")


class Accounting(Base):
    """The names in one system; `contacts` are those of customers, by our code."""

    __tablename__ = "accounting"
    system: Mapped[str] = mapped_column(primary_key=True)
    account_code: Mapped[str]
    item: Mapped[str]
    tax_name: Mapped[str]
    prefix: Mapped[str]
    currency: Mapped[str]
    due_days: Mapped[int]
    contacts: Mapped[dict[str, Any]]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


def of(session: Session, system: str) -> Mapping:
    """The names in that system; none, where nobody has typed any."""
    row = session.get(Accounting, system)
    if row is None:
        return Mapping()
    return Mapping(due_days=row.due_days, contacts=row.contacts, **{name: getattr(row, name) for name in TEXTS})


def store(session: Session, system: str, mapping: Mapping, who: str, at: datetime) -> None:
    """From now on these."""
    row = session.get(Accounting, system) or Accounting(system=system)
    for name in TEXTS:
        setattr(row, name, getattr(mapping, name))
    row.due_days, row.contacts = mapping.due_days, dict(mapping.contacts)
    row.changed_by, row.changed_at = who, at
    session.add(row)


def typed(form: Typed[str, str]) -> Mapping:
    """What a form says; raises Unmapped with every fault of it."""
    days = form.get("due_days", "").strip()
    if not (days.isascii() and days.isdecimal() and len(days) < 5):
        raise Unmapped(f"{days or 'nothing'!r} is no number of days")
    contacts = dict(_contact(line) for line in form.get("contacts", "").splitlines() if line.strip())
    return Mapping(due_days=int(days), contacts=contacts, **{name: form.get(name, "").strip() for name in TEXTS})


def _contact(line: str) -> tuple[str, str]:
    code, equals, name = line.partition("=")
    if not equals:
        raise Unmapped(f"{line.strip()!r} is not as in harbour = Harbour Foods (Pty) Ltd")
    return code.strip(), name.strip()
