"""What answers when none of our servers does: another host with the responder, or one that only serves files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pydantic import SecretStr, ValidationError
from sqlalchemy import select

from cast import HARBOUR, LERATO, NALEDI, PIETER, THANDI
from conftest import ACCOUNT, LINE, NIGHT, TOKEN, settings_for
from desk import delivery, staff
from desk.outbox import ELSEWHERE, Lane, Outgoing
from elsewhere import Files, Hosts, responder
from ivr.elsewhere import instead, publishing, timetable
from oncall.worker import tick
from simulator.network import USUAL, Network
from simulator.quirks import Quirks
from simulator.rest import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from desk.db import Database
    from ivr.switchboard import Switchboard
    from simulator.clock import Clock

OTHER = "https://other.example"
HANDOFF = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # Monday 08:30: Pieter rings first


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What is looked at here plays no part in how rows are stored."""
    with request.getfixturevalue("sqlite_files").copy(tmp_path) as url:
        yield url


@pytest.fixture
def board(app: Flask, database: Database) -> Switchboard:
    with database.reading() as session:
        return app.extensions["exchange"].boards.current(session)


class Away:
    """Our host and another, of which ours is down."""

    def __init__(self, app: Flask, clock: Clock, folder: Path, quirks: Quirks = USUAL) -> None:
        self.file = folder / publishing.TIMETABLE
        program = responder()
        self.timetable = program.Timetable(self.file, [TOKEN])
        self.responder = program.Responder(OTHER, ACCOUNT, [TOKEN], self.timetable, clock)
        self.hosts = Hosts(afterhours=app, other=self.responder, files=Files(folder))
        self.hosts.down.add("afterhours.example")
        self.network = Network(self.hosts, clock, account_sid=ACCOUNT, auth_token=TOKEN, quirks=quirks)
        self.connect(f"{OTHER}/voice/away")

    def connect(self, fallback: str, method: str = "POST") -> None:
        self.network.connect_number(LINE, "https://afterhours.example/voice/incoming", fallback, None, method)

    def put(self, board: Switchboard, at: datetime, token: str = TOKEN) -> None:
        self.file.write_bytes(timetable.sealed(timetable.of(board, at), token))


@pytest.fixture
def away(app: Flask, clock: Clock, tmp_path: Path, board: Switchboard) -> Away:
    made = Away(app, clock, tmp_path)
    made.put(board, clock())
    return made


def rung(call: Any) -> list[str]:
    return [leg.to for leg in call.children]


# The responder


def test_a_caller_whom_no_server_of_ours_answers_reaches_the_engineer_on_standby(away: Away):
    away.network.handset(THANDI, "accept")
    call = away.network.ring(HARBOUR, LINE, talk=60)
    assert rung(call) == [THANDI]
    assert "~ joins them" in call.transcript
    assert any("The line itself is out of order. Press 1 to take the call." in line for line in call.transcript)


@pytest.mark.parametrize("quirks", [*Quirks.every()], ids=str)
def test_a_voicemail_and_whoever_passes_it_on_are_passed_by_whatever_the_carrier_does(
    app: Flask, clock: Clock, tmp_path: Path, board: Switchboard, quirks: Quirks
):
    away = Away(app, clock, tmp_path, quirks)
    away.put(board, clock())
    away.network.handset(THANDI, "voicemail")
    away.network.handset(PIETER, "decline")
    away.network.handset(NALEDI, "accept")
    call = away.network.ring(HARBOUR, LINE, talk=60)
    assert rung(call) == [THANDI, PIETER, NALEDI]
    assert call.transcript.count("~ joins them") == 1


def test_everybody_is_rung_twice_and_then_the_caller_is_told(away: Away):
    away.network.in_order("no-answer")
    call = away.network.ring(HARBOUR, LINE)
    assert rung(call) == [THANDI, PIETER, NALEDI] * 2
    assert call.transcript[-2].startswith("> I am sorry, something is out of order here and nobody can be reached.")


