"""The courier of letters: has them mailed, and notes on the letter and the ticket what came of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desk.answer import Done, Refused
from tickets.event import BOUNCED, LETTER
from tickets.mail.letter import Letter, State, What
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.delivery import Courier
    from desk.outbox import Outgoing

KIND = "letter"
TOLD = {
    What.RECEIVED: "the reference",
    What.ANSWER: "the answer",
    What.WAITING: "what we wait for",
    What.RESOLVED: "that it is resolved",
    What.REOPENED: "that it goes on",
    What.MERGED: "as which ticket it goes on",
}
# RFC 3463 §3.2, §3.3: there is no such mailbox, or none that takes mail any more. Other refusals are not about it.
NO_MAILBOX = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")


class Letters:
    """Takes them to the courier of mails."""

    def __init__(self, mails: Courier) -> None:
        self.mails = mails

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """What the other courier finds."""
        return self.mails.find(item)

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it over."""
        return self.mails.send(item, before)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """What came of it; where the mail server knows of no such mailbox, the address has bounced at once."""
        one = session.get_one(Letter, item.payload["letter"])
        ticket = session.get_one(Ticket, one.ticket_id)
        if isinstance(answer, Done):
            one.state, one.sent_at, one.why = State.SENT, now, None
            ticket.tell(LETTER, f"{TOLD[What(one.kind)]} was mailed to the customer", now, letter=one.id)
        elif isinstance(answer, Refused):
            one.state, one.why = State.FAILED, answer.why
            ticket.tell(LETTER, f"{TOLD[What(one.kind)]} could not be mailed: {answer.why}", now, letter=one.id)
            if NO_MAILBOX.search(answer.why):
                ticket.tell(BOUNCED, "a mail to the customer came back", now, address=one.to)
