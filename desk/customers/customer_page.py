"""A customer's page: contacts, the contract through time, and where the rest of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, render_template, request

from desk.customers import asked, register
from desk.door.guard import requires
from desk.staff import Role
from ivr import prompts, recorded
from sla import contract
from sla.billing.desk import database, zone
from sla.contract_words import Terms, changes, sentences
from sla.month import Month
from tickets.mail import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from desk.customers.entries import Problem
    from sla.contract import Term
    from sla.contract_words import Change, Sentence

looked_at = Blueprint("customer", __name__)
looked_at.before_request(requires(Role.BILLING, Role.MANAGER))


@looked_at.get("/customers/<code>")
def page(code: str) -> str:
    """Everything that is set up about them."""
    with database().reading() as session:
        return shown(session, code)


def languages(session: Session) -> list[str]:
    """What a contact may be told in: by letter, and on a line that speaks it."""
    return sorted({*prompts.languages(), *wording.languages(), *recorded.names(session)})


def shown(
    session: Session,
    code: str,
    fault: str = "",
    form: str = "",
    typed: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> str:
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
        form=form,
        typed=typed or {},
        problems=problems,
        languages=languages(session),
        said=request.args.get("said"),
    )


def _told(terms: Sequence[Term]) -> list[tuple[list[Sentence], list[Change]]]:
    """What each version says, and in what it differs from the one before."""
    said = [Terms.of(term.contract) for term in terms]
    before = [None, *said]
    return [(sentences(now), changes(was, now) if was else []) for was, now in zip(before, said, strict=False)]
