"""What the pages of the rota share: which rota is asked for, who looks, and the words that every page says alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, make_response, render_template, request, url_for
from sqlalchemy import select

from desk import when
from desk.door.guard import looking
from desk.frame import written
from desk.staff import Role, Staff
from oncall import agreement, period, roster, sight
from oncall.face import faces
from oncall.form import sentence
from oncall.refusals import NotAllowed, TooLate
from oncall.shifts import ShiftId
from oncall.swap import State
from oncall.wall import wall

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from desk.db import Database
    from oncall.form import Form
    from oncall.period import Period
    from oncall.plan import Plan
    from oncall.sight import Sight
    from oncall.strip import Stretch

REFUSALS = (NotAllowed, TooLate, ValueError, LookupError)


def sighted(session: Session) -> Sight:
    """The rota that the address names, or the first one; 404 for one that is not there, and where there is none yet
    the page that says what to do first.
    """
    asked = request.values.get("rota", "")
    plans = board_plans(session)
    if not plans and not asked and request.method == "GET" and "." not in request.path:
        abort(make_response(empty_page()))
    if not plans or asked not in {"", *plans}:
        abort(404)
    return sight_of(session, asked or next(iter(plans)))


def sight_of(session: Session, name: str) -> Sight:
    """One rota, looked at now."""
    g.to_answer = _to_answer(session)
    return sight.Sight(roster.named(session, name), board_plans(session)[name], faces(session), g.now)


def _to_answer(session: Session) -> int:
    """How many requests wait for an answer of whoever looks."""
    staff = me(session)
    mine = agreement.concerning(session, staff, g.now, board_plans(session)) if staff else []
    asked = [one for one in mine if one.state == State.ASKED and one.owner_id != staff.id]  # type: ignore[union-attr]
    return sum(staff.id not in one.declined for one in asked)  # type: ignore[union-attr]


def board_plans(session: Session) -> dict[str, Plan]:
    """Every rota, as the call reads them."""
    return cast("dict[str, Plan]", current_app.extensions["exchange"].boards.current(session).rotas)


def rota_names(session: Session) -> list[str]:
    """What the rotas are called."""
    return list(board_plans(session))


def page(template: str, seen: Sight, **values: Any) -> str:
    """A page of one rota."""
    zone = seen.zone
    more = {
        "sight": seen,
        "face": seen.face,
        "here": zone,
        "clock": lambda at: f"{at.astimezone(ZoneInfo(zone)):%H:%M}",
        "say": lambda at: written(at, zone, g.now),
        "host_of": lambda url: urlsplit(url).hostname or "",
        "to_answer": g.get("to_answer", 0),
        "length": length,
        "sentence": sentence,
        "week_at": lambda at: period.week_of(wall(at, zone).date(), zone).address,
        "span_of": span_of,
        "holidays_of": lambda rows: {row.day.date: row.holiday for row in rows if row.holiday},
        "day_name": lambda day: f"{day:%a} {day.day} {day:%b}",
        "names": lambda keys: ", ".join(dict.fromkeys(seen.face(key).name for key in keys)),
        "change_of": lambda one: change_of(one, zone),
        "to": lambda endpoint, **parts: url_for(endpoint, rota=seen.name, **parts),
        "is_manager": looking().role == Role.MANAGER,
    }
    return render_template(template, **more | values)


def length(lasts: timedelta) -> str:
    """A duration as people write it: "33 h", "33 h 30", "45 min"."""
    minutes = round(lasts.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    words = f"{hours} h{f' {rest:02}' if rest else ''}" if hours else f"{rest} min"
    return f"−{words}" if minutes < 0 else words


def change_of(one: Stretch, zone: str) -> dict[str, str]:
    """What the form for a change begins with, to change this stretch."""
    times = {"from": _typed(one.start, zone), "to": _typed(one.end, zone)}
    if one.engineer is None:
        return times | {"kind": "add"}
    return times | {"kind": "replace", "instead_of": one.engineer, "lane": one.shift.rotation if one.shift else ""}


def _typed(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def span_of(shown: Period) -> str:
    """The days of a period, without saying a month twice."""
    first, last = shown.first, shown.last
    year = f" {last.year}" if last.year != g.now.year else ""
    if first.month == last.month:
        return f"{first.day}–{last.day} {last:%B}{year}"
    return f"{first.day} {first:%B} – {last.day} {last:%B}{year}"


def empty_page() -> str:
    """What is seen without any rota."""
    return render_template("rota/empty.html")


def colleague(session: Session, key: str) -> Staff | None:
    """Whoever works here under that key."""
    return session.scalars(select(Staff).where(Staff.key == key, Staff.active)).one_or_none()


def me(session: Session) -> Staff | None:
    """Whoever is looking, if they have an account."""
    number = looking().staff_id
    return session.get(Staff, number) if number else None


def answering(session: Session) -> Staff | None:
    """Who answers a request, or for whom a manager does."""
    return colleague(session, request.form.get("colleague", "")) or me(session)


def shift_id(form: Form, lane: str = "lane", start: str = "start") -> ShiftId:
    """The planned shift that an address names; 404 for what is no such name."""
    try:
        return ShiftId(form[lane], when.instant(form[start], "UTC"))
    except ValueError:
        abort(404)


def database() -> Database:
    """Where everything is kept."""
    return cast("Database", current_app.extensions["database"])
