"""The page of the office hours: when callers hear that we are open, and what a change does before it is published.

Every button asks for a change and shows what it would do; only the second press, which names the state that was
looked at, makes it. Did somebody change the hours meanwhile, it is shown again with what is so now.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk import when
from desk.audit import Entry, What, tell
from desk.door.guard import looking, requires
from desk.setup.written import DAYS
from desk.staff import Role
from ivr import hours_sight
from ivr.hours_form import Asking, Unreadable, written
from sla import holidays, hours_change
from sla.calendar import OutsideTable
from sla.hours import BusinessHours, Closure

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from ivr.switchboard import Switchboard

office_hours = Blueprint("office_hours", __name__)
office_hours.before_request(requires(Role.MANAGER))
KINDS = (What.LINE_FORCED, What.HOURS_PUBLISHED, What.HOURS_TAKEN_BACK, What.OFFICE_CLOSED, What.CLOSURE_ENDED)
NEWS = 5
Answer = str | tuple[str, int]


class Overtaken(Exception):
    """The hours are not any more as whoever decides has seen them."""


@office_hours.get("/settings/hours")
def page() -> str:
    """The hours as they are, and the forms to change them."""
    with _database().reading() as session:
        hours = _hours(session)
        return _page(session, hours) if hours else render_template("settings/no_hours.html")


@office_hours.post("/settings/hours")
def change() -> Answer | Response:
    """Say what a change would do; make it once that is confirmed."""
    with _database().reading() as session:
        hours = _hours(session) or abort(404)
        try:
            wanted = _asking(hours).wanted()
            look = hours_sight.look(session, _board(session), hours, wanted, g.now)
        except (ValueError, LookupError) as error:
            return _page(session, hours, fault=error), 422
        if not request.form.get("sure"):
            return _page(session, hours, look=look)
        number = hours.id
    try:
        _database().write(lambda session: _make(session, number))
    except Overtaken:
        return _overtaken(number)
    return redirect(url_for("office_hours.page", hours=number, said=request.form["verb"]), 303)


def _overtaken(number: int) -> Answer:
    """Both sides: who changed the hours meanwhile, and what the same change would do now."""
    with _database().reading() as session:
        hours = hours_sight.stored(session, number) or abort(404)
        try:
            look = hours_sight.look(session, _board(session), hours, _asking(hours).wanted(), g.now)
        except (ValueError, LookupError) as error:
            return _page(session, hours, fault=error), 409
        return _page(session, hours, look=look, overtaken=True), 409


def _make(session: Session, number: int) -> None:
    locked = select(BusinessHours).where(BusinessHours.id == number).with_for_update()
    hours = session.scalars(locked).one()
    if request.form.get("seen") != hours_change.stamp(hours):
        raise Overtaken
    wanted = _asking(hours).wanted()
    made, who = wanted.does(hours), looking().who
    session.flush()
    for said in hours_sight.says(wanted, hours, _board(session), g.now):
        said.who, said.closure_id = who.name, made.id if isinstance(made, Closure) else None
        session.add(said)
        tell(session, who, What.ANNOUNCED, hours.name, g.now, **said.texts)
    for gone in hours_sight.gone_with(session, wanted):
        if not gone.is_over(g.now):
            gone.end(g.now, who.name)
            tell(session, who, What.ANNOUNCEMENT_ENDED, hours.name, g.now, **gone.texts)
    tell(session, who, wanted.what, wanted.about, g.now, **wanted.detail)


def _asking(hours: BusinessHours) -> Asking:
    return Asking(hours, request.form, g.now, looking().name)


def _page(
    session: Session,
    hours: BusinessHours,
    *,
    look: hours_sight.Look | None = None,
    fault: Exception | None = None,
    overtaken: bool = False,
) -> str:
    table, board = holidays.in_force(session), _board(session)
    first = hours_change.today(hours, g.now)
    return render_template(
        "settings/hours.html",
        hours=hours,
        all_hours=session.scalars(select(BusinessHours).order_by(BusinessHours.id)).all(),
        lines=[line for line in board.lines.values() if line.hours_id == hours.id],
        zone=hours.zone,
        week=written(hours_change.week_on(hours, first)),
        day_names=[day.title() for day in DAYS],
        written_week=written,
        switch=hours_change.thrown(hours, g.now),
        closures=hours_change.to_come(hours, g.now),
        coming=[one for one in hours.later if one.since > first],
        days=list(hours_sight.days(hours, table, first)),
        holidays=hours_sight.holidays_to_come(table, first),
        heard=_heard(board, hours),
        at=request.args.get("at", ""),
        tomorrow=first + timedelta(days=1),
        clock=lambda at: f"{at.astimezone(ZoneInfo(hours.zone)):%H:%M}",
        local=lambda at: f"{at.astimezone(ZoneInfo(hours.zone)):%Y-%m-%dT%H:%M}",
        look=look,
        typed=request.form,
        fault=fault,
        field=fault.field if isinstance(fault, Unreadable) else "",
        overtaken=overtaken,
        says_more=any(words for name, words in request.form.items() if name.startswith("say")),
        news=_news(session),
        said=request.args.get("said"),
    )


def _heard(board: Switchboard, hours: BusinessHours) -> list[hours_sight.Hearing]:
    """What is heard now, or at the time that the address names."""
    try:
        at: datetime = when.instant(request.args["at"], hours.zone) if request.args.get("at") else g.now
        return list(hours_sight.hearings(board, hours, [at.astimezone(UTC)]))
    except (ValueError, OutsideTable):
        return []


def _news(session: Session) -> list[Entry]:
    query = select(Entry).where(Entry.what.in_(KINDS)).order_by(Entry.id.desc()).limit(NEWS)
    return list(session.scalars(query))


def _hours(session: Session) -> BusinessHours | None:
    """Those that were asked for, or the company's own; none where nothing is set up, and 404 for what there is not."""
    number = request.values.get("hours", "0")
    if not number.isdecimal() or len(number) > 9:
        abort(404)
    return hours_sight.stored(session, int(number)) or (abort(404) if int(number) else None)


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
