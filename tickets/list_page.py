"""The list of tickets: by next deadline, filtered and searched, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, g, render_template, request, url_for
from sqlalchemy import select

from desk import typed
from desk.door.guard import EVERYBODY, looking, requires
from sla import queue
from tickets import task
from tickets.people import Customer
from tickets.search import LONGEST, matching
from tickets.ticket import Priority, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from desk.db import Database

ticket_list = Blueprint("ticket_list", __name__)
ticket_list.before_request(requires(*EVERYBODY))
STATES = ("unresolved", "action", "tasks", *State, "all")
SIEVES: dict[str, Callable[[datetime], ColumnElement[bool]]] = {
    "unresolved": lambda _: queue.unresolved(),
    "action": queue.needs_action,
    "tasks": lambda _: task.there_are(),
}
WHOSE = ("me", "nobody")
MOST_PAGES = 100_000


@dataclass(frozen=True)
class Filter:
    """What the address asks for; what makes no sense there is as if it were not said."""

    q: str
    state: str
    whose: str
    priority: str
    customer: str
    page: int

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is the whole list of what is not resolved."""
        return not (self.q or self.whose or self.priority or self.customer) and self.state == "unresolved"

    def address(self, **other: Any) -> str:
        """The same list with something else asked for; from its first page on, unless that is said."""
        asked = {"q": self.q, "whose": self.whose, "priority": self.priority, "customer": self.customer}
        asked["state"] = self.state if self.state != _usual(self.q) else ""
        return url_for("ticket_list.page", **{name: value or None for name, value in (asked | other).items()})

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What is true of the tickets that it lets through."""
        if self.q:
            yield matching(self.q)
        if self.state in set(State):
            yield Ticket.state == self.state
        elif self.state in SIEVES:
            yield SIEVES[self.state](g.now)
        if self.whose:
            yield Ticket.owner_id == looking().staff_id if self.whose == "me" else Ticket.owner_id.is_(None)
        if self.priority:
            yield Ticket.priority == self.priority
        if self.customer:
            yield Ticket.customer_id.in_(select(Customer.id).where(Customer.code == self.customer))


@ticket_list.get("/tickets")
def page() -> str:
    """Which tickets there are, the most pressing first."""
    asked = _asked()
    with _database().reading() as session:
        skip = (asked.page - 1) * queue.PAGE
        listed = queue.page(session, g.now, *asked.conditions(), skip=skip)
        counts = queue.counts(session, g.now)
        customers = session.execute(select(Customer.code, Customer.name).order_by(Customer.name)).all()
        return render_template(
            "tickets.html",
            asked=asked,
            listed=listed,
            tasks=task.of_all(session, [entry.ticket.id for entry in listed.entries]),
            with_tasks=task.count(session),
            counts=counts,
            acting=sum(number for rank, number in counts.items() if rank.needs_action),
            waiting=counts[queue.Rank.WAITING],
            unresolved=sum(counts.values()),
            customers=customers,
            states=STATES,
            priorities=list(Priority),
            first=skip + 1,
            last=skip + len(listed.entries),
        )


def _asked() -> Filter:
    q = typed.line(request.args.get("q", ""), LONGEST)
    page = request.args.get("page", "")
    return Filter(
        q=q,
        state=_one_of(STATES, "state") or _usual(q),
        whose=_one_of(WHOSE, "whose"),
        priority=_one_of(tuple(Priority), "priority"),
        customer=request.args.get("customer", ""),
        page=min(max(int(page), 1), MOST_PAGES) if page.isdecimal() and len(page) < 10 else 1,
    )


def _usual(q: str) -> str:
    """Who looks for something by its name wants it wherever it stands."""
    return "all" if q else "unresolved"


def _one_of(known: tuple[str, ...], name: str) -> str:
    given = request.args.get(name, "")
    return given if given in known else ""


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
