"""A history of the demo company: made by its own verbs, and the same every time.

Twelve days across the end of October are lived once, and moved into a fresh database of either kind.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import World, create_app
from conftest import LINE, network_of, settings_for
from databases import let_go
from desk import cli
from desk.audit import Entry, Who
from desk.door.passwords import Credential
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr.call import Call
from ivr.past.moving import SomebodyLives
from simulator.clock import Clock
from sla import due, watch
from sla.billing import charging, planning
from sla.billing.charge_line import ChargeLine
from sla.billing.statement import Statement
from sla.due import Due
from tickets.event import Event
from tickets.people import Contact, Customer
from tickets.ticket import State, Ticket, open_ticket
from visitors import give_password, staff_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.past.life import Life
    from ivr.past.pasts import Pasts

NOW = datetime(2026, 11, 9, 14, 0, tzinfo=UTC)  # Monday 16:00 in Johannesburg
DAYS = 12
FILES = [*sorted(cli.DEMO.glob("*.yaml")), cli.HISTORY]
NAMED = Who("root", "terminal")


@contextmanager
def lived(folder: Path, number: int) -> Iterator[Life]:
    """So many days, lived."""
    app = create_app(settings_for(f"sqlite:///{folder}/unused.db", recordings_dir=folder / "kept"), World(Clock(NOW)))
    with app.extensions["pasts"].lived(FILES, NAMED, NOW, number) as life:
        life.live(lambda _: None)
        yield life
    let_go(app)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with lived(tmp_path_factory.mktemp("past"), DAYS) as life:
        yield life


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Enough where it does not matter what has happened."""
    with lived(tmp_path_factory.mktemp("day"), 1) as life:
        yield life


@pytest.fixture
def pasts(app: Flask) -> Pasts:
    return app.extensions["pasts"]


@pytest.fixture
def moved(life: Life, pasts: Pasts, database: Database, clock: Clock) -> Database:
    """The same, in a database of the demo company in which nothing had happened."""
    pasts.move(life, database, NAMED)
    clock.until(NOW)
    return database


def everything(session: Session) -> dict[str, int]:
    kinds = {"tickets": Ticket, "calls": Call, "events": Event, "charge lines": ChargeLine, "due": Due}
    return {name: session.scalar(select(func.count()).select_from(kind)) for name, kind in kinds.items()}


def test_everything_that_was_lived_is_there(moved: Database, life: Life):
    with moved.reading() as session, life.on.database.reading() as past:
        there = everything(session)
        assert there == everything(past)
        merged = select(Ticket.id, Ticket.merged_into_id).order_by(Ticket.id)
        assert session.execute(merged).all() == past.execute(merged).all()
        assert there["calls"] > 25
        assert there["tickets"] > 30
        assert session.scalars(select(Entry).order_by(Entry.id.desc())).first().about == "a history of the demo company"


def test_life_is_as_varied_as_life(moved: Database):
    with moved.reading() as session:
        states = Counter(session.scalars(select(Ticket.state)))
        kinds = Counter(session.scalars(select(Event.kind)))
        assert states[State.RESOLVED] > sum(states.values()) / 2
        assert len(states) > 1
        assert {"answered", "acknowledged", "letter", "missed"} <= set(kinds)
        assert len(set(session.scalars(select(Ticket.priority)))) == 4


def test_nothing_lies_in_the_future(moved: Database):
    with moved.reading() as session:
        for column in (Event.at, Call.started_at, Call.ended_at, Ticket.opened_at, Entry.at):
            assert session.scalar(select(func.max(column))) <= NOW + timedelta(minutes=1), column


def test_nobody_is_real(moved: Database):
    with moved.reading() as session:
        phones = {*session.scalars(select(Contact.phone)), *session.scalars(select(Call.caller))} - {None}
        phones |= {one for one in session.scalars(select(Staff.phone)) if one}
        assert {one for one in phones if not one.startswith("+27825550")} == set()
        mails = {*session.scalars(select(Contact.email)), *session.scalars(select(Ticket.email))} - {None}
        assert {one for one in mails if not one.endswith((".example", "@example.org"))} == set()


def test_the_watchdog_finds_nothing_and_due_times_agree_when_computed_anew(app: Flask, moved: Database):
    with moved.reading() as session:
        assert watch.findings(session, NOW) == []
        book = app.extensions["books"].current(session)
        numbers = list(session.scalars(select(Ticket.id).where(Ticket.state != State.RESOLVED)))
        assert numbers
        assert due.stale(session, book, NOW) == []
        assert watch.differences(session, book, numbers, NOW) == []


