"""Carried: the file between the two steps, in the form itself; small, and read as carefully as when it came."""

from __future__ import annotations

import base64
import binascii
import zlib

from desk.imports.table import LARGEST, Unreadable

BODY = 3 * LARGEST  # bytes of a form: a file that does not get smaller, in letters, and the rest
LOST = "the file did not come along: choose it again"


def packed(content: bytes) -> str:
    """The file as a field of a form."""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def unpacked(text: str) -> bytes:
    """The file again; raises Unreadable for what is none of ours, and never grows beyond what a file may be."""
    try:
        made = zlib.decompressobj()
        content = made.decompress(base64.b64decode(text, validate=True), LARGEST + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Unreadable(LOST) from None
    if not content or made.unconsumed_tail:
        raise Unreadable(LOST)
    return content
