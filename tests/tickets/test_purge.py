"""What was kept for as long as its rule says goes in the night, all of it, and nothing else does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, event, select, text, update

from archive import Archive, keys, orphans, there
from desk import audit
from desk.audit import WORKER, Entry, What
from desk.outbox import Outgoing
from desk.retention import Kind, agreed, usual, years
from ivr import recordings
from ivr.call import Call, Leg, Visit
from ivr.recordings import Recording
from ivr.shelf import NotThere
from office import at
from oncall.paging import Page
from sla.billing import statement
from sla.contract import Contract
from sla.worklog import Work
from tickets.file import File
from tickets.mail.arrival import Raw
from tickets.people import Customer
from tickets.privacy import holds, night, purge
from tickets.privacy.brooms import BROOMS
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from office import Office
    from simulator.clock import Clock
    from simulator.rest import Rest

WHEN = ("made_at", "due_at", "expires_at", "sent_at")
CONTRACT = """
contracts:
  - customer: harbour
    name: next cover
    valid_from: {since}
    office: included
    weekday_after_hours: billable
    saturday: billable
    sunday: billable
    public_holiday: billable
    retention: {{{said}}}
"""
WRONG = [
    ("recordings: 3 days", "recordings: 3 days is not between 7 days and 5 years"),
    ("recordings: 6 years", "recordings: 6 years is not between 7 days and 5 years"),
    ("tickets: a while", "'a while' is no time such as 90 days, 12 weeks or 5 years"),
    (
        "work: 1 year",
        "'work' is nothing that a contract says it of; there are recordings, raw_mails, files, calls, tickets",
    ),
    ("calls: 30 days", "calls: 30 days is not between 1 year and 6 years"),
]
ZONE = "Africa/Johannesburg"
DAY = timedelta(days=1)
MANY = 500
SAID = {
    "Karoo Clinic": {"recordings": "5 years", "tickets": "10 years", "files": "45 days"},
    "Harbour Foods": {"recordings": "10 days", "raw_mails": "60 days", "calls": "1 year", "tickets": "1 year"},
}


def agree(session: Session, customer: str, **said: str) -> None:
    """That customer's contract says so."""
    of = select(Customer.id).where(Customer.name == customer).scalar_subquery()
    session.execute(update(Contract).where(Contract.customer_id == of).values(retention=said))


def fill(database: Database, now: datetime, number: int = 120, seed: int = 1) -> tuple[Archive, dict[str, set[Any]]]:
    """An archive with so many tickets, and what has to be left of it."""
    with database.writing() as session:
        for customer, said in SAID.items():
            agree(session, customer, **said)
        terms = {customer: agreed(said) for customer, said in SAID.items()}
        archive = Archive(session, Random(seed), now, terms)
        archive.fill(number)
        session.flush()
        return archive, archive.left(statement.open_since(session, now))


def sweep(database: Database, now: datetime) -> int:
    """The whole of this night, by one worker; in how many chunks."""
    chunks = 0
    while purge.look(database, ZONE, now):
        chunks += 1
        assert chunks < MANY, "it does the same over and over"
    return chunks


@pytest.mark.parametrize("seed", range(2))
def test_after_a_night_nothing_is_older_than_its_rule_and_nothing_else_has_gone(
    database: Database, clock: Clock, seed: int
):
    archive, left = fill(database, clock(), seed=seed)
    with database.reading() as session:
        before = there(session, archive)
    sweep(database, clock())
    with database.reading() as session:
        after = there(session, archive)
        assert orphans(session) == {}
    for kind in left.keys() | after.keys():
        assert after[kind] == left[kind], kind
    assert all(before[kind] > after[kind] for kind in after), "some of each kind had to go"
    assert all(after.values()), "and some to stay"


