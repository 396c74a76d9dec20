"""The watchdog finds what the worker has overlooked, whatever the worker believes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select, update

from office import at
from sla import watch
from sla.due import Due
from sla.mark import Mark
from ticket_desk import NEXT, TicketDesk
from tickets.ticket import Ticket, open_ticket

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from office import Office


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    return TicketDesk(office)


def found(desk: TicketDesk) -> dict[int, str]:
    with desk.office.database.reading() as session:
        return {one.ticket.id: one.why for one in watch.findings(session, desk.office.now)}


def differing(desk: TicketDesk, only: list[int] | None = None) -> list[int]:
    with desk.office.database.reading() as session:
        book = desk.office.app.extensions["books"].current(session)
        numbers = only or list(session.scalars(select(Ticket.id)))
        return [one.ticket.id for one in watch.differences(session, book, numbers, desk.office.now)]


def behind_its_back(desk: TicketDesk, change: Executable) -> None:
    desk.office.do(lambda session: session.execute(change))


def test_nothing_is_found_while_the_worker_works(desk: TicketDesk):
    for priority in ("emergency", "high", "normal", "low"):
        desk.opens("2026-11-24 09:00", priority)
    for when in ("2026-11-24 09:30", "2026-11-24 10:00:30", "2026-11-24 13:00:01", "2026-11-25 18:00"):
        desk.at(when)
        assert found(desk) == {}
        assert differing(desk) == []


def test_a_ticket_that_the_worker_never_saw(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    behind_its_back(desk, delete(Due))
    assert found(desk) == {number: "it was never judged"}
    assert differing(desk) == [number]


def test_a_worker_that_stands_still(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.office.clock.until(at("2026-11-24 11:01"))
    assert found(desk) == {}, "half of the time passed a minute ago"
    desk.office.clock.until(at("2026-11-24 11:03"))
    assert found(desk) == {number: "its next warning or due time has passed unnoticed"}


def test_an_event_that_nobody_looked_at(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.office.clock.until(at("2026-11-24 09:10"))
    desk.office.do(lambda session: session.get_one(Ticket, number).hear("hello?", desk.office.now))
    assert found(desk) == {}
    desk.office.clock.until(at("2026-11-24 09:13"))
    assert found(desk) == {number: "something happened to it that was not looked at"}


def test_a_breach_that_was_never_noted(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.at("2026-11-24 13:01")
    desk.at("2026-11-24 13:02")
    behind_its_back(desk, delete(Mark))
    desk.at("2026-11-24 13:05")
    assert found(desk) == {number: "it is in breach, and no breach is noted"}


def test_a_breach_of_an_earlier_answer_is_not_taken_for_that_of_a_later_one(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00", "high", "Karoo Clinic")
    desk.does("2026-11-24 09:10", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    desk.does("2026-11-24 09:20", number, lambda ticket, _, now: ticket.hear("still broken", now))
    desk.at("2026-11-24 11:21")
    desk.does("2026-11-24 13:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang again"))
    desk.does("2026-11-24 13:31", number, lambda ticket, _, now: ticket.hear("broken again", now))
    desk.at("2026-11-24 15:32")
    desk.at("2026-11-24 15:33")
    assert [(measure, point) for measure, point, _ in desk.marks(number)].count((NEXT, "breach")) == 2
    behind_its_back(desk, delete(Mark).where(Mark.id == select(func.max(Mark.id)).scalar_subquery()))
    desk.at("2026-11-24 15:35")
    assert found(desk) == {number: "it is in breach, and no breach is noted"}


def test_an_answered_ticket_that_everybody_has_forgotten(desk: TicketDesk):
    number = desk.opens("2026-11-24 09:00")
    desk.does("2026-11-24 09:30", number, lambda ticket, thandi, now: ticket.answer(thandi, now, "rang them"))
    desk.at("2026-12-01 09:29")
    assert found(desk) == {}
    desk.at("2026-12-01 09:31")
    assert found(desk) == {number: "nothing is due, and nothing has happened for a week"}


def test_a_ticket_that_cannot_be_judged(desk: TicketDesk, caplog: pytest.LogCaptureFixture):
    def garble(session: object) -> int:
        ticket = open_ticket(session, dice=desk.dice, at=desk.office.now, subject="Odd")
        ticket.tell("priority", "normal to shocking", desk.office.now, was="normal", now="shocking")
        return ticket.id

    number = desk.office.do(garble)
    desk.office.tick()
    caplog.clear()
    assert found(desk) == {number: "it cannot be judged"}


def test_a_due_time_that_somebody_changed_by_hand_differs_from_what_is_computed(desk: TicketDesk):
    right, wrong = desk.opens("2026-11-24 09:00"), desk.opens("2026-11-24 09:00")
    assert differing(desk) == []
    behind_its_back(desk, update(Due).where(Due.ticket_id == wrong).values(due=at("2026-12-24 09:00")))
    assert differing(desk) == [wrong]
    with desk.office.database.reading() as session:
        kept = session.scalars(select(Due.due).where(Due.ticket_id == wrong)).one()
    assert kept == at("2026-12-24 09:00"), "to look changes nothing"
    assert desk.row(right) == ("due", "2026-11-24 13:00")


def test_what_the_worker_is_about_to_judge_differs_from_nothing_however_much_it_is(desk: TicketDesk):
    numbers = [desk.opens("2026-11-24 09:00") for _ in range(2)]
    desk.office.clock.until(at("2026-11-24 13:01"))
    assert differing(desk) == []
    assert differing(desk, only=numbers[1:]) == []


def test_every_day_all_due_times_are_computed_anew_and_a_difference_is_an_alarm(
    desk: TicketDesk, caplog: pytest.LogCaptureFixture
):
    number = desk.opens("2026-11-27 16:30", "low")
    behind_its_back(desk, update(Due).values(due=at("2026-12-24 09:00")))
    desk.at("2026-11-27 18:00")
    assert desk.row(number) == ("due", "2026-12-24 09:00"), "nobody has looked yet"
    desk.at("2026-11-28 16:30")
    desk.at("2026-11-28 16:30:10")
    assert desk.row(number) == ("due", "2026-11-30 17:00")
    assert desk.told(number, "alarm") == ["its due times were not what they should be; they are computed anew"]
    assert found(desk) == {number: "its due times were not what they should be"}
    assert f"the due times of ticket {number} were not what they should be" in caplog.text
    caplog.clear()
