"""The pages on which a visitor opens a ticket, and reads what becomes of it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, g, redirect, request, url_for

from desk import logs
from desk.address import Opens
from desk.door import browser
from desk.retention import RULES, written
from tickets.public import answers, form, promised
from tickets.public.bounds import TooMany
from tickets.public.form import Request
from tickets.public.house import database, house
from tickets.public.sending import Sender
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Response

    from tickets.public.answers import Shown

asking = Blueprint("asking", __name__)
SHOWN, TRACKED = timedelta(hours=2), timedelta(days=90)


@asking.get("/help")
def entrance() -> Response:
    """Where whoever types the address by heart goes on."""
    return redirect(url_for("asking.new"), 301)


@asking.get("/help/new")
def new() -> str:
    """The form."""
    return _form({}, {})


@asking.post("/help/new")
def send() -> Shown | Response:
    """A ticket, at once; or the form again, with everything that was typed and what is wrong with it."""
    here, typed = house(), _typed()
    wanted = form.request(typed, request.files.getlist("files"), {line.number for line in here.lines})
    if not isinstance(wanted, Request):
        return _form(typed, wanted), 422
    sender = Sender(here, browser.place(), current_app.extensions["exchange"].dice)
    try:
        number = database().write(lambda session: sender.send(session, wanted, g.now))
    except TooMany as error:
        return answers.too_many(error, typed["what"])
    logs.about(ticket=number)
    return redirect(here.links.sent(number, g.now + SHOWN), 303)


@asking.get("/help/sent/<sealed>")
def sent(sealed: str) -> Shown:
    """What happens next; the same whether we know the sender or not."""
    here = house()
    number = here.links.ticket_of(Opens.SENT, sealed, g.now)
    with database().reading() as session:
        ticket = session.get(Ticket, number) if number else None
        if ticket is None:
            return answers.gone(of="sent")
        return answers.page(
            "sent",
            house=here,
            reference=ticket.reference,
            email=ticket.email,
            emergency=ticket.events[0].detail.get("emergency"),
            by=promised.first_answer(session, current_app.extensions["books"], ticket),
            link=here.links.tracking(ticket.id, g.now + TRACKED),
        )


@asking.get("/help/privacy")
def privacy() -> str:
    """What is kept of whoever writes to us or rings, for how long, and whom to ask (POPIA s 18)."""
    return answers.page("privacy", terms={str(kind): written(rule.usual) for kind, rule in RULES.items()})


def _form(typed: Mapping[str, str], faults: Mapping[str, str]) -> str:
    typed = dict(typed) | {"key": typed.get("key") or secrets.token_urlsafe(16)}
    return answers.form("new", faults, typed=typed)


def _again() -> str:
    return _form(_typed(), {"what": answers.OLD})


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in (*form.FIELDS, form.BAIT)}


answers.answered_by(asking, _again)
