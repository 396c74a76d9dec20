"""What people do on a telephone, and what the network waits for in between."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

Side = Literal["caller", "engineer"]
Kind = Literal["ringing", "gather", "record", "bridged"]
KEYS = "0123456789*#"


class NobodyListens(Exception):
    """Somebody did what the line does not wait for now."""


@dataclass(frozen=True)
class Waiting:
    """Nothing happens on the line until a person acts."""

    leg: Side
    kind: Kind
    number: str  # whose telephone it is
    digits: int | None = None  # how many keys a gather takes; None is as many as come


@dataclass(frozen=True)
class Act:
    """Something a person does."""

    by: Side


@dataclass(frozen=True)
class Press(Act):
    """Presses keys; the first one cuts the prompt, unless the person hears it out first."""

    keys: str
    listening: bool = False

    def __post_init__(self) -> None:
        if not self.keys or set(self.keys) - set(KEYS):
            raise ValueError(f"not keys of a telephone: {self.keys!r}")


@dataclass(frozen=True)
class Silence(Act):
    """Presses no key for as long as the network waits."""

    looks: str = "says nothing"


@dataclass(frozen=True)
class Speak(Act):
    """Speaks, and then is silent, hangs up, or presses a key."""

    seconds: float
    then: str = "silence"  # or "hang up", or a key


@dataclass(frozen=True)
class Talk(Act):
    """The two talk with each other."""

    seconds: float


@dataclass(frozen=True)
class HangUp(Act):
    """Hangs up."""


@dataclass(frozen=True)
class Answer(Act):
    """Takes the call after so many seconds of ringing."""

    after: float = 5
    looks: str = ""


@dataclass(frozen=True)
class Refuse(Act):
    """Does not take the call."""

    status: Literal["busy", "no-answer", "failed"]


ACTS: dict[Kind, tuple[type[Act], ...]] = {
    "ringing": (Answer, Refuse),
    "gather": (Press, Silence, HangUp),
    "record": (Press, Silence, Speak, HangUp),
    "bridged": (Talk, HangUp),
}


def allowed(act: Act, waiting: Waiting | None) -> bool:
    """Say whether the line waits for this act of this person. A caller can always hang up."""
    if waiting is None:
        return False
    if isinstance(act, HangUp) and (act.by == "caller" or waiting.kind == "bridged"):
        return waiting.kind != "ringing" or waiting.leg != act.by
    return isinstance(act, ACTS[waiting.kind]) and act.by == waiting.leg


class Interrupted(Exception):
    """Thrown into a call where it waits: what it was doing is over."""


class Steered(Interrupted):
    """The application sends the call elsewhere (REST)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class Canceled(Interrupted):
    """The application lets a telephone ring no more (REST)."""


class CallerLeft(Interrupted):
    """Thrown into a call where it waits: the caller is gone. An engineer's key may still be on its way."""

    def __init__(self, crossing_key: str = "", *, caller_first: bool = True) -> None:
        super().__init__()
        self.crossing_key = crossing_key
        self.caller_first = caller_first


class HungUp(Exception):
    """The document hangs up on the person who hears it."""


class Rejected(HungUp):
    """The document refuses the call before it is answered."""


class EngineerLeft(Exception):
    """The engineer hangs up before the two are joined."""


Outcome = TypeVar("Outcome")
Play: TypeAlias = Generator[Waiting, Act, Outcome]
"""A part of a call, written down as it happens: it stops wherever it waits for a person."""
