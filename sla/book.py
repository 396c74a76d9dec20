"""Book of promises: what every customer is promised, by one version of the set-up."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.db import set_up_version
from sla import holidays
from sla.clauses import ALWAYS
from sla.contract import Contract
from sla.hours import BusinessHours
from sla.targets import Plan, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sla.clauses import Clause
    from sla.targets import OpenHours


@dataclass(frozen=True)
class Book:
    """The plans of each customer with a contract, and the house's for everybody else.

    `terms` names what a customer's plans were made of: equal terms give equal due times.
    """

    version: int
    house: Plan
    plans: Mapping[int | None, tuple[Plan, ...]]
    terms: Mapping[int | None, str]

    def plans_of(self, customer_id: int | None) -> tuple[Plan, ...]:
        """The house promise, and then each version of this customer's contract."""
        return self.plans.get(customer_id, (self.house,))

    def terms_of(self, customer_id: int | None) -> str:
        """The name of what this customer is promised."""
        return self.terms.get(customer_id, self.terms[None])


class NothingPromised(LookupError):
    """There are no business hours, so nothing can be promised to anybody."""


class Books:
    """The newest Book of this process, written again only when the set-up has changed."""

    def __init__(self) -> None:
        self._last: Book | None = None
        self._writing = Lock()

    def current(self, session: Session) -> Book:
        """The Book of the version that this transaction sees; raises NothingPromised."""
        version = set_up_version(session)
        with self._writing:
            if self._last is None or self._last.version != version:
                self._last = write(session)
            return self._last


def write(session: Session, name: str | None = None, tried: BusinessHours | None = None) -> Book:
    """The Book by the set-up as it stands; counted in the business hours of that name, or in the first.

    `tried` are hours instead of the stored ones, to see what they would change. Raises NothingPromised without any.
    """
    stored = session.scalars(select(BusinessHours).order_by(BusinessHours.id))
    hours = [tried if tried and one.id == tried.id else one for one in stored]
    own = next((one for one in hours if name in (None, one.name)), None)
    if own is None:
        raise NothingPromised(f"There are no business hours {name!r}." if name else "No business hours are set up.")
    return _Writer(own, hours, holidays.in_force(session)).book(session)


@dataclass(frozen=True)
class _Writer:
    own: BusinessHours
    hours: Sequence[BusinessHours]
    days: Mapping[date, str]

    def book(self, session: Session) -> Book:
        contracts: dict[int | None, list[Contract]] = defaultdict(list)
        for one in session.scalars(select(Contract).order_by(Contract.version)):
            contracts[one.customer_id].append(one)
        return Book(
            version=set_up_version(session),
            house=self.house,
            plans={of: (self.house, *map(self.plan, said)) for of, said in contracts.items()},
            terms={of: self.terms(said) for of, said in contracts.items()} | {None: self.terms(())},
        )

    @cached_property
    def house(self) -> Plan:
        return self.own.promises(self.days)

    def plan(self, contract: Contract) -> Plan:
        own = {(priority, measure): self.target(priority, clause) for priority, measure, clause in contract.clauses}
        since = self.own.begins(contract.valid_from)
        return Plan(contract.name, contract.version, since, self.house.hours, {**self.house.targets, **own})

    def target(self, priority: str, clause: Clause) -> Target:
        return Target(clause.promise, self.counted(priority, clause.hours))

    def counted(self, priority: str, name: str | None) -> OpenHours:
        """Emergencies are counted round the clock unless the contract names hours."""
        if name == ALWAYS or (name is None and priority == "emergency"):
            return self.own.always(self.days)
        if name is None:
            return self.house.hours
        return next(one for one in self.hours if one.name == name).promised(self.days)

    def terms(self, contracts: Sequence[Contract]) -> str:
        """A digest of everything that goes into the due times of whoever has these contracts."""
        week = [(one.name, one.zone, one.week, one.dates, _spans(one), _later(one)) for one in self.hours]
        said = [(one.version, one.valid_from, one.name, one.targets) for one in contracts]
        return hashlib.sha256(repr((self.own.name, week, sorted(self.days.items()), said)).encode()).hexdigest()[:16]


def _later(hours: BusinessHours) -> list[tuple[str, object]]:
    return [(one.since.isoformat(), one.week) for one in hours.later]


def _spans(hours: BusinessHours) -> list[tuple[str, str]]:
    return sorted((one.starts.isoformat(), one.ends.isoformat()) for one in hours.closures)
