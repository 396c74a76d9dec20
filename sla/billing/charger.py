"""Charger: the lines of one customer's month, computed from worklog, contracts, hours and holidays as they stand.

A closed month is charged by the hours that it was closed with, and by the holidays and contracts that are known today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk.db import set_up_version
from sla import contract, holidays, hours
from sla.billing import statement
from sla.billing.charge_line import NOBODY, Review
from sla.contract import Contract
from sla.interval import Interval
from sla.money import preview as previewing
from sla.money.allowance import Allowance
from sla.money.charge import NOTHING, charge
from sla.money.decision import Decision, decided
from sla.money.stretch import Basis, Judged, Stretch
from sla.month import Month
from sla.overtime import State
from sla.worklog import Work
from tickets.inbox import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from sla.calendar import BusinessCalendar
    from sla.money.charge import Line
    from sla.money.rates import RateCard

A_DAY = timedelta(days=1)
# What of the month before is looked at, by its end. A call of this month is part of a line of that one if it merges
# with work that ended at most a day before it began (sla.money.rule bounds a merge window by 24 hours), or if it is a
# later stretch of a call, which carriers end after 24 hours. How far back such a line itself reaches, link by link,
# makes no difference here: that it began before this month is all that has to be seen.
BEFORE = 2 * A_DAY


@dataclass(frozen=True)
class Charged:
    """A line as it is, as it was before anybody decided, the decision and the card that it is charged by."""

    line: Line
    bare: Line
    review: Review | None = None
    card: RateCard | None = None

    @property
    def rate(self) -> Decimal | None:
        """What an hour costs, where all that is billed costs the same."""
        if self.card is None:
            return None
        rates = {item.rule.hourly(self.card.rate) for item in self.bare.items if item.billed and item.rule}
        return next(iter(rates)) if len(rates) == 1 else None


def lines(
    session: Session,
    account: int,
    month: Month,
    days: Mapping[date, str] | None = None,
    cards: Sequence[tuple[date, RateCard]] | None = None,
    only: str = "",
) -> list[Charged]:
    """What a customer's month comes to, by the holidays and contracts that there are or by others; not stored.

    `only` the line of this source, if there is one.
    """
    return _Charger(session, account, month, days, cards).lines(only)


def basis(session: Session, customer_id: int | None, at: datetime) -> Basis:
    """What work of a customer that begins then is charged by, in the company's own hours; raises NoHours."""
    return _Charger(session, customer_id or NOBODY, Month.of(at, hours.own_zone(session))).basis(at, None)


def preview(
    session: Session, account: int, start: datetime, length: timedelta, consent: bool | None
) -> previewing.Preview:
    """What a call of a customer would cost, with what is gone already of their included hours of that month."""
    asked = _Charger(session, account, Month.of(start, hours.own_zone(session)))
    return previewing.preview(asked.basis(start, None), start, length, consent=consent, used=asked.used())


