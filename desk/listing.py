"""The set-up as tables of plain text, for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers
from desk.staff import Staff
from ivr.line import BlockedNumber, Line
from oncall.roster import PolicyRecord, RotaRecord
from oncall.rota import DAYS
from sla.contract import Contract
from sla.holidays import PublicHoliday
from sla.hours import BusinessHours
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from sqlalchemy.orm import Session

    Row = tuple[str, ...]


def table(session: Session, what: str) -> str:
    """One section with its headings, columns aligned."""
    headings, rows = TABLES[what]
    return aligned([headings, *rows(session)])


def aligned(rows: Iterable[Row]) -> str:
    """Rows as text, each column as wide as its widest cell."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _staff(session: Session) -> Iterator[Row]:
    for one in session.scalars(select(Staff).order_by(Staff.id)):
        yield one.key, one.name, one.role, _number(one.phone), one.email or "", "" if one.active else "left"


def _customers(session: Session) -> Iterator[Row]:
    query = select(Customer, Contact).outerjoin(Contact, Contact.customer_id == Customer.id)
    for customer, contact in session.execute(query.order_by(Customer.name, Contact.name)):
        person = (contact.name, _number(contact.phone), contact.email or "") if contact else ("", "", "")
        yield customer.code, customer.name, *person


def _contracts(session: Session) -> Iterator[Row]:
    query = select(Customer.name, Contract).join(Contract, Contract.customer_id == Customer.id)
    for customer, one in session.execute(query.order_by(Customer.name, Contract.version)):
        covers = {cover: [band for band in one.bands if one.bands[band] == cover] for cover in one.bands.values()}
        said = "; ".join(f"{_words(cover)}: {_words(', '.join(bands))}" for cover, bands in covers.items())
        rates = "; ".join(_rates(one.card or {}))
        consent = "asked" if one.needs_consent else "not asked"
        yield customer, str(one.version), one.valid_from.isoformat(), one.name, consent, said, rates, ""
        for priority, measure, clause in one.clauses:
            yield "", "", "", "", "", "", "", f"{priority}: {_words(measure)} {clause}"
        for kind, term in (one.retention or {}).items():
            yield "", "", "", "", "", "", "", f"{_words(kind)} kept for {term}"


def _rates(card: dict[str, Any]) -> Iterator[str]:
    if "rate" in card:
        yield f"R{card['rate']} an hour"
    told = {"increment": "steps of", "minimum": "at least", "merge": "merging within", "included": "included a month:"}
    yield from (f"{words} {card[what]}" for what, words in told.items() if what in card)
    yield from (f"{name}: {words}" for name, words in card.get("windows", ()))
    if card.get("closures_count"):
        yield "closures count"


def _lines(session: Session) -> Iterator[Row]:
    for one in session.scalars(select(Line).order_by(Line.number)):
        hangs = one.hours.name, one.hunt_group.name, one.policy.name
        yield _number(one.number), one.company, ", ".join(one.languages), *hangs
    for blocked in session.scalars(select(BlockedNumber).order_by(BlockedNumber.number)):
        yield _number(blocked.number), f"blocked: {blocked.reason}", "", "", "", ""


def _rotas(session: Session) -> Iterator[Row]:
    for rota in session.scalars(select(RotaRecord).order_by(RotaRecord.name)):
        draft = rota.head.draft
        for number, layer in enumerate(draft.layers, 1):
            for one in layer.rotations:
                turn = f"{one.turns} from {one.starts:%Y-%m-%d %H:%M} {one.zone or draft.zone}"
                yield rota.name, str(number), one.name, ", ".join(one.members), turn, ", ".join(one.hours) or "always"
        for change in (each for each in rota.overrides if each.withdrawn_at is None):
            who = change.staff.key + (f" instead of {change.instead_of.key}" if change.instead_of else "")
            span = f"{change.starts:%Y-%m-%d %H:%M} to {change.ends:%Y-%m-%d %H:%M} UTC"
            yield rota.name, "", change.kind, who, span, change.reason


def _policies(session: Session) -> Iterator[Row]:
    for one in session.scalars(select(PolicyRecord).order_by(PolicyRecord.name)):
        steps = ", then ".join(" and ".join(map(_target, step)) for step in one.steps)
        yield one.name, steps, str(one.rounds), f"{one.ring_seconds} s"


def _hours(session: Session) -> Iterator[Row]:
    for one in session.scalars(select(BusinessHours).order_by(BusinessHours.name)):
        yield one.name, one.zone, _written(one.week)
        for day, spans in sorted((one.dates or {}).items()):
            hours = ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in spans)
            yield "", f"on {day}", hours or "closed"
        for later in one.later:
            yield "", f"from {later.since}", _written(later.week)
        for closure in one.closures:
            yield (
                "",
                f"closed: {closure.reason}",
                f"{closure.starts:%Y-%m-%d %H:%M} to {closure.ends:%Y-%m-%d %H:%M} UTC",
            )


def _written(week: list[Any]) -> str:
    return ", ".join(f"{DAYS[day]} {_clock(opens)}-{_clock(closes)}" for day, opens, closes in week)


def _holidays(session: Session) -> Iterator[Row]:
    for one in session.scalars(select(PublicHoliday).order_by(PublicHoliday.day)):
        yield one.day.isoformat(), DAYS[one.day.weekday()], one.name, one.source, "withdrawn" if one.withdrawn else ""


def _target(target: dict[str, Any]) -> str:
    if "engineer" in target:
        return str(target["engineer"])
    return f"{target['rota']} place {target['place']}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _number(e164: str | None) -> str:
    return numbers.shown(e164) if e164 else ""


def _words(text: str) -> str:
    return text.replace("_", " ")


TABLES: dict[str, tuple[Row, Callable[[Session], Iterator[Row]]]] = {
    "staff": (("KEY", "NAME", "ROLE", "NUMBER", "EMAIL", ""), _staff),
    "customers": (("CODE", "CUSTOMER", "CONTACT", "NUMBER", "EMAIL"), _customers),
    "contracts": (("CUSTOMER", "VERSION", "FROM", "CONTRACT", "CONSENT", "COVER", "RATES", "PROMISES"), _contracts),
    "lines": (("NUMBER", "COMPANY", "LANGUAGES", "HOURS", "HUNT GROUP", "POLICY"), _lines),
    "rotas": (("ROTA", "LAYER", "ROTATION", "MEMBERS", "TURNS", "HOURS"), _rotas),
    "policies": (("POLICY", "RINGS", "ROUNDS", "EACH"), _policies),
    "hours": (("HOURS", "ZONE", "OPEN"), _hours),
    "holidays": (("DAY", "", "HOLIDAY", "SOURCE", ""), _holidays),
}
