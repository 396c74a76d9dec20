"""Arrival: a mail as it reached us, stored with all its bytes before anybody reads it, and what came of it.

The same mail delivered twice (fetched again, or sent again by a server that did not hear our answer) is one arrival: it
is told by its name, a digest of Message-ID and body, and of the headers by which its writer says what it is. Those of
servers on the way, and ends of lines, count for nothing. The Message-ID alone would lose mails: programs are about that
give every alarm the same one. A mail without a Message-ID is the same only if every byte of it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, LargeBinary, and_, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base, index_of_given
from tickets.mail import limits
from tickets.mail.fields import Block, Fields
from tickets.mail.identities import message_id_of
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

LEASE = timedelta(minutes=2)  # reading takes seconds, also of the largest
IS_STORED = text("state = 'stored'")
GAP = re.compile(rb"\r?\n\r?\n|\r\r")  # between headers and body
WRITTEN = ("from", "date", "subject", "content-type", "content-transfer-encoding", "in-reply-to", "auto-submitted")
CONTROL = re.compile(r"[\x00-\x1f\x7f<>]")


class Way(StrEnum):
    """How it came."""

    IMAP = "imap"
    LMTP = "lmtp"
    SMTP = "smtp"


class State(StrEnum):
    """What came of it."""

    STORED = "stored"  # nobody has read it yet
    TICKET = "ticket"  # it opened one
    THREADED = "threaded"  # it is a message on one
    SUPPRESSED = "suppressed"  # noted and nothing else: a machine answered, or a letter came back
    QUARANTINED = "quarantined"  # it could not be read, and a ticket of its own says so


@dataclass(frozen=True)
class Envelope:
    """Whom a server said it is from (empty for a bounce, None where nobody said) and to; these are not its headers."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()


class Arrival(Base):
    """One mail. `tries` counts who began to read it, and is the token of whoever does.

    `copies` is how often it came again; `waited_since` when the mail server says it had it first. `facts` are what
    lists and pages show without reading it: name, automatic, kind, cc, files, faults, envelope, and whole, the size of
    a mail of which we have the beginning.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        Index("ix_arrival_stored", "id", sqlite_where=IS_STORED, postgresql_where=IS_STORED),
        index_of_given("arrival", "event_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    waited_since: Mapped[datetime | None]
    way: Mapped[str]
    sha256: Mapped[str]  # of all its bytes
    name: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    copies: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str | None] = mapped_column(index=True)
    sender: Mapped[str | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=State.STORED)
    why: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ticket: Mapped[Ticket | None] = relationship()

    @property
    def title(self) -> str:
        """What it is called in lists."""
        return self.subject or self.facts.get("began", "")


class Raw(Base):
    """The bytes of an arrival, apart from it: lists never read them."""

    __tablename__ = "arrival_raw"
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrival.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Claim:
    """An arrival that somebody reads: its number, and which try it is."""

    number: int
    tries: int


def store(
    session: Session,
    raw: bytes,
    way: Way,
    at: datetime,
    envelope: Envelope | None = None,
    waited_since: datetime | None = None,
    whole: int | None = None,
) -> tuple[Arrival, bool]:
    """Keep a mail; it, and whether it is new. Two at the same time: the loser begins again (`Database.write`).

    `whole` is the size of one that is too large: then `raw` is how it begins.
    """
    fields = _fields(raw)
    name = _name(raw, fields)
    known = session.scalars(select(Arrival).where(Arrival.name == name)).one_or_none()
    if known:
        known.copies = Arrival.copies + 1  # counted by the database: it may come by two ways at once
        return known, False
    facts: dict[str, Any] = {}
    if envelope:
        facts["envelope"] = {"from": envelope.sender, "to": list(envelope.recipients)}
    if whole:
        facts["whole"] = whole
    made = Arrival(
        received_at=at,
        waited_since=waited_since,
        way=way,
        sha256=sha256(raw).hexdigest(),
        name=name,
        size=len(raw),
        message_id=message_id_of(fields),
        facts=facts,
    )
    session.add(made)
    session.flush()
    session.add(Raw(arrival_id=made.id, content=raw))
    return made, True


def has_raw(session: Session, number: int) -> bool:
    """Whether its bytes are still there: they go when their rule says, and what they said stays on the ticket."""
    return session.scalar(select(Raw.arrival_id).where(Raw.arrival_id == number)) is not None


def raw_of(session: Session, number: int) -> bytes:
    """Its bytes, as they came."""
    return session.get_one(Raw, number).content


def as_delivered(raw: bytes, facts: dict[str, Any]) -> bytes:
    """The mail as a server would leave it in a mailbox: with what the envelope said on top (RFC 5321 §4.4)."""
    said = facts.get("envelope")
    if not said:
        return raw
    lines = [f"Delivered-To: {CONTROL.sub('', one)}" for one in said["to"]]
    if said["from"] is not None:
        lines.insert(0, f"Return-Path: <{CONTROL.sub('', said['from'])}>")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace") + raw


def waiting(session: Session, now: datetime, most: int) -> list[Claim]:
    """What nobody reads at the moment, the oldest first."""
    found = select(Arrival.id, Arrival.tries).where(_free(now)).order_by(Arrival.id).limit(most)
    return [Claim(number, tries) for number, tries in session.execute(found)]


def claim(session: Session, wanted: Claim, now: datetime) -> Claim | None:
    """Take it for the length of a lease; None if somebody else was first."""
    free = and_(Arrival.id == wanted.number, Arrival.tries == wanted.tries, _free(now))
    change = update(Arrival).where(free).values(tries=wanted.tries + 1, leased_until=now + LEASE)
    taken = session.execute(change, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    return Claim(wanted.number, wanted.tries + 1) if taken else None


def claimed(session: Session, mine: Claim) -> Arrival | None:
    """The arrival, held until the transaction ends; None if somebody took over, or it is settled."""
    same = Arrival.id == mine.number, Arrival.tries == mine.tries, Arrival.state == State.STORED
    return session.scalars(select(Arrival).where(*same).with_for_update()).one_or_none()


def _free(now: datetime) -> ColumnElement[bool]:
    nobody = or_(Arrival.leased_until.is_(None), Arrival.leased_until <= now)
    return and_(Arrival.state == State.STORED, nobody)


def _fields(raw: bytes) -> Fields:
    """Its headers, as far as they can be had: nothing that stands in them keeps a mail from being stored."""
    try:
        return Block(raw, 0, min(len(raw), 2 * limits.HEADERS), first=True).read()[0]
    except Exception:  # whatever it is, the mail is stored, and reading it will tell
        return Fields()


def _name(raw: bytes, fields: Fields) -> str:
    message_id = message_id_of(fields)
    if message_id is None:
        return f"bytes {sha256(raw).hexdigest()}"
    gap = GAP.search(raw)
    body = raw[gap.end() :] if gap else b""
    lines = body.replace(b"\r\n", b"\n").rstrip()
    digest = sha256(b"\0".join([message_id.encode("utf-8", "replace"), *map(fields.get, WRITTEN), lines]))
    return f"mail {digest.hexdigest()}"
