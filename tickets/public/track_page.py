"""The pages on which a visitor asks how a ticket stands, and has a link mailed that opens it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, request, url_for

from desk import mailing
from desk.address import Opens
from desk.door import browser
from tickets.mail.words import one_line
from tickets.public import answers, bounds, letters, lookup, passes
from tickets.public.bounds import Bound, TooMany
from tickets.public.house import database, house
from tickets.public.passes import To
from tickets.search import reference_in
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from tickets.public.answers import Shown
    from tickets.public.house import House

tracking = Blueprint("tracking", __name__)
SHOWN = timedelta(hours=1)
NOT_FOUND = "We find no ticket with this reference and this address or number. Look at both, or ring us."


@tracking.get("/help/track")
def ask() -> str:
    """The form."""
    return _form("", "", {})


@tracking.post("/help/track")
def find() -> Shown | Response:
    """On to the state of the ticket; or the same answer, whatever it was that did not fit."""
    typed, contact = _typed()
    digits = reference_in(typed)
    faults = {} if digits else {"reference": "Enter the nine digits of the reference. One of these is not right."}
    faults |= {} if contact else {"contact": "Enter the mail address or the telephone number that you gave us."}
    if faults or digits is None:
        return _form(typed, contact, faults), 422
    mine = bounds.guesses(browser.place(), digits, contact)
    try:
        number = _guess(mine, digits, contact)
    except TooMany as error:
        return answers.too_many(error)
    if number is None:
        return _form(typed, contact, {"reference": NOT_FOUND}), 422
    return redirect(house().links.state(number, g.now + SHOWN), 303)


@tracking.get("/help/track/<sealed>")
def state(sealed: str) -> Shown:
    """How it stands, and nothing else."""
    number = _opened(sealed)
    with database().reading() as session:
        standing = lookup.standing(session, number) if number else None
    if standing is None:
        return answers.gone(of="state")
    return answers.page("state", standing=standing, mailed=request.args.get("said") == "mailed")


@tracking.post("/help/track/<sealed>")
def mail(sealed: str) -> Shown | Response:
    """Mail the address of the ticket a link that opens it; whose address that is, is not told."""
    number, here = _opened(sealed), house()
    if number is None or not here.mails:
        return answers.gone(of="state")
    try:
        database().write(lambda session: _mail(session, here, number))
    except TooMany as error:
        return answers.too_many(error)
    return redirect(url_for("tracking.state", sealed=sealed, said="mailed"), 303)


def _guess(mine: Sequence[Bound], digits: str, contact: str) -> int | None:
    """Counted before it is looked at, so that of many at once none goes uncounted; given back if it was right."""
    database().write(lambda session: bounds.count(session, mine, g.now))
    with database().reading() as session:
        found = lookup.find(session, digits, contact)
    if found:
        database().write(lambda session: bounds.give_back(session, mine))
    return found


def _mail(session: Session, here: House, number: int) -> None:
    ticket = session.get_one(Ticket, number)
    if ticket.address:
        bounds.count(session, bounds.mails(browser.place(), ticket.address), g.now)
        secret = passes.make(session, ticket.id, To.READ, ticket.address, g.now)
        letters.details(session, here, ticket, ticket.address, secret, g.now)


def _opened(sealed: str) -> int | None:
    return house().links.ticket_of(Opens.STATE, sealed, g.now)


def _form(reference: str, contact: str, faults: dict[str, str]) -> str:
    return answers.page("track", typed={"reference": reference, "contact": contact}, faults=faults)


def _again() -> str:
    return _form(*_typed(), {"reference": answers.OLD})


def _typed() -> tuple[str, str]:
    reference, contact = (one_line(request.form.get(name, "")) for name in ("reference", "contact"))
    return reference[: mailing.LONGEST], contact[: mailing.LONGEST]


answers.answered_by(tracking, _again)
