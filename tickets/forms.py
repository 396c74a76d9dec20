"""Forms: the verbs of a ticket as people send them from its page, each with what has to be typed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import mailing, when
from desk.mailing import NotAnAddress
from desk.staff import Role, Staff
from tickets import inbox, task
from tickets.event import ADDRESS, MERGED_INTO, SUBJECT, Kind, renaming
from tickets.mail import addressee
from tickets.search import reference_in
from tickets.ticket import NotNow, Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.event import Event

LONGEST = 4000  # characters of an answer or a note
TITLE = 100  # of a subject
HANDLE = (Role.ENGINEER, Role.MANAGER)


class Wrong(ValueError):
    """Something that was typed does not do; `field` says where, and the message what to type instead."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class Form:
    """One verb that somebody sends: who, when, about which ticket, and what they typed."""

    session: Session
    ticket: Ticket
    by: Staff
    at: datetime
    zone: str
    typed: Mapping[str, str]
    take: Callable[[], object]  # the one way in which a ticket that nobody has is taken
    ours: Collection[str] | None = None  # our own addresses; None where no mail is sent

    def words(self, asked: str, field: str = "text") -> str:
        """What was typed; raises Wrong with what is asked for if it was nothing, or too much."""
        said = self.typed.get(field, "").strip()
        if not said:
            raise Wrong(field, asked)
        if len(said) > LONGEST:
            raise Wrong(field, f"That is too long: {LONGEST} characters at most.")
        return said

    @property
    def subject(self) -> str:
        """What the ticket is about, as it was typed, on one line; raises Wrong where that is too long."""
        said = " ".join(self.typed.get("subject", "").split())
        if len(said) > TITLE:
            raise Wrong("subject", f"That is too long: {TITLE} characters at most.")
        return said

    @property
    def is_mailed(self) -> bool:
        """Whether the customer is mailed what is written here."""
        return self.ours is not None and not addressee.refusal(self.session, self.ticket.address, self.ours)

    def open_only(self, done: str) -> None:
        """Raises NotNow for a ticket that is over or goes on as another."""
        self.not_merged()
        if not self.ticket.is_open:
            raise NotNow(f"It is resolved. Reopen it before {done}.")

    def not_merged(self) -> None:
        """Raises NotNow for a ticket that goes on as another."""
        if self.ticket.merged_into_id:
            raise NotNow("It goes on as another ticket.")


@dataclass(frozen=True)
class Verb:
    """One thing that can be done; `kind` is the event it leaves, `fields` are kept when it is refused."""

    kind: str
    do: Callable[[Form], Ticket]
    fields: Sequence[str] = ("text",)
    says: Callable[[Event, Form], bool] = lambda *_: True  # whether the event says what was chosen, beside the words

    def is_done(self, events: Sequence[Event], form: Form) -> bool:
        """Whether these events are this very form, sent before: pressed twice, it is done once."""
        mine = [event for event in events if event.staff_id == form.by.id]
        said = form.typed.get("text", "").strip()
        return len(mine) == len(events) and any(
            event.kind == self.kind and _ends_in(event.text, said) and self.says(event, form) for event in mine
        )


def _ends_in(told: str, said: str) -> bool:
    return not said or told == said or told.endswith(f": {said}")


def _have(form: Form) -> Ticket:
    form.open_only("somebody has it")
    if form.ticket.owner_id == form.by.id:
        raise NotNow("You have it already.")
    if form.ticket.owner_id is None:
        form.take()
    else:
        form.ticket.acknowledge(form.by, form.at, f"instead of {form.ticket.owner.name}" if form.ticket.owner else "")
    return form.ticket


def _answer(form: Form) -> Ticket:
    form.not_merged()
    goes = {"to": form.ticket.address} if form.is_mailed else {"noted": True}
    form.ticket.answer(form.by, form.at, form.words("Write what the customer was told."), **goes)
    return form.ticket


def _note(form: Form) -> Ticket:
    form.ticket.note(form.by, form.at, form.words("Write what colleagues have to know."))
    return form.ticket


def _hand_over(form: Form) -> Ticket:
    to = next((one for one in colleagues(form.session) if one.key == form.typed.get("to")), None)
    if to is None:
        raise Wrong("to", "Choose who is to have it.")
    form.ticket.hand_over(to, form.by, form.at, form.words("Write why, or what they have to know."))
    return form.ticket


def _wait(form: Form) -> Ticket:
    form.ticket.wait(form.by, form.at, form.words("Write what we wait for."))
    return form.ticket


def _resume(form: Form) -> Ticket:
    form.ticket.resume(form.by, form.at, form.words("Write why we go on."))
    return form.ticket


def _agree(form: Form) -> Ticket:
    try:
        until = when.instant(form.words("Say until when.", "until"), form.zone)
    except Wrong:
        raise
    except ValueError:
        raise Wrong("until", "Say a day and a time.") from None
    form.ticket.agree(until, form.words("Say with whom it was agreed.", "customer"), form.by, form.at)
    return form.ticket


