"""The judge of the kill harness: it finds nothing wrong in a night that went well, and sees whatever is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from bench.kept import Kept
from desk.outbox import Outgoing
from night_shift import NightShift
from oncall.paging import Page
from oncall.pursuit import Pursuit
from sla.due import Due
from sla.mark import Mark, Point
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Executable

    from simulator.clock import Clock
    from simulator.rest import Rest

MINUTE = timedelta(minutes=1)


@pytest.fixture
def night(app: Flask, clock: Clock, rest: Rest) -> NightShift:
    """Two are paged in vain, the third takes it by text; the customer is not answered for more than an hour."""
    night = NightShift(app, clock, rest)
    night.mail()
    night.tick()
    night.unanswered()
    night.tick(2)
    night.unanswered()
    night.tick(2)
    night.ring().let_ring()
    night.write("naledi", f"1 {night.code()}")
    for minutes in (28, 15, 20, 1):
        night.tick(60 * minutes)
    return night


def wrong(night: NightShift, sabotage: Executable | None = None) -> set[str]:
    """What the judge finds, after a row was spoilt."""
    if sabotage is not None:
        night.database.write(lambda session: session.execute(sabotage))
    with night.database.reading() as session:
        kept = Kept(session, night.clock(), {1})
        return {name for name, count in kept.faults().items() if count}


def test_a_night_that_went_well_has_no_faults(night: NightShift):
    assert wrong(night) == set()
    with night.database.reading() as session:
        kept = Kept(session, night.clock(), {1})
        kept.faults()
        figures = kept.figures()
    assert (figures["rings of pursuits"], figures["told who has it"], figures["marks told"]) == (3, 2, 3)


SPOILT = [
    ("breaches unmarked", delete(Mark).where(Mark.point == Point.BREACH)),
    ("warnings missed", delete(Mark).where(Mark.point == Point.HALF)),
    ("warnings missed", update(Mark).values(told_at=None)),
    ("warnings missed", delete(Outgoing).where(Outgoing.key.startswith("mark"))),
    ("warnings told twice, or not as the ticket says", delete(Event).where(Event.kind == "warned")),
    ("marks of nothing", update(Mark).where(Mark.point == Point.HALF).values(measure="resolution")),
    ("marks of another instant", update(Mark).values(at=Mark.noted_at)),
    ("due times that differ from a recomputation", update(Due).values(state="met")),
    ("due times not renewed", update(Ticket).values(judged=-1)),
    ("called, and not told once who has it", delete(Outgoing).where(Outgoing.key.startswith("taken"))),
    ("tickets that are not what their events say", update(Ticket).values(owner_id=None)),
]


@pytest.mark.parametrize(("fault", "sabotage"), SPOILT, ids=[f"{name} {at}" for at, (name, _) in enumerate(SPOILT)])
def test_what_was_lost_is_seen(night: NightShift, fault: str, sabotage: Executable):
    assert fault in wrong(night, sabotage)


def test_an_emergency_that_nobody_was_looked_for_is_seen(night: NightShift):
    def forget(session: object) -> None:
        for statement in (
            update(Page).values(pursuit_id=None),
            delete(Outgoing).where(Outgoing.key.startswith("taken")),
            update(Pursuit).values(begun_at=night.clock(), ended_at=night.clock()),
        ):
            session.execute(statement)  # type: ignore[attr-defined]

    night.database.write(forget)
    assert "emergencies lost" in wrong(night)


def test_a_pursuit_that_ended_too_early_or_went_on_too_long_is_seen(night: NightShift):
    with night.database.reading() as session:
        begun = session.get_one(Pursuit, 1).begun_at
    assert "pursuits given up" in wrong(night, update(Pursuit).values(ended_at=begun))
    assert "engineers rung after somebody had it" in wrong(night)
    assert "pursuits without an end" in wrong(night, update(Pursuit).values(ended_at=None))


def test_two_telephones_at_once_are_seen(night: NightShift):
    longer = update(Page).where(Page.id == 1).values(ended_at=night.clock() + MINUTE)
    assert "telephones rung at once about one ticket" in wrong(night, longer)
