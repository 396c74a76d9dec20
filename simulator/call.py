"""A call that goes on: what it waits for, what was said, and what people do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.acts import (
    Act,
    CallerLeft,
    Canceled,
    HangUp,
    HungUp,
    Interrupted,
    NobodyListens,
    Play,
    Refuse,
    Rejected,
    Silence,
    Steered,
    Talk,
    Waiting,
    allowed,
)
from simulator.end import End
from simulator.performance import Performance
from simulator.ringing import ring
from simulator.transcript import Transcript
from simulator.webhooks import Exchange, Hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.clock import Clock
    from simulator.leg import Event, Leg
    from simulator.network import Network

DOCUMENTS_WITHOUT_AN_ACT = 60
RING_OUT = 55  # seconds that an outgoing call rings, five more being added


DOCUMENTS = 600


class EndlessLoop(Exception):
    """Document follows document, and nobody does anything."""


class Call(End):
    """One call. Its own methods are the caller's; the engineer's are under `engineer`."""

    def __init__(
        self, network: Network, leg: Leg, url: str, fallback_url: str | None, clock: Clock, talk: float | None
    ) -> None:
        super().__init__(self, "caller")
        self.engineer = End(self, "engineer")
        self.network = network
        self.leg = leg
        self.url = url
        self.fallback_url = fallback_url
        self.fallback_method = "POST"
        self.clock = clock
        self.talk_for = talk
        self.children: list[Leg] = []
        self.transcript = Transcript()
        self.documents: list[str] = []
        self.requests: list[Exchange] = []
        self.errors: list[str] = []
        self.waiting: Waiting | None = None
        self._idle = 0
        self._talked = 0  # the leg with which there was talk
        self._script = self._live()

    @property
    def sid(self) -> str:
        return self.leg.sid

    @property
    def ended(self) -> bool:
        return self.leg.ended is not None

    # What happens on the line

    def begin(self) -> None:
        """Ring, and play until somebody must act."""
        self._go(lambda: next(self._script))

    def do(self, act: Act) -> None:
        """Let a person act, and play on until somebody must act again."""
        if not allowed(act, self.waiting):
            raise NobodyListens(f"{act} does not fit: the line waits for {self.waiting}")
        self._go(lambda: self._act(act))

    def end(self) -> None:
        """The application ends the call (REST)."""
        self.transcript.line("caller", "hangs up")
        self.interrupt(CallerLeft())

    def cancel(self) -> None:
        """The application lets the telephone ring no more (REST); whoever has answered goes on."""
        if self.waiting and self.waiting.kind == "ringing" and self.waiting.leg == "caller":
            self.transcript.line("caller", "stops ringing")
            self.interrupt(Canceled())

    def steer(self, url: str) -> None:
        """The application sends the call to another document (REST)."""
        self.interrupt(Steered(url))

    def interrupt(self, why: Interrupted) -> None:
        """Break off whatever the line is doing."""
        if self.waiting is None:
            raise NobodyListens("the call has ended")
        self._go(lambda: self._script.throw(why))

    def _go(self, step: Callable[[], Waiting]) -> None:
        """Take a step, and then those that telephones take by themselves."""
        self.waiting = None
        try:
            self.waiting = step()
            while act := self._reflex(self.waiting):
                self.waiting = self._act(act)
        except StopIteration:
            self.waiting = None

    def _act(self, act: Act) -> Waiting:
        if not isinstance(act, Silence | Refuse):
            self._idle = 0
        if isinstance(act, HangUp) and act.by == "caller":
            self.transcript.does("caller", "hangs up")
            return self._script.throw(CallerLeft())
        return self._script.send(act)

    def _reflex(self, waiting: Waiting) -> Act | None:
        """What a telephone does by itself: its handset's behaviour, or the talk of a call that has one."""
        leg = self.leg if waiting.leg == "caller" else self.children[-1]
        if waiting.kind == "bridged":
            return self._small_talk()
        return leg.behaviour.act(waiting, leg.gathers) if leg.behaviour else None

    def _small_talk(self) -> Act | None:
        if self.talk_for is None:
            return None
        if self._talked == len(self.children):
            return HangUp("caller")
        self._talked = len(self.children)
        return Talk("caller", self.talk_for)

    def _live(self) -> Play[None]:
        outcome = "completed"
        try:
            if self.leg.direction == "outbound-api" and not (yield from ring(self, self.leg, RING_OUT)):
                return
            yield from self._perform()
            self.transcript.line("caller", "hangs up")
        except Rejected:
            self.transcript.line("caller", "rejects the call")
            outcome = "busy"
        except HungUp:
            self.transcript.line("caller", "hangs up")
        except CallerLeft:
            pass
        except Canceled:
            outcome = "canceled"
        self.leave(outcome)

    def _perform(self) -> Play[None]:
        """Play the first document and what follows, and start again where the call is steered to."""
        stage = Performance(self, self.leg)
        url: str | None = self.url
        while url:
            try:
                yield from stage.perform(stage.fetch(url, "POST", {}))
                url = None
            except Steered as steered:
                url = steered.url

    def leave(self, outcome: str = "completed") -> None:
        """The caller's leg ends; once is enough."""
        if not self.leg.ended:
            self.end_leg(self.leg, outcome, outcome)

    def end_leg(self, leg: Leg, outcome: str, status: str) -> None:
        """One of the legs ends, and the application is told."""
        leg.end(outcome, status, self.clock())
        self.network.release(leg)
        self.tell(leg, "completed")

    # What the application is told

    def send(self, hook: Hook) -> Exchange:
        """Send a webhook of this call and keep it; the first answer counts."""
        exchanges = self.network.webhooks.send(hook, self.clock)
        self.requests.extend(exchanges)
        return exchanges[0]

    def post(self, hook: Hook, *, last: bool = False) -> None:
        """Send an asynchronous callback, in the manner of the network."""
        self.network.callbacks.post(lambda: self._told(self.send(hook)), last=last)

    def _told(self, exchange: Exchange) -> None:
        if exchange.faults:
            self.errors.append(f"15003 {exchange.faults[-1]} ({exchange.url})")

    def tell(self, leg: Leg, event: Event) -> None:
        """Tell an event of a leg to who asked for it (TWILIO.md §1.8)."""
        params = leg.event(event, self.clock(), count=self.network.quirks.sequence_counts)
        if params and leg.subscription:
            hook = Hook("callback", leg.subscription.url, params, leg.subscription.method)
            self.post(hook, last=event == "completed")

    def count_document(self) -> None:
        self._idle += 1
        if self._idle > DOCUMENTS_WITHOUT_AN_ACT or len(self.documents) > DOCUMENTS:
            last = self.documents[-1] if self.documents else self.url
            raise EndlessLoop(f"{len(self.documents)} documents, nobody did anything of late; last: {last}")
