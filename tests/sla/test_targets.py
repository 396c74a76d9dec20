"""When it is due: the tables that a manager can read, and what is refused."""

from __future__ import annotations

import re
from datetime import date

import pytest
from promised import (
    FIRST_RESPONSE,
    HOUSE,
    IN_OFFICE_HOURS,
    NAMES,
    RESOLUTION,
    ROUND_THE_CLOCK,
    SINCE,
    at,
    hours,
    office,
    plan,
    told,
    wall,
)

from sla.interval import Interval
from sla.standing import standing
from sla.targets import PRIORITIES, ByAgreement, NextBusinessDay, OpenHours, Plan, Target, Within, house
from tickets.ticket import Priority

# Received, aimed at, due. Where no aim is said it is the due time.
RULES = """
an emergency is answered within the hour, whatever the hour
emergency  Tue 24 Nov 10:00     | Tue 24 Nov 11:00
emergency  Sun 22 Nov 02:00     | Sun 22 Nov 03:00
emergency  Fri 25 Dec 23:30     | Sat 26 Dec 00:30
emergency  Thu 31 Dec 23:59:30  | Fri 1 Jan 2027 00:59:30

high is answered within two office hours, if possible within one
high       Tue 24 Nov 10:00     | Tue 24 Nov 11:00    | Tue 24 Nov 12:00
high       Fri 20 Nov 16:30     | Mon 23 Nov 09:00    | Mon 23 Nov 10:00
high       Tue 24 Nov 15:00     | Tue 24 Nov 16:00    | Tue 24 Nov 17:00
high       Tue 24 Nov 15:00:30  | Tue 24 Nov 16:00:30 | Wed 25 Nov 08:30:30
high       Tue 24 Nov 17:00     | Wed 25 Nov 09:30    | Wed 25 Nov 10:30
high       Sat 21 Nov 12:00     | Mon 23 Nov 09:30    | Mon 23 Nov 10:30

normal within four, if possible within two
normal     Tue 24 Nov 08:30     | Tue 24 Nov 10:30    | Tue 24 Nov 12:30
normal     Tue 24 Nov 07:00     | Tue 24 Nov 10:30    | Tue 24 Nov 12:30
normal     Tue 24 Nov 15:00     | Tue 24 Nov 17:00    | Wed 25 Nov 10:30

low by the end of the next business day, counted from the day it came in
low        Mon 23 Nov 07:00     | Tue 24 Nov 17:00
low        Mon 23 Nov 16:59     | Tue 24 Nov 17:00
low        Mon 23 Nov 23:59:59  | Tue 24 Nov 17:00
low        Tue 24 Nov 00:00     | Wed 25 Nov 17:00
low        Fri 20 Nov 18:00     | Mon 23 Nov 17:00
low        Sat 21 Nov 10:00     | Mon 23 Nov 17:00
low        Sun 22 Nov 23:00     | Mon 23 Nov 17:00

the Day of Reconciliation, Wednesday 16 December
high       Tue 15 Dec 16:00     | Tue 15 Dec 17:00    | Thu 17 Dec 09:30
normal     Wed 16 Dec 10:00     | Thu 17 Dec 10:30    | Thu 17 Dec 12:30
low        Tue 15 Dec 09:00     | Thu 17 Dec 17:00
low        Wed 16 Dec 09:00     | Thu 17 Dec 17:00
emergency  Wed 16 Dec 10:00     | Wed 16 Dec 11:00

a holiday on a Sunday is kept on the Monday: National Women's Day 2026
high       Fri 7 Aug 16:30      | Tue 11 Aug 09:00    | Tue 11 Aug 10:00
low        Fri 7 Aug 10:00      | Tue 11 Aug 17:00

and a holiday on a Saturday is not moved: Day of Goodwill 2026
high       Sat 26 Dec 10:00     | Mon 28 Dec 09:30    | Mon 28 Dec 10:30

Easter: Good Friday 3 April, Family Day 6 April
normal     Thu 2 Apr 15:00      | Thu 2 Apr 17:00     | Tue 7 Apr 10:30
low        Thu 2 Apr 09:00      | Tue 7 Apr 17:00
high       Fri 3 Apr 12:00      | Tue 7 Apr 09:30     | Tue 7 Apr 10:30

a day declared for elections, Wednesday 4 November 2026, and Monday 1 November 2021
high       Tue 3 Nov 16:00      | Tue 3 Nov 17:00     | Thu 5 Nov 09:30
low        Fri 29 Oct 2021 10:00 | Tue 2 Nov 2021 17:00

Christmas Friday, and New Year's Day on the next
high       Thu 24 Dec 16:30     | Mon 28 Dec 09:00    | Mon 28 Dec 10:00
low        Thu 31 Dec 12:00     | Mon 4 Jan 2027 17:00
"""
CASES = [re.split(r"\s*\|\s*|\s{2,}", line) for line in RULES.splitlines() if "|" in line]


