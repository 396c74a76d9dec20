"""The list of tickets: what presses most comes first, and everything is found however it is written."""

from __future__ import annotations

import re
from html import unescape
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from office import at
from ticket_desk import TicketDesk
from tickets.people import Contact
from tickets.search import reference_in
from tickets.ticket import Ticket, open_ticket
from visitors import browser_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from office import Office

MORNING = "2026-11-24 09:00"


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    return TicketDesk(office)


class Reader:
    """Thandi, who signs in whenever she wants to read something."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def get(self, path: str) -> TestResponse:
        return browser_of(self.app, "thandi").get(path)


@pytest.fixture
def thandi(desk: TicketDesk) -> Reader:
    return Reader(desk.office.app)


def subjects(client: Reader | FlaskClient, query: str = "") -> list[str]:
    """What the list shows, from the top."""
    text = client.get(f"/tickets{query}").text
    return [unescape(found).strip() for found in re.findall(r'<th scope="row".*?</span>(.*?)</a>', text, re.DOTALL)]


def words(text: str) -> str:
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def opens(desk: TicketDesk, when: str, subject: str, priority: str = "normal", of: str | None = "Harbour Foods") -> int:
    number = desk.opens(when, priority, of)
    desk.office.do(lambda session: setattr(session.get_one(Ticket, number), "subject", subject))
    return number


@pytest.fixture
def morning(desk: TicketDesk) -> dict[str, int]:
    """Half past twelve on a Tuesday, with a ticket of every sort."""
    made = {
        "idle": opens(desk, "2026-11-23 10:00", "Idle"),
        "waits": opens(desk, "2026-11-23 10:00", "Waits"),
        "risky": opens(desk, MORNING, "Risky"),
        "calm": opens(desk, MORNING, "Calm", "low", "Karoo Clinic"),
        "late": opens(desk, MORNING, "Late", "emergency"),
        "over": opens(desk, MORNING, "Over"),
    }
    for name in ("idle", "waits", "over"):
        desk.does("2026-11-24 09:05", made[name], lambda ticket, me, now: ticket.answer(me, now, "Rang them"))
    desk.does("2026-11-24 09:05", made["waits"], lambda ticket, me, now: ticket.wait(me, now, "a photo"))
    desk.does("2026-11-24 09:06", made["over"], lambda ticket, me, now: ticket.resolve(now, "done", me))
    desk.at("2026-11-24 12:30")
    return made


@pytest.mark.usefixtures("morning")
def test_what_presses_most_comes_first_and_what_waits_comes_last(thandi: Reader):
    assert subjects(thandi) == ["Late", "Risky", "Calm", "Idle", "Waits"]


@pytest.mark.usefixtures("morning")
def test_each_row_says_by_when_in_words_and_exactly(thandi: Reader):
    said = words(thandi.get("/tickets").text)
    assert "▲ Overdue by 2 h 30 min First response: Tue 24 Nov 10:00" in said
    assert "◷ 30 min left First response: Tue 24 Nov 13:00" in said
    assert "Harbour Foods – normal ○ open nobody" in said
    assert "❚❚ Waits for the customer" in said


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?state=action", ["Late", "Risky", "Calm"]),
        ("?state=waiting", ["Waits"]),
        ("?state=resolved", ["Over"]),
        ("?state=all", ["Late", "Risky", "Calm", "Idle", "Waits", "Over"]),
        ("?whose=me", ["Idle", "Waits"]),
        ("?whose=nobody", ["Late", "Risky", "Calm"]),
        ("?priority=emergency", ["Late"]),
        ("?customer=karoo", ["Calm"]),
        ("?customer=harbour&priority=normal&whose=nobody", ["Risky"]),
        ("?state=nonsense&whose=x&priority=y&page=z", ["Late", "Risky", "Calm", "Idle", "Waits"]),
        ("?customer=nobody", []),
    ],
)
@pytest.mark.usefixtures("morning")
def test_filters_are_addresses(thandi: Reader, query: str, shown: list[str]):
    assert subjects(thandi, query) == shown


def test_a_due_time_that_has_passed_is_overdue_whether_or_not_the_worker_looked(desk: TicketDesk, thandi: Reader):
    opens(desk, MORNING, "Quiet worker")
    desk.office.clock.until(at("2026-11-24 13:30"))
    assert "▲ Overdue by 30 min" in words(thandi.get("/tickets").text)


def test_a_ticket_that_was_never_judged_is_above_what_is_on_time(desk: TicketDesk, thandi: Reader):
    opens(desk, MORNING, "On time")
    desk.office.do(lambda session: open_ticket(session, dice=Random(3), at=desk.office.now, subject="Unjudged"))
    assert subjects(thandi) == ["Unjudged", "On time"]


def test_when_nothing_needs_action_it_says_so_and_how_many_wait(desk: TicketDesk, thandi: Reader):
    for _ in range(4):
        number = desk.opens(MORNING)
        desk.does(MORNING, number, lambda ticket, me, now: ticket.answer(me, now, "Rang"))
        desk.does(MORNING, number, lambda ticket, me, now: ticket.wait(me, now, "a photo"))
    quiet = "Nothing needs action. 4 open tickets are waiting for customers."
    assert quiet in words(thandi.get("/tickets").text)
    assert quiet in words(thandi.get("/tickets?state=action").text)
    assert quiet in words(thandi.get("/").text)


def test_today_begins_with_what_needs_action(thandi: Reader, morning: dict[str, int]):
    said = words(thandi.get("/").text)
    assert (
        said.index("Late") < said.index("Risky") < said.index("Rings first" if "Rings first" in said else "rings first")
    )
    assert "Idle" not in said[: said.index("rings first")]


def test_managers_are_warned_of_what_may_be_overlooked(desk: TicketDesk, thandi: Reader):
    number = desk.opens(MORNING)
    desk.office.clock.until(at("2026-11-24 14:00"))
    warned = words(browser_of(desk.office.app, "naledi").get("/").text)
    with desk.office.database.reading() as session:
        digits = session.get_one(Ticket, number).reference
    printed = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    assert f"▲ May be overlooked {printed} its next warning or due time has passed unnoticed" in warned
    assert "May be overlooked" not in words(thandi.get("/").text)
    desk.office.tick()
    assert "May be overlooked" not in words(browser_of(desk.office.app, "naledi").get("/").text)


# Search


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("572572578", "572572578"),
        ("572-572-578", "572572578"),
        (" 572 572 578 ", "572572578"),
        ("Ref. 572.572.578", "572572578"),
        ("#572–572–578", "572572578"),
        ("572572577", None),
        ("57257257", None),
        ("5725725787", None),
        ("no", None),
    ],
)
def test_a_reference_is_one_however_it_is_printed(typed: str, meant: str | None):
    assert reference_in(typed) == meant


@pytest.fixture
def called(desk: TicketDesk) -> str:
    """A ticket of a caller with a number, and two that are somebody else's; its reference."""

    def work(session: Session) -> str:
        sipho = session.scalars(select(Contact).where(Contact.name == "Sipho Khumalo")).one()
        more = {"contact_id": sipho.id, "customer_id": sipho.customer_id, "caller": "+27825550209"}
        made = open_ticket(session, dice=Random(5), at=desk.office.now, subject="Freezer 100% full_stop", **more)
        for subject in ("Freezer 1000 fullXstop", "Printer"):
            open_ticket(session, dice=Random(len(subject)), at=desk.office.now, subject=subject, caller="+27825550999")
        return made.reference

    return desk.office.do(work)


