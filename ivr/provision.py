"""Provision: what a number of ours must be set to at the carrier, and what it is set to now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivr.twiml import AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from desk.answer import Answer, Failed


@dataclass(frozen=True)
class Number:
    """A number of ours as the carrier has it; `urls` by the carrier's own names."""

    sid: str
    e164: str
    voice: bool
    sms: bool
    urls: Mapping[str, str]


class Account(Protocol):
    """What setting up asks of the carrier, apart from telephoning."""

    def account(self) -> str | Failed:
        """The state of our account: `active`."""

    def number(self, e164: str) -> Number | Failed | None:
        """One of our numbers; None if it is not ours."""

    def set_up(self, number: Number, urls: dict[str, str]) -> Answer:
        """Set its webhooks."""

    def skew(self) -> timedelta | None:
        """How far the carrier's clock was ahead of ours at its last answer."""


@dataclass(frozen=True)
class Change:
    """One webhook that is set to something else."""

    name: str
    now: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.name}\n    is      {self.now or '(nothing)'}\n    should  {self.wanted}"


def wanted(origin: str) -> dict[str, str]:
    """The webhooks of a number; the part after # makes the carrier try again within its 15 seconds."""
    return {
        "voice_url": f"{origin}/voice/incoming{AGAIN}",
        "voice_fallback_url": f"{origin}/voice/fallback{AGAIN}",
        "status_callback": f"{origin}/voice/status{AGAIN}",
        "sms_url": f"{origin}/voice/texted{AGAIN}",
    }


def changes(number: Number, origin: str) -> list[Change]:
    """What has to be changed; nothing where the carrier has what we want."""
    return [
        Change(name, number.urls.get(name, ""), url)
        for name, url in wanted(origin).items()
        if number.urls.get(name, "") != url
    ]
