"""Prompts: the words of every step, per language; ours by default, the company's where it has its own."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp

SHIPPED = Path(__file__).parent / "words"
AGAIN = ".again"


class Prompt(SetUp, Base):
    """The company's own words for one prompt; the newest version of a key is the one in force."""

    __tablename__ = "prompt"
    __table_args__ = (UniqueConstraint("language", "key", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    changed_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(default="")


@cache
def shipped(language: str) -> dict[str, str]:
    """The words that come with the product; raises LookupError for a language that has none."""
    path = SHIPPED / f"{language}.yaml"
    if language not in languages():
        raise LookupError(f"there are no prompts in {language!r}, only in {', '.join(languages())}")
    words: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


@cache
def languages() -> tuple[str, ...]:
    """Every language that can be spoken."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def spoken(words: dict[str, str], key: str, facts: dict[str, str], again: bool = False) -> str:
    """The sentence of a prompt with its facts filled in and white space folded."""
    text = words.get(key + AGAIN, words[key]) if again else words[key]
    return " ".join(text.format_map(facts).split())