def test_the_next_night_is_told_beforehand_as_it_will_be(database: Database, clock: Clock):
    fill(database, clock() + DAY)
    will_go = purge.ahead(database, ZONE, clock())
    at = night.begins(night.of(clock(), ZONE) + DAY, ZONE)
    sweep(database, at)
    with database.reading() as session:
        (done,) = night.newest(session, 1)
    kinds = {broom.name: broom.kind for broom in BROOMS}
    gone = dict.fromkeys(Kind, 0)
    for name, number in done.removed.items():
        gone[kinds[name]] += number
    assert all(gone[kind] >= number for kind, number in will_go.items())  # some go once what hangs on them is gone
    at_once = set(Kind) - {Kind.CALLS, Kind.RINGS, Kind.TICKETS}
    assert {kind: gone[kind] for kind in at_once} == {kind: will_go[kind] for kind in at_once}
    assert will_go[Kind.TICKETS]


class Killed(BaseException):
    """As a process ends: nothing catches it."""


@pytest.mark.parametrize("commits", [1, 2, 5])
def test_killed_at_any_commit_the_next_worker_goes_on_and_the_night_comes_to_the_same(
    app: Flask, database: Database, clock: Clock, commits: int
):
    archive, left = fill(database, clock())
    engine, count = app.extensions["patient_database"].engine, iter(range(1000))

    def die(_: object) -> None:
        if next(count) == commits:
            raise Killed

    event.listen(engine, "commit", die)
    with pytest.raises(Killed):
        sweep(app.extensions["patient_database"], clock())
    event.remove(engine, "commit", die)
    clock.advance(1800)  # what became old enough in between is left for the next night
    sweep(database, clock())
    with database.reading() as session:
        assert there(session, archive) == left
        (done,) = night.newest(session, 2)
        assert done.removed["ticket"] == sum(
            not one.into for one in archive.papers if one.number not in left["tickets"]
        )


def test_three_workers_at_once_do_it_once(app: Flask, database: Database, clock: Clock):
    archive, left = fill(database, clock(), number=200)
    patient = app.extensions["patient_database"]  # as workers have it: whoever waits longer than the web is no failure
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: sweep(patient, clock()), range(3)))
    sweep(patient, clock())
    with database.reading() as session:
        assert there(session, archive) == left
        (done,) = night.newest(session, 2)
        recordings_gone = sum(len(one.things[Kind.RECORDINGS]) for one in archive.papers) - len(left[Kind.RECORDINGS])
        assert done.removed["recording"] == recordings_gone
        assert not done.failed


def test_a_chunk_is_at_most_five_hundred_rows(app: Flask, database: Database, clock: Clock):
    fill(database, clock(), number=300)
    with database.writing() as session:
        session.add_all(
            Outgoing(key=f"old {n}", kind="text", payload={}, state="sent", **dict.fromkeys(WHEN, clock() - 50 * DAY))
            for n in range(1200)
        )
    sizes: list[int] = []

    def count(_: object, __: object, statement: str, ___: object, context: Any, ____: object) -> None:
        if statement.lstrip().startswith(("DELETE", "WITH")) and "DELETE FROM" in statement:
            sizes[-1] += context.cursor.rowcount

    engine = database.engine
    event.listen(engine, "begin", lambda _: sizes.append(0))
    event.listen(engine, "after_cursor_execute", count)
    sweep(database, clock())
    assert 400 < max(sizes) <= 500
    assert sum(sizes) > 1200 + 500


# What is never touched


def test_nothing_of_a_ticket_goes_while_it_or_what_it_goes_on_as_is_open(office: Office, database: Database):
    ages = office.now - years(30)
    with database.writing() as session:
        archive = Archive(session, Random(2), ages, {})
        first, second = archive.paper(), archive.paper()
        for one in (first, second):
            session.get_one(Ticket, one.number).state = State.RESOLVED
            archive.recording(one), archive.mail(one), archive.file(one), archive.work(one), archive.ring(one)
        session.get_one(Ticket, first.number).merged_into_id = second.number
        session.get_one(Ticket, second.number).state = State.WAITING
        session.execute(update(Call).values(ended_at=ages))
        session.flush()
        before = keys(session)
    sweep(database, office.now)
    with database.reading() as session:
        after = keys(session)
        assert after | {"mailed_link": None} == before | {"mailed_link": None}  # a link ends with its time
    office.do(lambda session: session.get_one(Ticket, second.number).resolve(ages, "done"))
    office.clock.advance(86400)
    sweep(database, office.now)
    with database.reading() as session:
        gone = keys(session)
        assert not any(gone[name] for name in before if name not in ("outbox", "summons"))


