"""What the flow asks of the others; each names the route to take, and decides only from the Switchboard and the call.

The names are those of the steps in `callflow.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import numbers
from ivr import reports, texts
from ivr.call import WRONG_REFERENCE, unaccepted, wrong_references
from ivr.steps import RING
from oncall import paging
from oncall.escalation import Tried, choose
from sla.overtime import Cover, band_at
from tickets import inbox, reference
from tickets.ticket import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.conversation import Conversation
    from oncall.escalation import Policy
    from oncall.paging import Page
    from tickets.ticket import Ticket

WRONG_REFERENCES = 5  # in an hour and by one caller ID; then option 3 is locked (TICKETS-SLA.md §4)
LOCK = timedelta(hours=1)


def arrival(talk: Conversation) -> str:
    """Who calls, and is the office open."""
    if talk.call.caller in talk.board.blocked:
        talk.ticket.resolve(talk.now, "rejected: the number is blocked")
        return "blocked"
    return _office(talk)


def no_key(talk: Conversation) -> str:
    """Three misses: whoever we know, or who pressed anything at all, is helped; a silent stranger is let go."""
    if not talk.caller and not talk.carried.pressed:
        reports.abandon(talk.ticket, talk.now, "no key was pressed")
        return "stranger"
    return _office(talk)


def support(talk: Conversation) -> str:
    """The office hunt, or what is left when it is closed."""
    talk.carried.tried = []
    return _office(talk)


def emergency(talk: Conversation) -> str:
    """Join the caller's open emergency if there is one; then, does this hour need the overtime notice?"""
    talk.carried.tried = []
    theirs = inbox.emergencies(inbox.unresolved_of(talk.call.caller, None))
    if talk.is_about_its_own_ticket and (earlier := inbox.newest(talk.session, theirs, talk.ticket.id)):
        talk.join(earlier, "the caller rang again about an open emergency")
    if _office(talk) == "open":
        return "open"
    # High until the caller has answered the notice: whoever hangs up while it is read is still called back.
    talk.ticket.raise_to(Priority.HIGH, talk.now, "the caller asked for emergency help")
    return "included" if _cover(talk) == Cover.INCLUDED else "notice"


def consent(talk: Conversation) -> str:
    """Keep what the caller said to the overtime notice; silence is neither yes nor no."""
    answer = {"1": True, "2": False}.get(talk.heard.keys)
    talk.carried.consent = talk.call.consent = answer
    said = {True: "accepted", False: "refused", None: "did not answer the question about"}[answer]
    talk.ticket.tell("consent", f"the caller {said} overtime rates", talk.now, consent=answer)
    return "kept"


def page(talk: Conversation) -> str:
    """Ring whom the escalation policy names next, the owner of the ticket before anybody."""
    talk.ticket.raise_to(Priority.EMERGENCY, talk.now, "the caller asked for emergency help")
    return _ring_next(talk, talk.line.policy)


def hunt(talk: Conversation) -> str:
    """Ring the hunt group in its order, the owner of the ticket before anybody."""
    return _ring_next(talk, talk.line.hunt)


def leg_outcome(talk: Conversation) -> str:
    """How did the last ring end? Connected only if the engineer pressed 1 and the carrier did not deny the bridge."""
    page, form = _page(talk), talk.heard.form
    page.leg_sid = page.leg_sid or form.get("DialCallSid")
    if "DialBridged" in form:
        page.bridged = form["DialBridged"] == "true"
    page.close(unaccepted(form.get("DialCallStatus", "")), talk.now)
    reports.settle(talk.session, talk.board, talk.call, page, talk.now)
    if page.accepted_at and page.bridged is not False:
        return "connected"
    if page.accepted_at:
        talk.ticket.release(talk.now, f"{page.staff.name} accepted, but the line broke before they were joined")
    else:
        talk.ticket.tell("page", f"{page.staff.name}: {page.outcome}", talk.now, page=page.id)
    return "next"


def call_back(talk: Conversation) -> str:
    """Promise a call to the number that called, if there is one."""
    if not talk.call.caller:
        return "withheld"
    talk.ticket.tell("call back", f"wants to be called back on {numbers.shown(talk.call.caller)}", talk.now)
    return "known"


def message(talk: Conversation) -> str:
    """Keep the recording; a silent one is no message."""
    return "kept" if reports.recorded(talk.session, talk.call, talk.heard.form, talk.now) else "silent"


def my_ticket(talk: Conversation) -> str:
    """Offer the newest ticket of whoever calls, so that most callers key in nothing."""
    if _is_locked(talk):
        return "locked"
    talk.about = _newest(talk)
    return "newest" if talk.about else "none"


def this_ticket(talk: Conversation) -> str:
    """The offered ticket it is."""
    talk.about = _newest(talk)
    if not talk.about:
        return "gone"
    talk.join(talk.about, "the caller asked about it")
    return "theirs"


