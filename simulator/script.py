"""Plays a whole call from a list of keys: for scripts, simulations and load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.call import Call

SILENCE = "-"


def play(call: Call, keys: Iterable[str] = (), talk: float = 600) -> list[str]:
    """Answer each prompt of the caller with the next item, and give back the items that met no prompt.

    "-" is silence. When the items run out the caller is silent at a prompt; a recording gets a message of
    8 seconds and then the caller hangs up. Joined with somebody, they talk and the caller hangs up. A
    telephone that rings and is driven by hand stops the play.
    """
    left = list(keys)
    while call.waiting and call.waiting.leg == "caller":
        if call.waiting.kind == "bridged":
            call.talk(talk)
            if call.waiting and call.waiting.kind == "bridged":
                call.hang_up()
        elif call.waiting.kind == "record" and not left:
            call.speak(8, then="hang up")
        elif call.waiting.kind == "ringing":
            break
        else:
            _answer(call, left.pop(0) if left else SILENCE)
    return left


def _answer(call: Call, item: str) -> None:
    if item == SILENCE:
        call.silence()
    else:
        call.press(item)
