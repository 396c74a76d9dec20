"""What call-outs count for: the table of call_outs.txt, and what holds whatever the calls and the rules."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import at
from oncall import limits
from oncall.agreed import Agreement, Rules
from oncall.credit import CallOut, Pay
from oncall.duty_sheet import hms
from oncall.spans import common, seconds, united, within, without
from sla.calendar import BusinessCalendar, Hours
from sla.interval import Interval
from sla.overtime import Band, seconds_by_band, split

CASES = Path(__file__).with_name("call_outs.txt").read_text().split("\n= ")[1:]
JOHANNESBURG, LONDON = "Africa/Johannesburg", "Europe/London"
LONG_AGO = date(2000, 1, 1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def office(zone: str = JOHANNESBURG) -> BusinessCalendar:
    """Monday to Friday 08:30 to 17:00."""
    return BusinessCalendar(
        zone=zone,
        week=tuple(Hours(day, 510, 1020) for day in range(5)),
        first=date(2026, 1, 1),
        last=date(2027, 12, 31),
        holidays=frozenset({date(2026, 12, 16)}),
    )


OFFICES = {zone: office(zone) for zone in (JOHANNESBURG, LONDON)}


def pay(*rules: Rules, zone: str = JOHANNESBURG) -> Pay:
    return Pay(OFFICES[zone], Agreement(zone, rules))


def worked(start: str, end: str, zone: str = JOHANNESBURG, ticket: str = "123456789") -> CallOut:
    return CallOut("thandi", Interval(at(start, zone), at(end, zone)), ticket)


def read(text: str) -> Interval:
    """ "Tue 24 Nov 22:00-00:00": the end is of the next day if it is no later."""
    day, begins, ends = re.fullmatch(r"(\w+ \d+ \w+) (\S+)-(\S+)", text).groups()
    first = datetime.strptime(f"2026 {day}", "%Y %a %d %b").date()  # noqa: DTZ007 - a wall day
    assert f"{first:%a}" == day[:3], text
    start, end = time.fromisoformat(begins), time.fromisoformat(ends)
    last = first if start < end else first + timedelta(days=1)
    return Interval(at(f"{first}T{begins}"), at(f"{last}T{ends}"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.partition("\n")[0])
def test_the_table(case: str):
    said = re.findall(r"^(rules|worked|block): (.*)$", case, re.MULTILINE)
    minimum, merge, *apart = next(text for what, text in said if what == "rules").split(", ")
    rules = Rules(LONG_AGO, int(minimum) * MINUTE, int(merge) * MINUTE, one_block=apart != ["apart"])
    counted = pay(rules)
    calls = [CallOut("thandi", read(text), str(n)) for n, (what, text) in enumerate(said) if what == "worked"]
    blocks = counted.blocks(calls)
    assert [list(block.credited) for block in blocks] == [
        list(map(read, text.split(", "))) for what, text in said if what == "block"
    ]
    found = counted.measure(part for block in blocks for part in block.credited)
    told = (found.after_hours, found.bands[Band.OFFICE], found.night)
    assert "after hours {}, office {}, night {}".format(*(hms(one)[:-3] for one in told)) in case


def test_a_block_says_why_it_counts_for_that_long():
    counted = pay(Rules(LONG_AGO, 2 * HOUR))
    twice = [worked("2026-11-24T22:00", "2026-11-24T22:10"), worked("2026-11-24T23:00", "2026-11-24T23:15")]
    assert [block.reason for block in counted.blocks(twice)] == [
        "2 call-outs in one block; worked 25 min; counts for the minimum of 2 h"
    ]
    at_once = [worked("2026-11-28T10:00", "2026-11-28T10:40"), worked("2026-11-28T10:20", "2026-11-28T11:00")]
    assert counted.blocks(at_once)[0].reason == "2 call-outs in one block; worked 1 h; counts for the minimum of 2 h"
    drawn_out = counted.blocks([worked("2026-11-25T16:50", "2026-11-25T17:10")])
    assert drawn_out[0].reason == "worked 20 min; began in office hours, so without a minimum"
    apart = pay(Rules(LONG_AGO, 2 * HOUR, one_block=False)).blocks(twice)
    assert apart[1].reason == (
        "worked 15 min; counts for the minimum of 2 h; less what the block before counted for already"
    )


def test_a_call_whose_end_nobody_knows_was_a_call_out_all_the_same():
    start = at("2026-11-24T22:00")
    unknown = CallOut("thandi", Interval(start, start), "123456789", known=False)
    [block] = pay(Rules(LONG_AGO, 2 * HOUR)).blocks([unknown])
    assert block.credited == (Interval(start, start + 2 * HOUR),)
    assert block.reason == "worked 0 min; counts for the minimum of 2 h; the end of a call is not known"
    nothing = CallOut("thandi", Interval(start, start), "123456789")
    assert pay(Rules(LONG_AGO, 2 * HOUR)).blocks([nothing]) == ()


def test_the_rules_are_those_of_the_day_on_which_it_begins():
    december = Rules(date(2026, 12, 1), 2 * HOUR)
    counted = pay(Rules(LONG_AGO, HOUR), december)
    old, new = worked("2026-11-30T23:50", "2026-12-01T00:10"), worked("2026-12-01T19:00", "2026-12-01T19:10")
    assert [seconds(block.credited) for block in counted.blocks([old, new])] == [3600, 7200]
    again = pay(Rules(LONG_AGO, HOUR), december, Rules(date(2026, 12, 1), 3 * HOUR))
    assert seconds(again.blocks([new])[0].credited) == 10800


# Nights and clocks that change


@pytest.mark.parametrize(
    ("what", "start", "end", "night", "deep"),
    [
        ("an ordinary night", "2026-10-20T17:00", "2026-10-21T07:00", 12, 7),
        ("the night in which the clocks go back", "2026-10-24T17:00", "2026-10-25T07:00", 13, 8),
        ("the night in which the clocks go forward", "2026-03-28T17:00", "2026-03-29T07:00", 11, 6),
        ("the hour that comes twice", "2026-10-25T00:30", "2026-10-25T02:00", 2.5, 2.5),
        ("the day", "2026-10-20T06:00", "2026-10-20T18:00", 0, 0),
    ],
)
def test_nights_are_counted_in_the_time_that_passed(what: str, start: str, end: str, night: float, deep: float):
    found = pay(zone=LONDON).measure([worked(start, end, LONDON).interval])
    assert (found.night, found.deep_night) == (night * 3600, deep * 3600), what


def test_the_night_is_that_of_the_rules_of_its_day():
    late = Rules(date(2026, 11, 25), night=(time(20), time(5)))
    interval = worked("2026-11-24T17:00", "2026-11-26T08:00").interval
    assert pay(late).measure([interval]).night == (12 + 9) * 3600
    by_day = Rules(LONG_AGO, night=(time(1), time(5)))
    assert pay(by_day).measure([interval]).night == 2 * 4 * 3600


# Warnings


def week_of_overtime(minutes: int) -> list[CallOut]:
    """Five evenings, the last of them shorter or longer."""
    evenings = [worked(f"2026-11-{day}T18:00", f"2026-11-{day}T20:00") for day in (23, 24, 25, 26)]
    start = at("2026-11-29T20:00")
    return [*evenings, CallOut("thandi", Interval(start, start + minutes * MINUTE), "1")]


def warned(calls: list[CallOut], first: str = "2026-11-01", last: str = "2026-12-01") -> list[str]:
    frame = Interval(at(first), at(last))
    return [one.text for one in limits.warnings("thandi", (one.interval for one in calls), frame, pay())]


def test_ten_hours_of_overtime_a_week_are_allowed_and_a_minute_more_is_not():
    assert warned(week_of_overtime(120)) == []
    assert warned(week_of_overtime(121)) == ["10 h 1 min of overtime in week 2026-W48: more than 10 h (BCEA s 10)"]


def test_a_week_ends_on_sunday_night_and_office_hours_are_no_overtime():
    assert warned([*week_of_overtime(119), worked("2026-11-30T00:00", "2026-11-30T05:00")]) == []
    assert warned([*week_of_overtime(120), worked("2026-11-27T09:00", "2026-11-27T16:00")]) == []


def test_a_week_over_the_edge_of_the_month_is_told_in_both():
    calls = [worked(f"2026-12-0{day}T18:00", f"2026-12-0{day}T23:00") for day in (1, 2, 3)]
    assert len(warned(calls)) == len(warned(calls, "2026-12-01", "2027-01-01")) == 1


def test_two_tickets_at_once_are_no_more_overtime_than_one():
    assert warned([*week_of_overtime(120), *week_of_overtime(120)]) == []


def test_a_working_day_is_twenty_four_hours_from_the_opening_of_the_office():
    until_opening = [worked("2026-11-27T18:00", "2026-11-28T06:00"), worked("2026-11-28T08:30", "2026-11-28T09:30")]
    assert [text for text in warned(until_opening) if "work in" in text] == []
    one_day = [worked("2026-11-27T18:00", "2026-11-28T06:00"), worked("2026-11-28T08:29", "2026-11-28T08:30")]
    assert [text for text in warned(one_day) if "work in" in text] == [
        "12 h 1 min of work in the 24 hours from Fri 27 Nov 08:30: more than 12 h (BCEA s 8, s 10)"
    ]


# Whatever the calls and the rules

NIGHT = at("2026-10-24T15:00", LONDON)  # the clocks go back in it
MONTH = Interval(at("2026-10-01", LONDON), at("2026-12-01", LONDON))
minutes = st.integers(0, 300).map(lambda n: n * MINUTE)
agreements = st.lists(
    st.builds(Rules, st.dates(date(2026, 10, 1), date(2026, 11, 30)), minutes, minutes, st.booleans()), max_size=3
)
intervals = st.builds(
    lambda start, length: Interval(MONTH.start + start * MINUTE, MONTH.start + (start + length) * MINUTE),
    st.integers(0, 60 * 24 * 40),
    st.integers(0, 400),
)
calls = st.lists(st.builds(CallOut, st.just("thandi"), intervals, st.sampled_from("12"), st.booleans()), max_size=12)
in_one_night = st.builds(
    lambda start, length: Interval(NIGHT + start * MINUTE, NIGHT + (start + length) * MINUTE),
    st.integers(0, 60 * 24),
    st.integers(0, 200),
)
crowded = st.lists(st.builds(CallOut, st.just("thandi"), in_one_night, st.just("1")), max_size=12)


@given(calls | crowded, agreements)
def test_no_second_is_paid_twice_and_none_that_was_worked_is_lost(calls: list[CallOut], rules: list[Rules]):
    counted = pay(*rules, zone=LONDON)
    blocks = counted.blocks(calls)
    credited = [part for block in blocks for part in block.credited]
    assert seconds(credited) == seconds(united(credited))
    after_hours = [one.interval for one in calls if counted.is_call_out(one)]
    assert without(after_hours, credited) == ()
    assert sum(len(block.call_outs) for block in blocks) == sum(map(counted.is_call_out, calls))


@given(calls | crowded, agreements)
def test_what_is_credited_is_work_or_the_minimum_and_nothing_else(calls: list[CallOut], rules: list[Rules]):
    for block in pay(*rules, zone=LONDON).blocks(calls):
        assert without(block.credited, [block.guaranteed, *block.worked]) == ()
        assert block.guaranteed.seconds in (0, block.rules.minimum.total_seconds())


@given(calls | crowded, agreements, st.integers(0, 60 * 24 * 40))
def test_two_halves_of_a_month_count_for_what_the_whole_does(calls: list[CallOut], rules: list[Rules], cut: int):
    counted, middle = pay(*rules, zone=LONDON), MONTH.start + cut * MINUTE
    halves = Interval(MONTH.start, middle), Interval(middle, MONTH.end + timedelta(days=9))
    whole = counted.blocks(calls)
    parts = [found for half in halves for block in whole if (found := block.within(half))]
    assert sum(seconds(block.credited) for block in parts) == sum(seconds(block.credited) for block in whole)


@given(st.lists(intervals, max_size=6), agreements)
def test_bands_add_up_and_are_those_of_the_worklog(spans: list[Interval], rules: list[Rules]):
    counted, apart = pay(*rules, zone=LONDON), united(spans)
    found = counted.measure(apart)
    judged = [seconds_by_band(split(one.start, one.end, OFFICES[LONDON])) for one in apart]
    assert found.bands == {band: sum(one[band] for one in judged) for band in Band}
    assert found.whole == seconds(apart)
    assert found.deep_night <= found.whole
    assert found.night <= found.whole


@given(st.lists(intervals, max_size=6), st.lists(intervals, max_size=6))
def test_time_is_divided_without_rest(spans: list[Interval], others: list[Interval]):
    both, rest = common(spans, others), without(spans, others)
    assert united([*both, *rest]) == united(spans)
    assert seconds(both) + seconds(rest) == seconds(united(spans))
    assert all(not within(others, one) for one in rest)


def test_rules_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="from nothing to 24 hours"):
        Rules(LONG_AGO, timedelta(hours=25))
    with pytest.raises(ValueError, match="from nothing to 24 hours"):
        Rules(LONG_AGO, merge=timedelta(seconds=-1))
    with pytest.raises(ValueError, match="another end"):
        Rules(LONG_AGO, night=(time(18), time(18)))
