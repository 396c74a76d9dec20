"""`oncall who`: whom a call would go by, said to a person and to a program."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from subscribers import replaced

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

TURN = "turn of 'First' since Mon 16 Nov 2026 08:30 Africa/Johannesburg, hands off Mon 23 Nov 08:30"


def said(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["oncall", "who", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_who_rings_now(app: Flask):
    assert said(app) == (
        "Standby, Sun 22 Nov 2026 02:00 Africa/Johannesburg\n"
        "  first   Thandi Nkosi until Mon 23 Nov 08:30\n"
        "  second  Pieter Botha until Mon 23 Nov 08:30\n"
    )


def test_at_the_second_of_the_hand_off_it_is_the_next(app: Flask):
    for at in ("2026-11-23T08:30", "2026-11-23T06:30Z", "2026-11-23T01:30-05:00"):
        assert "first   Pieter Botha" in said(app, "--at", at)
    assert "first   Thandi Nkosi" in said(app, "--at", "2026-11-23T08:29:59")


def test_why(app: Flask):
    assert f"  thandi: {TURN}\n" in said(app, "--why")


def test_somebody_in_for_somebody_is_told_with_the_reason(app: Flask, clock: Clock):
    replaced(app, "lerato", "thandi", clock(), clock() + timedelta(hours=1))
    told = said(app, "--why")
    assert "first   Lerato Mokoena until Sun 22 Nov 03:00" in told
    assert "  lerato: instead of thandi until Sun 22 Nov 03:00, thandi's turn of 'First'" in told


def test_a_program_reads_the_same(app: Flask):
    rota = json.loads(said(app, "--json", "--at", "2026-11-22T02:00"))
    assert (rota["at"], rota["rota"]) == ("2026-11-22T00:00:00+00:00", "Standby")
    assert rota["on_duty"][0] == {
        "place": 0, "key": "thandi", "name": "Thandi Nkosi", "rotation": "First",
        "until": "2026-11-23T06:30:00+00:00", "why": f"thandi: {TURN}",
    }  # fmt: skip
    assert rota["trace"] == [one["why"] for one in rota["on_duty"]]


def test_nobody_is_told_too(app: Flask):
    assert "  nobody rings\n" in said(app, "--at", "2019-01-01T00:00")


@pytest.mark.parametrize("at", ["soon", "now", "25:00"])
def test_a_time_that_is_none_is_refused(app: Flask, at: str):
    result = app.test_cli_runner().invoke(args=["oncall", "who", "--at", at])
    assert result.exit_code == 1
    assert f"{at!r} is not a time" in result.output


def test_a_rota_that_is_not_there_is_told(app: Flask):
    result = app.test_cli_runner().invoke(args=["oncall", "who", "--rota", "Nowhere"])
    assert (result.exit_code, result.output) == (1, "Error: There is no rota 'Nowhere'.\n")
