"""What the flow asks of the others; each names the route to take, and decides only from the Switchboard and the call.

The names are those of the steps in `callflow.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import numbers
from ivr import reports
from ivr.call import WRONG_REFERENCE, wrong_references
from sla.overtime import Cover
from tickets import inbox, reference
from tickets.event import CONSENT
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from ivr.conversation import Conversation

WRONG_REFERENCES = 5  # in an hour and by one caller ID; then option 3 is locked (TICKETS-SLA.md §4)
LOCK = timedelta(hours=1)


def arrival(talk: Conversation) -> str:
    """Who calls, and is the office open."""
    if talk.call.caller in talk.board.blocked:
        talk.ticket.withdraw(talk.now, "rejected: the number is blocked")
        return "blocked"
    return "staff" if talk.colleague else _office(talk)


def no_key(talk: Conversation) -> str:
    """Three misses: whoever we know, or who pressed anything at all, is helped; a silent stranger is let go."""
    if not talk.caller and not talk.carried.pressed:
        talk.ticket.abandon(talk.now, "no key was pressed")
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
    ticket = talk.ticket
    talk.carried.first = ticket.owner.key if ticket.owner and ticket.priority == Priority.EMERGENCY else None
    if _office(talk) == "open":
        return "open"
    if talk.board.cover(talk.call.customer_id, talk.line, talk.now) == Cover.INCLUDED:
        return "included"
    # High until the caller has answered the notice: whoever hangs up while it is read is still called back.
    talk.ticket.raise_to(Priority.HIGH, talk.now, "the caller asked for emergency help")
    return "notice"


def consent(talk: Conversation) -> str:
    """Keep what the caller said to the overtime notice; silence is neither yes nor no."""
    answer = {"1": True, "2": False}.get(talk.heard.keys)
    talk.carried.consent = talk.call.consent = answer
    said = {True: "accepted", False: "refused", None: "did not answer the question about"}[answer]
    talk.ticket.tell(CONSENT, f"the caller {said} overtime rates", talk.now, consent=answer)
    return "kept"


def call_back(talk: Conversation) -> str:
    """Promise a call to the number that called, if there is one."""
    if not talk.call.caller:
        return "withheld"
    talk.ticket.hear(f"wants to be called back on {numbers.shown(talk.call.caller)}", talk.now)
    return "known"


def message(talk: Conversation) -> str:
    """Keep the recording; a silent one is no message."""
    return "kept" if reports.recorded(talk.session, talk.call, talk.heard.form, talk.now) else "silent"


def my_ticket(talk: Conversation) -> str:
    """Offer the newest ticket of whoever calls, so that most callers key in nothing."""
    if _is_locked(talk):
        return "locked"
    talk.about = _newest(talk)
    talk.carried.offered = talk.about.id if talk.about else None
    return "newest" if talk.about else "none"


def this_ticket(talk: Conversation) -> str:
    """The offered ticket it is, also if a newer one has come in meanwhile."""
    offered = talk.session.get_one(Ticket, talk.carried.offered)
    talk.about = inbox.survivor(talk.session, offered)
    if talk.about.is_open:  # it may have been resolved since it was offered
        talk.join(talk.about, "the caller asked about it", owed=False)
    return "theirs"


def find_ticket(talk: Conversation) -> str:
    """Look up the reference that was keyed in; a caller ID that does not match hears the state and nothing else."""
    found = look_up(talk)
    if not isinstance(found, Ticket):
        return found
    talk.about = inbox.survivor(talk.session, found)
    if not _theirs(talk, talk.about):
        talk.about.tell("state asked", "somebody else asked for its state by telephone", talk.now)
        return "other"
    if talk.about.is_open:
        talk.join(talk.about, "the caller asked about it", owed=False)
    return "theirs"


def look_up(talk: Conversation) -> Ticket | str:
    """The ticket of the reference that was keyed in, or the route of one that is wrong."""
    if _is_locked(talk):
        return "locked"
    keys = talk.heard.keys
    found = talk.session.scalars(inbox.by_reference(keys)).first() if reference.is_valid(keys) else None
    if found:
        return found
    talk.note = WRONG_REFERENCE
    return "locked" if _wrong_references(talk) + 1 >= WRONG_REFERENCES else "wrong"


def as_caller(talk: Conversation) -> str:
    """A colleague wants what every caller may have."""
    return _office(talk)


def _office(talk: Conversation) -> str:
    return "open" if talk.line.actual.is_open(talk.now) else "closed"


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
