"""The exchange: what happens on one webhook that asks what to do.

In one transaction: find the call (or open it, with its ticket), hear, walk the table to the next step that waits,
store the visit. Only then is the answer rendered, from the stored visit alone; so the same delivery twice, also at
the same moment, gives the same answer, and a process killed anywhere leaves nothing half done.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.exc import IntegrityError

from desk import logs, numbers
from ivr import facts, outgoing, playing, twiml, utterance
from ivr.call import Call, Leg, Visit
from ivr.callflow import ANSWERED, ARRIVAL, BEGINNINGS, RUNG, STEPS, WHISPERED
from ivr.conversation import Conversation
from ivr.seal import BrokenSeal
from ivr.steps import RING, Carried, Choose, Connect, End, Heard, Tell, Waiting
from ivr.switchboard import Outdated
from tickets.ticket import open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.db import Database
    from ivr.seal import Seal
    from ivr.switchboard import LineSetUp, Switchboard, Switchboards
    from tickets.reference import Dice

log = logging.getLogger(__name__)
Result = TypeVar("Result")
DEAD_END = 50  # steps in one document; the table's tests prove that none comes near


class UnknownLine(LookupError):
    """A number was called that is not set up as a line."""


class UnknownCall(LookupError):
    """A webhook of a call that never arrived here."""


@dataclass(frozen=True)
class Asked:
    """A webhook that asks what to do: which step was played, as which visit of the leg, carrying what.

    `page` is whose ring it is, of a leg that we had rung ourselves.
    """

    step: str
    number: int
    sealed: str | None
    form: Mapping[str, str]
    page: int | None = None

    @property
    def sid(self) -> str:
        """The leg that asks."""
        return self.form["CallSid"]

    @property
    def heard(self) -> Heard:
        """What the caller did."""
        return Heard(self.form.get("Digits", ""), self.form)


class Exchange:
    """Answers webhooks; holds nothing but what it needs to do so."""

    def __init__(self, database: Database, boards: Switchboards, seal: Seal, dice: Dice, addresses: Addresses) -> None:
        self.database, self.boards, self.seal, self.dice = database, boards, seal, dice
        self.addresses, self.origin = addresses, addresses.origin

    def answer(self, asked: Asked, now: datetime) -> str:
        """The document that answers, in TwiML."""
        try:
            return self._stored(asked, now)
        except IntegrityError as error:  # whom the Switchboard knew was erased in that very instant
            log.info("what the call refers to is gone, starting again: %s", type(error.orig).__name__)
            return self._stored(asked, now)

    def _stored(self, asked: Asked, now: datetime) -> str:
        return self.write(lambda session, board: self._answer(session, board, asked, now))

    def write(self, work: Callable[[Session, Switchboard], Result]) -> Result:
        """Do `work` in one transaction, which decides from the Switchboard of the version that it sees."""
        try:
            return self.database.write(lambda session: work(session, self.boards.newest(session)))
        except Outdated:
            self.renew()
            return self.database.write(lambda session: work(session, self.boards.current(session)))

    def renew(self) -> Switchboard:
        """The Switchboard, built anew if the set-up changed: half a second, in which no other call may have to wait.

        Inside the transaction that answers, it would hold SQLite's write lock in each process in turn.
        """
        with self.database.reading() as session:
            return self.boards.current(session)

    def resume(self, form: Mapping[str, str], now: datetime) -> str:
        """Go on after an answer that the carrier could not use, from the webhook that it names (TWILIO.md §1.3).

        Its keys are not repeated, so an answer that was never stored counts as silence.
        """
        return self.answer(failed(form), now)

    def _answer(self, session: Session, board: Switchboard, asked: Asked, now: datetime) -> str:
        call = self.call_of(session, asked.form)
        visit = session.get(Visit, (asked.sid, asked.number)) if call else None
        call = call or self._open(session, board, asked, now)
        return self.document(visit or self._advance(session, board, call, asked, now))

    def call_of(self, session: Session, form: Mapping[str, str]) -> Call | None:
        """The call that a leg belongs to, held until this transaction ends so that its webhooks come one by one."""
        sid = form.get("ParentCallSid") or form["CallSid"]
        call = session.get(Call, sid, with_for_update=True)
        # Whoever rings us is nobody's leg.
        if call is None and form.get("Direction") != "inbound" and (leg := session.get(Leg, sid)):
            call = session.get(Call, leg.call_sid, with_for_update=True)
        if call:
            logs.about(call=call.sid, ticket=call.ticket_id)
        return call

    def _open(self, session: Session, board: Switchboard, asked: Asked, now: datetime) -> Call:
        if asked.step in RUNG and asked.page:
            return outgoing.begin(session, board, asked.page, asked.sid, now)
        if asked.step != ARRIVAL:
            raise UnknownCall(asked.sid)
        line = board.lines.get(asked.form["To"])
        if line is None:
            raise UnknownLine(numbers.masked(asked.form["To"]))
        number = numbers.caller(asked.form.get("From", ""))
        person = board.directory.get(number) if number else None
        who: dict[str, Any] = {
            "caller": number,
            "contact_id": person.contact_id if person else None,
            "customer_id": person.customer_id if person else None,
        }
        shown = person.customer if person else numbers.shown(number) if number else "a withheld number"
        ticket = open_ticket(session, dice=self.dice, at=now, subject=f"Call from {shown}", **who)
        call = Call(
            sid=asked.sid,
            line_id=line.id,
            ticket=ticket,
            opened_ticket_id=ticket.id,
            language=_language(line, person.language if person else None),
            started_at=now,
            last_heard_at=now,
            **who,
        )
        session.add(call)
        session.flush()
        logs.about(call=call.sid, ticket=call.ticket_id)
        return call

    def _advance(self, session: Session, board: Switchboard, call: Call, asked: Asked, now: datetime) -> Visit:
        if asked.sealed is None and asked.step not in BEGINNINGS:
            raise BrokenSeal(f"{asked.step} came without what it carried")
        carried = self.seal.open(call.sid, asked.sealed) if asked.sealed else Carried()
        if (asked.step in WHISPERED) != (asked.sid != call.sid):
            raise UnknownCall(f"{asked.step} is not a step of this leg")
        talk = Conversation(session, board, call, carried, asked.heard, now, self.dice, asked.sid, self.addresses)
        late = bool(asked.heard.keys and call.ended_at) and asked.sid == call.sid
        if late and call.page_id is None and not talk.ticket.is_open:
            talk.ticket.reopen(now, "the caller had pressed a key before hanging up")
        path = walk(talk, asked.step)
        call.last_heard_at = now
        words = board.words[call.language]
        known = self._said_before(session, asked, path) | facts.of(talk, words)
        again = path[-1] == asked.step
        said = [utterance.of(board, call.language, name, known, again) for name in path]
        visit = Visit(
            sid=asked.sid,
            number=asked.number,
            call_sid=call.sid,
            step=asked.step,
            heard=asked.heard.keys,
            at=now,
            path=path,
            said=[one.words for one in said],
            carried=self.seal.close(call.sid, talk.carried),
            facts=known | {"played": [one.sound for one in said]},
            note=talk.note,
            caller=call.caller,
        )
        session.add(visit)
        session.flush()
        return visit

    def _said_before(self, session: Session, asked: Asked, path: list[str]) -> dict[str, Any]:
        """The facts of a step that is said again: the ticket it offered is still the one it offers."""
        before = session.get(Visit, (asked.sid, asked.number - 1)) if path[-1] == asked.step else None
        return before.facts if before else {}

    def document(self, visit: Visit) -> str:
        """What a visit answered, rendered from its row alone."""
        values = self._values(visit)
        sounds = visit.facts.get("played") or [""] * len(visit.path)  # none in a call that an older release began
        spoken = zip(visit.path, visit.said, sounds, strict=True)
        played = [(name, values | {"words": said, "sound": self._sound(visit, one)}) for name, said, one in spoken]
        last = STEPS[visit.path[-1]]
        return twiml.document(played, "<Hangup/>\n" if isinstance(last, Tell) and last.end is End.HANG_UP else "")

    def _sound(self, visit: Visit, digest: str) -> str:
        """Where the carrier fetches it; the same for a second delivery, for it is the visit's instant that counts."""
        return playing.address(self.addresses, digest, visit.at) if digest else ""

    def _values(self, visit: Visit) -> dict[str, Any]:
        state = f"s={visit.carried}"
        return {
            **visit.facts,
            "action": f"{self.origin}/voice/{visit.path[-1]}/{visit.number + 1}?{state}{twiml.AGAIN}",
            "whisper": f"{self.origin}/voice/{ANSWERED}/0?{state}{twiml.AGAIN}",
            "leg": f"{self.origin}/voice/leg?{state}{twiml.AGAIN}",
            "recording": f"{self.origin}/voice/recording{twiml.AGAIN}",
        }


