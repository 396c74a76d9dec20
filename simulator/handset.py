"""How telephones behave when nobody drives them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simulator.acts import Act, Answer, Press, Refuse, Side, Silence, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

BehaviourName = Literal["accept", "decline", "wrong-key", "silent", "voicemail", "busy", "no-answer", "failed"]


@dataclass(frozen=True)
class Behaviour:
    """What a telephone does when it rings, and at each prompt that it hears."""

    ring: Callable[[Side], Act]
    keys: tuple[str, ...] = ()  # one for each prompt, "" is silence; the last one stays
    looks: str = "says nothing"

    def act(self, waiting: Waiting, prompt: int) -> Act | None:
        """The next act; None when the network waits for somebody else."""
        if waiting.kind == "ringing":
            return self.ring(waiting.leg)
        if waiting.kind == "bridged":
            return None
        key = self.keys[min(prompt, len(self.keys)) - 1] if self.keys and waiting.kind == "gather" else ""
        if key:
            return Press(waiting.leg, key, listening=True)
        return Silence(waiting.leg, self.looks)


def _answer(side: Side) -> Act:
    return Answer(side)


BEHAVIOURS: dict[BehaviourName, Behaviour] = {
    "accept": Behaviour(_answer, keys=("1",)),
    "decline": Behaviour(_answer, keys=("2",)),
    "wrong-key": Behaviour(_answer, keys=("5", "")),
    "silent": Behaviour(_answer),
    "voicemail": Behaviour(
        lambda side: Answer(side, after=1, looks="a voicemail greeting starts"), looks="the greeting talks on"
    ),
    "busy": Behaviour(lambda side: Refuse(side, "busy")),
    "no-answer": Behaviour(lambda side: Refuse(side, "no-answer")),
    "failed": Behaviour(lambda side: Refuse(side, "failed")),
}


class Handset:
    """A telephone with a plan for its successive rings; the last part of the plan stays."""

    def __init__(self, *plan: BehaviourName) -> None:
        unknown = set(plan) - set(BEHAVIOURS)
        if unknown:
            raise ValueError(f"not a behaviour: {', '.join(sorted(unknown))}; one of {', '.join(BEHAVIOURS)}")
        self.plan = plan
        self.rings = 0

    def ring(self) -> Behaviour | None:
        """How it behaves this time; None is by hand."""
        self.rings += 1
        return BEHAVIOURS[self.plan[min(self.rings, len(self.plan)) - 1]] if self.plan else None
