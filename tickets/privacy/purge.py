"""Purge: what has been kept for as long as its rule says goes, every night, a chunk at a time.

The row of the night says how far it is. Whoever locks that row does the next chunk, notes what went and moves on, all
in one transaction: any number of workers do a night once, and one that is killed leaves nothing half done. What may go
is looked for without a lock, and looked at again before it goes. A message's sound goes by the outbox, for the shelf
is outside. Logs hold masked numbers only; copies of the database (backups) are not reached from here, and what comes
back with one goes in the next night.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError

from tickets.privacy import holds, night
from tickets.privacy.brooms import BROOMS
from tickets.privacy.night import Night

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.retention import Kind
    from tickets.privacy.brooms import Broom
    from tickets.privacy.holds import Terms

log = logging.getLogger(__name__)
NAMES = [broom.name for broom in BROOMS]


@dataclass(frozen=True)
class Place:
    """How far a night is: since when it goes on, at which broom, after which key."""

    began_at: datetime
    step: str
    after: str | None


@dataclass(frozen=True)
class Chunk:
    """What goes next: these keys, if they still may; no broom if nothing is left."""

    broom: Broom | None
    terms: Terms
    keys: Sequence[Any] = ()


def look(database: Database, zone: str, now: datetime) -> bool:
    """Remove the next chunk of the night that it is; whether there may be more."""
    today = night.of(now, zone)
    with database.reading() as session:
        row = session.get(Night, today)
        if row and row.done_at:
            return False
        place = _place(row) if row else Place(now, NAMES[0], None)
        chunk = _next(session, holds.terms(session, place.began_at, today), place)
    try:
        database.write(lambda session: _go_on(session, today, place, chunk, now))
    except OperationalError:  # somebody else holds the lock: later
        raise
    except Exception as error:
        why = type(error).__name__
        log.exception("%s cannot be swept", chunk.broom and chunk.broom.name)
        database.write(lambda session: _pass_over(session, today, place, chunk, why))
    return chunk.broom is not None


def ahead(session: Session, zone: str, now: datetime) -> tuple[datetime, Mapping[Kind, int]]:
    """When the next night begins, and how many of each kind it would remove."""
    tomorrow = night.of(now, zone) + night.A_DAY
    at = night.begins(tomorrow, zone)
    terms = holds.terms(session, at, tomorrow)
    found: dict[Kind, int] = {}
    for broom in BROOMS:
        found[broom.kind] = found.get(broom.kind, 0) + broom.count(session, terms)
    return at, found


def _place(row: Night) -> Place:
    return Place(row.began_at, row.step, row.after)


def _next(session: Session, terms: Terms, place: Place) -> Chunk:
    start = NAMES.index(place.step) if place.step in NAMES else 0  # another release swept other tables
    for broom in BROOMS[start:]:
        after = place.after if broom.name == place.step else None
        if keys := broom.next(session, terms, after):
            return Chunk(broom, terms, keys)
    return Chunk(None, terms)


def _go_on(session: Session, today: date, place: Place, chunk: Chunk, now: datetime) -> None:
    row = _held(session, today, place)
    if row is None:
        return
    if chunk.broom is None:
        row.done_at = now
        log.info("the night's purge is done: %s", row.removed)
        return
    gone, last = chunk.broom.sweep(session, chunk.terms, chunk.keys, now)
    row.step, row.after = chunk.broom.name, last
    row.removed = row.removed | {chunk.broom.name: row.removed.get(chunk.broom.name, 0) + gone}


def _pass_over(session: Session, today: date, place: Place, chunk: Chunk, why: str) -> None:
    """What cannot be swept tonight keeps nothing else from going."""
    row = _held(session, today, place)
    if row and chunk.broom:
        following = NAMES[NAMES.index(chunk.broom.name) + 1 :]
        row.failed = row.failed | {chunk.broom.name: why}
        row.step, row.after = (following[0], None) if following else (chunk.broom.name, str(chunk.keys[-1]))


def _held(session: Session, today: date, place: Place) -> Night | None:
    """The night's row, held until the transaction ends; None if another worker has moved on."""
    row = session.get(Night, today, with_for_update=True)
    if row is None:
        row = Night(night=today, began_at=place.began_at, step=place.step, after=place.after, removed={}, failed={})
        session.add(row)
        session.flush()
    return row if row.done_at is None and _place(row) == place else None
