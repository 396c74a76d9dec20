"""People: who works here, who rings now, whose number is proved, and when they were last here; new ones are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import func, select

from desk.door import employment, threshold
from desk.door.employment import Barred, Particulars
from desk.door.guard import requires, with_account
from desk.door.passwords import Credential
from desk.door.sessions import SignIn
from desk.staff import Role, Staff
from oncall import crew, verification
from oncall.places import until

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from ivr.switchboard import Switchboard

people = Blueprint("people", __name__)
people.before_request(requires(Role.MANAGER))


@dataclass(frozen=True)
class Row:
    """One colleague in the list."""

    staff: Staff
    is_proved: bool
    obstacle: str  # why they would not be reached for certain, if they are to be
    has_password: bool
    last: datetime | None
    seen: datetime | None
    rings: tuple[tuple[str, int, datetime | None], ...]  # by which rota, at which place, until when


@people.get("/people")
def everybody() -> str:
    """Everybody who works here; who has left, on request."""
    with threshold.database().reading() as session:
        has_left = request.args.get("left") == "1"
        rows = _rows(session, has_left)
        left = session.scalars(select(func.count(Staff.id)).where(Staff.active.is_(False))).one()
        ways = {"passwords": threshold.settings().password_sign_in, "provider": threshold.provider()}
        return render_template("door/people.html", rows=rows, has_left=has_left, left=left, **ways)


@people.get("/people/new")
def new() -> str:
    """The form for a new colleague."""
    return _form()


@people.post("/people")
def add() -> tuple[str, int] | Response:
    """Add a colleague."""
    who, _ = with_account()
    try:
        given = Particulars.typed(request.form)
        number = threshold.database().write(lambda session: employment.add(session, given, who.who, g.now).id)
    except Barred as error:
        return _form(fault=error), 422
    return redirect(url_for("person.page", staff_id=number, said="added"), 303)


def _form(fault: Barred | None = None) -> str:
    return render_template("door/new_person.html", typed=request.form, fault=fault, roles=list(Role))


def _rows(session: Session, has_left: bool) -> list[Row]:
    proved, duties = verification.proved(session), _on_duty(session)
    came = select(SignIn.staff_id, func.max(SignIn.began_at), func.max(SignIn.seen_at)).group_by(SignIn.staff_id)
    last = {staff_id: (began, seen) for staff_id, began, seen in session.execute(came)}
    never = (None, None)
    secrets = set(session.scalars(select(Credential.staff_id)))
    who = select(Staff).where(Staff.active.is_(not has_left)).order_by(Staff.name)
    return [
        Row(
            one,
            one.id in proved,
            _obstacle(one, proved),
            one.id in secrets,
            last.get(one.id, never)[0],
            last.get(one.id, never)[1],
            tuple(duties.get(one.key, ())),
        )
        for one in session.scalars(who)
    ]


def _obstacle(staff: Staff, proved: set[int]) -> str:
    why = crew.obstacle(staff, proved) if staff.role != Role.BILLING and staff.active else None
    return why[1] if why else ""


def _on_duty(session: Session) -> dict[str, list[tuple[str, int, datetime | None]]]:
    """Who rings now, by every rota, as a call reads them."""
    board = cast("Switchboard", current_app.extensions["exchange"].boards.current(session))
    found: dict[str, list[tuple[str, int, datetime | None]]] = {}
    for name, plan in board.rotas.items():
        for place, duty in enumerate(plan.who(g.now)):
            found.setdefault(duty.engineer, []).append((name, place, until(plan, g.now, place)))
    return found
