"""The pages of one's own account: where one is signed in, one's number and password, light or dark."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from desk import audit
from desk.audit import What
from desk.door import browser, number_form, passwords, sessions, threshold
from desk.door.entry import Door, TooManyTries, WrongPassword
from desk.door.guard import EVERYBODY, looking, requires, with_account
from desk.door.sessions import SignIn
from desk.frame import safe_next
from desk.staff import Staff

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from werkzeug import Response

    from desk.db import Database

account = Blueprint("account", __name__)
account.before_request(requires(*EVERYBODY))
THEMES = ("light", "dark")


@account.get("/account")
def page() -> str:
    """Where one is signed in, and one's password."""
    return _page()


@account.post("/account/theme")
def theme() -> Response:
    """Light, dark, or as the system has it."""
    chosen = request.form.get("theme", "")
    answer = redirect(safe_next(request.form.get("next")), 303)
    browser.set_cookie(answer, "theme", chosen if chosen in THEMES else None, browser.THEME_LIFE)  # type: ignore[arg-type]
    return answer


@account.post("/account/sessions/<int:number>/end")
def end_session(number: int) -> Response:
    """Sign one's account out on one browser."""
    return _end(SignIn.id == number)


@account.post("/account/sessions/end-others")
def end_others() -> Response:
    """Sign one's account out everywhere but here."""
    return _end(SignIn.id != looking().sign_in_id)


@account.post("/account/password")
def password() -> str | tuple[str, int] | tuple[str, int, dict[str, str]] | Response:
    """Change one's password; the old one is asked for, and every other browser is signed out."""
    who, staff_id = with_account()
    if not threshold.settings().password_sign_in:
        abort(404)
    with _database().reading() as session:
        staff = session.get_one(Staff, staff_id)
        session.expunge(staff)
    new = request.form.get("new", "")
    if fault := passwords.fault(new, staff):
        return _page(fault=fault), 422
    door = Door(_database(), browser.place(), request.user_agent.string)
    try:
        door.change_password(staff, request.form.get("old", ""), new, g.now, who.sign_in_id or 0)
    except WrongPassword:
        return _page(fault="wrong"), 422
    except TooManyTries as error:
        return _page(fault="often"), 429, {"Retry-After": str(ceil((error.until - g.now).total_seconds()))}
    return redirect(url_for("account.page", said="password"), 303)


@account.post("/account/number")
def prove_number() -> tuple[str, int] | Response:
    """Prove one's own number: have a code texted, have it rung, or type the code."""
    who, staff_id = with_account()
    said, fault = number_form.carry_out(staff_id, who.who)
    if fault:
        return _page(number_fault=fault), 422
    return redirect(url_for("account.page", said=said), 303)


def _page(fault: str | None = None, number_fault: str = "") -> str:
    who = looking()
    with _database().reading() as session:
        me = session.get(Staff, who.staff_id) if who.staff_id else None
        mine = sessions.of(session, who.staff_id, g.now) if who.staff_id else []
        return render_template(
            "door/account.html",
            sessions=mine,
            here=who.sign_in_id,
            fault=fault,
            number=number_form.shown(me) if me else "",
            proof=number_form.standing(session, me) if me else None,
            number_fault=number_fault,
            shortest=passwords.SHORTEST,
            passwords=threshold.settings().password_sign_in,
        )


def _end(which: ColumnElement[bool]) -> Response:
    who, staff_id = with_account()
    with _database().writing() as session:
        if not (ended := sessions.end(session, staff_id, g.now, which)):
            abort(404)
        audit.tell(session, who.who, What.SESSIONS_ENDED, who.name, g.now, sessions_ended=ended)
    return redirect(url_for("account.page", said="ended"), 303)


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
