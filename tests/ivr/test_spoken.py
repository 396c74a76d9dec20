"""Times and lengths as they are said on the telephone: tables of what a caller or an engineer hears."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr import spoken

ZONE = "Africa/Johannesburg"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


OPENINGS = [
    ("in the night before a Monday", "2026-11-22 02:00", "2026-11-23 08:30", "on Monday at half past eight"),
    ("a minute before midnight", "2026-11-22 23:59", "2026-11-23 08:30", "on Monday at half past eight"),
    ("a minute after midnight", "2026-11-23 00:01", "2026-11-23 08:30", "today at half past eight"),
    ("in the last second", "2026-11-23 08:29:59", "2026-11-23 08:30", "today at half past eight"),
    ("over the year's end", "2026-12-31 18:00", "2027-01-04 08:30", "on Monday at half past eight"),
    ("six days on", "2026-12-24 18:00", "2026-12-30 08:30", "on Wednesday at half past eight"),
    ("the same weekday next week", "2026-12-24 18:00", "2026-12-31 09:00", "on Thursday 31 December at nine o'clock"),
    ("after the builders' holiday", "2026-12-15 18:00", "2027-01-04 08:30", "on Monday 4 January at half past eight"),
    ("after lunch", "2026-11-23 12:10", "2026-11-23 13:45", "today at quarter to two in the afternoon"),
]


@pytest.mark.parametrize(("case", "now", "opens", "said"), OPENINGS, ids=[row[0] for row in OPENINGS])
def test_when_we_open_again(case: str, now: str, opens: str, said: str):
    assert spoken.opening(local(opens), local(now), ZONE) == said, case


def test_the_day_is_the_line_s_not_utc_s():
    """Half past midnight in Johannesburg is still yesterday in UTC, and in London."""
    opens, now = local("2026-11-23 08:30"), local("2026-11-23 00:30")
    for zone in ("UTC", "Europe/London"):
        there = opens.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
        assert spoken.opening(*there, ZONE) == "today at half past eight"
    assert spoken.opening(opens, now, "UTC") == "on Monday at half past six"


CLOCKS = [
    ("00:00", "midnight"),
    ("00:30", "half past twelve at night"),
    ("01:00", "one o'clock at night"),
    ("08:05", "eight oh 5"),
    ("08:15", "quarter past eight"),
    ("08:30", "half past eight"),
    ("08:40", "eight 40"),
    ("08:45", "quarter to nine"),
    ("11:45", "quarter to twelve"),
    ("12:00", "midday"),
    ("12:45", "quarter to one in the afternoon"),
    ("17:00", "five o'clock in the afternoon"),
    ("20:00", "eight o'clock in the evening"),
    ("23:45", "quarter to twelve in the evening"),
    ("23:59", "eleven 59 in the evening"),
]


@pytest.mark.parametrize(("time", "said"), CLOCKS)
def test_a_time_of_day(time: str, said: str):
    assert spoken.clock(local(f"2026-11-23 {time}")) == said


LENGTHS = [
    (-3, "1 second"),
    (0, "1 second"),
    (1, "1 second"),
    (1.9, "1 second"),
    (2, "2 seconds"),
    (40, "40 seconds"),
    (59.9, "59 seconds"),
    (60, "1 minute"),
    (119, "1 minute"),
    (120, "2 minutes"),
    (179, "2 minutes"),
    (180, "3 minutes"),
    (3600, "60 minutes"),
]


@pytest.mark.parametrize(("seconds", "said"), LENGTHS)
def test_a_length_of_waiting(seconds: float, said: str):
    assert spoken.length(timedelta(seconds=seconds)) == said


NEWS = [
    ("a minute ago", "2026-11-24 09:59", "today at nine 59"),
    ("just after midnight", "2026-11-24 00:00", "today at midnight"),
    ("just before midnight", "2026-11-23 23:59", "yesterday at eleven 59 in the evening"),
    ("two days ago", "2026-11-22 11:00", "Sunday at eleven o'clock"),
    ("six days ago", "2026-11-18 16:30", "Wednesday at half past four in the afternoon"),
    ("a week ago", "2026-11-17 16:30", "17 November"),
    ("last year", "2025-12-01 16:30", "1 December"),
]


@pytest.mark.parametrize(("case", "at", "said"), NEWS, ids=[row[0] for row in NEWS])
def test_when_something_last_happened(case: str, at: str, said: str):
    assert spoken.news(local(at), local("2026-11-24 10:00"), ZONE) == said, case
