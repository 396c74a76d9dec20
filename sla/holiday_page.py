"""The page of public holidays: the table, and what a change would do to charge lines before it is made."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from desk import typed
from desk.door.guard import looking, requires
from desk.staff import Role
from sla import charge_effect, holiday_effect, holidays
from sla.billing.desk import database
from sla.month import YEARS

if TYPE_CHECKING:
    from werkzeug import Response

holiday_table = Blueprint("holiday_table", __name__)
holiday_table.before_request(requires(Role.BILLING, Role.MANAGER))
LONGEST_NAME = 100
SHOWN = 50  # changes that are told one by one


@holiday_table.get("/billing/holidays")
def page() -> str:
    """A year's holidays."""
    return _page()


@holiday_table.post("/billing/holidays")
def change() -> str | tuple[str, int] | Response:
    """Say what a change would do; done once that is confirmed."""
    try:
        day, name = _day(), _name()
        if not request.form.get("sure"):
            return _page(asked=(day, name))
        database().write(lambda session: holidays.change(session, day, name, looking().who, g.now))
    except (ValueError, LookupError) as refusal:
        return _page(str(refusal)), 422
    return redirect(url_for("holiday_table.page", year=day.year, said="kept"), 303)


def _day() -> date:
    try:
        found = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise ValueError("a day is such as 2026-11-04") from None
    if found.year not in YEARS:
        raise ValueError(f"the table knows the years {YEARS[0]} to {YEARS[-1]}")
    return found


def _name() -> str | None:
    """What it is called; None to withdraw it."""
    if request.form.get("what") == "withdraw":
        return None
    name = typed.line(request.form.get("name", ""), LONGEST_NAME)
    if not name:
        raise ValueError("say what the day is called")
    return name


def _page(fault: str = "", asked: tuple[date, str | None] | None = None) -> str:
    with database().reading() as session:
        year = request.args.get("year", str(asked[0].year if asked else g.now.year))
        if not year.isdecimal() or len(year) > 4 or int(year) not in YEARS:
            abort(404)
        told = charge_effect.told(holiday_effect.changes(session, *asked, g.now)) if asked else []
        return render_template(
            "billing/holidays.html",
            year=int(year),
            days=holidays.of_year(session, int(year)),
            asked=asked,
            told=[*told[:-1][:SHOWN], *told[-1:]],
            more=max(0, len(told) - 1 - SHOWN),
            typed=request.form,
            fault=fault,
            said=request.args.get("said"),
        )
