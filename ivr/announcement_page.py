"""The page of announcements: what callers hear before the menu while an outage is known.

The first press shows the greeting with the announcement in it; the second, which names what was looked at, makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk import numbers, when
from desk.audit import What, tell
from desk.door.guard import looking, requires
from desk.staff import Role
from ivr import announcement
from ivr import announcing as told
from ivr.greeting import greeting
from ivr.hours_sight import Hearing
from ivr.line import Line
from ivr.switchboard import saying

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from ivr.announcement import Announcement
    from ivr.switchboard import LineSetUp, Switchboard

announcing = Blueprint("announcing", __name__)
announcing.before_request(requires(Role.MANAGER))
SHOWN = 20  # that are over
Answer = str | tuple[str, int]


@announcing.get("/settings/announcement")
def page() -> str:
    """What is announced now, what is to be, and the form for another."""
    with _database().reading() as session:
        return _page(session)


@announcing.post("/settings/announcement")
def change() -> Answer | Response:
    """Announce something, once it was looked at; or end what is announced."""
    verb = request.form.get("verb", "")
    try:
        if verb == "announce":
            return _announced()
        _database().write(ENDS.get(verb, _nothing))
    except (ValueError, LookupError) as error:
        with _database().reading() as session:
            return _page(session, fault=str(error)), 422
    return redirect(url_for("announcing.page", said="ended"), 303)


def _announced() -> Answer | Response:
    with _database().reading() as session:
        wanted = _wanted(session)
        if not request.form.get("sure"):
            return _page(session, wanted=wanted)
    try:
        _database().write(_make)
    except told.Overtaken:
        with _database().reading() as session:
            return _page(session, wanted=_wanted(session), overtaken=True), 409
    return redirect(url_for("announcing.page", said="announced"), 303)


def _make(session: Session) -> None:
    told.publish(session, lambda: _wanted(session), request.form.get("seen", ""), looking().who, g.now)


def _end(session: Session) -> None:
    text = request.form.get("number", "")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    told.end(session, number, looking().who, g.now)


def _end_standing(session: Session) -> None:
    """What the set-up says of a line for good is said no more."""
    line = session.scalars(select(Line).where(Line.number == request.form.get("line", ""))).one_or_none()
    if line is None or not line.announcement:
        raise LookupError("nothing is announced there any more")
    tell(session, looking().who, What.ANNOUNCEMENT_ENDED, _about(session, line.id), g.now, words=line.announcement)
    line.announcement = None


def _nothing(_: Session) -> None:
    raise ValueError("say what is to happen")


ENDS = {"end": _end, "end-standing": _end_standing}


def _about(session: Session, line_id: int) -> str:
    return numbers.shown(session.get_one(Line, line_id).number)


def _wanted(session: Session) -> list[Announcement]:
    """What is asked for, one for each line that it is for; raises ValueError for what cannot be said."""
    typed, who = request.form, looking().name
    lines = _lines(_board(session))
    chosen = [line for line in lines if typed.get("line") in ("", None, line.number)]
    if not chosen:
        raise LookupError("choose a line")
    zone = chosen[0].zone
    starts = _instant("starts", zone) or g.now
    ends = _instant("ends", zone)
    return [
        announcement.announce(
            line.id,
            {language: " ".join(typed.get(f"say-{language}", "").split()) for language in line.spoken},
            starts,
            ends,
            g.now,
            who,
        )
        for line in chosen
    ]


def _instant(name: str, zone: str) -> datetime | None:
    typed = request.form.get(name, "").strip()
    return when.instant(typed, zone) if typed else None


def _page(
    session: Session, *, wanted: list[Announcement] | None = None, fault: str = "", overtaken: bool = False
) -> str:
    board = _board(session)
    lines = _lines(board)
    stored = [(line, one) for line in lines for one in announcement.of_line(session, line.id)]
    return render_template(
        "settings/announcement.html",
        lines=lines,
        zone=lines[0].zone if lines else "UTC",
        languages=list(dict.fromkeys(language for line in lines for language in line.spoken)),
        standing=[line for line in lines if line.announcement],
        live=[(line, one) for line, one in stored if not one.is_over(g.now)],
        over=[(line, one) for line, one in stored if one.is_over(g.now)][: -SHOWN - 1 : -1],
        wanted=wanted,
        hearings=_hearings(board, wanted or []),
        stamp=announcement.stamp(session),
        typed=request.form,
        fault=fault,
        overtaken=overtaken,
        said=request.args.get("said"),
    )


def _hearings(board: Switchboard, wanted: list[Announcement]) -> list[Hearing]:
    """The greeting at the moment that it begins, or as it is now."""
    tried = saying(board, [(one.line_id, one.value) for one in wanted])
    at = wanted[0].starts if wanted else g.now
    return [
        Hearing(
            line,
            greeting(tried, line, language, at),
            greeting(board, board.lines[line.number], language, at) if wanted else None,
        )
        for line in tried.lines.values()
        for language in line.languages
    ]


def _lines(board: Switchboard) -> list[LineSetUp]:
    return list(board.lines.values())


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