def test_after_a_hand_off_that_nobody_lived_to_publish_the_next_one_rings(away: Away, clock: Clock):
    clock.until(HANDOFF)
    away.network.handset(PIETER, "accept")
    assert rung(away.network.ring(HARBOUR, LINE, talk=60)) == [PIETER]


def test_a_hand_off_while_it_rings_has_the_new_one_rung_next(away: Away, clock: Clock):
    clock.until(HANDOFF - timedelta(seconds=10))
    away.network.in_order("no-answer")
    assert rung(away.network.ring(HARBOUR, LINE))[:3] == [THANDI, PIETER, LERATO]


def test_for_a_fortnight_the_responder_rings_whom_we_would(away: Away, board: Switchboard, clock: Clock):
    policy, document = board.lines[LINE].policy, away.timetable.document()
    for hours in range(14 * 24):
        at = clock() + timedelta(hours=hours)
        ours = [board.engineers[choice.ring].phone for choice in board.in_order(policy, at)]
        assert responder().ringing(document["lines"][LINE], at) == ours, at


def test_after_its_end_it_still_rings_somebody_and_says_that_it_is_old(away: Away, clock: Clock):
    clock.advance(15 * 86400)
    away.network.in_order("accept")
    assert len(rung(away.network.ring(HARBOUR, LINE, talk=60))) == 1
    with serve(away.responder) as url, pytest.raises(instead.NotThere, match="answered 503"):
        instead._is_fresh(url, clock(), clock())


def test_in_the_middle_of_a_call_who_has_been_helped_may_hang_up(away: Away):
    away.hosts.down.clear()
    away.network.handset(THANDI, None)
    call = away.network.ring(HARBOUR, LINE)
    call.press("2")
    call.press("1")
    call.engineer.answer()
    call.engineer.press("1")
    away.hosts.down.add("afterhours.example")
    call.engineer.hang_up()
    assert any(line.startswith("> If you have been helped, please hang up now.") for line in call.transcript)


# What it does not believe


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda file: b"", "no timetable"),
        (lambda file: b"[]", "no timetable"),
        (lambda file: file.replace(THANDI.encode(), b"+27825550666"), "seal"),
        (lambda file: json.dumps({"timetable": json.loads(file)["timetable"]}).encode(), "no timetable"),
    ],
)
def test_a_timetable_that_is_not_ours_changes_nothing(away: Away, change: Any, why: str):
    with serve(away.responder) as url:
        answer = put(url, change(away.file.read_bytes()))
    assert (answer.status_code, why in answer.text) == (403, True)
    away.network.handset(THANDI, "accept")
    assert rung(away.network.ring(HARBOUR, LINE, talk=60)) == [THANDI]


def test_a_file_that_was_spoilt_leaves_the_one_before_in_force(away: Away):
    away.timetable.document()
    away.file.write_bytes(away.file.read_bytes()[:-40])
    away.network.handset(THANDI, "accept")
    assert rung(away.network.ring(HARBOUR, LINE, talk=60)) == [THANDI]


def test_an_earlier_timetable_does_not_take_the_place_of_a_newer_one(away: Away, board: Switchboard, clock: Clock):
    earlier = away.file.read_bytes()
    away.put(board, clock() + timedelta(hours=1))
    with serve(away.responder) as url:
        assert put(url, earlier).text == "a newer one is here already\n"
        assert put(url, away.file.read_bytes()).status_code == 204


def test_the_token_may_be_changed_while_it_serves(away: Away, board: Switchboard, clock: Clock):
    away.responder.tokens = away.timetable.tokens = ["the next token", TOKEN]
    away.put(board, clock(), token="the next token")
    away.network.handset(THANDI, "accept")
    assert rung(away.network.ring(HARBOUR, LINE, talk=60)) == [THANDI]


