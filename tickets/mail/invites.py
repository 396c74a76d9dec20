"""Invitations to meetings (iCalendar, RFC 5545) as a few readable lines; the file itself stays beside them."""

from __future__ import annotations

import re

METHODS = {"request": "Invitation", "cancel": "Cancelled", "reply": "Answer to an invitation", "publish": "Appointment"}
FOLD = re.compile(r"\n[ \t]")
LINE = re.compile(r"^([A-Za-z-]+)((?:;[^:\n\"]*(?:\"[^\"\n]*\")?)*):(.*)$", re.MULTILINE)
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
ZONE = re.compile(r";TZID=\"?([^;:\"]+)", re.IGNORECASE)
ESCAPED = re.compile(r"\\([nN,;\\])")
READ = 100_000  # characters
WANTED = ("summary", "dtstart", "dtend", "location", "organizer")


def lines_of(calendar: str) -> str:
    """What the first event in it is; empty where there is none."""
    text = FOLD.sub("", calendar[:READ])
    begins = text.upper().find("BEGIN:VEVENT")
    if begins < 0:
        return ""
    method = next((value for name, _, value in LINE.findall(text[:begins]) if name.upper() == "METHOD"), "")
    found: dict[str, str] = {}
    for name, more, value in LINE.findall(text[begins:]):
        if name.lower() in WANTED:
            found.setdefault(name.lower(), _said(name.lower(), more, value))
    when = " to ".join(filter(None, (found.get("dtstart"), found.get("dtend"))))
    title = f"{METHODS.get(method.strip().lower(), 'Appointment')}: {found.get('summary', '').strip()}".strip()
    return "\n".join(filter(None, (title, when, found.get("location"), found.get("organizer"))))


def _said(name: str, more: str, value: str) -> str:
    text = ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value).strip()
    if name == "organizer":
        return f"by {text.removeprefix('mailto:').removeprefix('MAILTO:')}"
    stamp = STAMP.match(text) if name.startswith("dt") else None
    if not stamp:
        return text
    year, month, day, hour, minute, utc = stamp.groups()
    zone = ZONE.search(more)
    where = " UTC" if utc else f" {zone[1]}" if zone else ""
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}{where}" if hour else "")
