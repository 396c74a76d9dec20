"""The chase: the worker's look for emergencies that nobody has, and the next step of each pursuit.

It goes from the tickets outwards, so an emergency of whatever origin is found within one tick. As long as a telephone
rings about a ticket (for a caller who waits, for a call-back, for paging), nobody else's does: one after another,
never several at once. Nothing leaves the house here: a step writes its Page, its ring and its texts in one
transaction, and the outbox delivers them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from structlog.contextvars import bound_contextvars

from desk import outbox
from desk.staff import Role, Staff
from ivr import acknowledging, outgoing, page_mails, page_texts, twiml
from ivr.call import Call, Visit
from ivr.callflow import INCOMING, PAGED
from ivr.steps import Connect
from ivr.switchboard import Engineer
from oncall import calling, paging, pursuit
from oncall.escalation import OnCall, Person, Policy, choose
from oncall.pursuit import Pursuit
from tickets import canary, inbox
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.db import Database
    from ivr.switchboard import LineSetUp, Switchboard, Switchboards
    from oncall.escalation import Choice, Skip

log = logging.getLogger(__name__)
PLACED_WITHIN = timedelta(minutes=1)  # by the carrier; else the next engineer
RESERVED = PLACED_WITHIN + timedelta(seconds=30)  # so that the carrier's refusal frees the engineer, not the clock
HUNTING = timedelta(minutes=4)  # longer than a ring and its whisper: a call of which no more is heard rings nobody
BUSY = "is on another call"
SOON = timedelta(seconds=30)  # until somebody may be off the telephone
TOLD_AGAIN = 12  # cycles after which managers are told once more that there is nobody to be rung
ALONE = Policy(canary.NAME, ((Person(canary.KEY),),), rounds=1)  # the canary's: nobody but the machine
CANARY_PAUSE = timedelta(minutes=1)
RINGING = frozenset(step.name for step in INCOMING if isinstance(step, Connect))


@dataclass(frozen=True)
class Means:
    """What the chase works with; `pause` is how long it waits when all were tried, `mails` if there is a server."""

    database: Database
    boards: Switchboards
    addresses: Addresses
    clock: Callable[[], datetime]
    pause: timedelta
    mails: bool = False


def look(means: Means, stopped: Callable[[], bool]) -> None:
    """Begin what has to be begun, end what is over, take the steps that are due; one that fails harms no other."""
    with means.database.reading() as session:
        board = means.boards.current(session)
        free = [ticket.id for ticket in pursuit.unpursued(session) if not _is_ringing(session, ticket, means.clock())]
    if not board.lines:  # there is nothing to ring from
        return
    for number in free:
        _guarded(means, lambda session, number=number: _begin(session, board, number, means.clock()), number)  # type: ignore[misc]
    with means.database.reading() as session:
        ripe = [one.id for one in pursuit.open_ones(session) if _is_ripe(session, one, means.clock())]
    for number in ripe:
        if stopped():
            return
        _advance(means, board, number)


def _begin(session: Session, board: Switchboard, ticket_id: int, now: datetime) -> None:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)  # a canary may have been taken away
    if ticket and pursuit.is_wanted(ticket) and not _is_ringing(session, ticket, now):
        pursuit.begin(session, ticket, _line(session, board, ticket).policy.name, now)


def _line(session: Session, board: Switchboard, ticket: Ticket) -> LineSetUp:
    line = outgoing.line_of(session, board, ticket)
    return replace(line, policy=ALONE) if canary.is_one(session, ticket.id) else line


def _is_ripe(session: Session, one: Pursuit, now: datetime) -> bool:
    """Whether it is over, or its next step is due."""
    if not pursuit.is_wanted(one.ticket):
        return True
    free = one.leased_until is None or one.leased_until <= now
    return one.next_at <= now and free and not _is_ringing(session, one.ticket, now)


def _is_ringing(session: Session, ticket: Ticket, now: datetime) -> bool:
    """Whether somebody is being rung about it, or will be in a moment by a live call that goes through the policy."""
    about = list(session.scalars(inbox.whole(ticket)))
    if paging.going_on(session, about, now):
        return True
    live = select(Call.sid).where(Call.ticket_id.in_(about), Call.ended_at.is_(None), Call.page_id.is_(None))
    return any(_hunts(session, sid) for sid in session.scalars(live.where(Call.last_heard_at > now - HUNTING)))


def _hunts(session: Session, sid: str) -> bool:
    last = select(Visit.path).where(Visit.sid == sid).order_by(Visit.number.desc()).limit(1)
    path = session.scalars(last).first()
    return path is not None and path[-1] in RINGING


def _advance(means: Means, board: Switchboard, number: int) -> None:
    def over(session: Session) -> bool:
        pursued = session.get(Pursuit, number)
        if pursued is None:  # a canary's, that another worker has taken away
            return True
        ticket = acknowledging.held(session, pursued.ticket_id)
        acknowledging.settle(session, board, ticket, means.clock())
        return not pursuit.is_wanted(ticket)

    if _guarded(means, over, number) is not False:
        return
    token = means.database.write(lambda session: pursuit.claim(session, number, means.clock()))
    if token:
        _guarded(means, lambda session: _take(session, means, board, number, token), number)


def _guarded(means: Means, work: Callable[[Session], object], number: int) -> object:
    with bound_contextvars(paging=number):
        try:
            return means.database.write(work)
        except Exception:
            log.exception("the paging could not go on")
            return None


def _take(session: Session, means: Means, board: Switchboard, number: int, token: int) -> None:
    """The step that was claimed, if the claim still holds and the ticket still wants it."""
    now = means.clock()
    ticket = acknowledging.held(session, session.get_one(Pursuit, number).ticket_id)
    pursued = pursuit.held(session, number, token, now)
    if pursued is None or not pursuit.is_wanted(ticket):
        return
    if _is_ringing(session, ticket, now):
        pursued.leased_until = None
        return
    _step(session, means, board, pursued, ticket, now).take()


def _step(session: Session, means: Means, board: Switchboard, pursued: Pursuit, ticket: Ticket, now: datetime) -> _Step:
    step = _Step(session, means, board, pursued, ticket, _line(session, board, ticket), now)
    if step.line.policy is not ALONE:
        return step
    number = session.scalars(select(Staff.id).where(Staff.key == canary.KEY)).one()
    machine = Engineer(number, canary.KEY, canary.NAME, canary.ADDRESS, proved=True)
    return replace(
        step, means=replace(means, pause=CANARY_PAUSE), board=replace(board, engineers={machine.key: machine})
    )


@dataclass(frozen=True)
class _Step:
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
