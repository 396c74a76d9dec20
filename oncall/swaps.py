"""Swaps: an engineer asks for a shift of theirs to be taken, and perhaps takes another for it.

- Until somebody says yes, the owner is on duty; when the shift begins unanswered, the request expires and they stay.
- A swap belongs to one shift, by its identity, and to the very stretch that its owner has of it. Is that not what the
  plan says any more, it is invalid, and says so: it never acts on another shift.
- Accepted, it is overrides in the lanes of the two shifts; undone, these end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from desk import audit
from desk.audit import WORKER, What
from oncall import allowed, crew, overriding, roster, swap_request
from oncall.agreement import difference, stands_until, who_can
from oncall.overriding import is_still_there, locked, replacement
from oncall.refusals import NotAllowed, TooLate
from oncall.swap import State, Swap, overrides

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff
    from oncall.plan import Plan
    from oncall.roster import OverrideRecord, RotaRecord
    from oncall.shifts import ShiftId


def ask(
    session: Session,
    record: RotaRecord,
    shift: ShiftId,
    owner: Staff,
    *,
    who: Who,
    now: datetime,
    to: Staff | None = None,
    in_return: ShiftId | None = None,
    reason: str = "",
    expires: datetime | None = None,
) -> Swap:
    """Ask for a shift to be taken, by one colleague or whoever can; until its start, or `expires` if that is sooner.

    Raises NotAllowed, TooLate, ValueError or LookupError with a sentence.
    """
    allowed.only_for(session, who, owner)
    swap = swap_request.new(session, locked(session, record), shift, owner, to, in_return, reason, who, now)
    swap.expires_at = min(expires or swap.starts, swap.starts)
    if swap.expires_at <= now:
        raise TooLate("a request that has expired already reaches nobody")
    session.add(swap)
    session.flush()
    _tell(session, swap, who, What.SWAP_ASKED, now, to=to.name if to else "all who can", reason=reason)
    return swap


def accept(session: Session, swap: Swap, taker: Staff, who: Who, now: datetime) -> Swap:
    """Take it, and be on duty instead; one whose shift was edited meanwhile becomes invalid, one too late expires."""
    _lock(session, swap)
    allowed.only_for(session, who, taker)
    if swap.to_id not in (None, taker.id):
        raise NotAllowed(f"{swap.to.name if swap.to else 'somebody else'} is asked, not {taker.name}")
    if taker not in crew.able(session) or taker.id == swap.owner_id:
        raise ValueError(f"{taker.name} cannot take this shift")
    if now >= swap.expires_at:
        _settle(session, swap, State.EXPIRED, who, now, What.SWAP_EXPIRED)
    elif why := difference(plan := roster.plan(session, swap.rota), swap, now):
        _invalidate(session, swap, why, plan, who, now)
    else:
        _carry_out(session, swap, taker, who, now)
    return swap


def arrange(
    session: Session,
    record: RotaRecord,
    shift: ShiftId,
    owner: Staff,
    taker: Staff,
    *,
    who: Who,
    now: datetime,
    in_return: ShiftId | None = None,
    reason: str = "",
) -> Swap:
    """A manager swaps for somebody who cannot ask, at once; both are named in the audit, and the reason."""
    if not allowed.may_manage(session, who):
        raise NotAllowed("only a manager may arrange a swap for others")
    if not reason.strip():
        raise ValueError("arranging a swap for others needs its reason")
    if taker not in crew.able(session):
        raise ValueError(f"{taker.name} cannot take this shift")
    swap = swap_request.new(session, locked(session, record), shift, owner, taker, in_return, reason, who, now)
    session.add(swap)
    session.flush()
    _carry_out(session, swap, taker, who, now)
    return swap


def decline(session: Session, swap: Swap, colleague: Staff, who: Who, now: datetime) -> Swap:
    """Say no; asked of all, it stays open for the others, and is declined when everybody has said no."""
    _lock(session, swap)
    allowed.only_for(session, who, colleague)
    if swap.to_id not in (None, colleague.id):
        raise NotAllowed(f"{colleague.name} is not asked")
    swap.declined = [*swap.declined, *({colleague.id} - set(swap.declined))]
    left = [] if swap.to_id else [one for one in who_can(session, swap) if one.id not in swap.declined]
    if left:
        _tell(session, swap, who, What.SWAP_DECLINED, now, by=colleague.name)
    else:
        _settle(session, swap, State.DECLINED, who, now, What.SWAP_DECLINED, by=colleague.name)
    return swap


def withdraw(session: Session, swap: Swap, who: Who, now: datetime) -> Swap:
    """Ask no more."""
    _lock(session, swap)
    allowed.only_for(session, who, swap.owner)
    _settle(session, swap, State.WITHDRAWN, who, now, What.SWAP_WITHDRAWN)
    return swap


def undo(session: Session, swap: Swap, who: Who, now: datetime) -> Swap:
    """Take an accepted swap back: from now on everybody has their own shifts again."""
    _lock(session, swap, State.ACCEPTED)
    parties = (swap.owner_id, swap.taker_id)
    if who.staff_id not in parties and not allowed.may_manage(session, who):
        raise NotAllowed(f"only {swap.owner.name}, {swap.taker.name if swap.taker else ''} or a manager may undo this")
    mine = [row for row in overrides(session, swap) if is_still_there(row, now)]
    if not mine:
        raise TooLate("the shifts of this swap are over, or it was changed meanwhile")
    overriding.withdraw(session, swap.rota, mine, who, now)
    _settle(session, swap, State.UNDONE, who, now, What.SWAP_UNDONE)
    review(session, swap.rota, who, now)
    return swap


def expire(session: Session, now: datetime) -> None:
    """Let go of the requests that nobody answered in time; one that is being answered just now is waited for."""
    overdue = select(Swap).where(Swap.state == State.ASKED, Swap.expires_at <= now).with_for_update()
    for swap in session.scalars(overdue).all():
        _settle(session, swap, State.EXPIRED, WORKER, now, What.SWAP_EXPIRED)


def review(session: Session, record: RotaRecord, who: Who, now: datetime) -> list[Swap]:
    """After a change of the rota: make invalid, and return, the swaps whose shifts are not what was agreed on."""
    ahead = or_(Swap.ends > now, Swap.return_ends > now)
    standing = select(Swap).where(Swap.rota_id == record.id, Swap.state.in_((State.ASKED, State.ACCEPTED)), ahead)
    found = []
    whole: Plan | None = None
    for swap in session.scalars(standing.order_by(Swap.id)).all():
        whole = whole or roster.plan(session, record)  # the same for all, until an accepted one ends
        own = [str(number) for number in (swap.override_id, swap.return_override_id) if number]
        plan = whole.changed(without=own) if own else whole
        if why := difference(plan, swap, now):
            _invalidate(session, swap, why, plan, who, now)
            found.append(swap)
            whole = None if own else whole
    return found


def settle(
    session: Session, record: RotaRecord, rows: Iterable[OverrideRecord], why: str, who: Who, now: datetime
) -> None:
    """What accepted swaps put in is withdrawn for a reason of another kind: they do not hold any more, and say why."""
    numbers = [row.id for row in rows]
    theirs = or_(Swap.override_id.in_(numbers), Swap.return_override_id.in_(numbers))
    standing = select(Swap).where(Swap.rota_id == record.id, Swap.state == State.ACCEPTED, theirs)
    for swap in session.scalars(standing.order_by(Swap.id)).all():
        swap.why = why
        _settle(session, swap, State.INVALID, who, now, What.SWAP_INVALID, why=why)


def _lock(session: Session, swap: Swap, state: State = State.ASKED) -> None:
    locked(session, swap.rota)
    session.refresh(swap, with_for_update=True)
    if swap.state != state:
        raise TooLate(f"this swap is {swap.state}")


def _carry_out(session: Session, swap: Swap, taker: Staff, who: Who, now: datetime) -> None:
    about = f"swap {swap.id}"
    row = replacement(taker, swap.owner, swap.starts, swap.ends, swap.rotation, about)
    swap.override_id = overriding.put(session, swap.rota, row, who, now).id
    if swap.return_starts and swap.return_ends:
        row = replacement(swap.owner, taker, swap.return_starts, swap.return_ends, swap.return_rotation or "", about)
        swap.return_override_id = overriding.put(session, swap.rota, row, who, now).id
    swap.taker = taker
    _settle(session, swap, State.ACCEPTED, who, now, What.SWAP_ACCEPTED, taker=taker.name, reason=swap.reason)
    review(session, swap.rota, who, now)


def _invalidate(session: Session, swap: Swap, why: str, plan: Plan, who: Who, now: datetime) -> None:
    swap.why = why
    for row in overrides(session, swap):
        if is_still_there(row, now):
            overriding.withdraw(session, swap.rota, [row], who, now, stands_until(plan, swap, row, now))
    _settle(session, swap, State.INVALID, who, now, What.SWAP_INVALID, why=why)


def _settle(session: Session, swap: Swap, state: State, who: Who, now: datetime, what: What, **detail: object) -> None:
    swap.state, swap.settled_at, swap.settled_by = state, now, who.name
    session.flush()
    _tell(session, swap, who, what, now, **detail)


def _tell(session: Session, swap: Swap, who: Who, what: What, now: datetime, **detail: object) -> None:
    audit.tell(session, who, what, swap.about(swap.rota.head.draft.zone), now, swap=swap.id, **detail)