@pytest.mark.parametrize(
    "typed",
    [
        *("082 555 0209", "+27 82 555 0209", "0825550209", "+27825550209", "(082) 555-0209"),
        *("082 555 0202", "Sipho", "khumalo harbour", "HARBOUR freezer", "100%", "full_stop", "Freezer 100% full_stop"),
    ],
)
def test_a_ticket_is_found_by_any_of_its_words_and_numbers(desk: TicketDesk, called: str, typed: str):
    client = browser_of(desk.office.app, "thandi")
    text = client.get("/tickets", query_string={"q": typed}).text
    assert f"/tickets/{called}" in text
    assert len(re.findall(r'<th scope="row"', text)) == 1


def test_a_ticket_is_found_by_its_reference_and_also_when_it_is_resolved(desk: TicketDesk, called: str):
    client = browser_of(desk.office.app, "bongani")

    def close(session: Session) -> None:
        session.scalars(select(Ticket).where(Ticket.reference == called)).one().resolve(desk.office.now, "done")

    desk.office.do(close)
    for typed in (called, f"{called[:3]}-{called[3:6]}-{called[6:]}", f"ref {called[:3]} {called[3:6]} {called[6:]}"):
        assert f'href="/tickets/{called}"' in client.get("/tickets", query_string={"q": typed}).text
    assert subjects(client, f"?q={called}&state=unresolved") == []


