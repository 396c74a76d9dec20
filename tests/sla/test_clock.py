"""The clock that stands still: beside one that is looked at minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promised import FIRST, LAST, OFFICE_WEEK, at, hours, wall

from sla.calendar import BusinessCalendar
from sla.clock import Clock, Pause

ZONES = ("Africa/Johannesburg", "Europe/London", "America/New_York")
BEGINNINGS = ("Fri 27 Mar 12:00", "Fri 23 Oct 12:00", "Fri 6 Mar 12:00", "Fri 30 Oct 12:00")  # the clocks change after
MINUTE = timedelta(minutes=1)


@cache
def calendar(zone: str, always: bool) -> BusinessCalendar:
    if always:
        return BusinessCalendar.always(zone, FIRST, LAST)
    return BusinessCalendar(zone=zone, week=OFFICE_WEEK, first=FIRST, last=LAST)


def paused(*spans: str) -> Clock:
    """From Monday 23 November 08:30 on, with pauses such as `Mon 23 Nov 10:00 - Mon 23 Nov 11:00`."""
    pauses = []
    for span in spans:
        start, _, end = span.partition(" - ")
        pauses.append(Pause(at(start), at(end) if end else None, "waiting"))
    return Clock(at("Mon 23 Nov 08:30"), calendar(ZONES[0], always=False), tuple(pauses))


@pytest.mark.parametrize(
    ("case", "clock", "length", "end"),
    [
        ("no pause", paused(), 4, "Mon 23 Nov 12:30"),
        ("an hour", paused("Mon 23 Nov 10:00 - Mon 23 Nov 11:00"), 4, "Mon 23 Nov 13:30"),
        ("a night takes no open time", paused("Mon 23 Nov 17:00 - Tue 24 Nov 08:30"), 10, "Tue 24 Nov 10:00"),
        ("used up exactly as it begins", paused("Mon 23 Nov 12:30 - Tue 24 Nov 12:30"), 4, "Mon 23 Nov 12:30"),
        ("it begins a moment before", paused("Mon 23 Nov 12:29:59 - Tue 24 Nov 12:30"), 4, "Tue 24 Nov 12:30:01"),
        ("from the very beginning", paused("Mon 23 Nov 08:30 - Mon 23 Nov 09:30"), 4, "Mon 23 Nov 13:30"),
        ("begun before the clock was", paused("Fri 20 Nov 08:30 - Mon 23 Nov 09:30"), 4, "Mon 23 Nov 13:30"),
        ("over before the clock began", paused("Fri 20 Nov 08:30 - Fri 20 Nov 09:30"), 4, "Mon 23 Nov 12:30"),
        ("without an end", paused("Mon 23 Nov 12:00"), 4, None),
        ("without an end, but afterwards", paused("Mon 23 Nov 12:30"), 4, "Mon 23 Nov 12:30"),
    ],
)
def test_after(case: str, clock: Clock, length: int, end: str | None):
    assert wall(clock.after(hours(length))) == end, case


def test_before_never_goes_back_beyond_the_start():
    assert wall(paused().before(at("Mon 23 Nov 10:30"), hours(1))) == "Mon 23 Nov 09:30"
    assert wall(paused().before(at("Mon 23 Nov 10:30"), hours(2))) == "Mon 23 Nov 08:30"
    assert wall(paused().before(at("Mon 23 Nov 10:30"), hours(3))) == "Mon 23 Nov 08:30"


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    start = at(draw(st.sampled_from(BEGINNINGS))) + draw(st.integers(0, 3 * 24 * 60)) * MINUTE
    edges = sorted(draw(st.lists(st.integers(-60, 5 * 24 * 60), max_size=6, unique=True)))
    ends: list[datetime | None] = [start + minutes * MINUTE for minutes in edges]
    ends += [None] * (len(ends) % 2)
    pauses = tuple(Pause(*span, "waiting") for span in zip(ends[::2], ends[1::2], strict=True))
    return Clock(start, calendar(draw(st.sampled_from(ZONES)), draw(st.booleans())), pauses)


def ticks(clock: Clock, instant: datetime) -> bool:
    """By looking at the wall and the list of pauses."""
    if instant < clock.start or any(p.start <= instant and (p.end is None or instant < p.end) for p in clock.pauses):
        return False
    local = instant.astimezone(ZoneInfo(clock.calendar.zone))
    stretches = [h for h in clock.calendar.week if h.weekday == local.weekday()]
    return any(h.opens <= local.hour * 60 + local.minute < h.closes for h in stretches)


@settings(max_examples=60)
@given(clocks(), st.integers(1, 1500))
def test_after_and_before_as_looked_at_minute_by_minute(clock: Clock, wanted: int):
    end, counted, horizon = clock.start, 0, clock.start + timedelta(days=9)
    while counted < wanted and end < horizon:
        counted += ticks(clock, end)
        end += MINUTE
    found = clock.after(wanted * MINUTE)
    if counted < wanted:
        assert found is None or found > horizon
        return
    assert found == end
    assert clock.run(end) == wanted * MINUTE
    back = wanted // 2
    begun = end
    while back:
        begun -= MINUTE
        back -= ticks(clock, begun)
    assert clock.before(end, (wanted // 2) * MINUTE) == begun or wanted // 2 == 0


@given(clocks(), st.timedeltas(timedelta(microseconds=1), hours(60)))
def test_it_has_run_for_just_so_long(clock: Clock, length: timedelta):
    end = clock.after(length)
    if end is None:
        assert clock.run(at("Fri 31 Dec 2027 00:00")) < length
    else:
        assert clock.run(end) == length
        assert clock.run(end - timedelta(microseconds=1)) == length - timedelta(microseconds=1)
