"""Holds: what no term lets go, and until which instant each ticket's things have to be there.

Nothing of a ticket goes while somebody still has to do something about it, or about the ticket that it goes on as;
while a call about it goes on; or while work on it may still go on a statement.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from desk import retention
from ivr.call import Call
from sla.billing import statement
from sla.contract import Contract
from sla.worklog import Work
from tickets import inbox
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, timedelta
    from typing import Any

    from sqlalchemy import ColumnElement, Select, SQLColumnExpression
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from desk.retention import Kind


def held(billed_since: datetime) -> Select[int]:
    """The tickets of which nothing goes now; work since then may still go on a statement."""
    unresolved = select(Ticket.id.label("id")).where(Ticket.state.in_(inbox.UNRESOLVED))
    billed = select(Work.ticket_id).where(Work.ends >= billed_since)
    talks = [select(column).where(Call.ended_at.is_(None)) for column in (Call.ticket_id, Call.opened_ticket_id)]
    found = unresolved.union(billed, *talks).subquery()
    along = select(found.c.id).cte("held", recursive=True)
    along = along.union(select(Ticket.id).join(along, Ticket.merged_into_id == along.c.id))
    return select(along.c.id)


@dataclass(frozen=True)
class Terms:
    """How long things have to be there, looked at from one instant: `agreed` are customers by what they agreed.

    `billed_since`: work since then may still go on a statement. `only` are the keys that alone are asked of; all, if it
    is None.
    """

    at: datetime
    billed_since: datetime
    agreed: Mapping[Kind, Mapping[timedelta, tuple[int, ...]]]
    only: Sequence[Any] | None = None

    def over(
        self, kind: Kind, since: SQLColumnExpression[Any], ticket: SQLColumnExpression[Any] | None = None
    ) -> ColumnElement[bool]:
        """Whether what began to count `since` then may go; the ticket's customer may have agreed something else."""
        usual, agreed = since < self.at - retention.usual(kind), self.agreed.get(kind, {})
        if ticket is None or not agreed:
            return usual
        of = Ticket.__table__.alias()
        customer = select(of.c.customer_id).where(of.c.id == ticket).scalar_subquery()
        special = [number for numbers in agreed.values() for number in numbers]
        others = and_(or_(customer.is_(None), customer.not_in(special)), usual)
        return or_(others, *(and_(customer.in_(n), since < self.at - term) for term, n in agreed.items()))

    def free(self, ticket: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
        """Whether nothing holds that ticket."""
        return ticket.not_in(self._held)

    @cached_property
    def _held(self) -> Select[int]:
        return held(self.billed_since)


def terms(session: Session, at: datetime, today: date) -> Terms:
    """The terms of an instant, by the contracts in force on that local day: also for what is older than they are."""
    found: dict[Kind, dict[timedelta, list[int]]] = defaultdict(lambda: defaultdict(list))
    newest: dict[int, Contract] = {}
    for one in session.scalars(select(Contract).where(Contract.valid_from <= today).order_by(Contract.valid_from)):
        newest[one.customer_id] = one
    for customer, contract in newest.items():
        for kind, term in retention.agreed(contract.retention or {}).items():
            found[kind][term].append(customer)
    return Terms(
        at,
        statement.open_since(session, at),
        {kind: {term: tuple(of) for term, of in said.items()} for kind, said in found.items()},
    )
