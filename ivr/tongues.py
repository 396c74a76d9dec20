"""Tongues: who says times and lengths in which language, so that prompts and what is filled into them agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from ivr import spoken, spoken_af

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Tongue(Protocol):
    """How a language says what the clock shows."""

    def opening(self, opens: datetime, now: datetime, zone: str) -> str:
        """When we open next."""

    def length(self, waited: timedelta) -> str:
        """How long somebody has waited."""

    def news(self, at: datetime, now: datetime, zone: str) -> str:
        """When something last happened."""


OURS = "en"  # what is spoken where another language is missing; its words also say which facts a sentence has
TONGUES: dict[str, Tongue] = {"en": cast("Tongue", spoken), "af": cast("Tongue", spoken_af)}


def of(language: str) -> Tongue:
    """Whoever says it in that language, or else in English."""
    return TONGUES.get(language, TONGUES[OURS])
