"""What the tests of billing share: work as a person would write it, charged and closed as it really is.

`harbour Sun 22 Nov 02:00 for 11 min accepted` is a stretch of work; times are on the office's clocks, in 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk.audit import Who
from desk.staff import Staff
from sla import contract, holidays, worklog
from sla.billing import charging, closing
from sla.billing.charge_line import ChargeLine, rand
from sla.contract import Contract
from sla.hours import own
from sla.interval import Interval
from sla.money.stretch import Basis, Stretch
from sla.month import Month
from sla.phrases import money
from tickets.people import Customer
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.clock import Clock
    from sla.billing.statement import Statement

ZONE = "Africa/Johannesburg"
WORK = re.compile(r"(\S+) (\w{3} \d+ \w{3}) (\d\d:\d\d) for (\d+) min(?: (accepted|refused))?(?: ticket (\d+))?")
ANSWERS = {"accepted": True, "refused": False, None: None}


def wall(day: str, clock: str = "00:00", year: int = 2026) -> datetime:
    """`Sun 22 Nov`, `02:00`, as an instant; the weekday has to be right."""
    at = datetime.strptime(f"{day} {year} {clock}", "%a %d %b %Y %H:%M").replace(tzinfo=ZoneInfo(ZONE))
    assert f"{at:%a}" == day[:3], f"{day} {year} is a {at:%A}"
    return at.astimezone(UTC)


@dataclass
class Billing:
    """The desk of whoever closes the months."""

    database: Database
    clock: Clock
    dice: Random
    number: int = 0

    def works(self, *said: str) -> list[str]:
        """Stretches of work, as they come in; the sources of each."""
        return [self._works(*found.groups()) for one in said if (found := WORK.fullmatch(one))]

    def _works(self, code: str, day: str, clock: str, minutes: str, answer: str | None, ticket: str | None) -> str:
        start = wall(day, clock)
        self.number += 1
        source = f"page {1000 + self.number}"
        with self.database.writing() as session:
            customer = session.scalars(select(Customer).where(Customer.code == code)).one_or_none()
            number = self._ticket(session, customer, start, ticket)
            thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
            span = Interval(start, start + timedelta(minutes=int(minutes)))
            consent = ANSWERS[answer]
            told = "pressed 1 at 02:00:41" if consent else ""
            stretch = Stretch(source, number, thandi.id, customer.id if customer else None, span, consent, told)
            worklog.record(session, stretch, basis(session, customer, start), self.clock())
        return source

    def _ticket(self, session: Session, customer: Customer | None, at: datetime, name: str | None) -> int:
        subject = f"story {name}" if name else f"work {self.number}"
        found = session.scalars(select(Ticket).where(Ticket.subject == subject)).one_or_none()
        if found is None:
            whose = customer.id if customer else None
            caller = {"caller": "+27825550202", "customer_id": whose}
            found = open_ticket(session, dice=self.dice, at=at, subject=subject, **caller)
        return found.id

    def charge(self) -> None:
        """As the worker does it."""
        while charging.look(self.database, self.clock, lambda: False):
            pass

    def lines(self, month: str = "2026-11") -> list[str]:
        """Each line of a month in short: `Sun 02:00 harbour billable 30 min R760.00`."""
        self.charge()
        with self.database.reading() as session:
            query = select(ChargeLine).where(ChargeLine.month == month).order_by(ChargeLine.starts, ChargeLine.id)
            return [self._told(one) for one in session.scalars(query)]

    def _told(self, one: ChargeLine) -> str:
        local = one.starts.astimezone(ZoneInfo(ZONE))
        code, what = one.customer_code or "nobody", one.state.replace("_", " ")
        late = f" of {one.of_month}" if one.of_month != one.month else ""
        return (
            f"{local:%a %d %b %H:%M} {code} {what} {one.billed_seconds // 60} min {money(rand(one.amount_cents))}{late}"
        )

    def line(self, source: str, corrects: str = "") -> ChargeLine:
        """A stored line."""
        with self.database.reading() as session:
            named = (ChargeLine.source == source, ChargeLine.corrects == corrects)
            return session.scalars(select(ChargeLine).where(*named)).one()

    def month(self, name: str = "2026-11") -> Month:
        return Month.named(name, ZONE)

    def who(self, key: str = "bongani") -> Who:
        with self.database.reading() as session:
            staff = session.scalars(select(Staff).where(Staff.key == key)).one()
            return Who(staff.name, "test", staff.id)

    def close(self, name: str = "2026-11", waiver: str = "no carrier in this test") -> Statement:
        """Close a month, some days after its end."""
        self.charge()
        self.clock.until(self.month(name).span.end + timedelta(days=3))
        with self.database.writing() as session:
            return closing.close(session, self.month(name), "Protea IT Support", self.who(), self.clock(), waiver)

    def holiday(self, day: date, name: str = "Declared late") -> None:
        with self.database.writing() as session:
            holidays.add(session, day, name, "Naledi Dlamini", self.clock())

    def agree(self, code: str, since: date, **more: object) -> None:
        """A new version of a customer's contract."""
        with self.database.writing() as session:
            theirs = select(Contract).join(Customer, Customer.id == Contract.customer_id).where(Customer.code == code)
            last = session.scalars(theirs.order_by(Contract.version.desc())).first()
            assert last
            said = {"name": last.name, "bands": last.bands, "card": last.card, "needs_consent": last.needs_consent}
            row = Contract(customer_id=last.customer_id, version=last.version + 1, valid_from=since, **{**said, **more})
            session.add(row)


def basis(session: Session, customer: Customer | None, at: datetime) -> Basis:
    """What work of that instant is judged by."""
    hours = own(session)
    assert hours
    calendar = hours.charged(frozenset(holidays.in_force(session)))
    theirs = session.scalars(select(Contract).where(Contract.customer_id == (customer.id if customer else 0)))
    cards = [(one.valid_from, one.rates) for one in theirs]
    card = contract.in_force(cards, at.astimezone(ZoneInfo(ZONE)).date())
    return Basis(calendar, card, {"holidays": holidays.version(session), "hours": hours.id})
