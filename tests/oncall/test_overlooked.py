"""Tickets that may be overlooked are told to the manager, whatever the worker makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from office import Office, at
from sla.due import Due
from ticket_desk import TicketDesk
from tickets.ticket import Ticket
from told import Told

if TYPE_CHECKING:
    from simulator.rest import Rest

NEVER = "ticket 280-340-638 may be overlooked: it was never judged."


@pytest.fixture
def told(proved: Office, rest: Rest) -> Told:
    proved.clock.until(at("2026-11-24 08:00"))
    made = Told(proved, rest)
    made.news()
    return made


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    return TicketDesk(office)


def lost(desk: TicketDesk, when: str, priority: str = "normal") -> int:
    """A ticket whose due times got lost."""
    number = desk.opens(when, priority)
    desk.office.do(lambda session: session.execute(update(Ticket).values(reference="280340638")))
    desk.office.do(lambda session: session.execute(delete(Due)))
    return number


def test_nothing_is_told_while_all_is_well(told: Told, desk: TicketDesk):
    for priority in ("emergency", "high", "normal", "low"):
        desk.opens("2026-11-24 09:00", priority)
    assert [news for news in told.until("2026-11-24 20:00") if "overlooked" in news[1]] == []


def test_the_manager_is_told_once_a_day_while_it_lasts(told: Told, desk: TicketDesk):
    number = lost(desk, "2026-11-24 09:00")
    assert told.news() == [("naledi", NEVER)]
    assert told.until("2026-11-25 06:59") == []
    assert told.until("2026-11-25 08:00") == [("naledi", NEVER)]
    desk.does("2026-11-25 09:00", number, lambda ticket, thandi, now: ticket.resolve(now, "done", thandi))
    assert told.until("2026-11-26 08:30") == []


def test_by_night_only_an_emergency_is_told(told: Told, desk: TicketDesk):
    lost(desk, "2026-11-24 23:00")
    assert told.until("2026-11-25 06:59") == []
    assert told.until("2026-11-25 07:15") == [("naledi", NEVER)]


def test_an_emergency_is_told_at_night(told: Told, desk: TicketDesk):
    lost(desk, "2026-11-24 23:00", "emergency")
    assert ("naledi", NEVER) in told.news()


def test_what_was_seen_to_in_the_meantime_is_told_to_nobody(told: Told, desk: TicketDesk):
    number = lost(desk, "2026-11-24 09:00")
    told.office.clock.advance(61)
    told.office.tick()  # put in the outbox
    desk.does("2026-11-24 09:01:01", number, lambda ticket, thandi, now: ticket.resolve(now, "done", thandi))
    assert told.news() == []
