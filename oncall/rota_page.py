"""The pages on which everybody sees the rota: a week, a month, who is who, and how the rota came to be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, abort, g, request
from sqlalchemy import select

from desk.door.guard import EVERYBODY, looking, requires
from desk.staff import Role, Staff
from oncall import changes, counter, crew, period, readiness, sight, versions
from oncall.counter import database, page, sighted
from oncall.differences import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.period import Period
    from oncall.roster import RotaRecord, Version
    from oncall.sight import Sight

rota = Blueprint("rota", __name__)
rota.before_request(requires(*EVERYBODY))
RECENT = timedelta(days=90)  # so far back changes are listed
AT_ONCE = 20  # versions on a page


class Edit(NamedTuple):
    """One version, what it says otherwise than the one before, and whether it is in force or never will be."""

    version: Version
    said: Sequence[str]
    is_in_force: bool
    is_superseded: bool


@rota.get("/rota")
def week() -> str:
    """A week: who really rings, the plan behind it, and what was changed."""
    with database().reading() as session:
        seen = _seen(session)
        if seen is None:
            return counter.empty_page()
        shown = _period(period.week, "week", seen)
        return page(
            "rota/week.html",
            seen,
            period=shown,
            around=period.around(shown, period.week_of),
            lanes=sight.lanes(session, seen, shown),
            days=sight.days(session, seen, shown),
            as_list=request.args.get("view") == "list",
            **_now(session, seen) | _mine(session),
        )


@rota.get("/rota/day")
def day() -> str:
    """A day, hour by hour: who really rings, the plan behind it, and what was changed."""
    with database().reading() as session:
        seen = sighted(session)
        shown = _period(period.day, "day", seen)
        return page(
            "rota/day.html",
            seen,
            period=shown,
            around=period.around(shown, period.day_of),
            lanes=sight.lanes(session, seen, shown),
            days=sight.days(session, seen, shown),
            rotas=counter.rota_names(session),
            **_mine(session),
        )


@rota.get("/rota/month")
def month() -> str:
    """A month: who rings first on every day."""
    with database().reading() as session:
        seen = sighted(session)
        shown = _period(period.month, "month", seen)
        rows = {row.day.date: row for row in sight.days(session, seen, shown)}
        return page(
            "rota/month.html",
            seen,
            period=shown,
            around=period.around(shown, period.month_of),
            weeks=period.weeks_of(shown.days),
            rows=rows,
            week_of=lambda day: period.week_of(day, seen.zone).address,
            **_mine(session),
            known=sorted({one.engineer for row in rows.values() for one in row.stretches if one.engineer}),
        )


@rota.get("/rota/people")
def people() -> str:
    """Who is who: who rings now, and how to reach everybody."""
    with database().reading() as session:
        seen = sighted(session)
        known = crew.crew(session, g.now, g.now + timedelta(minutes=1))
        colleagues = session.scalars(select(Staff).where(Staff.active).order_by(Staff.name)).all()
        posts = {post.engineer: post for post in sight.posts(seen)}
        colleagues = sorted(colleagues, key=lambda one: posts[one.key].place if one.key in posts else len(posts))
        return page(
            "rota/people.html",
            seen,
            colleagues=colleagues,
            posts=posts,
            known=known,
            sees_numbers=looking().role in (Role.ENGINEER, Role.MANAGER),
        )


@rota.get("/rota/history")
def history() -> str:
    """The versions of the rota, the newest first, some at a time, and the changes of the last months."""
    with database().reading() as session:
        seen = sighted(session)
        since = g.now - RECENT
        head = seen.record.head.number
        shown = min(request.args.get("before", head + 1, type=int), head + 1)
        if shown <= 1:
            abort(404)
        return page(
            "rota/history.html",
            seen,
            edits=_edits(seen.record, seen, g.now, shown),
            head=head,
            older=shown - AT_ONCE if shown - AT_ONCE > 1 else None,
            newer=shown + AT_ONCE if shown <= head else None,
            changes=list(reversed(changes.of(session, seen.record, since, g.now + 4 * RECENT))),
            days=RECENT.days,
            said=request.args.get("said", type=int),
        )


def _edits(record: RotaRecord, seen: Sight, now: datetime, before: int) -> list[Edit]:
    """The versions whose numbers lie below `before`, so many as a page has."""
    current, gone = versions.in_force(record, now), set(seen.plan.superseded)
    numbers = range(max(before - AT_ONCE, 1), before)
    pairs = [pair for pair in zip([None, *record.versions], record.versions, strict=False) if pair[1].number in numbers]
    return [
        Edit(
            one,
            differences(old.draft, one.draft) if old else [],
            one.number == current.number,
            one.number in gone,
        )
        for old, one in reversed(pairs)
    ]


def _now(session: Session, seen: Sight) -> dict[str, object]:
    """What is so at this moment, whatever week is shown."""
    found = readiness.hazards(session, seen.plan, g.now, g.now + sight.AHEAD)
    return {
        "posts": sight.posts(seen),
        "next_change": sight.next_change(seen),
        "gaps": sight.gaps_ahead(seen),
        "hazards": [one for one in found if one.kind != "gap"],
        "rotas": counter.rota_names(session),
    }


def _seen(session: Session) -> Sight | None:
    return sighted(session) if counter.rota_names(session) else None


def _my_key(session: Session) -> str | None:
    staff = counter.me(session)
    return staff.key if staff else None


def _mine(session: Session) -> dict[str, str | bool | None]:
    """Who is looking, and whether they want to see their own shifts alone; an address says so, without a script."""
    mine = _my_key(session)
    return {"mine": mine, "only_mine": bool(mine) and request.args.get("mine") == "1"}


def _period(read: Callable[[str, str, datetime], Period], name: str, seen: Sight) -> Period:
    try:
        return read(request.args.get(name, ""), seen.zone, g.now)
    except ValueError:
        abort(404)
