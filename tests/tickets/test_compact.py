"""What was erased leaves the files of the database too: in a quiet hour, and without anybody waiting long for it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from archive import Archive
from ivr.call import Call
from office import at
from tickets.privacy import compact
from tickets.privacy.asked import Erasure
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from desk.db import Database
    from simulator.clock import Clock

ZONE = "Africa/Johannesburg"
HOUR = timedelta(hours=1)


@pytest.fixture
def erased(database: Database, clock: Clock) -> Database:
    """Somebody was erased, and the files still hold it."""
    with database.writing() as session:
        facts = {"who": "x", "place": "x", "why": "x", "whom": None, "tags": []}
        session.add(Erasure(begun_at=clock() - HOUR, erased_at=clock() - HOUR, **facts))
    return database


def times(database: Database) -> tuple[datetime | None, datetime | None]:
    """When the database was written anew, and when its files had lost it."""
    with database.reading() as session:
        one = session.scalars(select(Erasure)).one()
        return one.rewritten_at, one.compacted_at


def look(database: Database, clock: Clock) -> tuple[datetime | None, datetime | None]:
    compact.look(database, ZONE, "a worker", clock())
    return times(database)


def test_it_waits_for_the_quiet_night(erased: Database, clock: Clock):
    clock.until(at("2026-11-23 11:00"))
    assert look(erased, clock) == (None, None)
    clock.until(at("2026-11-23 21:00"))
    assert look(erased, clock) == (clock(), clock())


def test_while_somebody_is_on_the_line_it_waits(erased: Database, clock: Clock):
    with erased.writing() as session:
        archive = Archive(session, Random(1), clock(), {})
        sid = archive.call(archive.paper())
        session.get_one(Call, sid).ended_at = None
    assert look(erased, clock) == (None, None)
    with erased.writing() as session:
        for call in session.scalars(select(Call)):
            call.ended_at = clock()
    assert look(erased, clock) == (clock(), clock())


def test_while_somebody_reads_it_is_let_be_and_tried_again_hours_later(erased: Database, clock: Clock):
    began, on_sqlite = clock(), erased.engine.dialect.name == "sqlite"
    with erased.reading() as session:
        session.scalars(select(Ticket.id)).all()  # SQLite's log cannot be emptied, PostgreSQL's table not written anew
        assert look(erased, clock) == (began if on_sqlite else None, None)
    clock.advance(3600)
    assert look(erased, clock)[1] is None, "not at once: whoever writes waits meanwhile"
    clock.advance(3600)
    rewritten, compacted = look(erased, clock)
    assert compacted == clock()
    assert rewritten == (began if on_sqlite else clock()), "what was written anew is not written anew once more"


def test_somebody_who_types_it_has_it_done_at_any_hour(erased: Database, clock: Clock):
    clock.until(at("2026-11-23 11:00"))
    assert compact.compact(erased, clock()) == 1
    assert times(erased) == (clock(), clock())


def test_who_waits_for_a_lock_meanwhile_waits_for_less_than_a_call_does(erased: Database):
    """A worker's patience at the database is what everybody behind it waits for at most: half a second."""
    if erased.engine.dialect.name != "sqlite":
        pytest.skip("how SQLite is asked")
    with compact._impatient(erased.engine) as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] < 1000
    with erased.engine.connect() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 2000
