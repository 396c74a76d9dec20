"""What a chat room reads: one sentence, with no name or number of a caller; the customer's where that is allowed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desk.hooks.types import Type
from tickets import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Facts = Mapping[str, Any]

PLACES = ("first", "second", "third")
NOBODY_S = frozenset({Type.TICKET_OPENED, Type.TICKET_PRIORITY, Type.TICKET_RELEASED, Type.TICKET_REOPENED})


def sentence(kind: str, facts: Facts, *, full: bool) -> str:
    """What happened."""
    if kind == Type.TEST:
        return "This is a test: here you read what happens on the support line."
    if "ticket" in facts:
        return f"{_name(facts['ticket'], full=full)}{OF_TICKETS[Type(kind)](facts)}"
    return OF_ROTAS[Type(kind)](facts)


def says_nobody(kind: str, facts: Facts) -> bool:
    """Whether it says that nobody has a ticket: who takes it meanwhile has made it untrue."""
    return kind in NOBODY_S and facts["ticket"]["owner"] is None


def _name(ticket: Facts, *, full: bool) -> str:
    what = "Emergency" if ticket["priority"] == "emergency" else "Ticket"
    whose = f" of {ticket['customer']}" if full and ticket["customer"] else ""
    return f"{what} {reference.printed(ticket['reference'])}{whose}"


def _who_has_it(facts: Facts) -> str:
    owner = facts["ticket"]["owner"]
    return f": {_first(owner)} has it." if owner else ": nobody has it yet."


def _priority(facts: Facts) -> str:
    if facts["ticket"]["priority"] == "emergency":
        return _who_has_it(facts)
    return f" is {facts['ticket']['priority']} now, not {facts['was']} any more."


def _reopened(facts: Facts) -> str:
    return f" is open again{_who_has_it(facts)}"


def _shift(facts: Facts) -> str:
    place = facts["place"]
    which = PLACES[place] if place < len(PLACES) else f"{place + 1}th"
    return f"{facts['rota']}: {_first(facts['name'])} rings {which} from now on."


def _gap(facts: Facts) -> str:
    starts, ends = (_time(facts[one], facts["zone"]) for one in ("starts", "ends"))
    return f"{facts['rota']}: nobody rings from {starts} to {ends}."


def _time(text: str, zone: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"


def _first(name: str) -> str:
    return name.split()[0]


OF_TICKETS: Mapping[Type, Callable[[Facts], str]] = {
    Type.TICKET_OPENED: _who_has_it,
    Type.TICKET_ACKNOWLEDGED: _who_has_it,
    Type.TICKET_HANDED_OVER: _who_has_it,
    Type.TICKET_RELEASED: lambda _: ": nobody has it any more.",
    Type.TICKET_PRIORITY: _priority,
    Type.TICKET_WAITING: lambda _: " waits for the customer.",
    Type.TICKET_RESOLVED: lambda _: " is resolved.",
    Type.TICKET_REOPENED: _reopened,
    Type.TICKET_BREACHED: lambda _: ": the promised time is over.",
}
OF_ROTAS: Mapping[Type, Callable[[Facts], str]] = {
    Type.SHIFT_BEGAN: _shift,
    Type.ROTA_CHANGED: lambda facts: f"The rota was changed by {facts['by']}: {facts['what']}, {facts['about']}.",
    Type.ROTA_GAP: _gap,
}
