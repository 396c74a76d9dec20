"""A month of duty as it is stored: what was served, rung and worked, read into one value."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desk.staff import Staff, names
from oncall import duty_rules, limits, record, roster
from oncall.credit import CallOut, Pay
from oncall.duty import Month, Offer, Standby, Times, stands_by
from oncall.paging import Outcome, Page
from oncall.record import RecordedUntil, ServedShift
from oncall.roster import OverrideRecord
from oncall.spans import span
from oncall.swap import Swap
from oncall.wall import said
from sla import holidays
from sla.calendar import BusinessCalendar
from sla.hours import FIRST_DAY, LAST_DAY, BusinessHours
from sla.interval import Interval
from sla.overtime import State
from sla.worklog import Work
from tickets.ticket import Event, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.credit import Block
    from oncall.duty import Balance
    from oncall.limits import Warned
    from oncall.period import Period
    from oncall.plan import Plan
    from oncall.record import Served
    from oncall.roster import RotaRecord

# Call-outs reach over the edges of a month: a chain of them into it, a week or a working day out of it.
BEFORE, AFTER = timedelta(days=31), timedelta(days=8)


def calendar(session: Session) -> BusinessCalendar:
    """The company's office hours: the first business calendar, whichever line a caller rang.

    What an hour of an engineer is does not hang on the hours of a customer's line. Without one every hour is after
    hours, on the clocks of the first rota.
    """
    hours = session.scalars(select(BusinessHours).order_by(BusinessHours.id)).first()
    days = frozenset(holidays.in_force(session))
    if hours:
        return hours.regular(days)
    zones = [each.head.draft.zone for each in roster.rotas(session)]
    zone = zones[0] if zones else "UTC"
    return BusinessCalendar(zone=zone, week=(), first=FIRST_DAY, last=LAST_DAY, holidays=days, may_never_open=True)


def read(session: Session, period: Period, now: datetime) -> Month:
    """The facts of a month, up to now if it still runs; the period is one of the company's zone."""
    return _Reader(session, Interval(period.start, period.end), now).month(period.address)


