"""What is kept for longer than it should be is told to managers: nobody would miss that it has gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from desk import troubles
from office import Office, at
from tickets.privacy import amiss, night
from tickets.privacy.asked import Erasure
from told import Told

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from simulator.rest import Rest

FAILED = "what was kept long enough could not be removed: recording (1), sign in (all)."
UNDONE = "no night has removed all that was kept long enough since 24 November."
STILL = "erasure 1 has not gone on for an hour or more: the worker's log says why."
FILES = "what was erased on 20 November is still in the files of the database: run privacy compact."
HOUR = timedelta(hours=1)


@pytest.fixture
def told(proved: Office, rest: Rest) -> Told:
    proved.clock.until(at("2026-11-24 08:00"))
    made = Told(proved, rest)
    made.until("2026-11-24 08:15")
    return made


def erasure(begun: datetime, **facts: object) -> Erasure:
    """One that somebody asked for then, of somebody of whom nothing is kept."""
    return Erasure(begun_at=begun, who="x", place="x", why="x", tags=[], **facts)


def test_nothing_is_told_while_nights_come_to_their_end(told: Told):
    assert [news for news in told.until("2026-11-26 12:00") if "kept" in news[1]] == []


def test_a_night_that_could_not_remove_everything_is_told_until_one_could(told: Told, office: Office):
    def fail(session: Session) -> None:
        newest = night.newest(session, 1)[0]
        newest.fail("recording", "IntegrityError", 1)
        newest.fail("sign_in", "OperationalError", None)

    office.do(fail)
    assert told.until("2026-11-24 09:00") == [("naledi", FAILED)]
    assert ("naledi", FAILED) not in told.until("2026-11-25 12:00")


def test_that_no_night_comes_to_its_end_is_told(told: Told, office: Office):
    def stand_still(session: Session) -> None:
        """As if it had been the last that any worker could do."""
        newest = night.newest(session, 1)[0]
        newest.began_at = newest.began_at - 33 * HOUR

    office.do(stand_still)
    assert told.until("2026-11-24 09:00") == [("naledi", UNDONE)]


def test_an_erasure_that_stands_still_for_an_hour_is_a_trouble_until_it_goes_on(office: Office):
    office.do(lambda session: session.add(erasure(office.now, whom={})))
    assert amiss_now(office) == []
    office.clock.advance(3601)
    assert amiss_now(office) == [STILL]
    office.do(lambda session: session.execute(update(Erasure).values(moved_at=office.now)))
    assert amiss_now(office) == []
    office.clock.advance(3601)
    office.do(lambda session: session.execute(update(Erasure).values(erased_at=office.now)))
    assert amiss_now(office) == []


def test_what_stays_in_the_files_for_days_is_told_until_a_night_in_which_it_goes(told: Told, office: Office):
    office.do(lambda session: session.add(erasure(at("2026-11-20 09:00"), whom=None, erased_at=at("2026-11-20 10:00"))))
    assert told.until("2026-11-24 09:00") == [("naledi", FILES)]
    assert ("naledi", FILES) not in told.until("2026-11-25 12:00")


def amiss_now(office: Office) -> list[str]:
    """What stands after a look."""
    with office.database.reading() as session:
        note = amiss.look(session, office.now)
    office.do(lambda session: note(session, office.now))
    with office.database.reading() as session:
        return [f"{one.words}." for one in troubles.standing(session)]
