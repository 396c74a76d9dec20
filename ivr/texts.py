"""The texts that a call sends: the reference to whoever called, the details to the engineer who took it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import numbers
from ivr import prompts
from oncall import texting
from tickets import inbox, reference
from tickets.ticket import Priority

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.call import Call
    from ivr.switchboard import Switchboard
    from oncall.paging import Page
    from tickets.ticket import Ticket

REFERENCE_LASTS = timedelta(hours=12)
DETAILS_LAST = timedelta(minutes=30)  # after that the engineer has asked, or looked


def send_reference(session: Session, board: Switchboard, call: Call, now: datetime) -> None:
    """To a mobile that called, once per call, while there is something to refer to."""
    ticket = inbox.survivor(session, call.ticket)
    if not (call.caller and numbers.may_text(call.caller) and ticket.is_open):
        return
    _post(session, board, call, f"reference {call.sid}", "text_reference", ticket, call.caller, now, REFERENCE_LASTS)


def send_details(session: Session, board: Switchboard, call: Call, page: Page, now: datetime) -> None:
    """To the engineer who pressed 1: who needs help, on which number, about which ticket."""
    phone, ticket = page.staff.phone, inbox.survivor(session, call.ticket)
    if phone and numbers.may_text(phone):
        _post(session, board, call, f"details page {page.id}", "text_details", ticket, phone, now, DETAILS_LAST)


def _post(
    session: Session,
    board: Switchboard,
    call: Call,
    key: str,
    prompt: str,
    ticket: Ticket,
    to: str,
    now: datetime,
    lasts: timedelta,
) -> None:
    line, words = board.line(call.line_id), board.words[call.language]
    person = board.directory.get(call.caller) if call.caller else None
    facts = {
        "company": line.company,
        "reference": reference.printed(ticket.reference),
        "kind": words["emergency_kind" if ticket.priority == Priority.EMERGENCY else "support_kind"],
        "customer": person.customer if person else words["unknown_customer"],
        "number": numbers.shown(call.caller) if call.caller else words["withheld"],
    }
    what = "the details" if prompt == "text_details" else "the reference"
    texting.post(session, key, what, ticket, to, line.number, prompts.spoken(words, prompt, facts), now, lasts)
