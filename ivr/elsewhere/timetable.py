"""Timetable: who rings when, for every line and the next fourteen days, as deploy/responder.py reads it.

It names telephone numbers of engineers and lines, and nobody else: neither customers nor callers.
"""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from ivr import prompts
from oncall.escalation import OnCall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ivr.switchboard import LineSetUp, Switchboard
    from oncall.escalation import Policy

FORMAT = 1  # what the responder knows; another one it refuses
HORIZON = timedelta(days=14)
SAID = ("help", "help.again", "help_still", "help_whisper", "help_ended", "help_nobody")
PURPOSE = b"the timetable of a line"


class Spell(NamedTuple):
    """From when these numbers ring, one after another."""

    start: datetime
    ring: tuple[str, ...]


def spells(board: Switchboard, policy: Policy, start: datetime, end: datetime) -> list[Spell]:
    """Whom a policy rings between two instants, a new spell wherever that changes; no two alike side by side."""
    found: list[Spell] = []
    for at in sorted({start, *edges(board, policy, start, end)}):
        ring = tuple(_phones(board, policy, at))
        if not found or found[-1].ring != ring:
            found.append(Spell(at, ring))
    return found


def of(board: Switchboard, now: datetime) -> dict[str, Any]:
    """The timetable of a set-up, as values that JSON has."""
    end = now + HORIZON
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "until": end.isoformat(),
        "lines": {number: _line(board, line, now, end) for number, line in board.lines.items()},
    }


def sealed(timetable: dict[str, Any], token: str) -> bytes:
    """The file: the timetable, and the proof that it is ours for whoever has the carrier's token."""
    return json.dumps({"seal": seal(timetable, token), "timetable": timetable}, indent=1).encode()


def seal(timetable: dict[str, Any], token: str) -> str:
    """HMAC-SHA256 over the one way to write these values, by a key that is good for nothing else."""
    key = hmac.digest(token.encode(), PURPOSE, sha256)
    return hmac.new(key, json.dumps(timetable, sort_keys=True, separators=(",", ":")).encode(), sha256).hexdigest()


def _line(board: Switchboard, line: LineSetUp, start: datetime, end: datetime) -> dict[str, Any]:
    words = board.words[line.languages[0]]
    return {
        "voice": words["voice"],
        "language": words["language"],
        "words": {key: prompts.spoken(words, key, {}) for key in SAID},
        "ring_seconds": line.policy.ring_seconds,
        "rounds": line.policy.rounds,
        "spells": [
            {"start": spell.start.isoformat(), "ring": list(spell.ring)}
            for spell in spells(board, line.policy, start, end)
        ],
    }


def _phones(board: Switchboard, policy: Policy, at: datetime) -> Iterator[str]:
    for choice in board.in_order(policy, at):
        phone = board.engineers[choice.ring or ""].phone
        if phone:
            yield phone


def edges(board: Switchboard, policy: Policy, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants between the two at which other people may ring."""
    named = {target.rota for step in policy.steps for target in step if isinstance(target, OnCall)}
    for plan in (board.rotas[name] for name in sorted(named & board.rotas.keys())):
        yield from plan.edges(start, end)
        # A version may turn two layers round and leave everybody's shifts as they were.
        yield from (edition.since for edition in plan.editions if start < edition.since < end)