@dataclass(frozen=True)
class _Charger:
    session: Session
    account: int
    month: Month
    days: Mapping[date, str] | None = None
    cards: Sequence[tuple[date, RateCard]] | None = None

    def lines(self, only: str = "") -> list[Charged]:
        after = A_DAY
        while True:
            work = self._work(after)
            found = charge(self._judged(work), only=only)
            mine = [line for line in found if line.month.name == self.month.name]
            # Calls that merge may go on after the month; all of them have to be here.
            if all(line.interval.end <= self.month.span.end + after - A_DAY for line in mine):
                doubts = {one.source: one.doubt for one in work if one.doubt}
                return [self._decided(self._doubted(line, doubts)) for line in mine]
            after *= 2

    @property
    def _whose(self) -> ColumnElement[bool]:
        return Work.customer_id == (self.account or None)

    def _work(self, after: timedelta) -> Sequence[Work]:
        span = self.month.span
        query = select(Work).where(self._whose, Work.ends >= span.start - BEFORE, Work.starts < span.end + after)
        return self.session.scalars(query.order_by(Work.starts, Work.id)).all()

    def _judged(self, work: Sequence[Work]) -> list[Judged]:
        """Work as arithmetic takes it; on a ticket that was merged it is work on the one that goes on."""
        goes_on = merged(self.session, select(Work.ticket_id).where(self._whose))
        return [self._as_judged(one, goes_on.get(one.ticket_id, one.ticket_id)) for one in work]

    def _as_judged(self, work: Work, ticket_id: int) -> Judged:
        stretch = Stretch(
            work.source,
            ticket_id,
            work.staff_id,
            work.customer_id,
            Interval(work.starts, work.ends),
            work.consent,
            work.evidence,
            work.call,
        )
        return Judged(stretch, self.basis(work.starts, work.versions.get("hours")))

    def basis(self, at: datetime, hours_id: int | None) -> Basis:
        """What work that begins then is charged by, in these hours or else in the company's own."""
        calendar = self._calendars.get(hours_id) or self._calendars[None]
        return Basis(calendar, self._card(at, calendar.zone), self._versions)

    def used(self) -> Allowance:
        """What is gone of included hours."""
        allowance = Allowance()
        charge(self._judged(self._work(A_DAY)), allowance)
        return allowance

    def _doubted(self, line: Line, doubts: Mapping[str, str]) -> Line:
        """What has no verdict is for billing staff, whatever it would cost."""
        mine = dict.fromkeys(doubts[one.source] for one in line.stretches if one.source in doubts)
        if not mine:
            return line
        open_ = replace(line, state=State.TO_CHECK, billed_seconds=0, amount=NOTHING)
        return replace(open_, explanation=" ".join([*mine, line.explanation]))

    def _decided(self, line: Line) -> Charged:
        review, card = self._review(line), self._card(line.interval.start, line.month.zone)
        if review is None:
            return Charged(line, line, card=card)
        try:
            made = decided(line, card, as_decision(review))
        except ValueError as fault:  # as when it could be priced, it cannot any more
            open_ = replace(line, state=State.TO_CHECK, billed_seconds=0, amount=NOTHING)
            made = replace(open_, explanation=f"To check: {fault}. {line.explanation}")
        return Charged(made, line, review, card)

    def _review(self, line: Line) -> Review | None:
        """The newest decision about any of its work: a call that goes on with an earlier one now was decided about."""
        found = [self._reviews[one.source] for one in line.stretches if one.source in self._reviews]
        return max(found, key=lambda review: review.id, default=None)

    def _card(self, at: datetime, zone: str) -> RateCard | None:
        return contract.in_force(self._cards, at.astimezone(ZoneInfo(zone)).date())

    @cached_property
    def _cards(self) -> Sequence[tuple[date, RateCard]]:
        if self.cards is not None:
            return self.cards
        theirs = select(Contract).where(Contract.customer_id == self.account)
        return [(one.valid_from, one.rates) for one in self.session.scalars(theirs)]

    @cached_property
    def _reviews(self) -> dict[str, Review]:
        theirs = select(Review).where(Review.account == self.account).order_by(Review.id)
        return {one.source: one for one in self.session.scalars(theirs)}

    @cached_property
    def _versions(self) -> dict[str, int]:
        return {"set_up": set_up_version(self.session), "holidays": holidays.version(self.session)}

    @cached_property
    def _calendars(self) -> dict[int | None, BusinessCalendar]:
        days = frozenset(holidays.in_force(self.session) if self.days is None else self.days)
        row = statement.of(self.session, self.month.name)
        stored = row.hours if row and row.hours else hours.snapshot(self.session)
        found: dict[int | None, BusinessCalendar] = {one["id"]: hours.as_charged(one, days) for one in stored}
        if not found:
            raise hours.NoHours
        return {**found, None: next(iter(found.values()))}


def as_decision(review: Review) -> Decision:
    """The stored decision, as a value for the arithmetic."""
    state = State(review.state) if review.state else None
    return Decision(review.who, review.reason, state, review.seconds, review.worked)
