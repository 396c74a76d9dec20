"""Sheets: documents that a host which only serves files can give the carrier, asked for by GET throughout.

A file cannot choose: it rings whoever is on duty as it is made, then whoever takes over next, then everybody else
whom the policy names, and says between two rings that who has been helped may hang up. They stand at an address that
nobody can guess, for they hold the engineers' numbers.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from ivr import prompts, twiml
from ivr.elsewhere import timetable

if TYPE_CHECKING:
    from datetime import datetime

    from ivr.switchboard import LineSetUp, Switchboard

PURPOSE = b"the address of the sheets"


def address(line: str, secret_key: str) -> str:
    """Where the first document of a line stands, below the place of them all."""
    return f"{_folder(secret_key)}/{line.removeprefix('+')}.xml"


def of(board: Switchboard, origin: str, secret_key: str, now: datetime) -> dict[str, bytes]:
    """Every document by its name; `origin` is the address of the place where they are put."""
    folder = _folder(secret_key)
    taken = f"{folder}/taken.xml"
    sheets = {taken: twiml.document([])}
    for line in board.lines.values():
        whisper = f"{folder}/{line.number.removeprefix('+')}-whisper.xml"
        sheets[address(line.number, secret_key)] = _first(board, line, f"{origin}/{whisper}", now)
        said = _said(board, line, "help_whisper_any", f"{origin}/{taken}")
        sheets[whisper] = twiml.document([("sheet_whisper", said)])
    return {name: document.encode() for name, document in sheets.items()}


def _first(board: Switchboard, line: LineSetUp, whisper: str, now: datetime) -> str:
    rings = {"caller_id": line.number, "ring_seconds": str(line.policy.ring_seconds), "whisper": whisper}
    steps = [
        ("sheet_ring", _said(board, line, "help_still" if place else "help") | rings | {"number": phone})
        for place, phone in enumerate(_order(board, line, now))
    ]
    return twiml.document([*steps, ("sheet_end", _said(board, line, "help_nobody"))])


def _order(board: Switchboard, line: LineSetUp, now: datetime) -> list[str]:
    """Who is on duty, who takes over next, and then everybody else whom the policy rings now."""
    spells = timetable.spells(board, line.policy, now, now + timetable.HORIZON)
    here = spells[0].ring
    following = next((spell.ring[0] for spell in spells[1:] if spell.ring[:1] not in ((), here[:1])), None)
    return list(dict.fromkeys((*here[:1], *([following] if following else []), *here)))


def _said(board: Switchboard, line: LineSetUp, key: str, action: str = "") -> dict[str, str]:
    words = board.words[line.languages[0]]
    return {
        "words": prompts.spoken(words, key, {}),
        "voice": words["voice"],
        "language": words["language"],
        "action": action,
    }


def _folder(secret_key: str) -> str:
    return hmac.new(secret_key.encode(), PURPOSE, sha256).hexdigest()[:40]
