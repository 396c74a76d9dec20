"""How a night of the purge sweeps: so much at a time, past whatever fails, and without holding anybody up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, event, select, text, update

from archive import Archive
from desk.db import Database
from desk.door.attempts import Attempts
from desk.outbox import Outgoing
from desk.retention import years
from ivr.call import Call, Leg, Visit
from ivr.recordings import Recording
from oncall.paging import Page
from sla.worklog import Work
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.privacy import holds, night, purge
from tickets.privacy.asked import MAIL, Erasure, Item
from tickets.privacy.brooms import BROOMS
from tickets.privacy.pieces import BYTES, ROWS, Own
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from simulator.clock import Clock
    from tickets.privacy.night import Night

ZONE = "Africa/Johannesburg"
DAY = timedelta(days=1)
MANY = 200
MEGABYTE = 1024 * 1024
BY_NAME = {broom.name: broom for broom in BROOMS}
WHEN = ("made_at", "due_at", "expires_at", "sent_at")


def sweep(database: Database, now: datetime) -> Night:
    """The whole of this night; what it says of itself."""
    for _ in range(MANY):
        if not purge.look(database, ZONE, now):
            break
    else:
        raise AssertionError("it does the same over and over")
    with database.reading() as session:
        return night.newest(session, 1)[0]


def sent(session: Session, number: int, at: datetime) -> list[int]:
    """So many rows of the outbox that were sent then."""
    facts = {"kind": "text", "payload": {}, "state": "sent"} | dict.fromkeys(WHEN, at)
    rows = [Outgoing(key=f"old {n}", **facts) for n in range(number)]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def hold(session: Session, numbers: list[int]) -> None:
    """Something that we know nothing of refers to these rows, so that they cannot go."""
    session.execute(text("CREATE TABLE hold (id INTEGER REFERENCES outbox (id))"))
    for number in numbers:
        session.execute(text("INSERT INTO hold VALUES (:id)"), {"id": number})


def resolved(session: Session, now: datetime, number: int = 1) -> list[int]:
    """Tickets of twenty years ago, of which nothing has a term of its own."""
    archive = Archive(session, Random(4), now - years(20), {})
    papers = [archive.paper() for _ in range(number)]
    for table in (Recording, Raw, File, Visit, Leg, Call, Page, Work):
        session.execute(delete(table))
    session.execute(update(Ticket).values(state=State.RESOLVED))
    return [paper.number for paper in papers]


def deletions(database: Database) -> list[int]:
    """How many rows each transaction has deleted."""
    sizes: list[int] = []

    def count(_: object, __: object, statement: str, ___: object, context: Any, ____: object) -> None:
        if statement.lstrip().startswith(("DELETE", "WITH")) and "DELETE FROM" in statement:
            sizes[-1] += context.cursor.rowcount

    event.listen(database.engine, "begin", lambda _: sizes.append(0))
    event.listen(database.engine, "after_cursor_execute", count)
    return sizes


# Past whatever fails


@pytest.mark.fails_on_purpose
def test_rows_that_cannot_go_keep_no_others_of_their_table(database: Database, clock: Clock):
    with database.writing() as session:
        numbers = sent(session, 700, clock() - 50 * DAY)
        hold(session, [numbers[3], numbers[620]])
    done = sweep(database, clock())
    assert done.done_at
    assert done.failed == {"outbox": {"why": "IntegrityError", "rows": 2}}
    assert done.removed["outbox"] == 698
    with database.reading() as session:
        assert session.scalars(select(Outgoing.id).order_by(Outgoing.id)).all() == [numbers[3], numbers[620]]


@pytest.mark.fails_on_purpose
def test_a_table_of_which_many_rows_cannot_go_keeps_no_other_waiting(database: Database, clock: Clock):
    with database.writing() as session:
        hold(session, sent(session, 60, clock() - 50 * DAY))
        session.add(Attempts(key="a limit", since=clock() - 2 * DAY, count=1))
    done = sweep(database, clock())
    assert done.failed == {"outbox": {"why": "IntegrityError", "rows": None}}
    assert done.done_at
    assert done.removed["attempts"] == 1


@pytest.mark.fails_on_purpose
def test_a_table_that_cannot_even_be_looked_through_is_passed_over(database: Database, clock: Clock):
    with database.writing() as session:
        sent(session, 3, clock() - 50 * DAY)
        session.execute(text("ALTER TABLE file RENAME TO somewhere_else"))
    done = sweep(database, clock())
    assert set(done.failed) >= {"file"}
    assert done.failed["file"]["rows"] is None
    assert done.removed["outbox"] == 3
    assert "files" not in done.ahead
    assert done.ahead["sent"] == 0


def test_who_waits_for_a_lock_waits_and_passes_over_nothing(database: Database, database_url: str, clock: Clock):
    with database.writing() as session:
        sent(session, 600, clock() - 50 * DAY)
    assert purge.look(database, ZONE, clock())
    hasty = Database(database_url, wait=0.1)
    try:
        with database.writing() as session:
            session.get(night.Night, night.of(clock(), ZONE), with_for_update=True)
            assert not purge.look(hasty, ZONE, clock())
    finally:
        hasty.engine.dispose()
    done = sweep(database, clock())
    assert (done.failed, done.removed["outbox"]) == ({}, 600)


def test_a_worker_who_comes_too_late_sets_no_night_back(database: Database, clock: Clock):
    """It has looked what goes next, and two others have done that and more before it has the lock."""
    with database.writing() as session:
        sent(session, 1700, clock() - 50 * DAY)
    assert purge.look(database, ZONE, clock())
    today, place = night.of(clock(), ZONE), _place(database, clock)
    with database.reading() as session:
        terms = holds.terms(session, place.began_at, today)
    chunk = purge._next(database, terms, place)
    assert purge.look(database, ZONE, clock())
    assert purge.look(database, ZONE, clock())
    others = _place(database, clock)
    assert purge._tried(database, today, place, chunk, clock()) is None
    assert _place(database, clock) == others
    assert sweep(database, clock()).removed["outbox"] == 1700


# So much at a time


def mails(session: Session, now: datetime, *sizes: int) -> list[int]:
    """Old mails of so many megabytes, on a ticket that is resolved."""
    archive = Archive(session, Random(6), now - years(2), {})
    paper = archive.paper()
    session.execute(delete(Raw)), session.execute(delete(Work)), session.execute(delete(Arrival))
    session.execute(update(Ticket).values(state=State.RESOLVED))
    session.execute(update(Call).values(ended_at=now - years(2)))
    for _ in sizes:
        archive.mail(paper)
    session.flush()
    numbers = list(session.scalars(select(Raw.arrival_id).order_by(Raw.arrival_id)))
    for number, size in zip(numbers, sizes, strict=True):
        session.execute(update(Raw).where(Raw.arrival_id == number).values(content=bytes(size * MEGABYTE)))
    session.execute(update(Arrival).values(received_at=now - years(2)))
    return numbers


def test_large_mails_go_a_few_at_a_time_and_one_that_is_larger_goes_alone(database: Database, clock: Clock):
    with database.writing() as session:
        first, second, third, fourth = mails(session, clock(), BYTES // MEGABYTE + 1, 9, 9, 1)
    broom = BY_NAME["arrival_raw"]
    with database.reading() as session:
        terms = holds.terms(session, clock(), clock().date())
        chunks = [broom.next(session, terms, after) for after in (None, str(first), str(second))]
    assert chunks == [[first], [second], [third, fourth]]
    assert sweep(database, clock()).removed["arrival_raw"] == 4


def test_an_erasure_takes_large_mails_a_few_at_a_time(database: Database, clock: Clock):
    with database.writing() as session:
        numbers = mails(session, clock(), BYTES // MEGABYTE + 1, 9, 9, 1)
        session.execute(update(Arrival).values(sender="fatima@karoo.example"))
        nobody = {name: [] for name in ("keys", "contacts", "numbers", "addresses", "names")}
        erasure = Erasure(begun_at=clock(), who="x", place="x", why="x", whom=nobody, tags=[])
        session.add(erasure)
        session.flush()
        session.add_all(Item(erasure_id=erasure.id, kind=MAIL, number=number) for number in numbers)
        session.flush()
        step, found = Own(Raw), []
        while True:
            piece = step.look(session, erasure, clock())
            found.append([number for (number,) in piece.keys])
            step.do(session, erasure, piece.keys, clock())
            erasure.after = piece.after
            if not piece.after:
                break
    assert [one for one in found if one] == [numbers[:1], numbers[1:2], numbers[2:]]


def test_a_ticket_with_thousands_of_events_goes_step_by_step(database: Database, clock: Clock):
    with database.writing() as session:
        (number,) = resolved(session, clock())
        at = clock() - years(20)
        facts = {"ticket_id": number, "at": at, "kind": "note", "text": "again", "detail": {}}
        session.execute(Event.__table__.insert(), [facts] * (2 * ROWS + 300))
    sizes = deletions(database)
    assert sweep(database, clock()).removed["ticket"] == 1
    with database.reading() as session:
        assert session.get(Ticket, number) is None
        assert session.scalars(select(Event.id).where(Event.ticket_id == number)).all() == []
    assert max(sizes) <= ROWS
    assert sum(sizes) > 2 * ROWS + 300


# Under the lock


def test_one_that_is_reopened_between_look_and_removal_keeps_what_it_joined(database: Database, clock: Clock):
    """What is asked again under the lock is asked of the chunk alone, and comes to the same."""
    with database.writing() as session:
        first, second, third, other = resolved(session, clock(), 4)
        session.get_one(Ticket, first).merged_into_id = second
        session.get_one(Ticket, second).merged_into_id = third
    broom = BY_NAME["ticket"]
    with database.reading() as session:
        terms = holds.terms(session, clock(), clock().date())
        keys = broom.next(session, terms, None)
    assert keys == [third, other]
    with database.writing() as session:
        session.execute(update(Event).where(Event.ticket_id == first).values(at=clock()))  # looked at again since
    with database.writing() as session:
        assert broom.sweep(session, terms, keys, clock()) == (1, str(other))
        assert session.scalars(select(Ticket.id).order_by(Ticket.id)).all() == [first, second, third]


def test_under_the_lock_no_ticket_is_looked_at_that_the_chunk_does_not_concern(database: Database, clock: Clock):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the plan as SQLite tells it")
    with database.reading() as session:
        terms = replace(holds.terms(session, clock(), clock().date()), only=(1, 2))
        query = BY_NAME["ticket"].found(terms)
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    blocked = [step for step in plan if "ticket_1" in step or "ticket_2" in step]
    assert blocked
    assert not [step for step in blocked if step.startswith("SCAN")]


def _place(database: Database, clock: Clock) -> purge.Place:
    with database.reading() as session:
        return purge._place(session.get_one(night.Night, night.of(clock(), ZONE)))
