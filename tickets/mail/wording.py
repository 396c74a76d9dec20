"""Wording: what letters say, per language; and times as they are written in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

SHIPPED = Path(__file__).parent / "letter_words"
ENGLISH = "en"


@cache
def languages() -> tuple[str, ...]:
    """Every language that letters can be written in."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


@cache
def words(language: str) -> dict[str, Any]:
    """The words of one of them."""
    read: dict[str, Any] = yaml.safe_load((SHIPPED / f"{language}.yaml").read_text(encoding="utf-8"))
    return read


def chosen(wanted: Iterable[str | None]) -> str:
    """The first of these in which letters can be written; English where none is. Also of `af-ZA` the first part."""
    spoken = (one.partition("-")[0].lower() for one in wanted if one)
    return next((one for one in spoken if one in languages()), ENGLISH)


def said(language: str, key: str, facts: Mapping[str, str]) -> str:
    """The words of a key with what it names filled in; what is filled in is never read for names again."""
    text: str = words(language)[key]
    return text.format_map(facts)


def due(language: str, at: datetime, zone: str) -> str:
    """ "Tuesday 24 November at 13:00" on the clocks of `zone`: right whenever the letter is read."""
    local, known = at.astimezone(ZoneInfo(zone)), words(language)
    day, month = known["days"][local.weekday()], known["months"][local.month - 1]
    facts = {"day": day, "date": str(local.day), "month": month, "time": f"{local:%H:%M}"}
    return said(language, "due", facts)
