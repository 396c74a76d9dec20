"""The contract that follows: a form, what it would mean in sentences, then yes; and taking back what has not begun.

A manager's alone: what a customer pays is not for whoever bills it to decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from desk.customers import asked, customer_page, draft, succession
from desk.customers.draft import COVERS
from desk.customers.entries import Overtaken, Problem, Refused
from desk.door.guard import looking, requires
from desk.retention import RULES
from desk.staff import Role
from sla import contract
from sla.billing.desk import database, zone
from sla.contract_words import HOUSE, MEASURES, Terms
from sla.money.presets import PRESETS
from sla.month import Month
from sla.overtime import Band
from sla.targets import PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.customers.draft import Fields
    from desk.customers.succession import Look
    from tickets.people import Customer

succeeding = Blueprint("succeeding", __name__)
succeeding.before_request(requires(Role.MANAGER))
Answer = str | tuple[str, int]
MEANWHILE = "Meanwhile this contract was changed: look at its versions, then at yours again"


@succeeding.get("/customers/<code>/contract")
def form(code: str) -> str:
    """The form, beginning with the version that holds now or with a preset."""
    with database().reading() as session:
        customer = asked.customer(session, code)
        return _form(session, customer, _begun(session, customer))


@succeeding.post("/customers/<code>/contract")
def follow(code: str) -> Answer | Response:
    """Say what it would mean; agreed once that is confirmed."""
    fields = draft.of_form(request.form, asked.LONGEST)
    with database().reading() as session:
        customer = asked.customer(session, code)
        if request.form.get("do") == "edit":
            return _form(session, customer, fields, seen=request.form.get("seen", ""))
    try:
        return _agreed(code, fields) if request.form.get("sure") else _looked(code, fields)
    except Refused as refusal:
        return _again(code, fields, refusal.problems, request.form.get("seen", "")), 422
    except Overtaken:
        return _again(code, fields, [Problem("", MEANWHILE)]), 409


@succeeding.post("/customers/<code>/contract/<int:number>/withdrawal")
def withdraw(code: str, number: int) -> Answer | Response:
    """Take back a version that has not begun."""
    who = looking().who

    def work(session: Session) -> bool:
        return succession.withdraw(session, asked.held(session, code), number, who, g.now)

    try:
        if not database().write(work):
            abort(404)
    except ValueError as refusal:
        with database().reading() as session:
            return customer_page.shown(session, code, f"{refusal}"), 422
    return redirect(url_for("customer.page", code=code, said="withdrawn"), 303)


def _looked(code: str, fields: Fields) -> str:
    typed, seen, who = draft.typed(code, fields), request.form.get("seen", ""), looking().who
    with database().reading() as session:
        customer = asked.customer(session, code)
        found = succession.look(session, customer, typed, seen, who, g.now)
    return _look(customer, fields, found)


def _agreed(code: str, fields: Fields) -> Answer | Response:
    typed, seen, who = draft.typed(code, fields), request.form.get("seen", ""), looking().who
    done = redirect(url_for("customer.page", code=code, said="agreed"), 303)
    with database().reading() as session:
        customer = asked.customer(session, code)
        if succession.is_agreed(session, customer, typed, seen):
            return done
        found = succession.look(session, customer, typed, seen, who, g.now)
    if found.shown != request.form.get("shown"):
        return _look(customer, fields, found, is_other=True), 409
    database().write(lambda session: succession.agree(session, asked.held(session, code), typed, seen, who, g.now))
    return done


def _begun(session: Session, customer: Customer) -> Fields:
    """Filled in as was asked; without a version that holds, with nothing but the day."""
    since, preset = Month.of(g.now, zone(session)).beside(1), request.args.get("begin", "")
    if preset in PRESETS:
        return draft.of_preset(preset, since)
    terms = contract.terms_of(contract.of_customer(session, customer.id))
    held = [term.contract for term in terms if term.holds(asked.today(session))] or [term.contract for term in terms]
    return draft.of_terms(Terms.of(held[0]), since) if held else draft.of_preset("office hours", since)


def _again(code: str, fields: Fields, problems: Sequence[Problem], seen: str | None = None) -> str:
    with database().reading() as session:
        return _form(session, asked.customer(session, code), fields, problems, seen)


def _form(
    session: Session, customer: Customer, fields: Fields, problems: Sequence[Problem] = (), seen: str | None = None
) -> str:
    """`seen` is the state that they began from: only who is told of another begins from that."""
    return render_template(
        "customers/contract.html",
        customer=customer,
        fields=fields,
        problems=problems,
        wrong={one.field for one in problems},
        seen=succession.stamp(session, customer) if seen is None else seen,
        presets=list(PRESETS),
        bands=[band.value for band in Band],
        covers=COVERS,
        windows=draft.rows(fields) + draft.SPARE,
        priorities=PRIORITIES,
        measures={measure.value: name for measure, name in MEASURES.items()},
        house=HOUSE,
        kinds={kind.value: RULES[kind] for kind in draft.KINDS},
    )


def _look(customer: Customer, fields: Fields, found: Look, *, is_other: bool = False) -> str:
    """`is_other`: they said yes to what it would have meant when they looked."""
    return render_template(
        "customers/look.html",
        customer=customer,
        fields=fields,
        look=found,
        seen=request.form.get("seen", ""),
        is_other=is_other,
    )
