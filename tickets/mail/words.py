"""Encoded words (RFC 2047): `=?charset?B?...?=` in headers, with what mailers make of the rule.

Read leniently: blanks and question marks inside, words longer than allowed or within quotes, a character that was cut
in two by neighbouring words, a language after the charset (RFC 2231 §5).
"""

from __future__ import annotations

import re

from tickets.mail import limits
from tickets.mail.charsets import storable, text_of
from tickets.mail.transfer import of_base64, of_q

WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.{0,2000}?)\?=(?!\w{2})")
ESCAPED = b"\x1b$"  # how Japanese in seven bits begins
BLANK = re.compile(r"\s+")


def text_of_header(value: bytes, charset: str | None = None) -> str:
    """One line of storable text; characters beyond ASCII are taken to be of `charset` where they are not UTF-8."""
    return one_line(decoded(raw_text(value[: limits.VALUE], charset)))


def raw_text(value: bytes, charset: str | None = None) -> str:
    """The characters of a header, encoded words as they stand."""
    if ESCAPED in value:
        charset = "iso-2022-jp"
    elif value.isascii():
        charset = None
    return text_of(value, charset)


def decoded(text: str) -> str:
    """Text with its encoded words decoded; those of one charset side by side are one text."""
    done: list[str] = []
    at, held, charset = 0, b"", ""
    for word in WORD.finditer(text):
        gap, name = text[at : word.start()], word[1].lower()
        if held and (gap.strip() or name != charset):
            done.append(text_of(held, charset))
            held = b""
        if (not done and not held) or gap.strip():
            done.append(gap)
        held += of_base64(word[3].encode("utf-8", "replace")) if word[2] in "bB" else of_q(word[3])
        at, charset = word.end(), name
    if held:
        done.append(text_of(held, charset))
    return "".join(done) + text[at:]


def one_line(text: str) -> str:
    """Text on one line, whatever ends of lines were in it."""
    return BLANK.sub(" ", storable(text)).strip()
