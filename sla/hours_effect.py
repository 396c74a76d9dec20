"""Hours effect: what a change of the business hours would change, told before it is made.

When it is open, by when answers are due and what work costs are each asked of the function that a call, a ticket and
a bill ask, once with the hours as they are and once as they would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from sla import book, contract, due, history, holidays
from sla.contract import Contract
from sla.interval import Interval, joined
from sla.money.pieces import piece_at
from sla.standing import pressing
from tickets.inbox import UNRESOLVED
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sla.book import Book
    from sla.calendar import BusinessCalendar
    from sla.hours import BusinessHours
    from sla.money.rates import RateCard
    from sla.overtime import Band
    from sla.targets import Measure

MOST_TICKETS = 300  # whose due times are computed twice while somebody waits for the page
NO_CONTRACT = ""
Cards = dict[str, tuple[tuple["date", "RateCard"], ...]]


@dataclass(frozen=True)
class Moved:
    """One due time that would be another."""

    ticket: Ticket
    measure: Measure
    was: datetime | None
    now: datetime | None


@dataclass(frozen=True)
class Charged:
    """Work of these customers in a stretch that would be of another rate band; no name: whoever has no contract."""

    interval: Interval
    was: Band
    now: Band
    customers: tuple[str, ...]


@dataclass(frozen=True)
class Turned:
    """A stretch that would be open where it is closed, or closed where it is open."""

    interval: Interval
    is_open: bool


@dataclass(frozen=True)
class Effect:
    """What would change: when it is open, due times of how many tickets that were looked at, and rate bands."""

    stretches: tuple[Turned, ...]
    moved: tuple[Moved, ...]
    looked_at: int
    left_out: int
    charged: tuple[Charged, ...]


def effect(session: Session, before: BusinessHours, after: BusinessHours, span: Interval, now: datetime) -> Effect:
    """What it changes within a span that another state of the same hours takes their place."""
    days = frozenset(holidays.in_force(session))
    was, will = before.charged(days), after.charged(days)
    charged = differing(was, will, span)
    stretches = differing(before.actual(days), after.actual(days), span)
    cards = _cards(session)
    books = _books(session, after)
    numbers = _concerned(session, books)
    return Effect(
        stretches=tuple(stretches),
        moved=tuple(_moved(session, books, numbers[:MOST_TICKETS], now)),
        looked_at=min(len(numbers), MOST_TICKETS),
        left_out=max(0, len(numbers) - MOST_TICKETS),
        charged=tuple(
            one
            for stretch in joined((one.interval.start, one.interval.end) for one in (*stretches, *charged))
            for one in _charged(stretch, was, will, cards)
        ),
    )


def differing(before: BusinessCalendar, after: BusinessCalendar, span: Interval) -> list[Turned]:
    """The stretches of a span that are open by one of two calendars alone, in order."""
    open_ = (*before.open_hours(span), *after.open_hours(span))
    edges = [*pairwise(sorted({at for one in open_ for at in (one.start, one.end)}))]
    opened = joined(edge for edge in edges if after.is_open(edge[0]) and not before.is_open(edge[0]))
    closed = joined(edge for edge in edges if before.is_open(edge[0]) and not after.is_open(edge[0]))
    found = [*(Turned(one, True) for one in opened), *(Turned(one, False) for one in closed)]
    return sorted(found, key=lambda one: one.interval)


def _books(session: Session, after: BusinessHours) -> tuple[Book, Book]:
    """What is promised to everybody, as things are and as they would be."""
    return book.write(session), book.write(session, tried=after)


def _concerned(session: Session, books: tuple[Book, Book]) -> list[int]:
    """The open tickets of whoever is promised something else by it, the newest first."""
    was, will = books
    rows = select(Ticket.id, Ticket.customer_id).where(Ticket.state.in_(UNRESOLVED)).order_by(Ticket.id.desc())
    return [number for number, whose in session.execute(rows) if was.terms_of(whose) != will.terms_of(whose)]


def _moved(session: Session, books: tuple[Book, Book], numbers: Sequence[int], now: datetime) -> Iterator[Moved]:
    shelf = history.read(session, numbers)
    for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(numbers)).order_by(Ticket.id)):
        timeline = shelf.timeline(ticket)
        at = due.as_of(timeline, now)
        judged = [due.clocks_of(timeline, one.plans_of(ticket.customer_id), at) for one in books]
        for measure, clocks in judged[0].items():
            one, other = (pressing(found).due if found else None for found in (clocks, judged[1][measure]))
            if one != other:
                yield Moved(ticket, measure, one, other)


def _charged(stretch: Interval, was: BusinessCalendar, will: BusinessCalendar, cards: Cards) -> Iterator[Charged]:
    found: dict[tuple[Band, Band], list[str]] = {}
    on = stretch.start.astimezone(ZoneInfo(was.zone)).date()
    for name, versions in cards.items():
        card = contract.in_force(versions, on)
        bands = [piece_at(stretch.start, card, each).kind.band for each in (was, will)]
        if bands[0] is not bands[1]:
            found.setdefault((bands[0], bands[1]), []).append(name)
    for (one, other), names in found.items():
        yield Charged(stretch, one, other, tuple(names))


def _cards(session: Session) -> Cards:
    """Each customer's contracts by the customer's name, and none for whoever has no contract."""
    found: Cards = {NO_CONTRACT: ()}
    whose = select(Customer.name, Contract).join(Contract, Contract.customer_id == Customer.id)
    for name, one in session.execute(whose.order_by(Customer.name, Contract.version)):
        found[name] = (*found.get(name, ()), (one.valid_from, one.rates))
    return found