def test_a_ticket_that_is_reopened_between_the_look_and_the_removal_stays(database: Database, clock: Clock):
    with database.writing() as session:
        paper = Archive(session, Random(4), clock() - years(20), {}).paper()
        ticket = session.get_one(Ticket, paper.number)
        ticket.state = State.RESOLVED
        for table in (Recording, Raw, File, Visit, Leg, Call, Page, Work):
            session.execute(delete(table))
    (broom,) = (one for one in BROOMS if one.name == "ticket")
    with database.reading() as session:
        terms = holds.terms(session, clock(), clock().date())
        found = broom.next(session, terms, None)
    assert found == [paper.number]
    with database.writing() as session:
        session.get_one(Ticket, paper.number).reopen(clock(), "it is broken again")
    with database.writing() as session:
        assert broom.sweep(session, terms, found, clock())[0] == 0


@pytest.mark.parametrize(("ends", "stays"), [("2026-10-01 00:30", True), ("2026-09-28 00:00", False)])
def test_nothing_goes_of_what_may_still_be_billed(office: Office, database: Database, ends: str, stays: bool):
    """In November, work of October is not closed yet, so the message about it stays, whatever a contract says."""
    office.clock.until(at("2026-11-30 12:00"))
    with database.writing() as session:
        agree(session, "Harbour Foods", recordings="7 days")
        archive = Archive(session, Random(3), at(ends), {})
        while (paper := archive.paper()).customer != "Harbour Foods" or paper.things:
            pass
        session.get_one(Ticket, paper.number).state = State.RESOLVED
        archive.recording(paper), archive.work(paper)
        session.execute(update(Call).values(ended_at=at(ends)))
        session.execute(update(Work).where(Work.ticket_id == paper.number).values(starts=at(ends), ends=at(ends)))
        session.execute(update(Recording).where(Recording.ticket_id == paper.number).values(taken_at=at(ends)))
    sweep(database, office.now)
    with database.reading() as session:
        kept = session.scalars(select(Recording.sid).where(Recording.ticket_id == paper.number)).all()
        assert bool(kept) == stays
        assert session.scalars(select(Work.id).where(Work.ticket_id == paper.number)).all()


def test_the_calls_of_work_that_is_kept_stay_with_it(office: Office, database: Database):
    """They are the evidence of what was charged, though calls without work go after three years."""
    with database.writing() as session:
        archive = Archive(session, Random(3), office.now - years(4), {})
        while (paper := archive.paper()).things:
            pass
        sid = archive.call(paper)
        archive.work(paper)
        session.execute(update(Ticket).values(state=State.RESOLVED))
        session.execute(update(Call).values(ended_at=office.now - years(4)))
        session.execute(update(Work).values(ends=office.now - years(4)))
    sweep(database, office.now)
    with database.reading() as session:
        assert session.get(Call, sid)
    with database.writing() as session:
        session.execute(update(Work).values(ends=office.now - years(7)))
    office.clock.advance(86400)
    sweep(database, office.now)
    with database.reading() as session:
        assert session.get(Call, sid) is None


# Contracts


@pytest.mark.parametrize(("said", "fault"), WRONG)
def test_a_contract_keeps_within_what_the_law_allows(app: Flask, tmp_path: Path, said: str, fault: str):
    file = tmp_path / "contract.yaml"
    file.write_text(CONTRACT.format(since="2027-01-01", said=said))
    told = app.test_cli_runner().invoke(args=["desk", "load", str(file)])
    assert told.exit_code == 1
    assert fault in told.output, told.output


