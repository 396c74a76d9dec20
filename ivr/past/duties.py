"""The rota of a past: swaps asked, taken, refused and forgotten, leave and who covers, changes, and a gap.

Each is one of the product's verbs at its time; weeks are counted from the beginning, or back from the end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ivr.past.engineers import staff, who
from oncall import changes, cover, leave, roster, swaps
from oncall.changes import Change
from oncall.refusals import NotAllowed, Overtaken, TooLate
from oncall.swap import State, Swap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from ivr.past.stage import Stage
    from oncall.shifts import Shift

ZONE = ZoneInfo("Africa/Johannesburg")
RING, RESERVE = "First", "Second"
HANDS = ("thandi", "lerato", "pieter")
A_DAY = timedelta(days=1)
Step = tuple[datetime, "Callable[[Session], object]"]


def happen(on: Stage, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """All of it, in order; what lies after the end was still to come."""
    for at, step in sorted(_steps(on, begins, ends), key=lambda one: one[0]):
        if at >= begins:
            yield at
            _try(on, step)


def _try(on: Stage, step: Callable[[Session], object]) -> None:
    try:
        on.do(step)
    except (TooLate, NotAllowed, Overtaken, ValueError, LookupError):
        return  # a change of plan in between: people live with that too


def _steps(on: Stage, begins: datetime, ends: datetime) -> Iterator[Step]:
    at, now = partial(_wall, begins), on.clock
    whole = max((ends - begins).days // 7, 1)
    for week in range(1, whole, 3):  # every three weeks somebody asks a colleague
        yield at(week, 1, 10), lambda session: _ask(session, now(), "my sister's wedding", to_all=False)
        yield at(week, 2, 9), lambda session: _answer(session, now(), takes=True)
    for week in range(2, whole, 5):
        yield at(week, 0, 15), lambda session: _ask(session, now(), "concert", to_all=True)
        yield at(week, 1, 8), lambda session: _answer(session, now(), takes=False)
    for week in range(1, whole, 4):
        yield at(week, 3, 11), lambda session: _away(session, now(), "annual", "", 18, 7)
        yield at(week, 4, 12), lambda session: _cover(session, now())
    for week in range(3, whole, 6):
        yield at(week, 2, 7.5), lambda session: _sick(session, now())
    for week in range(2, whole, 4):
        yield at(week, 4, 13), lambda session: _evening(session, now())
    for week in range(4, whole, 7):
        yield at(week, 4, 16), lambda session: _gap(session, now(), 1)
    yield _before(ends, 2, 10), lambda session: _ask(session, now(), "school play", to_all=False)
    yield _before(ends, 3, 11), lambda session: _away(session, now(), "study", "examination", 24, 2)
    yield _before(ends, 2, 16), lambda session: _gap(session, now(), 12)


def _ask(session: Session, now: datetime, reason: str, *, to_all: bool) -> None:
    """Whoever has the next shift but one asks to be rid of it."""
    record, found = _rota(session), _ahead(session, now, RING)[-1]
    mine, to = staff(session, found.engineer), None
    if not to_all:
        to = staff(session, next(key for key in HANDS if key != found.engineer))
    swaps.ask(session, record, found.id, mine, who=who(session, mine.key), now=now, to=to, reason=reason)


def _answer(session: Session, now: datetime, *, takes: bool) -> None:
    """The last that was asked is answered; a request to all that one declines may well expire."""
    asked = select(Swap).where(Swap.state == State.ASKED).order_by(Swap.id.desc())
    found = session.scalars(asked).first()
    if found is None:
        return
    key = found.to.key if found.to else next(one for one in ("pieter", "thandi") if one != found.owner.key)
    does = swaps.accept if takes else swaps.decline
    does(session, found, staff(session, key), who(session, key), now)


def _away(session: Session, now: datetime, kind: str, reason: str, ahead: int, days: int) -> None:
    """Somebody who is on duty then will be away."""
    starts = (now + ahead * A_DAY).astimezone(ZONE).replace(hour=0, minute=0)
    key = roster.plan(session, _rota(session)).who(starts + A_DAY)[0].engineer
    ends = starts + days * A_DAY
    leave.take(session, staff(session, key), starts, ends, kind, reason, who(session, key), now)


def _cover(session: Session, now: datetime) -> None:
    """Whoever is free covers what the worker asked about."""
    for request in cover.open_requests(session, now):
        busy = {duty.engineer for duty in roster.plan(session, request.rota).who(request.starts)}
        key = next(one for one in (*HANDS, "naledi") if one not in busy | {request.engineer.key})
        cover.take(session, request, staff(session, key), who(session, key), now)


def _sick(session: Session, now: datetime) -> None:
    """Whoever is on duty is ill; the manager has the next in line ring first for two days."""
    first, second, *_ = roster.plan(session, _rota(session)).who(now)
    ill = staff(session, first.engineer)
    leave.take(session, ill, now, now + 2 * A_DAY, "sick", "", who(session, "naledi"), now)
    change = Change("replace", second.engineer, now, now + 2 * A_DAY, first.engineer, RING)
    changes.make(session, _rota(session), change, who(session, "naledi"), now, "ill")


def _evening(session: Session, now: datetime) -> None:
    """Somebody covers an evening."""
    starts = (now + A_DAY).astimezone(ZONE).replace(hour=18, minute=0)
    first, second, *_ = roster.plan(session, _rota(session)).who(starts)
    change = Change("replace", second.engineer, starts, starts + timedelta(hours=4), first.engineer, RING)
    changes.make(session, _rota(session), change, who(session, second.engineer), now, "theatre")


def _gap(session: Session, now: datetime, days: int) -> None:
    """Both who are on duty are taken out for two hours, and nobody noticed what that means."""
    starts = (now + days * A_DAY).astimezone(ZONE).replace(hour=14, minute=0)
    for duty in roster.plan(session, _rota(session)).who(starts):
        change = Change("remove", duty.engineer, starts, starts + timedelta(hours=2))
        changes.make(session, _rota(session), change, who(session, "naledi"), now, "year-end lunch")


def _ahead(session: Session, now: datetime, rotation: str) -> tuple[Shift, ...]:
    lanes = roster.plan(session, _rota(session)).lanes(now + A_DAY, now + 16 * A_DAY, whole=True)
    return tuple(one for one in lanes[rotation] if one.start > now + 2 * A_DAY)


def _rota(session: Session) -> roster.RotaRecord:
    return roster.named(session, "Standby")


def _wall(begins: datetime, week: int, weekday: int, hour: float) -> datetime:
    """So many weeks on, on that weekday."""
    monday = begins.astimezone(ZONE) - begins.astimezone(ZONE).weekday() * A_DAY
    midnight = datetime.combine((monday + (7 * week + weekday) * A_DAY).date(), datetime.min.time(), ZONE)
    return midnight + timedelta(hours=hour)


def _before(ends: datetime, days: int, hour: float) -> datetime:
    day = (ends.astimezone(ZONE) - days * A_DAY).date()
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=hour)
