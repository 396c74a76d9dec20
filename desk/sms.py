"""The alphabet of a text: what it costs in segments, and how to say it in the cheap one (3GPP TS 23.038 §6.2.1)."""

from __future__ import annotations

import unicodedata
from math import ceil

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes the room of two
PLAINER = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})
ONE, EACH = 160, 153  # signs in a text of one segment, and in each of several
ONE_WIDE, EACH_WIDE = 70, 67  # the same as soon as one sign is not in the alphabet


def plain(text: str) -> str:
    """The same in the alphabet: quotes and dashes plain, an accent that it lacks left out, anything else a "?"."""
    return "".join(map(_plain, text.translate(PLAINER)))


def segments(text: str) -> int:
    """How many texts it is on the bill."""
    if all(sign in BASIC or sign in EXTENDED for sign in text):
        room, one, each = sum(2 if sign in EXTENDED else 1 for sign in text), ONE, EACH
    else:
        room, one, each = len(text.encode("utf-16-le")) // 2, ONE_WIDE, EACH_WIDE
    return 1 if room <= one else ceil(room / each)


def fitted(words: str, tail: str, most: int) -> str:
    """Words and a tail, plainly, in so many segments at most; the words are cut at a blank where they have to be."""
    words, tail = plain(words), plain(tail)
    whole = f"{words} {tail}".strip()
    while segments(whole) > most and " " in words:
        words = words.rpartition(" ")[0]
        whole = f"{words}... {tail}".strip()
    return whole


def _plain(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    bare = "".join(each for each in unicodedata.normalize("NFKD", sign) if each in BASIC)
    return bare or ("" if unicodedata.combining(sign) else "?")
