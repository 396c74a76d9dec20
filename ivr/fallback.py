"""The spoken way out of every failure: an apology, and a ring to whoever is on duty, without the database.

It knows the last Switchboard of this process and what the carrier carries: who was tried, what the caller refused.
Whoever is rung presses 1, as always, so that no voicemail takes the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk import numbers
from ivr import prompts, told, twiml
from oncall.escalation import Tried

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ivr.steps import Carried
    from ivr.switchboard import LineSetUp, Switchboard

# A leg that lasts longer than this has heard more than the whisper, where the carrier does not say who was joined.
WHISPER_SECONDS = 30


@dataclass(frozen=True)
class Stranded:
    """A leg whose webhook failed: where it was, and what it carried."""

    step: str
    form: Mapping[str, str]
    carried: Carried | None = None
    sealed: str = ""

    @property
    def wants_nobody(self) -> bool:
        """Whether the caller had refused overtime rates, so that nobody may be woken for them."""
        return self.carried is not None and self.carried.consent is False

    def is_silent_stranger(self, board: Switchboard) -> bool:
        """Whether nobody we know has pressed nothing, though asked."""
        known = numbers.caller(self.form.get("From", "")) in board.directory
        silent = self.carried is not None and not self.carried.pressed and not self.form.get("Digits")
        return silent and not known


class WayOut:
    """Documents that need nothing but a Switchboard; and without one, words alone."""

    def __init__(self, origin: str, language: str = "en") -> None:
        self.origin, self.language = origin, language

    def help(self, board: Switchboard | None, stranded: Stranded, now: datetime) -> str:
        """An apology, and a person for whoever may have one."""
        if _joined(stranded.form):  # they have talked already
            return self._say("help_ended")
        if board is None or stranded.wants_nobody or stranded.is_silent_stranger(board):
            return self.apology()
        if numbers.caller(stranded.form.get("From", "")) in board.blocked:
            return self.apology()
        return self.ring(board, stranded, 0, now)

    def ring(self, board: Switchboard | None, stranded: Stranded, place: int, now: datetime) -> str:
        """Ring the person at `place` of those who would ring now; say so when all were rung."""
        line = board.lines.get(stranded.form.get("To", "")) if board else None
        phones = _phones(board, line, stranded, now) if board and line else []
        if line is None or place >= len(phones):
            return self.apology()
        state = f"?s={stranded.sealed}" if stranded.sealed else ""
        values = {
            "caller_id": line.number,
            "number": phones[place],
            "ring_seconds": str(line.policy.ring_seconds),
            "action": f"{self.origin}/voice/help/{stranded.step}/{place + 1}{state}{twiml.AGAIN}",
            "whisper": f"{self.origin}/voice/help/whisper{twiml.AGAIN}",
        }
        return self._say("help", values, again=place > 0)

    def dialled(self, board: Switchboard | None, stranded: Stranded, place: int, now: datetime) -> str:
        """What follows a ring: the end if the two were joined, else the next person."""
        return self._say("help_ended") if _joined(stranded.form) else self.ring(board, stranded, place, now)

    def whisper(self, keys: str | None) -> str:
        """Ask the person rung to press 1; joined on a 1 alone."""
        if keys is None:
            return self._say("help_whisper", {"action": f"{self.origin}/voice/help/whisper{twiml.AGAIN}"})
        return twiml.document([], "" if keys == "1" else "<Hangup/>\n")

    def engineer(self) -> str:
        """Words for an engineer who was to call somebody back."""
        return self._say("help_engineer")

    def unproved(self) -> str:
        """Words for whoever was rung to confirm a number."""
        return self._say("help_verify")

    def apology(self) -> str:
        """Words alone."""
        return self._say("help_nobody")

    def _say(self, name: str, values: Mapping[str, str] | None = None, again: bool = False) -> str:
        words = prompts.shipped(self.language)
        said = {"words": prompts.spoken(words, name, {}, again)} | {key: words[key] for key in ("voice", "language")}
        return twiml.document([(name, said | dict(values or {}))], "" if values else "<Hangup/>\n")


def _joined(form: Mapping[str, str]) -> bool:
    bridged = told.bridged(form)
    if bridged is not None:
        return bridged
    return form.get("DialCallStatus") == "completed" and told.number(form, "DialCallDuration") > WHISPER_SECONDS


def _phones(board: Switchboard, line: LineSetUp, stranded: Stranded, now: datetime) -> list[str]:
    """Whom the line would ring now, those first who were not tried; the same order as in a healthy call."""
    policy = line.hunt if stranded.step == "hunt" else line.policy
    marks = stranded.carried.tried if stranded.carried else []
    tried = [Tried(1, engineer) for _, engineer, skipped in marks if not skipped]
    order = [*board.in_order(policy, now, tried)] or [*board.in_order(policy, now)]
    return [phone for choice in order if (phone := board.engineers[choice.ring or ""].phone)]