def test_every_charge_line_is_the_same_when_it_is_charged_anew(moved: Database):
    with moved.reading() as session:
        before = {(one.account, one.source, one.month): one.amount_cents for one in session.scalars(select(ChargeLine))}
        assert sum(before.values()) > 0
        assert charging.stale(session) == []
        accounts = session.scalars(select(charging.Account.id)).all()
        assert [number for number in accounts if planning.planned(session, number, NOW).differs] == []


def test_the_month_that_is_over_is_closed_and_adds_up(moved: Database):
    with moved.reading() as session:
        closed = session.scalars(select(Statement).where(Statement.closed_at.is_not(None))).all()
        assert [one.month for one in closed] == ["2026-10"]
        lines = select(func.sum(ChargeLine.amount_cents)).where(ChargeLine.month == "2026-10")
        assert closed[0].totals["amount"] == f"{(session.scalar(lines) or 0) / 100:.2f}"


def test_nothing_waits_to_be_sent(moved: Database):
    with moved.reading() as session:
        late = select(Outgoing.kind).where(Outgoing.state.in_(("waiting", "sending")), Outgoing.due_at < NOW)
        assert session.scalars(late).all() == []
        assert session.scalars(select(Outgoing.kind).where(Outgoing.state == "dead")).all() == []


def test_life_goes_on_in_that_database(app: Flask, day: Life, pasts: Pasts, database: Database, clock: Clock):
    pasts.move(day, database, NAMED)
    clock.until(NOW)
    with database.reading() as session:
        before = session.scalar(select(func.count(Ticket.id)))
    call = network_of(app, clock).ring("+27825550204", LINE)
    call.hang_up()
    with database.reading() as session:
        assert session.scalar(select(func.count(Ticket.id))) == before + 1


def test_what_somebody_set_for_the_door_stays(day: Life, pasts: Pasts, app: Flask, database: Database, clock: Clock):
    give_password(app, "naledi", clock)
    pasts.move(day, database, NAMED)
    with database.reading() as session:
        assert session.scalars(select(Credential.staff_id)).all() == [staff_id(app, "naledi")]


def test_nobody_s_life_is_overwritten(day: Life, pasts: Pasts, database: Database, app: Flask):
    dice = app.extensions["exchange"].dice
    database.write(lambda session: open_ticket(session, dice=dice, at=NOW, subject="A real one"))
    with pytest.raises(SomebodyLives, match="tickets: 1"):
        pasts.move(day, database, NAMED)
    with database.reading() as session:
        assert session.scalars(select(Ticket.subject)).all() == ["A real one"]


def test_a_history_is_not_put_over_another(day: Life, pasts: Pasts, database: Database):
    pasts.move(day, database, NAMED)
    with database.reading() as session:
        before = everything(session)
    with pytest.raises(SomebodyLives, match="begin anew"):
        pasts.move(day, database, NAMED)
    with database.reading() as session:
        assert everything(session) == before


def test_customers_of_one_s_own_are_somebody(day: Life, pasts: Pasts, database: Database):
    database.write(lambda session: session.add(Customer(code="ours", name="A real customer")))
    with database.reading() as session, pytest.raises(SomebodyLives, match="customers of its own: 1"):
        pasts.check(session, day)


def test_who_is_stopped_half_way_has_changed_nothing(pasts: Pasts, database: Database):
    class Stopped(Exception):
        pass

    def stop(_: int) -> None:
        raise Stopped

    with pasts.lived(FILES, NAMED, NOW, 1) as life, pytest.raises(Stopped):
        life.live(stop)
    with database.reading() as session:
        assert session.scalar(select(func.count(Ticket.id))) == 0


def told(life: Life) -> list[tuple[str, str, str]]:
    with life.on.database.reading() as session:
        return [(one.reference, one.state, one.subject) for one in session.scalars(select(Ticket).order_by(Ticket.id))]


def test_the_same_day_has_the_same_history(day: Life, tmp_path: Path):
    assert len(told(day)) > 3
    with lived(tmp_path, 1) as again:
        assert told(again) == told(day)


def test_the_command_says_what_is_in_the_way_and_how_to_begin_anew(app: Flask, database: Database):
    dice = app.extensions["exchange"].dice
    database.write(lambda session: open_ticket(session, dice=dice, at=NOW, subject="A real one"))
    result = app.test_cli_runner().invoke(args=["desk", "demo", "--history"])
    assert result.exit_code == 1
    assert "There is something in this database already (tickets: 1)." in result.output
    assert "To begin anew, name another database in DATABASE_URL" in result.output
