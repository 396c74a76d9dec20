"""Making a past: the demo company as it was set up three months ago, lived through, and moved where it is wanted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.audit import What, tell
from desk.setup.load import load
from desk.staff import Staff
from ivr import shelf
from ivr.past import moving, stage
from ivr.past.life import ZONE, Life
from ivr.past.stage import connect
from oncall import verification
from oncall.verification import Verification
from sla import holidays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.db import Database
    from desk.settings import Settings
    from ivr.past.stage import MakeApp, Stage, Tick

DAYS = 92
SEED = 1995  # of the calls' names as well: a network of somebody else has others
PROVED = ("thandi", "pieter", "lerato", "naledi")
AGAIN = "the demonstration is set up"


@dataclass(frozen=True)
class Pasts:
    """Makes pasts of the demo company, with what the installation is made of."""

    settings: Settings
    make_app: MakeApp
    tick: Tick

    @contextmanager
    def lived(self, files: Sequence[Path], who: Who, now: datetime, number: int = DAYS) -> Iterator[Life]:
        """A life of so many days until now, not yet lived, on a stage that is gone at the end of the block."""
        first = now.astimezone(ZONE).date() - timedelta(days=number)
        begins = datetime.combine(first, time(6), ZONE)
        with stage.stage(self.settings, self.make_app, self.tick, begins, SEED) as on:
            on.do(lambda session: _set_up(session, files, who, begins))
            connect(on)
            for key in PROVED:
                on.do(lambda session, key=key: _proved(session, on, key))  # type: ignore[misc]
            on.works("between")
            yield Life(on, begins, now)

    def check(self, session: Session, life: Life) -> None:
        """Raises SomebodyLives where a past is not to be put."""
        with life.on.database.reading() as past:
            moving.check(session, past)

    def move(self, life: Life, there: Database, who: Who) -> int:
        """Put what was lived into a database, and the messages where they are played from; how many rows.

        Raises SomebodyLives, and then nothing was changed.
        """
        kept = shelf.of(self.settings)
        for sound in sorted(life.on.sounds.glob("*")):
            kept.keep(sound.name, sound.read_bytes())
        return moving.move(there, life.on.database, lambda session: _told(session, who, life.ends))


def _set_up(session: Session, files: Sequence[Path], who: Who, at: datetime) -> None:
    holidays.seed(session, at)
    changes = load(session, files, at, who, AGAIN)
    tell(session, who, What.SET_UP_LOADED, ", ".join(file.name for file in files), at, changes=changes)


def _proved(session: Session, on: Stage, key: str) -> None:
    """A colleague is texted a code, and reads it back."""
    staff = session.scalars(select(Staff).where(Staff.key == key)).one()
    company = on.board.lines[on.line].company
    verification.begin(session, staff, on.line, company, on.app.extensions["exchange"].dice, on.clock())
    session.flush()
    verification.prove(session, staff, session.get_one(Verification, staff.id).code, on.clock())


def _told(session: Session, who: Who, now: datetime) -> None:
    """The audit says that what stands before this was made up, and by whom it was asked for."""
    tell(session, who, What.SET_UP_LOADED, "a history of the demo company", now, changes=["all before this is made up"])
