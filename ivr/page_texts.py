"""The texts of paging: to whoever is called to an emergency, and afterwards to everybody who was, who has it.

Each is written once per key, however often its cause happens.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import numbers, outbox
from desk.address import Opens
from ivr import outgoing, prompts
from oncall import texting
from tickets import reference

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.staff import Staff
    from ivr.switchboard import LineSetUp, Switchboard
    from oncall.paging import Page
    from oncall.pursuit import Pursuit
    from tickets.ticket import Ticket

LINK_LASTS = timedelta(minutes=15)
NEWS_LASTS = timedelta(hours=2)  # that somebody else has it


def summon(
    session: Session,
    board: Switchboard,
    addresses: Addresses,
    pursuit: Pursuit,
    staff: Staff,
    code: str,
    now: datetime,
) -> None:
    """Who needs help, and the two ways to say without a call that one has it; once in every cycle."""
    sealed = addresses.make(Opens.TICKET, pursuit.ticket_id, staff.id, until=now + LINK_LASTS)
    more = {"code": code, "link": f"{addresses.origin}/have/{sealed}"}
    key = f"summons {pursuit.id} {pursuit.cycle} {staff.id}"
    post(session, board, key, "the page", "text_page", pursuit.ticket, staff, now, LINK_LASTS, more)


def details(session: Session, board: Switchboard, page: Page, ticket: Ticket, now: datetime) -> None:
    """To whoever pressed 1: whom to call."""
    post(session, board, f"yours page {page.id}", "the details", "text_yours", ticket, page.staff, now, NEWS_LASTS)


def taken(
    session: Session, board: Switchboard, pursuit: Pursuit, ticket: Ticket, staff: Staff, owner: Staff, now: datetime
) -> None:
    """To somebody else who was called: they can sleep on."""
    key, more = f"taken {pursuit.id} {staff.id}", {"name": owner.name}
    post(session, board, key, "who has it", "text_taken", ticket, staff, now, NEWS_LASTS, more)


def over(
    session: Session, board: Switchboard, pursuit: Pursuit, ticket: Ticket, staff: Staff, why: str, now: datetime
) -> None:
    """To somebody who was called: nobody needs to do anything."""
    key, more = f"over {pursuit.id} {staff.id}", {"why": why}
    post(session, board, key, "that it is over", "text_over", ticket, staff, now, NEWS_LASTS, more)


def nobody(session: Session, board: Switchboard, pursuit: Pursuit, manager: Staff, code: str, now: datetime) -> None:
    """To a manager: there is nobody to be rung; once in every cycle."""
    key = f"nobody {pursuit.id} {pursuit.cycle} {manager.id}"
    post(
        session,
        board,
        key,
        "that nobody can be rung",
        "text_nobody",
        pursuit.ticket,
        manager,
        now,
        NEWS_LASTS,
        {"code": code},
    )


def answer(
    session: Session,
    board: Switchboard,
    key: str,
    prompt: str,
    ticket: Ticket,
    staff: Staff,
    now: datetime,
    more: dict[str, str],
) -> None:
    """To somebody who replied: whose the ticket is now."""
    post(session, board, key, "the answer to a text", prompt, ticket, staff, now, LINK_LASTS, more)


def no_answer(
    session: Session, board: Switchboard, key: str, prompt: str, staff: Staff, now: datetime, more: dict[str, str]
) -> None:
    """To somebody whose reply means no ticket."""
    line = next(iter(board.lines.values()), None)
    if line is None or not staff.phone or not numbers.may_text(staff.phone):
        return
    body = prompts.spoken(board.words[line.languages[0]], prompt, more)
    text = {"what": "the answer to a text", "to": staff.phone, "line": line.number, "body": body}
    lasts = {"lasts": int(LINK_LASTS.total_seconds())}
    outbox.post(session, key, texting.KIND, text | lasts, now, lasts=LINK_LASTS)


def post(
    session: Session,
    board: Switchboard,
    key: str,
    what: str,
    prompt: str,
    ticket: Ticket,
    staff: Staff,
    now: datetime,
    lasts: timedelta,
    more: dict[str, str] | None = None,
) -> None:
    """A text about a ticket to a colleague, if their telephone takes texts; in the line's first language."""
    if not staff.phone or not numbers.may_text(staff.phone) or not board.lines:
        return
    line = outgoing.line_of(session, board, ticket)
    words = board.words[line.languages[0]]
    body = prompts.spoken(words, prompt, facts(board, line, ticket, words) | (more or {}))
    texting.post(session, key, what, ticket, staff.phone, line.number, body, now, lasts)


def facts(board: Switchboard, line: LineSetUp, ticket: Ticket, words: dict[str, str]) -> dict[str, str]:
    """What a colleague may learn of a ticket without signing in."""
    return {
        "company": line.company,
        "reference": reference.printed(ticket.reference),
        "customer": customer(board, ticket) or words["unknown_customer"],
        "number": numbers.shown(ticket.caller) if ticket.caller else words["no_telephone"],
    }


def customer(board: Switchboard, ticket: Ticket) -> str | None:
    """Whose ticket it is, as far as anybody knows."""
    known = board.directory.get(ticket.caller) if ticket.caller else None
    return ticket.customer.name if ticket.customer else known.customer if known else None
