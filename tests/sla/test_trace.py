"""How a due time came about, word for word."""

from __future__ import annotations

import pytest
from promised import FIRST_RESPONSE, HOUSE, NEXT_RESPONSE, RESOLUTION, plan, told

from sla.standing import standing

CONTRACT = plan(3, normal_next_response=4, normal_resolution=17, high_resolution=100, emergency_resolution=300)
TRACES = {
    "over a weekend": (
        (FIRST_RESPONSE, HOUSE, "Fri 20 Nov 16:30 opened high"),
        """
        Received on Friday 20 November 2026 at 16:30, priority high.
        House promise, version 1: a first response within 2 h, aiming at 1 h, counted in office hours.
        Friday 20 November, 16:30 to 17:00: 30 min.
        Saturday 21 November and Sunday 22 November: closed.
        Monday 23 November, 08:30 to 10:00: 1 h 30 min.
        Aim: Monday 23 November 2026 at 09:00. Due on Monday 23 November 2026 at 10:00.
        """,
    ),
    "over Christmas": (
        (FIRST_RESPONSE, HOUSE, "Thu 24 Dec 18:00 opened low"),
        """
        Received on Thursday 24 December 2026 at 18:00, priority low.
        House promise, version 1: a first response by the end of the next business day, counted in office hours.
        Thursday 24 December: no open hours left.
        Friday 25 December: closed, Christmas Day.
        Saturday 26 December: closed, Day of Goodwill.
        Sunday 27 December: closed.
        Monday 28 December, 08:30 to 17:00: 8 h 30 min.
        Due on Monday 28 December 2026 at 17:00.
        """,
    ),
    "over midnight": (
        (FIRST_RESPONSE, HOUSE, "Sun 22 Nov 23:30:15 opened emergency"),
        """
        Received on Sunday 22 November 2026 at 23:30:15, priority emergency.
        House promise, version 1: a first response within 1 h, counted round the clock.
        Sunday 22 November, 23:30:15 to 24:00: 29 min 45 s.
        Monday 23 November, 00:00 to 00:30:15: 30 min 15 s.
        Due on Monday 23 November 2026 at 00:30:15.
        """,
    ),
    "raised": (
        (FIRST_RESPONSE, HOUSE, "Mon 23 Nov 09:00 opened normal", "Mon 23 Nov 10:00 priority emergency"),
        """
        Raised on Monday 23 November 2026 at 10:00, priority emergency.
        House promise, version 1: a first response within 1 h, counted round the clock.
        Monday 23 November, 10:00 to 11:00: 1 h.
        Due on Monday 23 November 2026 at 11:00.
        """,
    ),
    "asked again": (
        (
            NEXT_RESPONSE,
            CONTRACT,
            "Mon 23 Nov 09:00 opened normal",
            "Mon 23 Nov 10:00 answered",
            "Mon 23 Nov 11:00 asked",
        ),
        """
        The customer wrote or called on Monday 23 November 2026 at 11:00, priority normal.
        Karoo Clinic, version 3: an answer within 4 h, counted in office hours.
        Monday 23 November, 11:00 to 15:00: 4 h.
        Due on Monday 23 November 2026 at 15:00.
        """,
    ),
    "waited for the customer": (
        (
            RESOLUTION,
            CONTRACT,
            "Mon 23 Nov 09:00 opened normal",
            "Mon 23 Nov 10:00 waiting",
            "Mon 23 Nov 15:00 resumed",
            "Mon 23 Nov 16:00 waiting",
            "Thu 26 Nov 08:00 asked",
        ),
        """
        Received on Monday 23 November 2026 at 09:00, priority normal.
        Karoo Clinic, version 3: a resolution within 17 h, counted in office hours.
        Monday 23 November, 09:00 to 10:00 and 15:00 to 16:00: 2 h.
        Tuesday 24 November and Wednesday 25 November: waiting for the customer, not counted.
        Thursday 26 November, 08:30 to 17:00: 8 h 30 min.
        Friday 27 November, 08:30 to 15:00: 6 h 30 min.
        Due on Friday 27 November 2026 at 15:00.
        """,
    ),
    "waits for the customer": (
        (RESOLUTION, CONTRACT, "Mon 23 Nov 09:00 opened normal", "Mon 23 Nov 10:00 waiting"),
        """
        Received on Monday 23 November 2026 at 09:00, priority normal.
        Karoo Clinic, version 3: a resolution within 17 h, counted in office hours.
        Monday 23 November, 09:00 to 10:00: 1 h.
        The clock stands still with 16 h left: waiting for the customer.
        """,
    ),
    "agreed": (
        (RESOLUTION, CONTRACT, "Mon 23 Nov 09:00 opened normal", "Tue 24 Nov 09:00 agreed Mon 30 Nov 12:00"),
        """
        Agreed on Tuesday 24 November 2026 at 09:00, priority normal.
        Agreement 1, by Thandi Nkosi with Sister Fatima Adams: a resolution by Monday 30 November 2026 at 12:00.
        Due on Monday 30 November 2026 at 12:00.
        """,
    ),
    "agreed, and waited": (
        (
            RESOLUTION,
            CONTRACT,
            "Mon 23 Nov 09:00 opened normal",
            "Mon 23 Nov 10:00 waiting",
            "Mon 23 Nov 11:00 resumed",
            "Tue 24 Nov 09:00 agreed Mon 30 Nov 12:00",
            "Tue 24 Nov 17:00 waiting",
            "Thu 26 Nov 08:30 resumed",
        ),
        """
        Agreed on Tuesday 24 November 2026 at 09:00, priority normal.
        Agreement 1, by Thandi Nkosi with Sister Fatima Adams: a resolution by Monday 30 November 2026 at 12:00.
        From Tuesday 24 November 2026 at 17:00 to Thursday 26 November 2026 at 08:30: waiting for the customer, not counted.
        Due on Tuesday 1 December 2026 at 12:00.
        """,  # noqa: E501
    ),
    "a long one": (
        (RESOLUTION, CONTRACT, "Mon 23 Nov 08:30 opened high"),
        """
        Received on Monday 23 November 2026 at 08:30, priority high.
        Karoo Clinic, version 3: a resolution within 100 h, counted in office hours.
        Monday 23 November, 08:30 to 17:00: 8 h 30 min.
        Tuesday 24 November, 08:30 to 17:00: 8 h 30 min.
        Wednesday 25 November, 08:30 to 17:00: 8 h 30 min.
        Thursday 26 November, 08:30 to 17:00: 8 h 30 min.
        Friday 27 November, 08:30 to 17:00: 8 h 30 min.
        From then to Sunday 6 December: 42 h 30 min.
        Monday 7 December, 08:30 to 17:00: 8 h 30 min.
        Tuesday 8 December, 08:30 to 15:00: 6 h 30 min.
        Due on Tuesday 8 December 2026 at 15:00.
        """,
    ),
}


@pytest.mark.parametrize("case", TRACES)
def test_a_due_time_explains_itself(case: str):
    (measure, contract, *lines), expected = TRACES[case]
    ticket = told(*lines)
    found = standing(measure, ticket, [contract], ticket.events[-1].at)
    assert list(found.trace) == [line.strip() for line in expected.strip().splitlines()]
