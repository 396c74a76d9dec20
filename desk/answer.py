"""Answer: what came of calling out, as a value; what to do next depends on nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True)
class Done:
    """The other side has it, under this name."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """It will never go: a person has to look."""

    why: str
    code: int | None = None


@dataclass(frozen=True)
class Later:
    """It certainly did not go, and may at another time; not before `pause`, if the other side asks for one."""

    why: str
    code: int | None = None
    pause: timedelta | None = None


@dataclass(frozen=True)
class Unknown:
    """It may have gone: ask before sending again."""

    why: str
    code: int | None = None


@dataclass(frozen=True)
class Pointless:
    """It did not go, and nobody needs it any more: nobody has to look."""

    why: str


Failed = Refused | Later | Unknown
Answer = Done | Failed | Pointless
