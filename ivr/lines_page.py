"""The page of the lines: which numbers are answered, as whom, in which languages, and how they stand at the carrier.

The carrier is never asked while somebody waits for the page; it shows what `ivr check` found last.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk import numbers
from desk.audit import What, tell
from desk.door.guard import looking, requires
from desk.staff import Role
from ivr import checked, prompts, wording
from ivr.greeting import greeting
from ivr.hours_sight import Hearing
from ivr.line import Line
from ivr.outlook import outlook
from sla.hours import BusinessHours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from ivr.switchboard import Switchboard

lining = Blueprint("lining", __name__)
lining.before_request(requires(Role.MANAGER))
LONGEST = 60  # characters of a company's name: it is said in every greeting
Answer = str | tuple[str, int]


class Overtaken(Exception):
    """The line is not any more as whoever decides has seen it."""


@lining.get("/settings/lines")
def page() -> str:
    """Every line, and what the last check found."""
    with _database().reading() as session:
        board = _board(session)
        return render_template(
            "settings/lines.html",
            lines=[outlook(board, line, g.now) for line in board.lines.values()],
            hours={one.id: one.name for one in session.scalars(select(BusinessHours))},
            check=checked.last(session),
            zone=_zone(board),
            said=request.args.get("said"),
        )


@lining.get("/settings/lines/<int:number>")
def line(number: int) -> str:
    """One line, and the form to change its name and languages."""
    with _database().reading() as session:
        return _page(session, _stored(session, number))


@lining.post("/settings/lines/<int:number>/name")
def change(number: int) -> Answer | Response:
    """Say what a caller would hear, or make the change."""
    with _database().reading() as session:
        stored = _stored(session, number)
        try:
            wanted = _wanted(stored)
        except ValueError as error:
            return _page(session, stored, fault=str(error)), 422
        if not request.form.get("sure"):
            return _page(session, stored, wanted=wanted)
    try:
        _database().write(lambda session: _make(session, number))
    except Overtaken:
        with _database().reading() as session:
            return _page(session, _stored(session, number), wanted=wanted, overtaken=True), 409
    return redirect(url_for("lining.page", said="changed"), 303)


def _make(session: Session, number: int) -> None:
    stored = session.scalars(select(Line).where(Line.id == number).with_for_update()).one()
    if request.form.get("seen") != _stamp(stored):
        raise Overtaken
    company, languages = _wanted(stored)
    told = {"was": stored.company, "company": company, "languages": ", ".join(languages)}
    stored.company, stored.languages = company, list(languages)
    tell(session, looking().who, What.LINE_CHANGED, numbers.shown(stored.number), g.now, **told)


def _languages() -> tuple[str, ...]:
    """Those that a voice speaks, and those in which prompts are recorded."""
    with _database().reading() as session:
        return (*prompts.languages(), *_board(session).tongues)


def _wanted(stored: Line) -> tuple[str, Sequence[str]]:
    """The name and the languages that are asked for, the first spoken to whoever we do not know."""
    company = " ".join(request.form.get("company", "").split())
    if not company or len(company) > LONGEST:
        raise ValueError(f"a line answers under a name of at most {LONGEST} characters")
    first, more = request.form.get("first", ""), request.form.getlist("more")
    known = _languages()
    if first not in known:
        raise ValueError("choose the language in which a caller is greeted whom we do not know")
    languages = (first, *(one for one in known if one in more and one != first))
    if (company, list(languages)) == (stored.company, stored.languages):
        raise ValueError("that is how it is already")
    return company, languages


def _page(
    session: Session,
    stored: Line,
    *,
    wanted: tuple[str, Sequence[str]] | None = None,
    fault: str = "",
    overtaken: bool = False,
) -> str:
    board = _board(session)
    return render_template(
        "settings/line.html",
        line=stored,
        languages=(*prompts.languages(), *board.tongues),
        wanted=wanted,
        hearings=_hearings(session, board, stored, wanted or (stored.company, stored.languages)),
        stamp=_stamp(stored),
        zone=stored.hours.zone,
        typed=request.form,
        more=request.form.getlist("more"),
        fault=fault,
        overtaken=overtaken,
    )


def _hearings(session: Session, board: Switchboard, stored: Line, as_: tuple[str, Sequence[str]]) -> list[Hearing]:
    company, languages = as_
    tried = replace(board, words={one: wording.in_force(session, one) for one in languages})
    line = replace(board.lines[stored.number], company=company, languages=tuple(languages))
    return [Hearing(line, greeting(tried, line, language, g.now)) for language in languages]


def _stamp(stored: Line) -> str:
    return hashlib.sha256(repr((stored.company, stored.languages)).encode()).hexdigest()[:16]


def _stored(session: Session, number: int) -> Line:
    return session.get(Line, number) or abort(404)


def _zone(board: Switchboard) -> str:
    return next((line.zone for line in board.lines.values()), "UTC")


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
