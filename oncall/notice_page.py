"""The page of notices: what one is told, how, and how long before; a manager chooses for others, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from desk import mailing, numbers
from desk.door.guard import looking, requires, with_account
from desk.staff import Role, Staff
from oncall import choices, counter, verification
from oncall.choices import Choice, Lead, Way
from oncall.counter import database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

notices = Blueprint("notices", __name__)
notices.before_request(requires(Role.ENGINEER, Role.MANAGER))


@notices.get("/notices")
def page() -> str:
    """What one is told, or for a manager what a colleague is."""
    with database().reading() as session:
        return _page(session, _whose(session, request.args.get("engineer", "")))


@notices.post("/notices")
def choose() -> str | tuple[str, int] | Response:
    """Choose."""
    with_account()  # whoever passes by in a demonstration decides for nobody
    key, typed = request.form.get("engineer", ""), _typed()
    if typed is None:
        with database().reading() as session:
            return _page(session, _whose(session, key), fault=True), 422
    database().write(lambda session: _choose(session, key, typed))
    return redirect(url_for("notices.page", engineer=key or None, said="kept"), 303)


def _choose(session: Session, key: str, choice: Choice) -> None:
    staff = _whose(session, key)
    if staff is None:
        abort(404)
    choices.choose(session, staff, choice, looking().who, g.now)


def _whose(session: Session, key: str) -> Staff | None:
    """Oneself, or the colleague whom a manager looks at; 403 for anybody else, 404 for nobody."""
    me = counter.me(session)
    if not key or (me and me.key == key):
        return me
    if looking().role != Role.MANAGER:
        abort(403)
    staff = counter.colleague(session, key)
    if staff is None:
        abort(404)
    return staff


def _typed() -> Choice | None:
    """What the form says; None without a way, or with one that there is not."""
    way, before = request.form.get("way", ""), request.form.getlist("before")
    if way not in set(Way) or not set(before) <= set(Lead):
        return None
    leads = tuple(lead for lead in Lead if lead in before)
    return Choice(Way(way), leads, "summaries" in request.form, "own_changes" in request.form)


def _page(session: Session, staff: Staff | None, *, fault: bool = False) -> str:
    mails = bool(current_app.extensions["settings"].mail_host)
    everybody = choices.readers(session, mails)
    reader = everybody.get(staff.key) if staff else None
    is_manager = looking().role == Role.MANAGER
    return render_template(
        "notices.html",
        reader=reader,
        is_me=bool(staff and staff.id == looking().staff_id),
        ways=list(Way),
        leads=list(Lead),
        mails=mails,
        proved=bool(staff and staff.id in verification.proved(session)),
        texts=bool(staff and staff.phone and numbers.may_text(staff.phone)),
        mailable=bool(staff and mailing.is_address(staff.email)),
        number=numbers.shown(staff.phone) if staff and staff.phone else "",
        others=[one for one in everybody.values() if _is_told(one.staff)] if is_manager else [],
        said=request.args.get("said"),
        fault=fault,
    )


def _is_told(staff: Staff) -> bool:
    return staff.role in (Role.ENGINEER, Role.MANAGER)