def test_the_later_version_of_a_contract_rules_from_its_day_on_also_what_is_older(
    app: Flask, office: Office, database: Database, tmp_path: Path
):
    file = tmp_path / "contract.yaml"
    for since, said in (("2026-12-01", "recordings: 30 days"), ("2027-01-01", "recordings: 2 years")):
        file.write_text(CONTRACT.format(since=since, said=said))
        told = app.test_cli_runner().invoke(args=["desk", "load", str(file)])
        assert told.exit_code == 0, told.output
    assert "recordings kept for 2 years" in app.test_cli_runner().invoke(args=["desk", "list", "contracts"]).output
    terms = []
    for day in ("2026-11-30 12:00", "2026-12-01 12:00", "2027-01-01 12:00"):
        with database.reading() as session:
            terms.append(holds.terms(session, at(day), at(day).date()).agreed.get(Kind.RECORDINGS, {}))
    assert [[(term.days, len(of)) for term, of in one.items()] for one in terms] == [[], [(30, 1)], [(731, 1)]]


# The sound itself


def test_the_sound_leaves_the_shelf_and_what_was_never_fetched_the_carrier(
    app: Flask, office: Office, database: Database, rest: Rest
):
    shelf, old = app.extensions["shelf"], office.now - usual(Kind.RECORDINGS) - DAY
    ours, theirs = (f"RE{n:032x}" for n in (1, 2))
    with database.writing() as session:
        archive = Archive(session, Random(5), old, {})
        paper = archive.paper()
        session.get_one(Ticket, paper.number).state = State.RESOLVED
        call = archive.call(paper)
        session.execute(update(Call).values(ended_at=old))
        facts = {"call_sid": call, "ticket_id": paper.number, "url": "", "seconds": 9, "status": "completed"}
        session.execute(delete(Work)), session.execute(delete(Recording))
        session.add(Recording(sid=ours, taken_at=old, file=f"{ours}.mp3", kept_at=old, **facts))
        session.add(Recording(sid=theirs, taken_at=old, file=None, kept_at=None, **facts))
    shelf.keep(f"{ours}.mp3", b"sound")
    for _ in range(8):
        office.tick()
    with pytest.raises(NotThere):
        shelf.fetch(f"{ours}.mp3")
    with database.reading() as session:
        assert session.scalars(select(Recording)).all() == []
        kinds = set(session.scalars(select(Outgoing.kind).where(Outgoing.key.contains("RE0"))))
    assert kinds == {recordings.TAKE_OFF, recordings.DISCARD}


# The nights


def test_a_night_is_done_once_and_the_next_one_at_three(office: Office, database: Database):
    office.clock.until(at("2026-11-24 02:59"))
    office.tick()
    office.tick()
    office.clock.until(at("2026-11-24 03:00"))
    office.tick()
    with database.reading() as session:
        nights = [one.night.isoformat() for one in night.newest(session, 5)]
    assert nights == ["2026-11-24", "2026-11-23"]


@pytest.mark.fails_on_purpose
def test_a_table_that_cannot_be_swept_keeps_nothing_else_from_going(database: Database, clock: Clock):
    archive, left = fill(database, clock())
    with database.writing() as session:
        session.execute(text("CREATE TABLE hold (sid VARCHAR REFERENCES recording (sid))"))
        over = [
            key for one in archive.papers for key, _ in one.things[Kind.RECORDINGS] if key not in left["recordings"]
        ]
        session.execute(text("INSERT INTO hold VALUES (:sid)"), {"sid": over[0]})
    sweep(database, clock())
    with database.reading() as session:
        (done,) = night.newest(session, 1)
        assert done.failed == {"recording": {"why": "IntegrityError", "rows": 1}}
        assert done.done_at
        assert there(session, archive)[Kind.FILES] == left[Kind.FILES]


def test_the_audit_goes_with_the_purge_and_in_no_other_way(office: Office, database: Database):
    old = office.now - usual(Kind.AUDIT) - DAY
    with database.writing() as session:
        for what, when in ((What.ROTA_PUBLISHED, old), (What.SIGNED_IN, office.now - usual(Kind.SIGN_INS) - DAY)):
            audit.tell(session, WORKER, what, "something old", when)
        audit.tell(session, WORKER, What.ROTA_PUBLISHED, "something new", office.now - usual(Kind.SIGN_INS) - DAY)
    with pytest.raises(audit.AuditIsAppendOnly), database.writing() as session:
        session.execute(delete(Entry).where(Entry.at < office.now))
    sweep(database, office.now)
    about = {one.about for one in office.audited()}
    assert "something new" in about
    assert "something old" not in about
