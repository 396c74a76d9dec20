"""The office in which tests change the demo's rota: its people, its clock, and who is rung by a call at a moment.

The demo: Thandi has first the week of Monday 16 November 2026, then Pieter, then Lerato; second is whoever is first
in the week after. Hand-off is Monday 08:30 in Johannesburg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cast import KAROO, NUMBERS
from conftest import LINE, network_of
from desk.audit import Entry, Who
from desk.staff import Staff
from oncall import roster, worker
from oncall.shifts import ShiftId
from oncall.verification import Verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from oncall.plan import Plan
    from oncall.roster import RotaRecord
    from simulator.clock import Clock
    from simulator.network import Network

Result = TypeVar("Result")
ZONE = ZoneInfo("Africa/Johannesburg")
TERMINAL = Who("root", "terminal")
KEYS = {number: name.split()[0].lower() for name, number in NUMBERS.items()}


def at(text: str, zone: str = "Africa/Johannesburg") -> datetime:
    """The instant of a wall time, in Johannesburg unless another zone is said: "2026-11-23 08:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wall(instant: datetime) -> str:
    """The other way round."""
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def shift(monday: str, rotation: str = "First") -> ShiftId:
    """The identity of the shift that begins on that Monday."""
    return ShiftId(rotation, at(f"{monday} 08:30"))


@dataclass
class Office:
    """The application, its clock, and verbs that say who does what."""

    app: Flask
    clock: Clock

    @property
    def now(self) -> datetime:
        return self.clock()

    @cached_property
    def database(self) -> Database:
        return self.app.extensions["database"]

    @cached_property
    def network(self) -> Network:
        return network_of(self.app, self.clock)

    def do(self, work: Callable[[Session], Result]) -> Result:
        """One transaction."""
        return self.database.write(work)

    def who(self, key: str) -> Who:
        """That colleague, signed in."""
        with self.database.reading() as session:
            staff = self.staff(session, key)
            return Who(staff.name, "127.0.0.1", staff.id)

    def staff(self, session: Session, key: str) -> Staff:
        return session.scalars(select(Staff).where(Staff.key == key)).one()

    def rota(self, session: Session) -> RotaRecord:
        return roster.named(session, "Standby")

    def plan(self) -> Plan:
        """As the next call will decide by it."""
        with self.database.reading() as session:
            return self.app.extensions["exchange"].boards.current(session).rotas["Standby"]

    def first(self, *moments: str) -> list[str]:
        """Who rings first at these moments, by the plan."""
        return [duties[0].engineer if (duties := self.plan().who(at(moment))) else "nobody" for moment in moments]

    def rings(self, moment: str | None = None) -> list[str]:
        """Whom a call at a moment rings in the first round, if everybody is busy."""
        if moment:
            self.clock.until(at(moment))
        self.network.in_order("busy")
        call = self.network.ring(KAROO, LINE)
        call.press("2")
        call.hang_up()
        rung = [KEYS[leg.to] for leg in call.children]
        return list(dict.fromkeys(rung))

    def tick(self) -> None:
        """The worker has a look."""
        with self.app.app_context():
            worker.tick()

    def prove(self, *keys: str) -> None:
        """These have proved their numbers."""

        def work(session: Session) -> None:
            for key in keys:
                staff = self.staff(session, key)
                proof = Verification(staff_id=staff.id, phone=staff.phone, way="text", code="000000", sent_at=self.now)
                proof.verified_at = self.now
                session.add(proof)

        self.do(work)

    def audited(self, *whats: str) -> list[Entry]:
        """What the audit says of these, oldest first."""
        with self.database.reading() as session:
            query = select(Entry).order_by(Entry.id)
            return list(session.scalars(query.where(Entry.what.in_(whats)) if whats else query))