def test_only_the_carrier_is_answered(away: Away):
    with serve(away.responder) as url:
        form = {"AccountSid": ACCOUNT, "To": LINE, "From": HARBOUR, "CallSid": "CA" + "1" * 32}
        unsigned = requests.post(f"{url}/voice/away", form, timeout=5)
        forged = requests.post(f"{url}/voice/away", form, headers={"X-Twilio-Signature": "AAAA"}, timeout=5)
        odd = requests.post(f"{url}/voice/away", form, headers={"X-Twilio-Signature": "\xff\xfe"}, timeout=5)
        assert {one.status_code for one in (unsigned, forged, odd)} == {403}
        assert not any(THANDI in one.text for one in (unsigned, forged, odd))
        assert requests.get(f"{url}/voice/away", timeout=5).status_code == 404
        assert THANDI not in requests.get(f"{url}/health", timeout=5).text


def test_without_a_timetable_a_caller_hears_that_we_are_sorry(app: Flask, clock: Clock, tmp_path: Path):
    call = Away(app, clock, tmp_path).network.ring(HARBOUR, LINE)
    assert call.transcript[-2].startswith("> I am sorry, our telephone system is out of order.")


def test_a_missing_setting_is_named(capsys: pytest.CaptureFixture[str]):
    assert responder().main({"PUBLIC_URL": OTHER}) == 2
    assert capsys.readouterr().err == "These settings are missing: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN\n"


def put(url: str, body: bytes) -> Any:
    return requests.put(f"{url}/timetable.json", body, timeout=5)


# A host that only serves files


@pytest.fixture
def files(away: Away, another: Any, tmp_path: Path) -> Away:
    """The documents where that host serves them."""
    with serve(Files(tmp_path)) as url:
        there = {"elsewhere_url": url, "elsewhere_kind": "files", "elsewhere_folder": tmp_path}
        away.app = another(**there)
        away.url = url
        publish(away.app)
        address, method = instead.of(away.app.extensions["settings"], LINE)
        away.connect(address.replace(url, "https://files.example"), method)
        for document in tmp_path.glob("*/*.xml"):  # the network reaches that host by a name
            document.write_bytes(document.read_bytes().replace(url.encode(), b"https://files.example"))
        yield away


def publish(app: Flask) -> None:
    with app.app_context():
        tick()
        held = app.extensions
        delivery.deliver(held["patient_database"], held["couriers"], "test", held["clock"], Lane.STRANGERS)


def test_files_ring_whoever_is_on_duty_and_any_key_accepts(files: Away):
    files.network.handset(THANDI, None)
    call = files.network.ring(HARBOUR, LINE)
    call.engineer.answer()
    call.engineer.press("7")
    assert "~ joins them" in call.transcript
    assert {request.method for request in files.hosts.asked} == {"GET"}


def test_files_ring_who_takes_over_next_and_then_everybody_else(files: Away):
    files.network.in_order("no-answer")
    call = files.network.ring(HARBOUR, LINE)
    assert rung(call) == [THANDI, PIETER, NALEDI]
    assert sum(line.startswith("> If you have been helped, please hang up now.") for line in call.transcript) == 2


def test_a_voicemail_does_not_take_a_call_from_files(files: Away):
    files.network.handset(THANDI, "voicemail")
    files.network.handset(PIETER, None)
    call = files.network.ring(HARBOUR, LINE)
    call.engineer.answer()
    call.engineer.press("1")
    assert rung(call) == [THANDI, PIETER]


def test_the_files_stand_where_nobody_can_guess(files: Away, tmp_path: Path):
    (folder,) = {document.parent.name for document in tmp_path.glob("*/*.xml")}
    assert len(folder) == 40
    other = files.app.extensions["settings"].model_copy(
        update={"secret_key": SecretStr("another secret of forty characters here.")}
    )
    assert folder not in instead.of(other, LINE)[0]


# Putting it there


