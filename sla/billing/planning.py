"""Planning: what has to be written so that the lines of a customer's month say what is true now.

Computed in a reading session, in memory; `charging` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, or_, select

from sla import holidays
from sla.billing import charger, statement
from sla.billing.charge_line import Account, ChargeLine
from sla.billing.line_facts import Facts
from sla.billing.stored_line import as_line, values
from sla.hours import own_zone
from sla.money.correction import corrections
from sla.money.reason import telling
from sla.month import Month

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from sla.money.rates import RateCard

REACH = timedelta(days=5 * 365)  # what is older is not charged anew: its work goes after six years (desk.retention)
# Source, what it corrects, and of a correction the month in which it is billed: within an account's month of work.
Name = tuple[str, str, str]
Values = dict[str, Any]
COLUMNS = [column.key for column in inspect(ChargeLine).columns if column.key not in ("id", "charged_at")]
CALLED = {"customer_code", "customer", "caller", "contact", "reference", "engineers"}
# What a line says apart from the state of the tables that it was made from: a later version need not say another thing.
SAID = [name for name in COLUMNS if name != "versions"]


@dataclass(frozen=True)
class Plan:
    """What is to be written of one customer's month: by which count of reasons, into which open month, what is gone."""

    number: int
    wanted: int
    into: str
    put: Sequence[Values]
    gone: Sequence[int]
    settled: bool  # nothing is corrected, so nobody need remember why
    alarming: bool = False  # it differs in more than in what somebody is called
    whole: bool = True  # it heeds all reasons: the month is charged once it is written

    @property
    def differs(self) -> bool:
        """Whether the stored lines do not say what is true."""
        return bool(self.put or self.gone)


def planned(
    session: Session,
    number: int,
    now: datetime,
    days: Mapping[date, str] | None = None,
    cards: Sequence[tuple[date, RateCard]] | None = None,
    only: str = "",
) -> Plan:
    """What has to be written so that the lines of a customer's month say what is true now.

    `days`, `cards`: holidays and versions of the contract instead of those that there are, to see what would change.
    `only`: of the line of this source alone, and what corrects it; nothing, where nothing is billed under that name
    any more.
    """
    row = session.get_one(Account, number)
    zone = own_zone(session)
    month, into = Month.named(row.month, zone), statement.open_month(session, row.month, zone)
    if month.span.end < now - REACH:
        return Plan(row.id, row.wanted, into.name, (), (), settled=True)
    days = holidays.in_force(session) if days is None else days
    lines = charger.lines(session, row.account, month, days, cards, only)
    if only and not lines:
        return Plan(row.id, row.wanted, into.name, (), (), settled=False, whole=False)
    facts = Facts.read(session, row.account, [one.line for one in lines], days)
    stored = _stored(session, row, into.name, *_about(only))
    if into == month:
        made = [values(one, facts, row.month) for one in lines]
    else:
        made = _corrected(session, row, lines, into, facts, *_about(only))
    return replace(_differing(row, into.name, made, stored), whole=not only)


def called(source: str, corrects: str, month: str) -> Name:
    """A line is corrected once in each month; when one is opened again, those after it have corrections already."""
    return source, corrects, month if corrects else ""


def name(values: Values) -> Name:
    """What a line that is to be written is called."""
    return called(values["source"], values["corrects"], values["month"])


def _about(only: str) -> list[ColumnElement[bool]]:
    return [or_(ChargeLine.source == only, ChargeLine.corrects == only)] if only else []


def _corrected(
    session: Session,
    row: Account,
    lines: Sequence[charger.Charged],
    into: Month,
    facts: Facts,
    *which: ColumnElement[bool],
) -> list[Values]:
    """The corrections, in an open month, of what a closed one says."""
    closed = (ChargeLine.account == row.account, ChargeLine.of_month == row.month, ChargeLine.month < into.name)
    books = session.scalars(select(ChargeLine).where(*closed, *which).order_by(ChargeLine.month, ChargeLine.id)).all()
    month = Month.named(row.month, into.zone)
    known = {one.line.key: one for one in lines}
    found = corrections([as_line(one, month) for one in books], [one.line for one in lines], into, telling(row.why))
    before = {one.source: one for one in books}
    return [
        values(
            replace(known.get(line.key, charger.Charged(line, line)), line=line),
            facts,
            row.month,
            before.get(line.corrects),
        )
        for line in found
    ]


def _stored(session: Session, row: Account, into: str, *which: ColumnElement[bool]) -> dict[Name, ChargeLine]:
    """The lines that may still change: in open months, of work in this one."""
    theirs = (ChargeLine.account == row.account, ChargeLine.of_month == row.month, ChargeLine.month >= into)
    rows = session.scalars(select(ChargeLine).where(*theirs, *which))
    return {called(one.source, one.corrects, one.month): one for one in rows}


def _differing(row: Account, into: str, made: Sequence[Values], stored: Mapping[Name, ChargeLine]) -> Plan:
    wanted = {name(one): {**one, "account": row.account} for one in made}
    put = [one for named, one in wanted.items() if named not in stored or _says_another(stored[named], one)]
    gone = [one.id for named, one in stored.items() if named not in wanted]
    before = [(stored.get(name(one)), one) for one in put]
    alarming = bool(gone) or any(line is None or _says_another(line, one, CALLED) for line, one in before)
    return Plan(row.id, row.wanted, into, put, gone, into == row.month or not made, alarming)


def _says_another(line: ChargeLine, values: Values, apart: Collection[str] = ()) -> bool:
    return any(getattr(line, column) != values[column] for column in SAID if column not in apart)
