"""The pages' frame and the first of them, Today; headers of everything that is not spoken."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, g, render_template, request

from desk import checklist, numbers
from desk.door import browser
from desk.door.guard import EVERYBODY, looking, may, requires, visitor
from desk.frame import lately, of_day, roughly, soon, translate, written
from desk.staff import Role
from desk.today import shown
from ivr import live
from ivr.outlook import outlook
from sla.phrases import duration
from tickets import reference

if TYPE_CHECKING:
    from flask import Response
    from flask.blueprints import BlueprintSetupState

    from desk.db import Database
    from desk.settings import Settings
    from ivr.outlook import Outlook
    from ivr.switchboard import Switchboard

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
MAY_BE_KEPT = ("static", "feed.calendar", "prompt_sounds.play")  # these say themselves for how long
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}

pages = Blueprint("pages", __name__)
pages.before_request(requires(*EVERYBODY))


@pages.get("/")
def today() -> str:
    """What goes on and needs action, each line as it stands now and who rings, the newest tickets, and the figures."""
    with _database().reading() as session:
        lines, zone = _standings(), _zone()
        managing = looking().role == Role.MANAGER
        steps = checklist.steps(session, _settings(), lines, g.now) if managing else {}
        seen = shown(session, zone, g.now, managing=managing)
        return render_template("today.html", lines=lines, zone=zone, mark=live.mark, steps=steps, **seen)


@pages.get("/live")
def going_on() -> str | tuple[str, int]:
    """The calls that go on, as Today asks for them anew; 204 where they are as it last heard (`mark`)."""
    with _database().reading() as session:
        calls = live.calls(session, g.now)
        if request.args.get("mark") == live.mark(calls):
            return "", HTTPStatus.NO_CONTENT
        return render_template("live.html", live=calls, zone=_zone(), mark=live.mark)


@pages.record_once
def _prepare(state: BlueprintSetupState) -> None:
    translate(state.app)


@pages.app_context_processor
def _frame() -> dict[str, Any]:
    """What the frame and the macros of every page may ask for."""
    return {
        "is_demo": _settings().demo,
        "public_url": _settings().public_url,
        "visitor": visitor,
        "may": may,
        "form_token": browser.form_token,
        "standings": _standings,
        "zone": _zone,
        "written": lambda at, zone: written(at, zone, g.now),
        "soon": lambda at, zone: soon(at, zone, g.now),
        "lately": lambda at, zone: lately(at, zone, g.now),
        "of_day": lambda day: of_day(day, _zone(), g.now),
        "roughly": roughly,
        "lasting": lambda seconds: duration(timedelta(seconds=seconds)),
        "printed": reference.printed,
        "shown": numbers.shown,
    }


@pages.after_app_request
def _dress(response: Response) -> Response:
    """Give every answer but the spoken ones its headers."""
    if request.path.startswith("/voice/"):
        return response
    for name, value in (HEADERS | (TLS_ONLY if _settings().is_https else {})).items():
        response.headers.setdefault(name, value)  # a download may be sealed more tightly
    # A refusal may be a page that names its visitor.
    if request.endpoint not in MAY_BE_KEPT or response.status_code >= 400 or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return browser.give_cookies(response)


def _standings() -> list[Outlook]:
    """Every line as it stands now: the badge, the footer and Today read the same."""
    if "standings" not in g:
        with _database().reading() as session:
            board = cast("Switchboard", current_app.extensions["exchange"].boards.current(session))
        g.standings = [outlook(board, line, g.now) for line in board.lines.values()]
    return cast("list[Outlook]", g.standings)


def _zone() -> str:
    """Of the first line; pages that are about no line tell their times in it."""
    return next((standing.line.zone for standing in _standings()), "UTC")


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
