"""The page for somebody who leaves: what would be left open, and handing it on, to one colleague or to whoever asks."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, request, url_for

from desk.door.guard import looking, requires
from desk.staff import Role, Staff
from oncall import counter, crew, offboarding, overriding
from oncall.counter import database, page, sighted
from oncall.form import LONGEST, Form
from oncall.refusals import Overtaken, Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from oncall.effect import Effect
    from oncall.shifts import Shift

leaving = Blueprint("leaving", __name__)
leaving.before_request(requires(Role.MANAGER))
Answer = str | tuple[str, int]


@leaving.get("/rota/people/<int:staff_id>/leaving")
def one(staff_id: int) -> Answer:
    """What they have, and what becomes of it if the colleague whom the address names takes it."""
    with database().reading() as session:
        return _page(session, _staff(session, staff_id), Form(sighted(session).zone))


@leaving.post("/rota/people/<int:staff_id>/handing-on")
def hand_on(staff_id: int) -> Answer | Response:
    """Hand everything on to a colleague, as it was looked at; or ask who covers what."""
    do = request.form.get("do", "")
    with database().reading() as session:
        staff = _staff(session, staff_id)
        typed = Form(sighted(session).zone)
        if do == "hand_on" and counter.colleague(session, typed["taker"]) is None:
            typed.faults["taker"] = "Choose who takes it."
        typed.short("reason", f"The reason has room for {LONGEST} characters.")
        if do not in ("hand_on", "ask") or typed.faults:
            return _page(session, staff, typed), 422
    try:
        said = database().write(
            lambda session: _hand_on(session, staff_id, typed) if do == "hand_on" else _ask(session, staff_id)
        )
        return redirect(url_for("leaving.one", staff_id=staff_id, said=said), 303)
    except Overtaken:
        typed.faults["taker"] = "Somebody has changed these shifts since you looked. This is what it would do now."
        status = 409
    except Unsafe:
        typed.faults["reason"] = "Callers might reach nobody. Name the reason to hand it on all the same."
        status = 422
    except counter.REFUSALS as error:
        status = typed.refuse(error, "taker")
    with database().reading() as session:
        return _page(session, _staff(session, staff_id), typed), status


def _hand_on(session: Session, staff_id: int, typed: Form) -> str:
    staff, taker = _staff(session, staff_id), counter.colleague(session, typed["taker"])
    if taker is None:
        raise LookupError("choose who takes it")
    overriding.locked_all(session)  # what was looked at is compared with what is, and stays so
    told = offboarding.preview(session, staff, taker, g.now)
    if typed["seen"] != _seen(told):
        raise Overtaken(next(iter(told.values()), None))  # type: ignore[arg-type]
    offboarding.hand_on(session, staff, taker, looking().who, g.now, typed["reason"])
    return "handed_on"


def _ask(session: Session, staff_id: int) -> str:
    offboarding.ask_for_all(session, _staff(session, staff_id), looking().who, g.now)
    return "asked"


def _page(session: Session, staff: Staff, typed: Form) -> str:
    able = [one for one in crew.able(session) if one.id != staff.id]
    taker = next((one for one in able if one.key == typed["taker"]), None)
    told = offboarding.preview(session, staff, taker, g.now) if taker else {}
    return page(
        "rota/leaving.html",
        sighted(session),
        staff=staff,
        held=offboarding.held(session, staff, g.now),
        able=able,
        taker=taker,
        told=told,
        looked_at=_seen(told),
        is_unsafe=any(hazard.is_unsafe for one in told.values() for hazard in one.hazards),
        typed=typed,
        said=request.args.get("said"),
    )


def _seen(told: Mapping[str, Effect]) -> str:
    """A short text for everything as it was before: whoever decides by it hands it back.

    What is looked at goes from now to 60 days from now, so that the edges at which shifts are cut move with the clock
    and are left out: time that passes while a manager reads is no change of a shift.
    """
    held = [(name, shift.engineer, shift.id, *_edges(one, shift)) for name, one in told.items() for shift in one.before]
    return sha256(repr(held).encode()).hexdigest()[:16]


def _edges(told: Effect, shift: Shift) -> Iterator[str]:
    for edge in (shift.start, shift.end):
        yield edge.isoformat() if told.start < edge < told.end else ""


def _staff(session: Session, staff_id: int) -> Staff:
    return session.get(Staff, staff_id) or abort(404)