@pytest.mark.parametrize(("priority", "received", "times"), [(p, r, rest) for p, r, *rest in CASES])
def test_received_then_due_then(priority: str, received: str, times: list[str]):
    ticket = told(f"{received} opened {priority}")
    found = standing(FIRST_RESPONSE, ticket, [HOUSE], at(received))
    assert [wall(found.aim), wall(found.due)] == [times[0], times[-1]]
    assert found.warnings == tuple(sorted(found.warnings))
    assert all(at(received) <= warning < found.due for warning in found.warnings)


def test_a_holiday_declared_late_moves_what_is_open():
    known = {day: name for day, name in NAMES.items() if day != date(2026, 11, 4)}
    before = OpenHours("in office hours", office(known))
    ticket, now = told("Tue 3 Nov 16:00 opened high"), at("Tue 3 Nov 16:00")
    assert [
        wall(standing(FIRST_RESPONSE, ticket, [in_hours(each)], now).due) for each in (before, IN_OFFICE_HOURS)
    ] == [
        "Wed 4 Nov 09:30",
        "Thu 5 Nov 09:30",
    ]


def test_a_closure_of_the_company_is_no_open_time():
    party = OpenHours("in office hours", office(closures=(Interval(at("Fri 20 Nov 12:00"), at("Sat 21 Nov 00:00")),)))
    ticket = told("Fri 20 Nov 11:30 opened high")
    assert wall(standing(FIRST_RESPONSE, ticket, [in_hours(party)], at("Fri 20 Nov 11:30")).due) == "Mon 23 Nov 10:00"


def test_each_measure_is_counted_in_its_own_hours():
    targets = {
        ("emergency", FIRST_RESPONSE): Target(Within(hours(1)), ROUND_THE_CLOCK),
        ("emergency", RESOLUTION): Target(Within(hours(4)), IN_OFFICE_HOURS),
    }
    contract = Plan("24-hour cover", 1, SINCE, IN_OFFICE_HOURS, targets)
    ticket, now = told("Sun 22 Nov 02:00 opened emergency"), at("Sun 22 Nov 02:00")
    assert wall(standing(FIRST_RESPONSE, ticket, [contract], now).due) == "Sun 22 Nov 03:00"
    assert wall(standing(RESOLUTION, ticket, [contract], now).due) == "Mon 23 Nov 12:30"


def test_the_version_in_force_when_the_ticket_came_in_decides():
    old, new = plan(normal_first_response=8), plan(2, at("Mon 23 Nov 00:00"), normal_first_response=1)
    friday, monday = told("Fri 20 Nov 16:00 opened normal"), told("Mon 23 Nov 09:00 opened normal")
    now = at("Mon 23 Nov 09:00")
    assert wall(standing(FIRST_RESPONSE, friday, [new, old], now).due) == "Mon 23 Nov 15:30"
    assert wall(standing(FIRST_RESPONSE, monday, [new, old], now).due) == "Mon 23 Nov 10:00"


def test_nothing_is_promised_before_the_first_version_nor_without_a_target():
    ticket, now = told("Fri 20 Nov 16:00 opened normal"), at("Fri 20 Nov 16:00")
    assert standing(FIRST_RESPONSE, ticket, [plan(since=at("Mon 23 Nov 00:00"), normal_first_response=1)], now) is None
    assert standing(FIRST_RESPONSE, ticket, [plan(high_first_response=1)], now) is None
    assert standing(FIRST_RESPONSE, ticket, [], now) is None


def test_priorities_are_those_of_tickets():
    assert list(Priority) == list(PRIORITIES)


@pytest.mark.parametrize(
    ("case", "make"),
    [
        ("no time at all", lambda: Within(hours(0))),
        ("an aim after the breach", lambda: Within(hours(1), aim=hours(2))),
        ("no business day", lambda: NextBusinessDay(0)),
        ("hours that never open", lambda: OpenHours("in office hours", office(week=(), may_never_open=True))),
        ("an unknown priority", lambda: plan(urgent_first_response=1)),
        (
            "a first response by agreement",
            lambda: Plan("x", 1, SINCE, IN_OFFICE_HOURS, {("low", FIRST_RESPONSE): OPEN_ENDED}),
        ),
    ],
)
def test_refused(case: str, make):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        pytest.fail(f"{case}: {make()}")


OPEN_ENDED = Target(ByAgreement(), IN_OFFICE_HOURS)


def in_hours(open_hours: OpenHours) -> Plan:
    return house(open_hours, ROUND_THE_CLOCK, SINCE)
