"""A version of a rota as a form: what people type, kept as they typed it, and what its buttons do to it.

Fields are named by where they stand: `L0` is the name of the first layer, `L0R1starts` the start of its second
rotation, counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from oncall.draft import COVERS, Draft, LayerDraft
from oncall.rotation_sheet import FULL, LONGEST, TOO_LONG, RotationSheet, is_zone, listed

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from werkzeug.datastructures import MultiDict

LAYERS, ROTATIONS, PEOPLE, HOURS, HANDOFFS = 20, 100, 200, 50, 50  # more in one place takes too long, or is a mistake


@dataclass
class LayerSheet:
    """One layer as it is typed."""

    name: str
    rotations: list[RotationSheet] = field(default_factory=list)


@dataclass
class Sheet:
    """The whole form; `faults` are sentences by field."""

    zone: str
    covers: str
    calendar: str
    layers: list[LayerSheet] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """The form of a version."""
        layers = [LayerSheet(layer.name, list(map(RotationSheet.of, layer.rotations))) for layer in draft.layers]
        made = cls(draft.zone, draft.covers, draft.calendar or "", layers)
        made.place()
        return made

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """The form as it was sent; what is not in it is as if left empty."""
        made = cls(form.get("zone", "").strip(), form.get("covers", ""), form.get("calendar", ""))
        while (at := f"L{len(made.layers)}") in form:
            layer = LayerSheet(form[at].strip())
            while (place := f"{at}R{len(layer.rotations)}") + "name" in form:
                layer.rotations.append(RotationSheet.read(form, place))
            made.layers.append(layer)
        return made

    def press(self, button: str, chosen: Mapping[str, str]) -> None:
        """Do what a button says, such as "up/0/1/2": the third person of the first layer's second rotation.

        A button that is nowhere on the form does nothing.
        """
        what, *numbers = button.split("/")
        if what not in MOVES or not all(number.isdecimal() and len(number) < 4 for number in numbers):
            return
        places = list(map(int, numbers))
        if len(places) == MOVES[what]:
            try:
                _do(self, what, places, chosen)
            except IndexError:
                return
        self.place()

    def draft(self, known: Container[str]) -> Draft | None:
        """What it says; None if it has faults, such as members who are not `known`."""
        if self._is_too_much():
            return None
        if not is_zone(self.zone):
            self.faults["zone"] = f"“{self.zone}” is no time zone such as Africa/Johannesburg."
        layers = tuple(
            LayerDraft(layer.name, tuple(made for each in layer.rotations if (made := each.draft(self.faults))))
            for layer in self.layers
        )
        if self.covers not in COVERS:
            self.faults["covers"] = "Choose when somebody has to be there."
        for n, layer in enumerate(self.layers):
            if not layer.name or len(layer.name) > LONGEST:
                self.faults[f"L{n}"] = TOO_LONG if layer.name else "A layer needs a name."
        for rotation in (each for layer in self.layers for each in layer.rotations):
            for key in (key for key in rotation.members if key not in known):
                self.faults[rotation.at + "join"] = f"There is no colleague “{key}”."
        if self.faults:
            return None
        return Draft(self.zone, layers, self.covers, self.calendar or None)

    def _is_too_much(self) -> bool:
        """Whether it is more than anybody means; told before any of it is read."""
        rotations = [rotation for layer in self.layers for rotation in layer.rotations]
        if len(self.layers) > LAYERS or len(rotations) > ROTATIONS:
            self.faults["layers"] = f"A rota has {LAYERS} layers and {ROTATIONS} rotations at most."
        for rotation in rotations:
            if len(rotation.members) > PEOPLE:
                self.faults[rotation.at + "join"] = f"A rotation has {PEOPLE} people at most."
            for word, most in (("hours", HOURS), ("handoffs", HANDOFFS)):
                if len(listed(rotation.words[word])) > most:
                    self.faults[rotation.at + word] = f"These are more than {most}."
        return bool(self.faults)

    def place(self) -> None:
        """Tell every rotation where it stands."""
        for n, layer in enumerate(self.layers):
            for m, rotation in enumerate(layer.rotations):
                rotation.at = f"L{n}R{m}"


MOVES = {
    "up": 3, "down": 3, "drop": 3, "join": 2, "rotation": 1, "no-rotation": 2,
    "layer": 0, "no-layer": 1, "layer-up": 1, "layer-down": 1,
}  # fmt: skip


def _do(sheet: Sheet, what: str, places: list[int], chosen: Mapping[str, str]) -> None:
    layers = sheet.layers
    if what == "layer":
        layers.append(LayerSheet(f"Layer {len(layers) + 1}"))
    elif what == "no-layer":
        del layers[places[0]]
    elif what in ("layer-up", "layer-down"):
        _swap(layers, places[0], -1 if what == "layer-up" else 1)
    elif what == "rotation":
        layers[places[0]].rotations.append(RotationSheet(""))
    elif what == "no-rotation":
        del layers[places[0]].rotations[places[1]]
    else:
        _people(layers[places[0]].rotations[places[1]], what, places[2:], chosen)


def _people(rotation: RotationSheet, what: str, places: list[int], chosen: Mapping[str, str]) -> None:
    if what == "join":
        if key := chosen.get(f"{rotation.at}join"):
            rotation.members.append(key)
            rotation.shares.append(str(FULL))
    elif what == "drop":
        del rotation.members[places[0]], rotation.shares[places[0]]
    else:
        for row in (rotation.members, rotation.shares):
            _swap(row, places[0], -1 if what == "up" else 1)


def _swap(row: list[Any], at: int, by: int) -> None:
    if 0 <= at + by < len(row):
        row[at], row[at + by] = row[at + by], row[at]
