"""What is left to do for callers: somebody rang and reached nobody, or nobody knows where to write to."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import HARBOUR, KAROO, STRANGER, THANDI, WITHHELD
from conftest import LINE, network_of
from desk.door.tokens import Scope
from ivr import missed
from ivr.callflow import STEPS
from night_shift import NightShift
from simulator.quirks import Quirks
from simulator.script import play
from tickets import inbox, task
from tickets.people import Contact
from tickets.task import What
from tickets.ticket import State, Ticket
from visitors import bearer, browser_of, heart, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    import simulator.call
    from simulator.clock import Clock
    from simulator.rest import Rest

BOTH = ["call_back", "address"]


@pytest.fixture
def night(app: Flask, clock: Clock, rest: Rest) -> NightShift:
    return NightShift(app, clock, rest)


def calls(night: NightShift, caller: str, *keys: str, talk: float = 60) -> simulator.call.Call:
    """Somebody rings and presses these keys; at a recording they leave a message of 8 seconds."""
    call = night.network.ring(caller, LINE)
    play(call, keys, talk=talk)
    if not call.ended:
        call.hang_up()
    night.clock.advance(60)
    return call


def leaves_a_message(night: NightShift, caller: str = STRANGER) -> simulator.call.Call:
    """In the night, with nobody woken for it."""
    return calls(night, caller, "2", "2")


def tasks(night: NightShift, number: int = 1) -> list[str]:
    with night.database.reading() as session:
        found = task.of(session, session.get_one(Ticket, number))
        there = session.scalar(select(Ticket.id).where(Ticket.id == number, task.there_are()))
        assert bool(there) == bool(found), "the list and the page say the same"
        return [one.what.value for one in found]


def call_back(night: NightShift, number: int = 1) -> task.Task:
    with night.database.reading() as session:
        (found,) = (one for one in task.of(session, session.get_one(Ticket, number)) if one.what == What.CALL_BACK)
        return found


def does(night: NightShift, verb: str, who: str = "thandi", number: int = 1, **typed: str) -> TestResponse:
    """Somebody sends a form of the ticket's page."""
    return post(browser_of(night.app, who), f"{night.page(number)}/do/{verb}", seen=night.seen(number), **typed)


def change(night: NightShift, work: Callable[[Session], object]) -> None:
    night.database.write(work)


def email_of(night: NightShift, name: str) -> str | None:
    with night.database.reading() as session:
        return session.scalars(select(Contact.email).where(Contact.name == name)).one()


# Call back


def test_a_stranger_who_leaves_a_message_in_the_night_is_to_be_called_back_and_asked_for_an_address(night: NightShift):
    call = leaves_a_message(night)
    assert "a message" in " ".join(night.told("asked"))
    assert tasks(night) == BOTH
    found = call_back(night)
    assert (found.number, found.left_message, len(found.rang)) == (STRANGER, True, 1)
    assert night.told("missed") == ["082 555 0999 rang and reached nobody"]
    page = heart(browser_of(night.app, "thandi").get(night.page()).text)
    assert "2 things to do Call back +27…999 Rang Sun 22 Nov 02:00 , left a message." in page
    assert "Get a mail address They rang, and none is known." in page
    assert call.ended


def test_having_the_ticket_answers_nobody(night: NightShift):
    leaves_a_message(night)
    assert does(night, "have").status_code == 303
    assert tasks(night) == BOTH


def test_a_call_back_that_reaches_them_ends_the_task_and_one_that_does_not_leaves_it(night: NightShift):
    leaves_a_message(night)
    night.network.handset(THANDI, None)
    for theirs, left in (("no-answer", BOTH), ("accept", ["address"])):
        assert post(browser_of(night.app, "thandi"), f"{night.page()}/call-back").status_code == 303
        night.tick()
        night.network.handset(STRANGER, theirs)
        ring = night.joined.ring(talk=60)
        ring.answer()
        ring.press("1")
        assert ring.ended
        assert tasks(night) == left
        night.clock.advance(600)


def test_an_answer_by_another_way_ends_it_too(night: NightShift):
    leaves_a_message(night)
    assert does(night, "answer", text="Wrote to her shop").status_code == 303
    assert tasks(night) == ["address"]


def test_who_is_put_through_is_not_called_back(night: NightShift):
    night.network.in_order("accept")
    calls(night, KAROO, "2")
    assert (night.ticket(), tasks(night), night.told("missed")) == (("acknowledged", "thandi"), [], [])


def test_an_engineer_who_accepts_when_the_caller_has_left_still_has_to_call_back(night: NightShift):
    night.network.in_order(None)
    call = night.network.ring(KAROO, LINE)
    call.press("2")
    call.engineer.answer()
    call.hang_up(crossing_key="1")
    assert (night.ticket(), tasks(night)) == (("acknowledged", "thandi"), ["call_back"])


