"""The ticket reference: nine digits, eight random and a Damm check digit, spoken and printed 3-3-3.

The first digit is never 0 (a spreadsheet would drop it). The reference identifies a ticket; it is no secret.
"""

from __future__ import annotations

from typing import Protocol

LENGTH = 9
# The quasigroup of H. Michael Damm's 2004 thesis: one wrong digit and every adjacent swap are caught.
DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


class Dice(Protocol):
    """Where randomness comes from: `secrets.SystemRandom` in service, a seeded one in a rehearsal."""

    def randrange(self, start: int, stop: int) -> int: ...


def new(dice: Dice) -> str:
    """A fresh reference; the table's unique index has the last word on whether it is free."""
    digits = str(dice.randrange(10_000_000, 100_000_000))
    return digits + _check(digits)


def is_valid(text: str) -> bool:
    """Whether nine digits are a reference at all; most slips of the finger are not."""
    return len(text) == LENGTH and text.isdecimal() and text.isascii() and text[0] != "0" and _check(text) == "0"


def printed(reference: str) -> str:
    """482-913-077."""
    return "-".join(_groups(reference))


def spoken(reference: str) -> str:
    """Digit by digit with a rest after each group of three."""
    return ", ".join(" ".join(group) for group in _groups(reference))


def _groups(reference: str) -> list[str]:
    return [reference[at : at + 3] for at in range(0, LENGTH, 3)]


def _check(digits: str) -> str:
    interim = 0
    for digit in digits:
        interim = int(DAMM[interim][int(digit)])
    return str(interim)
