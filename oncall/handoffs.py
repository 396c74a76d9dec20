"""Hand-offs: who begins to ring first is told until when, who is second and what is open; who stops, who has it now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from oncall import notices
from oncall.notices import Notice
from oncall.rota import joined
from oncall.wall import said
from tickets import inbox, reference
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.choices import Reader
    from oncall.notices import Look
    from oncall.plan import Plan
    from oncall.shifts import Shift

WORTH = timedelta(hours=1)  # later it is no hand-off any more
AHEAD = timedelta(days=14)
NAMED = 3  # references in a summary


def sum_up(session: Session, look: Look) -> None:
    """Tell those who have handed off just now."""
    for plan in look.plans.values():
        due = {_key(plan, at, key, begins): (at, key, begins) for at, key, begins in _handed_off(plan, look.now)}
        due = {name: one for name, one in due.items() if _wants(look, one[1])}
        for name in due.keys() - notices.known(session, due):
            at, key, begins = due[name]
            notice = _begins(session, look, plan, key) if begins else _ends(session, look, plan, key)
            about = {"kind": "hand-off", "key": key, "rota": plan.name, "first": begins}
            notices.give(session, look, look.readers[key], name, notice, about, at + WORTH, at)


def is_true(_: Session, plans: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether they ring first, or do not, as they are told."""
    plan = plans.get(about["rota"])
    return plan is not None and (_first(plan, now) == about["key"]) == about["first"]


def _handed_off(plan: Plan, now: datetime) -> Iterator[tuple[datetime, str, bool]]:
    """Since when who rings first, or does not any more."""
    for shift in _firsts(plan, now - WORTH, now):
        if now - WORTH < shift.start <= now < shift.end:
            yield shift.start, shift.engineer, True
        if now - WORTH < shift.end <= now and _first(plan, now) != shift.engineer:
            yield shift.end, shift.engineer, False


def _firsts(plan: Plan, a: datetime, b: datetime) -> tuple[Shift, ...]:
    return joined(plan.shifts(a, b + timedelta.resolution, whole=True))


def _first(plan: Plan, at: datetime) -> str | None:
    return next((duty.engineer for duty in plan.who(at)), None)


def _wants(look: Look, key: str) -> bool:
    reader: Reader | None = look.readers.get(key)
    return reader is not None and reader.choice.summaries


def _key(plan: Plan, at: datetime, key: str, begins: bool) -> str:
    return f"hand-off {plan.name} {at.isoformat()} {'to' if begins else 'from'} {key}"


def _begins(session: Session, look: Look, plan: Plan, key: str) -> Notice:
    ahead = joined(plan.shifts(look.now, look.now + AHEAD, whole=True))
    end = next((one.end for one in ahead if one.engineer == key and one.end > look.now), look.now + AHEAD)
    until = f" until {said(end, plan.zone(look.now))}" if end < look.now + AHEAD else ""
    others = [look.name(duty.engineer) for duty in plan.who(look.now) if duty.engineer != key]
    second = f"Second is {others[0]}." if others else "Nobody is second."
    words = f"{look.prefix(plan.name)}you ring first now{until}. {second} {_open(session)}"
    return Notice("you ring first now", words, "/")


def _ends(session: Session, look: Look, plan: Plan, key: str) -> Notice:
    first = _first(plan, look.now)
    who = f"{look.name(first)} rings first now" if first else "nobody rings now"
    mine = session.scalar(_count().where(Ticket.owner_id == look.readers[key].staff.id))
    yours = f" {mine} of them yours." if mine else ""
    return Notice(
        "you have handed off", f"{look.prefix(plan.name)}{who}, you have handed off. {_open(session)}{yours}", "/"
    )


def _open(session: Session) -> str:
    """How many tickets are open, and which of them are emergencies; nothing of whom they are."""
    count = session.scalar(_count())
    urgent = [reference.printed(one.reference) for one in session.scalars(inbox.emergencies(inbox.unresolved()))]
    if not count:
        return "No ticket is open."
    some = "; ".join([*urgent[:NAMED], *([f"{len(urgent) - NAMED} more"] if len(urgent) > NAMED else [])])
    emergencies = f", {len(urgent)} {'emergency' if len(urgent) == 1 else 'emergencies'}: {some}" if urgent else ""
    return f"Open tickets: {count}{emergencies}."


def _count() -> Any:
    return select(func.count()).select_from(Ticket).where(Ticket.state.in_(inbox.UNRESOLVED))