def _priority(form: Form) -> Ticket:
    try:
        priority = Priority(form.typed.get("priority", ""))
    except ValueError:
        raise Wrong("priority", "Choose how urgent it is.") from None
    if priority == form.ticket.priority:
        raise Wrong("priority", f"It is {priority} already.")
    form.ticket.change_priority(priority, form.by, form.at, form.words("Write why it is more or less urgent."))
    return form.ticket


def _rename(form: Form) -> Ticket:
    form.not_merged()
    if not form.subject:
        raise Wrong("subject", "Say in a few words what it is about.")
    if form.subject == form.ticket.subject:
        raise Wrong("subject", "It is called so already.")
    form.ticket.rename(form.subject, form.by, form.at)
    return form.ticket


def _is_renamed(event: Event, form: Form) -> bool:
    return event.text.startswith(renaming(form.subject, "").removesuffix("”"))


def _resolve(form: Form) -> Ticket:
    form.open_only("it is resolved again")
    how, subject = form.words("Write how it was resolved."), form.subject
    if task.lacks_address(form.session, form.ticket):
        if not form.typed.get("no_address"):
            raise Wrong("no_address", "No mail address is known. Note it first, or say that there is none.")
        how += " (no address is known)"
    if subject not in ("", form.ticket.subject):
        form.ticket.rename(subject, form.by, form.at)
    form.ticket.resolve(form.at, how, form.by)
    return form.ticket


def _address(form: Form) -> Ticket:
    form.open_only("an address is noted")
    if form.ticket.address and not addressee.has_bounced(form.session, form.ticket.address):
        raise NotNow(f"An address is known: {form.ticket.address}.")
    try:
        address = mailing.typed(form.typed.get("email", ""))
    except NotAnAddress as error:
        raise Wrong("email", f"That is no mail address. {error}") from None
    form.ticket.learn_address(address, form.by, form.at)
    return form.ticket


def _reopen(form: Form) -> Ticket:
    if form.ticket.is_open:
        raise NotNow("It is open already.")
    form.ticket.reopen(form.at, form.words("Write why it is not over."), form.by)
    return form.ticket


def _merge(form: Form) -> Ticket:
    form.open_only("it is merged")
    other = goes_on(form.session, form.ticket, form.typed.get("into", ""))
    form.ticket.merge_into(other, form.at, form.words("Write why they are about the same thing."), by=form.by)
    return other


def goes_on(session: Session, ticket: Ticket, words: str) -> Ticket:
    """The ticket that would go on if this one were merged into the one of that reference; raises Wrong."""
    if not words.strip():
        raise Wrong("into", "Say the reference of the other ticket.")
    reference = reference_in(words)
    found = session.scalars(inbox.by_reference(reference)).one_or_none() if reference else None
    if found is None:
        raise Wrong("into", "There is no ticket with this reference.")
    other = inbox.survivor(session, found)
    if other.id == ticket.id:
        raise Wrong("into", "That is this ticket. Say the reference of the other one.")
    if not other.is_open:
        raise Wrong("into", "That ticket is resolved. Reopen it first.")
    return other


def _is_agreed(event: Event, form: Form) -> bool:
    try:
        until = when.instant(form.typed.get("until", ""), form.zone)
    except ValueError:
        return False
    customer: str = form.typed["customer"].strip()
    return (event.detail["until"], event.detail["customer"]) == (until.isoformat(), customer)


def colleagues(session: Session) -> Sequence[Staff]:
    """Everybody who may have a ticket."""
    return session.scalars(select(Staff).where(Staff.active, Staff.role.in_(HANDLE)).order_by(Staff.name)).all()


VERBS: dict[str, Verb] = {
    "have": Verb("acknowledged", _have, ()),
    "answer": Verb(Kind.ANSWERED, _answer),
    "note": Verb("note", _note),
    "hand-over": Verb(
        "handed over", _hand_over, ("to", "text"), lambda event, form: event.detail["to"] == form.typed["to"]
    ),
    "wait": Verb(Kind.WAITING, _wait),
    "resume": Verb(Kind.RESUMED, _resume),
    "agree": Verb(Kind.AGREED, _agree, ("until", "customer"), _is_agreed),
    "priority": Verb(
        Kind.PRIORITY,
        _priority,
        ("priority", "text"),
        lambda event, form: event.detail["now"] == form.typed["priority"],
    ),
    "resolve": Verb(Kind.RESOLVED, _resolve, ("text", "subject", "no_address")),
    "subject": Verb(SUBJECT, _rename, ("subject",), _is_renamed),
    "address": Verb(ADDRESS, _address, ("email",)),
    "reopen": Verb(Kind.REOPENED, _reopen),
    "merge": Verb(MERGED_INTO, _merge, ("into", "text")),
}
