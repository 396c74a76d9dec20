"""Charging: a customer's month is charged anew, and its lines written, whenever something has marked it.

Everything is computed in a reading session. It is written some hundred rows at a time, so that no caller waits for
the database; until the last of them the month is still marked, and whoever marks it meanwhile has it done again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, inspect, select, update

from desk.db import is_locked
from sla import holidays
from sla.billing import charger, statement
from sla.billing.charge_line import Account, ChargeLine
from sla.billing.line_facts import Facts
from sla.billing.stored_line import as_line, values
from sla.hours import own_zone
from sla.money.correction import corrections
from sla.month import Month

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from desk.db import Database
    from sla.money.rates import RateCard

log = logging.getLogger(__name__)
CHUNK = 500  # rows a transaction
RECENT = timedelta(days=100)  # as far back as is looked every day
MINUTES = 10  # after which it is the turn of another part
PARTS = 24 * 60 // MINUTES
REACH = timedelta(days=5 * 365)  # what is older is not charged anew: its work goes after six years (desk.retention)
AT_ONCE = 20  # customers' months of a worker's turn
SOMETHING = "something is known now that was not then"
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

    @property
    def differs(self) -> bool:
        """Whether the stored lines do not say what is true."""
        return bool(self.put or self.gone)


def stale(session: Session, *which: ColumnElement[bool], limit: int | None = None) -> list[int]:
    """The customers' months that are to be charged anew, the longest known first; of all or of these."""
    query = select(Account.id).where(Account.wanted != Account.charged, *which).order_by(Account.id)
    return list(session.scalars(query.limit(limit)))


def look(database: Database, clock: Callable[[], datetime], stopped: Callable[[], bool]) -> bool:
    """A worker's turn; whether there is more to do."""
    with database.reading() as session:
        numbers = stale(session, limit=AT_ONCE)
    done = 0
    for number in numbers:
        if stopped():
            return False
        done += _renewed(database, number, clock())
    return done == AT_ONCE


def _renewed(database: Database, number: int, now: datetime) -> bool:
    """Charge it; where that fails, everybody else's lines are charged all the same, and no month is closed over it."""
    try:
        renew(database, number, now)
    except Exception as error:  # whatever is odd about one customer's month
        if is_locked(error):
            raise
        log.exception("customer's month %s could not be charged", number)
        return False
    return True


def renew_stale(database: Database, now: datetime, *which: ColumnElement[bool]) -> None:
    """Charge those of these customers' months that are marked: whoever waits for them sees what is true now."""
    with database.reading() as session:
        numbers = stale(session, *which)
    for number in numbers:
        renew(database, number, now)


def renew(database: Database, number: int, now: datetime) -> None:
    """Charge one customer's month anew, and write what differs."""
    with database.reading() as session:
        plan = planned(session, number, now)
    for write in _chunks(plan, now):
        if not database.write(write):
            log.info("customer's month %s was marked again meanwhile", number)
            return


def planned(
    session: Session,
    number: int,
    now: datetime,
    days: Mapping[date, str] | None = None,
    cards: Sequence[tuple[date, RateCard]] | None = None,
) -> Plan:
    """What has to be written so that the lines of a customer's month say what is true now.

    `days`, `cards`: holidays and versions of the contract instead of those that there are, to see what would change.
    """
    row = session.get_one(Account, number)
    zone = own_zone(session)
    month, into = Month.named(row.month, zone), statement.open_month(session, row.month, zone)
    if month.span.end < now - REACH:
        return Plan(row.id, row.wanted, into.name, (), (), settled=True)
    days = holidays.in_force(session) if days is None else days
    lines = charger.lines(session, row.account, month, days, cards)
    facts = Facts.read(session, row.account, [one.line for one in lines], days)
    stored = _stored(session, row, into.name)
    if into == month:
        made = [values(one, facts, row.month) for one in lines]
    else:
        made = _corrected(session, row, lines, into, facts)
    return _differing(row, into.name, made, stored)


