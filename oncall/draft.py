"""A draft: what a version of a rota says, as people write it and as it is stored; a value to edit and to compare.

Hours are words: "Fri 17:00 to Mon 08:30", "weekends", and those that the business calendar keeps: "outside office
hours", "public holidays". Times are wall time in the zone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from oncall.office import HOLIDAYS, OUTSIDE
from oncall.rota import WEEKENDS, Layer, NamedHours, Rotation, Turns, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS, AT_WEEKENDS = "always", "weekends"
NAMED = (OUTSIDE, HOLIDAYS)  # the hours that somebody else keeps
COVERS = (ALWAYS, OUTSIDE)  # what a rota may promise

Advance = Literal["calendar", "served"]


@dataclass(frozen=True)
class RotationDraft:
    """People taking turns; `handoffs` are weekdays and times, none: every `days` days from the start on."""

    name: str
    members: tuple[str, ...]
    starts: datetime
    days: int = 7
    handoffs: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    ends: datetime | None = None
    advance: Advance = "calendar"
    shares: tuple[int, ...] = ()
    zone: str = ""  # where it differs from the rota's

    def rotation(self, zone: str, named: Mapping[str, NamedHours]) -> Rotation:
        """Return what the arithmetic knows; raises ValueError for a plan that has no reading."""
        return Rotation(
            name=self.name,
            members=self.members,
            start=self.starts,
            turns=Turns.weekly(*self.handoffs, weeks=self._weeks) if self.handoffs else Turns.every(self.days),
            zone=self.zone or zone,
            hours=tuple(_hours(each, named) for each in self.hours),
            end=self.ends,
            advance=self.advance,
            shares=self.shares,
        )

    @property
    def turns(self) -> str:
        """When it hands off, as people say it."""
        return str(Turns.weekly(*self.handoffs, weeks=self._weeks) if self.handoffs else Turns.every(self.days))

    @property
    def _weeks(self) -> int:
        if self.days % 7:
            raise ValueError("hand-offs on weekdays come round in whole weeks")
        return self.days // 7


@dataclass(frozen=True)
class LayerDraft:
    """Rotations of one rank."""

    name: str
    rotations: tuple[RotationDraft, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A whole version: layers, the highest first; `covers` is when somebody has to be on duty at all.

    `calendar` names the business hours that *outside office hours* goes by; none: those set up first.
    """

    zone: str
    layers: tuple[LayerDraft, ...] = ()
    covers: str = ALWAYS
    calendar: str | None = None

    def __post_init__(self) -> None:
        """Refuse a promise that nobody knows."""
        if self.covers not in COVERS:
            raise ValueError(f"a rota covers {' or '.join(COVERS)}, not {self.covers!r}")

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read what `document` wrote."""
        layers = tuple(
            LayerDraft(layer["name"], tuple(_read(each) for each in layer["rotations"])) for layer in document["layers"]
        )
        return cls(document["zone"], layers, document["covers"], document["calendar"])

    @property
    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return cast("dict[str, Any]", _plain(asdict(self)))

    def rotations(self) -> tuple[RotationDraft, ...]:
        """Return every rotation, highest layer first."""
        return tuple(rotation for layer in self.layers for rotation in layer.rotations)

    def people(self) -> tuple[str, ...]:
        """Return everybody who takes turns, each once."""
        return tuple(dict.fromkeys(member for rotation in self.rotations() for member in rotation.members))

    def names(self) -> set[str]:
        """Return which hours it needs of the business calendar."""
        said = {each for rotation in self.rotations() for each in rotation.hours} | {self.covers}
        return said & set(NAMED)

    def plan(self, named: Mapping[str, NamedHours]) -> tuple[Layer, ...]:
        """Return the layers as the arithmetic knows them."""
        return tuple(
            Layer(layer.name, tuple(each.rotation(self.zone, named) for each in layer.rotations))
            for layer in self.layers
        )


def check_hours(text: str) -> str:
    """Return hours as a draft keeps them; raises ValueError for words that are no hours."""
    words = " ".join(text.split())
    if words.lower() in (AT_WEEKENDS, *NAMED):
        return words.lower()
    opens, closes = (f"{day.title()} {clock}" for day, clock in map(str.split, words.split(" to ")))
    Window.of(opens, closes)
    return f"{opens} to {closes}"


def _hours(text: str, named: Mapping[str, NamedHours]) -> Window | NamedHours:
    if text == AT_WEEKENDS:
        return WEEKENDS
    return named[text] if text in NAMED else Window.of(*text.split(" to "))


def _read(rotation: Mapping[str, Any]) -> RotationDraft:
    wall = {name: rotation[name] and datetime.fromisoformat(rotation[name]) for name in ("starts", "ends")}
    lists = {name: tuple(rotation[name]) for name in ("members", "handoffs", "hours", "shares")}
    return RotationDraft(**(dict(rotation) | wall | lists))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
