"""The page of duty: a month's facts for payroll, the files to take away, and the rules of call-outs."""

from __future__ import annotations

from datetime import time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, g, redirect, request, send_file, url_for

from desk.door.guard import EVERYBODY, looking, requires
from desk.staff import Role
from oncall import counter, duty_files, duty_month, duty_rules, period
from oncall.agreed import Rules
from oncall.counter import database, page, sighted
from oncall.form import LONGEST, Form

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from oncall.duty import Month
    from oncall.period import Period

duties = Blueprint("duties", __name__)
duties.before_request(requires(*EVERYBODY))
FIELDS = ("since", "minimum", "merge", "night_from", "night_to", "note")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = str | tuple[str, int]


@duties.get("/rota/duty")
def month() -> str:
    """A month: totals, how the layers add up, and every fact behind them."""
    with database().reading() as session:
        return _page(session, Form(""))


@duties.get("/rota/duty.<any(csv, xlsx):kind>")
def file(kind: str) -> Response:
    """The same as a file."""
    with database().reading() as session:
        found = _mine(session, _month(session, _period(session)))
    data = duty_files.as_xlsx(found) if kind == "xlsx" else duty_files.as_csv(found).encode()
    mimetype = XLSX if kind == "xlsx" else "text/csv"
    return send_file(BytesIO(data), mimetype, as_attachment=True, download_name=f"duty-{found.name}.{kind}")


@duties.post("/rota/duty/rules")
def agree() -> Answer | Response:
    """Let rules be in force from a day on; managers only."""
    if looking().role != Role.MANAGER:
        abort(403)
    typed = Form("")
    rules, status = _rules(typed), 422
    if rules and not typed.faults:
        try:
            database().write(lambda session: _agree(session, rules, typed["note"]))
            return redirect(url_for("duties.month", rota=typed["rota"] or None, said="agreed"), 303)
        except counter.REFUSALS as error:
            status = typed.refuse(error, "since")
    with database().reading() as session:
        return _page(session, typed), status


def _agree(session: Session, rules: Rules, note: str) -> None:
    zone = duty_month.calendar(session).zone
    duty_rules.agree(session, rules, zone, looking().who, g.now, note)


def _page(session: Session, typed: Form) -> str:
    seen, shown = sighted(session), _period(session)
    found = _mine(session, _month(session, shown))
    return page(
        "rota/duty.html",
        seen,
        month=found,
        period=shown,
        around=period.around(shown, period.month_of),
        here=shown.zone,
        typed=typed,
        fields=FIELDS,
        stored=duty_rules.stored(session),
        now_rules=found.pay.agreement.at(g.now),
        wall=ZoneInfo(shown.zone),
        measured=found.pay.measure,
        sees_all=looking().role != Role.ENGINEER,
        said=request.args.get("said"),
    )


def _period(session: Session) -> Period:
    zone = duty_month.calendar(session).zone
    try:
        return period.month(request.args.get("month", ""), zone, g.now)
    except ValueError:
        abort(404)


def _month(session: Session, shown: Period) -> Month:
    return duty_month.read(session, shown, g.now)


def _mine(session: Session, found: Month) -> Month:
    """What whoever looks may see of it: an engineer their own rows."""
    if looking().role != Role.ENGINEER:
        return found
    staff = counter.me(session)
    return found.only(staff.key if staff else "")


def _rules(typed: Form) -> Rules | None:
    since = typed.day("since", "From which day on? A date such as 2026-12-01.")
    minimum = _minutes(typed, "minimum")
    merge = _minutes(typed, "merge")
    night = _clock(typed, "night_from"), _clock(typed, "night_to")
    typed.short("note", f"The note has room for {LONGEST} characters.")
    if typed.faults or since is None:
        return None
    try:
        return Rules(since, minimum, merge, typed["one_block"] != "no", night)
    except ValueError as error:
        typed.refuse(error, "night_from")
        return None


def _minutes(typed: Form, name: str) -> timedelta:
    text = typed[name] or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= 24 * 60):
        typed.faults[name] = "A number of minutes, from 0 to 1440."
        return timedelta(0)
    return timedelta(minutes=int(text))


def _clock(typed: Form, name: str) -> time:
    found = typed.clock(name, "A time of day is such as 18:00.")
    return found.replace(second=0, microsecond=0) if found else time()
