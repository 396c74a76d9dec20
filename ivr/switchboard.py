"""The Switchboard: one frozen value from which a live call decides, built per version of the set-up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import numbers
from desk.db import set_up_version
from desk.staff import Role, Staff
from ivr import announcement, recorded, wording
from ivr.line import BlockedNumber, Line
from ivr.prompts import languages
from ivr.tongues import OURS
from oncall import roster, verification
from oncall.escalation import OnCall, choose, on_duty
from sla import contract, holidays
from sla.contract import Contract
from sla.money.pieces import piece_at, rule_at
from sla.money.stretch import Basis
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from ivr.announcement import Announced
    from ivr.recorded import Recorded
    from oncall.escalation import Choice, Policy, Target, Tried
    from oncall.plan import Plan
    from sla.calendar import BusinessCalendar
    from sla.hours import BusinessHours
    from sla.money.rates import RateCard
    from sla.overtime import Band, Cover


@dataclass(frozen=True)
class LineSetUp:
    """A line as a call needs it."""

    id: int
    number: str
    company: str
    languages: tuple[str, ...]
    announcement: str
    zone: str
    hours_id: int
    actual: BusinessCalendar
    regular: BusinessCalendar  # what work is charged by
    hunt: Policy
    policy: Policy
    announcements: tuple[Announced, ...] = ()  # in the order in which they begin

    @property
    def spoken(self) -> tuple[str, ...]:
        """Its languages that a voice speaks, or else ours: what nobody could record before is written in these."""
        return tuple(one for one in self.languages if one in languages()) or (OURS,)

    def announced(self, language: str, at: datetime) -> str:
        """What is said before the menu at that instant: what the set-up says for good, and every announcement."""
        said = (one.words(language) for one in self.announcements if one.holds(at))
        return " ".join(filter(None, (self.announcement, *said)))


@dataclass(frozen=True)
class Engineer:
    """Somebody who can be rung."""

    id: int
    key: str
    name: str
    phone: str | None
    proved: bool = False  # the number is theirs: they read out a code that was sent to it


@dataclass(frozen=True)
class Caller:
    """Whom a number belongs to."""

    contact_id: int
    customer_id: int
    customer: str
    language: str | None


@dataclass(frozen=True)
class Switchboard:
    """Everything set up, frozen. Two Switchboards of one version are equal."""

    version: int
    holidays_version: int
    lines: Mapping[str, LineSetUp]
    engineers: Mapping[str, Engineer]
    directory: Mapping[str, Caller]
    contracts: Mapping[int, tuple[tuple[date, RateCard], ...]]
    rotas: Mapping[str, Plan]
    blocked: frozenset[str]
    words: Mapping[str, dict[str, str]]
    recorded: Mapping[str, Mapping[str, Recorded]] = field(default_factory=dict)
    tongues: Mapping[str, str] = field(default_factory=dict)  # what the recorded languages are called

    def line(self, line_id: int) -> LineSetUp:
        """The line of that id; raises LookupError if it was taken out of service."""
        for line in self.lines.values():
            if line.id == line_id:
                return line
        raise LookupError(f"line {line_id} is not set up any more")

    def engineer(self, staff_id: int) -> Engineer | None:
        """Whoever has that number among the staff, if they are rung at all."""
        return next((one for one in self.engineers.values() if one.id == staff_id), None)

    def card(self, customer_id: int | None, line: LineSetUp, at: datetime) -> RateCard | None:
        """The contract in force for a customer on that local day."""
        if customer_id is None:
            return None
        return contract.in_force(self.contracts.get(customer_id, ()), at.astimezone(ZoneInfo(line.zone)).date())

    def cover(self, customer_id: int | None, line: LineSetUp, at: datetime) -> Cover | None:
        """What a customer's contract says of work that begins now; None without a contract."""
        card = self.card(customer_id, line, at)
        rule = rule_at(at, card, line.regular) if card else None
        return rule.cover if rule else None

    def band(self, customer_id: int | None, line: LineSetUp, at: datetime) -> Band:
        """What kind of hour it is for a customer: to some a closure is no office hour."""
        return piece_at(at, self.card(customer_id, line, at), line.regular).kind.band

    def rules(self, customer_id: int | None, line: LineSetUp, at: datetime) -> Basis:
        """What work that begins at that instant is judged by."""
        versions = {"set_up": self.version, "holidays": self.holidays_version, "hours": line.hours_id}
        return Basis(line.regular, self.card(customer_id, line, at), versions)

    def on_duty(self, at: datetime) -> Callable[[Target], str | None]:
        """Who stands behind a target of a policy at that instant: the one answer to "who rings"."""
        return on_duty(self.rotas, at)

    def in_order(self, policy: Policy, at: datetime, tried: Sequence[Tried] = ()) -> Iterator[Choice]:
        """Whom one round of a policy rings, one after another, if nobody takes it."""
        once = replace(policy, rounds=1)
        while (choice := choose(once, self.on_duty(at), self.obstacle, tried, unready=self.unready)).ring:
            tried = choice.tried
            yield choice

    def why(self, policy: Policy, choice: Choice, at: datetime) -> str:
        """Why this person is rung now: the rota's own sentence, or that they have the ticket or are named."""
        if choice.step is None:
            return "has the ticket"
        for target in policy.steps[choice.step]:
            if isinstance(target, OnCall) and self.on_duty(at)(target) == choice.ring:
                return self.rotas[target.rota].who(at)[target.place].why + self._late(choice.ring)
        return f"named by {policy.name}{self._late(choice.ring)}"

    @property
    def unready(self) -> frozenset[str]:
        """Those who have not proved their number: they ring after the others, rather than nobody."""
        return frozenset(one.key for one in self.engineers.values() if not one.proved)

    def _late(self, key: str | None) -> str:
        others = any(one.proved for one in self.engineers.values())
        return "; rings last, for the number is not proved" if others and key in self.unready else ""

    def obstacle(self, key: str) -> str | None:
        """Why somebody cannot be rung at all, whoever calls; None if they can."""
        engineer = self.engineers.get(key)
        if engineer is None:
            return "has left"
        if engineer.phone is None:
            return "has no number"
        if engineer.phone in self.lines:
            return "has a number that is a line of ours"
        return None if numbers.may_dial(engineer.phone) else "has a number that cannot be dialled"


