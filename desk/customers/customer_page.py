"""A customer's page: contacts, the contract through time, and where the rest of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, render_template, request

from desk.customers import asked, register
from desk.door.guard import requires
from desk.staff import Role
from sla import contract
from sla.billing.desk import database, zone
from sla.contract_words import Terms, changes, sentences
from sla.month import Month

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from sla.contract import Term
    from sla.contract_words import Change, Sentence

looked_at = Blueprint("customer", __name__)
looked_at.before_request(requires(Role.BILLING, Role.MANAGER))


@looked_at.get("/customers/<code>")
def page(code: str) -> str:
    """Everything that is set up about them."""
    with database().reading() as session:
        return shown(session, code)


def shown(session: Session, code: str, fault: str = "", typed: Mapping[str, str] | None = None) -> str:
    """The page, with what was typed into one of its forms and why that cannot be."""
    customer = asked.customer(session, code)
    terms = contract.terms_of(contract.of_customer(session, customer.id))
    return render_template(
        "customers/customer.html",
        customer=customer,
        contacts=register.contacts(session, customer),
        terms=terms,
        told={term.contract.id: said for term, said in zip(terms, _told(terms), strict=True)},
        withdrawn=contract.withdrawn(session, customer.id),
        today=asked.today(session),
        tickets=register.unresolved(session, customer),
        month=Month.of(g.now, zone(session)).name,
        fault=fault,
        typed=typed or {},
        said=request.args.get("said"),
    )


def _told(terms: Sequence[Term]) -> list[tuple[list[Sentence], list[Change]]]:
    """What each version says, and in what it differs from the one before."""
    said = [Terms.of(term.contract) for term in terms]
    before = [None, *said[:-1]]
    return [(sentences(now), changes(was, now) if was else []) for was, now in zip(before, said, strict=True)]
