"""The page on which rotations are edited: a form that is looked at before it is published.

Nothing is kept between two looks: the whole form travels with every press of a button. Whoever publishes names the
version that the edit began with; was there another meanwhile, both sides are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, request, url_for

from desk.door.guard import looking, requires
from desk.staff import Role, managers
from oncall import counter, crew, period, roster, shares, sight, versions
from oncall.counter import database, page, sighted
from oncall.differences import differences
from oncall.draft import COVERS
from oncall.fairness import signed, written
from oncall.form import LONGEST, Form
from oncall.measures import columns
from oncall.refusals import Conflict, Unsafe
from oncall.sheet import Sheet
from oncall.wall import wall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from oncall.draft import Draft
    from oncall.effect import Effect
    from oncall.period import Period
    from oncall.refusals import Side
    from oncall.shares import Shares
    from oncall.sight import Lane, Sight

rotations = Blueprint("rotations", __name__)
rotations.before_request(requires(Role.ENGINEER, Role.MANAGER))
WEEKS = 4  # of a preview
Answer = str | tuple[str, int]


@dataclass
class Look:
    """What a draft would do: its effect, its weeks one by one, and who would do how much in them."""

    told: Effect
    weeks: Sequence[tuple[Period, Sequence[Lane]]]
    shares: Shares

    @property
    def is_unsafe(self) -> bool:
        """Whether publishing it takes a reason."""
        return any(one.is_unsafe for one in self.told.hazards)


@dataclass
class Sides:
    """Two edits of one version: what they published, and what is typed here."""

    theirs: Side
    they_changed: Sequence[str]
    you_change: Sequence[str]


@rotations.get("/rota/edit")
def editor() -> str:
    """The rotations as the newest version has them, or as the version that the address names had them."""
    with database().reading() as session:
        seen = sighted(session)
        number = request.args.get("version", type=int)
        begun = seen.record.head
        if number is not None:
            begun = next((one for one in seen.record.versions if one.number == number), None) or abort(404)
        return _page(session, seen, Sheet.of(begun.draft), Form(seen.zone), base=seen.record.head.number)


@rotations.post("/rota/edit")
def edit() -> Answer | Response:
    """A button of the form: change it, look at what it would do, or publish it."""
    sheet, base = Sheet.read(request.form), request.form.get("base", type=int) or 0
    if button := request.form.get("press"):
        sheet.press(button, request.form)
        with database().reading() as session:
            seen = sighted(session)
            return _page(session, seen, sheet, Form(seen.zone), base)
    with database().reading() as session:
        seen = sighted(session)
        typed, name = Form(seen.zone), seen.name
        draft, since = sheet.draft(seen.faces), _since(typed)
    if draft is None or typed.faults:
        return _again(sheet, typed, base), 422
    if request.form.get("do") != "publish":
        return _looked(sheet, typed, draft, base, since)
    return _publish(name, sheet, typed, draft, base, since)


def _publish(
    name: str, sheet: Sheet, typed: Form, draft: Draft, base: int, since: datetime | None
) -> Answer | Response:
    try:
        made = database().write(lambda session: _store(session, name, draft, base, since, typed))
        return redirect(url_for("rota.history", rota=name, said=made), 303)
    except Conflict as error:
        return _again(sheet, typed, base, sides=_sides(error, draft)), 409
    except Unsafe:
        typed.faults["because"] = "Callers might reach nobody. It is not published."
        return _looked(sheet, typed, draft, base, since, 422)
    except counter.REFUSALS as error:
        status = typed.refuse(error)
        return (
            _looked(sheet, typed, draft, base, since, status) if status == 403 else (_again(sheet, typed, base), status)
        )


def _store(session: Session, name: str, draft: Draft, base: int, since: datetime | None, typed: Form) -> int:
    """The number of the new version; one that says what it began with restores that."""
    record = roster.named(session, name)
    who, now, reason = looking().who, g.now, typed["because"]
    old = next((one for one in record.versions if typed["restores"] == str(one.number) and one.draft == draft), None)
    if old:
        made = versions.restore(session, record, old.number, base=base, who=who, now=now, since=since, reason=reason)
    else:
        note = typed["note"]
        made = versions.publish(
            session, record, draft, base=base, who=who, now=now, since=since, note=note, reason=reason
        )
    return made.number


def _looked(sheet: Sheet, typed: Form, draft: Draft, base: int, since: datetime | None, status: int = 200) -> Answer:
    """The form with what it would do."""
    with database().reading() as session:
        seen = sighted(session)
        if request.form.get("do") == "over":
            base = seen.record.head.number
        try:
            look = _look(session, seen, draft, since)
        except counter.REFUSALS as error:
            status = typed.refuse(error)
            return _page(session, seen, sheet, typed, base), status
        return _page(session, seen, sheet, typed, base, look=look), status


def _again(sheet: Sheet, typed: Form, base: int, sides: Sides | None = None) -> str:
    with database().reading() as session:
        return _page(session, sighted(session), sheet, typed, base, sides=sides)


def _look(session: Session, seen: Sight, draft: Draft, since: datetime | None) -> Look:
    told = versions.preview(session, seen.record, draft, since, g.now)
    number = seen.record.head.number + 1
    edition = roster.edition(number, since or g.now, draft, roster.Calendars(session))
    after = roster.plan(session, seen.record).following(edition)
    weeks = []
    shown = period.week_of(wall(told.start, seen.zone).date(), seen.zone)
    for _ in range(WEEKS):
        weeks.append((shown, [sight.forecast(after, shown), *sight.planned(after, shown)]))
        shown = period.week_of(wall(shown.end, seen.zone).date(), seen.zone)
    return Look(told, weeks, shares.of_plan(session, after, told.start, weeks[-1][0].end))


def _sides(error: Conflict, draft: Draft) -> Sides:
    theirs = error.theirs
    base = error.base.draft if error.base else theirs.draft
    return Sides(theirs, differences(base, theirs.draft), differences(base, draft))


def _since(typed: Form) -> datetime | None:
    typed.short("note", f"The note has room for {LONGEST} characters.")
    typed.short("because", f"The reason has room for {LONGEST} characters.")
    return (
        typed.instant("since", "From when? A time such as 2026-11-30 08:30, or nothing for at once.")
        if typed["since"]
        else None
    )


def _page(
    session: Session,
    seen: Sight,
    sheet: Sheet,
    typed: Form,
    base: int,
    *,
    look: Look | None = None,
    sides: Sides | None = None,
) -> str:
    return page(
        "rota/edit.html",
        seen,
        sheet=sheet,
        typed=typed,
        base=base,
        look=look,
        sides=sides,
        able=crew.able(session),
        covers=COVERS,
        restores=request.values.get("version") or typed["restores"],
        managers=managers(session),
        columns=columns(rung=False),
        written=written,
        signed=signed,
    )
