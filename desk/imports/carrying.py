"""Carrying: an import carried out as it was shown, all of it or nothing, and told of in the audit row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.audit import Entry, What, tell
from desk.customers import succession
from desk.customers.entries import Overtaken, Refused
from desk.db import SetUpVersion
from desk.imports.looking import step_of, steps_of
from desk.setup.load import put_in
from sla.billing import statement
from sla.hours import own_day

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.imports.looking import Look
    from desk.setup.books import Mark

TOLD = {
    ("added", "customer"): What.CUSTOMER_ADDED,
    ("changed", "customer"): What.CUSTOMER_CHANGED,
    ("added", "contact"): What.CONTACT_ADDED,
    ("changed", "contact"): What.CONTACT_CHANGED,
    ("added", "contract"): What.CONTRACT_AGREED,
}
VERBS = ("added", "changed", "same", "refused")


def done(session: Session, name: str, once: str) -> Entry | None:
    """What the audit says of that file, sent with that form, if it was carried out."""
    theirs = select(Entry).where(Entry.what == What.CUSTOMERS_IMPORTED, Entry.about == _about(name, once))
    return session.scalars(theirs.limit(1)).first()


def carry_out(session: Session, found: Look, name: str, once: str, who: Who, now: datetime) -> int:
    """Put in what was looked at, and return the number of the audit's entry; sent twice, that of the first time.

    Raises Overtaken where it would not do what it was said to do any more, and then nothing of it is to be kept.
    """
    session.execute(select(SetUpVersion).with_for_update()).one()  # nobody changes a customer meanwhile
    if first := done(session, name, once):
        return first.id
    _hold_months(session, found, now)
    books = put_in(session, found.entries, found.filled, now, who)
    if books.faults or steps_of(books) != {one.line: list(one.steps) for one in found.outcomes if one.steps}:
        raise Overtaken
    for mark in books.marks:
        _tell(session, mark, name, who, now)
    entry = Entry(
        at=now,
        staff_id=who.staff_id,
        who=who.name,
        place=who.place,
        what=What.CUSTOMERS_IMPORTED,
        about=_about(name, once),
        detail=totals(found),
    )
    session.add(entry)
    session.flush()
    return entry.id


def totals(found: Look) -> dict[str, Any]:
    """How many rows became what, and how many of each thing were added or changed."""
    steps = [(step.verb, step.kind) for one in found.outcomes for step in one.steps]
    things = {f"{kind}s {verb}": steps.count((verb, kind)) for verb, kind in TOLD}
    return {"rows": {verb: len(found.of(verb)) for verb in VERBS}, **things}


def _tell(session: Session, mark: Mark, name: str, who: Who, now: datetime) -> None:
    step, row = step_of(mark), mark.row
    about = mark.entry.values.get("customer") or mark.entry.values["code"]
    detail: dict[str, Any] = {"imported": name, "line": mark.entry.lines[()]}
    if step.kind == "contract":
        detail |= {"version": row.version, "valid_from": row.valid_from.isoformat()}  # type: ignore[attr-defined]
    elif step.verb == "changed":
        detail |= {"fields": sorted(step.values)} | ({"contact": row.id} if step.kind == "contact" else {})  # type: ignore[attr-defined]
    tell(session, who, TOLD[step.verb, step.kind], about, now, **detail)


def _hold_months(session: Session, found: Look, now: datetime) -> None:
    """Nobody closes a month in which a contract begins while it is put in."""
    today = own_day(session, now)
    for month in sorted({f"{since:%Y-%m}" for since in found.begins if since <= today}):
        statement.held(session, month)
    try:
        for since in found.begins[:1]:
            succession.refuse_closed(session, since)
    except Refused:
        raise Overtaken from None


def _about(name: str, once: str) -> str:
    return f"{name} ({once})"
