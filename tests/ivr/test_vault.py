"""Messages: fetched when they are ready, kept whole and private, and deleted at the carrier only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import KAROO
from conftest import LINE
from desk.outbox import Outgoing, State
from ivr.recordings import Recording
from ivr.shelf import Bucket
from oncall.worker import tick
from simulator import bucket
from simulator.rest import serve
from simulator.rest_faults import Fault
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    import simulator.rest_records
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest import Rest


@pytest.fixture
def message(network: Network, rest: Rest) -> simulator.rest_records.Recording:
    """Karoo Clinic leaves a message; the carrier has it under the name that it reported."""
    network.in_order(["decline"])
    call = network.ring(KAROO, LINE)
    call.press("2")
    call.speak(20, then="#")
    (sid,) = network.recordings
    kept = rest.account.add_recording(rest.account.add_call(KAROO, LINE).sid, 20)
    del rest.account.recordings[kept.sid]
    kept.sid = sid
    rest.account.recordings[sid] = kept
    return kept


def ticked(app: Flask) -> None:
    with app.app_context():
        tick()


def stored(database: Database) -> Recording:
    with database.reading() as session:
        return session.scalars(select(Recording)).one()


def row(database: Database) -> Outgoing:
    with database.reading() as session:
        return session.scalars(select(Outgoing).where(Outgoing.kind == "recording")).one()


def test_it_is_fetched_kept_and_deleted(
    app: Flask, message: simulator.rest_records.Recording, database: Database, tmp_path: Path, clock: Clock
):
    ticked(app)
    (file,) = (tmp_path / "recordings").iterdir()
    assert (stored(database).file, stored(database).kept_at) == (file.name, clock())
    assert (file.name, file.stat().st_mode & 0o777) == (f"{message.sid}.mp3", 0o600)
    assert (message.status, file.read_bytes()[:1]) == ("deleted", b"\xff")


def test_a_file_that_is_not_there_yet_is_asked_for_again(
    app: Flask, message: simulator.rest_records.Recording, database: Database, clock: Clock
):
    message.status = "processing"
    ticked(app)
    assert (row(database).error, stored(database).file) == ("the carrier does not have the file yet", None)
    message.status = "completed"
    clock.advance(60)
    ticked(app)
    assert (row(database).state, message.status) == (State.SENT, "deleted")


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.DROPPED_AFTER, Fault.UNAVAILABLE], ids=str)
@pytest.mark.parametrize("request_number", [0, 1], ids=["fetching", "deleting"])
def test_a_fault_costs_nothing(
    app: Flask,
    message: simulator.rest_records.Recording,
    database: Database,
    rest: Rest,
    clock: Clock,
    fault: Fault,
    request_number: int,
):
    rest.faults.concerns = lambda _, path: "/Recordings/" in path
    rest.faults.next(*[None] * request_number, fault)
    for _ in range(3):
        ticked(app)
        clock.advance(60)
    assert (row(database).state, message.status, stored(database).file) == (State.SENT, "deleted", f"{message.sid}.mp3")


def kinds(database: Database) -> dict[str, str]:
    with database.reading() as session:
        kept = select(Outgoing).where(Outgoing.kind.in_(("recording", "discard")))
        return {one.kind: one.state for one in session.scalars(kept)}


def test_the_carrier_s_copy_goes_only_when_ours_has_been_noted(
    app: Flask, message: simulator.rest_records.Recording, database: Database, clock: Clock, tmp_path: Path
):
    """A worker that is killed between keeping and noting fetches it once more; nobody has deleted it."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    vault = app.extensions["couriers"]["recording"]
    vault.settled = killed
    with pytest.raises(KeyboardInterrupt):
        ticked(app)
    assert [one.suffix for one in (tmp_path / "recordings").iterdir()] == [".mp3"]
    assert (message.status, kinds(database), stored(database).file) == ("completed", {"recording": "sending"}, None)
    del vault.settled
    clock.advance(61)
    ticked(app)
    assert kinds(database) == {"recording": "sent", "discard": "sent"}
    assert (message.status, stored(database).file) == ("deleted", f"{message.sid}.mp3")


def test_a_full_disk_loses_no_message(
    app: Flask, message: simulator.rest_records.Recording, database: Database, clock: Clock, tmp_path: Path
):
    (tmp_path / "recordings").write_text("in the way")
    ticked(app)
    assert ("could not be kept" in row(database).error, message.status) == (True, "completed")
    (tmp_path / "recordings").unlink()
    clock.advance(60)
    ticked(app)
    assert (message.status, stored(database).file) == ("deleted", f"{message.sid}.mp3")


def test_a_copy_that_cannot_be_deleted_is_told_and_ours_is_noted(
    app: Flask, message: simulator.rest_records.Recording, database: Database, rest: Rest, clock: Clock
):
    rest.faults.concerns = lambda method, _: method == "DELETE"
    rest.faults.fractions = {Fault.UNAVAILABLE: 1.0}
    ticked(app)
    assert stored(database).file == f"{message.sid}.mp3"
    for _ in range(2):
        clock.advance(31 * 86400)
        ticked(app)
    assert kinds(database)["discard"] == State.DEAD
    with database.reading() as session:
        events = session.scalars(select(Ticket)).one().events
    assert any("the carrier still has its copy" in event.text for event in events)


def test_it_is_kept_in_a_bucket_where_one_is_set(
    app: Flask, message: simulator.rest_records.Recording, database: Database
):
    storage = bucket.Bucket("messages", "the key", "the secret", "us-east-1")
    with serve(storage) as base:
        app.extensions["couriers"]["recording"].shelf = Bucket(f"{base}/messages", "us-east-1", "the key", "the secret")
        ticked(app)
    assert [(name, kind) for name, (kind, _) in storage.files.items()] == [(f"{message.sid}.mp3", "audio/mpeg")]
    assert (message.status, stored(database).file) == ("deleted", f"{message.sid}.mp3")


def test_what_is_gone_at_the_carrier_and_never_was_ours_is_told(
    app: Flask, message: simulator.rest_records.Recording, database: Database, clock: Clock
):
    message.status = "deleted"
    ticked(app)
    clock.advance(8 * 86400)
    ticked(app)
    assert (row(database).state, stored(database).file) == (State.DEAD, None)
    with database.reading() as session:
        events = session.scalars(select(Ticket)).one().events
    assert any("could not be fetched" in event.text for event in events)


def test_a_name_that_is_none_never_becomes_a_path(app: Flask, clock: Clock, tmp_path: Path, rest: Rest):
    item = Outgoing(payload={"sid": "../../etc/passwd"})
    assert "no recording's name" in app.extensions["couriers"]["recording"].send(item, clock()).why
    assert rest.account.requests == []
