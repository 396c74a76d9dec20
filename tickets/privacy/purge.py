"""Purge: what has been kept for as long as its rule says goes, every night, a chunk at a time.

The row of the night says how far it is. Whoever locks that row does the next chunk, notes what went and moves on, all
in one transaction: any number of workers do a night once, and one that is killed leaves nothing half done. What may go
is looked for without a lock, and looked at again before it goes. A message's sound goes by the outbox, for the shelf
is outside. Logs hold masked numbers only; copies of the database (backups) are not reached from here, and what comes
back with one goes in the next night.

Whatever fails keeps nothing else from going: a chunk is tried again in smaller ones, down to the single row that is at
fault, which is passed over and noted. Only who waits for a lock waits for the next tick.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from desk.db import is_locked
from tickets.privacy import holds, night
from tickets.privacy.brooms import BROOMS
from tickets.privacy.night import Night
from tickets.privacy.pieces import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from tickets.privacy.broom import Broom
    from tickets.privacy.holds import Terms

log = logging.getLogger(__name__)
NAMES = [broom.name for broom in BROOMS]
OVER = "over"  # the step after the last
SMALLER = 25  # times, the chunk after one that failed
BAD = 20  # rows that are passed over one by one; of more, it is the table that is at fault


@dataclass(frozen=True)
class Place:
    """How far a night is: since when it goes on, at which broom, after which key, how many at once."""

    began_at: datetime
    step: str
    after: str | None
    most: int | None


@dataclass(frozen=True)
class Chunk:
    """What goes next: these keys, if they still may; no broom if nothing is left, no keys if they cannot be found."""

    broom: Broom | None
    terms: Terms
    keys: Sequence[Any] = ()
    fault: Exception | None = None


def look(database: Database, zone: str, now: datetime) -> bool:
    """Remove the next chunk of the night that it is; whether there may be more."""
    today = night.of(now, zone)
    with database.reading() as session:
        row = session.get(Night, today)
        if row and row.done_at:
            return False
        place = _place(row) if row else Place(now, NAMES[0], None, None)
        terms = holds.terms(session, place.began_at, today)
    chunk = _next(database, terms, place) if row or _is_some(database, terms) else Chunk(None, terms)
    if chunk.broom is None:
        _end(database, zone, place, now)
        return False
    fault = chunk.fault or _tried(database, today, place, chunk, now)
    if fault and is_locked(fault):
        log.info("the purge waits for a lock")
        return False
    if fault:
        log.error("%s rows of %s cannot be swept at once", len(chunk.keys), chunk.broom.name, exc_info=fault)
        database.write(lambda session: _pass_over(session, today, place, chunk, fault))
    return True


def ahead(database: Database, zone: str, now: datetime) -> dict[str, Any]:
    """How many of each kind the next night would remove; without what cannot be counted."""
    tomorrow = night.of(now, zone) + night.A_DAY
    with database.reading() as session:
        terms = holds.terms(session, night.begins(tomorrow, zone), tomorrow)
    counts = _counted(database, terms, BROOMS)
    if counts is None:  # one of them cannot be
        counts = [count for broom in BROOMS for count in _counted(database, terms, [broom]) or [None]]
    lost = {broom.kind for broom, count in zip(BROOMS, counts, strict=True) if count is None}
    found: Counter[str] = Counter({str(broom.kind): 0 for broom in BROOMS if broom.kind not in lost})
    for broom, count in zip(BROOMS, counts, strict=True):
        if broom.kind not in lost:
            found[str(broom.kind)] += count or 0
    return dict(found)


def _counted(database: Database, terms: Terms, brooms: Sequence[Broom]) -> list[int | None] | None:
    """How many each would sweep; None if that cannot be said: a figure is not worth a night."""
    try:
        with database.reading() as session:
            return list(session.execute(select(*(broom.count(terms) for broom in brooms))).one())
    except Exception:
        log.exception("%s cannot be counted", " ".join(broom.name for broom in brooms))
        return None


def _is_some(database: Database, terms: Terms) -> bool:
    """Whether there is anything to sweep: on most nights of most tables there is not, and one question tells."""
    try:
        with database.reading() as session:
            return bool(session.scalar(select(or_(*(broom.is_some(terms) for broom in BROOMS)))))
    except Exception as error:
        log.info("each table is looked at for itself: %s", type(error).__name__)
        return True


def _place(row: Night) -> Place:
    return Place(row.began_at, row.step, row.after, row.most)


def _next(database: Database, terms: Terms, place: Place) -> Chunk:
    for broom in BROOMS[_start(place) :]:
        after, most = (place.after, place.most) if broom.name == place.step else (None, None)
        try:
            with database.reading() as session:
                keys = broom.next(session, terms, after, most or ROWS)
        except Exception as error:
            return Chunk(broom, terms, fault=error)
        if keys:
            return Chunk(broom, terms, keys)
    return Chunk(None, terms)


def _start(place: Place) -> int:
    if place.step == OVER:
        return len(BROOMS)
    return NAMES.index(place.step) if place.step in NAMES else 0  # another release swept other tables


def _tried(database: Database, today: date, place: Place, chunk: Chunk, now: datetime) -> Exception | None:
    """Do it; what came in between."""
    try:
        database.write(lambda session: _go_on(session, today, place, chunk, now))
    except Exception as error:
        return error
    return None


def _go_on(session: Session, today: date, place: Place, chunk: Chunk, now: datetime) -> None:
    row, broom = _held(session, today, place), chunk.broom
    if row is None or broom is None:
        return
    gone, last = broom.sweep(session, chunk.terms, chunk.keys, now)
    row.removed = row.removed | {broom.name: row.removed.get(broom.name, 0) + gone}
    if last is not None:
        most = place.most if place.step == broom.name else None
        row.step, row.after = broom.name, last
        row.most = 2 * most if most and 2 * most < ROWS else None  # the one at fault may be behind


def _pass_over(session: Session, today: date, place: Place, chunk: Chunk, fault: Exception) -> None:
    row, broom, why = _held(session, today, place), chunk.broom, type(fault).__name__
    if row is None or broom is None:
        return
    if len(chunk.keys) > 1:
        row.step, row.after = broom.name, place.after if place.step == broom.name else None
        row.most = max(1, len(chunk.keys) // SMALLER)
        return
    row.fail(broom.name, why, len(chunk.keys) or None)
    if chunk.keys and row.failed[broom.name]["rows"] < BAD:
        row.step, row.after, row.most = broom.name, str(chunk.keys[0]), 1
        return
    row.fail(broom.name, why, None)
    following = NAMES[NAMES.index(broom.name) + 1 :]
    row.step, row.after, row.most = (following[0] if following else OVER), None, None


def _end(database: Database, zone: str, place: Place, now: datetime) -> None:
    """The night is done; what the next one would remove is counted once, and not whenever somebody looks."""
    today, figures = night.of(now, zone), ahead(database, zone, now)

    def end(session: Session) -> None:
        if row := _held(session, today, place):
            row.done_at = row.ahead_at = now
            row.ahead = figures
            log.info("the night's purge is done: %s", row.removed)

    database.write(end)


def _held(session: Session, today: date, place: Place) -> Night | None:
    """The night's row, held until the transaction ends; None if another worker has moved on."""
    row = session.get(Night, today, with_for_update=True)
    if row is None:
        row = Night(night=today, began_at=place.began_at, step=place.step, removed={}, failed={})
        row.after, row.most = place.after, place.most
        session.add(row)
        session.flush()
    return row if row.done_at is None and _place(row) == place else None
