"""The pages of mail that came in: the list, one mail with all that it holds, its bytes, and making a ticket of it.

Nothing of what a stranger sent is ever shown as a page of ours: text is text, and every file is a download.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from desk import typed
from desk.door.guard import looking, requires, with_account
from desk.download import sealed
from desk.staff import Role
from tickets.mail import arrival, settling
from tickets.mail.arrival import Arrival, State
from tickets.mail.incoming import Desk
from tickets.mail.received import file_of, read
from tickets.privacy.access import What
from tickets.search import LONGEST, reference_in
from tickets.sheet import address, database, note_access
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from tickets.mail.intake import Intake
    from tickets.mail.received import Received

arrivals = Blueprint("arrivals", __name__)
arrivals.before_request(requires(Role.ENGINEER, Role.MANAGER))
PAGE = 50
MOST_PAGES = 100_000
SHOWN = 5_000_000  # bytes of a mail that is read while somebody waits for the page


@arrivals.get("/mail")
def page() -> str:
    """Which mails came in, the newest first."""
    q, state, number = _asked()
    conditions = list(_conditions(q, state))
    with database().reading() as session:
        total = session.scalar(select(func.count(Arrival.id)).where(*conditions)) or 0
        found = select(Arrival).where(*conditions).order_by(Arrival.id.desc()).options(joinedload(Arrival.ticket))
        mails = session.scalars(found.limit(PAGE).offset((number - 1) * PAGE)).all()
        first = (number - 1) * PAGE + 1
        return render_template(
            "mails.html", mails=mails, total=total, first=first, last=first - 1 + len(mails), q=q, state=state,
            number=number, states=list(State),
        )  # fmt: skip


@arrivals.get("/mail/<int:number>")
def one(number: int) -> str:
    """One mail: who, when, what came of it, its text and its files."""
    with database().reading() as session:
        mail, gone = _found(session, number), not arrival.has_raw(session, number)
        whole = _read(session, mail) if mail.size <= SHOWN and not gone else None
        _note(What.MAIL, mail, "its page")
        can_make = mail.state == State.SUPPRESSED and not gone
        return render_template("mail.html", mail=mail, whole=whole, can_make=can_make, gone=gone)


@arrivals.get("/mail/<int:number>/raw.eml")
def raw(number: int) -> Response:
    """All its bytes, as they came."""
    with database().reading() as session:
        mail = _with_raw(session, number)
        _note(What.MAIL, mail, "as it came")
        return sealed(arrival.raw_of(session, mail.id), f"mail-{mail.id}.eml")


@arrivals.get("/mail/<int:number>/files/<int:place>")
def file(number: int, place: int) -> Response:
    """One of its files."""
    with database().reading() as session:
        mail = _with_raw(session, number)
        names = {known["number"]: known["name"] for known in mail.facts.get("files", ())}
        if place not in names:
            abort(404)
        _note(What.MAIL_FILE, mail, f"file {place}")
        return sealed(file_of(_delivered(session, mail), place), names[place])


@arrivals.post("/mail/<int:number>/ticket")
def make_ticket(number: int) -> Response:
    """What was only noted is somebody's question all the same."""
    with_account()
    intake, who = _intake(), looking().name
    with database().reading() as session:
        mail = _with_raw(session, number)
        content, whole = _delivered(session, mail), _read(session, mail)
    desk = Desk(intake.house, intake.dice, g.now)
    reference = database().write(
        lambda session: settling.make_ticket(session, desk, number, whole, content, who).reference
    )
    return redirect(address(reference), 303)


def _asked() -> tuple[str, str, int]:
    """What is looked for, in which state, and which page of it; what makes no sense is as if it were not said."""
    q = typed.line(request.args.get("q", ""), LONGEST)
    state, page = request.args.get("state", ""), request.args.get("page", "")
    number = min(max(int(page), 1), MOST_PAGES) if page.isdecimal() and len(page) < 10 else 1
    return q, state if state in set(State) else "", number


def _conditions(q: str, state: str) -> Iterator[ColumnElement[bool]]:
    if state:
        yield Arrival.state == state
    if reference := reference_in(q):
        yield Arrival.ticket_id.in_(select(Ticket.id).where(Ticket.reference == reference))
    elif q:
        yield or_(Arrival.sender.icontains(q, autoescape=True), Arrival.subject.icontains(q, autoescape=True))


def _found(session: Session, number: int) -> Arrival:
    mail = session.get(Arrival, number)
    if mail is None:
        abort(404)
    return mail


def _with_raw(session: Session, number: int) -> Arrival:
    mail = _found(session, number)
    if not arrival.has_raw(session, number):  # it was kept for as long as its rule says
        abort(410)
    return mail


def _note(what: What, mail: Arrival, about: str) -> None:
    note_access(what, mail.ticket.reference if mail.ticket else None, f"mail {mail.id}, {about}")


def _delivered(session: Session, mail: Arrival) -> bytes:
    return arrival.as_delivered(arrival.raw_of(session, mail.id), mail.facts)


def _read(session: Session, mail: Arrival) -> Received:
    return read(_delivered(session, mail), _intake().house.lists)


def _intake() -> Intake:
    found: Any = current_app.extensions["intake"]
    intake: Intake = found
    return intake
