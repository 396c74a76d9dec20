"""Asked: an erasure from the moment somebody asks for it: whom it is about until that is gone, and what it did.

`whom` names the person for as long as there is something of theirs to find; with the last of it, it goes too. What
stays says who did it when and why, and `tags`: a keyed digest of each number, address and name, by which we can tell
later that somebody was erased, and nobody can tell whom without our key.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from desk import audit
from desk.audit import What
from desk.db import Base
from ivr.call import Call
from sla.worklog import Work
from tickets import inbox
from tickets.mail.arrival import Arrival, State
from tickets.privacy import belongings
from tickets.privacy.belongings import Belongings
from tickets.privacy.whom import Person
from tickets.reference import printed
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from desk.audit import Who

TICKET, CALL, MAIL, EVENT = "ticket", "call", "mail", "event"
CHARGED_FOR = timedelta(days=5 * 366)  # five years, of which up to two are leap years
KEPT = {
    "work": "when somebody worked for how long on which ticket, and what it was charged as: records of supplies "
    "(Value-Added Tax Act 89 of 1991 s 55) and of working time (Basic Conditions of Employment Act s 31)",
    "calls": "when calls on those tickets began and ended, without their number: what the charge rests on",
    "tickets": "reference, customer, priority, times and who dealt with it: what charges and targets refer to",
    "customers": "the name of the company: it is who was charged",
}

# Whose it is, its reading tells: a ticket of it would be of the time before, and nobody have gathered it.
UNREAD = "Mail has come that has not been read yet, and may be theirs: ask again in a minute."


class NotYet(ValueError):
    """It cannot be done now; the text says why."""


class StillOpen(NotYet):
    """Something is still to be done for them: the references of their open tickets."""

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__(f"Still to be resolved: {', '.join(references)}.")
        self.references = references


class Erasure(Base):
    """One erasure. `step` (its name, none before the first) and `after` say how far it is, `moved_at` since when.

    `rewritten_at` is when the database was written anew, and `compacted_at` when its files had lost it too.
    """

    __tablename__ = "erasure"
    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    who: Mapped[str]
    place: Mapped[str]
    why: Mapped[str]
    whom: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tags: Mapped[list[Any]]
    step: Mapped[str] = mapped_column(default="")
    after: Mapped[list[Any]] = mapped_column(default=list)
    moved_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kept: Mapped[dict[str, Any]] = mapped_column(default=dict)
    erased_at: Mapped[datetime | None]
    rewritten_at: Mapped[datetime | None]
    compacted_at: Mapped[datetime | None]

    @property
    def person(self) -> Person:
        """Whom it is about, while it goes on."""
        whom = self.whom or {}
        if "had" not in whom:  # asked for when nobody knew yet of what somebody had before
            whom = whom | {"had": [(one, "", "") for name in ("numbers", "addresses") for one in whom.get(name, ())]}
        return Person(**{name: tuple(map(_plain, value)) for name, value in whom.items()})

    @property
    def title(self) -> str:
        """What it is called in the audit."""
        return title(self.tags)


class Item(Base):
    """Something of theirs when the erasure began: a ticket, a call, a mail, an event on a ticket of others."""

    __tablename__ = "erasure_item"
    __table_args__ = (Index("ix_erasure_item_erasure_id_kind", "erasure_id", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasure.id"))
    kind: Mapped[str]
    number: Mapped[int | None]
    sid: Mapped[str | None]


def tag(secret: SecretStr, text: str) -> str:
    """A digest of what names somebody, that nobody can make or try out without our key."""
    key = sha256(b"person:" + secret.get_secret_value().encode()).digest()
    return hmac.digest(key, text.casefold().encode(), "sha256").hex()[:32]


def tags(secret: SecretStr, person: Person) -> list[str]:
    """One of each number, address and name; the first is what they are called in the audit."""
    always = (*person.numbers, *person.addresses, *person.names, *(f"contact-{one}" for one in person.contacts))
    return [tag(secret, one) for one in dict.fromkeys([*always, *person.values])]


def title(tags: Sequence[str]) -> str:
    """What a person is called where their name must not stand."""
    return f"person {tags[0][:12]}" if tags else "nobody"


def open_tickets(session: Session, person: Person) -> list[Ticket]:
    """What somebody still has to do something about."""
    theirs = inbox.unresolved().where(Ticket.id.in_(belongings.of(session, person).tickets))
    return list(session.scalars(theirs))


def begin(
    session: Session, person: Person, who: Who, why: str, secret: SecretStr, now: datetime, *, close: bool = False
) -> Erasure:
    """Ask for one, of all that is theirs at this instant; `close` resolves what is open. Raises NotYet."""
    _ready(session, person, now, close=close)
    mine = belongings.of(session, person)
    names = ("keys", "contacts", "numbers", "addresses", "names", "mailboxes", "surnames", "had", "boxes")
    made = Erasure(
        begun_at=now,
        staff_id=who.staff_id,
        who=who.name,
        place=who.place,
        why=person.every_trace.out_of(why),
        whom={name: list(getattr(person, name)) for name in names},
        tags=tags(secret, person),
        kept=_kept(session, mine),
    )
    session.add(made)
    session.flush()
    audit.tell(session, who, What.ERASURE_BEGUN, made.title, now, why=made.why, erasure=made.id)
    return made


def held(erasure: Erasure) -> Belongings:
    """What is to be erased, as it was gathered in the beginning."""
    return Belongings(
        _of(erasure, TICKET, Item.number), _of(erasure, CALL, Item.sid), _of(erasure, MAIL, Item.number),
        _of(erasure, EVENT, Item.number),
    )  # fmt: skip


def _ready(session: Session, person: Person, now: datetime, *, close: bool) -> None:
    if not person.is_somebody:
        raise NotYet("That names nobody of whom something could be erased alone.")
    live = select(Call.sid).where(Call.ended_at.is_(None), Call.sid.in_(belongings.of(session, person).calls))
    if session.scalars(live.limit(1)).first():
        raise NotYet("They are on the line at this moment.")
    if session.scalar(select(Arrival.id).where(Arrival.state == State.STORED).limit(1)):
        raise NotYet(UNREAD)
    same = select(Erasure).where(Erasure.erased_at.is_(None))
    if any(set(one.person.keys) & set(person.keys) for one in session.scalars(same)):
        raise NotYet("They are being erased already.")
    open_ = open_tickets(session, person)
    if open_ and not close:
        raise StillOpen([printed(one.reference) for one in open_])
    for ticket in open_:
        ticket.withdraw(now, "whoever asked wants nothing kept of them")
    session.flush()


def _plain(stored: Any) -> Any:
    """As it was before it was JSON."""
    return tuple(stored) if isinstance(stored, list) else stored


def _of(erasure: Erasure, kind: str, column: Any) -> Select[Any]:
    return select(column).where(Item.erasure_id == erasure.id, Item.kind == kind)


def _kept(session: Session, mine: Belongings) -> dict[str, Any]:
    """What stays, why, and until when law wants it."""
    pieces, last = session.execute(select(func.count(), func.max(Work.ends)).where(belongings.worked(mine))).one()
    kept: dict[str, Any] = {"tickets": KEPT["tickets"], "customers": KEPT["customers"]}
    if pieces:
        until = (last + CHARGED_FOR).date().isoformat()
        kept |= {"work": f"{pieces} stretches until {until}: {KEPT['work']}", "calls": KEPT["calls"]}
    return kept
