"""What people do to a ticket on its page: each verb as a form, refused kindly, and due times that follow at once."""

from __future__ import annotations

import re
from html import unescape
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from office import at
from sla import holidays
from sla.due import Due
from sla.targets import Measure
from ticket_desk import FIRST, RESOLUTION, TicketDesk
from tickets.event import Event
from tickets.ticket import Priority, Ticket, open_ticket
from visitors import browser_of, form_token, post

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from office import Office

MORNING = "2026-11-24 09:00"


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    office.clock.until(at(MORNING))  # whoever signs in does so in the morning, and stays signed in for the day
    return TicketDesk(office)


@pytest.fixture
def thandi(desk: TicketDesk) -> FlaskClient:
    return browser_of(desk.office.app, "thandi")


@pytest.fixture
def pieter(desk: TicketDesk) -> FlaskClient:
    return browser_of(desk.office.app, "pieter")


def address(desk: TicketDesk, number: int) -> str:
    with desk.office.database.reading() as session:
        return f"/tickets/{session.get_one(Ticket, number).reference}"


def seen(client: FlaskClient, path: str) -> str:
    """The number of the newest event, as the forms of the page carry it."""
    found = re.search(r'name="seen" value="(\d+)"', client.get(path).text)
    assert found
    return found[1]


def send(client: FlaskClient, path: str, verb: str, token: str | None = None, **typed: str) -> TestResponse:
    return post(client, f"{path}/do/{verb}", seen=token or seen(client, path), **typed)


def words(text: str) -> str:
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def after(client: FlaskClient, answer: TestResponse) -> str:
    """What the page says once the form is carried out."""
    assert answer.status_code == 303, words(answer.text)
    said = re.search(r'role="status">(.*?)</p>', client.get(answer.location).text, re.DOTALL)
    assert said
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", said[1]))).strip()


def ticket(desk: TicketDesk, number: int) -> Ticket:
    with desk.office.database.reading() as session:
        found = session.get_one(Ticket, number)
        session.expunge(found)
        return found


# What it is called


def test_a_ticket_of_the_line_is_called_after_what_it_is_about_and_what_it_was_called_stays(
    desk: TicketDesk, thandi: FlaskClient
):
    number = desk.opens(MORNING)
    before, path = ticket(desk, number).subject, address(desk, number)
    said = after(thandi, send(thandi, path, "subject", subject="  Freezer alarm\n in store 14 "))
    assert said == f"Called “Freezer alarm in store 14”, before that “{before}” Thandi Nkosi"
    assert ticket(desk, number).subject == "Freezer alarm in store 14"
    page = thandi.get(path).text
    assert f"Opened: {before}" in words(page)
    assert "Freezer alarm in store 14" in words(thandi.get("/tickets").text)


def test_whoever_takes_a_ticket_of_the_line_is_asked_what_it_is_about_until_they_have_said_so(
    desk: TicketDesk, thandi: FlaskClient
):
    path = address(desk, desk.opens(MORNING))
    assert "What is it about?" not in words(thandi.get(path).text), "nobody knows yet"
    assert "Say in a few words what it is about" in after(thandi, send(thandi, path, "have"))
    assert "What is it about?" in words(thandi.get(path).text)
    send(thandi, path, "subject", subject="Freezer alarm")
    assert "What is it about?" not in words(thandi.get(path).text)
    assert "Change the subject" in words(thandi.get(path).text)


