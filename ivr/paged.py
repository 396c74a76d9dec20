"""The actions of a page: an engineer's telephone is rung about an emergency that nobody has (PAGE in `callflow.py`).

Who answers hears who needs what since when, and the caller's message if there is one. Anybody may have taken it
meanwhile, by whatever way, so that is looked at before each of these words and at the key itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.address import Opens
from ivr import acknowledging, page_texts, tongues
from ivr.acknowledging import How, Standing
from ivr.recordings import Recording
from oncall import paging
from oncall.paging import Page
from tickets import canary, inbox

if TYPE_CHECKING:
    from ivr.acknowledging import Answer
    from ivr.conversation import Conversation

MESSAGE_LASTS = timedelta(hours=1)  # the address of it: the carrier fetches it while the page plays


def answered(talk: Conversation) -> str:
    """Somebody answers, or wants to hear it again: is it still wanted, and is the number still theirs?"""
    page = _page(talk)
    if talk.heard.form.get("To") != _address(talk, page):
        return Standing.OVER
    route = _told(talk, acknowledging.standing(talk.session, talk.ticket, page.staff))
    if route == Standing.WANTED:
        _tell_it(talk, page)
    return route


def have_it(talk: Conversation) -> str:
    """1: it is theirs, and only now are they told so."""
    page = _page(talk)
    ticket = acknowledging.locked(talk.session, talk.ticket)
    if ticket.is_open and ticket.owner_id in (None, page.staff_id):
        page.settle_for(talk.now)  # first, so that their own telephone is not among those to be silenced
    found = acknowledging.take(talk.session, talk.board, ticket, page.staff, How.KEY, talk.now)
    if found.standing == Standing.YOURS:
        page_texts.details(talk.session, talk.board, page, found.ticket, talk.now)
    return _told(talk, found)


def pass_on(talk: Conversation) -> str:
    """2: the next one, as soon as this call is over."""
    page = _page(talk)
    page.decline(None, talk.now)
    page.leased_until = min(page.leased_until, talk.now + paging.LAST_WORDS)
    return "noted"


def _address(talk: Conversation, page: Page) -> str:
    """Where whoever is paged is rung; empty if they are rung no more."""
    if page.staff.key == canary.KEY:
        return canary.ADDRESS
    engineer = talk.board.engineer(page.staff_id)
    return (engineer and engineer.phone) or ""


def _page(talk: Conversation) -> Page:
    page = talk.session.get_one(Page, talk.call.page_id)
    talk.carried.page = page.id
    return page


def _told(talk: Conversation, found: Answer) -> str:
    talk.facts["owner_name"] = found.owner.name if found.owner else ""
    return found.standing


def _tell_it(talk: Conversation, page: Page) -> None:
    """What is said of it; the engineer stays busy for as long as that takes."""
    ticket, words = talk.ticket, talk.board.words[talk.call.language]
    message = _message(talk)
    talk.facts |= {
        "customer": page_texts.customer(talk.board, ticket) or words["unknown_customer"],
        "what": ticket.subject,
        "since": tongues.of(talk.call.language).news(ticket.opened_at, talk.now, talk.line.zone),
        "message_note": words["message_note"] if message else "",
        "message": "",
    }
    seconds = 0
    if message:
        sealed = talk.addresses.make(Opens.MESSAGE, message.sid, page.id, until=talk.now + MESSAGE_LASTS)
        talk.facts["message"], seconds = f"{talk.addresses.origin}/message/{sealed}/message.mp3", message.seconds
    page.leased_until = talk.now + paging.WHISPER_LEASE + timedelta(seconds=2 * seconds)


def _message(talk: Conversation) -> Recording | None:
    """The newest message about the ticket that we have ourselves by now."""
    theirs = select(Recording).where(Recording.ticket_id.in_(inbox.whole(talk.ticket)), Recording.file.is_not(None))
    return talk.session.scalars(theirs.order_by(Recording.taken_at.desc()).limit(1)).first()
