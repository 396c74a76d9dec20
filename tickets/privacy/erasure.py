"""Erasure: everything of a person out of every table and off the shelf, in pieces that each can be done twice.

A piece is at most 500 rows and one transaction, in which it is also noted how far one is; whoever is killed in between,
another goes on. In the order of `steps`: what is theirs is written down, then goes what would still go out, messages on
the shelf and at the carrier, their own rows, then their number, address and name in the words of others, table by
table, in mails of others that are read for it, and in files. A form, a call or a mail of the time before may be written
down while all that is done: so what was under way is waited for, and all of it done once more, of which little is left.
Last of all, whom it was about.

What they say once it has begun is left alone: who calls or writes again begins afresh.

What is not ours to erase: the carrier's own lists of calls and texts, what others have in their mailboxes, and backups.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from desk import audit
from desk.audit import What, Who
from desk.db import Base, SetUpVersion, is_locked
from ivr.recordings import Recording
from ivr.shelf import NotRemoved
from tickets.privacy import belongings
from tickets.privacy.asked import Erasure, NotYet
from tickets.privacy.gathering import Gathered, Settled
from tickets.privacy.pieces import Forgotten, Own, Posted, Sounds
from tickets.privacy.places import PLACES
from tickets.privacy.scans import Files, Mails, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.shelf import Shelf
    from tickets.privacy.pieces import Found, Step

log = logging.getLogger(__name__)
TURN = 1000  # what a worker's turn may cost: about half a second, for after it somebody may have to be paged
LATE = "late "  # before the names of the steps that are done once more
PIECE, ROW = 10, 1  # of that for each piece, and for each row that is written


@dataclass(frozen=True)
class Tools:
    """What an erasure works with."""

    database: Database
    shelf: Shelf
    clock: Callable[[], datetime]


@lru_cache
def steps() -> Mapping[str, Step]:
    """Everything that is done, in order, by the name under which an erasure notes how far it is."""
    again = {f"{LATE}{name}": step for name, step in _round(late=True).items()}
    return {**_round(late=False), "settled": Settled(), **again, "found": Forgotten()}


def _round(*, late: bool) -> Mapping[str, Step]:
    own = {model.__tablename__: Own(model) for model in belongings.TABLES if model is not Recording}
    words = [Words(Base.metadata.tables[name], late=late) for name, place in PLACES.items() if place.words]
    last: list[Step] = [*words, Mails(late=late), Files(late=late)]
    return {
        "gathered": Gathered(),
        "outbox": Posted(),
        "recording": Sounds(),
        **own,
        "outbox once more": Posted(),
        **{one.name: one for one in last},
    }


def under_way(session: Session) -> list[int]:
    """The erasures that are not at their end, the oldest first."""
    return list(session.scalars(select(Erasure.id).where(Erasure.erased_at.is_(None)).order_by(Erasure.id)))


def go_on(tools: Tools, number: int, stopped: Callable[[], bool], most: int | None = None) -> bool:
    """Do pieces of it, until it is done, or they cost `most`, or somebody says stop; whether there is more.

    Raises NotYet.
    """
    more, _ = _pieces(tools, number, stopped, most)
    return more


def look(tools: Tools, stopped: Callable[[], bool]) -> bool:
    """A worker's turn at all of them; whether there is more that can be done now."""
    with tools.database.reading() as session:
        numbers = under_way(session)
    more, left = False, TURN
    for number in numbers:
        if left <= 0:
            return True
        try:
            goes_on, cost = _pieces(tools, number, stopped, left)
            more, left = more | goes_on, left - cost
        except NotYet as error:
            log.info("erasure %s waits: %s", number, error)
        except Exception as error:  # others do not wait for one that cannot go on
            if is_locked(error):
                raise  # it is not this erasure that is at fault
            log.exception("erasure %s cannot go on", number)
    return more


def _pieces(tools: Tools, number: int, stopped: Callable[[], bool], most: int | None) -> tuple[bool, int]:
    spent = 0
    while not stopped() and (most is None or spent < most):
        more, cost = _piece(tools, number)
        spent += cost
        if not more:
            return False, spent
    return True, spent


def _piece(tools: Tools, number: int) -> tuple[bool, int]:
    """One piece; whether there is more, and what it cost."""
    with tools.database.reading() as session:
        erasure = session.get(Erasure, number)
        if erasure is None or erasure.erased_at:
            return False, PIECE
        session.expunge(erasure)  # nothing is written here, whatever is made of it
        place = erasure.step, erasure.after
        step = steps()[_current(erasure)]
        found = step.look(session, erasure, tools.clock())
    try:
        step.outside(tools.shelf, found)
    except NotRemoved as error:
        raise NotYet(f"a message cannot be deleted: {error}") from error

    def do(session: Session) -> bool:
        erasure = session.scalars(select(Erasure).where(Erasure.id == number).with_for_update()).one()
        if (erasure.step, erasure.after) != place:  # somebody else was here
            return erasure.erased_at is None
        return _noted(session, erasure, step, found, tools.clock())

    return tools.database.write(do), PIECE + ROW * len(found.keys) + found.read


def _current(erasure: Erasure) -> str:
    """The step it is at; of one that there is no more it is not known what came before, so all is done again."""
    if erasure.step in steps():
        return erasure.step
    erasure.after = []
    return next(iter(steps()))


def _noted(session: Session, erasure: Erasure, step: Step, found: Found, now: datetime) -> bool:
    """Do it, and note how far one is; whether there is more."""
    current, names = _current(erasure), list(steps())
    did, again = step.do(session, erasure, found.keys, now), current.startswith(LATE)
    if did and not (again and isinstance(step, Own | Sounds)):  # of what was theirs, most is emptied already
        erasure.counts = erasure.counts | {step.name: erasure.counts.get(step.name, 0) + did}
    erasure.after, erasure.moved_at = found.after, now
    following = names[names.index(current) + 1 :]
    if found.after:
        erasure.step = current
        return True
    if following:
        erasure.step = following[0]
        return True
    _end(session, erasure, now)
    return False


def _end(session: Session, erasure: Erasure, now: datetime) -> None:
    """Nobody knows any more whom it was about; calls ask a Switchboard that does not know them either."""
    erasure.whom, erasure.erased_at = None, now
    session.execute(update(SetUpVersion).values(version=SetUpVersion.version + 1))
    who = Who(erasure.who, erasure.place, erasure.staff_id)
    told = {
        "erased": [f"{name}: {count}" for name, count in erasure.counts.items()],
        "kept": list(erasure.kept.values()),
    }
    audit.tell(session, who, What.PERSON_ERASED, erasure.title, now, erasure=erasure.id, **told)
