"""Files of a month's lines: the rows of the page, all of them; and what they are called in accounting systems."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for

from desk.audit import What as Done
from desk.audit import tell
from desk.door.guard import looking, requires
from desk.staff import Role
from sla.billing import accounting
from sla.billing.desk import asked_month, company, customers, database, freshen, wanted
from sla.billing.month_file import Making, Wish
from sla.exports import formats
from sla.exports.mapping import Unmapped
from sla.exports.refused import Refused
from tickets.privacy.access import What
from tickets.sheet import note_access

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sla.exports.mapping import Mapping

month_files = Blueprint("month_files", __name__)
month_files.before_request(requires(Role.BILLING, Role.MANAGER))


@month_files.get("/billing/files/<kind>")
def download(kind: str) -> Response | tuple[str, int]:
    """The lines that the page would show, all of them, in one of the formats."""
    if kind not in formats.FORMATS:
        abort(404)
    freshen()
    with database().reading() as session:
        month = asked_month(session)
        wish = Wish(kind, wanted(session, month), company(session), looking().who.name, g.now)
    making = Making(database(), month, wish)
    pieces = making.pieces()
    try:
        first = next(pieces, b"")
    except Refused as fault:
        return render_template("billing/no_file.html", fault=str(fault), system=formats.FORMATS[kind].system), 422
    if not formats.FORMATS[kind].system:  # accounting is told no telephone numbers
        note_access(What.NUMBER, None, making.name)
    answer = Response(chain([first], pieces), mimetype=formats.FORMATS[kind].kind)
    answer.call_on_close(pieces.close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{making.name}"'
    return answer


@month_files.get("/billing/accounting")
def names() -> str:
    """What our lines are called in each accounting system."""
    with database().reading() as session:
        return _page(session, {system: accounting.of(session, system) for system in accounting.SYSTEMS})


@month_files.post("/billing/accounting/<system>")
def store(system: str) -> str | tuple[str, int] | Response:
    """Change what they are called in one."""
    if system not in accounting.SYSTEMS:
        abort(404)
    try:
        mapping = accounting.typed(request.form)
    except Unmapped as fault:
        with database().reading() as session:
            known = {one: accounting.of(session, one) for one in accounting.SYSTEMS}
            return _page(session, known, system, str(fault)), 422
    database().write(lambda session: _store(session, system, mapping))
    return cast("Response", redirect(url_for("month_files.names", said=system), 303))


def _store(session: Session, system: str, mapping: Mapping) -> None:
    who = looking().who
    accounting.store(session, system, mapping, who.name, g.now)
    tell(session, who, Done.ACCOUNTING_NAMED, accounting.SYSTEMS[system], g.now)


def _page(session: Session, known: dict[str, Mapping], wrong: str = "", fault: str = "") -> str:
    return render_template(
        "billing/accounting.html",
        known=known,
        systems=accounting.SYSTEMS,
        with_codes=accounting.WITH_CODES,
        customers=customers(session),
        wrong=wrong,
        fault=fault,
        typed=request.form,
        said=request.args.get("said"),
    )
