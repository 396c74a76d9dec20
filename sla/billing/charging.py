"""Charging: a customer's month is charged anew, and its lines written, whenever something has marked it.

Everything is computed in a reading session. It is written some hundred rows at a time, so that no caller waits for
the database; until the last of them the month is still marked, and whoever marks it meanwhile has it done again.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from desk.db import is_locked
from sla.billing import statement
from sla.billing.charge_line import Account, ChargeLine
from sla.billing.planning import called, name, planned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from desk.db import Database
    from sla.billing.planning import Plan, Values

log = logging.getLogger(__name__)
CHUNK = 500  # rows a transaction
AT_ONCE = 20  # customers' months of a worker's turn


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
    _write(database, plan, now)


def renew_line(database: Database, account: int, month: str, source: str, now: datetime) -> None:
    """Charge one line of a customer's month anew, which stays marked: a worker comes to the others."""
    with database.reading() as session:
        theirs = select(Account.id).where(Account.account == account, Account.month == month)
        plan = planned(session, session.scalars(theirs).one(), now, only=source)
    _write(database, plan, now)


def _write(database: Database, plan: Plan, now: datetime) -> None:
    for write in _chunks(plan, now):
        if not database.write(write):
            log.info("customer's month %s was marked again meanwhile", plan.number)
            return


def _chunks(plan: Plan, now: datetime) -> Iterator[Callable[[Session], bool]]:
    """What is written in one transaction after another; the last one takes the mark off, if it was all of it."""
    for at in range(0, len(plan.gone), CHUNK):
        yield partial(_guarded, plan, partial(_remove, plan.gone[at : at + CHUNK]))
    for at in range(0, len(plan.put), CHUNK):
        yield partial(_guarded, plan, partial(_put, plan.put[at : at + CHUNK], now))
    if plan.whole:
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
    known = {called(*words): number for number, *words in session.execute(named)}
    rows = [{**one, "charged_at": now, "id": known.get(name(one))} for one in some]
    old, new = ([one for one in rows if bool(one["id"]) is there] for there in (True, False))
    if old:
        session.execute(update(ChargeLine), old)
    if new:
        session.execute(insert(ChargeLine), [{column: one[column] for column in one if column != "id"} for one in new])


def _done(plan: Plan, session: Session) -> None:
    values: Values = {"charged": plan.wanted} | ({"reasons": []} if plan.settled else {})
    session.execute(update(Account).where(Account.id == plan.number).values(values))
