"""Erasure: afterwards no table, file, log or index holds somebody's name, number or address, and sums still add up."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update

from cast import HARBOUR, STRANGER
from conftest import LINE
from desk import audit, logs, outbox
from desk.audit import Entry, What, Who
from desk.door.attempts import Attempts
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr.call import Call
from ivr.line import Line
from ivr.recordings import Recording
from mails.mail import file, letter, part, parted
from simulator.script import play
from sla import watch
from sla.worklog import Work
from somebody import (
    FATIMA,
    HER_FILE,
    HER_NUMBER,
    HERS,
    HIS,
    HIS_FILE,
    NAME,
    SHORT,
    SIPHO,
    SPELLED,
    World,
    files_in,
    found,
)
from stored_rows import rows
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.letter import Letter
from tickets.mail.received import read
from tickets.people import Contact
from tickets.privacy import asked, belongings, compact, erasure, gathering, person, pieces, rewriting, scans
from tickets.privacy.asked import Erasure
from tickets.privacy.traces import Traces
from tickets.public import bounds
from tickets.ticket import Ticket
from visitor import Visitor
from visitors import browser_of, post

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock

PLAIN = "text/plain; charset=utf-8"
NALEDI = Who("Naledi Dlamini", "127.0.0.1")
HOLD = {
    "contact",
    "ticket",
    "event",
    "call",
    "visit",
    "arrival",
    "arrival_raw",
    "file",
    "letter",
    "mailed_link",
    "outbox",
}
TRACES = (NAME, SHORT, FATIMA, HER_NUMBER, HER_NUMBER[3:], *SPELLED, HERS)

ODD = (
    *("082-555-0201", "082.555.0201", "+27 (0)82 555 0201", "0027825550201", "27825550201", "082\u00a0555\u00a00201"),
    *("0 8 2, 5 5 5, 0 2 0 1", "Sister Adams", "Ms. F. Adams", "Adams, Fatima", "FATIMA_ADAMS", "F Adams"),
    *("Fatima.Adams+Bills@KAROO-clinic.example", "fatima.adams%40karoo-clinic.example"),
)


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    return World(app, clock).lived()


def stored(database: Database, folder: Path) -> list[tuple[str, bytes]]:
    """Every byte that the database keeps: SQLite's file and log, or PostgreSQL's tables and indexes."""
    if database.engine.dialect.name == "sqlite":
        return [(name, content) for name, content in files_in(folder) if ".db" in name]
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        kinds = "relkind IN ('r', 'i', 't') AND relpersistence = 'p'"
        names = text(f"SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE {kinds}")  # noqa: S608 - ours
        paths = connection.execute(names).all()
        read = text("SELECT pg_read_binary_file(:path)")
        return [(name, connection.scalar(read, {"path": path})) for name, path in paths if path]


def sums(database: Database) -> list[tuple[object, ...]]:
    """What statements are made of."""
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(Work.__table__).order_by(Work.id))]


def test_afterwards_no_table_file_or_index_holds_them(world: World, tmp_path: Path):
    before = rows(world.database)
    assert {mark for _, mark in found(before, *TRACES)} >= {NAME, FATIMA, HER_NUMBER, HERS}
    assert {name for name, _ in found(before, *TRACES)} >= HOLD
    assert found(stored(world.database, tmp_path), *TRACES)
    world.erased(NALEDI)
    world.post.settle()
    assert found(rows(world.database), *TRACES) == []
    compact.compact(world.database, world.clock())
    assert found(stored(world.database, tmp_path), *TRACES) == []
    assert found(files_in(tmp_path / "recordings"), *TRACES, "her voice") == [
        (name, "her voice") for name, _ in files_in(tmp_path / "recordings")
    ]
    assert len(files_in(tmp_path / "recordings")) == 1


def test_logs_hold_none_of_it_before_or_after(app: Flask, clock: Clock):
    said = StringIO()
    handler = logs.handler(said, app.extensions["settings"])
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        world = World(app, clock).lived()
        world.ticked()
        naledi = browser_of(app, "naledi")
        post(naledi, "/privacy/person", q=HER_NUMBER)
        post(naledi, "/privacy/person/export", who=world.key()).close()
        post(naledi, "/privacy/person/erasure", who=world.key(), why="She rang", sure="1", close="1")
        for _ in range(10):
            world.ticked()
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    assert said.getvalue().count("\n") > 10
    assert found([("log", said.getvalue().encode())], *TRACES) == []


def test_the_sums_of_statements_and_the_tickets_as_numbers_stay(world: World):
    with world.database.reading() as session:
        references = session.scalars(select(Ticket.reference).order_by(Ticket.id)).all()
    before = sums(world.database)
    assert before
    number = world.erased(NALEDI)
    assert sums(world.database) == before
    with world.database.reading() as session:
        assert session.scalars(select(Ticket.reference).order_by(Ticket.id)).all() == references
        done = session.get_one(Erasure, number)
        assert "1 stretches until 2031-11-" in done.kept["work"]
        assert done.whom is None


def test_times_kinds_and_colleagues_stay_on_the_timeline(world: World):
    def timeline() -> list[tuple[object, ...]]:
        with world.database.reading() as session:
            columns = Event.id, Event.ticket_id, Event.at, Event.kind, Event.staff_id
            return [tuple(row) for row in session.execute(select(*columns).order_by(Event.id))]

    before = timeline()
    world.erased(NALEDI)
    assert timeline() == before


def test_what_others_said_otherwise_stays(world: World):
    def his() -> int:
        return len(found(rows(world.database), HIS))

    with world.database.reading() as session:
        own = session.scalars(select(Ticket.id).where(Ticket.email == SIPHO)).all()
        mine = session.scalars(select(Ticket.id).where(Ticket.contact_id == int(world.key()[8:]))).all()
        said = select(Event.text).where(Event.ticket_id.in_(own), Event.text.contains(HIS))
        before = session.scalars(said).all()
    world.erased(NALEDI)
    with world.database.reading() as session:
        after = session.scalars(said).all()
        notes = session.scalars(select(Event.text).where(Event.kind == "note", Event.ticket_id.not_in(mine))).all()
        mails = session.scalars(select(Raw.content)).all()
    assert before
    assert len(after) == len(before)
    assert set(notes) == {f"Ask [erased] ([erased]), or Sipho Khumalo on 082 555 0202, {SIPHO}"}
    written = [read(raw) for raw in mails]
    assert [mail.sender.address for mail in written] == [SIPHO, SIPHO]
    assert any(f"{HIS}: please ask [erased], [erased] or [erased]." in mail.text for mail in written)
    assert his() > 0


def test_what_they_said_behind_a_link_on_a_ticket_of_others_goes_with_its_file(world: World):
    world.merged()
    assert len(found(rows(world.database), HER_FILE.decode())) >= 2
    world.erased(NALEDI)
    assert found(rows(world.database), *TRACES, HER_FILE.decode(), "till.txt") == []


def test_what_others_sent_on_a_ticket_of_theirs_goes_with_it_and_on_others_stays(world: World):
    """A picture or a packed document may name anybody, and nobody can look into it: what came about theirs goes."""
    world.merged()
    with world.database.reading() as session:
        before = set(session.scalars(select(File.sha256)))
    world.erased(NALEDI)
    with world.database.reading() as session:
        after = {one.sha256: one.content for one in session.scalars(select(File))}
    assert (sha256(HIS_FILE).hexdigest() in before, sha256(HIS_FILE).hexdigest() in after) == (True, False)
    assert any(HIS.encode() in one for one in after.values())


def test_killed_after_any_piece_another_goes_on_and_the_end_is_the_same(world: World):
    number = world.asked(NALEDI)
    world.clock.advance(300)
    pieces = 0
    while erasure.go_on(world.tools, number, lambda: False, most=1):
        pieces += 1
    assert pieces > 40
    assert found(rows(world.database), *TRACES) == []
    with world.database.reading() as session:
        done = session.get_one(Erasure, number)
        assert (done.counts["contact"], done.counts["arrival"], done.counts["recording"]) == (1, 3, 1)
        assert session.scalars(select(asked.Item)).all() == []


def test_killed_between_the_shelf_and_the_table_the_message_is_still_erased(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    number = world.asked(NALEDI)
    monkeypatch.setattr(world.tools.database, "write", Dying(world.database.write, len(gathering.KINDS) + 1))
    with pytest.raises(Killed):
        erasure.go_on(world.tools, number, lambda: False)
    monkeypatch.undo()
    assert len(files_in(tmp_path / "recordings")) == 1
    world.goes_on(number)
    with world.database.reading() as session:
        first = session.scalars(select(Recording).order_by(Recording.taken_at).limit(1)).one()
        assert first.file is None


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """Writes so many times, and is killed."""

    def __init__(self, write: object, times: int) -> None:
        self.write, self.left = write, times

    def __call__(self, work: object) -> object:
        if not self.left:
            raise Killed
        self.left -= 1
        return self.write(work)


def test_the_carrier_is_told_to_delete_its_copy(world: World):
    world.erased(NALEDI)
    with world.database.reading() as session:
        (sid,) = session.scalars(select(Recording.sid).where(Recording.file.is_(None)))
        row = session.scalars(select(Outgoing).where(Outgoing.key == f"erase {sid}")).one()
        assert (row.kind, row.payload) == ("discard", {"sid": sid})


def test_the_next_call_of_theirs_is_a_stranger_s(world: World):
    world.erased(NALEDI)
    with world.database.reading() as session:
        board = world.app.extensions["exchange"].boards.current(session)
    assert HER_NUMBER not in board.directory
    again = world.post.comes("It is me again.\n", sender=FATIMA, Message_ID="<again@x.example>")
    ticket = world.post.ticket_of(again)
    assert (ticket.contact_id, ticket.customer_id, ticket.email) == (None, None, FATIMA)


def test_the_audit_says_who_did_it_and_not_to_whom(world: World):
    number = world.erased(NALEDI, why=f"{SHORT} rang from 082 555 0201")
    with world.database.reading() as session:
        entries = session.scalars(select(Entry).where(Entry.what.in_((What.ERASURE_BEGUN, What.PERSON_ERASED)))).all()
        title = session.get_one(Erasure, number).title
    assert [(one.who, one.about) for one in entries] == [("Naledi Dlamini", title)] * 2
    assert entries[0].detail["why"] == "[erased] rang from [erased]"
    assert "contact: 1" in entries[1].detail["erased"]


def test_words_of_the_audit_are_no_exception(world: World):
    with world.database.writing() as session:
        audit.tell(session, NALEDI, What.NUMBER_BLOCKED, "082 555 0201", world.clock(), of=[SHORT])
    world.erased(NALEDI)
    with world.database.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.what == What.NUMBER_BLOCKED)).one()
        assert (entry.about, entry.detail) == ("[erased]", {"of": ["[erased]"]})


def test_whoever_is_on_the_line_or_waits_for_an_answer_is_not_erased(world: World):
    with world.database.writing() as session:
        call = session.scalars(select(Call).where(Call.caller == HER_NUMBER)).first()
        call.ended_at = None
    with pytest.raises(asked.NotYet, match="on the line"):
        world.asked(NALEDI)


def test_a_mailbox_that_two_people_read_stays_with_the_other(world: World):
    with world.database.writing() as session:
        session.add(Contact(customer_id=1, name="Nomsa Mbeki", email=FATIMA))
    with world.database.reading() as session:
        whom = person.of(session, [world.key()])
        assert (whom.addresses, whom.shared) == ((), (FATIMA,))
    world.erased(NALEDI)
    with world.database.reading() as session:
        assert [one.name for one in session.scalars(select(Contact).where(Contact.email == FATIMA))] == ["Nomsa Mbeki"]
        assert session.scalars(select(Arrival.sender).where(Arrival.sender == FATIMA)).first() == FATIMA


def test_nobody_is_erased_while_a_mail_that_may_be_theirs_is_not_read(world: World):
    """Its ticket would be of the time before, but not among what was gathered: open, and nobody to be answered."""
    world.post.store(letter("The till burns.\n", From=f"{NAME} <{FATIMA}>", To="support@afterhours.example"))
    with pytest.raises(asked.NotYet, match="not been read yet"):
        world.asked(NALEDI)
    world.post.settle()
    with pytest.raises(asked.StillOpen):
        world.asked(NALEDI)
    world.resolved()
    world.erased(NALEDI)
    assert found(rows(world.database), *TRACES) == []


def test_a_month_s_outbox_is_looked_through_some_rows_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pieces, "ROWS", 3)
    with world.database.writing() as session:
        for number in range(7):
            outbox.post(session, f"to him {number}", "letter", {"to": SIPHO, "body": HIS}, world.clock())
        outbox.post(session, "of her", "letter", {"to": SIPHO, "body": f"Ask {SHORT}"}, world.clock())
        last = session.scalars(select(Outgoing).order_by(Outgoing.id.desc()).limit(1)).one().id
    with world.database.reading() as session:
        erasure_ = session.get_one(Erasure, world.asked(NALEDI))
        step, seen = pieces.Posted(), []
        while True:
            found_ = step.look(session, erasure_, world.clock())
            seen += [number for (number,) in found_.keys]
            if not found_.after:
                break
            assert found_.after[0] - next(iter(erasure_.after), 0) >= 3
            erasure_.after = found_.after
    assert last in seen
    assert len(seen) == len(set(seen))
    with world.database.reading() as session:
        to_him = select(Outgoing.id).where(Outgoing.key.startswith("to him"))
        assert not set(seen) & set(session.scalars(to_him))


def test_what_somebody_began_to_send_since_it_was_looked_for_is_waited_for(world: World):
    with world.database.writing() as session:
        mine = outbox.post(session, "of her", "letter", {"to": SIPHO, "body": f"Ask {SHORT}"}, world.clock()).id
    number, step = world.asked(NALEDI), pieces.Posted()
    with world.database.reading() as session:
        keys = step.look(session, session.get_one(Erasure, number), world.clock()).keys
    assert [mine] in keys
    with world.database.writing() as session:
        row = session.get_one(Outgoing, mine)
        row.state, row.leased_until = "sending", world.clock() + timedelta(minutes=2)
    with world.database.writing() as session, pytest.raises(asked.NotYet, match="being sent"):
        step.do(session, session.get_one(Erasure, number), keys, world.clock())
    world.clock.advance(121)
    world.goes_on(number)
    assert found(rows(world.database), *TRACES) == []


def test_somebody_unknown_is_erased_by_their_number(world: World):
    play(world.network.ring(STRANGER, LINE), ["2", "2"])
    world.resolved()
    assert found(rows(world.database), STRANGER)
    world.erased(NALEDI, "082 555 0999")
    assert found(rows(world.database), STRANGER, "082 555 0999", "0 8 2, 5 5 5, 0 9 9 9") == []
    assert found(rows(world.database), NAME)


def test_a_number_that_another_typed_into_a_form_is_not_theirs_by_that(world: World):
    Visitor(world.app).opens(email="evil@x.example", phone="082 555 0999", what="a trick", key="another form")
    with world.database.reading() as session:
        whom = person.of(session, ["+27825550999"])
        mine = belongings.of(session, whom)
        assert session.scalars(mine.tickets).all() == []


def test_every_spelling_in_the_words_and_files_of_others_goes(world: World):
    said = " | ".join(ODD)
    for number, one in enumerate(ODD):
        world.post.comes(f"{HIS}: {one}\n", sender=SIPHO, Subject="Ask her", Message_ID=f"<odd-{number}@x.example>")
    files = [("Adams, Fatima.txt", said.encode()), ("list.csv", "\n".join(ODD).encode("latin-1", "replace"))]
    Visitor(world.app).opens(files, email="ann@x.example", phone="(082) 555-0201", name="Sister Adams", key="odd")
    with world.database.writing() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.tell("note", said, world.clock())
    world.resolved()
    world.erased(NALEDI)
    left = (
        "adams",
        "fatima",
        "825550201",
        "555 0201",
        "555-0201",
        "555.0201",
        "5 5 5, 0 2 0 1",
        "karoo-clinic.example",
    )
    assert found(rows(world.database), *left) == []


def test_their_number_and_address_in_the_fields_of_others_tickets_are_emptied(world: World):
    Visitor(world.app).opens(email="ann@x.example", phone="082 555 0201", what="a till", key="another form")
    Visitor(world.app).opens(email="ann@x.example", phone="082 555 0202", what="a lamp", key="a third form")
    with world.database.writing() as session:
        of_his = session.scalars(select(Ticket).where(Ticket.email == SIPHO)).first()
        of_his.email, number = FATIMA.upper(), of_his.id
    world.resolved()
    world.erased(NALEDI)
    with world.database.reading() as session:
        named = select(Ticket.caller, Ticket.email).where(Ticket.email == "ann@x.example").order_by(Ticket.id)
        assert [tuple(row) for row in session.execute(named)] == [
            (None, "ann@x.example"),
            (HARBOUR, "ann@x.example"),
        ]
        assert session.get_one(Ticket, number).email is None
    assert found(rows(world.database), *TRACES) == []


def test_a_day_s_hashes_of_what_they_typed_go_too(world: World):
    Visitor(world.app).tracks("123456782", FATIMA)
    with world.database.reading() as session:
        before = set(session.scalars(select(Attempts.key)))
    world.erased(NALEDI)
    digest = sha256(FATIMA.encode()).hexdigest()[:32]
    with world.database.reading() as session:
        after = set(session.scalars(select(Attempts.key)))
    assert any(digest in key for key in before)
    assert not any(digest in key for key in after)


def test_hashes_of_their_mailbox_without_its_plus_go_too(world: World):
    with world.database.writing() as session:
        contact = session.scalars(select(Contact).where(Contact.email == FATIMA)).one()
        contact.email = FATIMA.replace("@", "+Tills@")
        bounds.count(session, bounds.tickets("192.0.2.1", contact.email), world.clock())
    world.erased(NALEDI)
    digest = sha256(FATIMA.encode()).hexdigest()[:32]
    with world.database.reading() as session:
        assert not any(digest in key for key in session.scalars(select(Attempts.key)))


def test_due_times_are_judged_anew_without_what_was_agreed_with_whom(world: World):
    with world.database.writing() as session:
        goes_on = Ticket.caller == HER_NUMBER, Ticket.merged_into_id.is_(None)
        ticket = session.scalars(select(Ticket).where(*goes_on).order_by(Ticket.id)).first()
        thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
        ticket.reopen(world.clock(), "more", thandi)
        ticket.agree(world.clock() + timedelta(days=2), "Fatima", thandi, world.clock())
    world.ticked()
    world.resolved()
    world.erased(NALEDI)
    world.ticked()
    told = [row for name, row in rows(world.database) if name in ("due", "mark")]
    assert any(b"erased" in row for row in told)
    assert not any(b"Fatima" in row for row in told)
    with world.database.reading() as session:
        books = world.app.extensions["books"].current(session)
        watch.recompute(session, books, world.clock())


def test_mails_of_others_that_say_it_in_a_code_are_read_and_written_anew(world: World):
    said = f"{HIS}: ask {SHORT} or {SPELLED[2]}.\n".encode()
    coded = part(PLAIN, base64.encodebytes(said), Content_Transfer_Encoding="base64")
    list_, plan = file("list.csv", f"{NAME};{FATIMA}".encode()), file("plan.csv", b"a;b")
    first = world.post.settled(parted("mixed", coded, From=SIPHO, Message_ID="<coded-1@x.example>"))
    second = world.post.settled(parted("mixed", list_, plan, From=SIPHO, Message_ID="<coded-2@x.example>"))
    world.resolved()
    world.erased(NALEDI)
    with world.database.reading() as session:
        mails = [read(session.get_one(Raw, one.id).content) for one in (first, second)]
        row = session.get_one(Arrival, second.id)
    assert f"{HIS}: ask [erased] or [erased]." in mails[0].text
    assert [one.name for one in mails[1].files] == ["plan.csv"]
    assert [one["name"] for one in row.facts["files"]] == ["plan.csv"]


def test_however_many_rows_there_are_each_is_done(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pieces, "ROWS", 3)
    monkeypatch.setattr(scans, "ROWS", 3)
    monkeypatch.setattr(gathering, "ROWS", 2)
    monkeypatch.setattr(pieces, "SOUNDS", 1)
    monkeypatch.setattr(scans, "AT_ONCE", 7)
    monkeypatch.setattr(scans, "FEW", 1)
    world.erased(NALEDI)
    assert found(rows(world.database), *TRACES) == []


def test_what_is_written_to_them_about_a_ticket_of_a_time_after_it_stays_as_it_is(world: World):
    number = world.asked(NALEDI)
    world.clock.advance(60)
    again = world.post.comes("The till again.\n", sender=FATIMA, Message_ID="<again@x.example>")
    with world.database.writing() as session:
        about = {"event_id": 1, "ticket_id": again.ticket_id, "kind": "received", "state": "posted"}
        session.add(Letter(**about, to=FATIMA, address=FATIMA, automatic=True, at=world.clock(), message_id="<x@y>"))
    world.goes_on(number)
    with world.database.reading() as session:
        (letter_,) = session.scalars(
            select(Letter).where(Letter.ticket_id == again.ticket_id, Letter.message_id == "<x@y>")
        )
        assert letter_.to == FATIMA


def test_who_signs_with_words_of_ours_takes_them_from_nobody(world: World):
    """A From of any words can be made up by anybody."""
    with world.database.writing() as session:
        line = session.scalars(select(Line)).first()
        line.announcement = "Mail is slow today. Our engineers know."
    world.post.comes("Hello.\n", From=f"Our Engineers <{FATIMA}>", Message_ID="<signed@x.example>")
    world.resolved()
    world.erased(NALEDI)
    with world.database.reading() as session:
        assert session.scalars(select(Line.announcement)).first() == "Mail is slow today. Our engineers know."


def test_what_they_say_once_it_has_begun_is_left_as_they_say_it(world: World):
    number = world.asked(NALEDI)
    world.clock.advance(60)
    erasure.go_on(world.tools, number, lambda: False, most=1)
    again = world.post.comes(f"Call {SHORT} on 082 555 0201.\n", sender=FATIMA, Message_ID="<again@x.example>")
    waits = world.post.store(letter("Again.\n", From=FATIMA, To="support@afterhours.example"))
    world.goes_on(number)
    ticket = world.post.ticket_of(again)
    assert (ticket.contact_id, ticket.email) == (None, FATIMA)
    assert world.post.told(again.ticket_id, "asked") == [("asked", f"wrote: Call {SHORT} on 082 555 0201.")]
    world.post.settle()
    assert world.post.arrival(waits).sender == FATIMA


@pytest.mark.fails_on_purpose
def test_an_erasure_at_fault_keeps_no_other_waiting(world: World):
    with world.database.writing() as session:
        session.execute(text("CREATE TABLE hold (id INTEGER REFERENCES contact (id))"))
        session.execute(text("INSERT INTO hold VALUES (:id)"), {"id": int(world.key()[8:])})
    hers, his = world.asked(NALEDI), world.asked(NALEDI, STRANGER)
    world.clock.advance(300)
    for _ in range(40):
        erasure.look(world.tools, lambda: False)
    with world.database.reading() as session:
        assert session.get_one(Erasure, hers).step == "contact"
        assert session.get_one(Erasure, his).erased_at


def test_a_turn_of_the_worker_ends_when_it_has_cost_enough(world: World, monkeypatch: pytest.MonkeyPatch):
    """Whoever has to be paged waits for it: a piece with much in it is the last of its turn."""
    number = world.asked(NALEDI)
    world.clock.advance(300)
    monkeypatch.setattr(erasure, "TURN", 3 * erasure.PIECE)
    assert erasure.look(world.tools, lambda: False)
    with world.database.reading() as session:
        assert session.get_one(Erasure, number).step in ("gathered", "outbox")
    turns = 1
    while erasure.look(world.tools, lambda: False):
        turns += 1
    assert turns > 10
    assert found(rows(world.database), *TRACES) == []


def test_one_large_mail_is_a_piece_of_its_own_and_costs_a_whole_turn(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scans, "LARGE", 10)
    with world.database.writing() as session:
        session.execute(update(Arrival).where(Arrival.sender == SIPHO).values(size=10_000_000))
    number = world.asked(NALEDI)
    costs = []
    with world.database.reading() as session:
        one = session.get_one(Erasure, number)
        session.expunge(one)
    while True:
        with world.database.reading() as session:
            piece = scans.Mails().look(session, one, world.clock())
        costs.append(piece.read)
        if not piece.after:
            break
        one.after = piece.after
    assert sum(cost >= erasure.TURN for cost in costs) >= 2
    assert len(costs) >= 5


def test_a_mail_that_changed_after_it_was_read_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch):
    number, does, changed = world.asked(NALEDI), scans.Mails.do, []

    def do(self, session, erased, keys, now):
        if keys and not changed:
            changed.append(keys[0][0])
            session.execute(update(Arrival).where(Arrival.id == keys[0][0]).values(sha256="another"))
        return does(self, session, erased, keys, now)

    monkeypatch.setattr(scans.Mails, "do", do)
    with pytest.raises(asked.NotYet, match="changed at the same time"):
        erasure.go_on(world.tools, number, lambda: False)
    world.goes_on(number)
    assert changed
    assert found(rows(world.database), *TRACES) == []


def test_an_erasure_at_a_step_that_there_is_no_more_does_all_of_it_again(world: World):
    number = world.asked(NALEDI)
    erasure.go_on(world.tools, number, lambda: False, most=200)
    with world.database.writing() as session:
        one = session.get_one(Erasure, number)
        one.step, one.after = "of an older release", [7, 9]
    world.goes_on(number)
    assert found(rows(world.database), *TRACES) == []


@pytest.mark.parametrize("odd", ["<", '"', "a b <", "a@", "Jo jo@", "jo@b.example, <"])
def test_a_mail_with_an_odd_sender_is_written_anew_as_any_other(odd: str):
    raw = f"From: {odd}\r\nSubject: Printer\r\n\r\nSipho Khumalo says so.\r\n".encode()
    made = rewriting.without(raw, Traces(names=["Sipho Khumalo"]))
    mail = read(made)
    assert (mail.subject, "Khumalo" in mail.text, "says so" in mail.text) == ("Printer", False, True)
