"""Contract: what a customer is promised and charged from a date on; never edited, only succeeded."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp
from sla.clauses import Clause, read
from sla.money import rate_words
from sla.targets import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from sla.money.rates import RateCard


A_DAY = timedelta(days=1)


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
    made_by: Mapped[str | None]
    made_at: Mapped[datetime | None]

    @property
    def clauses(self) -> Iterator[tuple[str, Measure, Clause]]:
        """What it promises, one by one."""
        for priority, measures in (self.targets or {}).items():
            yield from ((priority, Measure(measure), read(words)) for measure, words in measures.items())

    @property
    def rates(self) -> RateCard:
        """What it says of every hour, as a value for the arithmetic."""
        return rate_words.read(self.name, self.version, self.bands, self.card or {}, self.needs_consent)


class WithdrawnContract(Base):
    """A version that was taken back before it began; its number is not given again."""

    __tablename__ = "withdrawn_contract"
    __table_args__ = (UniqueConstraint("customer_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    version: Mapped[int]
    valid_from: Mapped[date]
    name: Mapped[str]
    made_by: Mapped[str | None]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime]


class Term(NamedTuple):
    """A version and the last local day of it; None if nothing follows."""

    contract: Contract
    until: date | None

    def begun(self, on: date) -> bool:
        """Whether its first day has come."""
        return self.contract.valid_from <= on

    def holds(self, on: date) -> bool:
        """Whether it is the one of that day."""
        return self.begun(on) and (self.until is None or on <= self.until)


def terms_of(contracts: Iterable[Contract]) -> list[Term]:
    """The versions of one customer, each until the day before the next begins."""
    known = sorted(contracts, key=lambda one: one.valid_from)
    ends = [later.valid_from - A_DAY for _, later in pairwise(known)]
    return [Term(one, until) for one, until in zip(known, [*ends, None], strict=False)]


def of_customer(session: Session, customer_id: int) -> Sequence[Contract]:
    """All its versions."""
    return session.scalars(select(Contract).where(Contract.customer_id == customer_id)).all()


def withdrawn(session: Session, customer_id: int) -> Sequence[WithdrawnContract]:
    """The versions that never began, in their order."""
    theirs = select(WithdrawnContract).where(WithdrawnContract.customer_id == customer_id)
    return session.scalars(theirs.order_by(WithdrawnContract.version)).all()


def next_version(session: Session, customer_id: int) -> int:
    """The number of the version to come: one that nothing had, not even what was withdrawn."""
    last = [
        session.scalar(select(func.max(table.version)).where(table.customer_id == customer_id)) or 0
        for table in (Contract, WithdrawnContract)
    ]
    return max(last) + 1


def next_versions(session: Session) -> defaultdict[int, int]:
    """The same of every customer at once."""
    found: defaultdict[int, int] = defaultdict(lambda: 1)
    for table in (Contract, WithdrawnContract):
        for customer, last in session.execute(
            select(table.customer_id, func.max(table.version)).group_by(table.customer_id)
        ):
            found[customer] = max(found[customer], last + 1)
    return found


def withdraw(session: Session, contract: Contract, today: date, who: Who, at: datetime) -> None:
    """Take back a version that has not begun; raises ValueError for one that has."""
    if contract.valid_from <= today:
        raise ValueError(f"version {contract.version} has begun; a contract is never edited, only succeeded")
    kept = {name: getattr(contract, name) for name in ("customer_id", "version", "valid_from", "name", "made_by")}
    session.add(WithdrawnContract(withdrawn_by=who.name, withdrawn_at=at, **kept))
    session.delete(contract)


def in_force(contracts: Iterable[tuple[date, RateCard]], on: date) -> RateCard | None:
    """The card of that local day: the latest that had begun."""
    begun = [(start, card.version, card) for start, card in contracts if start <= on]
    return max(begun, key=lambda one: one[:2])[2] if begun else None
