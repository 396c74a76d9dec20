"""Conversation: one webhook of a leg as the steps and actions see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oncall.paging import Page
from tickets import inbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from ivr.call import Call
    from ivr.steps import Carried, Heard
    from ivr.switchboard import Caller, LineSetUp, Switchboard
    from tickets.reference import Dice
    from tickets.ticket import Ticket


@dataclass
class Conversation:
    """What is known and what was heard, at one instant, inside one transaction."""

    session: Session
    board: Switchboard
    call: Call
    carried: Carried
    heard: Heard
    now: datetime
    dice: Dice
    sid: str  # the leg that is speaking: the caller's or an engineer's
    addresses: Addresses
    about: Ticket | None = None  # the ticket that was asked for, where it is not the call's own
    note: str | None = None  # what the visit row should be found by later
    dial: dict[str, str] = field(default_factory=dict)  # whom the next Connect rings
    facts: dict[str, str] = field(default_factory=dict)  # what an action has to say, beside what every call knows

    @property
    def line(self) -> LineSetUp:
        """The line that was called."""
        return self.board.line(self.call.line_id)

    @property
    def caller(self) -> Caller | None:
        """Whom the caller ID belongs to."""
        return self.board.directory.get(self.call.caller) if self.call.caller else None

    @property
    def colleague(self) -> int | None:
        """The engineer whose telephone the caller ID claims to be; never proof that it is theirs."""
        phones = {one.phone: one.id for one in self.board.engineers.values() if one.phone}
        return phones.get(self.call.caller) if self.call.caller and not self.call.page_id else None

    @property
    def ticket(self) -> Ticket:
        """The ticket of this call: the one it opened, or the one that goes on for it."""
        return inbox.survivor(self.session, self.call.ticket)

    @property
    def page(self) -> Page | None:
        """The ring that this leg is, or that the caller waits for."""
        return self.session.get(Page, self.carried.page) if self.carried.page else None

    @property
    def is_about_its_own_ticket(self) -> bool:
        """Whether the call still speaks of the ticket it opened itself."""
        return self.ticket.id == self.call.opened_ticket_id

    def join(self, ticket: Ticket, why: str, *, owed: bool = True) -> None:
        """This call is about `ticket` from now on; the one it opened itself is merged into it, with what it is owed."""
        if ticket.id == self.ticket.id:
            return
        if self.is_about_its_own_ticket:
            self.ticket.merge_into(ticket, self.now, why, owed=owed)
        self.call.ticket = ticket
