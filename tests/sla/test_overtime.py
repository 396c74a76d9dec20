"""Overtime: bands as a table, as properties, and by a clock read second by second; then the verdicts."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sla.calendar import DAY, BusinessCalendar, Hours, OutsideTable
from sla.interval import Interval
from sla.overtime import Band, Cover, Part, State, Terms, judge, seconds_by_band, split

OFFICE, EVENING, SATURDAY, SUNDAY, HOLIDAY = Band

HOLIDAYS = frozenset(
    {
        date(2026, 8, 9),  # National Women's Day, a Sunday
        date(2026, 8, 10),  # so the Monday too
        date(2026, 9, 24),
        date(2026, 11, 4),  # declared for the local elections
        date(2026, 12, 16),
        date(2026, 12, 25),
        date(2026, 12, 26),  # a Saturday: nothing moves, Monday 28 December is a working day
    }
)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def at(text, zone="Africa/Johannesburg"):
    """`Tue 3 Nov 17:00` of 2026, as an instant; the weekday is there for the reader, and checked."""
    weekday, day, month, clock = text.split()
    day = date(2026, MONTHS.index(month) + 1, int(day))
    assert f"{day:%a}" == weekday, text
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def calendar(zone="Africa/Johannesburg", **more):
    weekdays = {"week": tuple(Hours(weekday, 510, 1020) for weekday in range(5))}
    return BusinessCalendar(
        zone=zone, holidays=HOLIDAYS, first=date(2026, 1, 1), last=date(2026, 12, 31), **weekdays | more
    )


WEEK = calendar()
OPEN_SAT = calendar(week=(*WEEK.week, Hours(5, 540, 780)))
BREAKS = calendar(week=tuple(Hours(day, *hours) for day in range(5) for hours in ((480, 720), (780, 1020))))
ALWAYS = BusinessCalendar.always("Africa/Johannesburg", WEEK.first, WEEK.last, HOLIDAYS)
NIGHTS = calendar(week=tuple(Hours(day, *hours) for day in range(7) for hours in ((0, 300), (1200, DAY))))


@pytest.mark.parametrize(
    ("case", "cal", "start", "end", "parts"),
    [
        ("office hours", WEEK, "Tue 3 Nov 09:00", "Tue 3 Nov 09:10", [(OFFICE, 600)]),
        ("past closing", WEEK, "Tue 3 Nov 16:45", "Tue 3 Nov 17:30", [(OFFICE, 900), (EVENING, 1800)]),
        ("from closing on", WEEK, "Tue 3 Nov 17:00", "Tue 3 Nov 17:01", [(EVENING, 60)]),
        ("up to opening", WEEK, "Tue 3 Nov 08:29:59", "Tue 3 Nov 08:30:01", [(EVENING, 1), (OFFICE, 1)]),
        (
            "a break",
            BREAKS,
            "Tue 3 Nov 11:59",
            "Tue 3 Nov 13:01",
            [(OFFICE, 60), (EVENING, 3600), (OFFICE, 60)],
        ),
        ("midnight", WEEK, "Mon 2 Nov 23:59", "Tue 3 Nov 00:01", [(EVENING, 60), (EVENING, 60)]),
        ("24/7", ALWAYS, "Mon 2 Nov 23:59", "Tue 3 Nov 00:01", [(OFFICE, 60), (OFFICE, 60)]),
        ("into Saturday", WEEK, "Fri 6 Nov 23:59", "Sat 7 Nov 00:02", [(EVENING, 60), (SATURDAY, 120)]),
        ("into Sunday", WEEK, "Sat 7 Nov 23:00", "Sun 8 Nov 01:00", [(SATURDAY, 3600), (SUNDAY, 3600)]),
        ("into Monday", WEEK, "Sun 8 Nov 23:00", "Mon 9 Nov 01:00", [(SUNDAY, 3600), (EVENING, 3600)]),
        ("an open Saturday", OPEN_SAT, "Sat 7 Nov 12:59", "Sat 7 Nov 13:01", [(OFFICE, 60), (SATURDAY, 60)]),
        ("a holiday's office hours", WEEK, "Thu 24 Sep 10:00", "Thu 24 Sep 11:00", [(HOLIDAY, 3600)]),
        ("a whole holiday is one part", WEEK, "Thu 24 Sep 00:00", "Fri 25 Sep 00:00", [(HOLIDAY, 86400)]),
        ("24/7, too", ALWAYS, "Thu 24 Sep 00:00", "Fri 25 Sep 00:01", [(HOLIDAY, 86400), (OFFICE, 60)]),
        ("a Sunday holiday's Monday", WEEK, "Sun 9 Aug 23:59", "Mon 10 Aug 00:01", [(HOLIDAY, 60)] * 2),
        ("into Sunday's", WEEK, "Sat 8 Aug 23:59", "Sun 9 Aug 00:01", [(SATURDAY, 60), (HOLIDAY, 60)]),
        ("after the Monday", WEEK, "Tue 11 Aug 10:00", "Tue 11 Aug 10:01", [(OFFICE, 60)]),
        ("a holiday on Saturday moves nothing", WEEK, "Mon 28 Dec 10:00", "Mon 28 Dec 10:01", [(OFFICE, 60)]),
        ("a declared day", WEEK, "Wed 4 Nov 10:00", "Wed 4 Nov 10:10", [(HOLIDAY, 600)]),
        ("into 16 December", WEEK, "Tue 15 Dec 23:50", "Wed 16 Dec 00:20", [(EVENING, 600), (HOLIDAY, 1200)]),
        ("out of it", WEEK, "Wed 16 Dec 23:30", "Thu 17 Dec 00:30", [(HOLIDAY, 1800), (EVENING, 1800)]),
        ("no time", WEEK, "Tue 3 Nov 09:00", "Tue 3 Nov 09:00", []),
        ("the wrong way round", WEEK, "Tue 3 Nov 09:01", "Tue 3 Nov 09:00", []),
        ("odd ends", WEEK, "Tue 3 Nov 16:59:58.9", "Tue 3 Nov 17:00:01.9", [(OFFICE, 2), (EVENING, 1)]),
        ("less than a second", WEEK, "Tue 3 Nov 16:59:58.1", "Tue 3 Nov 16:59:58.9", []),
    ],
)
def test_split(case, cal, start, end, parts):
    found = split(at(start), at(end), cal)
    assert [(part.band, part.interval.seconds) for part in found] == parts, case


def test_half_past_eleven_at_night_in_utc_is_the_next_day_in_johannesburg():
    start, end = datetime(2026, 12, 15, 23, 30, tzinfo=UTC), datetime(2026, 12, 15, 23, 40, tzinfo=UTC)
    assert split(start, end, WEEK) == (Part(Interval(start, end), Band.PUBLIC_HOLIDAY),)


def test_a_closure_or_a_forced_opening_changes_who_answers_but_never_the_band():
    party = Interval(at("Tue 3 Nov 12:00"), at("Tue 3 Nov 17:00"))
    storm = Interval(at("Sat 7 Nov 12:00"), at("Sat 7 Nov 17:00"))
    forced = calendar(closures=(party,), openings=(storm,))
    assert [part.band for part in split(party.start, party.end, forced)] == [Band.OFFICE]
    assert [part.band for part in split(storm.start, storm.end, forced)] == [Band.SATURDAY]


def test_a_dates_own_hours_are_regular_hours_except_on_a_holiday():
    dated = calendar(dates=((date(2026, 12, 24), ((510, 720),)), (date(2026, 12, 16), ((510, 720),))))
    assert [part.band for part in split(at("Thu 24 Dec 11:59"), at("Thu 24 Dec 12:01"), dated)] == [
        OFFICE,
        EVENING,
    ]
    assert [part.band for part in split(at("Wed 16 Dec 11:59"), at("Wed 16 Dec 12:01"), dated)] == [HOLIDAY]


def test_time_outside_the_calendar_is_not_guessed():
    with pytest.raises(OutsideTable):
        split(at("Thu 31 Dec 23:00"), at("Thu 31 Dec 23:00") + timedelta(hours=2), WEEK)


CALENDARS = [WEEK, OPEN_SAT, BREAKS, ALWAYS, NIGHTS]
CALENDARS += [calendar(zone) for zone in ("Europe/London", "America/New_York", "Australia/Lord_Howe")]
EDGES = [
    "Sun 8 Mar 09:00",
    "Sat 4 Apr 17:00",
    "Sun 29 Mar 03:00",
    "Sat 8 Aug 23:59",
    "Mon 10 Aug 23:59",
    "Sat 3 Oct 17:30",
]
EDGES += [
    "Sun 25 Oct 03:00",
    "Sun 1 Nov 08:00",
    "Tue 3 Nov 23:59",
    "Sat 7 Nov 12:00",
    "Tue 15 Dec 23:59",
    "Sat 26 Dec 23:00",
]
starts = st.builds(
    lambda edge, offset: at(edge) + offset,
    st.sampled_from(EDGES),
    st.timedeltas(timedelta(hours=-30), timedelta(hours=30)),
)
lengths = st.one_of(st.timedeltas(timedelta(0), timedelta(minutes=30)), st.timedeltas(timedelta(0), timedelta(days=3)))


@given(st.sampled_from(CALENDARS), starts, lengths)
def test_parts_are_consecutive_and_add_up(cal, start, length):
    parts = split(start, start + length, cal)
    assert all(one.interval.end == two.interval.start for one, two in pairwise(parts))
    assert all(part.interval.seconds for part in parts)
    floor, end = (instant.replace(microsecond=0) for instant in (start, start + length))
    assert [floor, end] == [parts[0].interval.start, parts[-1].interval.end] if parts else floor == end
    assert sum(seconds_by_band(parts).values()) == (end - floor).total_seconds()


@given(st.sampled_from(CALENDARS), starts, lengths)
def test_a_part_lies_within_one_day_and_is_as_long_as_it_can_be(cal, start, length):
    parts = split(start, start + length, cal)
    days = [cal.local_date(part.interval.start) for part in parts]
    assert days == [cal.local_date(part.interval.end - timedelta(seconds=1)) for part in parts]
    keys = zip(days, (part.band for part in parts), strict=True)
    assert all(one != two for one, two in pairwise(keys))


@given(st.sampled_from(CALENDARS), starts, st.lists(lengths, min_size=2, max_size=2).map(sorted))
def test_cutting_work_in_two_changes_no_band(cal, start, cuts):
    middle, end = (start + cut for cut in cuts)
    halves = Counter(seconds_by_band(split(start, middle, cal))) + Counter(seconds_by_band(split(middle, end, cal)))
    assert +Counter(seconds_by_band(split(start, end, cal))) == halves


@settings(deadline=None)  # reading is slow
@given(st.sampled_from(CALENDARS), starts, st.integers(0, 1500))
@example(WEEK, at("Tue 15 Dec 23:50"), 1200)
@example(OPEN_SAT, at("Sat 7 Nov 12:50"), 1200)
def test_bands_as_read_from_the_clock_second_by_second(cal, start, seconds):
    counted = Counter(band_on_the_wall(cal, start + timedelta(seconds=n)) for n in range(seconds))
    assert +Counter(seconds_by_band(split(start, start + timedelta(seconds=seconds), cal))) == counted


@pytest.mark.parametrize("cal", CALENDARS, ids=lambda cal: f"{cal.zone} {len(cal.week)}")
@pytest.mark.parametrize("edge", EDGES)
def test_three_days_minute_by_minute(cal, edge):
    start, minutes = at(edge), 3 * DAY
    counted = Counter(band_on_the_wall(cal, start + timedelta(minutes=n)) for n in range(minutes))
    bands = seconds_by_band(split(start, start + timedelta(minutes=minutes), cal))
    assert bands == {band: counted[band] * 60 for band in Band}


def band_on_the_wall(cal, instant):
    """By looking at the clock and the lists, one instant at a time."""
    local = instant.astimezone(ZoneInfo(cal.zone))
    minute = local.hour * 60 + local.minute
    if local.date() in HOLIDAYS:
        return HOLIDAY
    if any(hours.weekday == local.weekday() and hours.opens <= minute < hours.closes for hours in cal.week):
        return OFFICE
    return [EVENING, EVENING, EVENING, EVENING, EVENING, SATURDAY, SUNDAY][local.weekday()]


def test_seconds_by_band_names_all_five():
    assert seconds_by_band(()) == dict.fromkeys(Band, 0)


INCLUDED, BILLABLE, NOT_COVERED = Cover
PREMIUM = Terms("Premium 24/7", 3, dict.fromkeys(Band, INCLUDED))
HOURS_ONLY = Terms("Daytime", 1, {**dict.fromkeys(Band, BILLABLE), OFFICE: INCLUDED})
SILENT = Terms("Silent", 2, HOURS_ONLY.bands, needs_consent=False)
AD_HOC = Terms("Ad hoc", 1, dict.fromkeys(Band, BILLABLE))
NO_NIGHTS = Terms("Days", 1, {**dict.fromkeys(Band, NOT_COVERED), OFFICE: INCLUDED})
NO_NIGHTS_SILENT = Terms("Days", 2, NO_NIGHTS.bands, needs_consent=False)
MIXED = Terms(
    "Mixed",
    1,
    {OFFICE: INCLUDED, EVENING: INCLUDED, SATURDAY: BILLABLE, SUNDAY: NOT_COVERED, HOLIDAY: BILLABLE},
)
NIGHTS_ONLY = Terms("Nights", 1, {**dict.fromkeys(Band, INCLUDED), OFFICE: NOT_COVERED})


@pytest.mark.parametrize(
    ("case", "worked", "terms", "consent", "state"),
    [
        ("nobody was connected", {}, PREMIUM, True, State.NONE),
        ("nor for a stranger", {}, None, None, State.NONE),
        ("a stranger in office hours", {OFFICE: 600}, None, None, State.TO_CHECK),
        ("a stranger who accepted", {SUNDAY: 600}, None, True, State.TO_CHECK),
        ("office hours included", {OFFICE: 600}, HOURS_ONLY, None, State.NONE),
        ("office hours, refused all the same", {OFFICE: 600}, HOURS_ONLY, False, State.NONE),
        ("office hours of an ad hoc customer", {OFFICE: 600}, AD_HOC, None, State.BILLABLE),
        ("office hours not covered", {OFFICE: 600}, NIGHTS_ONLY, None, State.TO_CHECK),
        ("after hours included", {SUNDAY: 600}, PREMIUM, None, State.INCLUDED),
        ("included though refused", {SUNDAY: 600}, PREMIUM, False, State.INCLUDED),
        ("after hours with consent", {EVENING: 600}, HOURS_ONLY, True, State.BILLABLE),
        ("after hours refused", {EVENING: 600}, HOURS_ONLY, False, State.TO_CHECK),
        ("after hours without an answer", {EVENING: 600}, HOURS_ONLY, None, State.TO_CHECK),
        ("no consent needed", {EVENING: 600}, SILENT, None, State.BILLABLE),
        ("no consent needed, and refused", {EVENING: 600}, SILENT, False, State.BILLABLE),
        ("not covered, accepted as ad hoc", {HOLIDAY: 600}, NO_NIGHTS, True, State.BILLABLE),
        ("not covered, refused", {HOLIDAY: 600}, NO_NIGHTS, False, State.TO_CHECK),
        ("not covered, no answer", {HOLIDAY: 600}, NO_NIGHTS, None, State.TO_CHECK),
        ("not covered asks for consent always", {HOLIDAY: 600}, NO_NIGHTS_SILENT, None, State.TO_CHECK),
        ("office and evening, included", {OFFICE: 60, EVENING: 60}, MIXED, None, State.INCLUDED),
        ("office and Saturday, accepted", {OFFICE: 60, SATURDAY: 60}, MIXED, True, State.BILLABLE),
        ("included and billable", {EVENING: 60, SATURDAY: 60}, MIXED, True, State.BILLABLE),
        ("included and to check", {EVENING: 60, SATURDAY: 60}, MIXED, None, State.TO_CHECK),
        ("billable and to check", {OFFICE: 60, EVENING: 60}, AD_HOC, None, State.TO_CHECK),
    ],
)
def test_verdict(case, worked, terms, consent, state):
    bands = dict.fromkeys(Band, 0) | worked
    verdict = judge(bands, terms, consent)
    assert (verdict.state, verdict.bands) == (state, bands), case


ACCEPTED = "the caller accepted overtime rates."
REFUSED = "the caller refused overtime rates."
SILENCE = "the caller was not asked or did not answer."


@pytest.mark.parametrize(
    ("worked", "terms", "consent", "explanation"),
    [
        (
            {SUNDAY: 600},
            HOURS_ONLY,
            True,
            [
                "Billable: 10 min on a Sunday",
                "contract Daytime, version 1, bills work on a Sunday",
                ACCEPTED,
            ],
        ),
        (
            {OFFICE: 900, SATURDAY: 1800},
            HOURS_ONLY,
            None,
            [
                "To check: 15 min in office hours and 30 min on a Saturday",
                "contract Daytime, version 1, includes work in office hours and bills work on a Saturday",
                SILENCE,
            ],
        ),
        (
            {EVENING: 5430},
            SILENT,
            False,
            [
                "Billable: 1 h 30 min 30 s on a weekday after hours",
                "contract Silent, version 2, bills work on a weekday after hours, asking for no consent",
                REFUSED,
            ],
        ),
        (
            {OFFICE: 45},
            PREMIUM,
            None,
            [
                "No overtime: 45 s, all in office hours",
                "contract Premium 24/7, version 3, includes work in office hours.",
            ],
        ),
        (
            {SUNDAY: 3600, SATURDAY: 60, OFFICE: 7},
            MIXED,
            False,
            [
                "To check: 7 s in office hours, 1 min on a Saturday and 1 h on a Sunday",
                (
                    "contract Mixed, version 1, includes work in office hours, bills work on a Saturday and "
                    "does not cover work on a Sunday"
                ),
                REFUSED,
            ],
        ),
        (
            {OFFICE: 120},
            None,
            None,
            [
                "To check: 2 min, all in office hours",
                "no contract is known for this caller, so billing staff decide",
                SILENCE,
            ],
        ),
        ({}, PREMIUM, None, ["No overtime: nobody was connected, so there is nothing to bill."]),
    ],
)
def test_one_sentence_explains_the_verdict(worked, terms, consent, explanation):
    assert judge(worked, terms, consent).explanation == "; ".join(explanation)


GRAVITY = [State.NONE, State.INCLUDED, State.BILLABLE, State.TO_CHECK]
terms_of_any_kind = st.builds(
    Terms,
    st.just("Any"),
    st.just(1),
    st.fixed_dictionaries({band: st.sampled_from(Cover) for band in Band}),
    st.booleans(),
)


@given(
    st.dictionaries(st.sampled_from(Band), st.integers(1, 9999), min_size=1),
    st.none() | terms_of_any_kind,
    st.sampled_from([True, False, None]),
)
def test_a_mixed_verdict_is_the_gravest_of_its_bands(worked, terms, consent):
    alone = [judge({band: seconds}, terms, consent).state for band, seconds in worked.items()]
    verdict = judge(worked, terms, consent)
    assert verdict.state == max(alone, key=GRAVITY.index)
    assert verdict.explanation.count(".") == 1
    assert verdict.explanation.endswith(".")


def test_a_contract_has_to_speak_of_every_band():
    with pytest.raises(ValueError, match="contract Half, version 1, leaves out sunday, public_holiday"):
        Terms("Half", 1, {OFFICE: INCLUDED, EVENING: INCLUDED, SATURDAY: BILLABLE})
