"""Stored line: a line of the arithmetic as columns, and a closed one read back for its corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sla.billing.charge_line import cents, rand
from sla.billing.line_facts import OfTicket
from sla.interval import Interval
from sla.money.charge import Line
from sla.money.stretch import Stretch
from sla.overtime import Band, State

if TYPE_CHECKING:
    from sla.billing.charge_line import ChargeLine, Review
    from sla.billing.charger import Charged
    from sla.billing.line_facts import Facts
    from sla.month import Month

ANSWERS = {True: "accepted overtime rates", False: "refused overtime rates", None: ""}


def values(one: Charged, facts: Facts, of_month: str, before: ChargeLine | None = None) -> dict[str, Any]:
    """The columns of a line; `before`: the line that it corrects, where the work itself is not known any more."""
    line = one.line
    about = facts.tickets.get(line.stretches[0].ticket_id) or _of(before)
    return {
        "month": line.month.name,
        "of_month": of_month,
        "source": line.key,
        "corrects": line.corrects,
        "customer_code": facts.customer_code,
        "customer": facts.customer,
        "contract": line.terms.name if line.terms else "",
        "contract_version": line.terms.version if line.terms else None,
        "ticket_id": line.stretches[0].ticket_id,
        **about._asdict(),
        **_engineers(line, facts, before),
        "starts": line.interval.start,
        "ends": line.interval.end,
        "calls": len(line.stretches),
        **{f"{band}_seconds": line.bands[band] for band in Band},
        "holiday": _holiday(line, facts),
        "state": line.state.value,
        "billed_seconds": line.billed_seconds,
        "rate": None if one.rate is None else f"{one.rate:f}",
        "price_cents": None if line.price is None else cents(line.price),
        "amount_cents": cents(line.amount),
        "consent": _consent(line),
        "explanation": line.explanation,
        "versions": dict(line.versions),
        "changed": changed(one.review) if one.review else "",
    }


def as_line(row: ChargeLine, month: Month) -> Line:
    """A line of a closed month, as far as its corrections are reckoned from it."""
    span = Interval(row.starts, row.ends)
    return Line(
        month=month,
        stretches=(Stretch(row.source, row.ticket_id, 0, row.account or None, span, None),),
        interval=span,
        bands={band: getattr(row, f"{band}_seconds") for band in Band},
        items=(),
        state=State(row.state),
        billed_seconds=row.billed_seconds,
        price=None if row.price_cents is None else rand(row.price_cents),
        amount=rand(row.amount_cents),
        terms=None,
        versions=row.versions,
        explanation=row.explanation,
        corrects=row.corrects,
    )


def changed(review: Review) -> str:
    """Who made what of the line, and why."""
    return f"{review.who}: {review.reason}"


def _of(before: ChargeLine | None) -> OfTicket:
    return OfTicket(before.reference, before.caller, before.contact) if before else OfTicket("", "", "")


def _engineers(line: Line, facts: Facts, before: ChargeLine | None) -> dict[str, Any]:
    numbers = list(dict.fromkeys(one.staff_id for one in line.stretches if one.staff_id))
    if not numbers and before:
        return {"engineers": before.engineers, "staff": before.staff}
    names = [facts.staff.get(number, "") for number in numbers]
    return {"engineers": names, "staff": f",{','.join(map(str, numbers))},"}


def _holiday(line: Line, facts: Facts) -> str:
    if not line.bands[Band.PUBLIC_HOLIDAY]:
        return ""
    zone = ZoneInfo(line.month.zone)
    days = (at.astimezone(zone).date() for at in (line.interval.start, line.interval.end))
    return ", ".join(dict.fromkeys(facts.holidays[day] for day in days if day in facts.holidays))


def _consent(line: Line) -> str:
    """What the caller answered and how that is known, of each stretch that has an answer."""
    said = (one.evidence or ANSWERS[one.consent] for one in line.stretches)
    return ", ".join(dict.fromkeys(filter(None, said)))