def failed(form: Mapping[str, str]) -> Asked:
    """The webhook that the carrier names as failed, its keys lost; the arrival if it is none of ours."""
    try:
        url = urlsplit(form.get("ErrorUrl", ""))
    except ValueError:
        return Asked(ARRIVAL, 0, None, form)
    step, _, number = url.path.partition("/voice/")[2].partition("/")
    if step not in STEPS or not number.isdecimal():
        return Asked(ARRIVAL, 0, None, form)
    told = {name: values[0] for name, values in parse_qs(url.query).items()}
    page = told.get("page", "")
    return Asked(step, int(number), told.get("s"), form, int(page) if page.isdecimal() else None)


def walk(talk: Conversation, name: str) -> list[str]:
    """The steps that speak, from what was just heard to the next step that waits or to the end."""
    step = STEPS[name]
    if isinstance(step, Waiting):
        name = step.hear(talk)
    path: list[str] = []
    for _ in range(DEAD_END):
        step = STEPS[name]
        if isinstance(step, Choose):
            name = step.routes[step.by(talk)]
            continue
        if isinstance(step, Connect) and (route := step.whom(talk)) != RING:
            name = step.routes[route]
            continue
        path.append(name)
        if not isinstance(step, Tell) or step.then is None:
            return path
        name = step.then
    raise RecursionError(f"the flow goes round in circles at {name}")


def _language(line: LineSetUp, preferred: str | None) -> str:
    return preferred if preferred in line.languages else line.languages[0]
