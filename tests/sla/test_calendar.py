"""The business calendar: conventions as tables, arithmetic as properties, days by a slow clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla.calendar import DAY, BusinessCalendar, Hours, OutsideTable
from sla.interval import Interval

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
HOLIDAYS = frozenset({date(2026, 8, 9), date(2026, 8, 10), date(2026, 11, 4), date(2026, 12, 16), date(2026, 12, 25)})
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ZONES = ("Africa/Johannesburg", "Europe/London", "America/New_York", "Australia/Lord_Howe")
JOHANNESBURG, LONDON, NEW_YORK, LORD_HOWE = ZONES


def at(text, zone=JOHANNESBURG):
    """`Tue 3 Nov 17:00` on the wall, as an instant; the weekday is there for the reader, and checked."""
    weekday, day, month, *year, clock = text.split()
    day = date(int(*year or ["2026"]), MONTHS.index(month) + 1, int(day))
    assert f"{day:%a}" == weekday, text
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def between(start, end):
    return Interval(at(start), at(end))


def wall(instant):
    local = instant.astimezone(ZoneInfo(JOHANNESBURG))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def week(*stretches, weekdays=range(5)):
    return tuple(Hours(weekday, opens, closes) for weekday in weekdays for opens, closes in stretches)


OFFICE_WEEK = week((510, 1020))


@cache
def calendar(zone=JOHANNESBURG, week=OFFICE_WEEK, **exceptions):
    return BusinessCalendar(zone=zone, week=week, holidays=HOLIDAYS, first=FIRST, last=LAST, **exceptions)


OFFICE = calendar()
SHOP = calendar(week=(*week((480, 720), (780, 1020)), Hours(5, 540, 1440), Hours(6, 0, 120)))
ALWAYS = BusinessCalendar.always(JOHANNESBURG, FIRST, LAST, HOLIDAYS)
LONGER = calendar(
    openings=(between("Tue 3 Nov 17:00", "Tue 3 Nov 18:00"), between("Tue 3 Nov 08:00", "Tue 3 Nov 08:30"))
)
SHUT = calendar(closures=(Interval(at("Tue 3 Nov 12:00"), datetime.max.replace(tzinfo=UTC)),))
NEVER = calendar(week=(), may_never_open=True)


@pytest.mark.parametrize(
    ("case", "cal", "when", "is_open", "next_opening", "closes_at"),
    [
        ("a morning", OFFICE, "Tue 3 Nov 10:00", True, "Tue 3 Nov 10:00", "Tue 3 Nov 17:00"),
        ("just before opening", OFFICE, "Tue 3 Nov 08:29:59.999999", False, "Tue 3 Nov 08:30", None),
        ("the opening instant", OFFICE, "Tue 3 Nov 08:30", True, "Tue 3 Nov 08:30", "Tue 3 Nov 17:00"),
        ("17:00 sharp, before a holiday", OFFICE, "Tue 3 Nov 17:00", False, "Thu 5 Nov 08:30", None),
        ("a declared day", OFFICE, "Wed 4 Nov 10:00", False, "Thu 5 Nov 08:30", None),
        ("Friday evening", OFFICE, "Fri 6 Nov 18:00", False, "Mon 9 Nov 08:30", None),
        ("the Monday after a Sunday holiday", OFFICE, "Mon 10 Aug 10:00", False, "Tue 11 Aug 08:30", None),
        ("still the 15th in UTC", OFFICE, "Wed 16 Dec 01:30", False, "Thu 17 Dec 08:30", None),
        ("a break", SHOP, "Tue 3 Nov 12:30", False, "Tue 3 Nov 13:00", None),
        ("before a break", SHOP, "Tue 3 Nov 11:00", True, "Tue 3 Nov 11:00", "Tue 3 Nov 12:00"),
        ("24:00 joins 00:00", SHOP, "Sat 7 Nov 20:00", True, "Sat 7 Nov 20:00", "Sun 8 Nov 02:00"),
        ("24/7 at midnight on a holiday", ALWAYS, "Wed 16 Dec 00:00", True, "Wed 16 Dec 00:00", None),
        (
            "forced open before and after",
            LONGER,
            "Tue 3 Nov 08:00",
            True,
            "Tue 3 Nov 08:00",
            "Tue 3 Nov 18:00",
        ),
        ("before it was shut for good", SHUT, "Tue 3 Nov 10:00", True, "Tue 3 Nov 10:00", "Tue 3 Nov 12:00"),
        ("shut for good", SHUT, "Tue 3 Nov 12:00", False, None, None),
        ("never open", NEVER, "Tue 3 Nov 12:00", False, None, None),
    ],
)
def test_open_or_closed(case, cal, when, is_open, next_opening, closes_at):
    assert cal.is_open(at(when)) is is_open, case
    assert cal.next_opening(at(when)) == (next_opening and at(next_opening)), case
    assert cal.closes_at(at(when)) == (closes_at and at(closes_at)), case


HALF_DAY = (date(2026, 12, 24), ((510, 720),))
ELECTION_DESK = (date(2026, 11, 4), ((600, 720),))
INVENTORY = (date(2026, 11, 5), ())
DATED = calendar(dates=(HALF_DAY, ELECTION_DESK, INVENTORY))
PARTY = between("Tue 3 Nov 15:00", "Tue 3 Nov 20:00")
STORM = between("Tue 3 Nov 16:00", "Tue 3 Nov 18:00")
CLOSED = calendar(closures=(PARTY,))
FORCED = calendar(closures=(PARTY,), openings=(STORM,))
DRILL = between("Tue 3 Nov 10:00", "Tue 3 Nov 11:00")
DRILLED = calendar(openings=(DRILL,))


@pytest.mark.parametrize(
    ("case", "cal", "when", "is_open"),
    [
        ("a date's own hours", DATED, "Thu 24 Dec 11:59", True),
        ("replace the weekday's", DATED, "Thu 24 Dec 12:00", False),
        ("and beat a holiday", DATED, "Wed 4 Nov 10:00", True),
        ("no hours at all: closed that day", DATED, "Thu 5 Nov 10:00", False),
        ("other days are as ever", DATED, "Fri 6 Nov 10:00", True),
        ("until the closure", CLOSED, "Tue 3 Nov 14:59", True),
        ("a closure beats the hours", CLOSED, "Tue 3 Nov 15:00", False),
        ("a forced opening beats the closure", FORCED, "Tue 3 Nov 16:00", True),
        ("and the hours", FORCED, "Tue 3 Nov 17:30", True),
        ("as long as it lasts", FORCED, "Tue 3 Nov 18:00", False),
        ("before it, the closure holds", FORCED, "Tue 3 Nov 15:59", False),
        ("an opening within the hours adds nothing", DRILLED, "Tue 3 Nov 08:29", False),
        ("and ends nothing", DRILLED, "Tue 3 Nov 12:00", True),
    ],
)
def test_what_beats_what(case, cal, when, is_open):
    assert cal.is_open(at(when)) is is_open, case


def test_regular_hours_ignore_what_was_forced_but_not_the_dates_own_hours():
    tuesday = between("Tue 3 Nov 00:00", "Wed 4 Nov 00:00")
    assert FORCED.regular_hours(tuesday) == (between("Tue 3 Nov 08:30", "Tue 3 Nov 17:00"),)
    christmas_eve = between("Thu 24 Dec 09:00", "Thu 24 Dec 17:00")
    assert DATED.regular_hours(christmas_eve) == (between("Thu 24 Dec 09:00", "Thu 24 Dec 12:00"),)


def hours(number):
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("case", "start", "duration", "end"),
    [
        ("within a day", "Tue 3 Nov 09:00", hours(2), "Tue 3 Nov 11:00"),
        ("used up exactly at closing: the closing instant", "Tue 3 Nov 15:00", hours(2), "Tue 3 Nov 17:00"),
        ("over a holiday", "Tue 3 Nov 16:00", hours(2), "Thu 5 Nov 09:30"),
        ("over a weekend", "Fri 6 Nov 16:00", hours(4), "Mon 9 Nov 11:30"),
        ("from a closed evening", "Fri 6 Nov 20:00", hours(1), "Mon 9 Nov 09:30"),
        ("a whole office day", "Mon 2 Nov 08:30", hours(8.5), "Mon 2 Nov 17:00"),
        ("two of them", "Mon 2 Nov 08:30", hours(17), "Tue 3 Nov 17:00"),
        ("no time while open: now", "Tue 3 Nov 10:00", hours(0), "Tue 3 Nov 10:00"),
        ("no time while closed: the next opening", "Fri 6 Nov 17:00", hours(0), "Mon 9 Nov 08:30"),
    ],
)
def test_after(case, start, duration, end):
    assert wall(OFFICE.after(at(start), duration)) == end, case


@pytest.mark.parametrize(
    ("case", "end", "duration", "start"),
    [
        ("within a day", "Tue 3 Nov 11:00", hours(2), "Tue 3 Nov 09:00"),
        ("used up exactly at opening: the opening instant", "Tue 3 Nov 10:30", hours(2), "Tue 3 Nov 08:30"),
        ("from closing time", "Tue 3 Nov 17:00", hours(2), "Tue 3 Nov 15:00"),
        ("over a holiday", "Thu 5 Nov 09:30", hours(2), "Tue 3 Nov 16:00"),
        ("from a closed morning", "Mon 9 Nov 07:00", hours(1), "Fri 6 Nov 16:00"),
        ("no time while open: now", "Tue 3 Nov 08:30", hours(0), "Tue 3 Nov 08:30"),
        ("no time while closed: the last closing", "Sun 8 Nov 12:00", hours(0), "Fri 6 Nov 17:00"),
    ],
)
def test_before(case, end, duration, start):
    assert wall(OFFICE.before(at(end), duration)) == start, case


@pytest.mark.parametrize(
    ("case", "start", "end", "duration"),
    [
        ("an hour", "Tue 3 Nov 09:00", "Tue 3 Nov 10:00", hours(1)),
        ("a night and a holiday", "Tue 3 Nov 16:00", "Thu 5 Nov 09:00", hours(1.5)),
        ("a weekend", "Fri 6 Nov 17:00", "Mon 9 Nov 08:30", hours(0)),
        ("the wrong way round", "Tue 3 Nov 10:00", "Tue 3 Nov 09:00", hours(0)),
        ("no time", "Tue 3 Nov 10:00", "Tue 3 Nov 10:00", hours(0)),
    ],
)
def test_open_between(case, start, end, duration):
    assert OFFICE.open_between(at(start), at(end)) == duration, case


@pytest.mark.parametrize(
    ("case", "zone", "stretch", "day", "opens", "closes"),  # opens and closes in UTC
    [
        ("a day of 24 hours", JOHANNESBURG, (0, 1440), "2026-03-29", "22:00", "22:00"),
        ("23 hours", LONDON, (0, 1440), "2026-03-29", "00:00", "23:00"),
        ("25 hours", LONDON, (0, 1440), "2026-10-25", "23:00", "00:00"),
        ("23 and a half", LORD_HOWE, (0, 1440), "2026-10-04", "13:30", "13:00"),
        ("24 and a half", LORD_HOWE, (0, 1440), "2026-04-05", "13:00", "13:30"),
        ("opens at a skipped time", NEW_YORK, (150, 600), "2026-03-08", "07:30", "14:00"),
        ("closes at a skipped time", NEW_YORK, (60, 150), "2026-03-08", "06:00", "07:30"),
        ("skipped half an hour", LORD_HOWE, (135, 600), "2026-10-04", "15:45", "23:00"),
        ("opens at a time that comes twice", NEW_YORK, (90, 600), "2026-11-01", "05:30", "15:00"),
        ("closes at a time that comes twice", NEW_YORK, (0, 90), "2026-11-01", "04:00", "05:30"),
    ],
)
def test_days_on_which_the_clocks_change(case, zone, stretch, day, opens, closes):
    day = date.fromisoformat(day)
    cal = BusinessCalendar(zone=zone, week=week(stretch, weekdays=[6]), first=day, last=day)
    (found,) = cal.regular_hours(day_in(zone, day))
    assert (f"{found.start:%H:%M}", f"{found.end:%H:%M}") == (opens, closes), case


def day_in(zone, day):
    start, end = (datetime.combine(each, time(), ZoneInfo(zone)) for each in (day, day + timedelta(days=1)))
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


@pytest.mark.parametrize(("day", "length"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_open_time_is_elapsed_time(day, length):
    london = BusinessCalendar.always(LONDON, FIRST, LAST)
    span = day_in(LONDON, date.fromisoformat(day))
    assert london.open_between(span.start, span.end) == hours(length)
    assert london.after(span.start, hours(length)) == span.end
    assert span.seconds == length * 3600


def test_the_local_date_decides_what_is_a_holiday():
    late = datetime(2026, 12, 15, 23, 30, tzinfo=UTC)
    assert OFFICE.local_date(late) == date(2026, 12, 16)
    assert OFFICE.is_holiday(late)
    assert not OFFICE.is_holiday(datetime(2026, 12, 16, 22, 0, tzinfo=UTC))
    assert ALWAYS.is_holiday(late)
    assert ALWAYS.is_open(late)


def test_days_of_a_span_are_cut_at_local_midnight():
    span = between("Tue 15 Dec 23:00", "Thu 17 Dec 00:00")
    assert OFFICE.days(span) == (
        (date(2026, 12, 15), between("Tue 15 Dec 23:00", "Wed 16 Dec 00:00")),
        (date(2026, 12, 16), between("Wed 16 Dec 00:00", "Thu 17 Dec 00:00")),
    )


@pytest.mark.parametrize(
    ("case", "cal", "received", "number", "opens", "closes"),
    [
        ("a Monday morning", OFFICE, "Mon 2 Nov 07:00", 1, "Tue 3 Nov 08:30", "Tue 3 Nov 17:00"),
        ("a Friday evening", OFFICE, "Fri 6 Nov 18:00", 1, "Mon 9 Nov 08:30", "Mon 9 Nov 17:00"),
        ("a Saturday", OFFICE, "Sat 7 Nov 10:00", 1, "Mon 9 Nov 08:30", "Mon 9 Nov 17:00"),
        ("the eve of a holiday", OFFICE, "Tue 3 Nov 10:00", 1, "Thu 5 Nov 08:30", "Thu 5 Nov 17:00"),
        ("the third from then", OFFICE, "Tue 3 Nov 10:00", 3, "Mon 9 Nov 08:30", "Mon 9 Nov 17:00"),
        ("a day with a break", SHOP, "Mon 2 Nov 10:00", 1, "Tue 3 Nov 08:00", "Tue 3 Nov 17:00"),
        ("open over midnight: until that midnight", SHOP, "Fri 6 Nov 10:00", 1, "Sat 7 Nov 09:00", "Sun 8 Nov 00:00"),
        ("round the clock: the whole of tomorrow", ALWAYS, "Fri 6 Nov 10:00", 1, "Sat 7 Nov 00:00", "Sun 8 Nov 00:00"),
    ],
)
def test_the_next_business_day_is_counted_from_the_local_day_of_receipt(case, cal, received, number, opens, closes):
    assert cal.business_day(at(received), number) == between(opens, closes), case


def test_open_hours_are_what_is_open_all_told():
    tuesday = between("Tue 3 Nov 00:00", "Wed 4 Nov 00:00")
    assert FORCED.open_hours(tuesday) == (
        between("Tue 3 Nov 08:30", "Tue 3 Nov 15:00"),
        between("Tue 3 Nov 16:00", "Tue 3 Nov 18:00"),
    )


def test_overlap_is_what_both_have():
    morning = between("Tue 3 Nov 08:00", "Tue 3 Nov 12:00")
    noon = between("Tue 3 Nov 11:00", "Tue 3 Nov 13:00")
    afternoon = between("Tue 3 Nov 12:00", "Tue 3 Nov 17:00")
    assert morning.overlap(noon) == noon.overlap(morning) == between("Tue 3 Nov 11:00", "Tue 3 Nov 12:00")
    assert morning.overlap(afternoon) is None
    assert morning < noon < afternoon


INSTANT = timedelta(microseconds=1)
BEGINNING, END = at("Thu 1 Jan 00:00"), at("Sat 1 Jan 2028 00:00")


@pytest.mark.parametrize(
    ("case", "ask"),
    [
        ("an instant before the first day", lambda: OFFICE.is_open(BEGINNING - INSTANT)),
        ("the end itself, which begins an unknown day", lambda: OFFICE.is_open(END)),
        ("the next opening from there", lambda: OFFICE.next_opening(END)),
        ("the closing time there", lambda: OFFICE.closes_at(END)),
        ("a holiday there", lambda: OFFICE.is_holiday(END)),
        ("open time up to beyond the end", lambda: OFFICE.open_between(BEGINNING, END + hours(1))),
        ("a day beyond the end", lambda: OFFICE.days(Interval(BEGINNING, END + hours(1)))),
        ("hours beyond the end", lambda: OFFICE.regular_hours(Interval(BEGINNING, END + hours(1)))),
        ("a deadline beyond the end", lambda: OFFICE.after(END - hours(48), hours(100))),
        ("a start before the beginning", lambda: OFFICE.before(BEGINNING + hours(48), hours(100))),
        ("a business day beyond the end", lambda: OFFICE.business_day(END - hours(1))),
        ("a business day when it never opens", lambda: NEVER.business_day(BEGINNING)),
        ("a business day of a line shut for good", lambda: SHUT.business_day(BEGINNING, 300)),
        ("a deadline when it never opens", lambda: NEVER.after(BEGINNING, hours(1))),
        ("the next moment of a line shut for good", lambda: SHUT.after(END - hours(1), hours(0))),
        ("the last closing when it never opened", lambda: NEVER.before(END, hours(0))),
    ],
)
def test_outside_the_table(case, ask):
    with pytest.raises(OutsideTable, match="knows 2026-01-01 to 2027-12-31 in Africa/Johannesburg, not "):
        pytest.fail(f"{case}: {ask()}")


def test_time_can_be_counted_up_to_the_very_end_of_the_table():
    assert ALWAYS.open_between(BEGINNING, END) == END - BEGINNING == timedelta(days=730)
    assert ALWAYS.after(BEGINNING, END - BEGINNING) == END
    assert ALWAYS.before(END, END - BEGINNING) == BEGINNING
    assert ALWAYS.before(END, hours(0)) == END


@pytest.mark.parametrize(
    ("case", "make"),
    [
        ("no open time at all", lambda: calendar(week=())),
        ("a weekday that is none", lambda: Hours(7, 0, 60)),
        ("hours that close before they open", lambda: Hours(0, 60, 60)),
        ("hours beyond midnight", lambda: Hours(0, 1320, 1500)),
        ("a date's hours beyond midnight", lambda: calendar(dates=((FIRST, ((0, 1441),)),))),
        ("a table that ends before it begins", lambda: BusinessCalendar.always("UTC", LAST, FIRST)),
        ("an interval that ends before it starts", lambda: Interval(END, BEGINNING)),
        ("an interval without a zone", lambda: Interval(datetime(2026, 1, 1), datetime(2026, 1, 2))),  # noqa: DTZ001
        ("an interval in local time", lambda: Interval(BEGINNING.astimezone(ZoneInfo(JOHANNESBURG)), END)),
        ("an instant without a zone", lambda: OFFICE.after(datetime(2026, 1, 2), hours(1))),  # noqa: DTZ001
        ("a negative duration", lambda: OFFICE.after(BEGINNING, hours(-1))),
        ("a negative duration back", lambda: OFFICE.before(END, hours(-1))),
    ],
)
def test_refused(case, make):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        pytest.fail(f"{case}: {make()}")


WEEKS = (
    OFFICE_WEEK,
    week((480, 720), (780, 1020), weekdays=range(6)),
    week((0, 300), (1200, DAY), weekdays=range(7)),
    week((0, DAY), weekdays=range(7)),
)
EXCEPTIONS = (
    {},
    {"dates": (HALF_DAY, ELECTION_DESK, INVENTORY)},
    {
        "closures": (PARTY, STORM, between("Wed 16 Dec 12:00", "Mon 4 Jan 2027 12:34:56.789012")),
        "openings": (STORM,),
    },
    {"openings": (between("Sat 7 Nov 23:59:59.999999", "Sun 8 Nov 03:00"), STORM, DRILL)},
)
calendars = st.builds(
    lambda zone, week, exceptions: calendar(zone, week, **exceptions),
    st.sampled_from(ZONES),
    st.sampled_from(WEEKS),
    st.sampled_from(EXCEPTIONS),
)
INTERESTING = ("Sun 8 Mar 06:30", "Sun 29 Mar 01:30", "Sat 3 Oct 16:00", "Sun 25 Oct 02:30")
INTERESTING += ("Sun 1 Nov 07:00", "Tue 3 Nov 15:00", "Sun 8 Nov 01:00", "Tue 15 Dec 23:59")
instants = st.builds(
    lambda day, offset: at(day) + offset,
    st.sampled_from(INTERESTING),
    st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)
durations = st.one_of(st.just(hours(0)), st.timedeltas(hours(0), hours(12)), st.timedeltas(hours(0), hours(200)))


@given(calendars, instants, durations)
def test_after_lets_just_so_much_open_time_pass(cal, start, duration):
    end = cal.after(start, duration)
    assert cal.open_between(start, end) == duration
    if duration:
        assert cal.open_between(start, end - INSTANT) == duration - INSTANT
    else:
        assert cal.is_open(end)


@given(calendars, instants, durations)
def test_before_is_the_latest_start_that_leaves_so_much_open_time(cal, end, duration):
    start = cal.before(end, duration)
    assert cal.open_between(start, end) == duration
    if duration:
        assert cal.is_open(start)


@given(calendars, instants, durations)
def test_before_undoes_after(cal, instant, duration):
    start = cal.next_opening(instant)
    assert cal.before(cal.after(start, duration), duration) == start


@given(calendars, instants, durations, durations)
def test_durations_add_up(cal, start, one, more):
    assume(more)
    assert cal.after(cal.after(start, one), more) == cal.after(start, one + more)


@given(calendars, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_open_time_adds_up(cal, three):
    start, middle, end = three
    assert cal.open_between(start, end) == cal.open_between(start, middle) + cal.open_between(middle, end)


@given(calendars, instants)
def test_the_next_opening_is_open_with_no_open_time_before_it(cal, instant):
    opening = cal.next_opening(instant)
    assert cal.is_open(opening)
    assert opening == cal.after(instant, hours(0))
    assert cal.open_between(instant, opening) == hours(0)
    assert (opening == instant) is cal.is_open(instant)


@given(calendars, instants)
def test_closing_time_is_the_first_closed_instant(cal, instant):
    closing = cal.closes_at(instant)
    if closing:
        assert not cal.is_open(closing)
        assert cal.open_between(instant, closing) == closing - instant


@given(calendars, instants)
def test_open_as_a_wall_clock_says(cal, instant):
    assert cal.is_open(instant) is open_by_the_wall(cal, instant)


@settings(deadline=None)  # counting is slow
@given(st.sampled_from(ZONES), st.sampled_from(WEEKS), instants, st.integers(0, 2000))
def test_open_minutes_as_counted_one_by_one(zone, week, instant, minutes):
    cal, start = calendar(zone, week), instant.replace(second=0, microsecond=0)
    counted = sum(open_by_the_wall(cal, start + timedelta(minutes=n)) for n in range(minutes))
    assert cal.open_between(start, start + timedelta(minutes=minutes)) == timedelta(minutes=counted)


CHANGES = ("Sun 8 Mar 08:55", "Sun 29 Mar 02:55", "Sat 3 Oct 17:25", "Sun 25 Oct 02:55", "Sun 1 Nov 07:55")
MOMENTS = (*CHANGES, "Tue 3 Nov 16:50", "Sat 7 Nov 23:50", "Thu 5 Nov 03:10")
SHORT = week((0, 200), (205, 1015), (1020, 1430), (1435, DAY), weekdays=range(7))


@settings(deadline=None, max_examples=40)  # walking is slow
@given(st.sampled_from(ZONES), st.sampled_from(MOMENTS), st.integers(0, 600), st.integers(1, 900))
def test_after_and_before_as_walked_second_by_second(zone, moment, offset, wanted):
    """With breaks of five minutes, midnights that are open, and days of 23, 24 and 25 hours."""
    cal, start = calendar(zone, SHORT), at(moment) + timedelta(seconds=offset)
    end, counted, second = start, 0, timedelta(seconds=1)
    while counted < wanted:
        counted += open_by_the_wall(cal, end)
        end += second
    assert cal.after(start, timedelta(seconds=wanted)) == end
    begun = end
    while counted:
        begun -= second
        counted -= open_by_the_wall(cal, begun)
    assert cal.before(end, timedelta(seconds=wanted)) == begun


def open_by_the_wall(cal, instant):
    """By looking at the clock and the lists; no hours in WEEKS begin or end at a skipped time."""
    if any(opening.start <= instant < opening.end for opening in cal.openings):
        return True
    if any(closure.start <= instant < closure.end for closure in cal.closures):
        return False
    local = instant.astimezone(ZoneInfo(cal.zone))
    weekly = [] if local.date() in HOLIDAYS else [h for h in cal.week if h.weekday == local.weekday()]
    today = dict(cal.dates).get(local.date(), [(h.opens, h.closes) for h in weekly])
    return any(opens <= local.hour * 60 + local.minute < closes for opens, closes in today)
