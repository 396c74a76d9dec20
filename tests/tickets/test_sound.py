"""What the caller said is played in the page of the ticket, to those who may hear it, from any place in it."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from ivr.recordings import Recording
from ivr.shelf import Folder, NotThere
from simulator.script import play
from tickets.ticket import Ticket, open_ticket
from visitors import browser_of

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

HARBOUR, LINE = "+27825550202", "+27878090263"
SOUND = bytes(range(256)) * 40


@pytest.fixture
def address(app: Flask, database: Database, network: Network) -> str:
    """A ticket with a message that was fetched."""
    network.in_order("no-answer")
    play(network.ring(HARBOUR, LINE), ["2", "1"])
    with database.writing() as session:
        recording = session.scalars(select(Recording)).one()
        recording.file = f"{recording.sid}.mp3"
        app.extensions["shelf"].keep(recording.file, SOUND)
        return f"/tickets/{session.get_one(Ticket, recording.ticket_id).reference}"


def source(client: FlaskClient, address: str) -> str:
    found = re.search(r'<audio controls preload="none" src="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def test_a_message_is_played_in_the_page(app: Flask, address: str):
    thandi = browser_of(app, "thandi")
    page = thandi.get(address)
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    with thandi.get(source(thandi, address)) as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/mpeg", SOUND)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-1", 206, SOUND[:2], "bytes 0-1/10240"),
        ("bytes=10000-", 206, SOUND[10000:], "bytes 10000-10239/10240"),
        ("bytes=-4", 206, SOUND[-4:], "bytes 10236-10239/10240"),
    ],
)
def test_a_browser_may_ask_for_a_part(app: Flask, address: str, asked: str, status: int, part: bytes, told: str):
    thandi = browser_of(app, "thandi")
    with thandi.get(source(thandi, address), headers={"Range": asked}) as answer:
        assert (answer.status_code, answer.data, answer.headers["Content-Range"]) == (status, part, told)


def test_what_lies_beyond_its_end_is_refused(app: Flask, address: str):
    thandi = browser_of(app, "thandi")
    assert thandi.get(source(thandi, address), headers={"Range": "bytes=20000-"}).status_code == 416


def test_whoever_bills_does_not_listen(app: Flask, address: str):
    path = source(browser_of(app, "thandi"), address)
    bongani = browser_of(app, "bongani")
    assert "Engineers and managers listen to it." in bongani.get(address).text
    assert bongani.get(path).status_code == 403


def test_a_message_of_another_ticket_is_not_played_here(
    app: Flask, address: str, network: Network, clock: Clock, database: Database
):
    path = source(browser_of(app, "thandi"), address)
    clock.advance(600)
    network.in_order("no-answer")
    play(network.ring("+27825550201", LINE), ["2"])
    with database.reading() as session:
        other = session.scalars(select(Ticket.reference).order_by(Ticket.id.desc()).limit(1)).one()
    wrong = re.sub(r"/tickets/\d+/", f"/tickets/{other}/", path)
    assert wrong != path
    assert browser_of(app, "thandi").get(wrong).status_code == 404


def test_the_message_of_a_ticket_that_was_merged_is_played_on_the_one_that_goes_on(
    app: Flask, address: str, database: Database, clock: Clock
):
    with database.writing() as session:
        other = open_ticket(session, dice=Random(9), at=clock(), subject="The same")
        old = session.scalars(select(Ticket).where(Ticket.reference == address[-9:])).one()
        old.merge_into(other, clock(), "the same")
        goes_on = f"/tickets/{other.reference}"
    thandi = browser_of(app, "thandi")
    with thandi.get(source(thandi, goes_on)) as answer:
        assert answer.data == SOUND


def test_a_message_that_is_not_fetched_yet_says_so(app: Flask, address: str, database: Database):
    path = source(browser_of(app, "thandi"), address)
    with database.writing() as session:
        session.scalars(select(Recording)).one().file = None
    page = browser_of(app, "thandi").get(address).text
    assert "still being fetched from the carrier" in page
    assert "<audio" not in page
    assert browser_of(app, "thandi").get(path).status_code == 404


def test_a_file_that_is_gone_is_no_failure(app: Flask, address: str):
    path = source(browser_of(app, "thandi"), address)
    for file in app.extensions["settings"].recordings_dir.iterdir():
        file.unlink()
    assert browser_of(app, "thandi").get(path).status_code == 404


def test_only_what_is_in_the_folder_is_read(tmp_path: Path):
    (tmp_path / "secret.mp3").write_text("x")
    with pytest.raises(NotThere):
        Folder(tmp_path / "recordings").fetch("../secret.mp3")
