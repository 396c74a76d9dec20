"""`flask sla bands`, whose lines scripts rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


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
