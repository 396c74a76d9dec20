"""Bytes to text, whatever they were said to be: declared, else UTF-8, else Western; never an error.

Of text that declares nothing only UTF-8 is recognised, which cannot be mistaken, and what its HTML says of itself. A
detector takes Afrikaans in Windows-1252 for Baltic or Chinese (charset-normalizer 3.5 was tried), so none is used.
"""

from __future__ import annotations

import codecs
import re

# Names that mean a larger set than they say (as browsers have it, WHATWG Encoding), and names Python does not know.
ALIASES = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-2-0-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
# Codecs of text; others of Python's turn names of hosts or escapes into text, slowly or with warnings.
TEXTUAL = re.compile(r"utf|iso|cp|mac|koi8|gb|big5|euc|shift|hz|johab|tis|ptcp|kz|latin|ascii")
NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{1,39}")
WESTERN = "cp1252"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DAMAGED = 4  # good characters beyond ASCII for each damaged one, or a text is not what it was said to be
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # turn what follows round, also our own words beside it
SURROGATES = re.compile("[\ud800-\udfff]")
ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def text_of(raw: bytes, declared: str | None = None) -> str:
    """The bytes as text that a database can store (see `storable`)."""
    return storable(_decoded(raw, declared))


def storable(text: str) -> str:
    """Text without NUL and other controls, lone surrogates and turned directions; lines end in one way."""
    text = SURROGATES.sub("\ufffd", ENDS.sub("\n", text))
    return DIRECTIONS.sub("", CONTROLS.sub("", text))


def known(declared: str | None) -> str | None:
    """The codec a mail means by the name it declares; None where there is none."""
    name = (declared or "").strip(" \t\"'").lower().split(";")[0].split("*")[0]
    name = ALIASES.get(name, name)
    if not NAME.fullmatch(name):
        return None
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return codec if TEXTUAL.match(codec) else None


def _decoded(raw: bytes, declared: str | None) -> str:
    """Western says least, for every byte is something in it: whoever declares it is believed after UTF-8."""
    codec = known(declared)
    if codec and codec.startswith(("utf-16", "utf-32")) and b"\0" not in raw:
        codec = None  # any two letters side by side are a character of it
    marked = [name for mark, name in MARKS if raw.startswith(mark)]
    tried = [*marked, *(["utf-8"] if codec in (None, WESTERN) else [codec, "utf-8"])]
    for name in tried:
        if (text := _strictly(raw, name)) is not None:
            return text
    for name in tried:
        if (text := _mostly(raw, name)) is not None:
            return text
    return raw.decode(WESTERN, "replace")


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _mostly(raw: bytes, codec: str) -> str | None:
    """The text where a few characters of many are damaged; None where it rather is something else."""
    try:
        text = raw.decode(codec, "replace")
    except (UnicodeError, LookupError):
        return None
    damaged = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - damaged
    return text if damaged * DAMAGED <= right else None
