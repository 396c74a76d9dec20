"""Warnings: at half, at three quarters and at the end, to the owner and one step further each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from night_shift import NightShift
from office import at
from sla.mark import Mark
from tickets.people import Customer
from tickets.ticket import Priority, open_ticket

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock
    from simulator.rest import Rest


@pytest.fixture
def night(app: Flask, clock: Clock, rest: Rest) -> NightShift:
    return NightShift(app, clock, rest)


def opens(night: NightShift, when: str, priority: Priority, of: str = "Harbour Foods", owner: str | None = None) -> int:
    """A ticket that came in then, and whose it is."""
    night.clock.until(at(when))
    with night.database.writing() as session:
        dice, customer = night.app.extensions["exchange"].dice, select(Customer.id).where(Customer.name == of)
        made = open_ticket(
            session,
            dice=dice,
            at=night.clock(),
            subject="Till",
            priority=priority,
            customer_id=session.scalars(customer).one(),
        )
    if owner:
        night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()), who=owner, number=made.id)
    return made.id


def warned(night: NightShift, when: str) -> list[tuple[str, str]]:
    """Who is told what by then; what is found in one tick leaves in the next."""
    night.clock.until(at(when))
    for _ in range(3):
        night.tick()
    return [(who, body.partition(": ")[2]) for who, body in night.texts()]


def untold(night: NightShift) -> int:
    with night.database.reading() as session:
        return len(session.scalars(select(Mark.id).where(Mark.told_at.is_(None))).all())


def test_the_owner_of_an_emergency_is_warned_at_night_and_others_besides(night: NightShift):
    number = opens(night, "2026-11-22 02:00", Priority.EMERGENCY, owner="lerato")
    printed = night.printed(number)
    assert warned(night, "2026-11-22 02:29") == []
    said = f"ticket {printed}, Harbour Foods: half of the time is over for an answer, due Sun 22 Nov 03:00."
    assert warned(night, "2026-11-22 02:30") == [("lerato", f"{said} It is yours.")]
    assert warned(night, "2026-11-22 02:40") == [], "once"
    said = said.replace("half of the time is over", "three quarters of the time is over")
    told = [("lerato", f"{said} It is yours."), ("thandi", f"{said} Lerato Mokoena has it.")]
    assert warned(night, "2026-11-22 02:45") == told
    said = said.replace("three quarters of the time is over", "the time is over")
    told = [(who, f"{said} {'It is yours.' if who == 'lerato' else 'Lerato Mokoena has it.'}")
            for who in ("lerato", "thandi", "pieter")]  # fmt: skip
    assert warned(night, "2026-11-22 03:01") == told
    assert night.told("warned", ticket=number)[0] == "told Lerato Mokoena: half of the time is over"
    assert warned(night, "2026-11-22 09:00") == []
    assert untold(night) == 0


def test_an_answer_given_in_time_is_warned_of_no_more(night: NightShift):
    number = opens(night, "2026-11-22 02:00", Priority.EMERGENCY, owner="lerato")
    night.change(lambda ticket, by: ticket.answer(by, night.clock(), "spoke"), who="lerato", number=number)
    assert warned(night, "2026-11-22 04:00") == []


def test_what_is_no_emergency_waits_until_the_night_is_over(night: NightShift):
    """Its time ran out in the evening, while no worker ran: nobody is woken, and the last word alone is said."""
    opens(night, "2026-11-24 15:00", Priority.HIGH, owner="lerato")
    assert warned(night, "2026-11-25 02:00") == []
    assert untold(night) == 1, "two earlier points are told no more"
    assert warned(night, "2026-11-25 06:59") == []
    told = warned(night, "2026-11-25 07:00")
    assert [who for who, _ in told] == ["lerato", "pieter", "naledi"]
    assert all(": the time is over for an answer, due Tue 24 Nov 17:00. " in said for _, said in told)


def test_a_ticket_that_nobody_has_is_told_to_whoever_rings_first(night: NightShift):
    opens(night, "2026-11-24 09:00", Priority.HIGH)
    ((who, said),) = warned(night, "2026-11-24 10:00")
    assert (who, said.rpartition(". ")[2]) == ("pieter", "Nobody has it.")


def test_an_emergency_that_people_are_paged_for_is_not_warned_of(night: NightShift):
    night.mail()
    night.tick()
    night.clock.advance(1900)
    for _ in range(3):
        night.tick()
    assert not [body for _, body in night.texts() if "half of the time" in body]
    assert untold(night) == 0
