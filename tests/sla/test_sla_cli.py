"""`flask sla bands` and `flask sla due`, whose lines scripts rely on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sla.hours import BusinessHours, Closure, Forced
from sla.hours_change import force

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database


def bands(app: Flask, *args: str, lines: str = "") -> tuple[int, list[dict]]:
    result = app.test_cli_runner().invoke(args=["sla", "bands", *args, "--json"], input=lines)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_an_interval_is_split_by_the_local_day(app: Flask):
    code, (answer,) = bands(app, "2026-12-15T16:45", "2026-12-16T00:30")
    assert code == 0
    assert answer["bands"] == {
        "office": 900,
        "weekday_after_hours": 25200,
        "saturday": 0,
        "sunday": 0,
        "public_holiday": 1800,
    }


def test_an_offset_beats_the_zone(app: Flask):
    _, (answer,) = bands(app, "2026-12-15T22:30:00Z", "2026-12-15T22:31:00Z")
    assert answer["bands"]["public_holiday"] == 60


def test_every_line_is_answered_in_its_place(app: Flask):
    lines = (
        "2026-11-22T02:00 2026-11-22T02:10",
        "nonsense",
        "2026-11-24T10:00 2026-11-24T09:00",
        "2026-11-04 2026-11-05",
    )
    code, answers = bands(app, "-", lines="\n".join(lines))
    assert code == 1
    assert [sorted(answer) for answer in answers] == [
        ["bands", "end", "start"],
        ["error"],
        ["error"],
        ["bands", "end", "start"],
    ]
    assert answers[1]["error"] == "line 2: give START and END"


def test_start_without_end_is_refused(app: Flask):
    assert bands(app, "2026-11-22T02:00")[0] == 2


def due(app: Flask, *args: str) -> dict | str:
    result = app.test_cli_runner().invoke(args=["sla", "due", *args, "--json"])
    return json.loads(result.stdout) if result.exit_code == 0 else result.stderr


def test_due_says_aim_due_time_and_how_they_come_about(app: Flask):
    answer = due(app, "--priority", "high", "--at", "2026-11-20T16:30")
    assert answer == {
        "aim": "2026-11-23T09:00:00+02:00",
        "due": "2026-11-23T10:00:00+02:00",
        "trace": [
            "Received on Friday 20 November 2026 at 16:30, priority high.",
            "House promise, version 1: a first response within 2 h, aiming at 1 h, counted in Office hours.",
            "Friday 20 November, 16:30 to 17:00: 30 min.",
            "Saturday 21 November and Sunday 22 November: closed.",
            "Monday 23 November, 08:30 to 10:00: 1 h 30 min.",
            "Aim: Monday 23 November 2026 at 09:00. Due on Monday 23 November 2026 at 10:00.",
        ],
    }


def test_due_knows_the_public_holidays_in_the_table(app: Flask):
    answer = due(app, "--priority", "low", "--at", "2026-12-15T09:00")
    assert answer["aim"] == answer["due"] == "2026-12-17T17:00:00+02:00"
    assert "Wednesday 16 December: closed, Day of Reconciliation." in answer["trace"]


def test_due_is_round_the_clock_for_an_emergency(app: Flask):
    assert due(app, "--priority", "emergency", "--at", "2026-11-22T00:00Z")["due"] == "2026-11-22T03:00:00+02:00"


def test_due_names_the_contract_of_the_customer(app: Flask):
    for name in ("Harbour Foods", "harbour"):
        answer = due(app, "--priority", "normal", "--at", "2026-11-24T10:00", "--customer", name)
        assert answer["trace"][1].startswith("office-hours cover, version 1: a first response within 4 h")
    answer = due(app, "--priority", "normal", "--at", "2025-11-24T10:00", "--customer", "harbour")
    assert answer["trace"][1].startswith("House promise, version 1: "), "no contract on that day"


def test_due_by_what_cannot_be_read_is_a_sentence(app: Flask):
    assert "is not a time such as" in due(app, "--priority", "high", "--at", "tomorrow")
    assert "There is no customer 'Nobody'" in due(
        app, "--priority", "high", "--at", "2026-11-20", "--customer", "Nobody"
    )
    assert "There are no business hours 'Night'" in due(
        app, "--priority", "high", "--at", "2026-11-20", "--hours", "Night"
    )
    assert "knows 1995-01-01 to 2060-12-31" in due(app, "--priority", "high", "--at", "2060-12-31T16:59")


def test_a_closure_stops_the_count_and_the_switch_does_not(app: Flask, database: Database):
    with database.writing() as session:
        hours = session.scalars(select(BusinessHours)).one()
        starts, ends = (datetime.fromisoformat(f"2026-11-{day}T22:00Z") for day in (19, 20))
        hours.closures.append(Closure(starts=starts, ends=ends, reason="the company's birthday"))
        force(hours, Forced.CLOSED, starts - timedelta(days=2), None, "a drill")
    assert due(app, "--priority", "high", "--at", "2026-11-19T16:30")["due"] == "2026-11-23T10:00:00+02:00"
