"""The pages of swaps: who asks whom to take a shift, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, request, url_for

from desk import when
from desk.door.guard import looking, requires
from desk.staff import Role
from oncall import agreement, counter, cover, crew, roster, sight, swap_lists, swaps
from oncall.counter import database, page, sighted
from oncall.form import LONGEST, Form
from oncall.shifts import ShiftId
from oncall.swap import State, Swap

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.staff import Staff
    from oncall.effect import Effect
    from oncall.sight import Sight
    from oncall.strip import Stretch

swapping = Blueprint("swaps", __name__)
swapping.before_request(requires(Role.ENGINEER, Role.MANAGER))
FIELDS = ("to", "in_return", "reason")
REACHED = {
    "accept": State.ACCEPTED,
    "decline": State.DECLINED,
    "withdraw": State.WITHDRAWN,
    "undo": State.UNDONE,
}
Answer = str | tuple[str, int]


@swapping.get("/rota/swaps")
def requests() -> str:
    """What is asked of whoever looks, what they asked, and the shifts that need somebody."""
    with database().reading() as session:
        seen = sighted(session)
        return page(
            "rota/swaps.html",
            seen,
            found=swap_lists.of(
                session, counter.me(session), g.now, counter.board_plans(session), is_manager=_is_manager()
            ),
            open_shifts=cover.open_requests(session, g.now),
            myself=counter.me(session),
        )


@swapping.get("/rota/swaps/new")
def form() -> Answer:
    """The form to ask for one shift to be taken; without one, the shifts to choose from."""
    with database().reading() as session:
        seen = sighted(session)
        return _form(session, seen, Form(seen.zone))


@swapping.post("/rota/swaps")
def ask() -> Answer | Response:
    """Ask a colleague, or all who can; a manager may arrange it at once."""
    with database().reading() as session:
        seen = sighted(session)
        name, typed = seen.name, Form(seen.zone)
    typed.short("reason", f"The reason has room for {LONGEST} characters.")
    if typed["arrange"] and not typed["to"]:
        typed.faults["to"] = "Choose who takes the shift."
    status = 422
    if not typed.faults:
        try:
            number = database().write(lambda session: _ask(session, name, typed))
            return redirect(url_for("swaps.one", rota=name, number=number), 303)
        except counter.REFUSALS as error:
            status = typed.refuse(error)
    with database().reading() as session:
        return _form(session, sighted(session), typed), status


@swapping.get("/rota/swaps/<int:number>")
def one(number: int) -> str:
    """One request: where it stands, what it would do, and what may be answered."""
    with database().reading() as session:
        return _one(session, _swap(session, number))


@swapping.post("/rota/swaps/<int:number>/answer")
def answer(number: int) -> Answer | Response:
    """Accept, decline, withdraw or undo; who says the same twice is heard once."""
    said = request.form.get("answer", "")
    with database().reading() as session:
        _swap(session, number)
    if said not in REACHED:
        abort(422)
    try:
        database().write(lambda session: _answer(session, number, said))
    except counter.REFUSALS as error:
        with database().reading() as session:
            swap = _swap(session, number)
            if swap.state != REACHED[said] or (said == "accept" and swap.taker != counter.answering(session)):
                typed = Form(sight_of(session, swap).zone)
                status = typed.refuse(error)
                return _one(session, swap, typed), 403 if status == 403 else 409
    return redirect(url_for("swaps.one", number=number), 303)


def sight_of(session: Session, swap: Swap) -> Sight:
    """The rota of a swap, looked at now."""
    return counter.sight_of(session, swap.rota.name)


def _form(session: Session, seen: Sight, typed: Form) -> str:
    shift = counter.shift_id(typed) if typed["lane"] else None
    owner = counter.colleague(session, typed["owner"]) if typed["owner"] else counter.me(session)
    given = agreement.held(seen.plan, shift, owner.key, g.now) if shift and owner else None
    if shift and not given:
        typed.faults.setdefault("shift", "This shift is not any more as it was. Choose again.")
    return page(
        "rota/swap_form.html",
        seen,
        typed=typed,
        fields=FIELDS,
        given=given,
        owner=owner,
        able=[one for one in crew.able(session) if owner and one.id != owner.id],
        coming=_coming(seen, owner),
        myself=counter.me(session),
    )


def _coming(seen: Sight, owner: Staff | None) -> tuple[list[Stretch], list[Stretch]]:
    """The shifts ahead that the owner could give, and those of others that could come back for one."""
    found = [one for one in sight.ahead(seen) if one.shift and not one.shift.rotation.startswith("+")]
    key = owner.key if owner else None
    mine = [one for one in found if one.engineer == key or (key is None and _is_manager())]
    return mine, [one for one in found if one.engineer != key and one.start > seen.now]


def _ask(session: Session, name: str, typed: Form) -> int:
    record = roster.named(session, name)
    owner = counter.colleague(session, typed["owner"])
    if owner is None:
        raise LookupError("choose whose shift it is")
    to = counter.colleague(session, typed["to"]) if typed["to"] else None
    if typed["to"] and to is None:
        raise LookupError("whom you ask does not work here any more")
    shift, back, who = counter.shift_id(typed), _in_return(typed["in_return"]), looking().who
    if typed["arrange"] and to:
        return swaps.arrange(
            session, record, shift, owner, to, who=who, now=g.now, in_return=back, reason=typed["reason"]
        ).id
    return swaps.ask(
        session, record, shift, owner, who=who, now=g.now, to=to, in_return=back, reason=typed["reason"]
    ).id


def _in_return(text: str) -> ShiftId | None:
    """The shift that "First@2026-11-30T06:30:00+00:00" means."""
    if not text:
        return None
    lane, _, start = text.rpartition("@")
    return ShiftId(lane, when.instant(start, "UTC"))


def _answer(session: Session, number: int, said: str) -> None:
    swap, who = _swap(session, number), looking().who
    if said in ("withdraw", "undo"):
        (swaps.withdraw if said == "withdraw" else swaps.undo)(session, swap, who, g.now)
        return
    colleague = counter.answering(session)
    if colleague is None:
        raise LookupError("choose who takes it")
    (swaps.accept if said == "accept" else swaps.decline)(session, swap, colleague, who, g.now)


def _one(session: Session, swap: Swap, typed: Form | None = None) -> str:
    seen, me = sight_of(session, swap), counter.me(session)
    is_manager = _is_manager()
    is_asked = swap.state == State.ASKED and swap.expires_at > g.now
    can = agreement.who_can(session, swap, counter.board_plans(session)) if is_asked else []
    me_can = bool(me and is_asked and me.id != swap.owner_id and swap.to_id in (None, me.id))
    taker = swap.to or (me if me_can else None)
    parties = (swap.owner_id, swap.to_id or swap.taker_id)
    return page(
        "rota/swap.html",
        seen,
        swap=swap,
        typed=typed,
        told=_told(session, swap, taker) if is_asked and taker else None,
        taker=taker,
        can=can,
        serving=_serving(seen, swap),
        may_answer=is_asked and (me_can or is_manager),
        may_withdraw=is_asked and (is_manager or bool(me and me.id == swap.owner_id)),
        may_undo=swap.state == State.ACCEPTED
        and max(swap.ends, swap.return_ends or swap.ends) > g.now
        and (is_manager or bool(me and me.id in parties)),
        myself=me,
    )


def _serving(seen: Sight, swap: Swap) -> list[str]:
    """Who really has what is left of the shift, whatever was changed after the swap."""
    left = seen.plan.lanes(max(swap.starts, seen.now), swap.ends).get(swap.rotation, ())
    return [one.engineer for one in left if one.id == swap.shift]


def _told(session: Session, swap: Swap, taker: Staff) -> Effect | None:
    if agreement.difference(roster.plan(session, swap.rota), swap, g.now):
        return None
    return agreement.preview(session, swap, taker, g.now)


def _is_manager() -> bool:
    return looking().role == Role.MANAGER


def _swap(session: Session, number: int) -> Swap:
    found = session.get(Swap, number)
    if found is None:
        abort(404)
    return found
