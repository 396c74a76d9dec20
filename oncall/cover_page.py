"""The page of one shift that needs somebody: who takes it, or that it is well as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, request, url_for

from desk.door.guard import looking, requires
from desk.staff import Role
from oncall import changes, counter, cover, crew
from oncall.changes import Change
from oncall.counter import database, page
from oncall.cover import CoverRequest, State
from oncall.form import Form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.staff import Staff
    from oncall.effect import Effect, Span
    from oncall.sight import Sight

covers = Blueprint("covers", __name__)
covers.before_request(requires(Role.ENGINEER, Role.MANAGER))
REACHED = {"take": State.COVERED, "close": State.CLOSED}


@covers.get("/rota/cover/<int:number>")
def one(number: int) -> str:
    """Which shift, whose, and why; and what taking it would do."""
    with database().reading() as session:
        return _page(session, _request(session, number))


@covers.post("/rota/cover/<int:number>/answer")
def answer(number: int) -> str | tuple[str, int] | Response:
    """Take the shift, or close the request; who says it twice is heard once."""
    said = request.form.get("answer", "")
    with database().reading() as session:
        _request(session, number)
    if said not in REACHED:
        abort(422)
    try:
        database().write(lambda session: _answer(session, number, said))
    except counter.REFUSALS as error:
        with database().reading() as session:
            row = _request(session, number)
            if row.state != REACHED[said] or (said == "take" and row.taker != counter.answering(session)):
                typed = Form("UTC")
                status = typed.refuse(error)
                return _page(session, row, typed), 403 if status == 403 else 409
    return redirect(url_for("covers.one", number=number), 303)


def _answer(session: Session, number: int, said: str) -> None:
    row, who = _request(session, number), looking().who
    if said == "close":
        cover.close(session, row, who, g.now)
        return
    taker = counter.answering(session)
    if taker is None:
        raise LookupError("choose who takes it")
    cover.take(session, row, taker, who, g.now)


def _page(session: Session, row: CoverRequest, typed: Form | None = None) -> str:
    seen, me = counter.sight_of(session, row.rota.name), counter.me(session)
    rest = cover.left(seen.plan, row, g.now) if row.state == State.OPEN and row.ends > g.now else []
    is_open = bool(rest)
    is_manager = looking().role == Role.MANAGER
    able = [one for one in crew.able(session) if one.id != row.engineer_id]
    asked = counter.colleague(session, request.args.get("colleague", "")) if is_manager else None
    taker = asked or (me if me in able else None)
    return page(
        "rota/cover.html",
        seen,
        one=row,
        typed=typed,
        able=able,
        taker=taker,
        is_me=bool(me and taker and me.id == taker.id),
        told=_told(session, seen, row, rest, taker) if rest and taker else None,
        is_open=is_open,
        may_close=is_open and (is_manager or bool(me and me.id == row.engineer_id)),
    )


def _told(session: Session, seen: Sight, row: CoverRequest, rest: Iterable[Span], taker: Staff) -> Effect:
    wanted = [Change("replace", taker.key, start, end, row.engineer.key, row.rotation) for start, end in rest]
    return changes.preview_all(session, seen.record, wanted, g.now)


def _request(session: Session, number: int) -> CoverRequest:
    row = session.get(CoverRequest, number)
    if row is None:
        abort(404)
    return row
