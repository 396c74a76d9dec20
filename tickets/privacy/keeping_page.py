"""The manager's pages of what is kept: the rules, what the next night removes, what nights have, and who saw what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, g, render_template, request
from sqlalchemy import select

from desk import retention
from desk.db import LARGEST_NUMBER
from desk.door.guard import requires
from desk.staff import Role
from sla.contract import Contract
from tickets.people import Customer
from tickets.privacy import access, night
from tickets.privacy.access import What
from tickets.privacy.brooms import BROOMS
from tickets.search import LONGEST, reference_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.exchange import Exchange
    from tickets.privacy.night import Night

keeping = Blueprint("keeping", __name__)
keeping.before_request(requires(Role.MANAGER))
NIGHTS, ROWS = 30, 50
KINDS = {broom.name: broom.kind for broom in BROOMS}


@keeping.get("/kept")
def rules() -> str:
    """For how long what is kept, what goes next, and what went."""
    with _database().reading() as session:
        zone, counted = _zone(session), night.counted(session)
        return render_template(
            "kept.html",
            rules=retention.RULES.values(),
            term=retention.written,
            next_at=night.begins(night.of(g.now, zone) + night.A_DAY, zone),
            counted=counted,
            agreed=list(_agreed(session)),
            nights=[(one, _removed(one)) for one in night.newest(session, NIGHTS)],
            tonight=night.of(g.now, zone),
            here=zone,
        )


@keeping.get("/kept/access")
def log() -> str:
    """Who heard, opened or saw what, the latest first; of one ticket, or of all."""
    what, q = request.args.get("what", ""), request.args.get("q", "").strip()[:LONGEST]
    before = request.args.get("before", "")
    last = int(before) if before.isdecimal() and len(before) < 11 and int(before) <= LARGEST_NUMBER else None
    kind, reference = what if what in set(What) else "", reference_in(q) or q
    with _database().reading() as session:
        found = access.newest(session, ROWS + 1, kind, reference, last)
        older = found[ROWS - 1].id if len(found) > ROWS else None
        return render_template(
            "access.html", rows=found[:ROWS], older=older, what=kind, kinds=list(What), q=q, before=last,
            here=_zone(session), kept=retention.written(retention.usual(retention.Kind.ACCESS)),
        )  # fmt: skip


def _agreed(session: Session) -> Iterator[tuple[str, Contract, dict[str, str]]]:
    """What contracts say: the latest version that has begun, and those to come."""
    query = select(Customer.name, Contract).join(Contract, Contract.customer_id == Customer.id)
    for customer, contract in session.execute(query.order_by(Customer.name, Contract.valid_from)):
        if contract.retention:
            yield customer, contract, contract.retention


def _removed(one: Night) -> dict[str, int]:
    """How many of each kind."""
    found: dict[str, int] = {}
    for name, number in one.removed.items():
        kind = str(KINDS.get(name, name))
        found[kind] = found.get(kind, 0) + number
    return {kind: number for kind, number in found.items() if number}


def _zone(session: Session) -> str:
    exchange = cast("Exchange", current_app.extensions["exchange"])
    lines: Any = exchange.boards.current(session).lines
    return next((line.zone for line in lines.values()), "UTC")


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
