"""The managers' pages of the door: API tokens, and the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from desk import audit
from desk.audit import What
from desk.db import LARGEST_NUMBER
from desk.door import tokens
from desk.door.entry_words import EntryWords
from desk.door.guard import looking, requires
from desk.door.tokens import Scope
from desk.staff import Role
from sla.phrases import duration

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database

office = Blueprint("office", __name__)
office.before_request(requires(Role.MANAGER))
ENTRIES = 50  # on a page of the audit
LONGEST_NAME = 60


@office.get("/tokens")
def token_list() -> str:
    """Every API token, and the form for a new one."""
    with _database().reading() as session:
        return _tokens(session)


@office.post("/tokens")
def make_token() -> str | tuple[str, int]:
    """Make a token; it is shown this once."""
    who, form = looking(), request.form
    name = form.get("name", "").strip()
    scopes = [scope for scope in Scope if scope in form.getlist("scope")]
    with _database().writing() as session:
        if not name or len(name) > LONGEST_NAME or not scopes:
            return _tokens(session, name=name, chosen=scopes, fault="name" if scopes else "scope"), 422
        secret = tokens.make(session, name, scopes, g.now, by=who.staff_id, in_demo=who.staff_id is None)
        audit.tell(session, who.who, What.TOKEN_MADE, name, g.now, scopes=scopes)
        return _tokens(session, made=secret, made_name=name)


@office.post("/tokens/<int:number>/revocation")
def revoke_token(number: int) -> Response:
    """Let a token open nothing any more."""
    who = looking()
    with _database().writing() as session:
        token = session.get(tokens.ApiToken, number)
        if token is None:
            abort(404)
        if not (token.in_demo or who.staff_id):
            abort(403)
        if tokens.revoke(session, number, g.now):
            audit.tell(session, who.who, What.TOKEN_REVOKED, token.name, g.now)
    return redirect(url_for("office.token_list", said="revoked"), 303)


@office.get("/audit")
def entries() -> str:
    """What was done, the latest first."""
    what, before = request.args.get("what", ""), request.args.get("before", type=_number)
    with _database().reading() as session:
        found = audit.newest(session, ENTRIES + 1, what if what in list(What) else "", before)
        older = found[ENTRIES - 1].id if len(found) > ENTRIES else None
        return render_template(
            "door/audit.html",
            entries=found[:ENTRIES],
            older=older,
            what=what,
            kinds=list(What),
            before=before,
            entry_words=lambda zone: EntryWords(zone, g.now, duration),
        )


def _tokens(session: Session, **values: object) -> str:
    session.flush()
    return render_template("door/tokens.html", tokens=tokens.newest(session), scopes=list(Scope), **values)


def _number(text: str) -> int:
    # A larger one names nothing, and stands for the latest like any other word.
    if (number := int(text)) > LARGEST_NUMBER:
        raise ValueError(text)
    return number


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
