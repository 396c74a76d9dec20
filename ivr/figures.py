"""Figures of the telephone: calls a day, how soon a person answered, which keys were pressed, where callers gave up.

Calls that we placed ourselves count nowhere. Each figure is one look over the calls of its days, by the index of when
they began.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, case, cast, exists, func, select

from ivr.call import Call, Visit
from ivr.callflow import STEPS
from ivr.steps import Waiting
from oncall.paging import Outcome, Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# The classes of an answer's time: up to so many seconds each, and whatever took longer.
CLASSES = (10, 20, 30, 60, 120)
OFFERED = ("", "1", "2", "3")
PROMPT = 20  # seconds within which a call centre wants most callers answered


@dataclass(frozen=True)
class Day:
    """The calls of one local day, by whether they were greeted by an open office."""

    date: date
    by_day: int = 0
    out_of_hours: int = 0

    @property
    def calls(self) -> int:
        """All of them."""
        return self.by_day + self.out_of_hours


@dataclass(frozen=True)
class Speed:
    """How long callers for whom we rang somebody waited for a person, by CLASSES; the last class is longer than all.

    `nobody` counts those for whom nobody pressed 1.
    """

    classes: Sequence[int]
    nobody: int

    @property
    def rung_for(self) -> int:
        """For how many callers somebody was rung."""
        return sum(self.classes) + self.nobody

    @property
    def prompt(self) -> int:
        """How many were answered within PROMPT seconds."""
        return sum(count for limit, count in zip(CLASSES, self.classes, strict=False) if limit <= PROMPT)


@dataclass(frozen=True)
class Menu:
    """What callers did: the keys that they pressed in the main menu ("" is none), and the steps in which they left."""

    keys: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def others(self) -> int:
        """How often a key was pressed that the menu does not offer."""
        return sum(count for key, count in self.keys.items() if key not in OFFERED)


def per_day(session: Session, zone: str, now: datetime, days: int) -> list[Day]:
    """The last so many local days, today last; a day without a call is there too."""
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    since = (now.astimezone(there) - timedelta(days=days)).astimezone(now.tzinfo)
    counts: Counter[tuple[date, bool]] = Counter()
    greeted_open = exists().where(Visit.call_sid == Call.sid, cast(Visit.path, String).like('%"welcome"%'))
    for started_at, is_open in session.execute(select(Call.started_at, greeted_open).where(*_incoming(since))):
        counts[started_at.astimezone(there).date(), bool(is_open)] += 1
    return [Day(one, counts[one, True], counts[one, False]) for one in dates]


def speed(session: Session, since: datetime) -> Speed:
    """How soon those who began to ring since then had a person, counted from the first ring for them."""
    rung = case((Page.outcome != Outcome.SKIPPED, Page.rang_at), (Page.outcome.is_(None), Page.rang_at))
    of_each = (
        select(func.min(rung), func.min(Page.accepted_at))
        .join(Call, Call.sid == Page.call_sid)
        .where(*_incoming(since))
        .group_by(Page.call_sid)
    )
    classes, nobody = [0] * (len(CLASSES) + 1), 0
    for first, accepted in session.execute(of_each):
        if accepted is None:
            nobody += 1
        else:
            classes[class_of(accepted - first)] += 1
    return Speed(classes, nobody)


def menu(session: Session, since: datetime) -> Menu:
    """What those who rang since then pressed, and where they hung up on us."""
    pressed = (
        select(Visit.heard, func.count())
        .join(Call, Call.sid == Visit.sid)
        .where(Visit.step == "main_menu", *_incoming(since))
        .group_by(Visit.heard)
    )
    keys = dict(session.execute(pressed).all())
    return Menu(keys, _left(session, since))


def _left(session: Session, since: datetime) -> Mapping[str, int]:
    """By step: the callers whose call ended while it waited for them; not where a person had taken the call."""
    newest = (
        select(Visit.sid, func.max(Visit.number).label("number"))
        .join(Call, Call.sid == Visit.sid)
        .where(Call.ended_at.is_not(None), ~exists().where(Page.call_sid == Call.sid, Page.accepted_at.is_not(None)))
        .where(*_incoming(since))
        .group_by(Visit.sid)
        .subquery()
    )
    last = select(Visit.path).join(newest, and_(Visit.sid == newest.c.sid, Visit.number == newest.c.number))
    steps = Counter(path[-1] for path in session.scalars(last) if path)
    return {step: count for step, count in steps.most_common() if isinstance(STEPS.get(step), Waiting)}


def _incoming(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Call.started_at >= since, Call.page_id.is_(None))


def class_of(waited: timedelta) -> int:
    """The place in CLASSES of somebody who waited so long; the limit of a class belongs to it."""
    return sum(waited > timedelta(seconds=limit) for limit in CLASSES)
