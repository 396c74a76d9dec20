"""Greeting: the very words with which a line answers at an instant, to whoever nobody knows.

They come from where a call has them: the calendar of the line, the table of steps, the prompts and their facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr import facts, utterance
from ivr.callflow import ARRIVAL, STEPS
from ivr.steps import Choose, Tell

if TYPE_CHECKING:
    from datetime import datetime

    from ivr.switchboard import LineSetUp, Switchboard


@dataclass(frozen=True)
class Heard:
    """What a caller hears first, sentence by sentence as the steps say it; `voice` reads it out."""

    at: datetime
    language: str
    is_open: bool
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.words)


def greeting(board: Switchboard, line: LineSetUp, language: str, at: datetime) -> Heard:
    """What is heard from the ring to the menu; raises OutsideTable where the line's calendar ends."""
    is_open, words = line.actual.is_open(at), board.words[language]
    known = facts.of_line(line, words, language, at)
    arrival = STEPS[ARRIVAL]
    assert isinstance(arrival, Choose)  # noqa: S101 - a call begins by asking who calls
    step, said = STEPS[arrival.routes["open" if is_open else "closed"]], []
    while isinstance(step, Tell) and step.then:
        said.append(utterance.of(board, language, step.name, known).words)
        step = STEPS[step.then]
    return Heard(at, language, is_open, (*said, utterance.of(board, language, step.name, known).words))
