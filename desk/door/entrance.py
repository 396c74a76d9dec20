"""The pages before the door: sign in, sign out, and set a password by a one-time link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for

from desk.door import browser, links, passwords, threshold, vouching
from desk.door.doubt import Doubt, NotVouched
from desk.door.entry import TooManyTries, WrongPassword
from desk.frame import safe_next

if TYPE_CHECKING:
    from werkzeug import Response

    Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

entrance = Blueprint("entrance", __name__)


@entrance.get("/sign-in")
def sign_in() -> Answer:
    """The ways in."""
    return threshold.page(next=request.args.get("next", ""))


@entrance.post("/sign-in")
def knock() -> Answer:
    """Let somebody in, under a secret that nobody could have known before."""
    form = request.form
    again = {"next": form.get("next", ""), "email": form.get("email", "")[:200]}
    if not threshold.settings().password_sign_in:
        return _no_passwords(again["next"])
    try:
        secret = threshold.door().sign_in(again["email"], form.get("password", ""), g.now)
    except WrongPassword:
        return threshold.page(**again, wrong=True), 422
    except TooManyTries as error:
        return threshold.wait(error, **again)
    threshold.enter(secret)
    return redirect(safe_next(again["next"]), 303)


@entrance.post("/sign-out")
def sign_out() -> Answer:
    """End this browser's session."""
    threshold.leave()
    browser.keep(None)
    return redirect(url_for("entrance.sign_in"), 303)


@entrance.get("/password/<secret>")
def link(secret: str) -> Answer:
    """The form behind a link; looking at it does not use it up, for mail programs look too."""
    with threshold.database().reading() as session:
        staff = links.whose(session, secret, g.now)
        return _link_page(name=staff.name, email=staff.email) if staff else _link_gone()


@entrance.post("/password/<secret>")
def set_by_link(secret: str) -> Answer:
    """Set the password, or come in where there are none; and use the link up."""
    if not threshold.settings().password_sign_in:
        return _come_in(secret)
    new = request.form.get("password", "")
    with threshold.database().reading() as session:
        staff = links.whose(session, secret, g.now)
        if staff is None:
            return _link_gone()
        if fault := passwords.fault(new, staff):
            return _link_page(name=staff.name, email=staff.email, fault=fault), 422
    if not threshold.door().use_link(secret, new, g.now):
        return _link_gone()
    return redirect(url_for("entrance.sign_in", said="password"), 303)


def _come_in(secret: str) -> Answer:
    """The way back in that a terminal opens when the provider does not answer."""
    session_secret = threshold.door().come_in_by(secret, g.now)
    if session_secret is None:
        return _link_gone()
    threshold.enter(session_secret)
    return redirect(url_for("pages.today"), 303)


def _no_passwords(onward: str) -> Answer:
    door, refused = threshold.door(), NotVouched(Doubt.NO_PASSWORDS)
    try:
        vouching.count(door, g.now)
    except TooManyTries as error:
        return threshold.wait(error, next=onward)
    vouching.tell(door, refused, "password", g.now)
    return threshold.page(next=onward, doubt=refused.why.name), 422


def _link_page(**values: object) -> str:
    ways = {"shortest": passwords.SHORTEST, "passwords": threshold.settings().password_sign_in}
    return render_template("door/password.html", **ways | values)


def _link_gone() -> tuple[str, int]:
    return render_template("door/link_gone.html"), 410
