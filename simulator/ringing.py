"""A telephone rings, and somebody takes the call or nobody does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.acts import Act, Answer, Play, Refuse, Waiting

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.leg import Leg

BUFFER = 5  # seconds that Twilio adds to every timeout (TWILIO.md §3 Dial)
AT_ONCE = 2  # seconds until a telephone is known to be busy or gone
SAYS = {"busy": "{} is busy", "no-answer": "{} does not answer", "failed": "{} cannot be reached"}


def ring(call: Call, leg: Leg, timeout: int) -> Play[bool]:
    """Ring a telephone and say whether it was answered; if not, the leg has ended."""
    name = call.network.name(leg.to)
    call.transcript.line("caller", f"rings {name}")
    call.tell(leg, "initiated")
    act: Act
    if leg.to in call.network.unreachable:
        act = Refuse(leg.side, "failed")
    else:
        call.network.engage(leg)
        call.tell(leg, "ringing")
        act = yield Waiting(leg.side, "ringing", leg.to)
    if isinstance(act, Answer):
        call.clock.until(leg.started + timedelta(seconds=act.after))
        leg.answer(call.clock())
        if act.looks:
            call.transcript.does(leg.side, act.looks)
        call.tell(leg, "answered")
        return True
    status = act.status if isinstance(act, Refuse) else "no-answer"
    seconds = timeout + BUFFER if status == "no-answer" else AT_ONCE
    call.clock.until(leg.started + timedelta(seconds=seconds))
    call.transcript.line("caller", SAYS[status].format(name))
    call.end_leg(leg, status, status)
    return False
