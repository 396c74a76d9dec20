"""The pages' frame and the first of them, Today; headers of everything that is not spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, g, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from desk import numbers
from desk.door import browser
from desk.door.guard import EVERYBODY, looking, may, requires, visitor
from desk.frame import lately, soon, translate, written
from desk.staff import Role
from ivr.outlook import outlook
from sla import queue, watch
from sla.overtime import State
from sla.worklog import Work
from tickets import reference, task
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from flask.blueprints import BlueprintSetupState
    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.settings import Settings
    from ivr.outlook import Outlook
    from ivr.switchboard import Switchboard

NEWEST = 20
PRESSING = 5
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
MAY_BE_KEPT = ("static", "feed.calendar")  # these say themselves for how long
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}

pages = Blueprint("pages", __name__)
pages.before_request(requires(*EVERYBODY))


@pages.get("/")
def today() -> str:
    """What needs action, what callers wait for, each line as it stands now and who rings, and the newest tickets."""
    with _database().reading() as session:
        tickets, to_do = _newest(session), session.scalars(task.pressing(PRESSING)).all()
        return render_template(
            "today.html",
            lines=_standings(),
            urgent=queue.page(session, g.now, queue.needs_action(g.now), size=PRESSING),
            waiting=queue.counts(session, g.now)[queue.Rank.WAITING],
            findings=watch.findings(session, g.now) if looking().role == Role.MANAGER else [],
            to_do=to_do,
            tasks=task.of_all(session, [ticket.id for ticket in to_do]),
            tasks_in=task.count(session),
            tickets=tickets,
            verdicts=_verdicts(session, tickets),
        )


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
        "zone": lambda: next((standing.line.zone for standing in _standings()), "UTC"),
        "written": lambda at, zone: written(at, zone, g.now),
        "soon": lambda at, zone: soon(at, zone, g.now),
        "lately": lambda at, zone: lately(at, zone, g.now),
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


def _newest(session: Session) -> list[Ticket]:
    newest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(NEWEST)
    return list(session.scalars(newest.options(joinedload(Ticket.customer), joinedload(Ticket.owner))))


def _verdicts(session: Session, tickets: Iterable[Ticket]) -> dict[int, State]:
    """The weightiest verdict on each ticket's work; nothing for one that nobody has worked on."""
    work = session.execute(select(Work.ticket_id, Work.state).where(Work.ticket_id.in_([one.id for one in tickets])))
    verdicts: dict[int, State] = {}
    for ticket_id, state in work:
        verdicts[ticket_id] = max(verdicts.get(ticket_id, State.NONE), State(state), key=list(State).index)
    return verdicts


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
