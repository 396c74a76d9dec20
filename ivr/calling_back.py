"""The actions of a call-back: asked for by an engineer who rings the line, and played to the engineer who is rung.

Caller ID is a claim, not proof: whoever rings the line as an engineer hears no name and is put through to nobody, but
the engineer's own telephone is rung.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr import acknowledging, actions, judging, outgoing, reports, told
from ivr.call import unaccepted
from ivr.outgoing import CannotCallBack
from ivr.steps import RING
from oncall.paging import Page
from tickets import inbox
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from ivr.conversation import Conversation

JOINED = ("completed", "answered")


# On the line: the engineer asks


def newest(talk: Conversation) -> str:
    """Offer the engineer's own newest ticket that somebody can be called back about."""
    theirs = inbox.unresolved().where(Ticket.owner_id == talk.colleague)
    tickets = talk.session.scalars(theirs.where(Ticket.id != talk.ticket.id).limit(10))
    talk.about = next((ticket for ticket in tickets if outgoing.number_of(ticket)), None)
    talk.carried.offered = talk.about.id if talk.about else None
    return "newest" if talk.about else "none"


def this_ticket(talk: Conversation) -> str:
    """The one that was offered."""
    return _ask(talk, talk.session.get_one(Ticket, talk.carried.offered))


def keyed_in(talk: Conversation) -> str:
    """The one whose reference was keyed in."""
    found = actions.look_up(talk)
    return _ask(talk, found) if isinstance(found, Ticket) else found


def _ask(talk: Conversation, ticket: Ticket) -> str:
    ticket = inbox.survivor(talk.session, ticket)
    try:
        page = outgoing.ask(talk.session, talk.board, ticket, talk.colleague or 0, talk.now, on_line=True)
    except CannotCallBack as error:
        ticket.tell("call back", f"a call-back was asked for by telephone, but {error}", talk.now)
        return "impossible"
    page.asked_in = talk.call.sid
    if ticket.is_open:
        talk.join(ticket, "an engineer rang the line about it")
    else:
        talk.ticket.resolve(talk.now, "an engineer rang the line for a call-back")
    return "asked"


# The engineer is rung


def picked_up(talk: Conversation) -> str:
    """Somebody answers the engineer's telephone: is the call-back still wanted, and is the number still theirs?"""
    page = talk.session.get_one(Page, talk.call.page_id)
    talk.carried.page = page.id
    engineer = talk.board.engineer(page.staff_id)
    theirs = engineer is not None and engineer.phone == talk.heard.form.get("To")
    return "wanted" if theirs and page.waits(talk.now) and page.call_sid == talk.call.sid else "late"


def ring(talk: Conversation) -> str:
    """The engineer pressed 1: ring the customer, with our number as the caller's."""
    page = talk.session.get_one(Page, talk.call.page_id)
    if page.ended_at or not talk.call.caller or talk.call.caller in talk.board.lines:
        return "nobody"
    page.accept(None, talk.now)
    if talk.ticket.owner_id is None and talk.ticket.is_open:
        talk.ticket.acknowledge(page.staff, talk.now)
        acknowledging.settle(talk.session, talk.board, talk.ticket, talk.now)
    talk.dial = {"number": talk.call.caller, "ring_seconds": str(talk.line.policy.ring_seconds)}
    return RING


def outcome(talk: Conversation) -> str:
    """How did it end? Reached if the customer answered; no key is asked of them."""
    page, form = talk.session.get_one(Page, talk.call.page_id), talk.heard.form
    page.leg_sid, page.bridged = page.leg_sid or form.get("DialCallSid"), told.bridged(form)
    reached = form.get("DialCallStatus") in JOINED and page.bridged is not False
    if reached:
        reports.joined(talk.session, talk.call, page, told.number(form, "DialCallDuration"), talk.now)
    elif form.get("DialCallStatus"):
        page.bridged = False
    page.close(unaccepted(form.get("DialCallStatus", "")), talk.now)
    judging.settle(talk.session, talk.board, talk.call, page, talk.now)
    return "reached" if reached else "nobody"


def declined(talk: Conversation) -> str:
    """The engineer pressed 2: not now."""
    talk.session.get_one(Page, talk.call.page_id).decline(None, talk.now)
    return "noted"
