"""A step of a pursuit: whom to ring now, whom to tell besides, and what comes after.

Nothing leaves the house here: a step writes its Page, its ring, its texts and its mails in one transaction, and the
outbox delivers them. The canary goes the same way, by a policy in which there is nobody but the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import outbox
from desk.staff import Role, Staff
from ivr import outgoing, page_mails, page_texts, twiml
from ivr.callflow import PAGED
from ivr.switchboard import Engineer
from oncall import calling, paging, pursuit
from oncall.escalation import OnCall, Person, Policy, choose
from tickets import canary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.db import Database
    from ivr.switchboard import LineSetUp, Switchboard, Switchboards
    from oncall.escalation import Choice, Skip
    from oncall.pursuit import Pursuit
    from tickets.ticket import Ticket

PLACED_WITHIN = timedelta(minutes=1)  # by the carrier; else the next engineer
RESERVED = PLACED_WITHIN + timedelta(seconds=30)  # so that the carrier's refusal frees the engineer, not the clock
BUSY = "is on another call"
SOON = timedelta(seconds=30)  # until somebody may be off the telephone
TOLD_AGAIN = 12  # cycles after which managers are told once more that there is nobody to be rung
ALONE = Policy(canary.NAME, ((Person(canary.KEY),),), rounds=1)  # the canary's: nobody but the machine
CANARY_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Means:
    """What the chase works with; `pause` is how long it waits when all were tried, `mails` if there is a server."""

    database: Database
    boards: Switchboards
    addresses: Addresses
    clock: Callable[[], datetime]
    pause: timedelta
    mails: bool = False


def line_of(session: Session, board: Switchboard, ticket: Ticket) -> LineSetUp:
    """The line that a ticket is paged from, with the policy that it goes by."""
    line = outgoing.line_of(session, board, ticket)
    return replace(line, policy=ALONE) if canary.is_one(session, ticket.id) else line


def of(session: Session, means: Means, board: Switchboard, pursued: Pursuit, ticket: Ticket, now: datetime) -> Step:
    """The next step for a ticket, at this instant."""
    step = Step(session, means, board, pursued, ticket, line_of(session, board, ticket), now)
    if step.line.policy is not ALONE:
        return step
    number = session.scalars(select(Staff.id).where(Staff.key == canary.KEY)).one()
    machine = Engineer(number, canary.KEY, canary.NAME, canary.ADDRESS, proved=True)
    return replace(
        step, means=replace(means, pause=CANARY_PAUSE), board=replace(board, engineers={machine.key: machine})
    )


@dataclass(frozen=True)
class Step:
    """One step of one pursuit, at one instant."""

    session: Session
    means: Means
    board: Switchboard
    pursued: Pursuit
    ticket: Ticket
    line: LineSetUp
    now: datetime

    @property
    def is_canary(self) -> bool:
        """Whether nobody is rung outside."""
        return self.line.policy is ALONE

    def take(self) -> None:
        busy = paging.busy(self.session, self.now)
        # By the telephone, not the person: two colleagues may share one.
        phones = {one.phone for one in self.board.engineers.values() if one.id in busy}
        tried = self.pursued.marks
        choice = choose(
            self.line.policy,
            self.board.on_duty(self.now),
            lambda key: self._obstacle(key, phones),
            tried,
            unready=self.board.unready,
        )
        self.pursued.policy = self.line.policy.name
        if choice.gaps and not tried and self.pursued.cycle == 1:
            self._tell("gap", f"nobody is on duty at {_places(choice)}")
        for skip in choice.skipped:
            self._skip(skip)
        if choice.ring:
            self._ring(choice)
        else:
            self._nobody(choice, phones)

    def _obstacle(self, key: str, phones: set[str | None]) -> str | None:
        if self.is_canary:  # it has no telephone, and needs none
            return None
        if lasting := self.board.obstacle(key):
            return lasting
        phone = self.board.engineers[key].phone
        if phone == self.ticket.caller:
            return "is the caller"
        return BUSY if phone in phones else None

    def _skip(self, skip: Skip) -> None:
        """Who cannot be rung is told all the same, by text and mail."""
        engineer = self.board.engineers.get(skip.engineer)
        if self.pursued.cycle == 1:
            self._tell("skipped", f"{engineer.name if engineer else skip.engineer} {skip.reason}")
        if engineer is None or (engineer.phone and engineer.phone == self.ticket.caller):
            return
        paging.skip(
            self.session,
            ticket_id=self.ticket.id,
            staff_id=engineer.id,
            at=self.now,
            reason=skip.reason,
            pursuit_id=self.pursued.id,
        )
        self._write(self.session.get_one(Staff, engineer.id))

    def _ring(self, choice: Choice) -> None:
        staff = self.session.get_one(Staff, self.board.engineers[choice.ring or ""].id)
        about = {"ticket_id": self.ticket.id, "staff_id": staff.id, "pursuit_id": self.pursued.id}
        page = paging.reserve(self.session, **about, at=self.now, lasts=RESERVED)
        payload = {
            "page": page.id,
            "ticket": self.ticket.id,
            "what": "the page",
            "kind": "page",
            "to": canary.ADDRESS if self.is_canary else staff.phone,
            "line": self.line.number,
            "seconds": self.line.policy.ring_seconds,
            "url": f"/voice/{PAGED}/0?page={page.id}{twiml.AGAIN}",
            "fallback": f"/voice/fallback{twiml.AGAIN}",
            "report": f"/voice/rung?page={page.id}{twiml.AGAIN}",
        }
        kind = outbox.CANARY if self.is_canary else calling.KIND
        outbox.post(self.session, calling.key(page), kind, payload, self.now, lasts=PLACED_WITHIN)
        self._write(staff)
        trace: dict[str, Any] = {
            "page": page.id,
            "cycle": self.pursued.cycle,
            "round": choice.round,
            "step": choice.step,
        }
        trace |= {"why": self.board.why(self.line.policy, choice, self.now), "set_up": self.board.version}
        self._tell("page", f"pages {staff.name}", **trace)
        self.pursued.rings(choice.round, choice.step, choice.tried, self.now)

    def _nobody(self, choice: Choice, phones: set[str | None]) -> None:
        """Everybody was tried, or there is nobody to try: later again, from the top."""
        if any(not mark.skipped for mark in choice.tried):
            until = self.now + self.means.pause
            local = until.astimezone(ZoneInfo(self.line.zone))
            self._tell("unanswered", f"nobody has acknowledged; paging begins again at {local:%H:%M}")
            self.pursued.pauses(until)
        elif any(self._obstacle(mark.engineer, phones) == BUSY for mark in choice.tried):
            self.pursued.rings(0, None, choice.tried, self.now + SOON)
        else:
            if self.pursued.cycle % TOLD_AGAIN == 1:
                self._tell("unanswered", "nobody could be paged: nobody is on duty, or nobody can be reached")
                self._tell_managers()
            self.pursued.pauses(self.now + self.means.pause)

    def _tell_managers(self) -> None:
        managers = select(Staff).where(Staff.active, Staff.role == Role.MANAGER).order_by(Staff.id)
        for manager in self.session.scalars(managers).all():
            summons = pursuit.summon(self.session, self.pursued, manager.id, self.now)
            page_texts.nobody(self.session, self.board, self.pursued, manager, summons.code, self.now)
            if self.means.mails:
                page_mails.nobody(self.session, self.board, self.means.addresses, self.pursued, manager, self.now)

    def _write(self, staff: Staff) -> None:
        """What reaches a colleague beside the ring."""
        summons = pursuit.summon(self.session, self.pursued, staff.id, self.now)
        page_texts.summon(self.session, self.board, self.means.addresses, self.pursued, staff, summons.code, self.now)
        if self.means.mails:
            page_mails.summon(self.session, self.board, self.means.addresses, self.pursued, staff, self.now)

    def _tell(self, kind: str, text: str, **detail: Any) -> None:
        self.ticket.tell(kind, text, self.now, pursuit=self.pursued.id, **detail)


def _places(choice: Choice) -> str:
    return " and ".join(f"place {gap.place + 1} of {gap.rota!r}" for gap in choice.gaps if isinstance(gap, OnCall))
