"""Charge lines as they are stored: a projection while their month is open, and what was billed once it is closed.

A line is named by its customer's account and the source of its first stretch of work. A month is closed by one row
(sla.billing.statement), so closing changes no line; who writes lines holds that row, and writes into open months alone.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla.money.reason import Reason

NOBODY = 0  # the account of callers of whom no customer is known
CENTS = 100
ORIGINAL, CORRECTION = text("corrects = ''"), text("corrects <> ''")
STALE = text("wanted <> charged")


class ChargeLine(Base):
    """One line of a month's statement; money in cents of a rand, excluding VAT.

    `month` is the month that it is billed in, `of_month` the one in which the work began: another where it was learnt
    late. `calls` counts the stretches of work that it is made of, of which one call may have several. `corrects` names
    the line that this one makes good. `staff` holds the engineers' numbers, as ,3,7, to be looked for. What it names
    (customer, contract, caller) is told as it was when the line was made.
    """

    __tablename__ = "charge_line"
    __table_args__ = (
        # Nothing is billed twice: one line of each work in a month of work, and of each line one correction in a month.
        # Work that is found to have begun on the other side of midnight has a line here and a correction there.
        Index(
            "ux_charge_line_billed",
            *("account", "source", "of_month"),
            unique=True,
            sqlite_where=ORIGINAL,
            postgresql_where=ORIGINAL,
        ),
        Index(
            "ux_charge_line_corrected",
            *("account", "corrects", "of_month", "month"),
            unique=True,
            sqlite_where=CORRECTION,
            postgresql_where=CORRECTION,
        ),
        Index("ix_charge_line_page", "month", "starts", "id"),
        Index("ix_charge_line_account", "account", "of_month"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int]
    month: Mapped[str]
    of_month: Mapped[str]
    source: Mapped[str]
    corrects: Mapped[str]
    customer_code: Mapped[str]
    customer: Mapped[str]
    contract: Mapped[str]
    contract_version: Mapped[int | None]
    ticket_id: Mapped[int] = mapped_column(index=True)
    caller: Mapped[str]
    contact: Mapped[str]
    reference: Mapped[str]
    engineers: Mapped[list[Any]]
    staff: Mapped[str]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    calls: Mapped[int]
    office_seconds: Mapped[int]
    weekday_after_hours_seconds: Mapped[int]
    saturday_seconds: Mapped[int]
    sunday_seconds: Mapped[int]
    public_holiday_seconds: Mapped[int]
    holiday: Mapped[str]
    state: Mapped[str]
    billed_seconds: Mapped[int]
    rate: Mapped[str | None]
    price_cents: Mapped[int | None]
    amount_cents: Mapped[int]
    consent: Mapped[str]
    explanation: Mapped[str]
    versions: Mapped[dict[str, Any]]
    changed: Mapped[str]
    charged_at: Mapped[datetime]


class Account(Base):
    """All of one customer's work in one month, and whether its lines say what is true now.

    `wanted` counts the reasons to charge it anew, in the transaction of each; `charged` is how many the lines heed.
    """

    __tablename__ = "charge_account"
    __table_args__ = (
        UniqueConstraint("account", "month"),
        Index("ix_charge_account_stale", "id", sqlite_where=STALE, postgresql_where=STALE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int]
    month: Mapped[str] = mapped_column(index=True)
    wanted: Mapped[int]
    charged: Mapped[int]
    reasons: Mapped[list[Any]]  # why, since the month was closed; corrections tell them

    @property
    def why(self) -> list[Reason]:
        """The reasons; of one that is a text alone nobody has said what it concerns."""
        return [_reason({"text": one} if isinstance(one, str) else one) for one in self.reasons]

    def give(self, reason: Reason) -> None:
        """One more, unless it is among them."""
        if reason not in self.why:
            days = {name: day and day.isoformat() for name, day in (("since", reason.since), ("until", reason.until))}
            self.reasons = [*self.reasons, {**asdict(reason), **days, "tickets": list(reason.tickets)}]


def _reason(stored: dict[str, Any]) -> Reason:
    since, until = (date.fromisoformat(day) if (day := stored.get(name)) else None for name in ("since", "until"))
    return Reason(stored["text"], since, until, tuple(stored.get("tickets", ())), stored.get("source", ""))


class Review(Base):
    """What a billing person made of a line, and why; never changed. The newest of a line holds."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_line", "account", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int]
    source: Mapped[str]
    of_month: Mapped[str]
    at: Mapped[datetime]
    who: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str | None]
    seconds: Mapped[int | None]
    worked: Mapped[int]
    was: Mapped[dict[str, Any]]  # state, billed_seconds and amount_cents of the line before


def cents(amount: Decimal) -> int:
    """Money that is in whole cents, as an integer."""
    return int(amount * CENTS)


def rand(cents: int) -> Decimal:
    """Cents as money."""
    return Decimal(cents).scaleb(-2)
