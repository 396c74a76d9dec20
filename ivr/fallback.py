"""The spoken way out of every failure: an apology, and a ring to whoever is on duty, without the database.

It knows only the last Switchboard of this process, and its steps carry all they need in the URL: which person of the
policy rings next. Whoever is rung presses 1, as always, so that no voicemail takes the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr import prompts, twiml
from oncall.escalation import OnCall, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ivr.switchboard import LineSetUp, Switchboard

OVERRIDES = "#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx"


class WayOut:
    """Documents that need nothing but a Switchboard; and without one, words alone."""

    def __init__(self, origin: str, language: str = "en") -> None:
        self.origin, self.language = origin, language

    def ring(self, board: Switchboard | None, called: str, place: int, now: datetime) -> str:
        """Ring the person at `place` of everybody the line's policy can reach now; say so when all were rung."""
        line = board.lines.get(called) if board else None
        numbers = list(dict.fromkeys(_numbers(board, line, now))) if board and line else []
        if place >= len(numbers) or line is None:
            return self.apology()
        values = {
            "caller_id": line.number,
            "number": numbers[place],
            "action": f"{self.origin}/voice/help/{place + 1}{OVERRIDES}",
            "whisper": f"{self.origin}/voice/help/whisper{OVERRIDES}",
        }
        return self._say("help", values, again=place > 0)

    def dialled(
        self, board: Switchboard | None, called: str, place: int, form: Mapping[str, str], now: datetime
    ) -> str:
        """What follows a ring: the end if the two were joined, else the next person."""
        if form.get("DialBridged") == "true":
            return self._say("help_ended")
        return self.ring(board, called, place, now)

    def whisper(self, keys: str | None) -> str:
        """Ask the person rung to press 1; joined on a 1 alone."""
        if keys is None:
            return self._say("help_whisper", {"action": f"{self.origin}/voice/help/whisper{OVERRIDES}"})
        return twiml.document([], "" if keys == "1" else "<Hangup/>\n")

    def apology(self) -> str:
        """Words alone."""
        return self._say("help_nobody")

    def _say(self, name: str, values: Mapping[str, str] | None = None, again: bool = False) -> str:
        words = prompts.shipped(self.language)
        said = {
            "words": prompts.spoken(words, name, {}, again),
            "voice": words["voice"],
            "language": words["language"],
        }
        return twiml.document([(name, said | dict(values or {}))], "" if values else "<Hangup/>\n")


def _numbers(board: Switchboard, line: LineSetUp, now: datetime) -> Iterator[str]:
    resolve = board.on_duty(now)
    targets = [target for step in line.policy.steps for target in step]
    everybody = [
        *targets,
        *(Person(key) for target in targets if isinstance(target, OnCall) for key in board.engineers),
    ]
    for target in everybody:
        key = resolve(target)
        engineer = board.engineers.get(key) if key else None
        if engineer and engineer.phone:
            yield engineer.phone
