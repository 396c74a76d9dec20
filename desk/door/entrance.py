"""The pages before the door: sign in, sign out, and set a password by a one-time link."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for

from desk import audit
from desk.audit import What
from desk.door import browser, links, passwords, sessions
from desk.door.entry import Door, TooManyTries, WrongPassword
from desk.door.guard import visitor
from desk.door.sessions import SignIn
from desk.frame import safe_next

if TYPE_CHECKING:
    from werkzeug import Response

    from desk.db import Database

    Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

entrance = Blueprint("entrance", __name__)


@entrance.get("/sign-in")
def sign_in() -> Answer:
    """The form."""
    return render_template("door/sign_in.html", next=request.args.get("next", ""))


@entrance.post("/sign-in")
def knock() -> Answer:
    """Let somebody in, under a secret that nobody could have known before."""
    form = request.form
    again = {"next": form.get("next", ""), "email": form.get("email", "")[:200]}
    try:
        secret = door().sign_in(again["email"], form.get("password", ""), g.now)
    except WrongPassword:
        return render_template("door/sign_in.html", **again, wrong=True), 422
    except TooManyTries as error:
        wait = ceil((error.until - g.now).total_seconds())
        body = render_template("door/sign_in.html", **again, minutes=-(-wait // 60))
        return body, 429, {"Retry-After": str(wait)}
    _leave()
    browser.keep(secret)
    return redirect(safe_next(again["next"]), 303)


@entrance.post("/sign-out")
def sign_out() -> Answer:
    """End this browser's session."""
    _leave()
    browser.keep(None)
    return redirect(url_for("entrance.sign_in"), 303)


@entrance.get("/password/<secret>")
def link(secret: str) -> Answer:
    """The form behind a link; looking at it does not use it up, for mail programs look too."""
    with _database().reading() as session:
        staff = links.whose(session, secret, g.now)
        return _link_page(name=staff.name, email=staff.email) if staff else _link_gone()


@entrance.post("/password/<secret>")
def set_by_link(secret: str) -> Answer:
    """Set the password, and use the link up."""
    new = request.form.get("password", "")
    with _database().reading() as session:
        staff = links.whose(session, secret, g.now)
        if staff is None:
            return _link_gone()
        if fault := passwords.fault(new, staff):
            return _link_page(name=staff.name, email=staff.email, fault=fault), 422
    if not door().use_link(secret, new, g.now):
        return _link_gone()
    return redirect(url_for("entrance.sign_in", said="password"), 303)


def door() -> Door:
    """The door, as whoever asks stands before it."""
    return Door(_database(), browser.place(), request.user_agent.string)


def _leave() -> None:
    who = visitor()
    if who is None or who.staff_id is None:
        return
    mine, staff_id = SignIn.id == who.sign_in_id, who.staff_id
    with _database().writing() as session:
        if sessions.end(session, staff_id, g.now, mine):
            audit.tell(session, who.who, What.SIGNED_OUT, who.name, g.now)


def _link_page(**values: object) -> str:
    return render_template("door/password.html", shortest=passwords.SHORTEST, **values)


def _link_gone() -> tuple[str, int]:
    return render_template("door/link_gone.html"), 410


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
