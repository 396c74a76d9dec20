"""Ringing somebody else from within a call: TWILIO.md §1.6-1.8, §3 Dial and Number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from simulator.acts import (
    REFUSALS,
    Act,
    Answer,
    CallerLeft,
    EngineerLeft,
    HungUp,
    Play,
    Refuse,
    Talk,
    Waiting,
)
from simulator.leg import Leg, Subscription
from simulator.twiml import Verb

if TYPE_CHECKING:
    from simulator.performance import Performance
    from simulator.signature import Params
    from simulator.twiml import Document

E164 = r"\+[1-9]\d{6,14}"
BUFFER = 5  # seconds that Twilio adds to every timeout


class Dial:
    """One Dial verb as it is played."""

    def __init__(self, stage: Performance, verb: Verb, document: Document) -> None:
        self.stage = stage
        self.call = stage.call
        self.clock = stage.clock
        self.verb = verb
        self.number = verb.children[0] if verb.children else Verb("Number", {}, verb.line, verb.text)
        self.document = document
        self.child = self._place()

    def play(self) -> Play[Document | None]:
        try:
            yield from self._connect()
        except CallerLeft:
            self._abandon()
            raise
        return self._act()

    def _place(self) -> Leg:
        """The new leg. It rings from our number, and its events go where the Number says."""
        caller, has = self.stage.leg, self.number.attributes
        child = Leg(
            sid=self.call.network.sid("CA"),
            account_sid=caller.account_sid,
            from_=self.verb.attributes.get("callerId", caller.from_),
            to=self.number.text.strip(),
            direction="outbound-dial",
            started=self.clock(),
            parent=caller,
        )
        if "statusCallback" in has:
            url = urljoin(self.document.url, has["statusCallback"])
            events = has.get("statusCallbackEvent", "completed").split(" ")
            child.subscription = Subscription(url, has.get("statusCallbackMethod", "POST"), tuple(events))
        self.call.children.append(child)
        return child

    @property
    def name(self) -> str:
        return self.call.network.name(self.child.to)

    def _connect(self) -> Play[None]:
        """Ring, whisper, bridge; the child leg has ended when this returns."""
        if not self._possible():
            self.call.errors.append(f"13214/13223 cannot dial {self.child.to} as {self.child.from_}")
            self.stage.transcript.line("caller", REFUSALS["failed"].format(self.name))
            self.child.end("failed", "failed", self.clock())
            return
        self.call.network.engage(self.child)
        try:
            if (yield from self._ring()):
                yield from self._whisper()
                yield from self._bridge()
        except HungUp:
            self.stage.transcript.line("engineer", "hangs up")
        except EngineerLeft:
            self.stage.transcript.does("engineer", "hangs up")
        if not self.child.ended:
            self._end("bridged" if self.child.bridged else "answered", "completed")

    def _possible(self) -> bool:
        """Our own number as caller ID (13214) and a number that can be dialled (13223)."""
        ours = self.child.from_ in self.call.network.lines
        return ours and re.fullmatch(E164, self.child.to) is not None

    def _ring(self) -> Play[bool]:
        child = self.child
        self.stage.transcript.line("caller", f"rings {self.name}")
        self.call.tell(child, "initiated")
        if child.to in self.call.network.unreachable:
            act: Act = Refuse("engineer", "failed")
        else:
            self.call.tell(child, "ringing")
            act = yield Waiting("engineer", "ringing", child.to)
        if not isinstance(act, Answer):
            self._not_taken(act)
            return False
        self.clock.until(child.started + timedelta(seconds=act.after))
        child.answer(self.clock())
        if act.looks:
            self.stage.transcript.does("engineer", act.looks)
        self.call.tell(child, "answered")
        return True

    def _not_taken(self, act: Act) -> None:
        status = act.status if isinstance(act, Refuse) else "no-answer"
        seconds = self._timeout + BUFFER if status == "no-answer" else 2
        self.clock.until(self.child.started + timedelta(seconds=seconds))
        self.stage.transcript.line("caller", REFUSALS[status].format(self.name))
        self._end(status, status)

    @property
    def _timeout(self) -> int:
        return int(self.verb.attributes.get("timeout", "30"))

    def _whisper(self) -> Play[None]:
        """Play the whisper to the engineer alone; whoever is left when it runs out is joined (§1.7)."""
        has = self.number.attributes
        if "url" in has:
            url = urljoin(self.document.url, has["url"])
            on_child = self.stage.on(self.child)
            status: Params = {"CallStatus": self.stage.quirks.whisper_call_status}
            yield from on_child.perform(on_child.fetch(url, has.get("method", "POST"), status))

    def _bridge(self) -> Play[None]:
        child, clock = self.child, self.clock
        child.bridged = clock()
        self.stage.leg.answer(clock())
        self.stage.transcript.line("caller", "joins them")
        limit = child.bridged + timedelta(seconds=int(self.verb.attributes.get("timeLimit", "14400")))
        while clock() < limit:
            act = yield Waiting("caller", "bridged", self.stage.leg.number)
            if not isinstance(act, Talk):
                raise EngineerLeft
            self.stage.transcript.line("caller", f"they talk for {act.seconds:g} s")
            clock.advance(min(act.seconds, (limit - clock()).total_seconds()))
        raise HungUp

    def _end(self, outcome: str, status: str) -> None:
        self.child.end(outcome, status, self.clock())
        self.call.network.release(self.child)
        self.call.tell(self.child, "completed")

    def _abandon(self) -> None:
        """The caller is gone: the other leg is cut, the Dial action is a quirk (§1.6)."""
        quirks = self.stage.quirks
        self.call.leave()
        if self.child.answered:
            self.stage.transcript.line("engineer", "hangs up")
            self._end("bridged" if self.child.bridged else "answered", "completed")
        else:
            self.stage.transcript.line("caller", f"stops ringing {self.name}")
            if quirks.child_cancel_status == "nothing":
                self.child.subscription = None
            self._end("canceled", quirks.child_cancel_status.replace("nothing", "canceled"))
        if quirks.dial_action_after_hangup:
            self._act()

    def _act(self) -> Document | None:
        """Tell the Dial action how it went (§1.6)."""
        action = self.verb.attributes.get("action")
        return self.stage.follow(self.verb, self.document, action, self._result()) if action else None

    def _result(self) -> Params:
        child, quirks = self.child, self.stage.quirks
        status = quirks.declined_whisper_status if child.outcome == "answered" else child.status
        result = {"DialCallStatus": status}
        if child.fired or self._possible():
            result["DialCallSid"] = child.sid
        if quirks.dial_bridged == "sent":
            result["DialBridged"] = "true" if child.bridged else "false"
        if status in ("completed", "answered"):
            result["DialCallDuration"] = str(child.seconds)
        return result