@dataclass
class _Reader:
    """Reads one month."""

    session: Session
    span: Interval
    now: datetime

    def month(self, name: str) -> Month:
        """The month of that name."""
        told = [self._rota(each) for each in roster.rotas(self.session)]
        standby = sorted((one for rows, _ in told for one in rows), key=_in_time)
        call_outs = self._call_outs()
        return Month(
            name=name,
            span=self.span,
            until=min(max(self.now, self.span.start), self.span.end),
            pay=self.pay,
            names=names(self.session),
            standby=standby,
            balances=[one for _, balances in told for one in balances],
            offers=list(self._offers(standby)),
            blocks=[block for key in sorted(call_outs) for block in self._blocks(call_outs[key])],
            warnings=[one for key in sorted(call_outs) for one in self._warnings(key, call_outs[key])],
        )

    @cached_property
    def pay(self) -> Pay:
        """What is counted by."""
        hours = calendar(self.session)
        return Pay(hours, duty_rules.agreement(self.session, hours.zone))

    @cached_property
    def _until(self) -> datetime:
        return min(self.now, self.span.end)

    # Standby

    def _rota(self, rota: RotaRecord) -> tuple[list[Standby], list[Balance]]:
        plan, since = roster.plan(self.session, rota), self._since(rota)
        served = self._served(rota, max(self.span.start, since))
        standby = [self._standby(rota, one, Interval(*ends)) for one, ends in _unbroken(served)]
        return standby, list(self._balances(rota.name, plan, standby, since))

    def _served(self, rota: RotaRecord, since: datetime) -> list[Served]:
        return record.served(self.session, rota, since, self._until) if since < self._until else []

    def _since(self, rota: RotaRecord) -> datetime:
        """Since when it is written down who served."""
        mark = self.session.get(RecordedUntil, rota.id)
        begun = rota.versions[0].published_at
        if mark and begun > roster.FIRST:
            return begun
        # From a release that kept no record: it began later than the rota.
        first = self.session.scalar(select(func.min(ServedShift.starts)).where(ServedShift.rota_id == rota.id))
        return first or (mark.until if mark else self.now)

    def _standby(self, rota: RotaRecord, one: Served, interval: Interval) -> Standby:
        changed = self._changed(one.override_id) if one.override_id else ""
        return Standby(
            one.engineer, rota.name, one.layer, one.lane, str(one.shift), interval, one.turn_of, one.why, changed
        )

    def _changed(self, number: int) -> str:
        """Who made the change that somebody served by, when, why, and by which swap."""
        row = self.session.get_one(OverrideRecord, number)
        made = f" by {row.who}" if row.who else ""
        made += f" on {said(row.made_at, self.pay.calendar.zone, '%Y ')}" if row.made_at else ""
        reason = f": {row.reason}" if row.reason else ""
        swap = self.session.scalars(
            select(Swap).where((Swap.override_id == number) | (Swap.return_override_id == number))
        ).first()
        asked = f"; swap {swap.id}, asked by {swap.asked_by}, settled by {swap.settled_by}" if swap else ""
        return f"change {number}{made}{reason}{asked}"

    def _balances(self, rota: str, plan: Plan, standby: list[Standby], since: datetime) -> Iterator[Balance]:
        a, b = self.span.start, self.span.end
        planned = [
            (shift.duty.layer, span(shift.start, shift.end))
            for lane in plan.planned.lanes(a, b).values()
            for shift in lane
        ]
        wanted, held = defaultdict(list), defaultdict(list)
        for layer, each in planned:
            wanted[layer].append(each)
        for one in standby:
            held[one.layer].append(one.interval)
        edges = self.span, span(self._until, b).start, span(since, max(since, b)).start
        named = (layer.name for at in (a, b) for layer in plan.edition(at).layers)
        for layer in dict.fromkeys([*named, *wanted, *filter(None, held)]):
            yield Times(*edges, tuple(wanted[layer]), tuple(held[layer])).balance(rota, layer)
        everybody = tuple(one.interval for one in standby)
        yield Times(*edges, tuple(_promised(plan, a, b)), everybody).balance(rota, "")

    # Rings

    def _offers(self, standby: Sequence[Standby]) -> Iterator[Offer]:
        asked_for = self._called_back()
        rung = (Page.rang_at >= self.span.start, Page.rang_at < self._until)
        query = select(Page, Staff.key, Ticket.reference).join(Staff, Staff.id == Page.staff_id)
        query = query.join(Ticket, Ticket.id == Page.ticket_id).where(*rung)
        for page, key, reference in self.session.execute(query.order_by(Page.rang_at, Page.id)):
            if page.id in asked_for:
                continue
            outcome = page.outcome or (Outcome.ACCEPTED if page.accepted_at else "still ringing")
            on_standby = stands_by(standby, key, page.rang_at)
            yield Offer(key, page.rang_at, outcome, reference, on_standby, self._note(page))

    def _note(self, page: Page) -> str:
        if page.accepted_at and page.bridged is False:
            return "accepted, but the caller had left"
        return page.reason or ""

    def _called_back(self) -> set[int]:
        """The Pages by which engineers had themselves rung, to call somebody back."""
        told = select(Event.detail).where(Event.kind == "call back", Event.at >= self.span.start - BEFORE)
        return {detail["page"] for detail in self.session.scalars(told) if "page" in detail}

    # Work

    def _call_outs(self) -> dict[str, list[CallOut]]:
        """All work of the month and around it, by engineer."""
        back, found = {f"page {number}" for number in self._called_back()}, defaultdict(list)
        near = (Work.ends >= self.span.start - BEFORE, Work.starts < min(self.now, self.span.end + AFTER))
        query = select(Work, Staff.key, Ticket.reference).join(Staff, Staff.id == Work.staff_id)
        query = query.join(Ticket, Ticket.id == Work.ticket_id).where(*near)
        for work, key, reference in self.session.execute(query.order_by(Work.starts, Work.id)):
            known = work.starts < work.ends or work.state != State.TO_CHECK
            done = span(work.starts, min(work.ends, max(self.now, work.starts)))
            found[key].append(CallOut(key, done, reference, work.source in back, known))
        return found

    def _blocks(self, call_outs: list[CallOut]) -> Iterator[Block]:
        been = replace(self.span, end=max(self.span.start, span(self.span.start, self._until).end))
        for block in self.pay.blocks(call_outs):
            if cut := block.within(been):
                yield cut

    def _warnings(self, key: str, call_outs: list[CallOut]) -> list[Warned]:
        return limits.warnings(key, (one.interval for one in call_outs), self.span, self.pay)


def _in_time(one: Standby) -> tuple[object, ...]:
    return one.interval, one.rota, one.layer, one.lane


def _unbroken(served: Iterable[Served]) -> Iterator[tuple[Served, tuple[datetime, datetime]]]:
    """Each stretch and its ends, whole again where only the place in the order of ringing changed."""

    def same(one: Served) -> tuple[object, ...]:
        return one.lane, one.layer, one.engineer, one.turn_of, one.shift, one.override_id or 0

    for _, rows in groupby(sorted(served, key=lambda one: (same(one), one.starts)), key=same):
        run: list[Served] = []
        for one in rows:
            if run and run[-1].ends != one.starts:
                yield _joined(run)
                run = []
            run.append(one)
        yield _joined(run)


def _joined(run: Sequence[Served]) -> tuple[Served, tuple[datetime, datetime]]:
    whole = span(run[0].starts, run[-1].ends)
    return run[0], (whole.start, whole.end)


def _promised(plan: Plan, a: datetime, b: datetime) -> list[Interval]:
    """When somebody has to be on duty: what would be a gap if the versions named nobody."""
    empty = replace(plan, editions=tuple(replace(each, layers=()) for each in plan.editions), overrides=())
    return [span(gap.start, gap.end) for gap in empty.gaps(a, b)]
