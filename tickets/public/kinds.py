"""Kinds of files that are taken, by the ending of the name, and whether the contents are what the name says.

What the contents are is told by their first bytes, as each format defines them; texts have no bytes that no text has.
Containers (ZIP and what is built on it, OLE) are not opened: what is in them comes to no harm here.
"""

from __future__ import annotations

import codecs
import re

ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})$")
BEGINNINGS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("wave", re.compile(rb"RIFF....WAVE", re.DOTALL)),
    ("iso", re.compile(rb"....ftyp", re.DOTALL)),  # ISO/IEC 14496-12: HEIC, MP4, MOV, M4A
    ("pdf", re.compile(rb"%PDF-")),
    ("zip", re.compile(rb"PK(\x03\x04|\x05\x06)")),
    ("ole", re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ("mp3", re.compile(rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfb]")),
    ("ogg", re.compile(rb"OggS")),
    ("webm", re.compile(rb"\x1aE\xdf\xa3")),
)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
OFFICE = "application/vnd.openxmlformats-officedocument."
# Ending: what the contents have to be, and the type that is noted.
KINDS = {
    "jpg": ("jpeg", "image/jpeg"), "jpeg": ("jpeg", "image/jpeg"), "png": ("png", "image/png"),
    "gif": ("gif", "image/gif"), "webp": ("webp", "image/webp"), "heic": ("iso", "image/heic"),
    "pdf": ("pdf", "application/pdf"),
    "txt": ("text", "text/plain"), "log": ("text", "text/plain"), "csv": ("text", "text/csv"),
    "json": ("text", "application/json"), "eml": ("text", "message/rfc822"),
    "docx": ("zip", OFFICE + "wordprocessingml.document"), "xlsx": ("zip", OFFICE + "spreadsheetml.sheet"),
    "pptx": ("zip", OFFICE + "presentationml.presentation"),
    "odt": ("zip", "application/vnd.oasis.opendocument.text"),
    "ods": ("zip", "application/vnd.oasis.opendocument.spreadsheet"), "zip": ("zip", "application/zip"),
    "doc": ("ole", "application/msword"), "xls": ("ole", "application/vnd.ms-excel"),
    "msg": ("ole", "application/vnd.ms-outlook"),
    "mp4": ("iso", "video/mp4"), "mov": ("iso", "video/quicktime"), "webm": ("webm", "video/webm"),
    "m4a": ("iso", "audio/mp4"), "mp3": ("mp3", "audio/mpeg"), "wav": ("wave", "audio/wav"),
    "ogg": ("ogg", "audio/ogg"),
}  # fmt: skip
ACCEPT = ",".join(f".{ending}" for ending in KINDS)  # for the chooser of a browser; it decides nothing


class Untaken(ValueError):
    """It is not taken; the text says why, after the name of the file."""


def type_of(name: str, content: bytes) -> str:
    """The type of a file by its name, if its contents agree; raises Untaken."""
    found = ENDING.search(name)
    kind = KINDS.get(found[1].lower()) if found else None
    if kind is None:
        raise Untaken("is of a kind that we do not take")
    if not content:
        raise Untaken("is empty")
    if seen(content) != kind[0]:
        raise Untaken("is not what its name says")
    return kind[1]


def seen(content: bytes) -> str:
    """What contents are by themselves: one of the formats, text, or unknown."""
    for kind, beginning in BEGINNINGS:
        if beginning.match(content):
            return kind
    return "text" if _is_text(content) else "unknown"


def _is_text(content: bytes) -> bool:
    if content.startswith(WIDE):
        return True
    return not CONTROLS.search(content)
