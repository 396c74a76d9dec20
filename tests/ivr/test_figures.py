"""Figures of the telephone, counted from calls that were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cast import HARBOUR, KAROO, STRANGER
from conftest import LINE
from ivr import figures
from simulator.script import play

if TYPE_CHECKING:
    from desk.db import Database
    from simulator.clock import Clock
    from simulator.network import Network

ZONE = "Africa/Johannesburg"


def menu(database: Database, clock: Clock) -> figures.Menu:
    with database.reading() as session:
        return figures.menu(session, clock() - timedelta(days=30))


def speed(database: Database, clock: Clock) -> figures.Speed:
    with database.reading() as session:
        return figures.speed(session, clock() - timedelta(days=30))


def test_calls_are_counted_by_the_greeting_that_they_heard(network: Network, database: Database, clock: Clock):
    clock.until(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))  # Tuesday 10:00
    network.ring(HARBOUR, LINE).hang_up()
    network.ring(STRANGER, LINE).hang_up()
    clock.until(datetime(2026, 11, 24, 21, 59, tzinfo=UTC))  # a minute to midnight
    network.ring(HARBOUR, LINE).hang_up()
    clock.until(datetime(2026, 11, 24, 22, 1, tzinfo=UTC))  # Wednesday
    network.ring(HARBOUR, LINE).hang_up()
    with database.reading() as session:
        days = figures.per_day(session, ZONE, clock(), 3)
    assert [(str(day.date), day.by_day, day.out_of_hours) for day in days] == [
        ("2026-11-23", 0, 0),
        ("2026-11-24", 2, 1),
        ("2026-11-25", 0, 1),
    ]


def test_a_day_before_the_first_of_them_is_left_out(network: Network, database: Database, clock: Clock):
    network.ring(HARBOUR, LINE).hang_up()
    clock.advance(timedelta(days=3).total_seconds())
    with database.reading() as session:
        assert sum(day.calls for day in figures.per_day(session, ZONE, clock(), 3)) == 0
        assert sum(day.calls for day in figures.per_day(session, ZONE, clock(), 4)) == 1


def test_the_wait_counts_from_the_first_ring_until_somebody_pressed_1(
    network: Network, database: Database, clock: Clock
):
    network.in_order("accept")
    play(network.ring(KAROO, LINE), ["2"])
    found = speed(database, clock)
    assert found.rung_for == sum(found.classes) == 1
    assert found.nobody == 0
    network.in_order(["no-answer", "accept"])
    play(network.ring(KAROO, LINE), ["2"])
    slower = speed(database, clock)
    assert slower.rung_for == 2
    assert slower.prompt == found.prompt  # the second had to wait for a telephone that nobody answered


def test_who_was_rung_for_and_had_nobody_is_counted(network: Network, database: Database, clock: Clock):
    network.in_order("no-answer")
    play(network.ring(KAROO, LINE), ["2"])
    assert speed(database, clock) == figures.Speed([0] * 6, 1)


def test_keys_and_silence_in_the_menu(network: Network, database: Database, clock: Clock):
    network.in_order("no-answer")
    play(network.ring(KAROO, LINE), ["-", "7", "2"])
    found = menu(database, clock)
    assert found.keys == {"": 1, "7": 1, "2": 1}
    assert found.others == 1


def test_where_callers_hang_up(network: Network, database: Database, clock: Clock):
    network.ring(KAROO, LINE).hang_up()
    waits = network.ring(HARBOUR, LINE)
    waits.press("2")
    waits.hang_up()
    network.in_order("accept")
    play(network.ring(STRANGER, LINE), ["2", "1"])  # who was helped has not given up
    assert menu(database, clock).left == {"main_menu": 1, "overtime_notice": 1}


@pytest.mark.parametrize(("seconds", "place"), [(0, 0), (10, 0), (10.5, 1), (20, 1), (120, 4), (121, 5)])
def test_the_limit_of_a_class_belongs_to_it(seconds: float, place: int):
    assert figures.class_of(timedelta(seconds=seconds)) == place
