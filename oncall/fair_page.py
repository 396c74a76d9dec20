"""The page of fair share: who did how much beside their own share of it, the rows behind a number, and the table."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, g, request

from desk.door.guard import EVERYBODY, requires
from desk.staff import names
from oncall import counter, period, shares
from oncall.counter import database, page, sighted
from oncall.fairness import signed, written
from oncall.measures import Measure, columns
from oncall.reach import addresses, reach

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oncall.reach import Reach
    from oncall.shares import Shares
    from oncall.sight import Sight

fair = Blueprint("fair", __name__)
fair.before_request(requires(*EVERYBODY))


@fair.get("/rota/fair-share")
def table() -> str:
    """Everybody's counts in a window; or, of whom the address names, the shifts and calls behind theirs."""
    with database().reading() as session:
        if not counter.rota_names(session):
            return counter.empty_page()
        seen = sighted(session)
        asked, told = _counted(session, seen)
        who = request.args.get("who", "")
        if who and who not in seen.faces:
            abort(404)
        return page(
            "rota/served.html" if who else "rota/fair.html",
            seen,
            who=who,
            asked=asked,
            told=told,
            behind=(Measure.HOURS, Measure.NIGHTS, Measure.WEEKENDS, Measure.HOLIDAYS),
            columns=columns(rung=told.start < g.now),
            windows=addresses(seen.zone, g.now),
            around=_around(seen, asked),
            month_name=lambda address: f"{date.fromisoformat(f'{address}-01'):%B %Y}",
            written=written,
            signed=signed,
            rotas=counter.rota_names(session),
        )


@fair.get("/rota/fair-share.csv")
def as_csv() -> Response:
    """The same as a table for a spreadsheet."""
    with database().reading() as session:
        seen = sighted(session)
        asked, told = _counted(session, seen)
        answer = Response(shares.sheet(told, names(session)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"fair-share-{asked.address}.csv")
    return answer


def _counted(session: Session, seen: Sight) -> tuple[Reach, Shares]:
    try:
        asked = reach(request.args.get("window", ""), seen.zone, g.now)
    except ValueError:
        abort(404)
    return asked, shares.of(session, seen.record, seen.plan, asked.start, asked.end, g.now)


def _around(seen: Sight, asked: Reach) -> tuple[str | None, ...]:
    """The months before and after, if a month is looked at; None where no rota is looked at any more."""
    if not period.MONTH.fullmatch(asked.address):
        return ()
    return period.around(period.month(asked.address, seen.zone, g.now), period.month_of)
