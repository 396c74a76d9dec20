"""Cover requests: a shift whose engineer cannot serve it, and the question who will.

Leave opens them by itself, and the worker keeps them true: answered by whatever way somebody else got the shift, moot
when nobody needs it, asked again when the shift comes back to somebody who is away. What a person closed stays closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk import audit
from desk.audit import WORKER, What
from desk.db import Base, set_up_version
from desk.staff import Staff, names
from oncall import allowed, crew, leave, overriding, roster, swaps
from oncall.effect import served, united
from oncall.leave import Leave
from oncall.overriding import locked, replacement
from oncall.refusals import TooLate
from oncall.roster import RotaRecord
from oncall.shifts import ShiftId
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from oncall.plan import Plan
    from oncall.shifts import Shift

AHEAD = timedelta(days=366)  # further on nobody is asked; somebody who is away until 2099 has mistyped it


class State(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    COVERED = "covered"
    MOOT = "moot"  # nobody is needed any more: the leave was withdrawn, or the shift is another
    CLOSED = "closed"  # somebody says that it is well as it is
    EXPIRED = "expired"


class CoverRequest(Base):
    """Who covers [starts, ends) of this shift? Open until somebody does, or nobody needs to."""

    __tablename__ = "cover_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    rotation: Mapped[str]
    shift_start: Mapped[datetime]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    engineer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    leave_id: Mapped[int | None] = mapped_column(ForeignKey("leave.id"), index=True)
    why: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.OPEN, index=True)
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    override_id: Mapped[int | None] = mapped_column(ForeignKey("rota_override.id"))
    rota: Mapped[RotaRecord] = relationship()
    engineer: Mapped[Staff] = relationship(foreign_keys=[engineer_id])
    taker: Mapped[Staff | None] = relationship(foreign_keys=[taker_id])

    @property
    def shift(self) -> ShiftId:
        """The identity of the shift."""
        return ShiftId(self.rotation, self.shift_start)

    @property
    def need(self) -> Need:
        """What is asked, by which it is known again."""
        return Need(self.rota_id, self.shift, self.engineer_id, self.starts, self.ends)


class Need(NamedTuple):
    """Time in which somebody who is away would be on duty."""

    rota_id: int
    shift: ShiftId
    engineer_id: int
    starts: datetime
    ends: datetime


def open_requests(session: Session, now: datetime) -> list[CoverRequest]:
    """What still has nobody, the most urgent first."""
    query = select(CoverRequest).where(CoverRequest.state == State.OPEN, CoverRequest.ends > now)
    return list(session.scalars(query.order_by(CoverRequest.starts, CoverRequest.id)))


def ask(session: Session, record: RotaRecord, shift: Shift, why: str, who: Who, now: datetime) -> CoverRequest:
    """Ask who covers a stretch that somebody has, as a plan gave it; once, however often it is asked."""
    engineer = session.scalars(select(Staff).where(Staff.key == shift.engineer)).one()
    allowed.only_for(session, who, engineer)
    if shift.end <= now:
        raise TooLate("this shift is over")
    need = Need(record.id, shift.id, engineer.id, max(shift.start, now), shift.end)
    standing = (one for one in open_requests(session, now) if one.need[:3] == need[:3] and one.ends == need.ends)
    return next(standing, None) or _open(session, need, None, why, who, now)


def take(session: Session, request: CoverRequest, taker: Staff, who: Who, now: datetime) -> CoverRequest:
    """Cover what of it is still the absent one's: on duty instead; raises TooLate, NotAllowed or ValueError.

    Others may cover parts of it already; what they have stays theirs.
    """
    _lock(session, request)
    allowed.only_for(session, who, taker)
    if taker not in crew.able(session) or taker.id == request.engineer_id:
        raise ValueError(f"{taker.name} cannot take this shift")
    if request.ends <= now:
        raise TooLate("this shift is over")
    rest = left(roster.plan(session, request.rota), request, now)
    if not rest:
        raise TooLate(_nothing_left(session, request, now))
    rows = [replacement(taker, request.engineer, a, b, request.rotation, request.why) for a, b in rest]
    overriding.put_all(session, request.rota, rows, who, now)
    request.override_id, request.taker = rows[0].id, taker
    _settle(session, request, State.COVERED, who, now)
    zone = request.rota.head.draft.zone
    times = [f"{said(a, zone)} to {said(b, zone)}" for a, b in rest]
    _tell(session, request, who, What.COVER_TAKEN, now, taker=taker.name, times=times)
    swaps.review(session, request.rota, who, now)
    return request


def left(plan: Plan, request: CoverRequest, now: datetime) -> list[tuple[datetime, datetime]]:
    """When it is still the absent one's, from now on: nobody else covers these stretches."""
    theirs = (one for one in _pieces(plan, request, now) if one.engineer == request.engineer.key)
    return united((one.start, one.end) for one in theirs)


def close(session: Session, request: CoverRequest, who: Who, now: datetime) -> None:
    """It is well as it is: the engineer will be there, or a manager has seen to it."""
    _lock(session, request)
    allowed.only_for(session, who, request.engineer)
    _settle(session, request, State.CLOSED, who, now)
    _tell(session, request, who, What.COVER_CLOSED, now)


def look(session: Session, now: datetime) -> Callable[[Session, datetime], None]:
    """Find out what `keep_true` would do, and return what does it; it looks again if anything has changed."""
    seen, found = _seen(session, now), _turns(session, now)

    def keep(session: Session, now: datetime) -> None:
        if found != NOTHING and _seen(session, now) != seen:
            keep_true(session, now)
        else:
            _carry_out(session, found, now)

    return keep


