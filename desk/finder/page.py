"""The page of what was found; a reference that stands alone, or in a sentence, leads to its ticket at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from desk.door.guard import EVERYBODY, may, requires
from desk.finder import found, meant, places

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from desk.finder.meant import Meant

searching = Blueprint("searching", __name__)
searching.before_request(requires(*EVERYBODY))


@searching.get("/search")
def page() -> str | Response:
    """Everything that the words may mean, a few of each kind."""
    asked = meant.read(request.args.get("q", ""))
    with _database().reading() as session:
        ticket = found.exact(session, asked)
        if ticket:
            return redirect(url_for("tickets.page", reference=ticket.reference), 303)
        kinds = _kinds(session, asked) if asked else {}
        nothing = bool(asked) and not any(kinds.values())
        return render_template("search/page.html", asked=asked, nothing=nothing, newest=found.NEWEST, **kinds)


def _kinds(session: Session, asked: Meant) -> dict[str, Any]:
    """What one may not open is not looked for: of customers everybody sees the names, of contacts only some."""
    kinds = {
        "pages": places.named(asked),
        "tickets": found.tickets(session, asked),
        "calls": found.calls(session, asked),
        "customers": found.customers(session, asked),
    }
    if may("customer.page"):
        kinds["contacts"] = found.contacts(session, asked)
    if may("person.page"):
        kinds["staff"] = found.staff(session, asked)
    return kinds


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
