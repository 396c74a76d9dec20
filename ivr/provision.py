"""Provision: what a number of ours must be set to at the carrier, and what it is set to now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivr.elsewhere import instead
from ivr.twiml import AGAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from desk.answer import Answer, Failed
    from desk.settings import Settings

UNSET = {"voice_fallback_method": "POST"}  # what the carrier does where nothing else was said


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


@dataclass(frozen=True)
class Hooks:
    """Where our webhooks are: ours, and what is asked when an answer of ours is none."""

    origin: str
    instead: Callable[[str], tuple[str, str]] | None = None  # by line: the address on another host, and its method

    @classmethod
    def of(cls, settings: Settings) -> Hooks:
        """As the settings have them."""
        return cls(settings.public_url, (lambda line: instead.of(settings, line)) if settings.elsewhere_url else None)


def wanted(hooks: Hooks, line: str) -> dict[str, str]:
    """The webhooks of a number; the part after # makes the carrier try again within its 15 seconds."""
    origin = hooks.origin
    fallback, method = hooks.instead(line) if hooks.instead else (f"{origin}/voice/fallback{AGAIN}", "POST")
    return {
        "voice_url": f"{origin}/voice/incoming{AGAIN}",
        "voice_fallback_url": fallback,
        "voice_fallback_method": method,
        "status_callback": f"{origin}/voice/status{AGAIN}",
        "sms_url": f"{origin}/voice/texted{AGAIN}",
    }


def changes(number: Number, hooks: Hooks) -> list[Change]:
    """What has to be changed; nothing where the carrier has what we want."""
    is_ = {**UNSET, **number.urls}
    return [
        Change(name, is_.get(name, ""), url)
        for name, url in wanted(hooks, number.e164).items()
        if is_.get(name, "") != url
    ]
