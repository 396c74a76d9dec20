"""Readiness: whether whoever is on the rota will be reached; asked before publishing, and every night.

The night's look goes into a report. It is made of what is wrong alone: no findings say that all is well.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from oncall import crew, roster
from oncall.effect import Crew, Hazard, Kind, gaps, served, twice, unready
from oncall.escalation import OnCall, Person
from oncall.roster import PolicyRecord
from oncall.wall import instant, said, wall
from sla.hours import own_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from oncall.escalation import Policy, Target
    from oncall.plan import Plan

AHEAD = timedelta(days=60)


class ReadinessReport(Base):
    """What one look found; no findings: all is well."""

    __tablename__ = "readiness_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    until: Mapped[datetime]
    findings: Mapped[list[Any]]  # as Hazard.document, each with its rota


def hazards(session: Session, plan: Plan, a: datetime, b: datetime, people: Iterable[str] = ()) -> list[Hazard]:
    """What of a plan might let callers reach nobody between a and b: gaps, people, and nobody behind the first.

    `people` are looked at whether or not they have a shift by then.
    """
    crew_ = crew.crew(session, a, b)
    shifts = served(plan, a, b)
    on_duty = {shift.engineer for shift in shifts}
    later = [hazard for key in dict.fromkeys(people) if key not in on_duty and (hazard := _later(key, crew_))]
    policies = [record.value for record in session.scalars(select(PolicyRecord).order_by(PolicyRecord.id))]
    plans = roster.plans(session) | {plan.name: plan}
    behind = [hazard for policy in policies for hazard in _nobody_behind(policy, plan, plans, (a, b), crew_)]
    return [*gaps(plan, a, b), *unready(shifts, crew_), *later, *twice(shifts, crew_), *behind]


def look_nightly(session: Session, now: datetime) -> Callable[[Session, datetime], None]:
    """Look if nobody has since two in the morning, where the company is; at once if nobody ever has.

    Nothing is stored here: what is returned does that, unless somebody else has by then.
    """
    found = _found(session, now) if _is_due(session, now) else None

    def keep(session: Session, now: datetime) -> None:
        if found is not None and _is_due(session, now):
            _keep(session, now, found)

    return keep


def _is_due(session: Session, now: datetime) -> bool:
    zone = own_zone(session)
    local = wall(now, zone)
    two = local.replace(hour=2, minute=0, second=0, microsecond=0)
    night = instant(two if two <= local else two - timedelta(days=1), zone)
    last = newest(session)
    return last is None or last.at < night


def newest(session: Session) -> ReadinessReport | None:
    """The latest look."""
    return session.scalars(select(ReadinessReport).order_by(ReadinessReport.id.desc()).limit(1)).first()


def _found(session: Session, now: datetime) -> list[dict[str, Any]]:
    findings = (
        hazard.document | {"rota": plan.name}
        for plan in roster.plans(session).values()
        for hazard in hazards(session, plan, now, now + AHEAD)
    )
    return _once(list(findings))


def _keep(session: Session, now: datetime, findings: list[dict[str, Any]]) -> ReadinessReport:
    report = ReadinessReport(at=now, until=now + AHEAD, findings=findings)
    session.add(report)
    session.flush()
    return report


def _once(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A policy over two rotas is found from both."""
    return list({(each["kind"], each["text"]): each for each in reversed(findings)}.values())[::-1]


def _later(key: str, crew_: Crew) -> Hazard | None:
    if obstacle := crew_.obstacle(key):
        kind, why = obstacle
        return Hazard(kind, f"{crew_.name(key)} {why}, and takes turns", engineer=key)
    return None


def _nobody_behind(
    policy: Policy, plan: Plan, plans: Mapping[str, Plan], span: tuple[datetime, datetime], crew_: Crew
) -> Iterator[Hazard]:
    """Who would be rung first and second by a policy, or twice in one step of it."""
    order = [target for step in policy.steps for target in step]
    pairs = {pair for step in policy.steps for pair in combinations(step, 2)} | set(combinations(order[:2], 2))
    for one, other in sorted(pairs, key=str):
        if plan.name not in (getattr(one, "rota", None), getattr(other, "rota", None)):
            continue
        for who, start, end in _both(one, other, plans, span):
            when = f"{said(start, plan.zone(start))} to {said(end, plan.zone(start))}"
            text = f"{policy.name!r} rings {crew_.name(who)} first and second from {when}"
            yield Hazard(Kind.TWICE, text, start, end, who)


def _both(
    one: Target, other: Target, plans: Mapping[str, Plan], span: tuple[datetime, datetime]
) -> Iterator[tuple[str, datetime, datetime]]:
    theirs = list(_rung(other, plans, span))
    for who, start, end in _rung(one, plans, span):
        for same, begins, ends in theirs:
            if who == same and max(start, begins) < min(end, ends):
                yield who, max(start, begins), min(end, ends)


def _rung(
    target: Target, plans: Mapping[str, Plan], span: tuple[datetime, datetime]
) -> Iterator[tuple[str, datetime, datetime]]:
    """Whom a target means, and when."""
    if isinstance(target, Person):
        yield target.engineer, *span
    elif isinstance(target, OnCall) and target.rota in plans:
        for shift in plans[target.rota].shifts(*span, target.place):
            yield shift.engineer, shift.start, shift.end