def recompute_some(session: Session, now: datetime) -> Callable[[Session, datetime], None]:
    """The part of it whose turn it is at this time of day: whoever is paged must not wait for all of it."""
    return recompute(session, now, Account.id % PARTS == (now.hour * 60 + now.minute) // MINUTES)


def recompute(session: Session, now: datetime, *which: ColumnElement[bool]) -> Callable[[Session, datetime], None]:
    """Charge all months of late anew, open or closed; return what puts right, and tells, what differs.

    What is marked is left out: a worker is about to charge it. The session must be one that only reads.
    """
    since = f"{now - RECENT:%Y-%m}"
    settled = (Account.wanted == Account.charged, Account.month >= since)
    numbers = session.scalars(select(Account.id).where(*settled, *which)).all()
    plans = {number: plan for number in numbers if (plan := planned(session, number, now)).differs}
    differing = {number: plan.alarming for number, plan in plans.items()}

    def put_right(session: Session, now: datetime) -> None:
        for row in session.scalars(select(Account).where(Account.id.in_(differing)).with_for_update()):
            row.wanted += 1
            if differing[row.id]:
                log.error("the charge lines of account %s in %s were not what they should be", row.account, row.month)

    return put_right


def _corrected(
    session: Session, row: Account, lines: Sequence[charger.Charged], into: Month, facts: Facts
) -> list[Values]:
    """The corrections, in an open month, of what a closed one says."""
    closed = (ChargeLine.account == row.account, ChargeLine.of_month == row.month, ChargeLine.month < into.name)
    books = session.scalars(select(ChargeLine).where(*closed).order_by(ChargeLine.month, ChargeLine.id)).all()
    month = Month.named(row.month, into.zone)
    reason = "; ".join(row.reasons) or SOMETHING
    known = {one.line.key: one for one in lines}
    found = corrections([as_line(one, month) for one in books], [one.line for one in lines], into, reason)
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


def _stored(session: Session, row: Account, into: str) -> dict[Name, ChargeLine]:
    """The lines that may still change: in open months, of work in this one."""
    theirs = (ChargeLine.account == row.account, ChargeLine.of_month == row.month, ChargeLine.month >= into)
    rows = session.scalars(select(ChargeLine).where(*theirs))
    return {_name(one.source, one.corrects, one.month): one for one in rows}


def _name(source: str, corrects: str, month: str) -> Name:
    """A line is corrected once in each month; when one is opened again, those after it have corrections already."""
    return source, corrects, month if corrects else ""


def _named(values: Values) -> Name:
    return _name(values["source"], values["corrects"], values["month"])


def _differing(row: Account, into: str, made: Sequence[Values], stored: Mapping[Name, ChargeLine]) -> Plan:
    wanted = {_named(one): {**one, "account": row.account} for one in made}
    put = [one for name, one in wanted.items() if name not in stored or _says_another(stored[name], one)]
    gone = [one.id for name, one in stored.items() if name not in wanted]
    before = [(stored.get(_named(one)), one) for one in put]
    alarming = bool(gone) or any(line is None or _says_another(line, one, CALLED) for line, one in before)
    return Plan(row.id, row.wanted, into, put, gone, into == row.month or not made, alarming)


def _says_another(line: ChargeLine, values: Values, apart: Collection[str] = ()) -> bool:
    return any(getattr(line, name) != values[name] for name in SAID if name not in apart)


def _chunks(plan: Plan, now: datetime) -> Iterator[Callable[[Session], bool]]:
    """What is written in one transaction after another; the last one takes the mark off."""
    for at in range(0, len(plan.gone), CHUNK):
        yield partial(_guarded, plan, partial(_remove, plan.gone[at : at + CHUNK]))
    for at in range(0, len(plan.put), CHUNK):
        yield partial(_guarded, plan, partial(_put, plan.put[at : at + CHUNK], now))
    yield partial(_guarded, plan, partial(_done, plan))


def _guarded(plan: Plan, work: Callable[[Session], None], session: Session) -> bool:
    """Do it if nothing has come up since; holds the customer's month, and the open one against being closed."""
    row = session.scalars(select(Account).where(Account.id == plan.number).with_for_update()).one()
    month = statement.held(session, plan.into)
    if row.wanted != plan.wanted or month.closed_at:
        return False
    work(session)
    return True


def _remove(numbers: Sequence[int], session: Session) -> None:
    session.execute(delete(ChargeLine).where(ChargeLine.id.in_(numbers)))


def _put(some: Sequence[Values], now: datetime, session: Session) -> None:
    first = some[0]
    work = (ChargeLine.account == first["account"], ChargeLine.of_month == first["of_month"])
    named = select(ChargeLine.id, ChargeLine.source, ChargeLine.corrects, ChargeLine.month).where(
        *work, ChargeLine.month >= first["month"], ChargeLine.source.in_([one["source"] for one in some])
    )
    known = {_name(*name): number for number, *name in session.execute(named)}
    rows = [{**one, "charged_at": now, "id": known.get(_named(one))} for one in some]
    old, new = ([one for one in rows if bool(one["id"]) is there] for there in (True, False))
    if old:
        session.execute(update(ChargeLine), old)
    if new:
        session.execute(insert(ChargeLine), [{name: one[name] for name in one if name != "id"} for one in new])


def _done(plan: Plan, session: Session) -> None:
    values: Values = {"charged": plan.wanted} | ({"reasons": []} if plan.settled else {})
    session.execute(update(Account).where(Account.id == plan.number).values(values))
