"""The table of rota_cases.txt, as a manager reads it: day by day who is on call, by initials."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from oncall.office import outside_office_hours, public_holidays
from oncall.rota import DAYS, WEEKENDS, Layer, Override, Rota, Rotation, Turns, Window, instant
from sla.calendar import BusinessCalendar, Hours

TEXT = Path(__file__).with_name("rota_cases.txt").read_text()
CASES = [case for part in re.split(r"\n## .*\n", TEXT)[1:] for case in part.strip().removeprefix("= ").split("\n\n= ")]
PHRASES = {"nights", "the weekend", "office days"}
KINDS = {"on top": "add", "below": "add", "out": "remove"}
HOLIDAYS = frozenset(date(2026, 12, day) for day in (16, 25, 26))
OFFICE = BusinessCalendar(
    zone="Africa/Johannesburg",
    week=tuple(Hours(day, 510, 1020) for day in range(5)),
    first=date(2025, 1, 1),
    last=date(2027, 12, 31),
    holidays=HOLIDAYS,
)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NAMED = {
    "weekends": WEEKENDS,
    "outside office hours": outside_office_hours(OFFICE, NEW_YEAR),
    "public holidays": public_holidays(OFFICE, NEW_YEAR),
}


def wall(text: str) -> datetime:
    """Read "Mon 16 Nov 08:30"; the weekday has to be true."""
    at = datetime.strptime(f"2026 {text[4:]}", "%Y %d %b %H:%M")  # noqa: DTZ007 - wall time
    assert DAYS[at.weekday()] == text[:3], text
    return at


def hours(text: str) -> tuple[Window, ...]:
    """Read hours by name, by a phrase that the text explains, or written out."""
    if text in NAMED:
        return (NAMED[text],)
    if text in PHRASES:
        [text] = re.findall(rf"  {text} (?:is|are) (.*)", TEXT)
    return tuple(Window.of(*window.split(" to ")) for window in text.split(", "))


def turns(text: str) -> Turns:
    """Read "every day", "every 3 days", "Mon 08:30 and Fri 17:00" or "Fri 17:00, every 2 weeks"."""
    if text.startswith("every"):
        return Turns.every(int((re.findall(r"\d+", text) or ["1"])[0]))
    handoffs, _, weeks = text.partition(", every ")
    return Turns.weekly(*handoffs.split(" and "), weeks=int(weeks.split()[0]) if weeks else 1)


def rotation(line: str, zone: str) -> Rotation:
    """Read one line: who, from when, how turns change, and in which hours."""
    name, _, rest = line.partition(": ")
    who, life, turning, *limits = rest.split("; ")
    people = [] if who == "nobody" else [member.split() for member in who.split(", ")]
    start, *end = (wall(text) for text in life.removeprefix("from ").split(" to "))
    only = [limit.removeprefix("only ") for limit in limits if limit.startswith("only")]
    return Rotation(
        name=name.removeprefix("& "),
        members=tuple(person[0] for person in people),
        start=start,
        turns=turns(turning),
        zone=zone,
        hours=hours(only[0]) if only else (),
        end=end[0] if end else None,
        advance="served" if "served days count" in limits else "calendar",
        shares=tuple(int((person[1:] or ["100%"])[0].rstrip("%")) for person in people),
    )


def change(line: str, zone: str) -> Override:
    """Read "Lerato for Thandi in First", "Naledi on top", "Naledi below" or "Thandi out", and when."""
    said, _, when = line.removeprefix("change: ").partition(", ")
    start, end = (instant(wall(text), zone) for text in when.split(" to "))
    said, _, lane = said.partition(" in ")
    who, _, whom = said.partition(" for ")
    if whom:
        return Override("replace", who, start, end, whom, rotation=lane)
    who, how = who.split(" ", 1)
    return Override(KINDS[how], who, start, end, below=how == "below")


def read(case: str) -> tuple[str, Rota, list[tuple[str, str]]]:
    """Read a case: its zone, its rota, and the rows that are asked and expected."""
    lines = case.splitlines()[1:]
    zone = next((line[3:] for line in lines if line.startswith("in ")), "Africa/Johannesburg")
    layers: list[list[Rotation]] = []
    for line in lines:
        if line.startswith("& "):
            layers[-1].append(rotation(line, zone))
        elif not line.startswith(("in ", "change: ", "at ")):
            layers.append([rotation(line, zone)])
    changes = tuple(change(line, zone) for line in lines if line.startswith("change: "))
    rota = Rota("Support", tuple(Layer(f"layer {n}", tuple(each)) for n, each in enumerate(layers, 1)), changes)
    return zone, rota, re.findall(r"^at (.*): (.*)", case, re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=[case.splitlines()[0] for case in CASES])
def test_day_by_day(case: str) -> None:
    zone, rota, rows = read(case)
    assert rows
    for asked, expected in rows:
        clock, _, monday = asked.partition(", ")
        days = (instant(wall(f"{monday} {clock}") + timedelta(days=n), zone) for n in range(7))
        drawn = ["".join(duty.engineer[0] for duty in rota.who(t)) or "-" for t in days]
        assert drawn == expected.split(), asked
