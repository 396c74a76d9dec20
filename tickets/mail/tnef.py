"""winmail.dat, in which some Outlooks wrap a mail (MS-OXTNEF): its plain text, where it has one."""

from __future__ import annotations

import struct

from tickets.mail.charsets import text_of

MARK = struct.pack("<I", 0x223E9F78)
HEAD = 6  # bytes: the mark and a key
BODY = 0x0002800C
ATTRIBUTES = 1000
TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")


def text_of_tnef(raw: bytes) -> str:
    """The text of its body attribute; empty where it has none, as where Outlook wrote compressed RTF alone."""
    at = HEAD
    for _ in range(ATTRIBUTES if raw.startswith(MARK) else 0):
        if at + 9 > len(raw):
            break
        _level, name, length = struct.unpack_from("<BII", raw, at)
        if name == BODY:
            return text_of(raw[at + 9 : at + 9 + length].rstrip(b"\0")).strip()
        at += 9 + length + 2  # the checksum
    return ""
