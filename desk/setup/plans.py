"""What a set-up file may say of who is rung: hunt groups, rotas with their overrides, escalation policies."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from desk.setup.form import Form, Inner, ordered
from desk.setup.written import Key, Keys, Ring, Text, Turn, Wall, Window, Zone
from oncall import rota


class HuntGroupForm(Form):
    """The engineers of an office hunt, in order."""

    name: Text
    members: Annotated[Keys, Field(min_length=1)]
    ring_seconds: Ring = 20


class RotationForm(Form):
    """People taking turns, in local time of the rota's zone."""

    name: Text
    members: Keys
    starts: Wall
    ends: Wall | None = None
    turn: Turn = 7
    hours: list[Window] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ordered(self.starts, self.ends)
        return self

    @property
    def columns(self) -> dict[str, Any]:
        """As the roster keeps it, less layer and zone."""
        same = self.said("name", "members", "starts", "ends")
        return same | {"turn_days": self.turn, "windows": self.hours}


class LayerForm(Form):
    """Rotations of one rank; the first layer is the highest."""

    rotations: list[RotationForm]


class RotaForm(Form):
    """A whole rota; its layers are replaced by what the file says."""

    name: Text
    zone: Zone
    layers: list[LayerForm]
    overrides: Inner = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [rotation.name for layer in self.layers for rotation in layer.rotations]
        if len(set(names)) < len(names):
            raise ValueError("two rotations of a rota have the same name")
        return self

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The rotations as the roster keeps them, in order; layer 1 is the highest."""
        return [
            rotation.columns | {"layer": number, "zone": self.zone}
            for number, layer in enumerate(self.layers, 1)
            for rotation in layer.rotations
        ]


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

    @model_validator(mode="after")
    def _can_act(self) -> Self:
        # The zone moves both ends alike; UTC stands in for it so that the arithmetic's own refusals are told.
        rota.Override(
            self.kind,
            self.staff,
            rota.instant(self.starts, "UTC"),
            rota.instant(self.ends, "UTC"),
            self.instead_of,
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
