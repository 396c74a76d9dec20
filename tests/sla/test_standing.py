"""Where a ticket stands: stories of a line each, and every accident of others that must not happen here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promised import (
    FIRST_RESPONSE,
    HOUSE,
    NEXT_RESPONSE,
    RESOLUTION,
    at,
    hours,
    plan,
    told,
    wall,
)

from sla.standing import Standing, State, standing, standings
from sla.targets import PRIORITIES, Measure
from sla.timeline import Agreement, Happened, Joined, Timeline, What

CONTRACT = plan(
    normal_first_response=4,
    normal_next_response=4,
    normal_resolution=17,  # two office days
    high_first_response=2,
    high_next_response=2,
    high_resolution=8.5,
    emergency_first_response=1,
    emergency_resolution=4,
)
OPENED = "Mon 23 Nov 08:30 opened normal"


def stands(measure, now: str, *lines: str, plans=(CONTRACT,), joined=()) -> Standing | None:
    return standing(measure, told(*lines, joined=joined), plans, at(now))


@pytest.mark.parametrize(
    ("case", "now", "state", "breached"),
    [
        ("at first", "Mon 23 Nov 08:30", "due", None),
        ("at half, its owner is warned, but nothing is lost", "Mon 23 Nov 10:30", "due", None),
        ("from three quarters on it is at risk", "Mon 23 Nov 11:30", "at_risk", None),
        ("at the very instant it is still in time", "Mon 23 Nov 12:30", "at_risk", None),
        ("and then no longer", "Mon 23 Nov 12:30:01", "breached", "Mon 23 Nov 12:30"),
    ],
)
def test_a_clock_runs_out(case: str, now: str, state: str, breached: str | None):
    found = stands(FIRST_RESPONSE, now, OPENED)
    assert (found.state, wall(found.due), wall(found.breached_at)) == (state, "Mon 23 Nov 12:30", breached), case


def test_a_range_is_at_risk_from_its_aim_on():
    opened = "Mon 23 Nov 09:00 opened high"
    states = [
        stands(FIRST_RESPONSE, f"Mon 23 Nov {clock}", opened, plans=[HOUSE]).state for clock in ("09:59", "10:00")
    ]
    assert states == [State.DUE, State.AT_RISK]


def test_its_owner_is_warned_at_half_and_at_three_quarters_counted_back_in_open_time():
    found = stands(FIRST_RESPONSE, "Mon 23 Nov 15:00", "Mon 23 Nov 15:00 opened normal")
    assert [wall(one) for one in found.warnings] == ["Tue 24 Nov 08:30", "Tue 24 Nov 09:30"]


STORIES = Path(__file__).with_name("standings.txt").read_text().strip().split("\n\n")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.partition("\n")[0])
def test_stories(story: str):
    *events, last = story.splitlines()[1:]
    measure, now, expected = re.fullmatch(r" *= (.*) on (.*?\d\d:\d\d(?::\d\d)?): (.*)", last).groups()
    found = stands(Measure(measure.replace(" ", "_")), now, *map(str.strip, events))
    assert shortly(found) == expected


def shortly(found: Standing | None) -> str:
    if found is None:
        return "nothing"
    due = f", due {wall(found.due)}" if found.due else ""
    return found.state.value + due + (f", late since {wall(found.breached_at)}" if found.breached_at else "")


def test_each_answer_owed_is_a_clock_of_its_own():
    found = standings(
        NEXT_RESPONSE,
        told(
            OPENED,
            "Mon 23 Nov 09:00 answered",
            "Mon 23 Nov 10:00 asked",
            "Mon 23 Nov 15:00 answered",
            "Tue 24 Nov 09:00 asked",
            "Tue 24 Nov 10:00 answered",
            "Wed 25 Nov 09:00 asked",
        ),
        [CONTRACT],
        at("Wed 25 Nov 10:00"),
    )
    assert [one.state for one in found] == [State.BREACHED, State.MET, State.DUE]


def test_what_happens_later_is_not_known_yet():
    events = (OPENED, "Mon 23 Nov 09:00 answered")
    assert stands(FIRST_RESPONSE, "Mon 23 Nov 08:59", *events).state is State.DUE
    assert stands(FIRST_RESPONSE, "Mon 23 Nov 09:00", *events).state is State.MET


def test_low_leaves_its_turnaround_to_an_agreement():
    opened, agreed = "Mon 23 Nov 08:30 opened low", "Mon 23 Nov 09:00 agreed Thu 26 Nov 12:00"
    found = stands(RESOLUTION, "Mon 23 Nov 08:45", opened, plans=[HOUSE])
    assert (found.state, found.due, found.aim, found.warnings) == (State.TO_AGREE, None, None, ())
    assert found.trace == ("The turnaround is agreed request by request.",)
    assert wall(stands(RESOLUTION, "Mon 23 Nov 09:00", opened, agreed, plans=[HOUSE]).due) == "Thu 26 Nov 12:00"
    assert stands(RESOLUTION, "Mon 23 Nov 09:00", opened, "Mon 23 Nov 08:50 resolved", plans=[HOUSE]).state is State.MET


def test_a_turnaround_agreed_for_a_weekend_warns_by_the_wall_clock():
    opened, agreed = "Sat 21 Nov 08:00 opened low", "Sat 21 Nov 10:00 agreed Sun 22 Nov 10:00"
    found = stands(RESOLUTION, "Sat 21 Nov 10:00", opened, agreed, plans=[HOUSE])
    assert [wall(one) for one in found.warnings] == ["Sat 21 Nov 22:00", "Sun 22 Nov 04:00"]


def test_a_late_corrected_contract_judges_anew_what_is_given_to_it():
    events = (OPENED, "Mon 23 Nov 11:30 answered")
    corrected = plan(2, at("Mon 23 Nov 00:00"), normal_first_response=2)
    assert stands(FIRST_RESPONSE, "Mon 23 Nov 12:00", *events).state is State.MET
    assert wall(stands(FIRST_RESPONSE, "Mon 23 Nov 12:00", *events, plans=[CONTRACT, corrected]).breached_at) == (
        "Mon 23 Nov 10:30"
    )


def joins(when: str, *lines: str) -> Joined:
    return Joined(at(when), told(*lines))


def test_a_merged_ticket_keeps_its_earlier_deadline():
    older = joins("Mon 23 Nov 11:00", "Mon 23 Nov 08:30 opened normal")
    newer = joins("Mon 23 Nov 11:00", "Mon 23 Nov 10:30 opened normal")
    mine = "Mon 23 Nov 10:00 opened normal"
    assert wall(stands(FIRST_RESPONSE, "Mon 23 Nov 11:00", mine, joined=(older,)).due) == "Mon 23 Nov 12:30"
    assert wall(stands(FIRST_RESPONSE, "Mon 23 Nov 11:00", mine, joined=(newer,)).due) == "Mon 23 Nov 14:00"
    assert wall(stands(FIRST_RESPONSE, "Mon 23 Nov 10:59", mine, joined=(older,)).due) == "Mon 23 Nov 14:00"


def test_what_was_owed_to_a_ticket_that_joined_is_met_here():
    older = joins("Mon 23 Nov 11:00", "Mon 23 Nov 08:30 opened normal")
    answered = ("Mon 23 Nov 10:00 opened normal", "Mon 23 Nov 12:00 answered")
    found = standings(FIRST_RESPONSE, told(*answered, joined=(older,)), [CONTRACT], at("Mon 23 Nov 13:00"))
    assert [one.state for one in found] == [State.MET, State.MET]


def test_a_ticket_that_was_over_when_it_joined_brings_nothing():
    over = joins("Mon 23 Nov 11:00", OPENED, "Mon 23 Nov 09:00 resolved")
    found = standings(
        RESOLUTION, told("Mon 23 Nov 10:00 opened normal", joined=(over,)), [CONTRACT], at("Mon 23 Nov 11:00")
    )
    assert len(found) == 1


def test_one_that_joins_stands_still_as_this_one_does():
    running = joins("Mon 23 Nov 11:00", OPENED)
    waiting = joins("Mon 23 Nov 11:00", OPENED, "Mon 23 Nov 09:00 waiting")
    ours = ("Mon 23 Nov 10:00 opened normal", "Mon 23 Nov 10:30 waiting")
    now, later = "Mon 23 Nov 12:00", "Tue 24 Nov 10:30 resumed"
    assert stands(RESOLUTION, now, *ours, joined=(running,)).state is State.PAUSED
    assert wall(stands(RESOLUTION, "Tue 24 Nov 11:00", *ours, later, joined=(running,)).due) == "Wed 25 Nov 16:30"
    both = standings(RESOLUTION, told(ours[0], joined=(waiting,)), [CONTRACT], at(now))
    assert [wall(one.due) for one in both] == ["Wed 25 Nov 10:00", "Wed 25 Nov 10:30"]


@pytest.mark.parametrize(
    ("case", "make"),
    [
        ("nothing happened", lambda: Timeline(())),
        ("it was answered before it was opened", lambda: told("Mon 23 Nov 09:00 answered")),
        ("events out of order", lambda: told("Mon 23 Nov 09:00 opened normal", "Mon 23 Nov 08:00 answered")),
        ("opened without a priority", lambda: told("Mon 23 Nov 09:00 opened")),
        ("an unknown priority", lambda: told("Mon 23 Nov 09:00 opened urgent")),
        ("an answer with a priority", lambda: told(OPENED, "Mon 23 Nov 09:00 answered high")),
        ("agreed for the past", lambda: told(OPENED, "Mon 23 Nov 10:00 agreed Mon 23 Nov 09:00")),
        ("agreed, but what", lambda: Happened(at("Mon 23 Nov 10:00"), What.AGREED)),
        (
            "joined before it was there",
            lambda: told(OPENED, joined=(joins("Fri 20 Nov 09:00", "Fri 20 Nov 08:30 opened low"),)),
        ),
        ("told before it was opened", lambda: stands(FIRST_RESPONSE, "Mon 23 Nov 08:00", OPENED)),
    ],
)
def test_refused(case: str, make):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        pytest.fail(f"{case}: {make()}")


STEPS = [
    What.ANSWERED,
    What.ASKED,
    What.WAITING,
    What.RESUMED,
    What.RESOLVED,
    What.REOPENED,
    What.PRIORITY,
    What.AGREED,
]


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    start = at("Thu 17 Dec 00:00") + draw(st.timedeltas(hours(0), hours(24)))
    events = [Happened(start, What.OPENED, draw(st.sampled_from(PRIORITIES[:3])))]
    for what in draw(st.lists(st.sampled_from(STEPS), max_size=8)):
        when = events[-1].at + draw(st.timedeltas(hours(0), hours(30)))
        priority = draw(st.sampled_from(PRIORITIES[:3])) if what is What.PRIORITY else None
        until = when + draw(st.timedeltas(hours(1), hours(90)))
        agreed = Agreement(until, "Thandi Nkosi", "Anna Fourie", 1) if what is What.AGREED else None
        events.append(Happened(when, what, priority, agreed))
    return Timeline(tuple(events))


measures = st.sampled_from([FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION])


@given(timelines(), measures, st.timedeltas(hours(0), hours(300)), st.timedeltas(hours(0), hours(100)))
def test_a_breach_once_told_is_told_for_ever(timeline: Timeline, measure, passed, more):
    start = timeline.events[0].at
    told_then, told_later = (
        {(one.round.start, one.breached_at) for one in standings(measure, timeline, [CONTRACT], now) if one.breached_at}
        for now in (start + passed, start + passed + more)
    )
    assert told_then <= told_later


@given(timelines(), measures, st.timedeltas(hours(0), hours(300)))
def test_a_breach_is_a_due_time_that_was_shown_before_it_passed(timeline: Timeline, measure, passed):
    for one in standings(measure, timeline, [CONTRACT], timeline.events[0].at + passed):
        if one.breached_at:
            then = standings(measure, timeline, [CONTRACT], one.breached_at)
            assert one.breached_at in [each.due for each in then if each.round.start == one.round.start and each.runs]


@given(timelines(), st.timedeltas(hours(0), hours(300)))
def test_a_first_response_is_due_whatever_is_set_to_waiting(timeline: Timeline, passed):
    still = Timeline(tuple(e for e in timeline.events if e.what not in (What.WAITING, What.RESUMED)))
    now = timeline.events[0].at + passed
    here, there = (standing(FIRST_RESPONSE, each, [CONTRACT], now) for each in (timeline, still))
    assert (here.state, here.due, here.breached_at) == (there.state, there.due, there.breached_at)


@given(timelines(), measures, st.timedeltas(hours(0), hours(300)))
def test_every_clock_that_runs_says_when_or_why_not(timeline: Timeline, measure, passed):
    for one in standings(measure, timeline, [CONTRACT], timeline.events[0].at + passed):
        assert one.due or (one.round.pauses and one.round.pauses[-1].end is None)
        assert all(sentence.endswith(".") for sentence in one.trace)
        if one.due:
            assert one.promise.clock.run(one.due) >= one.promise.lengths[1]
