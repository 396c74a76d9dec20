"""Brooms: one for each table that has to be swept, in the order in which what hangs on something goes before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from desk.audit import Entry, What
from desk.door.attempts import Attempts
from desk.door.links import PasswordLink
from desk.door.sessions import SignIn
from desk.hooks.happening import Attempt, Delivery, Happening
from desk.outbox import Outgoing
from desk.retention import Kind
from ivr import recordings
from ivr.call import Call, Leg, Visit
from ivr.carrier_call import CarrierCall
from ivr.recordings import Recording
from oncall.feed import FeedEvent
from oncall.notices import NoticeMark
from oncall.paging import Page
from oncall.pursuit import Pursuit, Summons
from sla.billing.charge_line import ChargeLine, Review
from sla.due import Due
from sla.mark import Mark
from sla.worklog import Work
from tickets import inbox
from tickets.canary import Canary
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.flood import Flood
from tickets.mail.letter import Letter
from tickets.privacy import overdue
from tickets.privacy.access import Access
from tickets.privacy.broom import QUIETLY, Broom
from tickets.privacy.night import Night
from tickets.public.passes import MailedLink
from tickets.public.sending import SentForm
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from tickets.privacy.broom import Hangs, Keys

_LENGTH = select(func.length(Raw.content))
SIGN_INS = (What.SIGNED_IN, What.SIGN_IN_FAILED, What.SIGN_IN_BLOCKED, What.SIGNED_OUT)


def _take_sound_off(session: Session, sids: Keys, at: datetime) -> None:
    for sid, file in session.execute(select(Recording.sid, Recording.file).where(Recording.sid.in_(sids))):
        recordings.discard(session, sid, file, at)


def _of_tickets(numbers: Keys) -> Hangs:
    whole = inbox.wholes(numbers)
    told = select(Event.id).where(Event.ticket_id.in_(whole))
    yield Letter, or_(Letter.ticket_id.in_(whole), Letter.event_id.in_(told))
    yield Arrival, or_(Arrival.ticket_id.in_(whole), Arrival.event_id.in_(told))
    yield Summons, Summons.pursuit_id.in_(select(Pursuit.id).where(Pursuit.ticket_id.in_(whole)))
    for table in (Pursuit, MailedLink, SentForm, Due, Mark, Event):
        yield table, table.ticket_id.in_(whole)
    yield Ticket, and_(Ticket.id.in_(whole), Ticket.id.not_in(numbers))


def _let_go_of_tickets(session: Session, numbers: Keys, _: datetime) -> None:
    """Whoever only points at them does so no more."""
    whole = list(session.scalars(inbox.wholes(numbers)))
    session.execute(update(Flood).where(Flood.ticket_id.in_(whole)).values(ticket_id=None), execution_options=QUIETLY)


def _of_calls(sids: Keys) -> Hangs:
    return (Visit, Visit.call_sid.in_(sids)), (Leg, Leg.call_sid.in_(sids))


def _of_happenings(numbers: Keys) -> Hangs:
    deliveries = select(Delivery.id).where(Delivery.happening_id.in_(numbers))
    return (Attempt, Attempt.delivery_id.in_(deliveries)), (Delivery, Delivery.happening_id.in_(numbers))


def _ages(name: str, kind: Kind, key: Any, since: Any, *where: ColumnElement[bool]) -> Broom:
    return Broom(name, kind, key, lambda terms: and_(terms.over(kind, since), *where))


BROOMS = (
    Broom("recording", Kind.RECORDINGS, Recording.sid, overdue.recordings, first=_take_sound_off),
    Broom("arrival_raw", Kind.RAW_MAILS, Raw.arrival_id, overdue.raw, weighs=func.length(Raw.content)),
    Broom("file", Kind.FILES, File.id, overdue.files, weighs=func.length(File.content)),
    Broom(
        "arrival",
        Kind.SUPPRESSED,
        Arrival.id,
        overdue.suppressed,
        lambda numbers: ((Raw, Raw.arrival_id.in_(numbers)),),
        weighs=_LENGTH.where(Raw.arrival_id == Arrival.id).scalar_subquery(),
    ),
    Broom("work", Kind.WORK, Work.id, overdue.works),
    Broom("call", Kind.CALLS, Call.sid, overdue.calls, _of_calls),
    Broom("page", Kind.RINGS, Page.id, overdue.rings),
    Broom("ticket", Kind.TICKETS, Ticket.id, overdue.tickets, _of_tickets, _let_go_of_tickets),
    Broom("outbox", Kind.SENT, Outgoing.id, overdue.sent),
    Broom("dead", Kind.DEAD, Outgoing.id, overdue.dead),
    Broom("hook_happening", Kind.HOOKS, Happening.id, overdue.happenings, _of_happenings),
    _ages("carrier_call", Kind.CALLS, CarrierCall.sid, CarrierCall.started_at),
    _ages("charge_line", Kind.WORK, ChargeLine.id, ChargeLine.ends),
    _ages("review", Kind.WORK, Review.id, Review.at),
    _ages("access", Kind.ACCESS, Access.id, Access.at),
    _ages("sign_in", Kind.SESSIONS, SignIn.id, SignIn.began_at),
    _ages("audit_sign_in", Kind.SIGN_INS, Entry.id, Entry.at, Entry.what.in_(SIGN_INS)),
    _ages("audit", Kind.AUDIT, Entry.id, Entry.at),
    _ages("purge_night", Kind.NIGHTS, Night.night, Night.began_at),
    _ages("mailed_link", Kind.LINKS, MailedLink.digest, MailedLink.expires_at),
    _ages("password_link", Kind.LINKS, PasswordLink.digest, PasswordLink.expires_at),
    _ages("sent_form", Kind.FORMS, SentForm.digest, SentForm.at),
    _ages("attempts", Kind.COUNTS, Attempts.key, Attempts.since),
    _ages("flood", Kind.COUNTS, Flood.key, Flood.since),
    _ages("canary", Kind.CANARIES, Canary.id, Canary.laid_at, Canary.ticket_id.is_(None)),
    _ages("notice_mark", Kind.NOTICES, NoticeMark.key, NoticeMark.at),
    _ages("feed_event", Kind.EDITIONS, FeedEvent.uid, FeedEvent.ends),
)
