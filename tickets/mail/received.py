"""A mail as it was received: `read` makes it of any bytes and never raises; what was odd about it is in `faults`.

Everything in it can be stored (no NUL, no lone surrogates, no controls but ends of lines and tabs) and has a limit
(`limits`); the raw mail stays the record. Reading takes time in proportion to the size of the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickets.mail import limits
from tickets.mail.automatic import Automatic, Look, automatic_of
from tickets.mail.contents import Contents, whole_of
from tickets.mail.dates import sent_at
from tickets.mail.file_names import safe
from tickets.mail.identities import message_id_of, references_of
from tickets.mail.parts import WHOLE_MAILS, Part, Splitting
from tickets.mail.quoting import shown_of
from tickets.mail.senders import Sender, recipients_of, sender_of

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Automatic", "File", "Received", "Sender", "file_of", "read"]

OWN = ("plain", "html", "invite", "tnef")  # the sender's own words, not those of a mail within the mail
PATHS = re.compile(r"[/\\]")


@dataclass(frozen=True)
class File:
    """A file in a mail: its number from 1 in order, a safe name, the type that it claims, its size in bytes."""

    number: int
    name: str
    type: str
    size: int


@dataclass(frozen=True)
class Received:
    """A mail. Message-IDs stand within `<>`, the newest of the references last; times are UTC."""

    message_id: str | None
    references: tuple[str, ...]
    sender: Sender
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    text: str  # the whole of it
    shown: str  # without the reply it quotes and its signature
    files: tuple[File, ...]
    automatic: Automatic | None
    faults: tuple[str, ...]


def read(raw: bytes, own_lists: frozenset[str] = frozenset()) -> Received:
    """The mail in these bytes, whatever they are; `own_lists` are the identities of lists that hand on to us."""
    splitting = Splitting()
    mail = splitting.mail(raw)
    contents = whole_of(mail)
    faults = [*splitting.faults, *contents.faults]
    sender, subject = sender_of(mail.fields, faults), mail.fields.text("subject")[: limits.SUBJECT].strip()
    text = contents.text()
    return Received(
        message_id=message_id_of(mail.fields),
        references=references_of(mail.fields),
        sender=sender,
        recipients=recipients_of(mail.fields),
        subject=subject,
        sent_at=sent_at(mail.fields.text("date"), faults),
        text=_cut(text, faults),
        shown=shown_of(own, subject) if (own := contents.text(*OWN)).strip() else text[: limits.SHOWN],
        files=tuple(_file(part, number, faults) for number, part in enumerate(contents.files, 1)),
        automatic=automatic_of(_look(mail, sender, subject, contents, own_lists)),
        faults=tuple(dict.fromkeys(fault[: limits.FAULT] for fault in faults))[: limits.FAULTS],
    )


def file_of(raw: bytes, number: int) -> bytes:
    """The bytes of that file; raises LookupError where the mail has no such file."""
    files = whole_of(Splitting().mail(raw)).files
    if not 1 <= number <= len(files):
        raise LookupError(f"the mail has no file {number}")
    return files[number - 1].content()


def _cut(text: str, faults: list[str]) -> str:
    if len(text) > limits.TEXT:
        faults.append(f"its text is longer than {limits.TEXT:,} characters; the rest is in the raw mail")
    return text[: limits.TEXT]


def _file(part: Part, number: int, faults: list[str]) -> File:
    name = part.name
    if not name and part.type in WHOLE_MAILS and part.inside:
        subject = part.inside[0].fields.text("subject")[: limits.SUBJECT]
        name = subject and f"{re.sub(PATHS, '_', subject)}.eml"
    return File(number, safe(name, part.type, number), part.type, len(part.content(faults)))


def _look(mail: Part, sender: Sender, subject: str, contents: Contents, own_lists: frozenset[str]) -> Look:
    status = contents.text("status")
    report = mail.value.get("report-type").lower() if mail.type == "multipart/report" else ""
    if mail.type == "multipart/report" or status:
        report = report or "delivery-status"
    return Look(mail.fields, sender.address or "", subject, report, status, contents.text("plain", "html"), own_lists)
