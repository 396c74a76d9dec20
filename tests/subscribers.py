"""People who subscribe to a calendar, and their calendar program."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import recurring_ical_events
from icalendar import Calendar
from sqlalchemy import select

from conftest import ORIGIN
from desk.staff import Staff
from oncall.roster import OverrideRecord, RotaRecord
from oncall.rota_jobs import number_what_changed_in_calendars
from oncall.worker import Turn
from visitors import browser_of, post

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Flask
    from werkzeug.test import TestResponse

SECOND = timedelta(seconds=1)


@dataclass
class Subscriber:
    """A calendar program that knows one address and remembers what it fetched last."""

    app: Flask
    path: str
    last: Calendar = field(default_factory=Calendar)
    tag: str = ""

    def look(self, **headers: str) -> TestResponse:
        """Fetch the calendar."""
        answer = self.app.test_client().get(self.path, headers={"If-None-Match": self.tag} | headers)
        if answer.status_code == 200:
            self.tag, self.last = answer.headers["ETag"], Calendar.from_ical(answer.data)
        return answer

    @property
    def events(self) -> Mapping[str, tuple[str, datetime, datetime, int, datetime]]:
        """By UID: summary, start, end, sequence, last modified."""
        self.look()
        found = {
            str(one["UID"]): (str(one["SUMMARY"]), one.start, one.end, one.sequence, one.LAST_MODIFIED)
            for one in self.last.events
        }
        assert len(found) == len(self.last.events), "an identity twice"
        return found

    def at(self, t: datetime) -> list[str]:
        """The summaries of what is on at an instant, as another program reads them."""
        self.look()
        return sorted(str(one["SUMMARY"]) for one in recurring_ical_events.of(self.last).between(t, t + SECOND))


def subscribed(app: Flask, who: str, feed: str = "mine") -> Subscriber:
    """Somebody makes an address on the page and subscribes to it."""
    page = post(browser_of(app, who), "/calendars", feed=feed).text
    address = re.search(rf"{ORIGIN}(/feed/ahf_[\w-]+\.ics)", page)
    assert address, page
    return Subscriber(app, address[1])


def replaced(app: Flask, by: str, whom: str, start: datetime, end: datetime) -> int:
    """Somebody is in for somebody else."""
    with app.extensions["database"].writing() as session:
        staff = {one.key: one.id for one in session.scalars(select(Staff))}
        rota = session.scalars(select(RotaRecord)).one()
        made = OverrideRecord(
            rota_id=rota.id,
            kind="replace",
            staff_id=staff[by],
            instead_of_id=staff[whom],
            starts=start,
            ends=end,
            reason="",
        )
        session.add(made)
        session.flush()
        return made.id


def worker_passes(app: Flask) -> None:
    """The worker numbers what has changed."""
    number_what_changed_in_calendars(Turn("worker", lambda: False, app.extensions))
