"""Cutting: the beginning of words that are too long, to the end of one of them.

Half an address or half a number is found by nobody who later looks for the whole of it, to take it out or to answer.
"""

from __future__ import annotations

import re

TAIL = 300  # characters in which a word may begin; an address has 254 at most
TORN = re.compile(r"(?<!\S)\S+\Z")
NUMBER = re.compile(r"(?<!\S)[+(]*\d[\d\s()+./-]*\Z")
MORE = " […]"


def begun(words: str, most: int) -> str:
    """So many characters of it at most, whole words alone; one that is longer than any address is cut where it is."""
    if len(words) <= most:
        return words
    far, end = max(0, most - TAIL), most
    for torn in (NUMBER,) if words[most].isspace() else (TORN, NUMBER):
        if found := torn.search(words, far, end):
            end = found.start()
    return words[:end].rstrip() or words[:most].rstrip()
