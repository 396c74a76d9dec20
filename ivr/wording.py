"""Wording: the company's own words for a prompt, checked before they are spoken and kept by version.

A version is never changed; going back to an earlier one publishes its words again. Version 0 are the words that come
with the product. Every sentence keeps the facts that ours has: who leaves the reference out of the farewell takes it
from every caller.
"""

from __future__ import annotations

import unicodedata
from string import Formatter
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import sms
from ivr.prompts import AGAIN, Prompt, languages, shipped
from ivr.tongues import OURS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

LONGEST = 700  # characters; nobody listens for a minute, and a carrier's voice takes 3000 (TWILIO.md §3)
READING = 15  # characters a second, as the voices read
SETTINGS = ("voice", "language")  # in the same file, and no words
TEXT = "text_"


class Overtaken(Exception):
    """Somebody has published other words since whoever publishes has looked."""


def named() -> list[str]:
    """Every prompt, in the order of our file."""
    return [key for key in shipped(OURS) if key not in SETTINGS]


def facts_in(text: str) -> set[str]:
    """The names between the braces; raises ValueError for braces that are no names."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise ValueError("a brace has no partner: facts stand between two, such as {company}") from None
    names = {name for _, name, _, _ in parts if name is not None}
    odd = [name for _, name, spec, turned in parts if name is not None and (spec or turned or not name.isidentifier())]
    if odd:
        raise ValueError(
            f"between braces stands the name of a fact alone, such as {{company}}, not {odd[0] or 'nothing'}"
        )
    return names


def facts_of(key: str) -> set[str]:
    """What the sentence has to say, whoever words it."""
    return facts_in(shipped(OURS)[key])


def checked(key: str, text: str) -> str:
    """The words as they are kept; raises ValueError with a sentence for what cannot be spoken."""
    words = " ".join(text.split())
    if not words:
        raise ValueError("a caller has to hear something: write the words")
    if len(words) > LONGEST:
        raise ValueError(f"that is too long to listen to: there is room for {LONGEST} characters")
    if any(unicodedata.category(sign) == "Cc" for sign in words):
        raise ValueError("it holds control characters")
    found, needed = facts_in(words), facts_of(key)
    if unknown := sorted(found - needed):
        there = ", ".join(f"{{{name}}}" for name in sorted(needed)) or "no fact at all"
        raise ValueError(f"{{{unknown[0]}}} is not known here; in this sentence there is {there}")
    if missing := sorted(needed - found):
        raise ValueError(f"{{{missing[0]}}} is missing, and nobody would hear it: write it where it is to be said")
    plain = sms.BASIC | sms.EXTENDED | {"’", "“", "”", "–", "…"}
    if key.startswith(TEXT) and (wide := [sign for sign in words if sign not in plain]):
        raise ValueError(f"{wide[0]} is no sign of the alphabet of texts, and would make every text cost twice as much")
    return words


def seconds(spoken: str) -> int:
    """About how long it takes to listen to."""
    return max(1, round(len(spoken) / READING))


def versions(session: Session, language: str, key: str) -> list[Prompt]:
    """All versions that the company has published, the newest first."""
    theirs = select(Prompt).where(Prompt.language == language, Prompt.key == key)
    return list(session.scalars(theirs.order_by(Prompt.version.desc())))


def newest(session: Session, language: str) -> dict[str, Prompt]:
    """The newest version of each prompt that has any, by its key."""
    found = session.scalars(select(Prompt).where(Prompt.language == language).order_by(Prompt.version))
    return {one.key: one for one in found}


def in_force(session: Session, language: str) -> dict[str, str]:
    """The words as the line says them."""
    if language not in languages():  # what is not recorded in it is spoken in ours
        return in_force(session, OURS)
    return shipped(language) | {key: one.text for key, one in newest(session, language).items()}


def publish(session: Session, language: str, key: str, text: str, base: int, who: str, at: datetime) -> Prompt:
    """Say these words from now on; `base` is the version that whoever publishes began with.

    Raises ValueError for words that cannot be spoken, or are spoken already, and Overtaken.
    """
    words, known = checked(key, text), versions(session, language, key)
    number = known[0].version if known else 0
    if number != base:
        raise Overtaken
    if words == in_force(session, language).get(key):
        raise ValueError("these are the words already")
    made = Prompt(language=language, key=key, version=number + 1, text=words, changed_at=at, who=who)
    session.add(made)
    return made


def is_again(key: str) -> bool:
    """Whether it is what is said when a step is said again."""
    return key.endswith(AGAIN)
