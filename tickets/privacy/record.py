"""Record: all that is kept of a person as plain values: tickets, calls, mails, letters.

Of each ticket of theirs everything that happened to it; of tickets of others only what they said there themselves,
under its reference. What somebody else said on a ticket of theirs, by a call, a mail or a link of their own, is only
named, and so is a file that they did not send themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.staff import Staff
from ivr.call import Call, Visit
from ivr.line import BlockedNumber
from ivr.recordings import Recording
from sla.due import Due
from sla.worklog import Work
from tickets.event import CALL, MAIL, WEB, Event, Kind
from tickets.file import File
from tickets.mail.arrival import Arrival
from tickets.mail.letter import Letter
from tickets.people import Contact, Customer, Former
from tickets.privacy import belongings
from tickets.privacy.severing import SOMEBODY_SAID
from tickets.reference import printed
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tickets.privacy.belongings import Belongings
    from tickets.privacy.severing import Severing
    from tickets.privacy.whom import Person

Values = dict[str, Any]
SAID = (Kind.ASKED, Kind.MISSED, CALL, "message", "machine")  # by whoever called or wrote


@dataclass(frozen=True)
class Record:
    """Reads it; every word goes through the severing."""

    session: Session
    person: Person
    mine: Belongings
    severed: Severing

    def everything(self) -> Values:
        """All of it."""
        return {
            "known_as": self._known_as(),
            "tickets": [
                self._ticket(one)
                for one in self._read(select(Ticket).where(Ticket.id.in_(self.mine.tickets)).order_by(Ticket.id))
            ],
            "said_on_tickets_of_others": list(self._elsewhere()),
            "calls": [
                self._call(one)
                for one in self._read(select(Call).where(Call.sid.in_(self.mine.calls)).order_by(Call.started_at))
            ],
            "mails": [
                self._mail(one)
                for one in self._read(select(Arrival).where(Arrival.id.in_(self.mine.arrivals)).order_by(Arrival.id))
            ],
            "letters": [self._letter(one) for one in self._read(self._letters())],
            "texts_and_mails_on_their_way_out": list(self._posted()),
            "work": [
                self._work(one)
                for one in self._read(select(Work).where(belongings.worked(self.mine)).order_by(Work.starts))
            ],
        }

    def files(self) -> Select[File]:
        """Files that they sent."""
        return select(File).where(belongings.sent(self.mine, self.person)).order_by(File.id)

    def sounds(self) -> Select[Recording]:
        """Messages that they left."""
        return select(Recording).where(Recording.call_sid.in_(self.mine.calls)).order_by(Recording.taken_at)

    def _read(self, query: Select[Any]) -> Iterator[Any]:
        return iter(self.session.scalars(query))

    def _known_as(self) -> Values:
        contacts = select(Contact, Customer.name).join(Customer).where(Contact.id.in_(self.person.contacts))
        formerly = select(Former).where(Former.contact_id.in_(self.person.contacts)).order_by(Former.id)
        blocks = select(BlockedNumber).where(BlockedNumber.number.in_(self.person.present))
        return {
            "contacts": [
                {"name": one.name, "phone": one.phone, "email": one.email, "language": one.language, "company": company}
                for one, company in self.session.execute(contacts)
            ],
            "formerly": [
                {"what": one.kind, "was": one.value, "since": _at(one.since), "until": _at(one.until)}
                for one in self._read(formerly)
            ],
            "numbers": [one for one in self.person.values if one.startswith("+")],
            "addresses": [one for one in self.person.values if "@" in one],
            "names": list(self.person.names),
            "calls_are_refused_from": [
                {"number": one.number, "reason": self.severed.of(one.reason)} for one in self._read(blocks)
            ],
        }

    def _ticket(self, one: Ticket) -> Values:
        dues, severed = (
            select(Due).where(Due.ticket_id == one.id).order_by(Due.measure),
            self.severed.then(one.opened_at),
        )
        named = self._is_named_by_others(one)
        return {
            "reference": printed(one.reference),
            "subject": SOMEBODY_SAID if named else severed.of(one.subject),
            "state": one.state,
            "priority": one.priority,
            "opened_at": one.opened_at.isoformat(),
            "called_from": severed.of(one.caller) if one.caller else None,
            "mail_address": severed.of(one.email) if one.email else None,
            "company": one.customer.name if one.customer else None,
            "who_has_it": self._given(one.owner_id),
            "what_happened": [self._event(event, named=named) for event in one.events],
            "due": [{"measure": due.measure, "state": due.state, "due": _at(due.due)} for due in self._read(dues)],
        }

    def _is_named_by_others(self, one: Ticket) -> bool:
        """Whether it has its subject from somebody who wrote from a mailbox that is not theirs alone."""
        opened = next((event for event in one.events if event.kind == Kind.OPENED), None)
        if opened is None or opened.detail.get("way") not in (WEB, MAIL):
            return False
        first = next((event for event in one.events if event.kind in SAID and _came(event.detail)), None)
        if first:
            return self._is_of_others(first.detail, first.at)
        return bool(one.email) and not self.person.had_at(one.email or "", one.opened_at)

    def _event(self, event: Event, *, named: bool = False) -> Values:
        """`named`: by others the ticket has its subject, with which its first event tells it."""
        told, severed = event.kind in SAID, self.severed.then(event.at)
        by_others = (named and event.kind == Kind.OPENED) or (told and self._is_of_others(event.detail, event.at))
        detail = {} if by_others else severed.of_all(event.detail)
        return {
            "at": event.at.isoformat(),
            "what": event.kind,
            "by": self._given(event.staff_id),
            "words": SOMEBODY_SAID if by_others else severed.of(event.text),
            "more": detail,
            "files": [self._file(one) for one in self._kept.get(event.id, ())],
        }

    def _file(self, one: File) -> Values:
        """What they sent is handed over; of what others did, that it is there, for whoever wants to ask for it."""
        told = {"number": one.id, "type": one.type, "bytes": one.size}
        if one.id in self._sent:
            return told | {"name": self.severed.of(one.name), "sent_by": "you"}
        return told | {"sent_by": "somebody else, or it is not known who"}

    def _is_of_others(self, detail: Mapping[str, Any], at: datetime) -> bool:
        """Whether it came by a call, a message or a mail that is not theirs."""
        call, mail, recording = detail.get("call"), detail.get("mail"), detail.get("recording")
        if detail.get("way") == WEB:
            return self._is_of_another_mailbox(detail, at)
        if isinstance(mail, int):
            return mail not in self._mails
        if isinstance(call, str):
            return call not in self._calls
        return isinstance(recording, str) and recording not in self._sounds

    def _is_of_another_mailbox(self, detail: Mapping[str, Any], at: datetime) -> bool:
        """What came by the web; where nobody noted the mailbox, by the ticket that it was about."""
        mailbox, about = detail.get("mailbox"), detail.get("for")
        if isinstance(mailbox, str):
            return not self.person.had_at(mailbox, at)
        return isinstance(about, int) and about not in self._tickets

    @cached_property
    def _kept(self) -> dict[int, list[File]]:
        """The files of each event, without their contents."""
        found: dict[int, list[File]] = defaultdict(list)
        for one in self._read(select(File).where(belongings.rows(self.mine, self.person)[File]).order_by(File.id)):
            found[one.event_id].append(one)
        return found

    @cached_property
    def _sent(self) -> set[int]:
        return set(self.session.scalars(select(File.id).where(belongings.sent(self.mine, self.person))))

    @cached_property
    def _tickets(self) -> set[int]:
        return set(self.session.scalars(self.mine.tickets))

    @cached_property
    def _mails(self) -> set[int]:
        return set(self.session.scalars(self.mine.arrivals))

    @cached_property
    def _calls(self) -> set[str]:
        return set(self.session.scalars(self.mine.calls))

    @cached_property
    def _sounds(self) -> set[str]:
        return {one.sid for one in self.session.scalars(self.sounds())}

    def _elsewhere(self) -> Iterator[Values]:
        told = select(Event, Ticket.reference).join(Ticket, Ticket.id == Event.ticket_id)
        for event, reference in self.session.execute(told.where(Event.id.in_(self.mine.events)).order_by(Event.id)):
            yield {"reference": printed(reference)} | self._event(event)

    def _call(self, one: Call) -> Values:
        visits = select(Visit).where(Visit.call_sid == one.sid, Visit.sid == one.sid).order_by(Visit.number)
        sounds = select(Recording).where(Recording.call_sid == one.sid)
        return {
            "reference": printed(self.session.get_one(Ticket, one.opened_ticket_id).reference),
            "number": one.caller,
            "language": one.language,
            "began_at": one.started_at.isoformat(),
            "ended_at": _at(one.ended_at),
            "overtime_accepted": one.consent,
            "we_rang": one.page_id is not None,
            "steps": [self._step(visit) for visit in self._read(visits)],
            "messages": [
                {"at": sound.taken_at.isoformat(), "seconds": sound.seconds, "file": sound.file}
                for sound in self._read(sounds)
            ],
        }

    def _step(self, visit: Visit) -> Values:
        said = self.severed.then(visit.at).of_all(visit.said)
        return {"at": visit.at.isoformat(), "step": visit.step, "keys": visit.heard, "said": said}

    def _mail(self, one: Arrival) -> Values:
        ticket, severed = one.ticket, self.severed.then(one.received_at)
        return {
            "number": one.id,
            "came_at": one.received_at.isoformat(),
            "from": one.sender,
            "subject": one.subject,
            "became": one.state,
            "why": severed.of(one.why),
            "reference": printed(ticket.reference) if ticket else None,
            "facts": severed.of_all({name: value for name, value in one.facts.items() if name != "cc"}),
        }

    def _letters(self) -> Select[Letter]:
        theirs = belongings.written_to(self.person) | Letter.ticket_id.in_(self.mine.tickets)
        return select(Letter).where(theirs).order_by(Letter.id)

    def _letter(self, one: Letter) -> Values:
        severed = self.severed.then(one.at)
        return {
            "at": one.at.isoformat(),
            "what": one.kind,
            "to": severed.of(one.to) if one.to else None,
            "state": one.state,
            "why": severed.of(one.why) if one.why else None,
            "sent_at": _at(one.sent_at),
        }

    def _posted(self) -> Iterator[Values]:
        """Only what goes to them; what tells colleagues of them says nothing that is not on the ticket."""
        for row in belongings.posted(self.session, self.mine, self.person):
            if self.person.traces_at(row.made_at).are_in(str(row.payload.get("to", ""))):
                words = {name: value for name, value in row.payload.items() if name in ("to", "subject", "body")}
                told = {"made_at": row.made_at.isoformat(), "state": row.state, "kind": row.kind}
                yield told | self.severed.then(row.made_at).of_all(words)

    def _work(self, one: Work) -> Values:
        return {
            "began_at": one.starts.isoformat(),
            "ended_at": one.ends.isoformat(),
            "by": self._given(one.staff_id),
            "verdict": one.state,
            "why": self.severed.then(one.starts).of(one.explanation),
        }

    def _given(self, staff_id: int | None) -> str | None:
        """The given name of a colleague, as letters are signed."""
        staff = self.session.get(Staff, staff_id) if staff_id else None
        return staff.name.split()[0] if staff else None


def _came(detail: Mapping[str, Any]) -> bool:
    return "mail" in detail or detail.get("way") == WEB


def _at(at: Any) -> str | None:
    return at.isoformat() if at else None