def find_ticket(talk: Conversation) -> str:
    """Look up the reference that was keyed in; a caller ID that does not match hears the state and nothing else."""
    if _is_locked(talk):
        return "locked"
    keys = talk.heard.keys
    found = talk.session.scalars(inbox.by_reference(keys)).first() if reference.is_valid(keys) else None
    if not found:
        talk.note = WRONG_REFERENCE
        return "locked" if _wrong_references(talk) + 1 >= WRONG_REFERENCES else "wrong"
    talk.about = inbox.survivor(talk.session, found)
    if not _theirs(talk, talk.about):
        talk.about.tell("asked", "somebody else asked for its state by telephone", talk.now)
        return "other"
    if talk.about.is_open:
        talk.join(talk.about, "the caller asked about it")
    return "theirs"


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
    talk.ticket.acknowledge(page.staff, talk.now)
    texts.send_details(talk.session, talk.board, talk.call, page, talk.now)
    if route == "left":
        page.bridged = False
        page.close(paging.Outcome.ACCEPTED, talk.now)
    return route


def pass_on(talk: Conversation) -> str:
    """The engineer pressed 2: the next one, at once."""
    _page(talk).decline(talk.sid, talk.now)
    return "noted"


def _office(talk: Conversation) -> str:
    return "open" if talk.line.actual.is_open(talk.now) else "closed"


def _cover(talk: Conversation) -> Cover | None:
    """What the contract says of work that begins now; None without a contract."""
    terms = talk.board.terms(talk.call.customer_id, talk.line, talk.now)
    return terms.bands[band_at(talk.now, talk.line.regular)] if terms else None


def _page(talk: Conversation) -> Page:
    page = talk.page
    if page is None or page.call_sid != talk.call.sid:
        raise LookupError("this leg belongs to no page of this call")
    return page


def _still_wanted(talk: Conversation, page: Page) -> str:
    if talk.call.ended_at:
        return "left"
    return "waiting" if page.ended_at is None else "late"


def _ring_next(talk: Conversation, policy: Policy) -> str:
    if talk.call.ended_at:  # nobody is rung for a caller who has left
        return "nobody"
    busy = paging.busy(talk.session, talk.now)
    tried = [Tried(*mark) for mark in talk.carried.tried]
    owner = [talk.ticket.owner.key] if talk.ticket.owner else []
    choice = choose(policy, talk.board.on_duty(talk.now), lambda key: _obstacle(talk, key, busy), tried, owner)
    talk.carried.tried = [(mark.round, mark.engineer, mark.skipped) for mark in choice.tried]
    _report_skipped(talk, choice.skipped)
    if choice.ring is None:
        rung = any(not mark.skipped for mark in choice.tried)
        told = "nobody accepted" if rung else "nobody could be rung: nobody is on duty, or nobody can be reached"
        talk.ticket.tell("unanswered", told, talk.now)
        return "nobody" if rung else "empty"
    _ring(talk, choice.ring, policy.ring_seconds)
    return RING


def _obstacle(talk: Conversation, key: str, busy: set[int]) -> str | None:
    if lasting := talk.board.obstacle(key):
        return lasting
    engineer = talk.board.engineers[key]
    if engineer.phone == talk.call.caller:
        return "is the caller"
    return "is on another call" if engineer.id in busy else None


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


def _ring(talk: Conversation, key: str, seconds: int) -> None:
    engineer = talk.board.engineers[key]
    assert engineer.phone, "an engineer without a number has an obstacle"  # noqa: S101
    page = paging.ring(
        talk.session, ticket_id=talk.ticket.id, staff_id=engineer.id, call_sid=talk.call.sid, at=talk.now
    )
    talk.carried.page = page.id
    talk.dial = {"number": engineer.phone, "ring_seconds": str(seconds)}
    talk.ticket.tell("page", f"rings {engineer.name}", talk.now, page=page.id)


def _newest(talk: Conversation) -> Ticket | None:
    theirs = inbox.unresolved_of(talk.call.caller, talk.call.customer_id)
    own = talk.ticket.id if talk.is_about_its_own_ticket else None
    return inbox.newest(talk.session, theirs, apart_from=own)


def _theirs(talk: Conversation, ticket: Ticket) -> bool:
    same_number = talk.call.caller is not None and ticket.caller == talk.call.caller
    same_customer = talk.call.customer_id is not None and ticket.customer_id == talk.call.customer_id
    return same_number or same_customer


def _is_locked(talk: Conversation) -> bool:
    return _wrong_references(talk) >= WRONG_REFERENCES


def _wrong_references(talk: Conversation) -> int:
    return wrong_references(talk.session, talk.call.caller, talk.call.sid, talk.now - LOCK)
