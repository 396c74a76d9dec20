"""Brooms: one for each table that has to be swept: what of it may go, and how it goes with what hangs on it.

What hangs on something goes before it: a ticket stays as long as a call, a ring, work, a message or a mail of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from desk import outbox
from desk.audit import KEPT_LONG_ENOUGH, Entry, What
from desk.door.attempts import Attempts
from desk.door.links import PasswordLink
from desk.door.sessions import SignIn
from desk.outbox import Outgoing
from desk.retention import Kind
from ivr import recordings
from ivr.call import Call, Leg, Visit
from ivr.recordings import Recording
from oncall.feed import FeedEvent
from oncall.notices import NoticeMark
from oncall.paging import Page
from oncall.pursuit import Pursuit, Summons
from sla.charge_line import ChargeLine, Review
from sla.due import Due
from sla.mark import Mark
from sla.worklog import Work
from tickets import inbox
from tickets.canary import Canary
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.arrival import State as Came
from tickets.mail.flood import Flood
from tickets.mail.letter import Letter
from tickets.privacy.access import Access
from tickets.privacy.night import Night
from tickets.public.passes import MailedLink
from tickets.public.sending import SentForm
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from desk.db import Base
    from tickets.privacy.holds import Terms

    Keys = Sequence[Any]
    Hangs = Iterable[tuple[type[Base], ColumnElement[bool]]]

FEW = 25  # with much that hangs on each
ROWS = 500  # that one transaction deletes: a caller's webhook waits two seconds for SQLite's lock at most
SIGN_INS = (What.SIGNED_IN, What.SIGN_IN_FAILED, What.SIGN_IN_BLOCKED, What.SIGNED_OUT)
QUIETLY = {"synchronize_session": False}


def _nothing(_: Keys) -> Hangs:
    return ()


@dataclass(frozen=True)
class Broom:
    """Sweeps one table: `key` tells its rows apart and orders them, `due` says which may go.

    `hangs` is what goes with a row; `first` is done before any row of a chunk goes.
    """

    name: str
    kind: Kind
    key: InstrumentedAttribute[Any]
    due: Callable[[Terms], ColumnElement[bool]]
    hangs: Callable[[Keys], Hangs] = _nothing
    first: Callable[[Session, Keys, datetime], None] | None = None

    def found(self, terms: Terms, after: Any = None) -> Select[Any]:
        """The keys of what may go, in order; those after a key."""
        where = self.due(terms)
        return select(self.key).where(where if after is None else and_(where, self.key > after)).order_by(self.key)

    def next(self, session: Session, terms: Terms, after: str | None) -> list[Any]:
        """The keys of a chunk that may go, after one that was written down."""
        last = None if after is None else _key(self.key, after)
        return list(session.scalars(self.found(terms, last).limit(FEW if self.hangs([]) else ROWS)))

    def count(self, session: Session, terms: Terms) -> int:
        """How many may go."""
        return session.scalar(select(func.count()).select_from(self.found(terms).subquery())) or 0

    def sweep(self, session: Session, terms: Terms, keys: Keys, at: datetime) -> tuple[int, str]:
        """Remove those of these that still may go: at most ROWS rows, or one key with all that hangs on it.

        How many keys went, and the last that was looked at.
        """
        still = list(session.scalars(self.found(terms).where(self.key.in_(keys)).with_for_update()))
        chosen = self._some(session, still)
        last = chosen[-1] if len(chosen) < len(still) else keys[-1]
        if chosen:
            if self.first:
                self.first(session, chosen, at)
            for table, where in self.hangs(chosen):
                session.execute(delete(table).where(where), execution_options=QUIETLY)
            gone = delete(self.key.class_).where(self.key.in_(chosen))
            session.execute(gone, execution_options=QUIETLY | {KEPT_LONG_ENOUGH: True})
        return len(chosen), str(last)

    def _some(self, session: Session, keys: Keys) -> list[Any]:
        chosen: list[Any] = []
        rows = 0
        for key in keys:
            rows += 1 + sum(_size(session, table, where) for table, where in self.hangs([key]))
            if chosen and rows > ROWS:
                break
            chosen.append(key)
        return chosen


def _key(column: InstrumentedAttribute[Any], text: str) -> Any:
    kind = column.type.python_type
    return date.fromisoformat(text) if kind is date else kind(text)


def _size(session: Session, table: type[Base], where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(where)) or 0


# Sound, mail and files


def _recordings(terms: Terms) -> ColumnElement[bool]:
    over = terms.over(Kind.RECORDINGS, Recording.taken_at, Recording.ticket_id)
    return and_(over, terms.free(Recording.ticket_id))


def _take_sound_off(session: Session, sids: Keys, at: datetime) -> None:
    for sid, file in session.execute(select(Recording.sid, Recording.file).where(Recording.sid.in_(sids))):
        recordings.discard(session, sid, file, at)


def _raw(terms: Terms) -> ColumnElement[bool]:
    over = terms.over(Kind.RAW_MAILS, Arrival.received_at, Arrival.ticket_id)
    mails = select(Arrival.id).where(Arrival.state != Came.STORED, Arrival.ticket_id.is_not(None))
    return Raw.arrival_id.in_(mails.where(over, terms.free(Arrival.ticket_id)))


def _files(terms: Terms) -> ColumnElement[bool]:
    came = select(Event.at).where(Event.id == File.event_id).scalar_subquery()
    return and_(terms.over(Kind.FILES, came, File.ticket_id), terms.free(File.ticket_id))


def _suppressed(terms: Terms) -> ColumnElement[bool]:
    noted = and_(Arrival.state == Came.SUPPRESSED, Arrival.ticket_id.is_(None))
    return and_(noted, terms.over(Kind.SUPPRESSED, Arrival.received_at))


# Calls, rings and work


def _works(terms: Terms) -> ColumnElement[bool]:
    return and_(terms.over(Kind.WORK, Work.ends), terms.free(Work.ticket_id))


def _calls(terms: Terms) -> ColumnElement[bool]:
    billed = exists().where(Work.ticket_id.in_([Call.ticket_id, Call.opened_ticket_id]))
    sounds = exists().where(Recording.call_sid == Call.sid)
    free = and_(terms.free(Call.ticket_id), terms.free(Call.opened_ticket_id))
    over = and_(Call.ended_at.is_not(None), terms.over(Kind.CALLS, Call.ended_at, Call.ticket_id))
    return and_(over, free, ~billed, ~sounds)


def _rings(terms: Terms) -> ColumnElement[bool]:
    billed = exists().where(Work.ticket_id == Page.ticket_id)
    called = or_(exists().where(Call.page_id == Page.id), exists().where(Leg.page_id == Page.id))
    over = and_(Page.ended_at.is_not(None), terms.over(Kind.RINGS, Page.rang_at))
    return and_(over, terms.free(Page.ticket_id), ~billed, ~called)


# Tickets


def _tickets(terms: Terms) -> ColumnElement[bool]:
    """One that goes on as no other, when it and all that joined it may go."""
    blocked = aliased(Ticket)
    stays = select(blocked.merged_into_id.label("id")).where(
        blocked.merged_into_id.is_not(None), ~_may_go(terms, blocked)
    )
    along = stays.cte("stays", recursive=True)
    further = aliased(Ticket)
    above = select(further.merged_into_id).where(further.merged_into_id.is_not(None), further.id == along.c.id)
    along = along.union(above)
    alone = and_(Ticket.merged_into_id.is_(None), Ticket.id.not_in(select(along.c.id)))
    return and_(alone, _may_go(terms, Ticket), terms.free(Ticket.id))


def _may_go(terms: Terms, ticket: Any) -> ColumnElement[bool]:
    """It is resolved, its term is over, and nothing of it that has a term of its own is there."""
    last = select(func.max(Event.at)).where(Event.ticket_id == ticket.id).scalar_subquery()
    there = (
        *(exists().where(one.ticket_id == ticket.id) for one in (Recording, File, Call, Page, Work, Canary)),
        exists().where(Call.opened_ticket_id == ticket.id),
        exists().where(Page.pursuit_id == Pursuit.id, Pursuit.ticket_id == ticket.id),
        exists().where(Raw.arrival_id == Arrival.id, Arrival.ticket_id == ticket.id),
        exists().where(Pursuit.ticket_id == ticket.id, Pursuit.ended_at.is_(None)),
    )
    over = terms.over(Kind.TICKETS, func.coalesce(last, ticket.opened_at), ticket.id)
    return and_(ticket.state == State.RESOLVED, over, *(~one for one in there))


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


# The rest


def _sent(terms: Terms) -> ColumnElement[bool]:
    gone = and_(Outgoing.state == outbox.State.SENT, terms.over(Kind.SENT, Outgoing.sent_at))
    return or_(gone, and_(Outgoing.state == outbox.State.DROPPED, terms.over(Kind.SENT, Outgoing.due_at)))


def _dead(terms: Terms) -> ColumnElement[bool]:
    """But for what should have removed a message: that it is still there must not be forgotten."""
    ours = Outgoing.kind.not_in((recordings.TAKE_OFF, recordings.DISCARD))
    return and_(Outgoing.state == outbox.State.DEAD, ours, terms.over(Kind.DEAD, Outgoing.due_at))


def _of_calls(sids: Keys) -> Hangs:
    return (Visit, Visit.call_sid.in_(sids)), (Leg, Leg.call_sid.in_(sids))


def _ages(name: str, kind: Kind, key: Any, since: Any, *where: ColumnElement[bool]) -> Broom:
    return Broom(name, kind, key, lambda terms: and_(terms.over(kind, since), *where))


BROOMS = (
    Broom("recording", Kind.RECORDINGS, Recording.sid, _recordings, first=_take_sound_off),
    Broom("arrival_raw", Kind.RAW_MAILS, Raw.arrival_id, _raw),
    Broom("file", Kind.FILES, File.id, _files),
    Broom(
        "arrival",
        Kind.SUPPRESSED,
        Arrival.id,
        _suppressed,
        lambda numbers: ((Raw, Raw.arrival_id.in_(numbers)),),
    ),
    Broom("work", Kind.WORK, Work.id, _works),
    Broom("call", Kind.CALLS, Call.sid, _calls, _of_calls),
    Broom("page", Kind.RINGS, Page.id, _rings),
    Broom("ticket", Kind.TICKETS, Ticket.id, _tickets, _of_tickets, _let_go_of_tickets),
    Broom("outbox", Kind.SENT, Outgoing.id, _sent),
    Broom("dead", Kind.DEAD, Outgoing.id, _dead),
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