def test_who_hangs_up_in_the_menu_is_called_back_if_we_know_them_and_let_go_if_not(night: NightShift):
    for caller in (HARBOUR, STRANGER):
        call = night.network.ring(caller, LINE)
        call.hang_up()
    assert (tasks(night, 1), tasks(night, 2)) == (["call_back"], [])
    assert call_back(night).left_message is False
    assert night.ticket(2) == ("resolved", None), "abandoned"


def test_who_only_asked_how_it_stands_is_not_called_back_but_who_then_wanted_help_is(night: NightShift):
    leaves_a_message(night, HARBOUR)
    does(night, "answer", text="New cable")
    night.clock.advance(60)
    calls(night, HARBOUR, "3", "1")
    assert night.told("missed", ticket=1) == ["082 555 0202 rang and reached nobody"]
    assert (tasks(night, 1), tasks(night, 2)) == ([], [])
    calls(night, HARBOUR, "3", "1", "2", "2")
    assert tasks(night, 1) == ["call_back"]
    assert (tasks(night, 2), tasks(night, 3)) == ([], []), "what was merged by asking has no tasks"


def test_two_calls_that_reached_nobody_are_one_task_and_an_answer_in_between_counts_for_the_first(night: NightShift):
    night.call()
    night.clock.advance(60)
    night.call()
    assert len(call_back(night).rang) == 2
    does(night, "answer", text="Restart it")
    assert tasks(night) == []
    night.clock.advance(60)
    night.call()
    assert len(call_back(night).rang) == 1
    page = heart(browser_of(night.app, "thandi").get(night.page()).text)
    assert "One thing to do" in page


def test_a_ticket_that_is_merged_takes_its_missed_call_along(night: NightShift):
    leaves_a_message(night, HARBOUR)
    leaves_a_message(night)
    night.mail()
    assert does(night, "merge", number=1, into=night.printed(2), text="one shop").status_code == 303
    assert does(night, "merge", number=2, into=night.printed(3), text="one shop").status_code == 303
    assert (tasks(night, 1), tasks(night, 2)) == ([], [])
    assert len(call_back(night, 3).rang) == 2
    does(night, "answer", number=3, text="Called them both")
    assert tasks(night, 3) == []


def test_what_is_resolved_has_no_tasks_and_what_is_opened_again_has_them_again(night: NightShift):
    leaves_a_message(night)
    does(night, "resolve", text="It was a wrong number", no_address="1")
    assert (night.ticket()[0], tasks(night)) == ("resolved", [])
    does(night, "reopen", text="It was not")
    assert tasks(night) == BOTH


def test_a_withheld_number_that_left_a_message_is_a_task_without_a_number(night: NightShift):
    leaves_a_message(night, WITHHELD)
    assert call_back(night).number is None
    page = heart(browser_of(night.app, "thandi").get(night.page()).text)
    assert "A withheld number reached nobody Rang Sun 22 Nov 02:00 , left a message." in page
    assert "/call-back" not in browser_of(night.app, "thandi").get(night.page()).text


def test_an_engineer_who_rings_the_line_to_call_somebody_back_has_missed_nobody(night: NightShift):
    leaves_a_message(night, HARBOUR)
    does(night, "have")
    does(night, "answer", text="Restart it")
    call = night.network.ring(THANDI, LINE)
    play(call, ["1", "1"])
    if not call.ended:
        call.hang_up()
    assert "Thandi Nkosi asks for 082 555 0202 to be called back" in night.told("call back")
    assert (tasks(night, 1), night.told("missed")) == ([], ["082 555 0202 rang and reached nobody"])


def test_a_call_whose_end_was_never_reported_is_missed_once_it_is_closed(night: NightShift):
    lost = network_of(night.app, night.clock, quirks=Quirks(callbacks="never"))
    lost.in_order("no-answer")
    play(lost.ring(HARBOUR, LINE), ["2", "2"])
    assert tasks(night) == []
    night.clock.advance(5 * 3600)
    night.tick()
    assert tasks(night) == ["call_back"]


def test_the_steps_that_mean_a_caller_wants_somebody_are_steps_of_the_call():
    assert set(STEPS) >= missed.WELCOME | missed.STATE_TOLD | missed.TO_PEOPLE


# The address


def test_an_address_belongs_to_the_contact_and_is_known_on_every_ticket_of_theirs(night: NightShift):
    change(night, lambda session: setattr(_contact(session, "Sipho Khumalo"), "email", None))
    leaves_a_message(night, HARBOUR)
    leaves_a_message(night, HARBOUR)
    assert (tasks(night, 1), tasks(night, 2)) == (BOTH, BOTH)
    assert does(night, "address", email=" sipho@harbour-foods.example ").status_code == 303
    assert email_of(night, "Sipho Khumalo") == "sipho@harbour-foods.example"
    assert (tasks(night, 1), tasks(night, 2)) == (["call_back"], ["call_back"])
    assert night.told("address") == ["the address of Sipho Khumalo is sipho@harbour-foods.example"]