class Outdated(Exception):
    """The set-up has changed since the Switchboard of this process was built."""


class Switchboards:
    """The newest Switchboard of this process, built again only when the set-up has changed."""

    def __init__(self) -> None:
        self.last: Switchboard | None = None
        self._building = Lock()

    def newest(self, session: Session) -> Switchboard:
        """The last one, if it is of the version that this transaction sees; raises Outdated."""
        if self.last is None or self.last.version != set_up_version(session):
            raise Outdated
        return self.last

    def current(self, session: Session) -> Switchboard:
        """The Switchboard of the version that this transaction sees: one short query when nothing changed."""
        version = set_up_version(session)
        if self.last and self.last.version == version:
            return self.last
        with self._building:
            if not self.last or self.last.version != version:
                self.last = build(session, version)
            return self.last


def build(session: Session, version: int) -> Switchboard:
    """Read the whole set-up."""
    days = frozenset(holidays.in_force(session))
    return Switchboard(
        version=version,
        holidays_version=holidays.version(session),
        lines={line.number: _line(session, line, days) for line in session.scalars(select(Line).order_by(Line.id))},
        engineers=_engineers(session),
        directory=_directory(session),
        contracts=_contracts(session),
        rotas=roster.plans(session),
        blocked=frozenset(session.scalars(select(BlockedNumber.number))),
        words=_words(session),
        recorded=recorded.in_force(session),
        tongues=recorded.names(session),
    )


def trying(board: Switchboard, hours: BusinessHours, days: frozenset[date]) -> Switchboard:
    """The same where the lines of these hours keep them as they are here, stored or not."""
    lines = {
        number: replace(line, actual=hours.actual(days), regular=hours.charged(days))
        if line.hours_id == hours.id
        else line
        for number, line in board.lines.items()
    }
    return replace(board, lines=lines)


def saying(board: Switchboard, said: Sequence[tuple[int, Announced]], unsaid: Sequence[Announced] = ()) -> Switchboard:
    """The same with announcements more, each of the line of that id, and with some less."""
    lines = {
        number: replace(
            line,
            announcements=(
                *(one for one in line.announcements if one not in unsaid),
                *(one for whose, one in said if whose == line.id),
            ),
        )
        for number, line in board.lines.items()
    }
    return replace(board, lines=lines)


def _line(session: Session, line: Line, days: frozenset[date]) -> LineSetUp:
    return LineSetUp(
        id=line.id,
        number=line.number,
        company=line.company,
        languages=tuple(line.languages),
        announcement=line.announcement or "",
        zone=line.hours.zone,
        hours_id=line.hours_id,
        actual=line.hours.actual(days),
        regular=line.hours.charged(days),
        hunt=line.hunt_group.value,
        policy=line.policy.value,
        announcements=tuple(one.value for one in announcement.of_line(session, line.id)),
    )


def _engineers(session: Session) -> dict[str, Engineer]:
    proved = verification.proved(session)
    staff = session.scalars(select(Staff).where(Staff.active, Staff.role != Role.BILLING))
    return {one.key: Engineer(one.id, one.key, one.name, one.phone, one.id in proved) for one in staff}


def _directory(session: Session) -> dict[str, Caller]:
    people = (
        select(Contact.phone, Contact.id, Customer.id, Customer.name, Contact.language)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.phone.is_not(None))
    )
    return {
        phone: Caller(contact_id, customer_id, customer, language)
        for phone, contact_id, customer_id, customer, language in session.execute(people)
        if phone
    }


def _contracts(session: Session) -> dict[int, tuple[tuple[date, RateCard], ...]]:
    found: dict[int, tuple[tuple[date, RateCard], ...]] = {}
    for one in session.scalars(select(Contract).order_by(Contract.customer_id, Contract.version)):
        found[one.customer_id] = (*found.get(one.customer_id, ()), (one.valid_from, one.rates))
    return found


def _words(session: Session) -> dict[str, dict[str, str]]:
    asked = {OURS} | {one for spoken in session.scalars(select(Line.languages)) for one in spoken}
    return {language: wording.in_force(session, language) for language in sorted(asked)}