def test_it_is_named_and_resolved_with_one_press(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    send(thandi, path, "have")
    assert send(thandi, path, "resolve", text="Defrosted", subject="Freezer alarm").status_code == 303
    found = ticket(desk, number)
    assert (found.state, found.subject) == ("resolved", "Freezer alarm")


# One press


def test_i_have_it_is_one_press_and_says_since_when(desk: TicketDesk, pieter: FlaskClient):
    number = desk.opens(MORNING)
    desk.office.clock.until(at("2026-11-24 10:02"))
    said = after(pieter, send(pieter, address(desk, number), "have"))
    assert "Pieter Botha has it since 10:02." in said
    page = words(browser_of(desk.office.app, "bongani").get(address(desk, number)).text)
    assert "Has it Pieter Botha since Tue 24 Nov 10:02" in page
    assert "acknowledged" in page


def test_pressed_twice_it_is_done_once(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    token = seen(thandi, path)
    for verb, typed in (("have", {}), ("note", {"text": "Asked the supplier"})):
        first, second = (send(thandi, path, verb, token, **typed) for _ in range(2))
        assert (first.status_code, first.location) == (second.status_code, second.location)
        token = seen(thandi, path)
    assert desk.told(number, "acknowledged") == ["Thandi Nkosi has it, on the ticket's page"]
    assert desk.told(number, "note") == ["Asked the supplier"]


# Due times follow in the same transaction: no worker ticks in these


def test_an_answer_meets_the_first_response_at_once_and_is_not_said_to_be_sent(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    said = after(thandi, send(thandi, address(desk, number), "answer", text="Restart the till, please"))
    assert said == "Answer to the customer, noted: Restart the till, please Thandi Nkosi It was not sent."
    assert desk.row(number) == ("met", "2026-11-24 13:00")
    assert ticket(desk, number).owner_id is not None, "whoever answers what nobody has, has it"


def test_waiting_stops_the_clock_of_the_resolution_and_going_on_starts_it(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING, "emergency", "Karoo Clinic")
    path = address(desk, number)
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-24 17:00")
    assert (
        "waiting for the customer: the serial number"
        in after(thandi, send(thandi, path, "wait", text="the serial number")).lower()
    )
    assert desk.row(number, RESOLUTION) == ("paused", None)
    desk.office.clock.until(at("2026-11-24 11:00"))
    assert "Goes on: they do not answer" in after(thandi, send(thandi, path, "resume", text="they do not answer"))
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-24 19:00")


def test_a_turnaround_is_agreed_on_the_clocks_of_the_office(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING, "low")
    assert desk.row(number, RESOLUTION)[0] == "to_agree"
    path = address(desk, number)
    said = after(thandi, send(thandi, path, "agree", until="2026-11-26T15:00", customer="Sipho Khumalo"))
    assert "To be done by Thu 26 Nov 15:00 , agreed with Sipho Khumalo" in said
    assert desk.row(number, RESOLUTION) == ("due", "2026-11-26 15:00")
    page = words(thandi.get(path).text)
    assert "Agreed with Sipho Khumalo by Thandi Nkosi: Thu 26 Nov 15:00" in page
    assert "UTC" not in page


def test_a_priority_changes_with_its_reason_and_the_due_time_with_it(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    said = after(thandi, send(thandi, address(desk, number), "priority", priority="high", text="all tills stand still"))
    assert "Priority: normal to high: all tills stand still" in said
    assert desk.row(number) == ("due", "2026-11-24 11:00")


def test_it_is_handed_over_resolved_and_reopened(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    said = after(thandi, send(thandi, path, "hand-over", to="lerato", text="she knows their tills"))
    assert (
        "Thandi Nkosi hands it over to Lerato Mokoena: she knows their tills Lerato Mokoena has it since 09:00." in said
    )
    assert "Resolved: new cable" in after(thandi, send(thandi, path, "resolve", text="new cable"))
    assert ticket(desk, number).state == "resolved"
    assert "Opened again: the cable was not it" in after(
        thandi, send(thandi, path, "reopen", text="the cable was not it")
    )
    assert ticket(desk, number).state == "acknowledged"


def test_a_refused_form_leaves_no_trace(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    before = ticket(desk, number).moves
    assert send(thandi, address(desk, number), "resolve", text="").status_code == 422
    assert ticket(desk, number).moves == before


# What was typed is never lost


@pytest.mark.parametrize(
    ("verb", "typed", "why"),
    [
        ("answer", {"text": "  "}, "Write what the customer was told."),
        ("note", {"text": "x" * 4001}, "That is too long: 4000 characters at most."),
        ("hand-over", {"to": "bongani", "text": "He has time"}, "Choose who is to have it."),
        ("hand-over", {"to": "lerato", "text": ""}, "Write why, or what they have to know."),
        ("wait", {"text": ""}, "Write what we wait for."),
        ("resume", {"text": "We go on"}, "We do not wait for the customer."),
        ("agree", {"until": "soon", "customer": "Sipho"}, "Say a day and a time."),
        ("agree", {"until": "2026-11-23T10:00", "customer": "Sipho"}, "A turnaround is promised for the future."),
        (
            "agree",
            {"until": "9999-12-31T10:00", "customer": "Sipho"},
            "A turnaround is promised for the next two years",
        ),
        ("agree", {"until": "2026-11-26T10:00", "customer": ""}, "Say with whom it was agreed."),
        ("priority", {"priority": "shocking", "text": "They shout"}, "Choose how urgent it is."),
        ("priority", {"priority": "normal", "text": "They shout"}, "It is normal already."),
        ("resolve", {"text": ""}, "Write how it was resolved."),
        ("subject", {"subject": " "}, "Say in a few words what it is about."),
        ("subject", {"subject": "Till"}, "It is called so already."),
        ("subject", {"subject": "x" * 101}, "That is too long: 100 characters at most."),
        ("reopen", {"text": "It is back"}, "It is open already."),
        ("merge", {"into": "482-913-070", "text": "The same till"}, "There is no ticket with this reference."),
    ],
)
def test_a_form_that_does_not_do_says_why_and_keeps_what_was_typed(
    desk: TicketDesk, thandi: FlaskClient, verb: str, typed: dict[str, str], why: str
):
    number = desk.opens(MORNING)
    answer = send(thandi, address(desk, number), verb, **typed)
    assert answer.status_code == 422
    assert f"Nothing was changed. {why}" in words(answer.text)
    shown = unescape(answer.text)
    # A choice that does not exist cannot be shown as chosen.
    kept = [value for name, value in typed.items() if value.strip() and name not in ("to", "priority", "until")]
    if verb not in ("resume", "reopen"):  # whose forms are not on the page of a ticket that is open
        assert all(value in shown for value in kept)
    assert 'role="alert"' in shown


def test_a_form_of_an_older_page_is_refused_with_what_happened_and_can_be_sent_again(
    desk: TicketDesk, thandi: FlaskClient, pieter: FlaskClient
):
    number = desk.opens(MORNING)
    path = address(desk, number)
    old = seen(thandi, path)
    desk.office.clock.until(at("2026-11-24 09:20"))
    assert send(pieter, path, "have").status_code == 303
    refused = send(thandi, path, "resolve", old, text="Sent them a cable")
    assert refused.status_code == 409
    said = words(refused.text)
    assert "Nothing of yours is saved yet" in said
    assert "Tue 24 Nov 09:20 · Pieter Botha · Pieter Botha has it" in said
    assert ">Sent them a cable</textarea>" in refused.text
    assert ticket(desk, number).state == "acknowledged"
    token = re.search(r'name="seen" value="(\d+)"', refused.text)
    assert send(thandi, path, "resolve", token[1], text="Sent them a cable").status_code == 303


def test_two_who_press_i_have_it_are_told_who_was_first(desk: TicketDesk, thandi: FlaskClient, pieter: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    tokens = seen(thandi, path), seen(pieter, path)
    assert send(pieter, path, "have", tokens[1]).status_code == 303
    late = send(thandi, path, "have", tokens[0])
    assert late.status_code == 409
    assert "Pieter Botha was a moment faster, and has it since Tue 24 Nov 09:00" in words(late.text)
    assert "Nothing of yours is saved yet" not in words(late.text), "nothing was written"
    assert desk.told(number, "acknowledged") == ["Pieter Botha has it, on the ticket's page"]


def test_of_forms_that_come_in_at_the_very_same_time_one_is_carried_out(desk: TicketDesk):
    number = desk.opens(MORNING)
    path, start, statuses = address(desk, number), Barrier(3), []
    clients = [browser_of(desk.office.app, key) for key in ("thandi", "pieter", "lerato")]
    forms = [{"form_token": form_token(client), "seen": seen(client, path)} for client in clients]

    def press(client: FlaskClient, form: dict[str, str]) -> None:
        start.wait()
        statuses.append(client.post(f"{path}/do/have", data=form).status_code)

    pressing = [Thread(target=press, args=pair) for pair in zip(clients, forms, strict=True)]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    assert sorted(statuses) == [303, 409, 409]
    assert len(desk.told(number, "acknowledged")) == 1


def test_what_the_customer_said_in_the_meantime_counts_too(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    old = seen(thandi, path)
    desk.does("2026-11-24 09:10", number, lambda ticket, _, now: ticket.hear("called again: it smokes", now))
    assert "called again: it smokes" in words(send(thandi, path, "wait", old, text="their answer").text)


def test_what_only_the_machine_noted_hinders_nobody(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING)
    path = address(desk, number)
    old = seen(thandi, path)
    desk.at("2026-11-24 13:05")
    assert desk.told(number, "breach")
    assert send(thandi, path, "have", old).status_code == 303


def test_a_form_without_the_number_of_an_event_is_one_of_an_older_page(desk: TicketDesk, thandi: FlaskClient):
    path = address(desk, desk.opens(MORNING))
    for token in ("", "x", "-1", "9" * 30, "999999", "٣"):
        assert post(thandi, f"{path}/do/have", seen=token).status_code == 409


# Who may


def test_billing_staff_read_and_do_not_act(desk: TicketDesk):
    number = desk.opens(MORNING)
    bongani = browser_of(desk.office.app, "bongani")
    page = bongani.get(address(desk, number)).text
    assert "Engineers and managers act on tickets." in words(page)
    assert "/do/" not in page
    assert post(bongani, f"{address(desk, number)}/do/have", seen="999").status_code == 403


def test_a_demonstration_acts_in_nobody_s_name(desk: TicketDesk):
    number = desk.opens(MORNING)
    nobody = browser_of(desk.office.app)
    assert "/do/" not in nobody.get(address(desk, number)).text
    assert post(nobody, f"{address(desk, number)}/do/have", seen="999").status_code == 403
    assert desk.told(number, "acknowledged") == []


def test_there_are_no_other_verbs(desk: TicketDesk, thandi: FlaskClient):
    path = address(desk, desk.opens(MORNING))
    for verb in ("delete", "abandon", "raise_to", "x"):
        assert post(thandi, f"{path}/do/{verb}", seen="1").status_code == 404


# Merging


def test_merging_is_shown_before_it_is_done_and_then_leads_to_the_one_that_goes_on(
    desk: TicketDesk, thandi: FlaskClient
):
    first, second = desk.opens(MORNING, "high"), desk.opens("2026-11-24 09:30")
    path, other = address(desk, first), address(desk, second)[-9:]
    printed = f"{other[:3]}-{other[3:6]}-{other[6:]}"
    shown = words(thandi.get(f"{path}/merging?into={printed}&text=one+till").text)
    assert "Nothing is changed yet." in shown
    assert "Next due First response: Tue 24 Nov 11:00" in shown
    assert "the earlier deadline is kept" in shown
    assert "The one that goes on stays normal, which is less urgent." in shown
    assert ticket(desk, first).merged_into_id is None

    answer = send(thandi, path, "merge", into=printed, text="one till")
    assert answer.location.startswith(f"/tickets/{other}?")
    assert ticket(desk, first).merged_into_id == second
    assert desk.row(first)[0] == "withdrawn"
    assert desk.row(second) == ("due", "2026-11-24 11:00"), "the earlier deadline, in the same transaction"
    assert f'This ticket goes on as <a class="reference" href="/tickets/{other}">' in thandi.get(path).text
    refused = send(thandi, path, "answer", text="Done")
    assert refused.status_code == 422
    assert "It goes on as another ticket." in words(refused.text)


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("", "Say the reference of the other ticket."),
        ("hello", "There is no ticket with this reference."),
        ("SELF", "That is this ticket."),
        ("RESOLVED", "That ticket is resolved. Reopen it first."),
    ],
)
def test_what_cannot_be_merged_into(desk: TicketDesk, thandi: FlaskClient, into: str, why: str):
    number, over = desk.opens(MORNING), desk.opens(MORNING)
    desk.does(MORNING, over, lambda ticket, _, now: ticket.resolve(now, "done"))
    into = {"SELF": address(desk, number)[-9:], "RESOLVED": address(desk, over)[-9:]}.get(into, into)
    for answer in (
        thandi.get(f"{address(desk, number)}/merging?into={into}&text=x"),
        send(thandi, address(desk, number), "merge", into=into, text="x"),
    ):
        assert answer.status_code == 422
        assert why in words(answer.text)


# The clocks


def test_the_page_shows_each_clock_with_its_aim_due_time_and_why(desk: TicketDesk, thandi: FlaskClient):
    number = desk.opens(MORNING, "high", "Karoo Clinic")
    said = words(thandi.get(address(desk, number)).text)
    assert "First response ◷ 2 h 0 min left Due Tue 24 Nov 11:00 aim Tue 24 Nov 10:00 why Received on" in said
    assert "Resolution ◷ 2 d 8 h left Due Thu 26 Nov 17:00" in said
    assert "24-hour cover, version 1: a resolution within 2 business days" in said
    desk.at("2026-11-24 11:12")
    assert "First response ▲ Overdue by 12 min" in words(thandi.get(address(desk, number)).text)


def test_a_breach_stays_on_the_page_when_a_late_holiday_excuses_it(desk: TicketDesk):
    number = desk.opens("2026-11-27 16:30")
    desk.at("2026-11-30 14:00")
    day = at("2026-11-30 00:00").date().replace(day=30)
    desk.office.do(lambda session: holidays.add(session, day, "Day of Mourning", "gazette", desk.office.now))
    desk.office.tick()
    said = words(browser_of(desk.office.app, "thandi").get(address(desk, number)).text)
    assert "Due Tue 1 Dec 12:00" in said
    assert "Noted before, and staying ✗ Missed First response: was due Mon 30 Nov 12:00" in said


def test_a_ticket_that_nothing_is_promised_for_is_loud(desk: TicketDesk, thandi: FlaskClient):
    def garble(session: object) -> None:
        made = open_ticket(session, dice=desk.dice, at=desk.office.now, subject="Odd", priority=Priority.LOW)
        session.add(Due(ticket_id=made.id, measure=FIRST, state="unpromised", runs=True, trace=["Nothing."], terms="x",
                        judged_at=desk.office.now))  # fmt: skip

    desk.office.do(garble)
    with desk.office.database.reading() as session:
        path = f"/tickets/{session.scalars(select(Ticket.reference).where(Ticket.subject == 'Odd')).one()}"
    assert "First response ▲ No due time is known" in words(thandi.get(path).text)
    assert "▲ No due time is known" in words(thandi.get("/tickets").text)


def test_what_people_type_is_only_text(desk: TicketDesk, thandi: FlaskClient):
    path = address(desk, desk.opens(MORNING))
    answer = send(thandi, path, "note", text="<script>alert(1)</script>")
    assert "<script>" not in thandi.get(answer.location).text
    assert "<script>" not in send(thandi, path, "merge", into="<script>", text="<script>").text


def test_a_verb_and_its_due_times_are_stored_together_or_not_at_all(desk: TicketDesk, thandi: FlaskClient):
    """Whoever reads in between sees neither."""
    number = desk.opens(MORNING)
    engine, seen_at_commit = desk.office.database.engine, []

    def look(_: object) -> None:
        seen_at_commit.append(True)

    event.listen(engine, "commit", look)
    try:
        token = seen(thandi, address(desk, number))
        seen_at_commit.clear()
        assert send(thandi, address(desk, number), "answer", token, text="Done").status_code == 303
    finally:
        event.remove(engine, "commit", look)
    assert len(seen_at_commit) == 1
    with desk.office.database.reading() as session:
        events = session.scalars(select(Event.kind).where(Event.ticket_id == number)).all()
        found = session.get_one(Ticket, number)
        assert "answered" in events
        assert found.judged == found.moves
        row = session.scalars(select(Due).where(Due.ticket_id == number, Due.measure == Measure.FIRST_RESPONSE)).one()
        assert row.state == "met"


@pytest.mark.parametrize(
    ("verb", "sent", "corrected"),
    [
        ("note", {"text": "Rang them, no answer"}, {"text": "answer"}),
        ("hand-over", {"to": "pieter", "text": "He knows tills"}, {"to": "lerato", "text": "He knows tills"}),
        ("priority", {"priority": "high", "text": "Two tills"}, {"priority": "low", "text": "Two tills"}),
        ("subject", {"subject": "Freezer alarm"}, {"subject": "Freezer alarm in store 14"}),
        (
            "agree",
            {"until": "2026-11-26T15:00", "customer": "Sipho"},
            {"until": "2026-11-27T15:00", "customer": "Sipho"},
        ),
        (
            "agree",
            {"until": "2026-11-26T15:00", "customer": "Sipho"},
            {"until": "2026-11-26T15:00", "customer": "Anna"},
        ),
    ],
)
def test_who_goes_back_and_sends_something_else_is_not_told_that_it_is_done(
    desk: TicketDesk, thandi: FlaskClient, verb: str, sent: dict[str, str], corrected: dict[str, str]
):
    number = desk.opens(MORNING, of=None)
    path = address(desk, number)
    token = seen(thandi, path)
    assert [send(thandi, path, verb, token, **sent).status_code for _ in range(2)] == [303, 303], "a press twice"
    assert send(thandi, path, verb, token, **corrected).status_code == 409
    with desk.office.database.reading() as session:
        assert len(session.scalars(select(Event).where(Event.staff_id.is_not(None))).all()) == 1
