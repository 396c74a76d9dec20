"""What must hold after a storm, whatever it did: read from the database and from the network's own log."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desk.staff import Staff
from ivr.call import Call, Visit
from ivr.callflow import STEPS
from ivr.prompts import shipped
from ivr.recordings import Recording
from ivr.steps import Connect
from oncall.paging import Outcome, Page
from simulator.twiml import BadAnswer, read
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.network import Network
    from simulator.webhooks import Exchange

CONNECTS = {name for name, step in STEPS.items() if isinstance(step, Connect)}
SORRY = shipped("en")["help"].partition(".")[0]  # the words of the way out; a healthy run never says them
UNREPORTED = timedelta(seconds=5)  # an engineer is held to be busy until the end of the ring has been reported


def counts(database: Database) -> dict[str, int]:
    """Figures for the table: that the storm touched everything."""
    with database.reading() as session:
        outcomes = Counter(session.scalars(select(Page.outcome)))
        return {
            "tickets": _count(session, Ticket),
            "rings": sum(outcomes.values()) - outcomes[Outcome.SKIPPED],
            "accepted": outcomes[Outcome.ACCEPTED],
            "skipped": outcomes[Outcome.SKIPPED],
            "left open": session.scalar(select(func.count()).where(Page.ended_at.is_(None))) or 0,
            "messages": _count(session, Recording),
        }


def violations(network: Network, database: Database, calls: int, slowest: timedelta) -> list[str]:
    """Everything that is not as it must be; empty in a healthy run.

    A webhook's instant is that of its arrival, so two that waited for each other may be stored in either order:
    instants are compared to within the slowest answer. The network's own log (`clashes`) is exact.
    """
    with database.reading() as session:
        return [
            *_tickets(session, calls),
            *network.clashes,
            *_overlaps(session, slowest),
            *_rings(session, network),
            *_skips(session, slowest),
            *_helped(session),
            *_answers(network),
        ]


def _count(session: Session, kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def _tickets(session: Session, calls: int) -> Iterator[str]:
    """One ticket with its own reference for each call, opened once."""
    found = {
        "tickets": _count(session, Ticket),
        "references": session.scalar(select(func.count(Ticket.reference.distinct()))),
        "calls": _count(session, Call),
        "arrivals": session.scalar(select(func.count()).where(Visit.step == "arrival")),
        "openings": session.scalar(select(func.count(Event.ticket_id.distinct())).where(Event.kind == "opened")),
        "opened events": session.scalar(select(func.count()).where(Event.kind == "opened")),
    }
    yield from (f"{number} {name} of {calls} calls" for name, number in found.items() if number != calls)


def _rung(session: Session) -> list[Page]:
    return list(session.scalars(select(Page).where(Page.outcome.is_distinct_from(Outcome.SKIPPED)).order_by(Page.id)))


def _overlaps(session: Session, slowest: timedelta) -> Iterator[str]:
    """No engineer in two Pages at once; the carrier's stamps are whole seconds, cut off."""
    mine: dict[int, list[Page]] = defaultdict(list)
    for page in _rung(session):
        mine[page.staff_id].append(page)
    for pages in mine.values():
        for page, following in pairwise(pages):
            if page.ended_at is None or page.ended_at > following.rang_at + slowest:
                yield f"pages {page.id} and {following.id} of {page.staff.name} overlap"


def _rings(session: Session, network: Network) -> Iterator[str]:
    """Each visit that rings has one Page and one leg, in the same order and of the same engineer."""
    phones = {one.id: one.phone for one in session.scalars(select(Staff))}
    pages: dict[str | None, list[str | None]] = defaultdict(list)
    for page in _rung(session):
        pages[page.call_sid].append(phones[page.staff_id])
    visits = Counter(visit.call_sid for visit in session.scalars(select(Visit)) if visit.path[-1] in CONNECTS)
    for sid, call in network.calls.items():
        legs = [leg.to for leg in call.children]
        if legs != pages[sid]:
            yield f"call {sid} rang {legs}, its pages say {pages[sid]}"
        if len(pages[sid]) != visits[sid]:
            yield f"call {sid} has {visits[sid]} visits that ring and {len(pages[sid])} pages"


def _skips(session: Session, slowest: timedelta) -> Iterator[str]:
    """Nobody was passed over as busy who was free."""
    rung = _rung(session)
    skipped = session.scalars(select(Page).where(Page.outcome == Outcome.SKIPPED, Page.reason == "is on another call"))
    for skip in skipped:
        if not any(
            page.staff_id == skip.staff_id
            and page.rang_at <= skip.rang_at + slowest
            and (page.ended_at is None or skip.rang_at <= page.ended_at + UNREPORTED)
            for page in rung
        ):
            yield f"page {skip.id}: {skip.staff.name} was passed over and was free"


def _helped(session: Session) -> Iterator[str]:
    """Every caller who asked for emergency help got a ring or a message, or hung up while the notice was read."""
    paths: dict[str, list[str]] = defaultdict(list)
    asked: set[str] = set()
    for visit in session.scalars(select(Visit).order_by(Visit.call_sid, Visit.number)):
        if visit.sid != visit.call_sid:
            continue
        paths[visit.sid] += visit.path
        if (visit.step, visit.heard) in {("main_menu", "2"), ("support_closed", "2"), ("after_ticket", "2")}:
            asked.add(visit.sid)
    for sid in asked:
        if not {"page", "message"} & set(paths[sid]) and paths[sid][-1] != "overtime_notice":
            yield f"call {sid} asked for emergency help and ended at {paths[sid][-1]}"


def _answers(network: Network) -> Iterator[str]:
    """Every answer on a voice URL was TwiML that can be played, and no call had to be helped out of a failure."""
    for call in network.calls.values():
        if not call.ended:
            yield f"call {call.sid} never ended"
        yield from (f"call {call.sid}: {error}" for error in call.errors)
        for request in call.requests:
            yield from _answer(request)


def _answer(request: Exchange) -> Iterator[str]:
    if request.hook.kind == "callback":
        if request.status != 204:
            yield f"{request.url} answered {request.status}"
        return
    try:
        read(request)
    except BadAnswer as bad:
        yield f"{request.url}: {bad}"
    if request.reply and request.reply.headers.get("content-type") != "text/xml; charset=utf-8":
        yield f"{request.url} answered with {request.reply.headers.get('content-type')}"
    if SORRY in request.body or "/voice/help" in request.body:
        yield f"{request.url} answered with an apology"
