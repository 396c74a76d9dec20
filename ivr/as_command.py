"""A call of moves as the command that plays it in a terminal: `flask --app app ivr simulate …`.

The command makes of every ring one mood, and of a caller whose keys have run out a silent one who leaves a message
of eight seconds: so it is the same call wherever the moves stay within that, as those of every story do. Only the
seconds differ a little, for a mood hears a prompt out before it presses a key.
"""

from __future__ import annotations

import shlex

RUNG = {"v": "voicemail", "b": "busy", "n": "no-answer", "f": "failed"}
PRESSED = {"e1": "accept", "e2": "decline", "es": "silent"}


def simulate(caller: str, line: str, wall: str, moves: list[str]) -> str:
    """The command line."""
    has = {"--from": caller, "--to": line, "--at": wall, "--keys": _keys(moves), "--engineers": _engineers(moves)}
    words = [word for name, value in has.items() if value for word in (name, value)]
    return shlex.join(["flask", "--app", "app", "ivr", "simulate", *words, *_talk(moves)])


def _keys(moves: list[str]) -> str:
    signs = ("-" if move == "s" else move.removeprefix("k") for move in moves)
    return ",".join(sign for sign in signs if sign[:1] in (*"-0123456789*#",))


def _engineers(moves: list[str]) -> str:
    """The mood of each who is rung; of several keys the first that means something counts."""
    found: list[str] = []
    for place, move in enumerate(moves):
        if move in RUNG:
            found.append(RUNG[move])
        elif move == "a":
            found.append(next((PRESSED[key] for key in _until_rung(moves[place + 1 :]) if key in PRESSED), "wrong-key"))
    return ",".join(found)


def _until_rung(moves: list[str]) -> list[str]:
    place = next((place for place, move in enumerate(moves) if move in RUNG or move == "a"), len(moves))
    return moves[:place]


def _talk(moves: list[str]) -> list[str]:
    seconds = sum(int(move[1:]) for move in moves if move[:1] == "t")
    return ["--talk", str(seconds)] if seconds else []