@pytest.fixture
def ours(away: Away, another: Any, tmp_path: Path) -> Iterator[Flask]:
    """An application whose documents go into the folder that the responder reads."""
    with serve(away.responder) as url:
        yield another(elsewhere_url=url, elsewhere_folder=tmp_path)


def rows(database: Database) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        found = session.scalars(select(Outgoing).where(Outgoing.kind == ELSEWHERE).order_by(Outgoing.id))
        return [(row.state, row.error) for row in found]


def test_it_is_put_there_once_and_again_at_a_hand_off_a_change_and_a_day(
    ours: Flask, away: Away, database: Database, clock: Clock
):
    publish(ours)
    publish(ours)
    assert rows(database) == [("sent", None)]
    with database.writing() as session:
        staff.called(session, "thandi").phone = "+27825550199"
    publish(ours)
    assert "+27825550199" in away.file.read_text()
    clock.until(HANDOFF - timedelta(hours=6))
    publish(ours)
    clock.until(HANDOFF)
    publish(ours)
    publish(ours)
    assert rows(database) == [("sent", None)] * 4


def test_it_is_put_there_again_for_another_token_or_place(
    ours: Flask, database: Database, another: Any, tmp_path: Path
):
    publish(ours)
    settings = ours.extensions["settings"]
    for change in ({"twilio_auth_token": SecretStr("the token to come")}, {"elsewhere_folder": tmp_path / "b"}):
        publish(another(elsewhere_url=settings.elsewhere_url, **{"elsewhere_folder": tmp_path} | change))
    assert len(rows(database)) == 3


@pytest.mark.fails_on_purpose
def test_what_is_no_timetable_is_no_answer_in_speech(away: Away):
    with serve(away.responder) as url:
        assert put(url, b"[" * 200_000).status_code == 403
        away.timetable.path = away.file.parent / "gone" / "timetable.json"
        assert put(url, away.file.read_bytes()).status_code == 500


def test_a_host_that_does_not_take_it_is_asked_again_and_in_the_end_told_of(
    another: Any, database: Database, clock: Clock
):
    app = another(elsewhere_url="http://127.0.0.1:9", elsewhere_put="http://127.0.0.1:9")
    publish(app)
    assert rows(database) == [("waiting", "127.0.0.1:9 did not answer (ConnectionError)")]
    clock.advance(7 * 3600)
    publish(app)
    assert [state for state, _ in rows(database)].count("dead") == 1


def test_a_host_that_takes_it_and_serves_another_is_found_out(
    away: Away, another: Any, database: Database, clock: Clock, tmp_path: Path
):
    with serve(away.responder) as url:
        publish(another(elsewhere_url=url, elsewhere_folder=tmp_path / "nowhere that it reads"))
        clock.advance(1)
        assert rows(database)[0][0] == "sent"  # it was made at this very instant
        database.write(lambda session: setattr(staff.called(session, "pieter"), "phone", "+27825550198"))
        publish(another(elsewhere_url=url, elsewhere_folder=tmp_path / "nowhere that it reads"))
    assert rows(database)[1][1].endswith("still has an earlier timetable")


@pytest.mark.parametrize(
    "wrong",
    [
        {"elsewhere_url": "https://other.example"},
        {"elsewhere_folder": "var"},
        {
            "elsewhere_url": "https://other.example",
            "elsewhere_folder": "var",
            "elsewhere_put": "https://other.example",
        },
        {"elsewhere_url": "http://other.example", "elsewhere_put": "https://other.example"},
    ],
)
def test_half_a_set_up_is_refused(wrong: dict[str, str]):
    with pytest.raises(ValidationError, match=r"ELSEWHERE|https"):
        settings_for("sqlite://", **wrong)


def test_the_numbers_of_callers_and_customers_do_not_leave_the_house(board: Switchboard):
    made = json.dumps(timetable.of(board, NIGHT))
    assert HARBOUR not in made
    assert "Harbour" not in made
