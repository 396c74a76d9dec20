"""The managers' pages of hooks: which programs and chat rooms are told of what, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from desk import audit
from desk.audit import What
from desk.db import LARGEST_NUMBER
from desk.door.guard import looking, requires, with_account
from desk.hooks import endpoint, form, happening
from desk.hooks.endpoint import Endpoint, Way
from desk.hooks.form import BadForm, Form
from desk.hooks.types import CHOSEN, SPOKEN, Type
from desk.staff import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database

hooks = Blueprint("hooks", __name__)
hooks.before_request(requires(Role.MANAGER))
SHOWN = 25  # deliveries on a page


@hooks.get("/hooks")
def every() -> str:
    """All of them, and the form for a new one."""
    with _database().reading() as session:
        return _every(session, Form())


@hooks.post("/hooks")
def add() -> Response | str | tuple[str, int]:
    """Add one; the secret of a webhook is shown this once."""
    who, staff_id = with_account()
    typed = form.typed(request.form)
    with _database().writing() as session:
        try:
            form.check(typed, current_app.extensions["hook_bounds"].networks, whole=True)
        except BadForm as fault:
            return _every(session, typed, fault=str(fault)), 422
        made = form.made(typed, staff_id, g.now)
        session.add(made)
        session.flush()
        audit.tell(session, who.who, What.HOOK_ADDED, made.name, g.now, place=made.place, **form.said(made))
        return _one(session, made, made=True)


@hooks.get("/hooks/<int:number>")
def one(number: int) -> str:
    """One of them: what it is told, and what came of it."""
    with _database().reading() as session:
        return _one(session, _found(session, number))


@hooks.post("/hooks/<int:number>/told")
def change(number: int) -> Response | tuple[str, int]:
    """Change what it is told of, and whether that is whole."""
    who, _ = with_account()
    typed = form.typed(request.form)
    with _database().writing() as session:
        found = _found(session, number, hold=True)
        typed.way = Way(found.way)
        try:
            form.check(typed, (), whole=False)
        except BadForm as fault:
            return _one(session, found, typed, fault=str(fault)), 422
        form.change(found, typed)
        audit.tell(session, who.who, What.HOOK_CHANGED, found.name, g.now, **form.said(found))
    return _back(number, "changed")


@hooks.post("/hooks/<int:number>/secret")
def renew(number: int) -> str:
    """Make a new secret, shown this once; the one before signs beside it for a day."""
    who, _ = with_account()
    with _database().writing() as session:
        found = _found(session, number, hold=True)
        if found.way != Way.WEBHOOK:
            abort(404)
        found.rotate(g.now)
        audit.tell(session, who.who, What.HOOK_ROTATED, found.name, g.now)
        return _one(session, found, made=True)


@hooks.post("/hooks/<int:number>/test")
def test(number: int) -> Response:
    """Send it something harmless."""

    def send(session: Session, found: Endpoint) -> None:
        happening.send(session, [found], Type.TEST, {"by": looking().name}, g.now)

    return _done(number, What.HOOK_TESTED, "tested", send)


@hooks.post("/hooks/<int:number>/switch")
def switch(number: int) -> Response:
    """Switch it off, or on again."""
    on = request.form.get("to") == "on"
    turn = Endpoint.switch_on if on else lambda found: found.switch_off(g.now)
    return _done(
        number, What.HOOK_SWITCHED, "on" if on else "off", lambda _, found: turn(found), to="on" if on else "off"
    )


@hooks.post("/hooks/<int:number>/removal")
def remove(number: int) -> Response:
    """Take it away; its address is not kept."""
    _done(number, What.HOOK_REMOVED, "", lambda _, found: found.remove(g.now))
    return redirect(url_for("hooks.every", said="removed"), 303)


@hooks.post("/hooks/<int:number>/deliveries/<int:delivery>/again")
def again(number: int, delivery: int) -> Response:
    """Send one delivery again, under its own id."""

    def send(session: Session, found: Endpoint) -> None:
        one = session.get(happening.Delivery, delivery, with_for_update=True)
        if one is None or one.endpoint_id != found.id:
            abort(404)
        try:
            one.send_again(session, g.now)
        except ValueError:
            abort(409)

    return _done(number, What.HOOK_SENT_AGAIN, "again", send, delivery=delivery)


def _done(number: int, what: What, said: str, do: Callable[[Session, Endpoint], object], **detail: object) -> Response:
    who, _ = with_account()
    with _database().writing() as session:
        found = _found(session, number, hold=True)
        name = found.name
        do(session, found)
        audit.tell(session, who.who, what, name, g.now, **detail)
    return _back(number, said)


def _back(number: int, said: str) -> Response:
    return redirect(url_for("hooks.one", number=number, said=said), 303)


def _found(session: Session, number: int, *, hold: bool = False) -> Endpoint:
    found = endpoint.get(session, number, hold=hold)
    if found is None:
        abort(404)
    return found


def _every(session: Session, typed: Form, fault: str = "") -> str:
    return render_template(
        "hooks/every.html",
        endpoints=endpoint.every(session),
        typed=typed,
        fault=fault,
        chosen=CHOSEN,
        spoken=SPOKEN,
        said=request.args.get("said"),
    )


def _one(session: Session, found: Endpoint, typed: Form | None = None, fault: str = "", *, made: bool = False) -> str:
    before = request.args.get("before", type=_number)
    deliveries = happening.newest(session, found.id, SHOWN + 1, before)
    secret = current_app.extensions["hook_secrets"].of(found.salt) if made and found.way == Way.WEBHOOK else None
    return render_template(
        "hooks/one.html",
        one=found,
        typed=typed or form.of(found),
        fault=fault,
        secret=secret,
        overlap=found.before_until if made else None,
        types=SPOKEN if found.way == Way.CHAT else CHOSEN,
        deliveries=deliveries[:SHOWN],
        older=deliveries[SHOWN - 1].id if len(deliveries) > SHOWN else None,
        before=before,
        now=g.now,
        said=request.args.get("said"),
    )


def _number(text: str) -> int:
    # A larger one names nothing, and stands for the latest like any other word.
    if (number := int(text)) > LARGEST_NUMBER:
        raise ValueError(text)
    return number


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
