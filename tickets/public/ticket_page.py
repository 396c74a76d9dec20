"""The pages behind a link that was mailed: what was said about a ticket, a message more, and *it is an emergency*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, request, url_for

from desk import logs
from desk.door import browser
from tickets import inbox
from tickets.public import adding as verbs
from tickets.public import answers, form, lookup, passes, said
from tickets.public.bounds import TooMany
from tickets.public.form import Message
from tickets.public.house import database
from tickets.public.passes import To
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from tickets.public.answers import Shown
    from tickets.public.passes import MailedLink

adding = Blueprint("adding", __name__)


@adding.get("/help/ticket/<secret>")
def look(secret: str) -> Shown:
    """What was said; to a browser in which the link was not used yet, the button that uses it."""
    with database().reading() as session:
        link = passes.find(session, secret, To.READ, _browser(), g.now)
        if link is None:
            return answers.gone(of="ticket")
        return _said(session, link, "", {}) if link.used_at else answers.page("open")


@adding.post("/help/ticket/<secret>")
def open_(secret: str) -> Shown | Response:
    """Use the link, in this browser."""
    if database().write(lambda session: verbs.read(session, secret, _browser(), g.now)) is None:
        return answers.gone(of="ticket")
    return redirect(url_for("adding.look", secret=secret), 303)


@adding.post("/help/ticket/<secret>/message")
def say(secret: str) -> Shown | Response:
    """Add a message; what cannot be added any more is shown again, so that it is not lost."""
    words = request.form.get("words", "")
    message = form.message({"words": words}, request.files.getlist("files"))
    with database().reading() as session:
        link = passes.find(session, secret, To.READ, _browser(), g.now)
        if link is None or link.used_at is None:
            return answers.gone(of="ticket", words=words[: form.WORDS])
        if not isinstance(message, Message):
            return _said(session, link, words, message), 422
    try:
        database().write(lambda session: verbs.say(session, link, message, _seen(), g.now))
    except TooMany as error:
        return answers.too_many(error, words)
    return redirect(url_for("adding.look", secret=secret, said="message"), 303)


@adding.get("/help/confirm/<secret>")
def ask(secret: str) -> Shown:
    """The button that has somebody paged, or what came of pressing it."""
    with database().reading() as session:
        link = passes.find(session, secret, To.PAGE, _browser(), g.now)
        if link is None:
            return answers.gone(of="page")
        ticket = inbox.survivor(session, session.get_one(Ticket, link.ticket_id))
        return answers.page("confirm", ticket=ticket, used=link.used_at is not None)


@adding.post("/help/confirm/<secret>")
def page_engineer(secret: str) -> Shown | Response:
    """It is an emergency: whoever is on standby is paged within seconds."""
    if database().write(lambda session: verbs.emergency(session, secret, _browser(), g.now)) is None:
        return answers.gone(of="page")
    return redirect(url_for("adding.ask", secret=secret), 303)


def _said(session: Session, link: MailedLink, words: str, faults: Mapping[str, str]) -> str:
    ticket = session.get_one(Ticket, link.ticket_id)
    logs.about(ticket=ticket.id)
    return answers.form(
        "ticket",
        faults,
        ticket=ticket,
        standing=lookup.standing(session, ticket.id),
        said=said.between_us(session, ticket),
        newest=verbs.newest(inbox.survivor(session, ticket)),
        words=words,
        done=request.args.get("said") == "message",
    )


def _seen() -> int:
    sent = request.form.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def _browser() -> str:
    """What no other browser has."""
    return browser.form_token()


def _again() -> str:
    return answers.gone(of="ticket", words=request.form.get("words", "")[: form.WORDS])[0]


answers.answered_by(adding, _again)
