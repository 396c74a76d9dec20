"""What the roster refuses, as errors that know both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.draft import Draft
    from oncall.effect import Effect, Hazard
    from oncall.roster import Version


class NotAllowed(PermissionError):
    """It takes somebody else: the engineer concerned, or a manager."""


class TooLate(ValueError):
    """What has been cannot be changed."""


@dataclass(frozen=True)
class Side:
    """A version as it has to be shown to whoever collides with it."""

    number: int
    who: str
    published_at: datetime
    note: str
    draft: Draft

    @classmethod
    def of(cls, version: Version) -> Self:
        """Return it as a value, which outlives the transaction that is given up."""
        return cls(version.number, version.who, version.published_at, version.note, version.draft)


class Conflict(Exception):
    """Somebody published between: `theirs` is the newest version, `base` the one that the edit began with."""

    def __init__(self, base: Side | None, theirs: Side) -> None:
        super().__init__(f"{theirs.who} has published version {theirs.number} meanwhile")
        self.base, self.theirs = base, theirs


class Overtaken(Exception):
    """The shifts are not any more what whoever decided saw; `effect` is what the same change does now."""

    def __init__(self, effect: Effect) -> None:
        super().__init__("somebody has changed these shifts meanwhile")
        self.effect = effect


class Unsafe(Exception):
    """Callers might reach nobody; a manager may name the reason why it is right all the same."""

    def __init__(self, hazards: Sequence[Hazard]) -> None:
        super().__init__("\n".join(hazard.text for hazard in hazards))
        self.hazards = tuple(hazards)
