"""Setting up at the carrier: shown first, then done; and the check that says what does not fit, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from werkzeug.serving import make_server

from conftest import LINE, ORIGIN, TOKEN
from desk.staff import Staff
from ivr import check
from oncall.worker import tick
from simulator.rest import serve
from simulator.rest_faults import Fault

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.rest import Rest

AGAIN = "#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=words)


def settings(rest: Rest) -> dict[str, Any]:
    return rest.account.number(LINE).settings


def test_it_is_shown_before_it_is_done(app: Flask, rest: Rest):
    result = run(app, "ivr", "provision")
    assert result.exit_code == 0, result.output
    assert f"voice_url\n    is      (nothing)\n    should  {ORIGIN}/voice/incoming{AGAIN}" in result.output
    assert "nothing was changed; --yes sets them" in result.output
    assert settings(rest) == {}


def test_it_is_done(app: Flask, rest: Rest):
    assert run(app, "ivr", "provision", "--yes").output.endswith("  set\n")
    assert settings(rest) == {
        "voice_url": f"{ORIGIN}/voice/incoming{AGAIN}",
        "voice_fallback_url": f"{ORIGIN}/voice/fallback{AGAIN}",
        "status_callback": f"{ORIGIN}/voice/status{AGAIN}",
        "sms_url": f"{ORIGIN}/voice/texted{AGAIN}",
    }
    assert run(app, "ivr", "provision").output == "087 809 0263\n  as it should be\n"


@pytest.mark.parametrize(("fault", "told"), [(Fault.TOO_MANY, "20429"), (Fault.DROPPED, "did not answer")])
def test_a_failure_is_told_in_words(app: Flask, rest: Rest, fault: Fault, told: str):
    rest.faults.next(fault)
    result = run(app, "ivr", "provision")
    assert (result.exit_code, told in result.output) == (1, True)


def test_a_line_that_is_not_ours(app: Flask, rest: Rest):
    rest.account.numbers.clear()
    assert "is no number of this account" in run(app, "ivr", "provision").output


def checked(app: Flask) -> tuple[int, list[str]]:
    result = run(app, "ivr", "check")
    return result.exit_code, result.output.splitlines()


def test_everything_that_is_wrong_is_told_at_once(app: Flask, rest: Rest, database: Database, clock: Clock):
    rest.account.numbers.clear()
    rest.account.add_number(LINE, sms=False, voice_url="https://elsewhere.example/")
    rest.account.clock = lambda: clock() + timedelta(seconds=45)
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.key == "thandi").values(phone=None))
        session.execute(update(Staff).where(Staff.key == "pieter").values(phone="+27215550123"))
    app.extensions["exchange"].boards.last = None
    code, lines = checked(app)
    assert code == 1
    assert lines[0] == "ok   The account is active."
    assert lines[1] == "NOT  Our clock and the carrier's are 45 s apart."
    assert "NOT  087 809 0263 cannot send texts; set SMS_FROM to a number or name that can." in lines
    assert any("voice_url, voice_fallback_url, status_callback, sms_url differ" in line for line in lines)
    assert f"NOT  {ORIGIN} cannot be reached from here (ConnectionError)." in lines
    assert "NOT  Thandi Nkosi has no number." in lines
    assert "NOT  Pieter Botha can be rung but not texted: 021 555 0123 is no mobile." in lines
    assert any("Lerato Mokoena has not proved" in line for line in lines)
    assert not any("Bongani" in line for line in lines), "nobody ever rings billing staff"


def test_a_wrong_token_is_the_first_thing_told(app: Flask, rest: Rest):
    rest.account.token = TOKEN + "!"
    code, lines = checked(app)
    assert (code, lines[0]) == (
        1,
        "NOT  The account cannot be used: the carrier does not accept our account and token (20003).",
    )


def test_our_own_address_answers_and_wants_a_signature(app: Flask, rest: Rest):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        here = f"http://127.0.0.1:{server.server_port}"
        (found,) = [one for one in _findings(app, here) if here in one.text]
        assert (found.well, found.text) == (True, f"{here} answers and wants a signature.")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    with serve(rest) as somebody_else:
        (found,) = [one for one in _findings(app, somebody_else) if somebody_else in one.text]
    assert (found.well, found.text) == (False, f"{somebody_else} answers 401, which is not us.")


def _findings(app: Flask, origin: str) -> list[Any]:
    with app.extensions["database"].reading() as session:
        board = app.extensions["exchange"].boards.current(session)
    settings = app.extensions["settings"].model_copy(update={"public_url": origin})
    return list(check.everything(app.extensions["telephone"], board, settings, set(), app.extensions["clock"]()))


# Whose number it is


def texted_code(app: Flask, rest: Rest) -> str:
    with app.app_context():
        tick()
    message = list(rest.account.messages.values())[-1]
    assert message.to == "+27825550101"
    return message.body.partition("your code is ")[2][:6]


def test_a_number_is_proved_by_the_code_that_was_texted_to_it(app: Flask, rest: Rest, database: Database):
    assert "on its way" in run(app, "desk", "verify", "thandi").output
    code = texted_code(app, rest)
    assert "not the code" in run(app, "desk", "verify", "thandi", "--code", "000000").output
    assert run(app, "desk", "verify", "Thandi Nkosi", "--code", code).output == "The number is proved.\n"
    assert "ok   Thandi Nkosi can be rung and texted on 082 555 0101." in checked(app)[1]
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.key == "thandi").values(phone="+27825550109"))
    app.extensions["exchange"].boards.last = None
    assert any("Thandi Nkosi has not proved" in line for line in checked(app)[1]), "a new number is proved anew"


def test_a_code_is_not_guessed_and_not_kept_for_ever(app: Flask, rest: Rest, clock: Clock):
    run(app, "desk", "verify", "thandi")
    code = texted_code(app, rest)
    for _ in range(5):
        run(app, "desk", "verify", "thandi", "--code", "000000")
    assert run(app, "desk", "verify", "thandi", "--code", code).exit_code == 1
    clock.advance(1)
    run(app, "desk", "verify", "thandi")
    code = texted_code(app, rest)
    clock.advance(601)
    assert run(app, "desk", "verify", "thandi", "--code", code).exit_code == 1


def test_who_has_no_mobile_gets_no_code(app: Flask, rest: Rest):
    assert "has no number that takes texts" in run(app, "desk", "verify", "bongani").output
    assert "nobody is called" in run(app, "desk", "verify", "nobody").output
