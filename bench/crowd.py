"""The crowd of a storm: who calls, what they press, when they give up, and how telephones answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cast import HARBOUR, KAROO, MILL_LANE, WITHHELD
from simulator.acts import Act, Answer, Side, Waiting
from simulator.handset import BEHAVIOURS, Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulator.call import Call

NEWEST = "newest"  # a key that stands for the reference of a ticket that is there
NOBODYS = "123456789"  # nine digits that are no reference
CUSTOMERS = (KAROO, HARBOUR, MILL_LANE)
ASKS = {  # what callers press; the rest of the call is silence
    "emergency": ("2", "1"),
    "emergency, the notice refused": ("2", "2"),
    "emergency, the notice unanswered": ("2",),
    "emergency at the second try": ("9", "2", "7", "1"),
    "support": ("1", "1"),
    "support, to be called back": ("1", "2", "1"),
    "my ticket, the newest": ("3", "1", "2", "1"),
    "my ticket, by reference": ("3", NEWEST, "2", "1"),
    "my ticket, wrong reference": ("3", NOBODYS, "3", NOBODYS),
    "silence": (),
    "wrong keys": ("8", "8", "8", "2"),
}
WEIGHTS = (30, 5, 5, 5, 15, 5, 5, 10, 5, 5, 5)
ACCEPTS = BEHAVIOURS["accept"]
PLACES = ("main_menu", "ringing", "whisper", "record")  # where callers give up


@dataclass(frozen=True)
class Hesitant(Behaviour):
    """Answers the telephone, hears the whisper and does nothing; the caller goes first."""

    def act(self, waiting: Waiting, _prompt: int) -> Act | None:
        return self.ring(waiting.leg) if waiting.kind == "ringing" else None


def _answer(side: Side) -> Act:
    return Answer(side, after=2)


@dataclass
class Plan:
    """One call of the storm."""

    caller: str
    asks: str
    keys: list[str]
    gives_up: str | None  # where
    crossing_key: str  # which an engineer presses while the caller gives up in the whisper
    handsets: list[Behaviour | None]  # one for each ring; None is left ringing until the caller gives up
    engineer_hangs_up: bool
    talk: float
    message: float  # seconds

    def handset(self) -> Behaviour | None:
        """How the next telephone behaves."""
        return self.handsets.pop(0) if len(self.handsets) > 1 else self.handsets[0]


def plan(dice: Random) -> Plan:
    """A caller like many."""
    asks = dice.choices(list(ASKS), WEIGHTS)[0]
    gives_up = dice.choice(PLACES) if dice.random() < 0.3 else None
    usual: list[Behaviour | None] = [dice.choice([*BEHAVIOURS.values(), ACCEPTS, ACCEPTS]) for _ in range(6)]
    if gives_up in ("ringing", "whisper"):
        usual.insert(dice.randrange(2), None if gives_up == "ringing" else Hesitant(_answer))
    return Plan(
        caller=_caller(dice),
        asks=asks,
        keys=list(ASKS[asks]),
        gives_up=gives_up,
        crossing_key=dice.choice(("", "1", "2")),
        handsets=usual,
        engineer_hangs_up=dice.random() < 0.5,
        talk=dice.choice((20, 60, 180)),
        message=dice.choice((5, 5, 300)),
    )


def _caller(dice: Random) -> str:
    return dice.choices((dice.choice(CUSTOMERS), f"+27825559{dice.randrange(1000):03}", WITHHELD), (5, 4, 1))[0]


def converse(call: Call, plan: Plan, newest: Callable[[], str]) -> None:
    """Hold the call as planned, to its end."""
    while waiting := call.waiting:
        if waiting.leg == "engineer":  # left ringing, or listening to the whisper
            key = plan.crossing_key if waiting.kind == "gather" else ""
            call.hang_up(crossing_key=key)
        elif waiting.kind == "bridged":
            call.talk(plan.talk)
            (call.engineer if plan.engineer_hangs_up else call).hang_up()
        elif waiting.kind == "record":
            _message(call, plan)
        elif plan.gives_up == "main_menu" and not plan.keys:
            call.hang_up()
        elif plan.keys:
            key = plan.keys.pop(0)
            call.press(newest() if key == NEWEST else key)
        else:
            call.silence()


def _message(call: Call, plan: Plan) -> None:
    if plan.gives_up == "record":
        call.hang_up()
    else:
        call.speak(plan.message, then="hang up" if plan.gives_up else "#")
