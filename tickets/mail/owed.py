"""Owed: one event and the letter that it owes, written, or withheld with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from desk import mailing, numbers, outbox
from desk.staff import Staff
from ivr import outgoing
from ivr.call import Call
from sla.due import Due
from sla.targets import Measure
from tickets import reference
from tickets.event import ADDRESS, CONFIRMED, LETTER, WEB, Event, Kind
from tickets.mail import addressee, composing, courier, letter, owing, paper, quota, threading, wording
from tickets.mail.composing import Letterhead, Matter
from tickets.mail.letter import Letter, State, What
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.settings import Settings
    from ivr.switchboard import LineSetUp, Switchboards
    from tickets.mail.names import Names
    from tickets.public.links import Links

LASTS = timedelta(days=2)  # while mail servers are away for a weekend
LINK_LASTS = timedelta(days=60)
BY_ITSELF = "it came from a machine, and machines are not answered"
MACHINE = "nobody reads what is sent to such an address"
GONE = "nobody wants it answered here"
UNHEARD = "they never heard of this ticket"
NOT_OVER = "they were not told that it was over"


@dataclass(frozen=True)
class Means:
    """What letters are written with."""

    database: Database
    boards: Switchboards
    links: Links
    names: Names
    settings: Settings
    clock: Callable[[], datetime]

    def link(self, ticket: Ticket, now: datetime) -> str:
        """Where the customer sees how it stands."""
        return self.links.tracking(ticket.id, now + LINK_LASTS)


class Owed:
    """One event, and the letter that it owes."""

    def __init__(self, session: Session, event: Event, ticket: Ticket, now: datetime) -> None:
        self.session, self.event, self.ticket, self.now = session, event, ticket, now
        self.what = owing.WHATS[event.kind]
        self.to: str | None = event.detail.get("to") or ticket.address
        self.automatic = event.staff_id is None or event.kind == ADDRESS
        self.is_call = session.scalar(select(Call.sid).where(_opened_by_call(ticket)).limit(1)) is not None

    def refusal(self, means: Means) -> str | None:
        """Why there is no letter; None if there is one."""
        if why := addressee.refusal(self.session, self.to, addressee.ours(means.settings)):
            return why
        return self._pointless() or self._to_a_machine() or self._too_many()

    def withhold(self, why: str) -> None:
        """None goes; where that is news, the ticket tells."""
        self._row(State.WITHHELD, why)
        if why not in (addressee.Why.NONE, GONE, UNHEARD, NOT_OVER):
            self.ticket.tell(LETTER, f"{courier.TOLD[self.what]} was not mailed: {why}", self.now)

    def post(self, means: Means) -> None:
        """Put it in the outbox, once."""
        line = self._line(means)
        head, matter = _letterhead(means, line), self._matter(means, line)
        paragraphs, subject = composing.paragraphs(head, matter), composing.subject(head, matter)
        name = means.names.message_id(self.ticket.id, f"letter {self.event.id}")
        headers = self._headers(means)
        row = self._row(State.POSTED, None, language=matter.language, message_id=name)
        payload = mailing.payload(
            self.to or "",
            subject,
            paper.text(paragraphs),
            html=paper.html(matter.language, subject, paragraphs),
            headers=headers,
            message_id=name,
        )
        payload |= {"letter": row.id, "ticket": self.ticket.id}
        item = outbox.post(self.session, f"letter {self.event.id}", courier.KIND, payload, self.now, lasts=LASTS)
        row.outbox_id = item.id

    def _pointless(self) -> str | None:
        written = letter.written(self.session, self.ticket.id)
        if self.what is What.RECEIVED and not self.ticket.is_open and _is_withdrawn(self.ticket):
            return GONE
        if self.what is What.MERGED and not written:
            return UNHEARD
        if self.what is What.REOPENED and (not written or written[-1].kind != What.RESOLVED):
            return NOT_OVER
        return None

    def _to_a_machine(self) -> str | None:
        if self.what is What.ANSWER:
            return None
        if addressee.is_machine_s(self.to or ""):
            return MACHINE
        causes = (self.event, _heard_before(self.event, self.ticket), *_beginning(self.ticket))
        return BY_ITSELF if any(one.detail.get("automatic") for one in causes if one) else None

    def _too_many(self) -> str | None:
        if not self.automatic:
            return None
        mailed = self.event.kind == Kind.OPENED and any("mail" in one.detail for one in _beginning(self.ticket))
        return quota.full(self.session, addressee.plain(self.to or ""), self.now, answers_mail=mailed)

    def _row(self, state: State, why: str | None, **more: str) -> Letter:
        about = {"event_id": self.event.id, "ticket_id": self.ticket.id, "kind": self.what, "at": self.now}
        to = {"to": self.to, "address": addressee.plain(self.to) if self.to else None, "automatic": self.automatic}
        row = Letter(**about, **to, state=state, why=why, **more)
        self.session.add(row)
        self.session.flush()
        return row

    def _headers(self, means: Means) -> dict[str, str]:
        automatic = "auto-replied" if self.what is What.RECEIVED else "auto-generated"
        said = None if self.what is What.ANSWER else automatic
        ours = threading.answers_to(means.settings, means.names).marks(self.ticket.id, said)
        return threading.headers(self.session, self.ticket.id) | ours

    def _matter(self, means: Means, line: LineSetUp | None) -> Matter:
        ticket, contact, author = self.ticket, self.ticket.contact, self._author()
        known = ticket.subject if contact and not self.is_call and not _is_unproved(ticket) else None
        other = self.session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
        matter = Matter(
            what=self.what,
            language=wording.chosen((contact.language if contact else None, *(line.languages if line else ()))),
            reference=reference.printed(ticket.reference),
            subject=known,
            is_call=self.is_call,
            link=means.link(other or ticket, self.now),
            name=contact.name if contact else None,
            words=str(self.event.detail.get("words") or self.event.text) if author else "",
            signed=author.name.split()[0] if author and self.what is not What.MERGED else None,
            due=self._due(),
            answerable=bool(means.settings.answers_to),
        )
        return replace(matter, other=reference.printed(other.reference) if other else None)

    def _author(self) -> Staff | None:
        return self.session.get(Staff, self.event.staff_id) if self.event.staff_id and not self.automatic else None

    def _due(self) -> datetime | None:
        running = Due.ticket_id == self.ticket.id, Due.measure == Measure.FIRST_RESPONSE, Due.runs, Due.due > self.now
        return self.session.scalar(select(Due.due).where(*running))

    def _line(self, means: Means) -> LineSetUp | None:
        board = means.boards.current(self.session)
        return outgoing.line_of(self.session, board, self.ticket) if board.lines else None


def _opened_by_call(ticket: Ticket) -> ColumnElement[bool]:
    return and_(Call.opened_ticket_id == ticket.id, Call.page_id.is_(None))


def _is_unproved(ticket: Ticket) -> bool:
    """Whether it came by a form, into which anybody types what they like under a customer's address."""
    by_form = any(one.detail.get("way") == WEB for one in _beginning(ticket))
    return by_form and all(one.kind != CONFIRMED for one in ticket.events)


def _is_withdrawn(ticket: Ticket) -> bool:
    ends = [one.kind for one in ticket.events if one.kind in (Kind.RESOLVED, Kind.WITHDRAWN)]
    return bool(ends) and ends[-1] == Kind.WITHDRAWN


def _beginning(ticket: Ticket) -> Sequence[Event]:
    """What it was opened by: the event itself, and what was said at the same instant."""
    first = ticket.events[0]
    return [one for one in ticket.events if one.at == first.at and one.kind in (Kind.OPENED, Kind.ASKED)]


def _heard_before(event: Event, ticket: Ticket) -> Event | None:
    """What the customer said last before that; a ticket that was reopened by nobody was so by it."""
    if event.kind != Kind.REOPENED or event.staff_id:
        return None
    heard = [one for one in ticket.events if one.kind == Kind.ASKED and one.id < event.id]
    return heard[-1] if heard else None


def _letterhead(means: Means, line: LineSetUp | None) -> Letterhead:
    if line:
        return Letterhead(line.company, line.zone, numbers.shown(line.number))
    name, address = parseaddr(means.settings.mail_from)
    return Letterhead(name or address, "UTC")
