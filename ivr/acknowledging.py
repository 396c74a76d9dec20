"""Acknowledging: "I have it", by a key, a text, a link or a page; and what it ends.

The one way to take a ticket that people are paged for. What it says is said only after it is stored. Whatever else
gives the ticket an owner, or ends it (a bridged call, a page, a merge), is settled by `settle`: in the same
transaction where it can be, and by the worker's next tick in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import outbox
from ivr import page_texts
from oncall import calling, pursuit
from oncall.paging import Outcome, Page
from tickets import inbox
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from ivr.switchboard import Switchboard


class How(StrEnum):
    """By which way somebody says that they have it, as the timeline tells it."""

    KEY = "by a key on the telephone"
    TEXT = "by text"
    LINK = "by the link in a text"
    PAGE = "on the ticket's page"


class Standing(StrEnum):
    """What whoever says it has to be told."""

    WANTED = "wanted"
    YOURS = "yours"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True)
class Answer:
    """Whose it is now, and since when; the ticket is the one that goes on."""

    standing: Standing
    ticket: Ticket
    owner: Staff | None = None
    since: datetime | None = None


def take(session: Session, board: Switchboard, ticket: Ticket, by: Staff, how: How, now: datetime) -> Answer:
    """`by` has it, unless somebody else has, or nobody needs to; said twice, it is done once."""
    ticket = locked(session, ticket)
    if ticket.is_open and ticket.owner_id is None:  # the first to say so
        ticket.acknowledge(by, now, how)
        settle(session, board, ticket, now)
    return standing(session, ticket, by)


def standing(session: Session, ticket: Ticket, asks: Staff) -> Answer:
    """How a ticket stands to somebody who was called to it."""
    ticket = inbox.survivor(session, ticket)
    if ticket.is_open and ticket.owner is None:
        return Answer(Standing.WANTED if pursuit.is_wanted(ticket) else Standing.OVER, ticket)
    if not ticket.is_open or ticket.owner is None:
        return Answer(Standing.OVER, ticket)
    mine = ticket.owner_id == asks.id
    return Answer(Standing.YOURS if mine else Standing.TAKEN, ticket, ticket.owner, ticket.had_since)


def locked(session: Session, ticket: Ticket) -> Ticket:
    """The ticket that goes on for this one, as it stands now and until this transaction ends."""
    goes_on = inbox.survivor(session, ticket)
    session.flush()
    goes_on = held(session, goes_on.id)
    return goes_on if goes_on.merged_into_id is None else locked(session, goes_on)


def held(session: Session, ticket_id: int) -> Ticket:
    """That very ticket, merged or not, as it stands now and until this transaction ends."""
    return session.get_one(Ticket, ticket_id, populate_existing=True, with_for_update=True)


def settle(session: Session, board: Switchboard, ticket: Ticket, now: datetime) -> None:
    """End the paging about a ticket that somebody has, or nobody needs: telephones fall silent, people are told."""
    found = pursuit.running(session, ticket)
    if found is None or pursuit.is_wanted(ticket):
        return
    session.flush()
    goes_on = inbox.survivor(session, ticket)
    session.expire(goes_on, ["owner"])
    owner = goes_on.owner
    found.end(f"{owner.name} has it" if owner and goes_on.is_open else why_over(ticket), now)
    for page in session.scalars(select(Page).where(Page.pursuit_id == found.id, Page.ended_at.is_(None))).all():
        if page.accepted_at is None:
            silence(session, page, now)
    for each in found.summoned:
        if owner is None or not goes_on.is_open:
            page_texts.over(session, board, found, ticket, each.staff, why_over(ticket), now)
        elif each.staff_id != owner.id:
            page_texts.taken(session, board, found, goes_on, each.staff, owner, now)


def silence(session: Session, page: Page, now: datetime) -> None:
    """A telephone need not ring any more: it is not rung at all, or the carrier is asked to stop.

    Where the carrier has not spoken of it yet, it is asked as soon as it does (ivr/reports.py).
    """
    page.reason = page.reason or "nobody needed it any more"
    if page.call_sid is None and outbox.withdraw(session, calling.key(page)):
        page.close(Outcome.SKIPPED, now)
        return
    row = outbox.of(session, calling.key(page))
    if sid := page.call_sid or (row.reference if row else None):
        calling.hush(session, page, sid, now)


def why_over(ticket: Ticket) -> str:
    """Why nobody needs to do anything about it, in words for a text."""
    if ticket.merged_into_id:
        return "it goes on as another ticket"
    if not ticket.is_open:
        return "it is resolved"
    return "it waits for the customer" if ticket.state == State.WAITING else "it is no emergency any more"