def test_an_address_of_a_stranger_belongs_to_the_ticket(night: NightShift):
    leaves_a_message(night)
    assert does(night, "address", email="mary@bäckerei.example").status_code == 303
    assert tasks(night) == ["call_back"]
    page = heart(browser_of(night.app, "thandi").get(night.page()).text)
    assert "Mail address mary@xn--bckerei-5wa.example" in page
    again = does(night, "address", email="other@shop.example")
    assert (again.status_code, "An address is known" in heart(again.text)) == (422, True)


@pytest.mark.parametrize(
    "typed",
    ["mary", "mary@shop", "mary@shop.test", "mary at shop.example", "Mary <m@shop.example>", "a@b.example, c@d.example",
     "mary@shop.example\r\nBcc: x@y.example", ""],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_what_was_typed_stays(night: NightShift, typed: str):
    leaves_a_message(night)
    answer = does(night, "address", email=typed)
    assert answer.status_code == 422
    assert "Nothing was changed. That is no mail address." in heart(answer.text)
    assert typed.split("\r")[0] in unescape(answer.text)
    assert tasks(night) == BOTH


def test_a_ticket_that_did_not_come_by_telephone_has_no_such_task(night: NightShift):
    night.mail()
    assert tasks(night) == []


def test_while_the_call_goes_on_there_is_no_task_yet(night: NightShift):
    night.network.in_order(None)
    call = night.network.ring(STRANGER, LINE)
    play(call, ["2", "1"])
    assert tasks(night) == []
    call.hang_up()
    assert tasks(night) == BOTH


# Resolving without one


def test_resolving_without_an_address_is_asked_about_once(night: NightShift):
    leaves_a_message(night)
    asked = does(night, "resolve", text="It works again")
    assert asked.status_code == 422
    assert "No mail address is known. Note it first, or say that there is none." in heart(asked.text)
    assert ">It works again</textarea>" in asked.text
    assert 'name="no_address"' in asked.text
    assert 'name="no_address"' not in browser_of(night.app, "thandi").get(night.page()).text, "not before it is asked"
    assert does(night, "resolve", text="It works again", no_address="1").status_code == 303
    assert night.told("resolved") == ["It works again (no address is known)"]


def test_with_an_address_nothing_is_asked(night: NightShift):
    leaves_a_message(night, HARBOUR)
    assert does(night, "resolve", text="It works again").status_code == 303
    assert night.told("resolved") == ["It works again"]


def test_a_missing_address_keeps_neither_a_call_nor_a_worker_from_anything(night: NightShift):
    leaves_a_message(night)
    night.change(lambda ticket, by: ticket.resolve(night.clock(), "closed by the machine"))
    assert night.ticket()[0] == State.RESOLVED


# Where it is seen


def test_today_shows_who_waits_longest_for_a_call_first(night: NightShift):
    leaves_a_message(night)
    leaves_a_message(night, HARBOUR)
    night.network.in_order("accept")
    calls(night, KAROO, "2")
    does(night, "answer", text="Told her")  # so that only her address is left
    today = heart(browser_of(night.app, "thandi").get("/").text)
    part = today[today.index("To do for callers") : today.index("Newest tickets")]
    assert part.index(night.printed(2)) < part.index(night.printed(1))
    assert night.printed(3) not in part.split("For an emergency")[0]


def test_the_list_of_tickets_has_them_as_a_filter_with_their_number(night: NightShift):
    leaves_a_message(night)
    night.mail()
    page = browser_of(night.app, "bongani").get("/tickets?state=tasks")
    assert "To do for callers 1" in heart(page.text)
    assert (night.printed(1) in page.text, night.printed(2) in page.text) == (True, False)
    assert "call back get a mail address" in heart(page.text)


def test_billing_staff_see_a_masked_number_and_no_forms(night: NightShift):
    leaves_a_message(night)
    page = browser_of(night.app, "bongani").get(night.page()).text
    assert "Get a mail address" in page
    assert "0999" not in re.sub(r"\d{4}-\d{2}", "", heart(page)).replace("••• 0999", "")
    assert "/do/address" not in page


def test_the_api_tells_the_tasks_of_a_ticket(night: NightShift):
    leaves_a_message(night)
    night.mail()
    token = bearer(night.app, [Scope.TICKETS_READ])
    listed = night.app.test_client().get("/api/v1/tickets", headers=token).json["items"]
    assert [one["tasks"] for one in listed] == [[], BOTH]
    with night.database.reading() as session:
        reference = session.get_one(Ticket, 1).reference
    assert night.app.test_client().get(f"/api/v1/tickets/{reference}", headers=token).json["tasks"] == BOTH


def test_the_tasks_of_many_tickets_are_read_at_once(night: NightShift):
    leaves_a_message(night)
    leaves_a_message(night, HARBOUR)
    with night.database.reading() as session:
        numbers = [one.id for one in session.scalars(inbox.unresolved())]
        assert {number: [one.what for one in found] for number, found in task.of_all(session, numbers).items()} == {
            1: BOTH,
            2: ["call_back"],
        }


def _contact(session: Session, name: str) -> Contact:
    return session.scalars(select(Contact).where(Contact.name == name)).one()
