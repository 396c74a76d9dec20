"""Who heard a message, opened a mail or a file, or saw a number in full: noted, once, before they have it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select
from test_sound import SOUND

from conftest import LINE
from desk.address import Opens
from desk.audit import Who
from desk.door.tokens import Scope
from desk.retention import Kind, usual
from ivr.recordings import Recording
from post import Post
from simulator.script import play
from tickets import file
from tickets.event import Event
from tickets.file import File, Sent
from tickets.mail.arrival import Arrival, Raw
from tickets.privacy import access, night, purge
from tickets.privacy.access import Access, What
from tickets.ticket import Ticket
from visitors import bearer, browser_of

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

HARBOUR = "+27825550202"


def noted(database: Database) -> list[tuple[str, str, str | None, str, str]]:
    """What was noted, oldest first."""
    with database.reading() as session:
        rows = session.scalars(select(Access).order_by(Access.id))
        return [(one.who, one.what, one.reference, one.about, one.place) for one in rows]


@pytest.fixture
def ticket(app: Flask, database: Database, network: Network, clock: Clock) -> str:
    """The reference of a ticket with a message, a mail with a file, and a file of the web."""
    network.in_order("no-answer")
    play(network.ring(HARBOUR, LINE), ["2", "1"])
    with database.writing() as session:
        recording = session.scalars(select(Recording)).one()
        recording.file = f"{recording.sid}.mp3"
        app.extensions["shelf"].keep(recording.file, SOUND)
        one = session.get_one(Ticket, recording.ticket_id)
        file.keep(session, session.scalars(select(Event).where(Event.ticket_id == one.id)).first(), [PNG])
        return one.reference


PNG = Sent("a screen.png", "image/png", b"\x89PNG")


def message(database: Database, reference: str) -> str:
    with database.reading() as session:
        return f"/tickets/{reference}/messages/{session.scalars(select(Recording.sid)).one()}.mp3"


def test_one_playing_is_one_access_however_many_pieces_the_player_asks_for(
    app: Flask, database: Database, clock: Clock, ticket: str
):
    thandi, path = browser_of(app, "thandi"), message(database, ticket)
    for piece in ("bytes=0-99", "bytes=100-", "bytes=5000-"):
        with thandi.get(path, headers={"Range": piece}) as answer:
            assert answer.status_code == 206
    sid = path.rpartition("/")[2].removesuffix(".mp3")
    once = ("Thandi Nkosi", "message", ticket, sid, "127.0.0.1")
    assert noted(database) == [once]
    clock.advance(61)
    thandi.get(path).close()
    browser_of(app, "pieter").get(path).close()
    assert noted(database) == [once, once, ("Pieter Botha", *once[1:])]


def test_who_hangs_up_at_once_has_had_it_all_the_same(app: Flask, database: Database, ticket: str):
    answer = browser_of(app, "thandi").get(message(database, ticket), buffered=False)
    assert [what for _, what, *_ in noted(database)] == ["message"], "before a byte was read"
    answer.close()


def test_who_may_not_or_gets_nothing_has_had_nothing(app: Flask, database: Database, ticket: str):
    path = message(database, ticket)
    assert browser_of(app, "bongani").get(path).status_code == 403
    for kept in app.extensions["settings"].recordings_dir.iterdir():
        kept.unlink()
    assert browser_of(app, "thandi").get(path).status_code == 404
    assert noted(database) == []


def test_a_message_that_is_played_to_an_engineer_on_the_telephone_is_noted_too(
    app: Flask, database: Database, clock: Clock, ticket: str
):
    with database.reading() as session:
        sid = session.scalars(select(Recording.sid)).one()
    sealed = app.extensions["addresses"].make(Opens.MESSAGE, sid, 1, until=clock() + usual(Kind.FORMS))
    with app.test_client().get(f"/message/{sealed}/message.mp3") as answer:
        assert answer.data == SOUND
    assert noted(database) == [("Thandi Nkosi", "message", ticket, sid, "telephone")]


def test_mails_and_files_that_are_opened_are_noted(app: Flask, database: Database, clock: Clock, ticket: str):
    Post(app, clock).comes("The till is down.\n", sender="sipho.khumalo@harbour-foods.example")
    naledi = browser_of(app, "naledi")
    with database.reading() as session:
        mail = session.scalars(select(Arrival)).one()
        number, about = mail.id, mail.ticket.reference
        kept = session.scalars(select(File.id)).one()
    for path in ("/mail", f"/mail/{number}", f"/mail/{number}/raw.eml", f"/tickets/{ticket}/files/{kept}"):
        with naledi.get(path) as answer:
            assert answer.status_code == 200
    assert [one[:4] for one in noted(database)] == [
        ("Naledi Dlamini", "mail", about, f"mail {number}, its page"),
        ("Naledi Dlamini", "mail", about, f"mail {number}, as it came"),
        ("Naledi Dlamini", "file", ticket, f"file {kept}"),
    ]


def test_a_mail_that_is_not_kept_any_more_says_so(app: Flask, database: Database, clock: Clock):
    Post(app, clock).comes("The till is down.\n", sender="sipho.khumalo@harbour-foods.example")
    with database.writing() as session:
        session.execute(delete(Raw))
    naledi = browser_of(app, "naledi")
    assert "The mail itself is not kept any more" in naledi.get("/mail/1").text
    gone = naledi.get("/mail/1/raw.eml")
    assert (gone.status_code, "This is not kept any more" in gone.text) == (410, True)


def test_numbers_that_a_program_reads_in_full_are_noted_and_masked_ones_are_not(
    app: Flask, database: Database, ticket: str
):
    plain, full = (bearer(app, [Scope.TICKETS_READ, *more]) for more in ([], [Scope.NUMBERS_READ]))
    client = app.test_client()
    assert HARBOUR not in client.get(f"/api/v1/tickets/{ticket}", headers=plain).text
    assert noted(database) == []
    assert HARBOUR in client.get(f"/api/v1/tickets/{ticket}", headers=full).text
    ((who, *rest),) = noted(database)
    assert who.startswith("API token ")
    assert rest == ["number", ticket, "by the API, get_ticket", "127.0.0.1"]


def test_ten_at_once_are_one(database: Database, clock: Clock):
    who = Who("Thandi Nkosi", "127.0.0.1", 1)

    def look(_: int) -> None:
        database.write(lambda session: access.note(session, who, What.HEARD, "1", "RE1", clock()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(10)))
    assert len(noted(database)) == 1


def test_the_managers_page_tells_it_and_it_goes_when_its_time_is_over(
    app: Flask, database: Database, clock: Clock, ticket: str
):
    browser_of(app, "thandi").get(message(database, ticket)).close()
    naledi = browser_of(app, "naledi")
    for query in ("", "?what=message", f"?q={ticket}", f"?q={ticket[:3]}-{ticket[3:6]}-{ticket[6:]}"):
        assert "heard a message" in naledi.get(f"/kept/access{query}").text.partition("<tbody")[2]
    for query in ("?what=mail", "?q=482913075", "?before=1"):
        assert "Nobody heard or saw anything of this kind." in naledi.get(f"/kept/access{query}").text
    later = clock() + usual(Kind.ACCESS) + usual(Kind.FORMS)
    while purge.look(database, "UTC", later):
        pass
    assert noted(database) == []


def test_the_managers_page_tells_the_rules_what_goes_next_and_what_went(app: Flask, database: Database, clock: Clock):
    page = browser_of(app, "naledi").get("/kept").text
    for words_ in (
        "callers’ messages",
        "90 days",
        "7 days to 5 years",
        "No night has come yet.",
        "not been counted yet",
    ):
        assert words_ in page
    purge.look(database, "Africa/Johannesburg", clock())
    page = browser_of(app, "naledi").get("/kept").text
    assert "Nothing was old enough." in page
    assert "What it will remove was counted" in page


def test_the_managers_page_shows_what_the_night_has_counted_and_counts_nothing_itself(
    app: Flask, database: Database, clock: Clock
):
    purge.look(database, "Africa/Johannesburg", clock())
    with database.writing() as session:
        (last,) = night.newest(session, 1)
        last.ahead = last.ahead | {"recordings": 98765}
    assert "98765" in browser_of(app, "naledi").get("/kept").text
