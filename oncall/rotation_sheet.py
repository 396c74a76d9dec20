"""One rotation of the form: what people type of it, kept as they typed it, and the reading of that.

Lists in one field are separated by commas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oncall.draft import RotationDraft, check_hours
from oncall.turns import Turns

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

WORDS = ("name", "starts", "ends", "days", "handoffs", "hours", "advance", "zone")
YEARS = range(1995, 2101)  # as far as holidays and pages reach
LONGEST = 200  # characters of a name
TOO_LONG = f"A name has {LONGEST} characters at most."
CLOCK = re.compile(r"([A-Za-z]{3})[a-z]*\.? +(\d\d?):(\d\d)", re.ASCII)
FULL = 100  # per cent of everybody's share


@dataclass
class RotationSheet:
    """One rotation as it is typed, at its place on the form; beside each member stands a share in per cent."""

    at: str
    words: dict[str, str] = field(default_factory=lambda: dict.fromkeys(WORDS, "") | {"days": "7"})
    members: list[str] = field(default_factory=list)
    shares: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rotation: RotationDraft) -> Self:
        """The form of a rotation that is stored."""
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
        return cls("", words, list(rotation.members), list(map(str, shares)))

    @classmethod
    def read(cls, form: MultiDict[str, str], at: str) -> Self:
        """The form of a rotation as it was sent."""
        members, shares = form.getlist(at + "member"), form.getlist(at + "share")
        shares += [str(FULL)] * len(members)
        return cls(at, {word: form.get(at + word, "").strip() for word in WORDS}, members, shares[: len(members)])

    def draft(self, faults: dict[str, str]) -> RotationDraft | None:
        """The rotation that this says, or None with its faults told."""
        before, words, at = len(faults), self.words, self.at
        if fault := _name(words["name"]):
            faults[at + "name"] = fault
        if not self.members:
            faults[at + "join"] = f"“{words['name']}” needs somebody."
        starts = _wall(words["starts"], at + "starts", faults)
        ends = _wall(words["ends"], at + "ends", faults) if words["ends"] else None
        if starts and ends and starts >= ends:
            faults[at + "ends"] = "The last turn ends after the first starts."
        if words["zone"] and not is_zone(words["zone"]):
            faults[at + "name"] = f"“{words['zone']}” is no time zone."
        days, shares = _number(words["days"], 366), [_number(each, FULL) for each in self.shares]
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
            tuple(self.members),
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
    for each in listed(text):
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
    for each in listed(text):
        try:
            found.append(check_hours(each))
        except ValueError:
            faults[name] = f"“{each}” are no hours such as Fri 17:00 to Mon 08:30, weekends, or outside office hours."
    return tuple(found)


def listed(text: str) -> list[str]:
    """What stands in one field."""
    return [each.strip() for each in re.split(r"[,;\n]", text) if each.strip()]


def is_zone(text: str) -> bool:
    """Whether it names a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