@pytest.mark.parametrize("typed", ["nothing like it", "%", "_", "'", "x" * 5000, "\\", "082 555 0208", "<b>"])
def test_what_is_not_there_is_told_and_what_was_typed_is_kept(desk: TicketDesk, called: str, typed: str):
    answer = browser_of(desk.office.app, "thandi").get("/tickets", query_string={"q": typed})
    assert answer.status_code == 200
    assert "“<b>”" not in answer.text
    if typed not in ("%", "_"):  # of which there is one each
        assert "No ticket is like that." in words(answer.text)
        assert typed[:100] in unescape(answer.text)


# Many


def many(desk: TicketDesk, number: int, seed: int) -> None:
    def work(session: Session) -> None:
        contacts = session.scalars(select(Contact)).all()
        dice = Random(seed)
        for one in range(number):
            of = contacts[one % len(contacts)]
            open_ticket(
                session,
                dice=dice,
                at=desk.office.now,
                subject=f"No. {one}",
                customer_id=of.customer_id,
                caller=of.phone,
            )

    desk.office.do(work)


def statements(desk: TicketDesk) -> Iterator[list[str]]:
    said: list[str] = []
    engine = desk.office.database.engine

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_a_page_of_the_list_costs_the_same_however_many_tickets_there_are(desk: TicketDesk, thandi: Reader):
    desk.office.clock.until(at(MORNING))
    many(desk, 5, 1)
    counted = []
    reader = browser_of(desk.office.app, "thandi")
    reader.get("/tickets")
    for more in (495, 0):
        heard = statements(desk)
        said = next(heard)
        reader.get("/tickets")
        next(heard, None)
        lists = [one for one in said if "FROM ticket" in one and "owner" in one]
        counted.append((len(said), len(lists)))
        many(desk, more, 2)
    assert counted[0] == counted[1]
    assert counted[0][1] == 1, "the list itself is one query"


def test_a_long_list_comes_in_pages_and_none_is_lost(desk: TicketDesk, thandi: Reader):
    desk.office.clock.until(at(MORNING))
    many(desk, 120, 1)
    pages = [subjects(thandi, f"?page={number}") for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert len({subject for page in pages for subject in page}) == 120
    assert "120 tickets, 51 to 100" in words(thandi.get("/tickets?page=2").text)
    assert "page=3" in thandi.get("/tickets?page=2&priority=normal").text
    assert (
        "priority=normal"
        in re.search(r'href="([^"]*page=3[^"]*)"', thandi.get("/tickets?page=2&priority=normal").text)[1]
    )


def test_billing_staff_see_numbers_masked_in_the_list(desk: TicketDesk, called: str):
    said = words(browser_of(desk.office.app, "bongani").get("/tickets").text)
    assert "+27…999" in said
    assert "555 0999" not in said


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize(("query", "column"), [("", True), ("?state=waiting", False), ("?state=all", True)])
def test_a_state_that_all_of_a_list_have_stands_in_no_row(thandi: Reader, query: str, column: bool):
    assert ('data-label="State"' in thandi.get(f"/tickets{query}").text) == column


@pytest.mark.usefixtures("morning")
def test_of_what_is_resolved_it_says_when_it_was_opened(thandi: Reader):
    assert "Opened Ticket Customer Priority Has it Tue 24 Nov 09:00" in words(
        thandi.get("/tickets?state=resolved").text
    )
