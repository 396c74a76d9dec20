"""Ringing engineers for a caller who waits: whom next, how it ended, and what they answer to the whisper.

The actions of the Connect steps and of the WHISPER flow in `callflow.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ivr import acknowledging, answers, judging, missed, texts, told
from ivr.call import unaccepted
from ivr.steps import RING
from oncall import paging
from oncall.escalation import OnCall, Tried, choose
from tickets.ticket import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.conversation import Conversation
    from oncall.escalation import Choice, Policy, Target
    from oncall.paging import Page


def page(talk: Conversation) -> str:
    """Ring whom the escalation policy names next; whoever has the caller's open emergency already, before anybody."""
    talk.ticket.raise_to(Priority.EMERGENCY, talk.now, "the caller asked for emergency help")
    return _ring_next(talk, talk.line.policy, [talk.carried.first] if talk.carried.first else [])


def hunt(talk: Conversation) -> str:
    """Ring the hunt group in its order."""
    return _ring_next(talk, talk.line.hunt)


def leg_outcome(talk: Conversation) -> str:
    """How did the last ring end? Connected only if the engineer pressed 1 and the carrier did not deny the bridge."""
    page, form = _page(talk), talk.heard.form
    page.leg_sid = page.leg_sid or form.get("DialCallSid")
    if (bridged := told.bridged(form)) is not None:
        page.bridged = bridged
    if page.bridged and not page.accepted_at:
        _believe_the_bridge(talk, page)
    page.close(unaccepted(form.get("DialCallStatus", "")), talk.now)
    judging.settle(talk.session, talk.board, talk.call, page, talk.now)
    if page.accepted_at and page.bridged is not False:
        return "connected"
    answers.denied(talk.ticket, page, talk.now)
    if talk.call.ended_at:
        missed.note(talk.session, talk.call)
    if page.accepted_at and not talk.call.ended_at:
        talk.ticket.release(talk.now, f"{page.staff.name} accepted, but the line broke before they were joined")
    elif not page.accepted_at:
        talk.ticket.tell("page", f"{page.staff.name}: {page.outcome}", talk.now, page=page.id)
    return "next"


def _believe_the_bridge(talk: Conversation, page: Page) -> None:
    """Only a 1 joins the two, so one was pressed when it could not be stored: the engineer has it, billing decides."""
    talked = timedelta(seconds=told.number(talk.heard.form, "DialCallDuration"))
    page.accept(page.leg_sid or "", talk.now - talked)
    page.reason = judging.KEY_LOST
    _has_it(talk, page)
    answers.taken(talk.ticket, page, talk.now - talked)


def answered(talk: Conversation) -> str:
    """An engineer's telephone was answered, by a person or a voicemail: is the caller still there?"""
    page = _page(talk)
    page.leg_sid = talk.sid
    return _still_wanted(talk, page)


def take(talk: Conversation) -> str:
    """The engineer pressed 1: accepted, and connected if the caller is still there."""
    page = _page(talk)
    route = _still_wanted(talk, page)
    if route == "late":
        return route
    page.accept(talk.sid, talk.now)
    _has_it(talk, page)
    texts.send_details(talk.session, talk.board, talk.call, page, talk.now)
    if route == "left":
        page.bridged = False
        page.close(paging.Outcome.ACCEPTED, talk.now)
    else:
        answers.taken(talk.ticket, page, talk.now)
    return route


def _has_it(talk: Conversation, page: Page) -> None:
    """Whoever is joined with the caller has it, also if somebody else said so before."""
    talk.ticket.acknowledge(page.staff, talk.now)
    acknowledging.settle(talk.session, talk.board, talk.ticket, talk.now)


def pass_on(talk: Conversation) -> str:
    """The engineer pressed 2: the next one, at once."""
    _page(talk).decline(talk.sid, talk.now)
    return "noted"


def _page(talk: Conversation) -> Page:
    page = talk.page
    if page is None or page.call_sid != talk.call.sid:
        raise LookupError("this leg belongs to no page of this call")
    return page


def _still_wanted(talk: Conversation, page: Page) -> str:
    if talk.call.ended_at:
        return "left"
    return "waiting" if page.ended_at is None else "late"


def _ring_next(talk: Conversation, policy: Policy, first: Sequence[str] = ()) -> str:
    if talk.call.ended_at:  # nobody is rung for a caller who has left
        return "nobody"
    busy = paging.busy(talk.session, talk.now)
    tried = [Tried(*mark) for mark in talk.carried.tried]
    board = talk.board
    choice = choose(
        policy, board.on_duty(talk.now), lambda key: _obstacle(talk, key, busy), tried, first, board.unready
    )
    if choice.gaps and not tried:
        talk.ticket.tell("gap", f"nobody is on duty at {_places(choice.gaps)}", talk.now)
    talk.carried.tried = [(mark.round, mark.engineer, mark.skipped) for mark in choice.tried]
    _report_skipped(talk, choice.skipped)
    if choice.ring is None:
        rung = any(not mark.skipped for mark in choice.tried)
        told = "nobody accepted" if rung else "nobody could be rung: nobody is on duty, or nobody can be reached"
        talk.ticket.tell("unanswered", told, talk.now)
        return "nobody" if rung else "empty"
    _ring(talk, policy, choice)
    return RING


def _places(gaps: Sequence[Target]) -> str:
    return " and ".join(f"place {gap.place + 1} of {gap.rota!r}" for gap in gaps if isinstance(gap, OnCall))


def _obstacle(talk: Conversation, key: str, busy: set[int]) -> str | None:
    if lasting := talk.board.obstacle(key):
        return lasting
    phone = talk.board.engineers[key].phone
    if phone == talk.call.caller:
        return "is the caller"
    # By the telephone, not the person: two colleagues may share one.
    engaged = {one.phone for one in talk.board.engineers.values() if one.id in busy}
    return "is on another call" if phone in engaged else None


def _report_skipped(talk: Conversation, skipped: Sequence[tuple[str, str]]) -> None:
    for key, reason in skipped:
        engineer = talk.board.engineers.get(key)
        talk.ticket.tell("skipped", f"{engineer.name if engineer else key} {reason}", talk.now)
        if engineer:
            paging.skip(
                talk.session,
                ticket_id=talk.ticket.id,
                staff_id=engineer.id,
                call_sid=talk.call.sid,
                at=talk.now,
                reason=reason,
            )


def _ring(talk: Conversation, policy: Policy, choice: Choice) -> None:
    engineer = talk.board.engineers[choice.ring or ""]
    page = paging.ring(
        talk.session,
        ticket_id=talk.ticket.id,
        staff_id=engineer.id,
        call_sid=talk.call.sid,
        at=talk.now,
        ring_seconds=policy.ring_seconds,
    )
    talk.carried.page = page.id
    talk.dial = {"number": engineer.phone or "", "ring_seconds": str(policy.ring_seconds)}
    trace: dict[str, Any] = {"page": page.id, "round": choice.round, "step": choice.step}
    trace |= {"why": talk.board.why(policy, choice, talk.now), "set_up": talk.board.version}
    talk.ticket.tell("page", f"rings {engineer.name}", talk.now, **trace)
