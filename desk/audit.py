"""The audit: who changed what, when and from where, written in the transaction of the change and never altered.

What is older than its rule says (desk.retention) goes with the nightly purge, and in no other way.
One change the law asks for: who is erased is taken out of its words too (tickets.privacy), and that is an entry itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import ORMExecuteState


class AuditIsAppendOnly(TypeError):
    """Something tried to change or delete what has been recorded."""


class What(StrEnum):
    """What can happen to the installation."""

    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    SIGN_IN_BLOCKED = "sign-in blocked"
    SIGNED_OUT = "signed out"
    SESSIONS_ENDED = "sessions ended"
    LINK_MADE = "password link made"
    PASSWORD_SET = "password set"  # noqa: S105 - words
    PASSWORD_REFUSED = "password change refused"  # noqa: S105 - words
    MANAGER_ADDED = "manager added"
    PERSON_ADDED = "person added"
    PERSON_CHANGED = "person changed"
    PERSON_LEFT = "person left"
    PERSON_BACK = "person back"
    TOKEN_MADE = "API token made"  # noqa: S105 - words
    TOKEN_REVOKED = "API token revoked"  # noqa: S105 - words
    CALENDAR_MADE = "calendar link made"
    CALENDAR_REVOKED = "calendar link revoked"
    LINE_FORCED = "line forced"
    HOURS_PUBLISHED = "office hours published"
    HOURS_TAKEN_BACK = "office hours taken back"
    OFFICE_CLOSED = "office closed for a while"
    CLOSURE_ENDED = "closure ended"
    ANNOUNCED = "announcement made"
    ANNOUNCEMENT_ENDED = "announcement ended"
    PROMPT_PUBLISHED = "prompt published"
    LANGUAGE_ADDED = "language added"
    RECORDING_PUBLISHED = "recorded prompt published"
    LINE_CHANGED = "line changed"
    NUMBER_BLOCKED = "number blocked"
    NUMBER_UNBLOCKED = "number unblocked"
    HOLIDAY_DECLARED = "holiday declared"
    HOLIDAY_WITHDRAWN = "holiday withdrawn"
    HOLIDAYS_SEEDED = "holidays seeded"
    CUSTOMER_ADDED = "customer added"
    CUSTOMER_CHANGED = "customer changed"
    CONTACT_ADDED = "contact added"
    CONTACT_CHANGED = "contact changed"
    CUSTOMERS_IMPORTED = "customers imported"
    CONTRACT_AGREED = "contract agreed"
    CONTRACT_WITHDRAWN = "contract withdrawn"
    SET_UP_LOADED = "set-up loaded"
    NUMBER_ASKED = "number asked for proof"
    NUMBER_PROVED = "number proved"
    TRIED_AGAIN = "outbox row tried again"
    TEST_MAIL = "test mail sent"
    WEBHOOKS_SET = "webhooks set at the carrier"
    ROTA_PUBLISHED = "rota published"
    ROTA_RESTORED = "rota restored"
    SHIFT_CHANGED = "shift changed"
    SHIFTS_IMPORTED = "shifts imported"
    CHANGE_TAKEN_BACK = "change taken back"
    SWAP_ASKED = "swap asked"
    SWAP_ACCEPTED = "swap accepted"
    SWAP_DECLINED = "swap declined"
    SWAP_WITHDRAWN = "swap withdrawn"
    SWAP_EXPIRED = "swap expired"
    SWAP_INVALID = "swap invalid"
    SWAP_UNDONE = "swap undone"
    LEAVE_TAKEN = "leave taken"
    LEAVE_WITHDRAWN = "leave withdrawn"
    LEAVE_IMPORTED = "leave imported"
    CALENDAR_ADDED = "leave calendar added"
    CALENDAR_REMOVED = "leave calendar removed"
    COVER_ASKED = "cover asked"
    COVER_TAKEN = "cover taken"
    COVER_CLOSED = "cover request closed"
    SHIFTS_HANDED_ON = "shifts handed on"
    DUTY_RULES_AGREED = "duty rules agreed"
    NOTICES_CHOSEN = "notices chosen"
    PERSON_LOOKED_UP = "person looked up"
    PERSON_EXPORTED = "person exported"
    ERASURE_BEGUN = "erasure begun"
    PERSON_ERASED = "person erased"
    RECONCILIATION_ASKED = "reconciliation asked for"
    LINE_DECIDED = "charge line decided"
    WORK_NAMED = "customer of work named"
    WORK_ENTERED = "work entered"
    ACCOUNTING_NAMED = "names in accounting changed"
    MONTH_CLOSED = "month closed"
    REOPENING_ASKED = "reopening asked"
    REOPENING_REFUSED = "reopening refused"
    MONTH_REOPENED = "month reopened"
    HOOK_ADDED = "webhook or chat room added"
    HOOK_CHANGED = "webhook or chat room changed"
    HOOK_ROTATED = "webhook secret renewed"
    HOOK_SWITCHED = "webhook or chat room switched"
    HOOK_REMOVED = "webhook or chat room removed"
    HOOK_TESTED = "webhook or chat room tested"
    HOOK_SENT_AGAIN = "webhook or chat message sent again"


KEPT_LONG_ENOUGH = "kept_long_enough"  # what only the nightly purge says of its statements


@dataclass(frozen=True)
class Who:
    """Who does something, and from where: an address, or the name of the terminal's user."""

    name: str
    place: str
    staff_id: int | None = None


WORKER = Who("Afterhours", "worker")  # what becomes of things by themselves


class Entry(Base):
    """One thing that was done."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    who: Mapped[str]
    place: Mapped[str]
    what: Mapped[str] = mapped_column(index=True)
    about: Mapped[str]
    detail: Mapped[dict[str, Any]]


def tell(session: Session, who: Who, what: What, about: str, at: datetime, **detail: Any) -> None:
    """Record that `who` did it; the record lives or dies with the change that this transaction makes."""
    session.add(
        Entry(at=at, staff_id=who.staff_id, who=who.name, place=who.place, what=what, about=about, detail=detail)
    )


def newest(session: Session, limit: int, what: str = "", before: int | None = None) -> list[Entry]:
    """The latest entries, of one kind or of all; older than the entry `before` if that is given."""
    query = select(Entry).order_by(Entry.id.desc()).limit(limit)
    if what:
        query = query.where(Entry.what == what)
    return list(session.scalars(query.where(Entry.id < before) if before else query))


@event.listens_for(Session, "before_flush")
def _refuse_changes(session: Session, *_: object) -> None:
    changed = [*session.deleted, *(one for one in session.dirty if session.is_modified(one))]
    if any(isinstance(one, Entry) for one in changed):
        raise AuditIsAppendOnly("the audit is written once")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    touched = state.bind_mapper.class_ if state.bind_mapper else None
    purged = state.is_delete and state.execution_options.get(KEPT_LONG_ENOUGH)
    if (state.is_update or state.is_delete) and touched is Entry and not purged:
        raise AuditIsAppendOnly("the audit is written once")
