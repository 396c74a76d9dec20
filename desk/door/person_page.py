"""A colleague, for managers: what is noted of them, their number's proof, where they are signed in, and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from sqlalchemy import func, select

from desk import audit
from desk.audit import What
from desk.door import employment, links, number_form, sessions, threshold
from desk.door.employment import Barred, Particulars
from desk.door.guard import requires, with_account
from desk.door.passwords import Credential
from desk.door.sessions import SignIn
from desk.door.tokens import ApiToken
from desk.staff import Role, Staff
from oncall import offboarding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session
    from werkzeug import Response

    Answer = str | tuple[str, int] | Response

person = Blueprint("person", __name__)
person.before_request(requires(Role.MANAGER))


@person.get("/people/<int:staff_id>")
def page(staff_id: int) -> str:
    """What is noted of somebody."""
    with threshold.database().reading() as session:
        return _page(session, _staff(session, staff_id))


@person.post("/people/<int:staff_id>/change")
def change(staff_id: int) -> Answer:
    """Note something else of them."""
    who, _ = with_account()

    def work(session: Session) -> None:
        staff = _staff(session, staff_id, works=True)
        employment.change(session, staff, Particulars.typed(request.form), who.who, g.now)

    return _done(staff_id, work, "changed", request.form)


@person.post("/people/<int:staff_id>/leaving")
def leave(staff_id: int) -> Answer:
    """They do not work here any more."""
    who, _ = with_account()
    return _done(
        staff_id,
        lambda session: employment.leave(session, _staff(session, staff_id, works=True), who.who, g.now),
        "left",
    )


@person.post("/people/<int:staff_id>/return")
def come_back(staff_id: int) -> Answer:
    """They work here again."""
    who, _ = with_account()

    def work(session: Session) -> None:
        staff = _staff(session, staff_id)
        if staff.active:
            raise Barred(f"{staff.name} works here.")
        employment.come_back(session, staff, who.who, g.now)

    return _done(staff_id, work, "back")


@person.post("/people/<int:staff_id>/number")
def number(staff_id: int) -> Answer:
    """Have their number proved: text a code, ring it, or take the code that they read out."""
    who, _ = with_account()
    with threshold.database().reading() as session:
        _staff(session, staff_id, works=True)
    said, fault = number_form.carry_out(staff_id, who.who)
    if not fault:
        return redirect(url_for("person.page", staff_id=staff_id, said=said), 303)
    with threshold.database().reading() as session:
        return _page(session, _staff(session, staff_id), fault=Barred(fault, "code")), 422


@person.post("/people/<int:staff_id>/password-link")
def password_link(staff_id: int) -> str:
    """Make a one-time link with which somebody sets their password; it is shown this once."""
    who, _ = with_account()
    if not threshold.settings().password_sign_in:  # it would let in as anybody; only a terminal makes such a one
        abort(404)
    with threshold.database().writing() as session:
        staff = _staff(session, staff_id, works=True)
        if not staff.email:
            abort(404)
        secret = links.make(session, staff.id, g.now)
        audit.tell(session, who.who, What.LINK_MADE, staff.name, g.now)
        session.flush()
        return _page(session, staff, link=secret)


@person.post("/people/<int:staff_id>/sign-out")
def sign_out(staff_id: int) -> Response:
    """Sign somebody out everywhere."""
    return _sign_out(staff_id)


@person.post("/people/<int:staff_id>/sessions/<int:number>/end")
def end_session(staff_id: int, number: int) -> Response:
    """Sign somebody out on one browser."""
    return _sign_out(staff_id, SignIn.id == number)


def _sign_out(staff_id: int, *which: ColumnElement[bool]) -> Response:
    who, _ = with_account()
    with threshold.database().writing() as session:
        staff = _staff(session, staff_id)
        ended = sessions.end(session, staff.id, g.now, *which)
        if which and not ended:
            abort(404)
        audit.tell(session, who.who, What.SESSIONS_ENDED, staff.name, g.now, sessions_ended=ended)
    return redirect(url_for("person.page", staff_id=staff_id, said="ended"), 303)


def _done(staff_id: int, work: object, said: str, typed: Mapping[str, str] | None = None) -> Answer:
    """Carry it out and go on; or show why not, and what was typed."""
    try:
        threshold.database().write(work)  # type: ignore[arg-type]
    except Barred as error:
        with threshold.database().reading() as session:
            return _page(session, _staff(session, staff_id), fault=error, typed=typed), 422
    return redirect(url_for("person.page", staff_id=staff_id, said=said), 303)


def _page(session: Session, staff: Staff, typed: Mapping[str, str] | None = None, **values: object) -> str:
    noted = {"name": staff.name, "role": staff.role, "email": staff.email or "", "phone": number_form.shown(staff)}
    made = select(func.count(ApiToken.id)).where(ApiToken.made_by_id == staff.id, ApiToken.revoked_at.is_(None))
    return render_template(
        "door/person.html",
        staff=staff,
        typed=typed or noted,
        roles=list(Role),
        sessions=sessions.of(session, staff.id, g.now) if staff.active else [],
        last=session.scalars(select(func.max(SignIn.began_at)).where(SignIn.staff_id == staff.id)).one(),
        changed=session.scalars(select(Credential.changed_at).where(Credential.staff_id == staff.id)).one_or_none(),
        proof=number_form.standing(session, staff),
        held=offboarding.held(session, staff, g.now),
        has=employment.open_tickets(session, staff),
        tokens=session.scalars(made).one(),
        hours=int(links.LIFE.total_seconds()) // 3600,
        passwords=threshold.settings().password_sign_in,
        provider=threshold.provider(),
        **values,
    )


def _staff(session: Session, staff_id: int, *, works: bool = False) -> Staff:
    staff = session.get(Staff, staff_id)
    if staff is None or (works and not staff.active):
        abort(404)
    return staff
