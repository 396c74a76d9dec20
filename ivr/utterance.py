"""Utterance: one sentence as a caller hears it, played from a recording where one fits, or else spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr import prompts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ivr.recorded import Recorded
    from ivr.switchboard import Switchboard


@dataclass(frozen=True)
class Utterance:
    """What is said, and the sound that says it, by its digest; "" where the carrier's voice does."""

    words: str
    sound: str = ""


def of(board: Switchboard, language: str, key: str, facts: Mapping[str, Any], again: bool = False) -> Utterance:
    """The sentence of a step; where only the first telling was recorded, it is what is heard again, too."""
    words = board.words[language]
    if key not in words:
        return Utterance("")
    if found := _recorded(board, language, key, facts, again):
        return Utterance(found.words, found.digest)
    return Utterance(prompts.spoken(words, key, dict(facts), again))


def _recorded(board: Switchboard, language: str, key: str, facts: Mapping[str, Any], again: bool) -> Recorded | None:
    played = board.recorded.get(language, {})
    asked = (key + prompts.AGAIN, key) if again else (key,)
    return next((one for name in asked if (one := played.get(name)) and one.fits(facts)), None)
