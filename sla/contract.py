"""Contract: what a customer is promised and charged from a date on; never edited, only succeeded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp
from sla.clauses import Clause, read
from sla.money import rate_words
from sla.targets import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.money.rates import RateCard


class Contract(SetUp, Base):
    """One version of a customer's contract, in force from the start of a local day."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("customer_id", "version"),
        UniqueConstraint("customer_id", "valid_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    version: Mapped[int]
    valid_from: Mapped[date]
    name: Mapped[str]
    # {band: what holds in it}, in the words of sla.money.rate_words; `card` has what else the rate card says.
    bands: Mapped[dict[str, Any]]
    card: Mapped[dict[str, Any]] = mapped_column(default=dict)
    needs_consent: Mapped[bool] = mapped_column(default=True)
    # {priority: {measure: clause}}; where it is silent the house promise holds.
    targets: Mapped[dict[str, Any]] = mapped_column(default=dict)

    # {kind: how long}; where it is silent the rule of the house holds (desk.retention).
    retention: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def clauses(self) -> Iterator[tuple[str, Measure, Clause]]:
        """What it promises, one by one."""
        for priority, measures in (self.targets or {}).items():
            yield from ((priority, Measure(measure), read(words)) for measure, words in measures.items())

    @property
    def rates(self) -> RateCard:
        """What it says of every hour, as a value for the arithmetic."""
        return rate_words.read(self.name, self.version, self.bands, self.card or {}, self.needs_consent)


def in_force(contracts: Iterable[tuple[date, RateCard]], on: date) -> RateCard | None:
    """The card of that local day: the latest that had begun."""
    begun = [(start, card.version, card) for start, card in contracts if start <= on]
    return max(begun, key=lambda one: one[:2])[2] if begun else None