def keep_true(session: Session, now: datetime) -> None:
    """Ask for what leave leaves without anybody, and settle what nobody needs to answer any more."""
    _carry_out(session, _turns(session, now), now)


class Settled(NamedTuple):
    """A request that nobody has to answer any more, why, and who alone covers it."""

    request_id: int
    state: State
    taker: str | None = None


class Turns(NamedTuple):
    """What has to become of the requests: those that are settled, and those to be made, each with its leave."""

    settled: tuple[Settled, ...]
    asked: tuple[tuple[Need, int], ...]


NOTHING = Turns((), ())


def _turns(session: Session, now: datetime) -> Turns:
    plans = {record.id: roster.plan(session, record) for record in roster.rotas(session)}
    wanted = {need: row.id for row in leave.coming(session, now) for need in _needs(plans, row, now)}
    open_ = session.scalars(select(CoverRequest).where(CoverRequest.state == State.OPEN).order_by(CoverRequest.id))
    settled = tuple(one for row in open_ if (one := _settled(row, plans[row.rota_id], row.need in wanted, now)))
    ended = {one.request_id for one in settled}
    known = session.scalars(select(CoverRequest).where(CoverRequest.ends > now).order_by(CoverRequest.id))
    standing = {row.need: row.id in ended or row.state in (State.COVERED, State.MOOT) for row in known}
    return Turns(settled, tuple((need, row) for need, row in wanted.items() if standing.get(need, True)))


def _settled(request: CoverRequest, plan: Plan, is_wanted: bool, now: datetime) -> Settled | None:
    if request.ends <= now:
        return Settled(request.id, State.EXPIRED)
    if left(plan, request, now) if request.leave_id is None else is_wanted:
        return None
    others = _pieces(plan, request, now)
    keys = {one.engineer for one in others}
    whole = sum((one.end - one.start for one in others), timedelta())
    if request.engineer.key in keys or whole != request.ends - max(request.starts, now):
        return Settled(request.id, State.MOOT)
    return Settled(request.id, State.COVERED, keys.pop() if len(keys) == 1 else None)


def _carry_out(session: Session, turns: Turns, now: datetime) -> None:
    for one in turns.settled:
        request = session.get_one(CoverRequest, one.request_id, with_for_update=True, populate_existing=True)
        if request.state == State.OPEN:  # else somebody has answered it just now
            taker = select(Staff).where(Staff.key == one.taker)
            request.taker = session.scalars(taker).one_or_none() if one.taker else None
            _settle(session, request, one.state, WORKER, now)
    for need, number in turns.asked:
        row = session.get_one(Leave, number)
        _open(session, need, row, f"{row.staff.name} is away", WORKER, now)


def _seen(session: Session, now: datetime) -> tuple[object, ...]:
    """All that decides what has to become of the requests, but for the time."""
    away = tuple((row.id, row.starts, row.ends) for row in leave.coming(session, now))
    requests = select(CoverRequest.id, CoverRequest.state).where(CoverRequest.ends > now).order_by(CoverRequest.id)
    return set_up_version(session), away, tuple(tuple(row) for row in session.execute(requests))


def _needs(plans: dict[int, Plan], row: Leave, now: datetime) -> Iterator[Need]:
    """Where somebody would be on duty while they are away."""
    until = min(row.ends, now + AHEAD)
    for number, plan in plans.items():
        for shift in served(plan, row.starts, until) if row.starts < until else ():
            is_whole = shift.end < until or until == row.ends  # what is cut by the horizon is asked for when it is near
            if shift.engineer == row.staff.key and shift.end > now and is_whole:
                yield Need(number, shift.id, row.staff_id, shift.start, shift.end)


def _nothing_left(session: Session, request: CoverRequest, now: datetime) -> str:
    """Why, to whoever wants to help."""
    pieces = _pieces(roster.plan(session, request.rota), request, now)
    called = names(session)
    others = list(dict.fromkeys(called.get(one.engineer, one.engineer) for one in pieces))
    if not others:
        return f"{request.engineer.name} does not have this shift any more"
    *some, last = others
    who = f"{', '.join(some)} and {last} cover" if some else f"{last} covers"
    return f"nothing of it is left to take: {who} for {request.engineer.name} already"


def _pieces(plan: Plan, request: CoverRequest, now: datetime) -> list[Shift]:
    """Who really serves what is left of it."""
    served_ = plan.lanes(max(request.starts, now), request.ends).get(request.rotation, ())
    return [one for one in served_ if one.id == request.shift]


def _lock(session: Session, request: CoverRequest) -> None:
    locked(session, request.rota)
    session.refresh(request, with_for_update=True)
    if request.state != State.OPEN:
        raise TooLate(f"this request is {request.state}")


def _open(session: Session, need: Need, row: Leave | None, why: str, who: Who, now: datetime) -> CoverRequest:
    request = CoverRequest(
        rota_id=need.rota_id,
        rotation=need.shift.rotation,
        shift_start=need.shift.start,
        starts=need.starts,
        ends=need.ends,
        engineer_id=need.engineer_id,
        leave_id=row.id if row else None,
        why=why,
        state=State.OPEN,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    _tell(session, request, who, What.COVER_ASKED, now, why=why)
    return request


def _settle(session: Session, request: CoverRequest, state: State, who: Who, now: datetime) -> None:
    request.state, request.settled_at, request.settled_by = state, now, who.name
    session.flush()


def _tell(session: Session, request: CoverRequest, who: Who, what: What, now: datetime, **detail: object) -> None:
    zone = request.rota.head.draft.zone
    when = f"{said(request.starts, zone)} to {said(request.ends, zone)}"
    about = f"cover {request.id}: {request.engineer.name}, {request.rota.name} {when}"
    audit.tell(session, who, what, about, now, **detail)
