"""The network itself: its numbers, its telephones, and the calls that are going on.

    clock = Clock(datetime(2026, 11, 22, 0, 0, tzinfo=UTC))
    network = Network(WsgiWeb(app), clock, account_sid="AC…", auth_token="…")
    network.connect_number("+27878090263", voice_url="https://afterhours.example/voice/incoming")
    network.handset("+27825550101", "accept")
    call = network.ring(from_="+27825550202", to="+27878090263")
    call.press("2")

Several calls may live at once, each driven by its own methods, on one clock: time that passes in one passes
in all. For calls from several threads give each its own clock: `network.ring(..., clock=Clock(now))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from simulator.call import Call
from simulator.callbacks import Callbacks
from simulator.handset import BehaviourName, Handset
from simulator.leg import Leg, Subscription
from simulator.quirks import Quirks
from simulator.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from simulator.clock import Clock
    from simulator.leg import Direction
    from simulator.record import Recording
    from simulator.web import Web

USUAL = Quirks()


@dataclass(frozen=True)
class Line:
    """A number of ours and what is asked when it rings."""

    number: str
    voice_url: str
    fallback_url: str | None = None
    status_url: str | None = None
    fallback_method: str = "POST"


class Network:
    """A telephone network in a box."""

    def __init__(
        self,
        web: Web,
        clock: Clock,
        *,
        account_sid: str,
        auth_token: str,
        quirks: Quirks = USUAL,
        seed: int = 1,
        names: Mapping[str, str] | None = None,
        talk: float | None = None,
        captions: Callable[[str], str | None] | None = None,
    ) -> None:
        self.clock = clock
        self.account_sid = account_sid
        self.quirks = quirks
        self.names = dict(names or {})
        self.captions = captions or (lambda _: None)  # what is said in the sound of an address, if that is known
        self.talk = talk
        self.lines: dict[str, Line] = {}
        self.handsets: dict[str, Handset] = {}
        self.anybody = Handset()
        self.unreachable: set[str] = set()
        self.calls: dict[str, Call] = {}
        self.recordings: dict[str, Recording] = {}
        self.clashes: list[str] = []
        self._engaged: dict[str, str] = {}
        self._lock = Lock()
        self._chance = Random(seed)  # noqa: S311 - a seeded network, so that a bad day can be repeated
        self.webhooks = Webhooks(web, auth_token, quirks, self.sid)
        self.callbacks = Callbacks(quirks, Random(seed))  # noqa: S311 - the same

    # Setting up

    def connect_number(
        self,
        number: str,
        voice_url: str,
        fallback_url: str | None = None,
        status_url: str | None = None,
        fallback_method: str = "POST",
    ) -> None:
        """Connect a number of ours with the application."""
        self.lines[number] = Line(number, voice_url, fallback_url, status_url, fallback_method)

    def handset(self, number: str, plan: BehaviourName | Iterable[BehaviourName] | None) -> None:
        """Give a telephone its behaviour, one for every ring or one for each; None is driven by hand."""
        self.handsets[number] = Handset(*_plan(plan))

    def in_order(self, plan: BehaviourName | Iterable[BehaviourName] | None) -> None:
        """How telephones without a behaviour of their own take the rings, whichever of them rings."""
        self.anybody = Handset(*_plan(plan))

    # Calling

    def ring(
        self,
        from_: str,
        to: str,
        from_params: Mapping[str, str] | None = None,
        *,
        talk: float | None = None,
        clock: Clock | None = None,
    ) -> Call:
        """Somebody rings one of our numbers. Plays until somebody must act."""
        if to not in self.lines:
            raise ValueError(f"{to} is not a number of ours")
        line = self.lines[to]
        leg = self._leg("inbound", from_, to, clock or self.clock, from_params)
        if line.status_url:
            leg.subscription = Subscription(line.status_url)
        return self._begin(leg, line.voice_url, line.fallback_url, talk, clock, line.fallback_method)

    def call_out(
        self,
        from_: str,
        to: str,
        url: str,
        *,
        sid: str | None = None,
        fallback_url: str | None = None,
        status: Subscription | None = None,
        talk: float | None = None,
        clock: Clock | None = None,
    ) -> Call:
        """The application has a telephone rung (REST); the document is played to who answers, as `caller`."""
        leg = self._leg("outbound-api", from_, to, clock or self.clock, None)
        leg.sid = sid or leg.sid
        leg.subscription = status
        return self._begin(leg, url, fallback_url, talk, clock)

    def deliver_callbacks(self) -> int:
        """Deliver the callbacks that a late or shuffling network has kept; say how many."""
        return self.callbacks.deliver()

    def _leg(self, direction: Direction, from_: str, to: str, clock: Clock, extra: Mapping[str, str] | None) -> Leg:
        return Leg(
            sid=self.sid("CA"),
            account_sid=self.account_sid,
            from_=from_,
            to=to,
            direction=direction,
            started=clock(),
            extra=extra or {},
        )

    def _begin(
        self,
        leg: Leg,
        url: str,
        fallback_url: str | None,
        talk: float | None,
        clock: Clock | None,
        fallback_method: str = "POST",
    ) -> Call:
        talk = self.talk if talk is None else talk
        call = Call(self, leg, url, fallback_url, clock or self.clock, talk)
        call.fallback_method = fallback_method
        self.calls[leg.sid] = call
        call.begin()
        return call

    # What the calls ask of it

    def sid(self, kind: str) -> str:
        """A new identifier: two letters and 32 hexadecimal digits."""
        with self._lock:
            return f"{kind}{self._chance.getrandbits(128):032x}"

    def name(self, number: str) -> str:
        return self.names.get(number, number)

    def engage(self, leg: Leg) -> None:
        """A telephone begins to ring; if it is in another call already, that is a clash."""
        with self._lock:
            if leg.to in self._engaged:
                self.clashes.append(f"{self.name(leg.to)} rung by {leg.sid} while in {self._engaged[leg.to]}")
            self._engaged[leg.to] = leg.sid
        leg.behaviour = self.handsets.get(leg.to, self.anybody).ring()

    def release(self, leg: Leg) -> None:
        with self._lock:
            if self._engaged.get(leg.to) == leg.sid:
                del self._engaged[leg.to]


def _plan(plan: BehaviourName | Iterable[BehaviourName] | None) -> Iterable[BehaviourName]:
    if plan is None:
        return ()
    return (plan,) if isinstance(plan, str) else plan
