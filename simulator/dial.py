"""Ringing somebody else from within a call: TWILIO.md §1.6-1.8, §3 Dial and Number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from simulator.acts import CallerLeft, EngineerLeft, HungUp, Interrupted, Play, Talk, Waiting
from simulator.leg import Leg, Subscription
from simulator.ringing import SAYS, ring
from simulator.twiml import Verb

if TYPE_CHECKING:
    from simulator.performance import Performance
    from simulator.signature import Params
    from simulator.twiml import Document

E164 = r"\+[1-9]\d{6,14}"


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
        except Interrupted as why:
            self._abandon(why)
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
            self.stage.transcript.line("caller", SAYS["failed"].format(self.name))
            self.child.end("failed", "failed", self.clock())
            return
        timeout = int(self.verb.attributes.get("timeout", "30"))
        try:
            if (yield from ring(self.call, self.child, timeout)):
                yield from self._whisper()
                yield from self._bridge()
        except HungUp:
            self.stage.transcript.line("engineer", "hangs up")
        except EngineerLeft:
            self.stage.transcript.does("engineer", "hangs up")
        if not self.child.ended:
            self.call.end_leg(self.child, "bridged" if self.child.bridged else "answered", "completed")

    def _possible(self) -> bool:
        """Our own number as caller ID (13214) and a number that can be dialled (13223)."""
        ours = self.child.from_ in self.call.network.lines
        return ours and re.fullmatch(E164, self.child.to) is not None

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
            seconds = min(act.seconds, (limit - clock()).total_seconds())
            self.stage.transcript.line("caller", f"they talk for {seconds:g} s")
            clock.advance(seconds)
        raise HungUp

    def _abandon(self, why: Interrupted) -> None:
        """The caller is gone: the other leg is cut, the Dial action is a quirk (§1.6)."""
        quirks = self.stage.quirks
        if isinstance(why, CallerLeft):
            self.call.leave()
        if self.child.answered:
            self.stage.transcript.line("engineer", "hangs up")
            self.call.end_leg(self.child, "bridged" if self.child.bridged else "answered", "completed")
        else:
            self.stage.transcript.line("caller", f"stops ringing {self.name}")
            status = quirks.child_cancel_status
            if status == "nothing":
                self.child.subscription, status = None, "canceled"
            self.call.end_leg(self.child, "canceled", status)
        if quirks.dial_action_after_hangup and isinstance(why, CallerLeft):
            self._act()

    def _act(self) -> Document | None:
        """Tell the Dial action how it went (§1.6)."""
        action = self.verb.attributes.get("action")
        return self.stage.follow(self.verb, self.document, action, self._result()) if action else None

    def _result(self) -> Params:
        child, quirks = self.child, self.stage.quirks
        status = quirks.declined_whisper_status if child.outcome == "answered" else child.status
        result = {"DialCallStatus": status}
        if self._possible():
            result["DialCallSid"] = child.sid
        if quirks.dial_bridged == "sent":
            result["DialBridged"] = "true" if child.bridged else "false"
        if status in ("completed", "answered"):
            result["DialCallDuration"] = str(child.seconds)
        return result
