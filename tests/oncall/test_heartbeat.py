"""The heartbeat: heard elsewhere every minute while all is well, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import delete

from desk import chores, outbox
from office import Office, at
from oncall import heartbeat
from simulator.rest import serve
from sla.due import Due
from ticket_desk import TicketDesk
from tickets.mail import silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulator.clock import Clock


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a watcher elsewhere was asked for; its address is the last."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    watcher, asked = Flask("watcher"), []

    @watcher.get("/ping/<secret>")
    def ping(secret: str) -> str:
        asked.append(secret)
        return "heard"

    with serve(watcher) as origin:
        asked.append(f"{origin}/ping/9f8e7d")
        yield asked


@pytest.fixture
def watched(heard: list[str], another: Callable[..., Flask], clock: Clock) -> Office:
    clock.until(at("2026-11-24 08:00"))
    return Office(another(heartbeat_url=SecretStr(heard.pop())), clock)


def minutes(watched: Office, number: int) -> None:
    for _ in range(number):
        watched.clock.advance(60)
        watched.tick()


def amiss(watched: Office) -> list[str]:
    with watched.database.reading() as session:
        return heartbeat.trouble(session, watched.now)


def test_it_is_heard_once_a_minute_however_often_the_worker_ticks(watched: Office, heard: list[str]):
    for _ in range(3):
        watched.tick()
    assert heard == ["9f8e7d"]
    minutes(watched, 5)
    assert heard == ["9f8e7d"] * 6


def test_it_stops_while_a_ticket_may_be_overlooked(watched: Office, heard: list[str]):
    desk = TicketDesk(watched)
    number = desk.opens("2026-11-24 09:00")
    watched.do(lambda session: session.execute(delete(Due)))
    heard.clear()
    minutes(watched, 3)
    assert heard == []
    desk.does("2026-11-24 09:10", number, lambda ticket, thandi, now: ticket.resolve(now, "done", thandi))
    minutes(watched, 1)
    assert heard


def test_it_stops_while_something_that_is_due_was_never_tried(watched: Office):
    watched.do(lambda session: outbox.post(session, "odd", "text", {}, watched.now))
    watched.clock.advance(300)
    assert amiss(watched) == []
    watched.clock.advance(1)
    assert amiss(watched) == ["1 messages were never tried"]


def test_a_watcher_that_cannot_be_reached_holds_up_nothing_and_its_secret_is_not_logged(
    another: Callable[..., Flask], clock: Clock, caplog: pytest.LogCaptureFixture
):
    office = Office(another(heartbeat_url=SecretStr("http://127.0.0.1:9/ping/9f8e7d")), clock)
    office.tick()
    assert "the heartbeat could not be heard at 127.0.0.1" in caplog.text
    assert "9f8e7d" not in caplog.text


def test_a_mailbox_that_nobody_fetches_is_told_and_silences_it_until_somebody_does(
    heard: list[str], another: Callable[..., Flask], clock: Clock
):
    clock.until(at("2026-11-24 08:00"))
    box: dict[str, object] = {"mail_in_host": "127.0.0.1", "mail_in_user": "help", "mail_in_password": SecretStr("x")}
    app = another(heartbeat_url=SecretStr(heard.pop()), **box, mail_in_addresses="help@afterhours.example")
    watched = Office(app, clock)
    minutes(watched, 15)
    assert len(heard) == 15, "whoever fetches may have just begun"
    minutes(watched, 10)
    silent = (
        "no mail has been fetched for help for a quarter of an hour or longer: the log of the mail process says why"
    )
    assert amiss(watched) == [silent]
    before = len(heard)
    fetched = silence.pulse(app.extensions["settings"])
    watched.do(lambda session: chores.beat(session, fetched, watched.now))
    minutes(watched, 6)
    assert (amiss(watched), len(heard) > before) == ([], True)


def test_where_no_mailbox_is_set_up_nobody_misses_its_mail(watched: Office):
    minutes(watched, 40)
    assert amiss(watched) == []
