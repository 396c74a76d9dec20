"""The mails of paging, beside its texts: to whoever is called to an emergency, and afterwards who has it.

They say what the texts say, and since when somebody waits and whether there is a message. One goes to each in every
cycle, as with the texts; who was mailed, and nobody else, is mailed the end of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import mailing, numbers
from desk.outbox import Outgoing
from ivr import outgoing, page_texts, prompts, tongues
from ivr.page_texts import LINK_LASTS, NEWS_LASTS
from ivr.recordings import Recording
from oncall import page_mail
from tickets import inbox

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.staff import Staff
    from ivr.switchboard import Switchboard
    from oncall.pursuit import Pursuit
    from tickets.ticket import Ticket


def summon(
    session: Session,
    board: Switchboard,
    addresses: Addresses,
    pursuit: Pursuit,
    staff: Staff,
    now: datetime,
    prompt: str = "mail_page",
) -> None:
    """Who needs help since when, and the link to say that one has it; once in every cycle, to who has an address."""
    if not mailing.is_address(staff.email):
        return
    ticket, line = pursuit.ticket, outgoing.line_of(session, board, pursuit.ticket)
    message = "mail_message" if _message(session, ticket) else "mail_no_message"
    more = {
        "waiting": tongues.of(line.languages[0]).length(now - ticket.opened_at),
        "until": f"{(now + LINK_LASTS).astimezone(ZoneInfo(line.zone)):%H:%M}",
    }
    have, see = page_texts.have_link(addresses, pursuit, staff, now), f"{addresses.origin}/tickets/{ticket.reference}"
    parts = (prompt, message, "mail_have", have, "mail_see", see)
    key, about = _key(pursuit, pursuit.cycle, staff), {"pursuit": pursuit.id}
    _post(session, board, key, "the page", parts, ticket, staff, staff.email or "", now, LINK_LASTS, more, about)


def nobody(
    session: Session, board: Switchboard, addresses: Addresses, pursuit: Pursuit, manager: Staff, now: datetime
) -> None:
    """To a manager: there is nobody to be rung; once in every cycle."""
    summon(session, board, addresses, pursuit, manager, now, "mail_nobody")


def taken(
    session: Session, board: Switchboard, pursuit: Pursuit, ticket: Ticket, staff: Staff, owner: Staff, now: datetime
) -> None:
    """To somebody else who was mailed: they can sleep on."""
    _news(session, board, pursuit, "mail_taken", "who has it", ticket, staff, now, {"name": owner.name})


def over(
    session: Session, board: Switchboard, pursuit: Pursuit, ticket: Ticket, staff: Staff, why: str, now: datetime
) -> None:
    """To somebody who was mailed: nobody needs to do anything."""
    _news(session, board, pursuit, "mail_over", "that it is over", ticket, staff, now, {"why": why})


def _news(
    session: Session,
    board: Switchboard,
    pursuit: Pursuit,
    prompt: str,
    what: str,
    ticket: Ticket,
    staff: Staff,
    now: datetime,
    more: dict[str, str],
) -> None:
    if board.lines and (to := _mailed(session, pursuit, staff)):
        key = f"{prompt} {pursuit.id} {staff.id}"
        _post(session, board, key, what, (prompt,), ticket, staff, to, now, NEWS_LASTS, more, {})


def _mailed(session: Session, pursuit: Pursuit, staff: Staff) -> str | None:
    """Where somebody was mailed last about it; None if they were not."""
    keys = [_key(pursuit, cycle, staff) for cycle in range(1, pursuit.cycle + 1)]
    rows = select(Outgoing).where(Outgoing.key.in_(keys)).order_by(Outgoing.id.desc()).limit(1)
    row = session.scalars(rows).first()
    return row.payload["to"] if row else None


def _key(pursuit: Pursuit, cycle: int, staff: Staff) -> str:
    return f"summons by mail {pursuit.id} {cycle} {staff.id}"


def _post(
    session: Session,
    board: Switchboard,
    key: str,
    what: str,
    parts: tuple[str, ...],
    ticket: Ticket,
    staff: Staff,
    to: str,
    now: datetime,
    lasts: timedelta,
    more: dict[str, str],
    about: dict[str, int],
) -> None:
    """Each part is the name of a prompt, or an address in a line of its own; the first one has a subject."""
    line = outgoing.line_of(session, board, ticket)
    words = board.words[line.languages[0]]
    facts = page_texts.facts(board, line, ticket, words) | more
    paragraphs = [prompts.spoken(words, part, facts) if part in words else part for part in parts]
    body = "\n\n".join([*paragraphs, f"-- \n{line.company}, {numbers.shown(line.number)}"]) + "\n"
    subject = prompts.spoken(words, f"{parts[0]}_subject", facts)
    page_mail.post(session, key, what, ticket, staff, to, subject, body, now, lasts, about)


def _message(session: Session, ticket: Ticket) -> bool:
    theirs = select(Recording.sid).where(Recording.ticket_id.in_(inbox.whole(ticket))).limit(1)
    return session.scalar(theirs) is not None
