"""The forms that add and change customers and contacts; a manager's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from desk.customers import asked, customer_page, list_page, people
from desk.customers.entries import Overtaken, Problem, Refused
from desk.door.guard import looking, requires
from desk.staff import Role
from sla.billing.desk import database
from tickets.privacy import access

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from tickets.people import Contact

changing = Blueprint("changing", __name__)
changing.before_request(requires(Role.MANAGER))
Answer = str | tuple[str, int]
MEANWHILE = [Problem("", "Meanwhile somebody else changed this: look at how it is now, then send yours again")]


@changing.post("/customers")
def add() -> Answer | Response:
    """A customer who is new."""
    typed, who = _typed("code", "name"), looking().who
    try:
        code = database().write(lambda session: people.add_customer(session, typed, who, g.now))
    except Refused as refusal:
        return list_page.shown(typed, refusal.problems), 422
    return _done(code, "added")


@changing.post("/customers/<code>")
def rename(code: str) -> Answer | Response:
    """A customer is called otherwise."""
    typed, who = _typed("name", "seen"), looking().who

    def work(session: Session) -> None:
        people.rename(session, asked.held(session, code), typed, who, g.now)

    return _change(code, "rename", typed, work)


@changing.post("/customers/<code>/contacts")
def add_contact(code: str) -> Answer | Response:
    """Somebody new at a customer."""
    typed, who = _typed(*people.OF_A_CONTACT), looking().who

    def work(session: Session) -> None:
        people.add_contact(session, asked.held(session, code), typed, who, g.now)

    return _change(code, "contact", typed, work)


# One route for both: a number that no row has is then not found, whatever is done with it.
@changing.route("/customers/<code>/contacts/<int:number>", methods=["GET", "POST"])
def contact(code: str, number: int) -> Answer | Response:
    """What is known of a contact, to be changed, and changed."""
    return _changed(code, number) if request.method == "POST" else _opened(code, number)


def _opened(code: str, number: int) -> str:
    """The number stands in full, so it is noted that they saw it."""
    _note_that_it_is_seen(code, number)
    return _contact_page(code, number)


def _note_that_it_is_seen(code: str, number: int) -> None:
    with database().reading() as session:
        row = _contact(session, code, number)
        has_number = bool(row.phone)
    if has_number:
        who = looking().who
        note = lambda session: access.note(session, who, access.What.NUMBER, None, f"a contact of {code}", g.now)  # noqa: E731
        database().write(note)


def _changed(code: str, number: int) -> Answer | Response:
    typed, who = _typed(*people.OF_A_CONTACT, "person", "slip", "seen"), looking().who

    def work(session: Session) -> None:
        customer = asked.held(session, code)
        row = people.contact(session, customer, number) or abort(404)
        people.change_contact(session, customer, row, typed, who, g.now)

    try:
        database().write(work)
    except Refused as refusal:
        return _contact_page(code, number, typed, refusal.problems), 422
    except Overtaken:
        _note_that_it_is_seen(code, number)  # beside what they typed stands how it is now
        return _contact_page(code, number, typed, MEANWHILE), 409
    return _done(code, "kept")


def _change(code: str, form: str, typed: dict[str, str], work: Callable[[Session], None]) -> Answer | Response:
    """Done, or the customer's page with what was typed into that form of it and what is wrong."""
    try:
        database().write(work)
    except (Refused, Overtaken) as refusal:
        problems, status = (refusal.problems, 422) if isinstance(refusal, Refused) else (MEANWHILE, 409)
        with database().reading() as session:
            return customer_page.shown(session, code, form=form, typed=typed, problems=problems), status
    return _done(code, "kept" if form == "rename" else "added")


def _typed(*names: str) -> dict[str, str]:
    return {name: asked.typed(name) for name in names}


def _contact(session: Session, code: str, number: int) -> Contact:
    return people.contact(session, asked.customer(session, code), number) or abort(404)


def _contact_page(code: str, number: int, typed: dict[str, str] | None = None, problems: Sequence[Problem] = ()) -> str:
    with database().reading() as session:
        row = _contact(session, code, number)
        return render_template(
            "customers/contact.html",
            customer=asked.customer(session, code),
            contact=row,
            typed=people.of_contact(row) if typed is None else typed,
            seen=people.stamp(row) if typed is None or problems == MEANWHILE else typed["seen"],
            problems=problems,
            now=people.of_contact(row) if problems == MEANWHILE else None,
            languages=customer_page.languages(session),
        )


def _done(code: str, said: str) -> Response:
    return redirect(url_for("customer.page", code=code, said=said), 303)
