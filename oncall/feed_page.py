"""The doors of calendars: where a calendar program fetches one, and the page on which people make such addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for

from desk import audit
from desk.audit import What
from desk.door import browser
from desk.door.guard import EVERYBODY, looking, requires, with_account
from desk.door.keys import SHAPE
from desk.door.throttle import Throttle
from desk.staff import Role
from oncall import counter, feed, ical, subscriptions
from oncall.subscriptions import Feed, Subscription

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response as Answer

    from desk.db import Database
    from ivr.switchboard import Switchboard
    from oncall.ical import Entry

QUARTER = timedelta(minutes=15)

fetched = Blueprint("feed", __name__)
calendars = Blueprint("calendars", __name__)
calendars.before_request(requires(*EVERYBODY))


@dataclass(frozen=True)
class Limits:
    """Calendar programs ask once an hour or a day; these hold off whoever asks without end."""

    looks: Throttle = field(default_factory=lambda: Throttle(60, QUARTER))  # of one address of a calendar
    misses: Throttle = field(default_factory=lambda: Throttle(30, QUARTER))  # from one place


@fetched.get("/feed/<secret>.ics")
def calendar(secret: str) -> Response:
    """A calendar, for whoever knows its address; a 304 while it is the one that they have."""
    limits = cast("Limits", current_app.extensions["calendar_limits"])
    with _database().reading() as session:
        found = subscriptions.opened(session, secret) if SHAPE.fullmatch(secret) else None
        wait = limits.looks.wait(str(found.id), g.now) if found else limits.misses.wait(browser.place(), g.now)
        if wait:
            return Response("Too many requests.\n", 429, {"Retry-After": f"{wait.total_seconds():.0f}"})
        if found is None:
            abort(404)
        title, entries = _told(session, found)
        return _given(title, found.feed, entries)


def _given(title: str, name: str, entries: list[Entry]) -> Response:
    answer = Response(mimetype="text/calendar")
    answer.set_etag(feed.tag(title, entries))
    # Asked about every time, for a swap of an hour ago matters; nobody between us and its owner keeps it.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    # Compared weakly (RFC 9110, 13.1.2): a proxy that compresses has made the mark a weak one.
    if request.if_none_match.contains_weak(answer.get_etag()[0] or ""):
        answer.status_code = 304
        return answer
    answer.set_data(ical.written(title, current_app.extensions["settings"].public_url, name, entries, g.now))
    return answer


def _told(session: Session, subscription: Subscription) -> tuple[str, list[Entry]]:
    """What the calendar is called, and its events."""
    if subscription.feed == Feed.HOLIDAYS:
        return "Public holidays", feed.holidays(session, *feed.sight(g.now))
    board = _board(session)
    shows = feed.read(session, board.rotas, *feed.sight(g.now))
    if subscription.feed == Feed.TEAM:
        company = next((line.company for line in board.lines.values()), "all")
        return f"On call: {company}", feed.entries(session, shows, g.now, lambda show: show.team)
    mine = [show for show in shows if show.engineer == subscription.staff.key]
    return f"On call: {subscription.staff.name}", feed.entries(session, mine, g.now, lambda show: show.mine)


@calendars.get("/calendars")
def page() -> str:
    """One's own addresses of calendars, and for a manager everybody's."""
    with _database().reading() as session:
        return _page(session)


@calendars.post("/calendars")
def make() -> str | tuple[str, int]:
    """Make an address; it is shown this once, and the one before opens nothing any more."""
    who, staff_id = with_account()
    chosen = request.form.get("feed", "")
    with _database().writing() as session:
        if chosen not in list(Feed):
            return _page(session, fault=True), 422
        secret = subscriptions.make(session, staff_id, Feed(chosen), g.now)
        audit.tell(session, who.who, What.CALENDAR_MADE, who.name, g.now, calendar=chosen)
        return _page(session, secret=secret, made=chosen)


@calendars.post("/calendars/<int:number>/revocation")
def revoke(number: int) -> Answer:
    """Let an address open nothing any more: one's own, or as a manager anybody's."""
    who, staff_id = with_account()
    with _database().writing() as session:
        found = session.get(Subscription, number)
        if found is None or (found.staff_id != staff_id and who.role != Role.MANAGER):
            abort(404)
        if subscriptions.revoke(session, number, g.now):
            audit.tell(session, who.who, What.CALENDAR_REVOKED, found.staff.name, g.now, calendar=found.feed)
    return redirect(url_for("calendars.page", said="calendar"), 303)


def _page(session: Session, **values: Any) -> str:
    who = looking()
    living = subscriptions.living(session)
    others = [one for one in living if one.staff_id != who.staff_id] if who.role == Role.MANAGER else []
    mine = {one.feed: one for one in living if one.staff_id == who.staff_id}
    values |= {"feeds": list(Feed), "mine": mine, "others": others}
    # Public holidays can be subscribed to where no rota is set up yet.
    if not counter.rota_names(session):
        return render_template("calendars.html", **values)
    return counter.page("calendars.html", counter.sighted(session), **values)


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
