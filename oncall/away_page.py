"""The page of leave: who is away when, taking leave and withdrawing it, and the calendars that tell it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, abort, g, redirect, request, url_for

from desk.door.guard import looking, requires, with_account
from desk.staff import Role
from oncall import allowed, counter, cover, crew, leave, leave_calendars, leave_import
from oncall.counter import database, page, sighted
from oncall.form import LONGEST, Form
from oncall.leave import KINDS, Leave
from oncall.leave_calendars import LeaveCalendar
from oncall.wall import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.staff import Staff
    from oncall.leave_import import Away
    from oncall.sight import Sight

Told = TypeVar("Told")
Row = TypeVar("Row", Leave, LeaveCalendar)
away = Blueprint("away", __name__)
away.before_request(requires(Role.ENGINEER, Role.MANAGER))
FIELDS = ("engineer", "first", "last", "from", "to", "kind", "reason", "file", "url")
FILE = "file"  # the source of what a file said
MOST_CALENDARS = 5
Answer = str | tuple[str, int]


@away.get("/rota/leave")
def leave_page() -> str:
    """Who is away, and the form to be away."""
    with database().reading() as session:
        seen = sighted(session)
        return _page(session, seen, Form(seen.zone))


@away.post("/rota/leave")
def take() -> Answer | Response:
    """Be away; shifts in that time ask for cover."""
    with database().reading() as session:
        seen = sighted(session)
        name, typed = seen.name, Form(seen.zone)
    starts, ends = _times(typed)
    typed.short("reason", f"The reason has room for {LONGEST} characters.")
    status = 422
    if starts and ends and not typed.faults:
        try:
            database().write(lambda session: _take(session, typed, starts, ends))
            return redirect(url_for("away.leave_page", rota=name, said="taken"), 303)
        except counter.REFUSALS as error:
            status = typed.refuse(error)
    with database().reading() as session:
        return _page(session, sighted(session), typed), status


@away.post("/rota/leave/<int:number>/withdrawal")
def withdraw(number: int) -> Answer | Response:
    """Be there after all; twice is once."""
    try:
        database().write(lambda session: _withdraw(session, number))
    except counter.REFUSALS as error:
        with database().reading() as session:
            seen = sighted(session)
            typed = Form(seen.zone)
            status = typed.refuse(error)
            return _page(session, seen, typed), status
    return redirect(url_for("away.leave_page", rota=request.form.get("rota"), said="withdrawn"), 303)


@away.post("/rota/leave/file")
def read_file() -> Answer | Response:
    """Take over the leave in an iCalendar file; it stands for what an earlier file said."""
    file = request.files.get("file")
    text = file.stream.read() if file else b""
    return _told_elsewhere(_keep, "file", lambda zone: _leave_in(text, zone))


@away.post("/rota/leave/calendars")
def subscribe() -> Answer | Response:
    """Read leave from the address of a calendar from now on."""
    with_account()  # whoever passes by in a demonstration has nothing fetched
    address = request.form.get("url", "").strip()
    return _told_elsewhere(_subscribe, "url", lambda _: address)


@away.post("/rota/leave/calendars/<int:number>/removal")
def remove(number: int) -> Answer | Response:
    """Read that calendar no more."""
    return _told_elsewhere(_remove, "url", lambda _: number)


def _told_elsewhere(
    work: Callable[[Session, Staff, Told], str], field: str, read: Callable[[str], Told]
) -> Answer | Response:
    """Do this with one's own leave; a manager's choice of a colleague counts, too.

    What it says is read first, in the zone of the rota: no transaction waits for that.
    """
    with database().reading() as session:
        seen = sighted(session)
        name, typed = seen.name, Form(seen.zone)

    try:
        told = read(typed.zone)
        said = database().write(lambda session: work(session, _whose(session, typed), told))
        return redirect(url_for("away.leave_page", rota=name, said=said), 303)
    except counter.REFUSALS as error:
        status = typed.refuse(error, field)
    with database().reading() as session:
        return _page(session, sighted(session), typed), status


def _leave_in(text: bytes, zone: str) -> list[Away]:
    if not text:
        raise ValueError("choose a file that your calendar program has exported (.ics)")
    return leave_import.leave_in(text, zone, g.now)


def _keep(session: Session, staff: Staff, found: list[Away]) -> str:
    done = leave_import.take_over(session, staff, found, FILE, looking().who, g.now)
    return f"read-{done.added}-{done.changed}-{done.gone}"


def _subscribe(session: Session, staff: Staff, address: str) -> str:
    known = [one.url for one in leave_calendars.of(session, staff)]
    if len(known) >= MOST_CALENDARS:
        raise ValueError(f"{MOST_CALENDARS} calendars are enough; remove one first")
    if address not in known:  # who sends the form twice subscribes once
        leave_calendars.subscribe(session, staff, address, looking().who, g.now)
    return "subscribed"


def _remove(session: Session, _: Staff, number: int) -> str:
    row = _theirs(session, LeaveCalendar, number)
    if row.removed_at is None:
        leave_calendars.remove(session, row, looking().who, g.now)
    return "removed"


def _page(session: Session, seen: Sight, typed: Form) -> str:
    me = counter.me(session)
    coming = leave.coming(session, g.now)
    mine = [one for one in coming if me and one.staff_id == me.id]
    return page(
        "rota/leave.html",
        seen,
        typed=typed,
        fields=FIELDS,
        mine=mine,
        others=[one for one in coming if one not in mine],
        myself=me,
        able=crew.able(session),
        kinds=KINDS,
        said=request.args.get("said", "").split("-"),
        calendars=leave_calendars.of(session, me) if me else [],
    )


def _times(typed: Form) -> tuple[datetime | None, datetime | None]:
    """From the first day to the end of the last, or the times of day that are named."""
    first = typed.day("first", "From which day? A date such as 2026-12-14.")
    last = typed.day("last", "To which day? A date such as 2026-12-18.") if typed["last"] else first
    begins, ends = (
        typed.clock(name, "A time of day is such as 08:30.") if typed[name] else None for name in ("from", "to")
    )
    if not (first and last) or typed.faults:
        return None, None
    # Without a time of day the last day is away as a whole.
    until = datetime.combine(last, ends) if ends else datetime.combine(last + timedelta(days=1), time())
    return instant(datetime.combine(first, begins or time()), typed.zone), instant(until, typed.zone)


def _whose(session: Session, typed: Form) -> Staff:
    """Whose leave it is: one's own, or that of the colleague whom a manager has chosen."""
    staff = counter.colleague(session, typed["engineer"]) if typed["engineer"] else counter.me(session)
    if staff is None:
        raise LookupError("choose who is away")
    allowed.only_for(session, looking().who, staff)
    return staff


def _take(session: Session, typed: Form, starts: datetime, ends: datetime) -> None:
    staff, who = _whose(session, typed), looking().who
    same = (one for one in leave.coming(session, g.now, staff) if (one.starts, one.ends) == (starts, ends))
    if next(same, None) is None:  # who sends the form twice is away once
        leave.take(session, staff, starts, ends, typed["kind"], typed["reason"], who, g.now)
        session.flush()
        cover.keep_true(session, g.now)  # the page that comes next shows what needs somebody, worker or none


def _withdraw(session: Session, number: int) -> None:
    row = _theirs(session, Leave, number)
    if row.withdrawn_at is None:
        leave.withdraw(session, row, looking().who, g.now)


def _theirs(session: Session, kind: type[Row], number: int) -> Row:
    """What of that kind is their own, or anybody's for a manager; 404 for what is a colleague's, as for what is not."""
    row, who = session.get(kind, number), looking()
    if row is None or (row.staff_id != who.staff_id and who.role != Role.MANAGER):
        abort(404)
    return row
