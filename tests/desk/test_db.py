"""The database: instants, the version of the set-up, and transactions that lose nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from typing import TYPE_CHECKING

import pendulum
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

import desk.models  # noqa: F401 - so that every table is known
from desk.db import Base, Database, SetUpVersion, set_up_version
from desk.staff import Staff
from sla.hours import BusinessHours, Closure
from tickets.people import Contact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/new/folder/test.db", wait=30)
    Base.metadata.create_all(made.engine)
    with made.writing() as session:
        session.add(SetUpVersion(id=1, version=1))
    yield made
    made.engine.dispose()


@pytest.fixture
def hours_id(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(BusinessHours.id)).one()


def closure(hours_id: int, starts: datetime) -> Closure:
    return Closure(hours_id=hours_id, starts=starts, ends=NOON + timedelta(days=1), reason="test")


def version(database: Database) -> int:
    with database.reading() as session:
        return set_up_version(session)


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        NOON.replace(microsecond=123456),
        NOON.astimezone(timezone(timedelta(hours=2))),
        pendulum.datetime(2026, 11, 22, 14, tz="Africa/Johannesburg"),
    ],
)
def test_an_instant_comes_back_in_utc(database: Database, hours_id: int, written: datetime):
    with database.writing() as session:
        session.add(closure(hours_id, written))
    with database.reading() as session:
        read = session.scalars(select(Closure.starts)).one()
        asked = session.scalars(select(Closure.id).where(Closure.starts == written)).all()
    assert (read, read.tzinfo, type(read), len(asked)) == (written, UTC, datetime, 1)


def test_a_naive_instant_is_refused(database: Database, hours_id: int):
    with pytest.raises(StatementError, match="an instant needs its zone"), database.writing() as session:
        session.add(closure(hours_id, NOON.replace(tzinfo=None)))


def test_changes_that_are_written_together_raise_the_version_once(database: Database):
    before = version(database)
    with database.writing() as session:
        contact, everybody = session.scalars(select(Contact)).first(), session.scalars(select(Staff)).all()
        for staff in everybody:
            staff.name += "!"
        session.add(Staff(key="new", name="New", role="engineer"))
        session.delete(contact)
    assert version(database) == before + 1


def test_changes_that_are_written_one_after_another_raise_the_version(database: Database):
    before = version(database)
    with database.writing() as session:
        for key in ("one", "two"):
            session.add(Staff(key=key, name=key, role="engineer"))
            session.flush()
    assert version(database) > before


def test_equal_values_leave_the_version(database: Database):
    before = version(database)
    with database.writing() as session:
        staff, hours = session.scalars(select(Staff)).first(), session.scalars(select(BusinessHours)).one()
        assert staff
        staff.name, hours.week = str(staff.name), [list(stretch) for stretch in hours.week]
    assert version(database) == before


def test_a_change_that_is_taken_back_leaves_the_version(database: Database):
    before = version(database)

    def change(session: Session) -> None:
        session.add(Staff(key="new", name="New", role="engineer"))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(change)
    with pytest.raises(ZeroDivisionError), database.reading() as session:
        change(session)
    assert version(database) == before


def test_no_update_is_lost_between_threads(sqlite: Database):
    together = Barrier(2)

    def add_one(session: Session) -> None:
        row = session.scalars(select(SetUpVersion)).one()
        row.version += 1

    def many() -> None:
        together.wait()
        for _ in range(50):
            sqlite.write(add_one)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(many), threads.submit(many)]:
            done.result()
    assert version(sqlite) == 1 + 2 * 50


def test_reading_waits_for_nobody_and_sees_one_moment(sqlite: Database):
    with sqlite.reading() as reader, sqlite.writing() as writer:
        assert set_up_version(reader) == 1
        writer.add(Staff(key="new", name="New", role="engineer"))
        writer.commit()
        assert set_up_version(reader) == 1
    assert version(sqlite) == 2


def test_a_writer_waits_no_longer_than_it_was_told(sqlite: Database):
    impatient = Database(str(sqlite.engine.url), wait=0)
    with sqlite.writing() as writer:
        set_up_version(writer)  # the first statement takes the lock
        with pytest.raises(OperationalError, match="locked"):
            impatient.write(set_up_version)
    impatient.engine.dispose()


def test_the_loser_of_a_race_starts_again_and_finds_what_the_winner_stored(database: Database):
    tries: list[bool] = []

    def settle(session: Session) -> str:
        # The first time as if the winner committed just after we had looked.
        found = session.scalars(select(Staff).where(Staff.key == "thandi")).one() if tries else None
        tries.append(found is not None)
        if found is None:
            session.add(Staff(key="thandi", name="Another", role="engineer"))
            session.flush()
        return found.name if found else "stored"

    before = version(database)
    assert database.write(settle) == "Thandi Nkosi"
    assert tries == [False, True]
    assert version(database) == before


def test_a_process_that_stands_still_with_a_lock_in_its_hand_loses_it_and_starts_again(
    request: pytest.FixtureRequest, tmp_path: Path
):
    with request.getfixturevalue("postgres_databases").copy(tmp_path) as url:
        patient, stopped = Database(url, wait=30), Database(url, wait=30, still=0.2)
        tries: list[int] = []

        def raise_it(session: Session) -> int:
            row = session.get(SetUpVersion, 1, with_for_update=True)
            row.version += 10
            session.flush()
            tries.append(row.version)
            if len(tries) == 1:  # somebody else waits for the row while this one does nothing with it
                patient.write(lambda other: other.execute(update(SetUpVersion).values(version=5)))
            return row.version

        assert stopped.write(raise_it) == 15, "what the other has stored is not lost"
        assert len(tries) == 2
        for one in (patient, stopped):
            one.engine.dispose()


def test_a_conflict_that_does_not_pass_is_raised_in_the_end(database: Database):
    tries: list[None] = []

    def clash(session: Session) -> None:
        tries.append(None)
        session.add(Staff(key="thandi", name="Another", role="engineer"))

    with pytest.raises(IntegrityError):
        database.write(clash, tries=3)
    assert len(tries) == 3


def test_any_other_error_is_raised_at_once(database: Database):
    tries: list[None] = []

    def fail(_: Session) -> None:
        tries.append(None)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert len(tries) == 1


def test_a_reference_to_nothing_is_refused(database: Database):
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(closure(999, NOON))
