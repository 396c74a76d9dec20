"""Two at once, and workers that die in between: one of them has it, the other is told, and nothing is doubled."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from conftest import LINE, ORIGIN
from desk import chores
from desk.outbox import Outgoing
from office import TERMINAL, at, shift
from oncall import changes, cover, leave, readiness, record, roster, swaps, telling, versions, worker
from oncall.changes import Change
from oncall.cover import CoverRequest
from oncall.notices import House
from oncall.readiness import ReadinessReport
from oncall.record import ServedShift
from oncall.refusals import Conflict, TooLate
from oncall.roster import OverrideRecord
from oncall.swap import Swap

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from office import Office

HOUSE = House("Protea IT Support", LINE, "Africa/Johannesburg", ORIGIN, mails=False)


def both(office: Office, *works: Callable[[Session], object]) -> list[str]:
    """Two at the same time: "" for whoever got it, or what the other is told; the winner first."""
    start, outcomes = Barrier(len(works)), []

    def one(work: Callable[[Session], object]) -> None:
        start.wait(10)
        try:
            office.do(work)
            outcomes.append("")
        except (TooLate, Conflict) as refused:
            outcomes.append(str(refused))

    threads = [Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == len(works)
    return sorted(outcomes)


# A form that is sent twice at the same time


def test_accept_sent_twice_at_the_same_time(proved: Office):
    def ask(session: Session) -> int:
        owner, to = proved.staff(session, "lerato"), proved.staff(session, "thandi")
        by = {"who": proved.who("lerato"), "now": proved.now, "to": to}
        return swaps.ask(session, proved.rota(session), shift("2026-11-30"), owner, **by).id

    number, thandi = proved.do(ask), proved.who("thandi")

    def accept(session: Session) -> None:
        swap = session.get_one(Swap, number)
        swaps.accept(session, swap, proved.staff(session, "thandi"), thandi, proved.now)

    assert both(proved, accept, accept) == ["", "this swap is accepted"]
    assert len(proved.audited("swap accepted")) == 1
    with proved.database.reading() as session:
        assert len(proved.rota(session).overrides) == 1


def test_publish_sent_twice_at_the_same_time(proved: Office):
    def publish(session: Session) -> None:
        found = proved.rota(session)
        (rotation,) = found.head.draft.layers[0].rotations
        layer = replace(found.head.draft.layers[0], rotations=(replace(rotation, members=("naledi", "pieter")),))
        draft = replace(found.head.draft, layers=(layer, *found.head.draft.layers[1:]))
        versions.publish(session, found, draft, base=1, who=TERMINAL, now=proved.now, reason="a test")

    assert both(proved, publish, publish) == ["", "root has published version 2 meanwhile"]
    with proved.database.reading() as session:
        assert [version.number for version in proved.rota(session).versions] == [1, 2]


def test_cover_taken_twice_at_the_same_time(proved: Office):
    def away(session: Session) -> int:
        lerato = proved.staff(session, "lerato")
        span = at("2026-12-03 12:00"), at("2026-12-05 12:00")
        leave.take(session, lerato, *span, "annual", "", proved.who("lerato"), proved.now)
        cover.keep_true(session, proved.now)
        return session.scalars(select(CoverRequest.id).where(CoverRequest.rotation == "First")).one()

    number = proved.do(away)

    def taken_by(key: str) -> Callable[[Session], object]:
        who = proved.who(key)
        return lambda session: cover.take(
            session, session.get_one(CoverRequest, number), proved.staff(session, key), who, proved.now
        )

    assert both(proved, taken_by("pieter"), taken_by("naledi")) == ["", "this request is covered"]
    with proved.database.reading() as session:
        taker = session.get_one(CoverRequest, number).taker
        assert [row.staff_id for row in proved.rota(session).overrides] == [taker.id]
    assert proved.first("2026-12-04 12:00") == [taker.key]


def test_a_change_taken_back_twice_at_the_same_time(proved: Office):
    covers = Change("replace", "naledi", at("2026-11-24 18:00"), at("2026-11-24 20:00"), "pieter")
    number = proved.do(lambda session: changes.make(session, proved.rota(session), covers, TERMINAL, proved.now).id)

    def take_back(session: Session) -> None:
        changes.take_back(session, session.get_one(OverrideRecord, number), TERMINAL, proved.now)

    assert both(proved, take_back, take_back) == ["", "this change is over, or was taken back before"]
    assert len(proved.audited("change taken back")) == 1
    assert proved.first("2026-11-24 19:00") == ["pieter"]


# What a worker works out before it writes


def looks(office: Office, now: datetime) -> dict[str, Callable[[Session], object]]:
    """What each job of the rota reads before it takes the lock."""
    return {
        "record": lambda session: record.look(session, now),
        "cover": lambda session: cover.look(session, now),
        "readiness": lambda session: readiness.look_nightly(session, now),
        "notices": lambda session: telling.foresee(session, HOUSE, roster.plans(session), now),
    }


@pytest.mark.parametrize("name", ["record", "cover", "readiness", "notices"])
def test_a_worker_works_out_what_to_write_while_somebody_else_writes(proved: Office, name: str):
    proved.clock.until(at("2026-11-23 12:00"))
    with proved.database.writing() as writer:
        proved.staff(writer, "thandi").name = "Thandi N."
        writer.flush()
        with proved.database.reading() as session:
            assert looks(proved, proved.now)[name](session)


@pytest.mark.parametrize(
    "look", [record.look, cover.look, readiness.look_nightly], ids=["record", "cover", "readiness"]
)
def test_under_the_lock_no_rota_is_worked_out_again(proved: Office, look: Callable[..., Callable[..., None]]):
    proved.clock.until(at("2026-11-23 12:00"))
    with proved.database.reading() as session:
        write = look(session, proved.now)
    asked: list[str] = []
    event.listen(proved.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    proved.do(lambda session: write(session, proved.now))
    assert [words for words in asked if "rota_version" in words or "rota_override" in words] == []


def test_what_was_changed_between_reading_and_writing_is_looked_at_again(proved: Office):
    """Pieter's shift is another's by the time at which the worker writes down who served it."""
    proved.clock.until(at("2026-11-23 12:00"))
    with proved.database.reading() as session:
        write = record.look(session, proved.now)
    covers = Change("replace", "naledi", at("2026-11-23 12:00"), at("2026-11-24 08:30"), "pieter")
    proved.do(lambda session: changes.make(session, proved.rota(session), covers, TERMINAL, proved.now))
    proved.do(lambda session: write(session, proved.now))
    assert served(proved)[-1] == ("pieter", at("2026-11-23 12:00"))


def test_leave_withdrawn_between_reading_and_writing_asks_nobody(proved: Office):
    def away(session: Session) -> int:
        span = at("2026-12-03 12:00"), at("2026-12-05 12:00")
        lerato = proved.staff(session, "lerato")
        return leave.take(session, lerato, *span, "annual", "", proved.who("lerato"), proved.now).id

    number = proved.do(away)
    with proved.database.reading() as session:
        write = cover.look(session, proved.now)
    proved.do(lambda session: leave.withdraw(session, session.get_one(leave.Leave, number), TERMINAL, proved.now))
    proved.do(lambda session: write(session, proved.now))
    with proved.database.reading() as session:
        assert cover.open_requests(session, proved.now) == []


class Killed(BaseException):
    """The process ends."""


def served(office: Office) -> list[tuple[str, datetime]]:
    with office.database.reading() as session:
        rows = session.scalars(select(ServedShift).where(ServedShift.lane == "First").order_by(ServedShift.starts))
        return [(row.engineer, row.ends) for row in rows]


def test_a_worker_killed_between_reading_and_writing_has_written_nothing_and_the_next_writes_once(proved: Office):
    proved.clock.until(at("2026-11-23 08:30"))
    kept: list[chores.Job] = []

    def dies(session: Session, now: datetime) -> chores.Job:
        kept.append(record.look(session, now))
        raise Killed

    with pytest.raises(Killed):
        chores.look_and_run(proved.database, "record shifts", worker.A_MINUTE, dies, "a", proved.now)
    assert served(proved) == []
    proved.clock.advance(chores.LEASE.total_seconds())
    proved.tick()
    once = served(proved)
    assert once == [("thandi", at("2026-11-23 08:30")), ("pieter", proved.now)]
    proved.do(lambda session: kept[0](session, proved.now))  # not dead after all: it wakes with what it had read
    proved.tick()
    assert served(proved) == once


def test_of_two_workers_whose_clocks_differ_each_hour_is_written_once(proved: Office):
    proved.clock.until(at("2026-11-23 12:00"))
    with proved.database.reading() as session:
        write = record.look(session, proved.now)
    for work in (lambda session: record.keep_up(session, at("2026-11-23 11:59")), lambda s: write(s, proved.now)):
        proved.do(work)
    assert served(proved) == [("thandi", at("2026-11-23 08:30")), ("pieter", at("2026-11-23 11:59"))]


def test_notices_that_a_killed_worker_had_worked_out_are_told_once_by_the_next(proved: Office):
    proved.tick()
    proved.clock.until(at("2026-11-23 07:30"))

    def dies(session: Session, now: datetime) -> chores.Job:
        telling.foresee(session, HOUSE, roster.plans(session), now)
        raise Killed

    with pytest.raises(Killed):
        chores.look_and_run(proved.database, "notices", worker.A_MINUTE, dies, "a", proved.now)
    proved.clock.advance(chores.LEASE.total_seconds())
    for _ in range(2):
        proved.tick()
        proved.clock.advance(61)
    with proved.database.reading() as session:
        keys = [row.key for row in session.scalars(select(Outgoing)) if row.key.startswith("reminder hour")]
    assert len(keys) == len(set(keys)) == 2, "Pieter and Lerato, each once"


def test_of_two_nightly_looks_one_is_kept(proved: Office):
    with proved.database.reading() as session:
        writes = [readiness.look_nightly(session, proved.now) for _ in range(2)]
    for write in writes:
        proved.do(lambda session, write=write: write(session, proved.now))
    with proved.database.reading() as session:
        assert len(session.scalars(select(ReadinessReport)).all()) == 1
