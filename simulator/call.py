"""A call that goes on: what it waits for, what was said, and what people do next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.acts import (
    REFUSALS,
    Act,
    Answer,
    CallerLeft,
    HangUp,
    HungUp,
    NobodyListens,
    Play,
    Refuse,
    Rejected,
    Silence,
    Talk,
    Waiting,
    allowed,
)
from simulator.end import End
from simulator.performance import Performance
from simulator.transcript import Transcript
from simulator.webhooks import Exchange, Hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.clock import Clock
    from simulator.leg import Event, Leg
    from simulator.network import Network

DOCUMENTS_WITHOUT_AN_ACT = 60
RING_OUT = 60  # seconds that an outgoing call rings


class EndlessLoop(Exception):  # noqa: N818 - it is what it says
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
        self.clock = clock
        self.talk_for = talk
        self.children: list[Leg] = []
        self.transcript = Transcript()
        self.documents: list[str] = []
        self.requests: list[Exchange] = []
        self.errors: list[str] = []
        self.waiting: Waiting | None = None
        self._idle = 0
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
        if not isinstance(act, Silence):
            self._idle = 0
        if isinstance(act, HangUp) and act.by == "caller":
            self.leave_now(CallerLeft())
        else:
            self._go(lambda: self._script.send(act))

    def leave_now(self, left: CallerLeft) -> None:
        """The caller puts the receiver down, whatever the line is doing."""
        if self.waiting is None:
            raise NobodyListens("the call has ended")
        self.transcript.does("caller", "hangs up")
        self._go(lambda: self._script.throw(left))

    def _go(self, step: Callable[[], Waiting]) -> None:
        self.waiting = None
        try:
            self.waiting = step()
        except StopIteration:
            return
        act = self._reflex(self.waiting)
        if act:
            self.do(act)

    def _reflex(self, waiting: Waiting) -> Act | None:
        """What a telephone does by itself: its handset's behaviour, or the talk of a call that has one."""
        leg = self.leg if waiting.leg == "caller" else self.children[-1]
        if waiting.kind == "bridged":
            return self._small_talk()
        return leg.behaviour.act(waiting, leg.gathers) if leg.behaviour else None

    def _small_talk(self) -> Act | None:
        if self.talk_for is None:
            return None
        bridged = self.children[-1].bridged
        return Talk("caller", self.talk_for) if bridged == self.clock() else HangUp("caller")

    def _live(self) -> Play[None]:
        stage = Performance(self, self.leg)
        outcome = "completed"
        try:
            if self.leg.direction == "outbound-api" and not (yield from self._ring_out()):
                return
            yield from stage.perform(stage.fetch(self.url, "POST", {}))
            self.transcript.line("caller", "hangs up")
        except Rejected:
            self.transcript.line("caller", "rejects the call")
            outcome = "busy"
        except HungUp:
            self.transcript.line("caller", "hangs up")
        except CallerLeft:
            pass
        self.leave(outcome)

    def _ring_out(self) -> Play[bool]:
        """Ring the telephone of a call that the application asked for (REST)."""
        leg = self.leg
        self.network.engage(leg)
        self.transcript.line("caller", f"rings {self.network.name(leg.to)}")
        self.tell(leg, "initiated")
        self.tell(leg, "ringing")
        act = yield Waiting("caller", "ringing", leg.to)
        if not isinstance(act, Answer):
            self._not_taken(act)
            return False
        self.clock.until(leg.started + timedelta(seconds=act.after))
        leg.answer(self.clock())
        if act.looks:
            self.transcript.does("caller", act.looks)
        self.tell(leg, "answered")
        return True

    def _not_taken(self, act: Act) -> None:
        status = act.status if isinstance(act, Refuse) else "no-answer"
        self.clock.until(self.leg.started + timedelta(seconds=RING_OUT if status == "no-answer" else 2))
        self.transcript.line("caller", REFUSALS[status].format(self.network.name(self.leg.to)))
        self.leave(status)

    def leave(self, outcome: str = "completed") -> None:
        """The caller's leg ends; once is enough."""
        if not self.leg.ended:
            self.leg.end(outcome, outcome, self.clock())
            self.network.release(self.leg)
            self.tell(self.leg, "completed")

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
        if self._idle > DOCUMENTS_WITHOUT_AN_ACT:
            last = self.documents[-1] if self.documents else self.url
            raise EndlessLoop(f"{DOCUMENTS_WITHOUT_AN_ACT} documents and nobody did anything; last: {last}")
