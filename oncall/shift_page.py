"""The pages that change a shift: somebody covers, is added or is taken out; and taking that back.

The form is an address of its own, so what a change would do is looked at before it is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, request, url_for

from desk.door.guard import looking, requires
from desk.staff import Role
from oncall import changes, counter, crew, roster, sight
from oncall.changes import Change
from oncall.counter import database, page, sighted
from oncall.form import LONGEST, Form
from oncall.overriding import is_still_there
from oncall.refusals import Overtaken
from oncall.roster import OverrideRecord, RotaRecord
from oncall.swap import of_override

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from oncall.effect import Effect
    from oncall.sight import Sight

shifts = Blueprint("shifts", __name__)
shifts.before_request(requires(Role.ENGINEER, Role.MANAGER))
KINDS = ("replace", "add", "remove")
FIELDS = ("kind", "engineer", "instead_of", "from", "to", "lane", "reason")
Answer = str | tuple[str, int]


@shifts.get("/rota/change")
def form() -> Answer:
    """The form, filled as far as the address says; with `look`, what the change would do."""
    with database().reading() as session:
        seen = sighted(session)
        typed = Form(seen.zone)
        if not request.args.get("look"):
            return _form(session, seen, typed)
        told = _look(session, seen, typed)
        return _form(session, seen, typed, told) if told else (_form(session, seen, typed), 422)


@shifts.post("/rota/change")
def save() -> Answer | Response:
    """Change the shift; what was looked at has to be so still."""
    with database().reading() as session:
        seen = sighted(session)
        name, typed = seen.name, Form(seen.zone)
        change = _change(typed)
    if change:
        try:
            number = database().write(lambda session: _make(session, name, change, typed))
            return redirect(url_for("shifts.change", rota=name, number=number, said="made"), 303)
        except Overtaken as error:
            return _again(typed, 409, error.effect)
        except counter.REFUSALS as error:
            return _again(typed, typed.refuse(error))
    return _again(typed, 422)


@shifts.get("/rota/changes/<int:number>")
def change(number: int) -> str:
    """One change: what it is, and what taking it back would do."""
    with database().reading() as session:
        return _change_page(session, _row(session, number), None)


@shifts.post("/rota/changes/<int:number>/taking-back")
def take_back(number: int) -> Answer | Response:
    """Let everybody have their own shifts again; twice is once."""
    try:
        name = database().write(lambda session: _take_back(session, number))
    except counter.REFUSALS as error:
        with database().reading() as session:
            row = _row(session, number)
            typed = Form(counter.sight_of(session, _name(session, row)).zone)
            typed.refuse(error)
            return _change_page(session, row, typed), 409
    return redirect(url_for("shifts.change", rota=name, number=number, said="taken_back"), 303)


def _form(session: Session, seen: Sight, typed: Form, told: Effect | None = None, *, overtaken: bool = False) -> str:
    coming = sight.ahead(seen)
    return page(
        "rota/change.html",
        seen,
        typed=typed,
        fields=FIELDS,
        told=told,
        overtaken=overtaken,
        coming=coming,
        able=crew.able(session),
        people=sorted(seen.plan.people(seen.now), key=lambda key: seen.face(key).name),
        kinds=KINDS,
    )


def _again(typed: Form, status: int, told: Effect | None = None) -> Answer:
    with database().reading() as session:
        seen = sighted(session)
        return _form(session, seen, typed, told, overtaken=told is not None), status


def _change(typed: Form) -> Change | None:
    """What the form says, or None if it has faults."""
    kind, engineer = typed["kind"], typed["engineer"]
    if kind not in KINDS:
        typed.faults["kind"] = "Choose what is to happen."
    if not engineer:
        typed.faults["engineer"] = "Choose who."
    if kind == "replace" and not typed["instead_of"]:
        typed.faults["instead_of"] = "Choose whom they cover for."
    starts = typed.instant("from", "From when? A time such as 2026-11-22 02:00.")
    ends = typed.instant("to", "Until when? A time such as 2026-11-22 08:30.")
    typed.short("reason", f"The reason has room for {LONGEST} characters.")
    if starts and ends and starts >= ends:
        typed.faults["to"] = "It has to end after it starts."
    if typed.faults or not (starts and ends):
        return None
    instead_of = typed["instead_of"] if kind == "replace" else None
    lane = typed["lane"] if kind == "replace" else ""
    return Change(kind, engineer, starts, ends, instead_of, lane, below=kind == "add" and bool(typed["below"]))


def _look(session: Session, seen: Sight, typed: Form) -> Effect | None:
    change = _change(typed)
    if change is None:
        return None
    try:
        return changes.preview(session, seen.record, change, g.now)
    except counter.REFUSALS as error:
        typed.refuse(error)
        return None


def _make(session: Session, name: str, change: Change, typed: Form) -> int:
    record = roster.named(session, name)
    seen = typed["seen"] or None
    return changes.make(session, record, change, looking().who, g.now, typed["reason"], seen=seen).id


def _take_back(session: Session, number: int) -> str:
    row = _row(session, number)
    if row.withdrawn_at is None:
        changes.take_back(session, row, looking().who, g.now)
    return _name(session, row)


def _change_page(session: Session, row: OverrideRecord, typed: Form | None) -> str:
    seen = counter.sight_of(session, _name(session, row))
    swap = of_override(session, row)
    can_go = is_still_there(row, g.now) and not swap
    told = changes.preview_without(session, row, g.now) if can_go else None
    said = request.args.get("said")
    return page("rota/taking_back.html", seen, one=row, told=told, swap=swap, typed=typed, said=said)


def _name(session: Session, row: OverrideRecord) -> str:
    return session.get_one(RotaRecord, row.rota_id).name


def _row(session: Session, number: int) -> OverrideRecord:
    row = session.get(OverrideRecord, number)
    if row is None:
        abort(404)
    return row
