"""Overrides as rows: put in, and taken back from an instant on; who was on duty before is written down first.

Whoever calls this reviews the swaps afterwards (swaps.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from oncall import record as record_
from oncall.refusals import TooLate
from oncall.roster import OverrideRecord, RotaRecord, rotas

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff


def locked(session: Session, record: RotaRecord) -> RotaRecord:
    """The same rota as it is now, and nobody else's to change until this transaction ends."""
    session.flush()
    session.expire(record)
    query = select(RotaRecord).where(RotaRecord.id == record.id).with_for_update()
    return session.scalars(query).one()


def locked_all(session: Session) -> list[RotaRecord]:
    """Every rota as it is now, and nobody else's to change; in one order, so that two who do this never cross."""
    session.flush()
    session.execute(select(RotaRecord.id).order_by(RotaRecord.id).with_for_update())
    session.expire_all()
    return rotas(session)


def put(session: Session, record: RotaRecord, row: OverrideRecord, who: Who, now: datetime) -> OverrideRecord:
    """Let an override act, from now on at the earliest; raises TooLate for one that is over."""
    if row.ends <= now:
        raise TooLate("that time is over; what has been cannot be changed")
    record_.write(session, record, now)
    row.rota_id, row.who, row.made_at = record.id, who.name, now
    row.starts = max(row.starts, now)
    session.add(row)
    session.flush()
    session.expire(record, ["overrides"])
    return row


def put_all(session: Session, record: RotaRecord, rows: Iterable[OverrideRecord], who: Who, now: datetime) -> None:
    """Let many overrides act, in this order, each from now on at the earliest; all of them end later than that."""
    record_.write(session, record, now)
    for row in rows:
        row.rota_id, row.who, row.made_at = record.id, who.name, now
        row.starts = max(row.starts, now)
        session.add(row)
    session.flush()  # at once, in this order: their numbers tell which is the later
    session.expire(record, ["overrides"])


def withdraw(
    session: Session,
    record: RotaRecord,
    rows: Iterable[OverrideRecord],
    who: Who,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Let overrides act until an instant, now unless said otherwise; what they did stays as it was."""
    record_.write(session, record, now)
    for row in rows:
        row.withdrawn_at, row.withdrawn_by = max(until or now, now), who.name
    session.flush()


def replacement(new: Staff, old: Staff, starts: datetime, ends: datetime, rotation: str, reason: str) -> OverrideRecord:
    """Somebody for somebody else, in one lane."""
    return OverrideRecord(
        kind="replace",
        staff_id=new.id,
        instead_of_id=old.id,
        starts=starts,
        ends=ends,
        rotation=rotation,
        reason=reason,
        below=False,
    )


def is_still_there(row: OverrideRecord, now: datetime) -> bool:
    """Whether it can be taken back: it is there, and has something left to do."""
    return row.withdrawn_at is None and row.ends > now
