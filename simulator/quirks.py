"""What nobody could tell us about Twilio, and what a network does on a bad day: one switch for each.

Every field of `Quirks` is an open question of TWILIO.md §8 or a way in which webhooks travel (§1.2, §1.8).
The defaults are the likeliest answers; the application has to work under all the others too.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

A_TENTH = 0.1


@dataclass(frozen=True)
class Quirks:
    """How this network behaves where the real one is unknown or unkind."""

    # What is told about a leg that answered and was not bridged (§1.6)
    declined_whisper_status: Literal["completed", "no-answer", "canceled", "answered"] = "completed"
    # Whether the Dial action says `DialBridged` at all (§1.6)
    dial_bridged: Literal["sent", "absent"] = "sent"
    # Whether the Dial action is still requested when the caller hung up meanwhile (§1.6, §8)
    dial_action_after_hangup: bool = False
    # The same for Record, whose documentation knows `Digits=hangup` (§1.9)
    record_action_after_hangup: bool = True
    # Whether a recording of nothing but silence is stored like any other (§3), or the call goes on with the
    # next verb, as Twilio's older documentation of Record says of an empty recording
    silent_recording: Literal["stored", "falls through"] = "stored"
    # Which events SequenceNumber counts (§1.8, §8)
    sequence_counts: Literal["all", "subscribed"] = "all"
    # CallStatus in the request for the whisper (§1.7)
    whisper_call_status: Literal["in-progress", "ringing"] = "in-progress"
    # What the status callback says of a leg that rang when its caller hung up (§1.6, §1.8)
    child_cancel_status: Literal["canceled", "no-answer", "nothing"] = "canceled"
    # Which retry policy of §1.2 covers a connection that broke after the request was sent
    broken_connection: Literal["rt", "ct", "none"] = "rt"

    # Every webhook delivered twice: one after the other, or both at once
    twice: Literal[False, "after", "parallel"] = False
    # Status and recording callbacks: best effort, unordered (§1.2)
    callbacks: Literal["at once", "late", "shuffled", "never"] = "at once"
    # This share of the callbacks is lost
    lose_callbacks: float = 0.0
    # The callback that says that a leg has ended is lost
    lose_last_callback: bool = False

    @classmethod
    def every(cls) -> list[Quirks]:
        """List one network for each single setting that is not the default."""
        usual = cls()
        return [
            replace(usual, **{name: value})
            for name, kind in get_type_hints(cls).items()
            for value in _values(kind)
            if value != getattr(usual, name)
        ]

    def __str__(self) -> str:
        """Say what is unusual here: the name of a parametrised test."""
        usual = Quirks()
        unusual = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(usual, field.name)
        ]
        return ", ".join(unusual) or "nothing unusual"


def _values(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    return (False, True) if kind is bool else (A_TENTH, 1.0)
