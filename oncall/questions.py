"""Questions: a swap or cover that is asked for, told to those who can say yes, once.

Who has not answered a swap is reminded a week, three days, a day and twelve hours before its shift: of each of these
that lies after the question, once, and never late beside the next.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from oncall import agreement, cover, night, notices
from oncall.cover import CoverRequest
from oncall.notices import Notice
from oncall.swap import State, Swap
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from oncall.notices import Look
    from oncall.plan import Plan

LEADS = {
    timedelta(days=7): "a week",
    timedelta(days=3): "three days",
    timedelta(days=1): "a day",
    timedelta(hours=12): "twelve hours",
}  # before the shift


def ask(session: Session, look: Look) -> None:
    """Tell everybody who can say yes what is asked; at night only what begins soon."""
    asked = {f"swap {swap.id}": swap for swap in _swaps(session, look.now)}
    wanted = {f"cover {request.id}": request for request in cover.open_requests(session, look.now)}
    told = notices.marked(session, [*asked, *wanted])
    _remind(session, look, asked)
    for key, swap in asked.items():
        if key not in told and night.may_tell(look.now, look.house.zone, swap.starts):
            _give(session, look, key, swap, _who_may(session, look, swap), _swap(swap, look))
    for key, request in wanted.items():
        if key not in told and night.may_tell(look.now, look.house.zone, request.starts):
            able = agreement.who_is_free(
                session, request.rota, request.starts, request.ends, apart_from=request.engineer_id, plans=look.plans
            )
            _give(session, look, key, request, able, _cover(request, look))


def _remind(session: Session, look: Look, asked: Mapping[str, Swap]) -> None:
    """Ask again whoever has not answered, before time runs out."""
    put = notices.marked_at(session, asked)
    due = {f"{key} again {LEADS[lead]}": (key, lead) for key in put if (lead := _lead(asked[key], put[key], look.now))}
    for name in due.keys() - notices.marked(session, due):
        key, lead = due[name]
        swap = asked[key]
        if not night.may_tell(look.now, look.house.zone, swap.starts):
            continue
        until = min([swap.expires_at, *(swap.starts - later for later in LEADS if later < lead)])
        notice = _swap(swap, look, "Nobody has said yes yet: ")
        _give(session, look, key, swap, _who_may(session, look, swap), notice, name, until)


def _lead(swap: Swap, asked_at: datetime, now: datetime) -> timedelta | None:
    """The latest of the times to remind of that has come; none before the question itself was put."""
    reached = [lead for lead in LEADS if asked_at < swap.starts - lead <= now]
    return min(reached, default=None)


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether it is still asked, also of them."""
    kind, _, number = about["asked"].partition(" ")
    if kind == "cover":
        request = session.get(CoverRequest, int(number))
        return request is not None and request.state == cover.State.OPEN and now < request.ends
    swap = session.get(Swap, int(number))
    return swap is not None and swap.state == State.ASKED and now < swap.expires_at


def _swaps(session: Session, now: datetime) -> Iterable[Swap]:
    return session.scalars(select(Swap).where(Swap.state == State.ASKED, Swap.expires_at > now).order_by(Swap.id))


def _who_may(session: Session, look: Look, swap: Swap) -> list[Staff]:
    asked = [swap.to] if swap.to else agreement.who_can(session, swap, look.plans)
    return [one for one in asked if one.id not in swap.declined]


def _give(
    session: Session,
    look: Look,
    key: str,
    asked: Swap | CoverRequest,
    whom: Iterable[Staff],
    notice: Notice,
    mark: str = "",
    until: datetime | None = None,
) -> None:
    until = until or (asked.expires_at if isinstance(asked, Swap) else asked.ends)
    mark = mark or key
    about = {"kind": "question", "asked": key}
    for reader in (look.readers[staff.key] for staff in whom if staff.key in look.readers):
        name = f"{mark} asked {reader.staff.id}"
        notices.give(session, look, reader, name, notice, about, until, asked.starts)
    notices.mark(session, mark, look.now)


def _swap(swap: Swap, look: Look, before: str = "") -> Notice:
    back = ""
    if swap.return_starts and swap.return_ends:
        zone = look.zone(swap.rota.name, swap.return_starts)
        back = f", for yours from {said(swap.return_starts, zone)} to {said(swap.return_ends, zone)}"
    words = f"{before}{swap.owner.name} asks you to take the shift from {_times(look, swap)}{back}."
    return Notice(f"{swap.owner.name} asks you to swap", words, f"/rota/swaps/{swap.id}")


def _cover(request: CoverRequest, look: Look) -> Notice:
    """Why somebody is away is not told."""
    words = f"can you cover for {request.engineer.name} from {_times(look, request)}?"
    return Notice(f"cover for {request.engineer.name}", words, f"/rota/cover/{request.id}")


def _times(look: Look, asked: Swap | CoverRequest) -> str:
    zone = look.zone(asked.rota.name, asked.starts)
    rota = f" ({asked.rota.name})" if len(look.plans) > 1 else ""
    return f"{said(asked.starts, zone)} to {said(asked.ends, zone)}{rota}"
