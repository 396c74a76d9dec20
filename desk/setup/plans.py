"""What a set-up file may say of who is rung: hunt groups, rotas with their overrides, escalation policies."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from desk.setup.form import Form, Inner, ordered
from desk.setup.written import Handoffs, Key, Keys, Ring, RotaHours, Shares, Text, Turn, Wall, Zone
from oncall import rota
from oncall.draft import NAMED, Advance, Draft, LayerDraft, RotationDraft


class HuntGroupForm(Form):
    """The engineers of an office hunt, in order."""

    name: Text
    members: Annotated[Keys, Field(min_length=1)]
    ring_seconds: Ring = 20


class RotationForm(Form):
    """People taking turns, in local time of the rota's zone; `shares` are per cent, beside the members."""

    name: Text
    members: Keys
    starts: Wall
    ends: Wall | None = None
    turn: Turn = 7
    handoffs: Handoffs = Field(default_factory=list)
    hours: list[RotaHours] = Field(default_factory=list)
    advance: Advance = "calendar"
    shares: Shares = Field(default_factory=list)

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        ordered(self.starts, self.ends)
        now = rota.instant(self.starts, "UTC")  # the arithmetic's own refusals; which hours are named does not matter
        self.draft.rotation("UTC", {name: rota.NamedHours(name, (), now) for name in NAMED})
        return self

    @property
    def draft(self) -> RotationDraft:
        """As a version of the rota says it."""
        lists: dict[str, Any] = {
            name: tuple(getattr(self, name)) for name in ("members", "handoffs", "hours", "shares")
        }
        return RotationDraft(days=self.turn, **self.said("name", "starts", "ends", "advance"), **lists)


class LayerForm(Form):
    """Rotations of one rank; the first layer is the highest."""

    name: Text | None = None
    rotations: list[RotationForm]


class RotaForm(Form):
    """A whole rota; its layers are replaced by what the file says."""

    name: Text
    zone: Zone
    layers: list[LayerForm]
    covers: Literal["always", "outside office hours"] = "always"
    calendar: Text | None = None
    overrides: Inner = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [rotation.name for layer in self.layers for rotation in layer.rotations]
        if len(set(names)) < len(names):
            raise ValueError("two rotations of a rota have the same name")
        return self

    @property
    def draft(self) -> Draft:
        """As a version of the rota says it; layer 1 is the highest."""
        layers = (
            LayerDraft(layer.name or f"layer {number}", tuple(rotation.draft for rotation in layer.rotations))
            for number, layer in enumerate(self.layers, 1)
        )
        return Draft(self.zone, tuple(layers), self.covers, self.calendar)


class OverrideForm(Form):
    """A temporary change of a rota, in local time of the rota's zone."""

    known_by = ("rota", "kind", "staff", "starts")
    rota: Text
    kind: Literal["replace", "add", "remove"]
    staff: Key
    instead_of: Key | None = None
    starts: Wall
    ends: Wall
    reason: Text = "set-up file"
    rotation: Text | None = None
    below: bool = False

    @model_validator(mode="after")
    def _can_act(self) -> Self:
        # The zone moves both ends alike; UTC stands in for it so that the arithmetic's own refusals are told.
        rota.Override(
            self.kind,
            self.staff,
            rota.instant(self.starts, "UTC"),
            rota.instant(self.ends, "UTC"),
            self.instead_of,
            self.rotation or "",
            below=self.below,
        )
        return self


class TargetForm(Form):
    """Whom a step rings: a place of a rota (0 rings first), or an engineer by name."""

    rota: Text | None = None
    place: Annotated[int, Field(ge=0, le=9)] = 0
    engineer: Key | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.rota is None) == (self.engineer is None):
            raise ValueError("a step names a rota and a place, or an engineer")
        return self

    @property
    def target(self) -> dict[str, Any]:
        """The target as the policy keeps it."""
        return {"engineer": self.engineer} if self.engineer else {"rota": self.rota, "place": self.place}


Step = Annotated[
    list[TargetForm],
    Field(min_length=1),
    BeforeValidator(lambda step: step if isinstance(step, list) else [step]),
]


class PolicyForm(Form):
    """An escalation policy."""

    name: Text
    steps: Annotated[list[Step], Field(min_length=1)]
    rounds: Annotated[int, Field(ge=1, le=10)] = 2
    ring_seconds: Ring = 20
