"""Names of files from mails that are safe to show, to store and to offer for download.

No path, no control characters, nothing that turns the direction of writing (`exe.gpj` read backwards), no characters or
names that Windows refuses, at most `limits.FILE_NAME` characters with the ending kept.
"""

from __future__ import annotations

import re
import unicodedata

from tickets.mail import limits
from tickets.mail.words import one_line

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u3164\ufe00-\ufe0f\uffa0]"
)
REFUSED = re.compile(r'[<>:"|?*\t\n]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")
ENDINGS = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/csv": ".csv",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
}


def safe(name: str, kind: str, number: int) -> str:
    """The name of a file; made from its number and its type where it was given none."""
    one = unicodedata.normalize("NFC", UNSEEN.sub("", one_line(name)))
    last = re.split(r"[/\\]", one)[-1]
    clean = REFUSED.sub("_", last).strip(". ")
    if not clean.strip("_"):
        return f"file-{number}{ENDINGS.get(kind, '.bin')}"
    return _shortened(f"_{clean}" if DEVICES.match(clean) else clean)


def _shortened(name: str) -> str:
    if len(name) <= limits.FILE_NAME:
        return name
    ending = ENDING.search(name)
    kept = ending[0] if ending else ""
    return name[: limits.FILE_NAME - len(kept)] + kept
