"""A version of a rota as a form: what people type, kept as they typed it, and what its buttons do to it.

Fields are named by where they stand: `L0` is the name of the first layer, `L0R1starts` the start of its second
rotation, counted from 0. Lists in one field are separated by commas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oncall.draft import COVERS, Draft, LayerDraft, RotationDraft, check_hours
from oncall.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from werkzeug.datastructures import MultiDict

WORDS = ("name", "starts", "ends", "days", "handoffs", "hours", "advance", "zone")
YEARS = range(1995, 2101)  # as far as holidays and pages reach
LONGEST = 200  # characters of a name
TOO_LONG = f"A name has {LONGEST} characters at most."
LAYERS, ROTATIONS, PEOPLE, HOURS, HANDOFFS = 20, 100, 200, 50, 50  # more in one place takes too long, or is a mistake
CLOCK = re.compile(r"([A-Za-z]{3})[a-z]*\.? +(\d\d?):(\d\d)", re.ASCII)
FULL = 100  # per cent of everybody's share


@dataclass
class Turn:
    """One rotation as it is typed; beside each member stands a share in per cent."""

    at: str
    words: dict[str, str] = field(default_factory=lambda: dict.fromkeys(WORDS, "") | {"days": "7"})
    members: list[str] = field(default_factory=list)
    shares: list[str] = field(default_factory=list)


@dataclass
class Rank:
    """One layer as it is typed."""

    name: str
    rotations: list[Turn] = field(default_factory=list)


@dataclass
class Sheet:
    """The whole form; `faults` are sentences by field."""

    zone: str
    covers: str
    calendar: str
    layers: list[Rank] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """The form of a version."""
        layers = [Rank(layer.name, [_typed(each) for each in layer.rotations]) for layer in draft.layers]
        made = cls(draft.zone, draft.covers, draft.calendar or "", layers)
        made.place()
        return made

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """The form as it was sent; what is not in it is as if left empty."""
        made = cls(form.get("zone", "").strip(), form.get("covers", ""), form.get("calendar", ""))
        while (at := f"L{len(made.layers)}") in form:
            rank = Rank(form[at].strip())
            while (place := f"{at}R{len(rank.rotations)}") + "name" in form:
                rank.rotations.append(_read(form, place))
            made.layers.append(rank)
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
        if not _is_zone(self.zone):
            self.faults["zone"] = f"“{self.zone}” is no time zone such as Africa/Johannesburg."
        layers = tuple(
            LayerDraft(rank.name, tuple(made for each in rank.rotations if (made := _rotation(each, self.faults))))
            for rank in self.layers
        )
        if self.covers not in COVERS:
            self.faults["covers"] = "Choose when somebody has to be there."
        for n, rank in enumerate(self.layers):
            if not rank.name or len(rank.name) > LONGEST:
                self.faults[f"L{n}"] = TOO_LONG if rank.name else "A layer needs a name."
        for turn in (each for rank in self.layers for each in rank.rotations):
            for key in (key for key in turn.members if key not in known):
                self.faults[turn.at + "join"] = f"There is no colleague “{key}”."
        if self.faults:
            return None
        return Draft(self.zone, layers, self.covers, self.calendar or None)

    def _is_too_much(self) -> bool:
        """Whether it is more than anybody means; told before any of it is read."""
        turns = [turn for rank in self.layers for turn in rank.rotations]
        if len(self.layers) > LAYERS or len(turns) > ROTATIONS:
            self.faults["layers"] = f"A rota has {LAYERS} layers and {ROTATIONS} rotations at most."
        for turn in turns:
            if len(turn.members) > PEOPLE:
                self.faults[turn.at + "join"] = f"A rotation has {PEOPLE} people at most."
            for word, most in (("hours", HOURS), ("handoffs", HANDOFFS)):
                if len(_listed(turn.words[word])) > most:
                    self.faults[turn.at + word] = f"These are more than {most}."
        return bool(self.faults)

    def place(self) -> None:
        """Tell every rotation where it stands."""
        for n, rank in enumerate(self.layers):
            for m, turn in enumerate(rank.rotations):
                turn.at = f"L{n}R{m}"


MOVES = {
    "up": 3, "down": 3, "drop": 3, "join": 2, "rotation": 1, "no-rotation": 2,
    "layer": 0, "no-layer": 1, "layer-up": 1, "layer-down": 1,
}  # fmt: skip


def _do(sheet: Sheet, what: str, places: list[int], chosen: Mapping[str, str]) -> None:
    layers = sheet.layers
    if what == "layer":
        layers.append(Rank(f"Layer {len(layers) + 1}"))
    elif what == "no-layer":
        del layers[places[0]]
    elif what in ("layer-up", "layer-down"):
        _swap(layers, places[0], -1 if what == "layer-up" else 1)
    elif what == "rotation":
        layers[places[0]].rotations.append(Turn(""))
    elif what == "no-rotation":
        del layers[places[0]].rotations[places[1]]
    else:
        _people(layers[places[0]].rotations[places[1]], what, places[2:], chosen)


def _people(turn: Turn, what: str, places: list[int], chosen: Mapping[str, str]) -> None:
    if what == "join":
        if key := chosen.get(f"{turn.at}join"):
            turn.members.append(key)
            turn.shares.append(str(FULL))
    elif what == "drop":
        del turn.members[places[0]], turn.shares[places[0]]
    else:
        for row in (turn.members, turn.shares):
            _swap(row, places[0], -1 if what == "up" else 1)


def _swap(row: list[Any], at: int, by: int) -> None:
    if 0 <= at + by < len(row):
        row[at], row[at + by] = row[at + by], row[at]


def _typed(rotation: RotationDraft) -> Turn:
    words = {
        "name": rotation.name,
        "starts": f"{rotation.starts:%Y-%m-%dT%H:%M}",
        "ends": f"{rotation.ends:%Y-%m-%dT%H:%M}" if rotation.ends else "",
        "days": str(rotation.days),
        "handoffs": ", ".join(rotation.handoffs),
        "hours": ", ".join(rotation.hours),
        "advance": rotation.advance,
        "zone": rotation.zone,
    }
    shares = rotation.shares or (FULL,) * len(rotation.members)
    return Turn("", words, list(rotation.members), list(map(str, shares)))


def _read(form: MultiDict[str, str], at: str) -> Turn:
    members, shares = form.getlist(at + "member"), form.getlist(at + "share")
    shares += [str(FULL)] * len(members)
    return Turn(at, {word: form.get(at + word, "").strip() for word in WORDS}, members, shares[: len(members)])


def _rotation(turn: Turn, faults: dict[str, str]) -> RotationDraft | None:
    """The rotation that this says, or None with its faults told."""
    before, words, at = len(faults), turn.words, turn.at
    if fault := _name(words["name"]):
        faults[at + "name"] = fault
    if not turn.members:
        faults[at + "join"] = f"“{words['name']}” needs somebody."
    starts = _wall(words["starts"], at + "starts", faults)
    ends = _wall(words["ends"], at + "ends", faults) if words["ends"] else None
    if starts and ends and starts >= ends:
        faults[at + "ends"] = "The last turn ends after the first starts."
    if words["zone"] and not _is_zone(words["zone"]):
        faults[at + "name"] = f"“{words['zone']}” is no time zone."
    days, shares = _number(words["days"], 366), [_number(each, FULL) for each in turn.shares]
    if days is None:
        faults[at + "days"] = "A turn lasts 1 to 366 days."
    if None in shares:
        faults[at + "share"] = "A share is a number of per cent from 1 to 100."
    handoffs = _handoffs(words["handoffs"], at + "handoffs", faults)
    hours = _hours(words["hours"], at + "hours", faults)
    if handoffs and days and days % 7:
        faults[at + "days"] = "With hand-offs on weekdays a turn lasts whole weeks: 7, 14 … days."
    if len(faults) > before or not (starts and days):
        return None
    return RotationDraft(
        words["name"],
        tuple(turn.members),
        starts,
        days,
        handoffs,
        hours,
        ends,
        "served" if words["advance"] == "served" else "calendar",
        () if all(share == FULL for share in shares) else tuple(share or FULL for share in shares),
        words["zone"],
    )


def _name(text: str) -> str:
    """What is wrong with the name of a rotation."""
    if text.startswith("+"):
        return "The name of a rotation does not begin with +: so additions are called."
    return (TOO_LONG if len(text) > LONGEST else "") if text else "A rotation needs a name."


def _wall(text: str, name: str, faults: dict[str, str]) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found and found.year in YEARS and found.tzinfo is None:
        return found
    faults[name] = f"“{text}” is no time such as 2026-11-16T08:30."
    return None


def _number(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= most else None


def _handoffs(text: str, name: str, faults: dict[str, str]) -> tuple[str, ...]:
    found = []
    for each in _listed(text):
        clock = CLOCK.fullmatch(each)
        found.append(f"{clock[1].title()} {int(clock[2]):02}:{clock[3]}" if clock else each)
    try:
        if found:
            Turns.weekly(*found)
    except (ValueError, IndexError):
        faults[name] = f"“{text}” are no hand-offs such as Mon 08:30, Fri 17:00."
    return tuple(found)


def _hours(text: str, name: str, faults: dict[str, str]) -> tuple[str, ...]:
    found = []
    for each in _listed(text):
        try:
            found.append(check_hours(each))
        except ValueError:
            faults[name] = f"“{each}” are no hours such as Fri 17:00 to Mon 08:30, weekends, or outside office hours."
    return tuple(found)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[,;\n]", text) if each.strip()]


def _is_zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
