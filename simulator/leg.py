"""One leg of a call: who rings whom, since when, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import format_datetime
from math import ceil
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from simulator.acts import Side
    from simulator.handset import Behaviour
    from simulator.signature import Params

PLACES = ("City", "State", "Zip", "Country")
ENDS = {"Caller": "from", "From": "from", "Called": "to", "To": "to"}
Direction = Literal["inbound", "outbound-dial", "outbound-api"]
Event = Literal["initiated", "ringing", "answered", "completed"]


@dataclass
class Subscription:
    """Where the events of a leg are told, and which."""

    url: str
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)


@dataclass
class Leg:
    """A telephone at one end of the line.

    `outcome` is None while the leg lives; then bridged, answered (and not bridged), busy, no-answer, failed,
    canceled, or for the caller's own leg completed.
    """

    sid: str
    account_sid: str
    from_: str
    to: str
    direction: Direction
    started: datetime
    parent: Leg | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    behaviour: Behaviour | None = None
    subscription: Subscription | None = None
    status: str = "ringing"
    outcome: str | None = None
    answered: datetime | None = None
    bridged: datetime | None = None
    ended: datetime | None = None
    gathers: int = 0  # prompts its person has met
    fired: list[Event] = field(default_factory=list)

    @property
    def side(self) -> Side:
        return "engineer" if self.parent else "caller"

    @property
    def number(self) -> str:
        """The telephone of the person on this leg."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def seconds(self) -> int:
        """From answer to end, as billed."""
        if self.answered is None or self.ended is None:
            return 0
        return round((self.ended - self.answered).total_seconds())

    def answer(self, at: datetime) -> None:
        """Take the call; once is enough."""
        if self.answered is None:
            self.answered = at
            self.status = "in-progress"

    def end(self, outcome: str, status: str, at: datetime) -> None:
        self.outcome, self.status, self.ended = outcome, status, at

    def params(self) -> Params:
        """The parameters of every request about this leg (TWILIO.md §1.4)."""
        ends = {"from": self.from_, "to": self.to}
        params = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallStatus": self.status,
            "Direction": self.direction,
            **{name: ends[end] for name, end in ENDS.items()},
            **{end + place: "" for end in ENDS for place in PLACES},
            **self.extra,
        }
        return params | ({"ParentCallSid": self.parent.sid} if self.parent else {})

    def event(self, event: Event, at: datetime, *, count: Literal["all", "subscribed"]) -> Params | None:
        """Note an event; give the parameters of its callback when it is subscribed to (§1.8)."""
        subscribed = self.subscription is not None and event in self.subscription.events
        if subscribed or count == "all":
            self.fired.append(event)
        if not subscribed:
            return None
        params = self.params() | {
            "Timestamp": format_datetime(at),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(len(self.fired) - 1),
        }
        if event == "completed":
            params |= {"CallDuration": str(self.seconds), "Duration": str(ceil(self.seconds / 60))}
        return params | ({"CallStatus": event} if event in ("initiated", "ringing") else {})
