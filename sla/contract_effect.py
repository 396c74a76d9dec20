"""Contract effect: what another version of a contract would change of what is charged, told before it is agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla import charge_effect, contract
from sla.billing import planning
from sla.billing.charge_line import Account

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sla.charge_effect import Change
    from sla.money.rates import RateCard


def changes(session: Session, customer_id: int, since: date, card: RateCard, now: datetime) -> list[Change]:
    """What would become other if this card were theirs from that day on, beside the versions that there are."""
    cards = [(one.valid_from, one.rates) for one in contract.of_customer(session, customer_id)]
    theirs = (Account.account == customer_id, Account.month >= f"{since - contract.A_DAY:%Y-%m}")
    plan = lambda number: planning.planned(session, number, now, cards=[*cards, (since, card)])  # noqa: E731
    return charge_effect.of(session, plan, *theirs)
